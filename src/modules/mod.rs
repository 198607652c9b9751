//! The built-in modules: one file or folder each, ending in its table.

pub mod asyncio;
pub mod builtins;
pub mod math;

/// Whether corun itself has a module of this name.
pub fn is_built_in(name: &str) -> bool {
    matches!(name, "builtins" | "sys" | "time")
}
