//! Writing JSON: a value and the options of an encoder come in, one text goes out.

use std::fmt::Write;
use std::rc::Rc;

use crate::pure::float_text::repr_f64;
use crate::value::{Kind, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::tables::dict_of;

/// The options of an encoder.
struct Options {
    default: Value,
    indent: Option<String>,
    item_separator: String,
    key_separator: String,
    check_circular: bool,
    ensure_ascii: bool,
    sort_keys: bool,
    skip_keys: bool,
    allow_nan: bool,
}

struct Encoder<'a> {
    vm: &'a mut Vm,
    out: String,
    options: Options,
    /// The containers around the place that is written.
    around: Vec<Ref>,
    level: usize,
}

/// `_encode(object, default, indent, item_separator, key_separator, check_circular, ensure_ascii, sort_keys, skipkeys, allow_nan)`.
pub fn encode(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let value = a[0].take();
    let text = |v: &Value| v.as_str().map(str::to_owned);
    let (indent, item, key) = (text(&a[2]), text(&a[3]), text(&a[4]));
    let (Some(item_separator), Some(key_separator)) = (item, key) else { return Err(vm.type_error("separators must be str")) };
    let mut flags = [false; 5];
    for (flag, v) in flags.iter_mut().zip(a.iter().skip(5)) {
        *flag = vm.truth(v)?;
    }
    let [check_circular, ensure_ascii, sort_keys, skip_keys, allow_nan] = flags;
    let default = a[1].take();
    let options = Options { default, indent, item_separator, key_separator, check_circular, ensure_ascii, sort_keys, skip_keys, allow_nan };
    let mut encoder = Encoder { vm, out: String::new(), options, around: Vec::new(), level: 0 };
    encoder.value(&value)?;
    Ok(encoder.out.into())
}

/// `encode_basestring`, or with `ensure_ascii` `encode_basestring_ascii`.
pub fn quote(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let ascii = vm.truth(&a[1])?;
    let mut out = String::new();
    match a[0].as_str() {
        Some(text) => write_text(&mut out, text, ascii),
        None => {
            let text = format!("first argument must be a string, not {}", vm.class_name(&a[0]));
            return Err(vm.type_error(&text));
        }
    }
    Ok(out.into())
}

fn write_text(out: &mut String, text: &str, ensure_ascii: bool) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| b < 0x20 || b == b'"' || b == b'\\' || (ensure_ascii && b >= 0x7f)) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        let Some(c) = special.chars().next() else { break };
        write_escape(out, c);
        rest = special.get(c.len_utf8()..).unwrap_or_default();
    }
    out.push_str(rest);
    out.push('"');
}

fn write_escape(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        _ => {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
}

impl Encoder<'_> {
    fn value(&mut self, v: &Value) -> R<()> {
        match v {
            Value::None | Value::Unbound => self.out.push_str("null"),
            Value::True => self.out.push_str("true"),
            Value::False => self.out.push_str("false"),
            Value::Int(i) => {
                // Writing to a String cannot fail.
                let _ = write!(self.out, "{i}");
            }
            Value::Float(f) => return self.float(f.get()),
            Value::Obj(o) => return self.object(v, o),
        }
        Ok(())
    }

    fn float(&mut self, f: f64) -> R<()> {
        if f.is_finite() {
            self.out.push_str(&repr_f64(f));
            return Ok(());
        }
        if !self.options.allow_nan {
            let shown = if self.options.indent.is_some() { format!(": {}", repr_f64(f)) } else { String::new() };
            return Err(self.vm.value_error(&format!("Out of range float values are not JSON compliant{shown}")));
        }
        self.out.push_str(non_finite(f));
        Ok(())
    }

    fn object(&mut self, v: &Value, obj: &Ref) -> R<()> {
        match v.native() {
            Value::Obj(native) => match &native.kind {
                Kind::Str(s) => {
                    write_text(&mut self.out, s.as_str(), self.options.ensure_ascii);
                    Ok(())
                }
                Kind::Big(_) => {
                    let native = v.native().clone();
                    self.vm.write_repr(&mut self.out, &native)
                }
                Kind::List(_) | Kind::Tuple(_) => self.within(obj, |e| e.array(v)),
                Kind::Dict(_) => self.within(obj, |e| e.dict(v)),
                _ => self.other(v, obj),
            },
            native => self.value(&native.clone()),
        }
    }

    /// Asks the encoder's `default` what to write instead.
    fn other(&mut self, v: &Value, obj: &Ref) -> R<()> {
        self.within(obj, |e| {
            let default = e.options.default.clone();
            let instead = e.vm.call(&default, std::slice::from_ref(v))?;
            e.value(&instead)
        })
    }

    fn within(&mut self, obj: &Ref, write: impl FnOnce(&mut Self) -> R<()>) -> R<()> {
        if self.options.check_circular && self.around.iter().any(|o| Rc::ptr_eq(o, obj)) {
            return Err(self.vm.value_error("Circular reference detected"));
        }
        if self.vm.enter().is_err() {
            drop(self.vm.take_exc());
            return Err(self.vm.too_deep(" while encoding a JSON object"));
        }
        self.around.push(obj.clone());
        let result = write(self);
        self.around.pop();
        self.vm.leave();
        result
    }

    fn new_line(&mut self) {
        if let Some(indent) = &self.options.indent {
            self.out.push('\n');
            for _ in 0..self.level {
                self.out.push_str(indent);
            }
        }
    }

    fn array(&mut self, v: &Value) -> R<()> {
        let items = match v.kind() {
            Some(Kind::List(l)) => l.borrow().clone(),
            Some(Kind::Tuple(t)) => t.to_vec(),
            _ => self.vm.collect(v)?,
        };
        if items.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.out.push('[');
        self.level += 1;
        for (i, item) in items.iter().enumerate() {
            self.start_item(i)?;
            self.value(item)?;
        }
        self.level -= 1;
        self.new_line();
        self.out.push(']');
        Ok(())
    }

    fn start_item(&mut self, i: usize) -> R<()> {
        if i > 0 {
            self.out.push_str(&self.options.item_separator);
        }
        self.new_line();
        self.vm.tick()
    }

    fn dict(&mut self, v: &Value) -> R<()> {
        let items = self.items(v)?;
        if items.is_empty() {
            self.out.push_str("{}");
            return Ok(());
        }
        self.out.push('{');
        self.level += 1;
        let mut written = 0;
        for (key, value) in items {
            let Some(key) = self.key(&key)? else { continue };
            self.start_item(written)?;
            written += 1;
            match key {
                Key::Object(key) => write_text(&mut self.out, key.as_str().unwrap_or_default(), self.options.ensure_ascii),
                Key::Text(text) => write_text(&mut self.out, &text, self.options.ensure_ascii),
            }
            self.out.push_str(&self.options.key_separator);
            self.value(&value)?;
        }
        self.level -= 1;
        self.new_line();
        self.out.push('}');
        Ok(())
    }

    fn items(&mut self, v: &Value) -> R<Vec<(Value, Value)>> {
        if !self.options.sort_keys
            && matches!(v.kind(), Some(Kind::Dict(_)))
            && let Some(d) = dict_of(v).and_then(|o| o.as_dict())
        {
            return Ok(d.borrow().iter().map(|e| (e.key.clone(), e.value.clone())).collect());
        }
        let name = self.vm.intern("items");
        let view = self.vm.call_method(v, &name, &[])?;
        let mut items: Value = self.vm.collect(&view)?.into();
        if self.options.sort_keys {
            let name = self.vm.intern("sort");
            self.vm.call_method(&items, &name, &[])?;
        }
        let pairs = self.vm.collect(&items.take())?;
        let mut found = Vec::with_capacity(pairs.len());
        for pair in pairs {
            match pair.as_tuple() {
                Some([key, value]) => found.push((key.clone(), value.clone())),
                _ => return Err(self.vm.value_error("items must return 2-tuples")),
            }
        }
        Ok(found)
    }

    /// A key as text; nothing when it is to be skipped.
    fn key(&mut self, key: &Value) -> R<Option<Key>> {
        let text = match key.native() {
            Value::None => "null".to_owned(),
            Value::True => "true".to_owned(),
            Value::False => "false".to_owned(),
            Value::Int(i) => i.to_string(),
            Value::Float(f) if f.get().is_finite() => repr_f64(f.get()),
            Value::Float(f) => {
                let mut inner = String::new();
                std::mem::swap(&mut inner, &mut self.out);
                let result = self.float(f.get());
                std::mem::swap(&mut inner, &mut self.out);
                result?;
                inner
            }
            native => match native.kind() {
                Some(Kind::Str(_)) => return Ok(Some(Key::Object(native.clone()))),
                Some(Kind::Big(_)) => self.vm.repr(&native.clone())?,
                _ if self.options.skip_keys => return Ok(None),
                _ => {
                    let text = format!("keys must be str, int, float, bool or None, not {}", self.vm.class_of(key).name());
                    return Err(self.vm.type_error(&text));
                }
            },
        };
        Ok(Some(Key::Text(text)))
    }
}

/// A key that can be written.
enum Key {
    Object(Value),
    Text(String),
}

fn non_finite(f: f64) -> &'static str {
    if f.is_nan() {
        "NaN"
    } else if f > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}
