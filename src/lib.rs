//! corun: a tiny coroutine scripting language.

pub mod diag;
pub mod pure;
pub mod source;
pub mod syntax;
