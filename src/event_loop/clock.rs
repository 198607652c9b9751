//! Virtual, real and scaled time.

/// The script's clock.
pub struct Clock {}
