//! The built-in modules: one file or folder each, ending in its table.

pub mod asyncio;
pub mod builtins;
pub mod math;
