//! `template % arguments`, for text and bytes.

use num_bigint::BigInt;

use super::number::Num;
use crate::pure::float::f64_to_bigint;
use crate::pure::percent::{Amount, Directive, Flags, Layout, Piece, Template, convert_bytes, convert_float, convert_int, convert_text, unsupported};
use crate::value::{Kind, R, Thrown, Value};
use crate::vm::Vm;

/// The arguments of one formatting, taken one after the other.
struct Arguments<'a> {
    all: &'a Value,
    items: &'a [Value],
    next: usize,
    /// Whether the argument is a mapping, so that it need not be used up.
    is_mapping: bool,
    what: &'static str,
}

impl<'a> Arguments<'a> {
    fn new(vm: &Vm, all: &'a Value, what: &'static str) -> Self {
        let items = all.as_tuple().unwrap_or(std::slice::from_ref(all));
        let is_text = matches!(all.native_kind(), Some(Kind::Tuple(_) | Kind::Str(_)))
            || (what == "bytes" && matches!(all.native_kind(), Some(Kind::Bytes(_) | Kind::ByteArray(_))));
        let is_mapping = !is_text && all.obj().is_some() && vm.class_of(all).lookup(&vm.names.getitem).is_some();
        Self { all, items, next: 0, is_mapping, what }
    }

    fn take(&mut self, vm: &mut Vm) -> R {
        match self.items.get(self.next) {
            Some(v) => {
                self.next += 1;
                Ok(v.clone())
            }
            None => Err(vm.type_error("not enough arguments for format string")),
        }
    }

    fn take_amount(&mut self, vm: &mut Vm, amount: Amount, too_big: &str) -> R<Option<i64>> {
        if amount != Amount::Argument {
            return Ok(None);
        }
        let v = self.take(vm)?;
        match Num::of(v.native()) {
            Some(Num::Int(i)) if i32::try_from(i).is_ok() => Ok(Some(i)),
            Some(Num::Int(_) | Num::Big(_)) => Err(vm.overflow_error(too_big)),
            _ => Err(vm.type_error("* wants int")),
        }
    }

    /// The value of a directive and its layout.
    fn fetch(&mut self, vm: &mut Vm, directive: &Directive) -> R<(Value, Layout)> {
        if let Some(key) = &directive.key {
            if !self.is_mapping {
                return Err(vm.type_error("format requires a mapping"));
            }
            let key: Value = if self.what == "bytes" { crate::value::Obj::bytes(latin1(key)).into() } else { key.as_str().into() };
            let v = vm.get_item(self.all, &key)?;
            self.next = self.items.len();
            let layout = self.layout(vm, directive)?;
            return Ok((v, layout));
        }
        let layout = self.layout(vm, directive)?;
        if is_percent_sign(directive) {
            return Ok((Value::None, layout));
        }
        Ok((self.take(vm)?, layout))
    }

    fn layout(&mut self, vm: &mut Vm, directive: &Directive) -> R<Layout> {
        let width = self.take_amount(vm, directive.width, "Python int too large to convert to C long")?;
        let precision = self.take_amount(vm, directive.precision, "Python int too large to convert to C int")?;
        Ok(Layout::resolve(directive, width, precision))
    }

    fn finish(&self, vm: &mut Vm) -> R<()> {
        if self.next < self.items.len() && !self.is_mapping {
            let text = format!("not all arguments converted during {} formatting", self.what);
            return Err(vm.type_error(&text));
        }
        Ok(())
    }
}

impl Vm {
    /// `template % arguments` of text.
    pub fn percent_str(&mut self, template: &str, arguments: &Value) -> R {
        let mut args = Arguments::new(self, arguments, "string");
        let mut out = String::with_capacity(template.len() + 16);
        for piece in Template::new(template) {
            match self.formatted(piece)? {
                Piece::Literal(text) => out.push_str(&text),
                Piece::Directive(directive) => {
                    let (v, layout) = args.fetch(self, &directive)?;
                    if is_percent_sign(&directive) {
                        out.push('%');
                        continue;
                    }
                    out.push_str(&self.percent_piece(&directive, &layout, &v)?);
                }
            }
        }
        args.finish(self)?;
        Ok(out.into())
    }

    fn percent_piece(&mut self, directive: &Directive, layout: &Layout, v: &Value) -> R<String> {
        Ok(match directive.conversion {
            c @ ('s' | 'r' | 'a') => convert_text(&self.convert_to_text(v, c)?, layout),
            'c' => {
                let text = self.percent_char(v)?;
                convert_text(&text, &Layout { precision: None, ..*layout })
            }
            _ => self.percent_number(directive, layout, v)?,
        })
    }

    /// The conversions that text and bytes share.
    fn percent_number(&mut self, directive: &Directive, layout: &Layout, v: &Value) -> R<String> {
        Ok(match directive.conversion {
            c @ ('d' | 'i' | 'u' | 'o' | 'x' | 'X') => convert_int(&self.percent_int(v, c)?, c, layout),
            c @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G') => convert_float(self.percent_float(v)?, c, layout),
            c => return Err(self.format_error(&unsupported(c, directive.index))),
        })
    }

    fn percent_float(&mut self, v: &Value) -> R<f64> {
        match self.number_f64(v)? {
            Some(f) => Ok(f),
            None => {
                let text = format!("must be real number, not {}", self.class_name(v));
                Err(self.type_error(&text))
            }
        }
    }

    fn percent_int(&mut self, v: &Value, conversion: char) -> R<BigInt> {
        if let Some(i) = super::number::int_of(v) {
            return Ok(i.into_owned());
        }
        let only_integers = matches!(conversion, 'o' | 'x' | 'X');
        if !only_integers {
            if let Some(Num::Float(f)) = Num::of(v.native()) {
                return match f64_to_bigint(f) {
                    Some(i) => Ok(i),
                    None if f.is_nan() => Err(self.value_error("cannot convert float NaN to integer")),
                    None => Err(self.overflow_error("cannot convert float infinity to integer")),
                };
            }
            let name = self.names.int.clone();
            if v.obj().is_some()
                && let Some(method) = self.class_of(v).lookup(&name)
            {
                let result = self.run_special(&method, v, &[]);
                let class = self.types.type_error.clone();
                match self.catch(&class, result)? {
                    Some(made) if super::number::int_of(&made).is_some() => return self.percent_int(&made, conversion),
                    _ => return Err(self.percent_refusal(v, conversion, only_integers)),
                }
            }
        }
        if self.has_index(v) {
            let result = self.index_big(v);
            let class = self.types.type_error.clone();
            if let Some(i) = self.catch(&class, result)? {
                return Ok(i);
            }
        }
        Err(self.percent_refusal(v, conversion, only_integers))
    }

    fn percent_refusal(&mut self, v: &Value, conversion: char, only_integers: bool) -> Thrown {
        let wanted = if only_integers { "an integer is required" } else { "a real number is required" };
        let text = format!("%{conversion} format: {wanted}, not {}", self.class_name(v));
        self.type_error(&text)
    }

    fn percent_char(&mut self, v: &Value) -> R<String> {
        if let Some(text) = v.as_str() {
            let mut chars = text.chars();
            return match (chars.next(), chars.next()) {
                (Some(c), None) => Ok(c.to_string()),
                _ => Err(self.type_error("%c requires int or char")),
            };
        }
        if !self.has_index(v) {
            return Err(self.type_error("%c requires int or char"));
        }
        match self.index(v)? {
            Value::Int(i) => match u32::try_from(i).ok().and_then(char::from_u32) {
                Some(c) => Ok(c.to_string()),
                None => Err(self.overflow_error("%c arg not in range(0x110000)")),
            },
            _ => Err(self.overflow_error("%c arg not in range(0x110000)")),
        }
    }

    /// `template % arguments` of bytes.
    pub fn percent_bytes(&mut self, template: &[u8], arguments: &Value) -> R<Vec<u8>> {
        let mut args = Arguments::new(self, arguments, "bytes");
        let text: String = template.iter().map(|b| char::from(*b)).collect();
        let mut out = Vec::with_capacity(template.len() + 16);
        for piece in Template::new(&text) {
            match self.formatted(piece)? {
                Piece::Literal(text) => out.extend(latin1(&text)),
                Piece::Directive(directive) => {
                    let (v, layout) = args.fetch(self, &directive)?;
                    match directive.conversion {
                        '%' if is_percent_sign(&directive) => out.push(b'%'),
                        's' | 'b' => out.extend(convert_bytes(&self.percent_to_bytes(&v)?, &layout)),
                        'c' => out.extend(convert_bytes(&[self.percent_byte(&v)?], &Layout { precision: None, ..layout })),
                        'r' | 'a' => {
                            let text = self.convert_to_text(&v, 'a')?;
                            out.extend(convert_text(&text, &layout).into_bytes());
                        }
                        _ => out.extend(self.percent_number(&directive, &layout, &v)?.into_bytes()),
                    }
                }
            }
        }
        args.finish(self)?;
        Ok(out)
    }

    fn percent_to_bytes(&mut self, v: &Value) -> R<Vec<u8>> {
        match v.native_kind() {
            Some(Kind::Bytes(b)) => return Ok(b.to_vec()),
            Some(Kind::ByteArray(b)) => return Ok(b.borrow().clone()),
            _ => {}
        }
        let name = self.names.bytes.clone();
        if v.obj().is_some()
            && let Some(method) = self.class_of(v).lookup(&name)
        {
            let result = self.run_special(&method, v, &[])?;
            if let Some(Kind::Bytes(b)) = result.native_kind() {
                return Ok(b.to_vec());
            }
            let text = format!("__bytes__ returned non-bytes (type {})", self.class_name(&result));
            return Err(self.type_error(&text));
        }
        let text = format!("%b requires a bytes-like object, or an object that implements __bytes__, not '{}'", self.class_name(v));
        Err(self.type_error(&text))
    }

    fn percent_byte(&mut self, v: &Value) -> R<u8> {
        match v.native_kind() {
            Some(Kind::Bytes(b)) if b.len() == 1 => return Ok(b.first().copied().unwrap_or_default()),
            Some(Kind::ByteArray(b)) if b.borrow().len() == 1 => return Ok(b.borrow().first().copied().unwrap_or_default()),
            _ => {}
        }
        match Num::of(v.native()) {
            Some(Num::Int(i)) if (0..256).contains(&i) => Ok(i as u8),
            Some(Num::Int(_) | Num::Big(_)) => Err(self.overflow_error("%c arg not in range(256)")),
            _ => Err(self.type_error("%c requires an integer in range(256) or a single byte")),
        }
    }
}

/// Whether it is `%%`: with anything between the two signs, the second one is a conversion that does not exist.
fn is_percent_sign(d: &Directive) -> bool {
    d.conversion == '%' && d.key.is_none() && d.flags == Flags::default() && d.width == Amount::Absent && d.precision == Amount::Absent
}

/// Text of code points below 256 as bytes.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| c as u8).collect()
}
