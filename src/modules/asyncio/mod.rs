//! `asyncio`.

pub mod future;
pub mod task;
pub const PRELUDE: &[&str] = &[];
