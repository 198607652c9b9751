//! The built-in types: one file each, with the methods in one table.

pub mod bool;
pub mod bytes;
pub mod complex;
pub mod coro;
pub mod descriptor;
pub mod dict;
pub mod exception;
pub mod exception_group;
pub mod exception_kinds;
pub mod float;
pub mod function;
pub mod generic;
pub mod int;
pub mod iter;
pub mod list;
pub mod object;
pub mod range;
pub mod set;
pub mod simple;
pub mod slice;
pub mod str;
pub mod tuple;
pub mod type_;
pub mod view;
pub mod module;
