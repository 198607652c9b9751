//! corun: a tiny coroutine scripting language.

pub mod diag;
pub mod event_loop;
pub mod host;
pub mod host_files;
pub mod link;
pub mod modules;
pub mod pure;
pub mod resolve;
pub mod source;
pub mod syntax;
pub mod types;
pub mod value;
pub mod vm;
