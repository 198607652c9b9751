//! The algorithms behind the built-in values: hashing, set order, numbers as text, formatting, strings by
//! code point, random numbers.
//!
//! Everything here is a pure function or a plain data structure over Rust types, and CPython 3.11 decides each
//! result. Nothing here knows interpreter values, exceptions or the event loop: a failure is returned as data,
//! with CPython's words where it has them.

pub mod brace;
pub mod calendar;
pub mod case;
pub mod chars;
pub mod complex;
pub mod erf;
pub mod float;
pub mod float_format;
pub mod float_text;
pub mod format_spec;
pub mod format_value;
pub mod hash;
pub mod int;
pub mod int_text;
pub mod iso_time;
pub mod pack;
pub mod percent;
pub mod random;
pub mod regex;
pub mod repr;
pub mod set_ops;
pub mod set_table;
pub mod special;
pub mod split;
pub mod strptime;
pub mod text;
pub mod twister;
