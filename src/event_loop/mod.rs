//! The one event loop.

pub mod clock;
pub mod future;
pub mod task;

use crate::host::Host;

/// The event loop's state.
pub struct EventLoop {}

impl EventLoop {
    /// A loop that is not running.
    pub fn new(_host: &Host) -> Self {
        Self {}
    }
}
