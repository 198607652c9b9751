//! `asyncio`.

pub mod future;
pub mod task;
