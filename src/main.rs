//! The `corun` binary.

/// Tasks, frames and boxes come and go in small sizes; see the figures in the README.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let status = corun::cli::run();
    std::process::exit(i32::from(status.code()));
}
