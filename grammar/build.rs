//! Generates the parser from `grammar/python.lalrpop`, and says how the binary is linked.

use std::env::{var, var_os};

fn main() {
    println!("cargo:rerun-if-changed=grammar");
    let out = var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    lalrpop::Configuration::new().set_in_dir("grammar").set_out_dir(out).process().expect("the grammar has no conflicts");
    // A fixed address spares start-up the relocation of every table of built-in types: a tenth of an empty script.
    if var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") && var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
