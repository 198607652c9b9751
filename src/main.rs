//! The `corun` binary.
use std::rc::Rc;
use corun::vm::{Vm, Limits};
use corun::value::*;
fn main() {
    let h = std::thread::Builder::new().stack_size(256<<20).spawn(|| {
        let path = std::env::args().nth(1).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut vm = Vm::new(corun::host::Host::new(corun::event_loop::clock::Clock::Virtual(std::cell::Cell::new(0)), false, 0), Limits{recursion:1000, steps:None});
        vm.set_stack_size(256<<20);
        vm.path = vec![std::path::Path::new(&path).parent().unwrap().to_path_buf()]; vm.argv = std::env::args().skip(1).collect();
        let source = Rc::new(corun::source::Source::new(&path, &text, true));
        let globals = Obj::dict(dict::Dict::new());
        globals.as_dict().unwrap().borrow_mut().set_name(&vm.names.name.clone(), "__main__".into());
        let setting = corun::link::program::Setting{globals: globals.clone(), own_locals:false, top_level_await:true};
        match corun::link::program::compile(&mut vm, &source, corun::link::program::Mode::Exec, &setting) {
            Err(d) => print!("{}", corun::report::render_diags(&source, &d, false, 80)),
            Ok(code) => {
                let r = corun::link::run_code(&mut vm, &code, None);
                if r.is_err() { let e = vm.exc.take().unwrap(); let t = vm.exc_repr(&e).unwrap(); vm.host.write_err(format!("{t}\n").as_bytes());
                  for t in vm::errors::exc_data(&e).trace.borrow().iter() { eprintln!("  {} line {}", t.code.name.text(), t.code.source.line(t.span.start)); } }
            }
        }
        vm.host.flush_out();
        std::process::exit(0);
    }).unwrap();
    h.join().unwrap();
}
use corun::vm;
