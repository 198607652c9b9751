//! The call protocol. Arguments lie at the start of a window of the value stack; whoever is called may use the rest.
//! Every function here leaves the window as empty as it was before the arguments were put there.

use std::rc::Rc;

use crate::value::coro::Coro;
use crate::value::dict::Dict;
use crate::value::exc::TraceEntry;
use crate::value::func::{CodeKind, Func, NativeFn};
use crate::value::{Kind, Obj, R, Ref, Thrown, Value, heap};
use crate::vm::Vm;

/// Empties the first `n` slots.
#[inline(always)]
pub fn clear(fr: &mut [Value], n: usize) {
    let n = n.min(fr.len());
    for slot in &mut fr[..n] {
        *slot = Value::Unbound;
    }
}

impl Vm {
    /// Calls with the positional arguments `fr[..n]`.
    #[inline]
    pub fn call_window(&mut self, callee: &Value, fr: &mut [Value], n: usize) -> R {
        match callee.kind() {
            Some(Kind::Func(f)) if f.direct.get() == n as u32 => self.invoke(f, fr),
            Some(Kind::Func(f)) if f.code.kind != CodeKind::Function && f.code.params.is_exactly(n) && !f.is_exchanged() => {
                if self.thread.site.is_active {
                    return self.call_other(callee, fr, n, &[]);
                }
                Ok(self.new_frame_object(callee, f, fr, n))
            }
            Some(Kind::NativeFn(f)) => self.call_native(f, fr, n),
            _ => self.call_other(callee, fr, n, &[]),
        }
    }

    /// Calls with the positional arguments `fr[..n]` and keyword arguments behind them, one for each name.
    pub fn call_keywords(&mut self, callee: &Value, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        self.call_other(callee, fr, n, keywords)
    }

    /// Calls from native code, with arguments from anywhere.
    pub fn call(&mut self, callee: &Value, args: &[Value]) -> R {
        self.on_segment(args.len() + 8, |vm, fr| {
            for (slot, arg) in fr.iter_mut().zip(args) {
                *slot = arg.clone();
            }
            vm.call_window(callee, fr, args.len())
        })
    }

    /// Calls from native code with keyword arguments.
    pub fn call_with(&mut self, callee: &Value, args: &[Value], keywords: &[(Ref, Value)]) -> R {
        let names: Vec<Ref> = keywords.iter().map(|(n, _)| n.clone()).collect();
        self.on_segment(args.len() + keywords.len() + 8, |vm, fr| {
            for (slot, arg) in fr.iter_mut().zip(args.iter().chain(keywords.iter().map(|(_, v)| v))) {
                *slot = arg.clone();
            }
            vm.call_other(callee, fr, args.len(), &names)
        })
    }

    /// Runs a function whose parameters already stand in the first slots.
    #[inline(always)]
    pub fn invoke(&mut self, func: &Func, fr: &mut [Value]) -> R {
        let code = &*func.code;
        let body = code.body(self);
        let marker = 0u8;
        if fr.len() < body.need || self.depth >= self.limits.recursion || (std::ptr::from_ref(&marker) as usize) < self.stack_limit {
            return self.invoke_cold(func, fr);
        }
        self.depth += 1;
        self.fuel -= 1;
        let result = (body.run)(self, fr);
        self.depth -= 1;
        if result.is_err() {
            self.leave_failed(func, fr, body.slots);
        }
        clear(fr, body.slots);
        if heap::has_dying() {
            self.run_finalizers();
        }
        result
    }

    #[cold]
    #[inline(never)]
    fn invoke_cold(&mut self, func: &Func, fr: &mut [Value]) -> R {
        let body = func.code.body(self);
        let given = body.slots.min(fr.len());
        let marker = 0u8;
        if self.depth >= self.recursion_limit() || (std::ptr::from_ref(&marker) as usize) < self.stack_limit {
            clear(fr, given);
            return Err(self.too_deep(""));
        }
        let need = body.need;
        if self.thread.site.is_active {
            return self.invoke_in_site(func, fr);
        }
        self.on_segment(need, |vm, segment| {
            for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(given)) {
                *to = from.take();
            }
            vm.invoke(func, segment)
        })
    }

    /// Adds the traceback entry of a frame that an exception leaves. Objects in its slots live on in the entry.
    #[cold]
    #[inline(never)]
    pub fn leave_failed(&mut self, func: &Func, fr: &mut [Value], slots: usize) {
        if self.is_suspending() {
            return;
        }
        let spot = self.spot.take();
        let slots = fr.get_mut(..slots).unwrap_or_default();
        let mut frame = None;
        if slots.iter().any(|v| !v.is_unbound()) {
            frame = Some(slots.iter_mut().map(Value::take).collect());
            if let Some(exc) = &self.exc
                && exc.head.gc.get() == 0
            {
                heap::register(exc);
            }
        }
        if spot.is_none() && self.complete_trace(func, &mut frame) {
            return;
        }
        self.add_trace(TraceEntry { code: func.code.clone(), span: spot.unwrap_or(func.code.span), frame });
    }

    /// Gives the frame to the last entry, if an exception that was caught in it goes on; says whether it is so.
    fn complete_trace(&self, func: &Func, frame: &mut Option<Rc<[Value]>>) -> bool {
        let Some(Kind::Exc(e)) = self.exc.as_ref().map(|e| &e.kind) else { return false };
        match e.trace.borrow_mut().last_mut() {
            Some(last) if last.frame.is_none() && Rc::ptr_eq(&last.code, &func.code) => {
                last.frame = frame.take();
                true
            }
            _ => false,
        }
    }

    /// Adds a place to the traceback of the exception that is on its way.
    pub fn add_trace(&mut self, entry: TraceEntry) {
        if let Some(exc) = &self.exc
            && let Kind::Exc(e) = &exc.kind
        {
            e.trace.borrow_mut().push(entry);
        }
    }

    /// Calls a built-in with positional arguments only.
    #[inline]
    pub fn call_native(&mut self, f: &NativeFn, fr: &mut [Value], n: usize) -> R {
        let shape = &f.def.shape;
        if n < shape.min as usize || (n > shape.max as usize && !shape.varargs) || (shape.method && f.owner.is_some() && !self.is_receiver(f, fr)) {
            return self.call_native_cold(f, fr, n);
        }
        let used = n + shape.params as usize;
        if fr.len() < used {
            return self.call_native_cold(f, fr, n);
        }
        let result = if shape.kwargs {
            let slot = if shape.varargs { used } else { shape.params as usize };
            return self.call_native_kwargs(f, fr, n, slot);
        } else {
            (f.def.call)(self, fr, n)
        };
        clear(fr, n.max(shape.params as usize));
        result
    }

    /// Whether the receiver is of the method's class: always so when it was found through its own class.
    #[inline]
    pub(super) fn is_receiver(&self, f: &NativeFn, fr: &[Value]) -> bool {
        match (&f.owner, fr.first()) {
            (Some(owner), Some(receiver)) => {
                let class = self.class_of(receiver);
                class.is(owner) || class.is_subclass_of(owner)
            }
            _ => true,
        }
    }

    #[cold]
    #[inline(never)]
    fn call_native_kwargs(&mut self, f: &NativeFn, fr: &mut [Value], n: usize, slot: usize) -> R {
        if fr.len() <= slot {
            return self.call_native_cold(f, fr, n);
        }
        fr[slot] = Value::Obj(Obj::dict(Dict::new()));
        let result = (f.def.call)(self, fr, n);
        clear(fr, slot + 1);
        result
    }

    #[cold]
    #[inline(never)]
    fn call_native_cold(&mut self, f: &NativeFn, fr: &mut [Value], n: usize) -> R {
        let shape = f.def.shape;
        if n >= shape.min as usize && (n <= shape.max as usize || shape.varargs) && (f.owner.is_none() || !shape.method || self.is_receiver(f, fr)) {
            return self.on_segment(2 * n + shape.params as usize + 16, |vm, segment| {
                for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(n)) {
                    *to = from.take();
                }
                vm.call_native(f, segment, n)
            });
        }
        let error = self.native_arity_error(f, fr, n);
        clear(fr, n);
        Err(error)
    }

    /// Calls whatever is callable.
    #[inline(never)]
    fn call_other(&mut self, callee: &Value, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        match callee.kind() {
            Some(Kind::Func(f)) => {
                let Value::Obj(func) = callee else { unreachable!("a function is an object") };
                self.call_function(func, f, fr, n, keywords)
            }
            Some(Kind::NativeFn(f)) if keywords.is_empty() => self.call_native(f, fr, n),
            Some(Kind::NativeFn(f)) => self.call_native_keywords(f, fr, n, keywords),
            Some(Kind::Method(m)) => {
                let total = n + keywords.len();
                if fr.len() <= total {
                    return self.call_on_segment(callee, fr, n, keywords);
                }
                fr[total] = m.receiver.clone();
                fr[..=total].rotate_right(1);
                self.call_other_or_window(&m.func, fr, n + 1, keywords)
            }
            Some(Kind::Class(_)) => {
                let Some(class) = callee.to_class() else { unreachable!("a class is a class") };
                self.call_class(&class, fr, n, keywords)
            }
            Some(Kind::StaticMethod(f)) => self.call_other_or_window(f, fr, n, keywords),
            Some(Kind::Native(native)) => match native.caller() {
                Some(call) => call(self, callee, fr, n, keywords),
                None => self.call_object(callee, fr, n, keywords),
            },
            _ => self.call_object(callee, fr, n, keywords),
        }
    }

    pub(super) fn call_other_or_window(&mut self, callee: &Value, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        if keywords.is_empty() { self.call_window(callee, fr, n) } else { self.call_other(callee, fr, n, keywords) }
    }

    /// Moves the arguments to a larger segment and calls there.
    #[cold]
    fn call_on_segment(&mut self, callee: &Value, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        let total = n + keywords.len();
        self.on_segment(2 * total + 16, |vm, segment| {
            for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(total)) {
                *to = from.take();
            }
            vm.call_other(callee, segment, n, keywords)
        })
    }

    /// `__call__` of an instance's class.
    fn call_object(&mut self, callee: &Value, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        let names = self.names.clone();
        let Some(method) = self.class_of(callee).lookup(&names.call) else {
            clear(fr, n + keywords.len());
            let name = self.class_name(callee);
            return Err(self.type_error(&format!("'{name}' object is not callable")));
        };
        let total = n + keywords.len();
        if fr.len() <= total {
            return self.call_on_segment(callee, fr, n, keywords);
        }
        if matches!(method.kind(), Some(Kind::Func(_) | Kind::NativeFn(_))) {
            fr[total] = callee.clone();
            fr[..=total].rotate_right(1);
            return self.call_other_or_window(&method, fr, n + 1, keywords);
        }
        let class = self.class_of(callee).clone();
        match self.bind_descriptor(&method, callee, &class) {
            Ok(bound) => {
                self.enter().inspect_err(|_| clear(fr, total))?;
                let result = self.call_other_or_window(&bound, fr, n, keywords);
                self.leave();
                result
            }
            Err(t) => {
                clear(fr, total);
                Err(t)
            }
        }
    }

    /// A generator or coroutine of a function that was given exactly its positional parameters.
    #[inline(always)]
    fn new_frame_object(&mut self, callee: &Value, f: &Func, fr: &mut [Value], n: usize) -> Value {
        let Value::Obj(func) = callee else { unreachable!("a function is an object") };
        let slots = f.code.body(self).slots;
        // Behind the arguments the window is empty.
        let mut frame: Box<[Value]> = match fr.get_mut(..slots) {
            Some(window) => window.iter_mut().map(Value::take).collect(),
            None => fr.iter_mut().take(n).map(Value::take).chain(std::iter::repeat_with(Value::default)).take(slots).collect(),
        };
        let base = f.code.locals.len();
        for (slot, cell) in frame.iter_mut().skip(base).zip(&f.closure) {
            *slot = Value::Obj(cell.clone());
        }
        Value::Obj(Obj::tracked(Kind::Coro(Coro::script(func.clone(), frame, f.code.kind))))
    }

    // ---- script functions ---------------------------------------------------------------------------------

    /// Calls a script function of any kind with any arguments.
    fn call_function(&mut self, func: &Ref, f: &Func, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        if f.is_exchanged() {
            let now = Obj::new(Kind::Func(Box::new(f.exchanged())));
            return self.call_other_or_window(&now.into(), fr, n, keywords);
        }
        let (code, total) = (&*f.code, n + keywords.len());
        let body = code.body(self);
        let (slots, need) = (body.slots, body.need.max(body.slots));
        if fr.len() < need.max(total) {
            return self.on_segment(need.max(total) + 1, |vm, segment| {
                for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(total)) {
                    *to = from.take();
                }
                vm.call_function(func, f, segment, n, keywords)
            });
        }
        if let Err(t) = self.bind(f, fr, n, keywords) {
            clear(fr, total.max(slots));
            return Err(t);
        }
        if code.kind == CodeKind::Function {
            return self.invoke(f, fr);
        }
        if self.thread.site.is_active {
            return self.frame_object_in_site(|vm| vm.threaded_frame_object(func, f, fr));
        }
        let frame: Box<[Value]> = fr[..slots].iter_mut().map(Value::take).collect();
        Ok(Value::Obj(Obj::tracked(Kind::Coro(Coro::script(func.clone(), frame, code.kind)))))
    }

    /// Puts arguments into the places of the parameters, and the closure's cells behind the locals.
    #[inline]
    pub fn bind(&mut self, f: &Func, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R<()> {
        let p = &f.code.params;
        if keywords.is_empty() && p.is_exactly(n) {
            // Nothing to move.
        } else {
            self.bind_cold(f, fr, n, keywords)?;
        }
        let base = f.code.locals.len();
        for (i, cell) in f.closure.iter().enumerate() {
            fr[base + i] = Value::Obj(cell.clone());
        }
        Ok(())
    }

    #[inline(never)]
    fn bind_cold(&mut self, f: &Func, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R<()> {
        let p = &f.code.params;
        let named = p.positional + p.keyword_only;
        let keyword_values: Vec<Value> = fr[n..n + keywords.len()].iter_mut().map(Value::take).collect();
        let extra: Vec<Value> = if n > p.positional { fr[p.positional..n].iter_mut().map(Value::take).collect() } else { Vec::new() };
        let rest = self.place_keywords(f, fr, keywords, keyword_values)?;
        if !extra.is_empty() && !p.varargs {
            return Err(self.too_many_positional(f, n, keywords));
        }
        self.fill_defaults(f, fr)?;
        let mut next = named;
        if p.varargs {
            fr[next] = Value::Obj(Obj::tuple(extra));
            next += 1;
        }
        if let Some(rest) = rest {
            fr[next] = Value::Obj(Obj::dict(rest));
        }
        Ok(())
    }

    /// Puts keyword arguments into the places of their parameters; gives those for `**kwargs`, if there is one.
    fn place_keywords(&mut self, f: &Func, fr: &mut [Value], keywords: &[Ref], values: Vec<Value>) -> R<Option<Dict>> {
        let p = &f.code.params;
        let mut rest = p.kwargs.then(Dict::new);
        let mut surplus: Option<Ref> = None;
        let mut positional_only_names = Vec::new();
        for (name, value) in keywords.iter().zip(values) {
            match f.code.locals.iter().take(p.positional + p.keyword_only).position(|l| l.text() == name.text()) {
                Some(i) if i >= p.positional_only => {
                    if !fr[i].is_unbound() {
                        let text = format!("{}() got multiple values for argument '{}'", self.text_of(&f.qualname()), name.text());
                        return Err(self.type_error(&text));
                    }
                    fr[i] = value;
                }
                found => {
                    if let Some(rest) = &mut rest {
                        rest.set_name(name, value);
                    } else if found.is_some() {
                        positional_only_names.push(name.text().to_owned());
                    } else if surplus.is_none() {
                        surplus = Some(name.clone());
                    }
                }
            }
        }
        if !positional_only_names.is_empty() {
            let text = format!(
                "{}() got some positional-only arguments passed as keyword arguments: '{}'",
                self.text_of(&f.qualname()),
                positional_only_names.join(", ")
            );
            return Err(self.type_error(&text));
        }
        if let Some(name) = surplus {
            let text = format!("{}() got an unexpected keyword argument '{}'", self.text_of(&f.qualname()), name.text());
            return Err(self.type_error(&text));
        }
        Ok(rest)
    }

    /// Gives parameters without argument their defaults.
    fn fill_defaults(&mut self, f: &Func, fr: &mut [Value]) -> R<()> {
        let p = &f.code.params;
        let mut missing = Vec::new();
        let defaults = f.defaults.borrow();
        let first_default = p.positional.saturating_sub(defaults.len());
        for i in 0..p.positional {
            if fr[i].is_unbound() {
                match i.checked_sub(first_default).and_then(|d| defaults.get(d)) {
                    Some(d) => fr[i] = d.clone(),
                    None => missing.push(i),
                }
            }
        }
        drop(defaults);
        if !missing.is_empty() {
            return Err(self.missing_arguments(f, "positional", &missing));
        }
        let defaults = f.kwdefaults.borrow();
        for i in 0..p.keyword_only {
            if fr[p.positional + i].is_unbound() {
                match defaults.get(i).filter(|d| !d.is_unbound()) {
                    Some(d) => fr[p.positional + i] = d.clone(),
                    None => missing.push(p.positional + i),
                }
            }
        }
        drop(defaults);
        if !missing.is_empty() {
            return Err(self.missing_arguments(f, "keyword-only", &missing));
        }
        Ok(())
    }

    #[cold]
    fn missing_arguments(&mut self, f: &Func, kind: &str, missing: &[usize]) -> Thrown {
        let names: Vec<String> = missing.iter().map(|&i| format!("'{}'", f.code.locals[i].text())).collect();
        let list = match names.as_slice() {
            [one] => one.clone(),
            [a, b] => format!("{a} and {b}"),
            [init @ .., last] => format!("{}, and {last}", init.join(", ")),
            [] => String::new(),
        };
        let plural = if names.len() == 1 { "" } else { "s" };
        let text = format!("{}() missing {} required {kind} argument{plural}: {list}", self.text_of(&f.qualname()), names.len());
        self.type_error(&text)
    }

    #[cold]
    fn too_many_positional(&mut self, f: &Func, n: usize, keywords: &[Ref]) -> Thrown {
        let p = &f.code.params;
        let defaults = f.defaults.borrow().len();
        let names = &f.code.locals[p.positional..p.positional + p.keyword_only];
        let keyword_only_given = keywords.iter().filter(|k| names.iter().any(|n| n.text() == k.text())).count();
        let takes = if defaults > 0 { format!("from {} to {}", p.positional - defaults, p.positional) } else { p.positional.to_string() };
        let plural = if p.positional == 1 && defaults == 0 { "" } else { "s" };
        let given = if keyword_only_given > 0 {
            format!(
                "{n} positional argument{} (and {keyword_only_given} keyword-only argument{}) were",
                if n == 1 { "" } else { "s" },
                if keyword_only_given == 1 { "" } else { "s" }
            )
        } else {
            format!("{n} {}", if n == 1 { "was" } else { "were" })
        };
        let text = format!("{}() takes {takes} positional argument{plural} but {given} given", self.text_of(&f.qualname()));
        self.type_error(&text)
    }
}
