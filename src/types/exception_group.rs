//! `BaseExceptionGroup` and `ExceptionGroup`.

use super::exception::{CONSTRUCT, args_of, as_exc, bare, field, set_field};
use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let Some(mut class) = a[0].to_class() else { return Err(vm.type_error("BaseExceptionGroup.__new__(X): X is not a type object")) };
    if n != 3 {
        return Err(vm.type_error(&format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)", n - 1)));
    }
    if a[1].as_str().is_none() {
        let text = format!("BaseExceptionGroup.__new__() argument 1 must be str, not {}", vm.class_name_or_none(&a[1]));
        return Err(vm.type_error(&text));
    }
    let is_sequence = matches!(a[2].native_kind(), Some(Kind::List(_) | Kind::Tuple(_)));
    if !is_sequence && vm.class_of(&a[2]).lookup(&vm.names.getitem).is_none() {
        return Err(vm.type_error("second argument (exceptions) must be a sequence"));
    }
    let members = vm.collect(&a[2].clone())?;
    if members.is_empty() {
        return Err(vm.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    if let Some(i) = members.iter().position(|m| as_exc(m).is_none()) {
        return Err(vm.value_error(&format!("Item {i} of second argument (exceptions) is not an exception")));
    }
    let (base_group, group, exception) = (vm.types.base_exception_group.clone(), vm.types.exception_group.clone(), vm.types.exception.clone());
    let all_exceptions = members.iter().all(|m| vm.is_instance(m, &exception));
    if class.is(&base_group) && all_exceptions {
        class = group;
    } else if !all_exceptions && class.is(&group) {
        return Err(vm.type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
    } else if !all_exceptions && class.is_subclass_of(&exception) {
        let text = format!("Cannot nest BaseExceptions in '{}'", class.name());
        return Err(vm.type_error(&text));
    }
    let exc = bare(&class, vec![a[1].clone(), a[2].clone()]);
    set_field(vm, &exc, "message", a[1].clone());
    set_field(vm, &exc, "exceptions", Obj::tuple(members).into());
    Ok(exc)
}

fn init(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    super::exception::init(vm, a, n)
}

/// The exceptions in a group.
pub fn members_of(vm: &mut Vm, group: &Value) -> Vec<Value> {
    field(vm, group, "exceptions").and_then(|e| e.as_tuple().map(<[Value]>::to_vec)).unwrap_or_default()
}

fn str(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let count = members_of(vm, &a[0]).len();
    let message = field(vm, &a[0], "message").unwrap_or(Value::None);
    let message = vm.str(&message)?;
    Ok(format!("{message} ({count} sub-exception{})", if count == 1 { "" } else { "s" }).into())
}

fn derive(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = vm.types.base_exception_group.clone();
    let message = field(vm, &a[0], "message").unwrap_or(Value::None);
    vm.call(&class.into(), &[message, a[1].clone()])
}

/// What `split` and `subgroup` select by.
enum Condition {
    Classes(Value),
    Call(Value),
    /// Exactly these objects.
    Among(Vec<Value>),
}

fn condition(vm: &mut Vm, v: &Value) -> R<Condition> {
    let base = vm.types.base_exception.clone();
    let is_class = |v: &Value| v.to_class().is_some_and(|c| c.is_subclass_of(&base));
    if is_class(v) || v.as_tuple().is_some_and(|t| t.iter().all(is_class)) {
        return Ok(Condition::Classes(v.clone()));
    }
    let is_function = v.as_class().is_none() && v.as_tuple().is_none() && matches!(v.kind(), Some(Kind::Func(_) | Kind::NativeFn(_) | Kind::Method(_)));
    if is_function {
        return Ok(Condition::Call(v.clone()));
    }
    Err(vm.type_error("expected a function, exception type or tuple of exception types"))
}

fn matches(vm: &mut Vm, exc: &Value, condition: &Condition) -> R<bool> {
    match condition {
        Condition::Classes(classes) => vm.is_instance_of(exc, classes),
        Condition::Call(f) => {
            let answer = vm.call(f, std::slice::from_ref(exc))?;
            vm.truth(&answer)
        }
        Condition::Among(some) => Ok(some.iter().any(|s| s.is(exc))),
    }
}

/// Splits an exception or group: what matches, and the rest; absent where there is nothing.
fn split_by(vm: &mut Vm, exc: &Value, by: &Condition) -> R<(Option<Value>, Option<Value>)> {
    if matches(vm, exc, by)? {
        return Ok((Some(exc.clone()), None));
    }
    let group = vm.types.base_exception_group.clone();
    if !vm.is_instance(exc, &group) {
        return Ok((None, Some(exc.clone())));
    }
    vm.enter()?;
    let parts = split_members(vm, exc, by);
    vm.leave();
    let (matched, rest) = parts?;
    Ok((rebuild(vm, exc, matched)?, rebuild(vm, exc, rest)?))
}

fn split_members(vm: &mut Vm, group: &Value, by: &Condition) -> R<(Vec<Value>, Vec<Value>)> {
    let (mut matched, mut rest) = (Vec::new(), Vec::new());
    for member in members_of(vm, group) {
        let (yes, no) = split_by(vm, &member, by)?;
        matched.extend(yes);
        rest.extend(no);
    }
    Ok((matched, rest))
}

/// A group like `group` of some of its members, with its traceback, cause, context and notes.
fn rebuild(vm: &mut Vm, group: &Value, members: Vec<Value>) -> R<Option<Value>> {
    if members.is_empty() {
        return Ok(None);
    }
    let names = vm.names.clone();
    let derive = vm.intern("derive");
    let made = vm.call_method(group, &derive, &[members.into()])?;
    let base_group = vm.types.base_exception_group.clone();
    if !vm.is_instance(&made, &base_group) {
        return Err(vm.type_error("derive must return an instance of BaseExceptionGroup"));
    }
    if let (Some(new), Some(old)) = (as_exc(&made), as_exc(group)) {
        let trace = old.trace.borrow().clone();
        new.trace.replace(trace);
        new.shown.replace(Some(old.shown_cell()));
        let cause = old.cause.borrow().clone();
        new.cause.replace(cause);
        let context = old.context.borrow().clone();
        new.context.replace(context);
        new.suppress_context.set(old.suppress_context.get());
    }
    if let Some(notes) = vm.get_attr_opt(group, &names.notes)?
        && matches!(notes.native_kind(), Some(Kind::List(_) | Kind::Tuple(_)))
    {
        let copy = vm.collect(&notes)?;
        vm.set_attr(&made, &names.notes, copy.into())?;
    }
    Ok(Some(made))
}

impl Vm {
    /// `except*`: the part of an exception that is of one of the classes, as a group, and the rest.
    pub fn split_group(&mut self, exc: &Ref, classes: &Value) -> R<(Option<Ref>, Option<Ref>)> {
        let all = classes.as_tuple().map_or_else(|| vec![classes.clone()], <[Value]>::to_vec);
        let types = self.types.clone();
        for class in &all {
            match class.to_class() {
                Some(c) if c.is_subclass_of(&types.base_exception_group) => {
                    return Err(self.type_error("catching ExceptionGroup with except* is not allowed. Use except instead."));
                }
                Some(c) if c.is_subclass_of(&types.base_exception) => {}
                _ => return Err(self.type_error("catching classes that do not inherit from BaseException is not allowed")),
            }
        }
        let value = Value::Obj(exc.clone());
        let (matched, rest) = split_by(self, &value, &Condition::Classes(classes.clone()))?;
        let matched = match matched {
            Some(m) if !self.is_instance(&m, &types.base_exception_group) => Some(self.new_group(Obj::tuple(vec![m]).into())?),
            m => m,
        };
        Ok((matched.and_then(|v| v.obj().cloned()), rest.and_then(|v| v.obj().cloned())))
    }

    /// What leaves an `except*` statement: what its clauses raised anew, and the parts of the original that were
    /// not handled or raised again.
    pub fn join_groups(&mut self, original: &Ref, raised: Vec<Ref>, unhandled: Vec<Ref>) -> R<Ref> {
        let original = Value::Obj(original.clone());
        let group = self.types.base_exception_group.clone();
        let is_group = self.is_instance(&original, &group);
        let kept = match unhandled.as_slice() {
            [] => None,
            [one] if !is_group || raised.is_empty() => Some(Value::Obj(one.clone())),
            parts => {
                let mut leaves = Vec::new();
                for p in parts {
                    collect_leaves(self, &Value::Obj(p.clone()), &mut leaves);
                }
                split_by(self, &original, &Condition::Among(leaves))?.0
            }
        };
        let mut members: Vec<Value> = raised.into_iter().map(Value::Obj).collect();
        let joined = match (members.is_empty(), kept) {
            (true, Some(kept)) => kept,
            (false, None) if members.len() == 1 => members.remove(0),
            (_, kept) => {
                members.extend(kept);
                self.new_group(members.into())?
            }
        };
        match joined {
            Value::Obj(o) => Ok(o),
            _ => Err(self.runtime_error("an exception group is an object")),
        }
    }

    /// A group without message.
    fn new_group(&mut self, members: Value) -> R {
        let class = self.types.base_exception_group.clone();
        self.call(&class.into(), &["".into(), members])
    }
}

/// The exceptions of a group that are not groups, in order.
fn collect_leaves(vm: &mut Vm, exc: &Value, leaves: &mut Vec<Value>) {
    let group = vm.types.base_exception_group.clone();
    if !vm.is_instance(exc, &group) {
        leaves.push(exc.clone());
        return;
    }
    for member in members_of(vm, exc) {
        collect_leaves(vm, &member, leaves);
    }
}

fn split(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let by = condition(vm, &a[1].clone())?;
    let (matched, rest) = split_by(vm, &a[0].clone(), &by)?;
    Ok(Obj::tuple(vec![matched.unwrap_or(Value::None), rest.unwrap_or(Value::None)]).into())
}

fn subgroup(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let by = condition(vm, &a[1].clone())?;
    let (matched, _) = split_by(vm, &a[0].clone(), &by)?;
    Ok(matched.unwrap_or(Value::None))
}

fn get_message(vm: &mut Vm, v: &Value) -> R {
    Ok(field(vm, v, "message").unwrap_or_else(|| args_of(v).first().cloned().unwrap_or(Value::None)))
}

fn get_exceptions(vm: &mut Vm, v: &Value) -> R {
    Ok(field(vm, v, "exceptions").unwrap_or_else(|| vm.empty_tuple.clone()))
}

fn read_only(vm: &mut Vm, _: &Value, _: Value) -> R<()> {
    Err(vm.attribute_error_text("readonly attribute"))
}

/// `BaseExceptionGroup`.
pub const BASE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, *args, **kwargs)", new, ""),
        Builtin::new("__init__", "(self, *args, **kwargs)", init, ""),
        Builtin::new("__str__", "(self, /)", str, "Return str(self)."),
        Builtin::new("derive", "(self, excs, /)", derive, "A group like this one of other exceptions."),
        Builtin::new("split", "(self, condition, /)", split, "What matches, and the rest."),
        Builtin::new("subgroup", "(self, condition, /)", subgroup, "What matches."),
    ],
    getsets: &[GetSet { name: "message", get: get_message, set: Some(read_only) }, GetSet { name: "exceptions", get: get_exceptions, set: Some(read_only) }],
    construct: Some(&CONSTRUCT),
    solid: Solid::Exception,
    flags: 0,
    doc: "A combination of multiple unrelated exceptions.",
};
