//! `os`: what the host lets scripts do with files, folders and the process; `os.co` and its neighbours hold the rest.

use std::io;
use std::path::Path;

use super::{entropy, functions};
use crate::host_files::FileInfo;
use crate::value::func::Builtin;
use crate::value::{Obj, R, Value};
use crate::vm::Vm;

/// The names that are there when the module's text runs.
pub fn natives(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "posix");
    let platform = vm.host.environment().into_iter().map(|(name, value)| Obj::tuple([name.into(), value.into()]).into()).collect::<Vec<Value>>();
    names.push(("_variables", platform.into()));
    names
}

/// The answer of the host, or the exception that its refusal is.
fn answer<T>(vm: &mut Vm, path: &Value, result: io::Result<T>) -> R<T> {
    match result {
        Ok(v) => Ok(v),
        Err(e) => Err(vm.raise_io_error(&e, path.given())),
    }
}

fn path_text(vm: &mut Vm, v: &Value) -> R<String> {
    let text = crate::types::make::str_arg(vm, v, "path")?.to_owned();
    if text.contains('\0') {
        return Err(vm.value_error("embedded null byte"));
    }
    Ok(text)
}

fn with_path<T>(vm: &mut Vm, a: &[Value], run: impl FnOnce(&Vm, &Path) -> io::Result<T>) -> R<T> {
    let path = a[0].clone();
    let text = path_text(vm, &path)?;
    let result = run(vm, Path::new(&text));
    answer(vm, &path, result)
}

fn stat(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let follow = vm.truth(&a[1])?;
    let info: FileInfo = with_path(vm, a, |vm, path| vm.host.file_info(path, follow))?;
    let [accessed, modified, changed] = info.times;
    let fields = [info.mode, info.inode, info.device, info.links, info.user, info.group, info.size, accessed, modified, changed];
    Ok(Obj::tuple(fields.map(Value::Int)).into())
}

fn listdir(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut names = with_path(vm, a, |vm, path| vm.host.folder_names(path))?;
    if vm.host.clock.is_virtual() {
        // The same run gives the same output wherever the files lie.
        names.sort();
    }
    Ok(names.into_iter().map(Value::from).collect::<Vec<_>>().into())
}

fn mkdir(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    with_path(vm, a, |vm, path| vm.host.make_folder(path))?;
    Ok(Value::None)
}

fn rmdir(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    with_path(vm, a, |vm, path| vm.host.remove_folder(path))?;
    Ok(Value::None)
}

fn unlink(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    with_path(vm, a, |vm, path| vm.host.remove_file(path))?;
    Ok(Value::None)
}

fn rename(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let to = path_text(vm, &a[1].clone())?;
    with_path(vm, a, |vm, path| vm.host.rename(path, Path::new(&to)))?;
    Ok(Value::None)
}

fn symlink(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let path = path_text(vm, &a[1].clone())?;
    with_path(vm, a, |vm, to| vm.host.make_link(to, Path::new(&path)))?;
    Ok(Value::None)
}

fn readlink(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    with_path(vm, a, |vm, path| vm.host.read_link(path)).map(Value::from)
}

fn getcwd(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    let result = vm.host.current_folder();
    answer(vm, &Value::Unbound, result).map(Value::from)
}

fn chdir(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    with_path(vm, a, |vm, path| vm.host.change_folder(path))?;
    Ok(Value::None)
}

fn set_times(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (accessed, modified) = (vm.index_i64(&a[1])?, vm.index_i64(&a[2])?);
    with_path(vm, a, |vm, path| vm.host.set_file_times(path, accessed, modified))?;
    Ok(Value::None)
}

fn getpid(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::Int(vm.host.process_id()))
}

fn cpu_count(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(vm.host.processors().map_or(Value::None, Value::from))
}

fn terminal_size(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(vm.host.terminal_size().map_or(Value::None, |(columns, lines)| Obj::tuple([i64::from(columns), i64::from(lines)].map(Value::Int)).into()))
}

fn strerror(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let code = vm.c_int_arg(&a[0].clone())?;
    let text = io::Error::from_raw_os_error(code).to_string();
    Ok(text.split(" (os error").next().unwrap_or(&text).into())
}

fn exit(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let code = vm.c_int_arg(&a[0].clone())?;
    vm.host.end_process(code)
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("_stat", "(path, follow, /)", stat, ""),
    Builtin::new("_listdir", "(path, /)", listdir, ""),
    Builtin::new("_mkdir", "(path, /)", mkdir, ""),
    Builtin::new("_rmdir", "(path, /)", rmdir, ""),
    Builtin::new("_unlink", "(path, /)", unlink, ""),
    Builtin::new("_rename", "(src, dst, /)", rename, ""),
    Builtin::new("_symlink", "(src, dst, /)", symlink, ""),
    Builtin::new("_readlink", "(path, /)", readlink, ""),
    Builtin::new("_chdir", "(path, /)", chdir, ""),
    Builtin::new("_set_times", "(path, accessed, modified, /)", set_times, ""),
    Builtin::new("_terminal_size", "()", terminal_size, ""),
    Builtin::new("getcwd", "()", getcwd, "Return a unicode string representing the current working directory."),
    Builtin::new("getpid", "()", getpid, "Return the current process id."),
    Builtin::new("cpu_count", "()", cpu_count, "Return the number of CPUs in the system; return None if indeterminable."),
    Builtin::new("strerror", "(code, /)", strerror, "Translate an error code to a message string."),
    Builtin::new("_exit", "(status)", exit, "Exit to the system with specified status, without normal exit processing."),
    Builtin::new("urandom", "(size, /)", entropy::entropy, "Return a bytes object containing random bytes."),
];
