//! corun: a tiny coroutine scripting language.

pub mod diag;
pub mod source;
pub mod syntax;
