//! Reading JSON: a text and a place in it come in, the value there and the place behind it go out.

use rustc_hash::FxHashMap;

use crate::pure::float_text::parse_f64;
use crate::pure::int::IntResult;
use crate::pure::int_text::parse_int;
use crate::value::dict::Dict;
use crate::value::{Obj, R, Ref, Thrown, Value};
use crate::vm::Vm;

/// What a script wants done with parts; empty where the default will do.
struct Hooks {
    object: Value,
    pairs: Value,
    float: Value,
    int: Value,
    constant: Value,
    error: Value,
    strict: bool,
}

struct Scanner<'a> {
    vm: &'a mut Vm,
    /// The text as a value, for errors.
    document: &'a Value,
    text: &'a str,
    hooks: Hooks,
    /// Keys met before: the same text is the same object.
    keys: FxHashMap<&'a str, Ref>,
}

/// `_scan(text, index, hooks, strict)`: the value and the index behind it.
pub fn scan(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let document = a[0].take();
    let at = vm.index_i64(&a[1])?;
    let strict = vm.truth(&a[8])?;
    let mut hook = |i: usize| a.get_mut(i).map(Value::take).filter(|v| !v.is_none()).unwrap_or_default();
    let hooks = Hooks { object: hook(2), pairs: hook(3), float: hook(4), int: hook(5), constant: hook(6), error: hook(7), strict };
    let Some(text) = document.as_str() else {
        let text = format!("first argument must be a string, not {}", vm.class_name(&document));
        return Err(vm.type_error(&text));
    };
    if at < 0 {
        return Err(vm.value_error("idx cannot be negative"));
    }
    let start = byte_index(text, at as usize);
    let mut scanner = Scanner { vm, document: &document, text, hooks, keys: FxHashMap::default() };
    let (value, end) = scanner.value(start)?;
    let end = char_index(text, end);
    Ok(Obj::tuple([value, end.into()]).into())
}

fn byte_index(text: &str, chars: usize) -> usize {
    if text.is_ascii() { chars.min(text.len()) } else { text.char_indices().nth(chars).map_or(text.len(), |(i, _)| i) }
}

fn char_index(text: &str, bytes: usize) -> usize {
    text.get(..bytes).map_or(0, |t| t.chars().count())
}

impl Scanner<'_> {
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn skip_space(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r') {
            at += 1;
        }
        at
    }

    #[cold]
    fn fail<T>(&mut self, message: &str, at: usize) -> R<T> {
        let chars = char_index(self.text, at.min(self.text.len()));
        let class = self.hooks.error.clone();
        let exc = self.vm.call(&class, &[message.into(), self.document.clone(), chars.into()])?;
        match exc {
            Value::Obj(exc) => Err(self.vm.raise(exc)),
            _ => Err(Thrown),
        }
    }

    /// The value that starts at a place, and the place behind it.
    fn value(&mut self, at: usize) -> R<(Value, usize)> {
        match self.byte(at) {
            b'"' => self.string(at + 1).map(|(text, end)| (text.into(), end)),
            b'{' => self.nested(at, " while decoding a JSON object from a unicode string", Self::object),
            b'[' => self.nested(at, " while decoding a JSON array from a unicode string", Self::array),
            b'-' | b'0'..=b'9' => self.number(at),
            _ => self.word(at),
        }
    }

    fn word(&mut self, at: usize) -> R<(Value, usize)> {
        let rest = self.text.get(at..).unwrap_or_default();
        for (word, value) in [("null", Value::None), ("true", Value::True), ("false", Value::False)] {
            if rest.starts_with(word) {
                return Ok((value, at + word.len()));
            }
        }
        for (word, value) in [("NaN", f64::NAN), ("Infinity", f64::INFINITY), ("-Infinity", f64::NEG_INFINITY)] {
            if rest.starts_with(word) {
                let value = match self.hooks.constant.clone() {
                    Value::Unbound => Value::float(value),
                    hook => self.vm.call(&hook, &[word.into()])?,
                };
                return Ok((value, at + word.len()));
            }
        }
        self.fail("Expecting value", at)
    }

    fn nested(&mut self, at: usize, doing: &str, parse: fn(&mut Self, usize) -> R<(Value, usize)>) -> R<(Value, usize)> {
        if self.vm.enter().is_err() {
            drop(self.vm.take_exc());
            return Err(self.vm.too_deep(doing));
        }
        let result = parse(self, at + 1);
        self.vm.leave();
        result
    }

    fn array(&mut self, at: usize) -> R<(Value, usize)> {
        let mut items = Vec::new();
        let mut at = self.skip_space(at);
        if self.byte(at) == b']' {
            return Ok((items.into(), at + 1));
        }
        loop {
            let (item, end) = self.value(at)?;
            items.push(item);
            self.vm.tick()?;
            at = self.skip_space(end);
            match self.byte(at) {
                b',' => at = self.skip_space(at + 1),
                b']' => return Ok((items.into(), at + 1)),
                _ => return self.fail("Expecting ',' delimiter", at),
            }
        }
    }

    fn object(&mut self, at: usize) -> R<(Value, usize)> {
        let mut dict = Dict::new();
        let mut pairs = Vec::new();
        let wants_pairs = !self.hooks.pairs.is_unbound();
        let mut at = self.skip_space(at);
        if self.byte(at) == b'}' {
            return Ok((self.finish_object(dict, pairs)?, at + 1));
        }
        loop {
            let (key, value, end) = self.member(at)?;
            if wants_pairs {
                pairs.push(Obj::tuple([Value::Obj(key), value]).into());
            } else {
                drop(dict.set_name(&key, value));
            }
            self.vm.tick()?;
            at = self.skip_space(end);
            match self.byte(at) {
                b',' => at = self.skip_space(at + 1),
                b'}' => return Ok((self.finish_object(dict, pairs)?, at + 1)),
                _ => return self.fail("Expecting ',' delimiter", at),
            }
        }
    }

    /// A key, its value and the place behind.
    fn member(&mut self, at: usize) -> R<(Ref, Value, usize)> {
        if self.byte(at) != b'"' {
            return self.fail("Expecting property name enclosed in double quotes", at);
        }
        let (key, end) = self.key(at + 1)?;
        let colon = self.skip_space(end);
        if self.byte(colon) != b':' {
            return self.fail("Expecting ':' delimiter", colon);
        }
        let start = self.skip_space(colon + 1);
        let (value, end) = self.value(start)?;
        Ok((key, value, end))
    }

    fn key(&mut self, at: usize) -> R<(Ref, usize)> {
        let text = self.text;
        let plain = plain_length(text.as_bytes().get(at..).unwrap_or_default());
        if self.byte(at + plain) == b'"'
            && let Some(key) = text.get(at..at + plain)
        {
            let key = self.keys.entry(key).or_insert_with(|| Obj::str(key)).clone();
            return Ok((key, at + plain + 1));
        }
        self.string(at).map(|(text, end)| (Obj::string(text), end))
    }

    fn finish_object(&mut self, dict: Dict, pairs: Vec<Value>) -> R {
        if !self.hooks.pairs.is_unbound() {
            let hook = self.hooks.pairs.clone();
            return self.vm.call(&hook, &[pairs.into()]);
        }
        let made = Value::Obj(Obj::dict(dict));
        if self.hooks.object.is_unbound() {
            return Ok(made);
        }
        let hook = self.hooks.object.clone();
        self.vm.call(&hook, &[made])
    }

    fn number(&mut self, at: usize) -> R<(Value, usize)> {
        let mut end = at + usize::from(self.byte(at) == b'-');
        let digits = |from: usize| self.text.as_bytes().iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
        match self.byte(end) {
            b'0' => end += 1,
            b'1'..=b'9' => end += digits(end),
            _ => return self.word(at),
        }
        let whole = end;
        if self.byte(end) == b'.' && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
        }
        if matches!(self.byte(end), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
            let count = digits(end + 1 + sign);
            if count > 0 {
                end += 1 + sign + count;
            }
        }
        let text = self.text.get(at..end).unwrap_or_default();
        let value = if end == whole { self.int(text)? } else { self.float(text)? };
        Ok((value, end))
    }

    fn int(&mut self, text: &str) -> R {
        match self.hooks.int.clone() {
            Value::Unbound => {}
            hook => return self.vm.call(&hook, &[text.into()]),
        }
        if text.len() < 19 {
            return Ok(Value::Int(text.parse().unwrap_or(0)));
        }
        match parse_int(text, 10, self.vm.int_digits) {
            Ok(IntResult::Small(i)) => Ok(Value::Int(i)),
            Ok(IntResult::Big(b)) => Ok(Obj::int(b)),
            Err(e) => {
                let text = e.message(self.vm.int_digits).unwrap_or_default();
                Err(self.vm.value_error(&text))
            }
        }
    }

    fn float(&mut self, text: &str) -> R {
        match self.hooks.float.clone() {
            Value::Unbound => Ok(Value::float(parse_f64(text).unwrap_or(f64::NAN))),
            hook => self.vm.call(&hook, &[text.into()]),
        }
    }

    /// The text of a string whose quote stands before a place, and the place behind the other quote.
    fn string(&mut self, begin: usize) -> R<(String, usize)> {
        let mut out = String::new();
        let mut at = begin;
        loop {
            let plain = plain_length(self.text.as_bytes().get(at..).unwrap_or_default());
            out.push_str(self.text.get(at..at + plain).unwrap_or_default());
            at += plain;
            match self.text.as_bytes().get(at) {
                Some(b'"') => return Ok((out, at + 1)),
                Some(b'\\') => at = self.escape(&mut out, begin, at + 1)?,
                Some(c) if self.hooks.strict => {
                    let _ = c;
                    return self.fail("Invalid control character at", at);
                }
                Some(c) => {
                    out.push(char::from(*c));
                    at += 1;
                }
                None => return self.fail("Unterminated string starting at", begin - 1),
            }
        }
    }

    /// Adds what an escape stands for; `at` is behind the backslash.
    fn escape(&mut self, out: &mut String, begin: usize, at: usize) -> R<usize> {
        let Some(c) = self.text.as_bytes().get(at) else { return self.fail("Unterminated string starting at", begin - 1) };
        out.push(match c {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.code_point(out, at),
            _ => return self.fail("Invalid \\escape", at - 1),
        });
        Ok(at + 1)
    }

    /// Adds the character of `\uXXXX`, or of a pair of them; `at` is at the `u`.
    fn code_point(&mut self, out: &mut String, at: usize) -> R<usize> {
        let Some(first) = self.four_digits(at + 1) else { return self.fail("Invalid \\uXXXX escape", at) };
        let mut end = at + 5;
        let mut code = first;
        if (0xd800..0xdc00).contains(&first)
            && self.text.get(end..end + 2) == Some("\\u")
            && let Some(second) = self.four_digits(end + 2).filter(|c| (0xdc00..0xe000).contains(c))
        {
            code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            end += 6;
        }
        let Some(c) = char::from_u32(code) else { return self.fail("Lone surrogates are not supported by corun: \\u escape", at - 1) };
        out.push(c);
        Ok(end)
    }

    fn four_digits(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// How many bytes stand for themselves in a string.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|&b| b == b'"' || b == b'\\' || b < 0x20).unwrap_or(bytes.len())
}
