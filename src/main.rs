//! The `corun` binary.

fn main() {
    let status = corun::cli::run();
    std::process::exit(i32::from(status.code()));
}
