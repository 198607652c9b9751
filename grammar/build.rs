//! Generates the parser from `grammar/python.lalrpop`.

fn main() {
    println!("cargo:rerun-if-changed=grammar");
    let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    lalrpop::Configuration::new().set_in_dir("grammar").set_out_dir(out).process().expect("the grammar has no conflicts");
}
