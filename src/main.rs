//! The `corun` binary.

fn main() {}
