//! corun: a tiny coroutine scripting language.

pub mod diag;
pub mod report;
pub mod source;
pub mod syntax;
