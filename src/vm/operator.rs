//! What an operator does when its operands are not plain numbers: special methods with reflected operands, then
//! sequences (concatenation and repetition), then CPython's complaint.

use crate::syntax::ast::{BinOp, UnaryOp};
use crate::types::bytes::bytes_of;
use crate::types::memoryview::view_of;
use crate::value::class::flag;
use crate::value::{ClassRef, Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::{Names, Vm};

/// A repeated sequence larger than this many bytes is out of memory at once.
const MAX_BYTES: usize = 1 << 40;

/// The operator in messages.
pub fn symbol(op: BinOp) -> &'static str {
    match op {
        BinOp::Add => "+",
        BinOp::Sub => "-",
        BinOp::Mul => "*",
        BinOp::MatMul => "@",
        BinOp::Div => "/",
        BinOp::FloorDiv => "//",
        BinOp::Mod => "%",
        BinOp::Pow => "** or pow()",
        BinOp::Shl => "<<",
        BinOp::Shr => ">>",
        BinOp::And => "&",
        BinOp::Or => "|",
        BinOp::Xor => "^",
    }
}

/// The special methods of an operator: plain, reflected, in place.
pub fn method_names(names: &Names, op: BinOp) -> [&Ref; 3] {
    match op {
        BinOp::Add => [&names.add, &names.radd, &names.iadd],
        BinOp::Sub => [&names.sub, &names.rsub, &names.isub],
        BinOp::Mul => [&names.mul, &names.rmul, &names.imul],
        BinOp::MatMul => [&names.matmul, &names.rmatmul, &names.imatmul],
        BinOp::Div => [&names.truediv, &names.rtruediv, &names.itruediv],
        BinOp::FloorDiv => [&names.floordiv, &names.rfloordiv, &names.ifloordiv],
        BinOp::Mod => [&names.r#mod, &names.rmod, &names.imod],
        BinOp::Pow => [&names.pow, &names.rpow, &names.ipow],
        BinOp::Shl => [&names.lshift, &names.rlshift, &names.ilshift],
        BinOp::Shr => [&names.rshift, &names.rrshift, &names.irshift],
        BinOp::And => [&names.and, &names.rand, &names.iand],
        BinOp::Or => [&names.or, &names.ror, &names.ior],
        BinOp::Xor => [&names.xor, &names.rxor, &names.ixor],
    }
}

impl Vm {
    /// `a op b` for anything but the pairs of numbers that `arith` decides.
    #[inline(never)]
    pub fn binary_slow(&mut self, op: BinOp, a: &Value, b: &Value) -> R {
        if let Some(result) = self.binary_native(op, a, b)? {
            return Ok(result);
        }
        let names = self.names.clone();
        let [plain, reflected, _] = method_names(&names, op);
        if let Some(result) = self.binary_methods(op, plain, reflected, a, b)? {
            return Ok(result);
        }
        match self.sequence_op(op, a, b)? {
            Some(result) => Ok(result),
            None => Err(self.unsupported(op, a, b)),
        }
    }

    /// `a op= b`.
    #[inline(never)]
    pub fn in_place_slow(&mut self, op: BinOp, a: &Value, b: &Value) -> R {
        if let (BinOp::Add, Some(Kind::List(_))) = (op, a.kind()) {
            self.list_extend(a, b)?;
            return Ok(a.clone());
        }
        if let Some(result) = self.binary_native(op, a, b)? {
            return Ok(result);
        }
        let names = self.names.clone();
        let [plain, reflected, in_place] = method_names(&names, op);
        let class = self.class_of(a).clone();
        if let Some(method) = self.operator_method(op, &class, in_place) {
            let result = self.run_special(&method, a, std::slice::from_ref(b))?;
            if !Self::is_not_implemented(&result) {
                return Ok(result);
            }
        }
        if let Some(result) = self.binary_methods(op, plain, reflected, a, b)? {
            return Ok(result);
        }
        match self.sequence_op_in_place(op, a, b)? {
            Some(result) => Ok(result),
            None => Err(self.unsupported_in_place(op, a, b)),
        }
    }

    /// Pairs of exact built-in kinds whose result no class can change: numbers, and the common sequences.
    fn binary_native(&mut self, op: BinOp, a: &Value, b: &Value) -> R<Option<Value>> {
        match (op, a.kind(), b.kind()) {
            (BinOp::Add, Some(Kind::Str(x)), Some(Kind::Str(y))) => Ok(Some(concat_str(x.as_str(), y.as_str()))),
            (BinOp::Add, Some(Kind::List(_)), Some(Kind::List(_))) | (BinOp::Add, Some(Kind::Tuple(_)), Some(Kind::Tuple(_))) => self.concat(a, b),
            (BinOp::Mul, Some(Kind::Str(_) | Kind::List(_) | Kind::Tuple(_)), None) if matches!(b, Value::Int(_)) => self.repeat(a, b).map(Some),
            (BinOp::Mod, Some(Kind::Str(s)), k) if !matches!(k, Some(Kind::Derived(_) | Kind::Instance(_))) => self.percent_str(s.as_str(), b).map(Some),
            _ => self.number_op(op, a, b),
        }
    }

    /// The special methods of both operands: the right one first when its class is a subclass that overrides it.
    pub fn binary_methods(&mut self, op: BinOp, plain: &Ref, reflected: &Ref, a: &Value, b: &Value) -> R<Option<Value>> {
        let (left_class, right_class) = (self.class_of(a).clone(), self.class_of(b).clone());
        let left = self.operator_method(op, &left_class, plain);
        let mut right = if left_class.is(&right_class) { None } else { self.operator_method(op, &right_class, reflected) };
        if let Some(method) = &right
            && right_class.is_subclass_of(&left_class)
            && !left_class.lookup(reflected).is_some_and(|inherited| inherited.is(method))
        {
            let result = self.run_special(method, b, std::slice::from_ref(a))?;
            if !Self::is_not_implemented(&result) {
                return Ok(Some(result));
            }
            right = None;
        }
        for (method, receiver, other) in [(left, a, b), (right, b, a)] {
            let Some(method) = method else { continue };
            let result = self.run_special(&method, receiver, std::slice::from_ref(other))?;
            if !Self::is_not_implemented(&result) {
                return Ok(Some(result));
            }
        }
        Ok(None)
    }

    /// A class's special method, unless it is concatenation or repetition of a built-in sequence: those come last.
    fn operator_method(&self, op: BinOp, class: &ClassRef, name: &Ref) -> Option<Value> {
        let method = class.lookup(name)?;
        if matches!(op, BinOp::Add | BinOp::Mul)
            && let Some(Kind::NativeFn(f)) = method.kind()
            && let Some(owner) = &f.owner
        {
            let t = &self.types;
            if [&t.str, &t.list, &t.tuple, &t.bytes, &t.bytearray].into_iter().any(|c| c.is(owner)) {
                return None;
            }
        }
        Some(method)
    }

    /// `+` and `*` of built-in sequences; nothing when none is there.
    fn sequence_op(&mut self, op: BinOp, a: &Value, b: &Value) -> R<Option<Value>> {
        match op {
            BinOp::Add => self.concat(a, b),
            BinOp::Mul if is_sequence(a) => self.repeat_by(a, b).map(Some),
            BinOp::Mul if is_sequence(b) => self.repeat_by(b, a).map(Some),
            _ => Ok(None),
        }
    }

    /// `+=` and `*=` of built-in sequences: lists and bytearrays change themselves.
    fn sequence_op_in_place(&mut self, op: BinOp, a: &Value, b: &Value) -> R<Option<Value>> {
        match (op, a.native_kind()) {
            (BinOp::Add, Some(Kind::List(_))) => self.list_extend(a, b)?,
            (BinOp::Add, Some(Kind::ByteArray(bytes))) => {
                if a.native().is(b.native()) && !bytes.borrow().is_empty() {
                    return Err(self.buffer_error("Existing exports of data: object cannot be re-sized"));
                }
                let Some(Value::Obj(joined)) = self.concat(a.native(), b)? else { return Ok(None) };
                self.check_resizable(a)?;
                if let Kind::ByteArray(joined) = &joined.kind {
                    bytes.replace(joined.take());
                }
            }
            (BinOp::Mul, Some(Kind::List(items))) => {
                let Value::Obj(repeated) = self.repeat_by(a, b)? else { return Ok(None) };
                if let Kind::List(repeated) = &repeated.kind {
                    let old = items.replace(repeated.take());
                    drop(old);
                }
            }
            (BinOp::Mul, Some(Kind::ByteArray(bytes))) => {
                let Value::Obj(repeated) = self.repeat_by(a, b)? else { return Ok(None) };
                if let Kind::ByteArray(repeated) = &repeated.kind {
                    bytes.replace(repeated.take());
                }
            }
            // A left operand that is a sequence of another kind hides the right one.
            (BinOp::Mul, _) if !is_sequence(a) && self.has_sequence_slots(a) => return Ok(None),
            _ => return self.sequence_op(op, a, b),
        }
        Ok(Some(a.clone()))
    }

    /// Whether CPython's type of the value has sequence methods at all.
    fn has_sequence_slots(&self, v: &Value) -> bool {
        let class = self.class_of(v);
        class.has(flag::HEAP) || (class.lookup(&self.names.len).is_some() && !matches!(v.native_kind(), Some(Kind::Class(_))))
    }

    /// `a + b` of built-in sequences; nothing when `a` is none, an error when `b` does not fit.
    pub fn concat(&mut self, a: &Value, b: &Value) -> R<Option<Value>> {
        let joined: Value = match (a.native_kind(), b.native_kind()) {
            (Some(Kind::Str(x)), Some(Kind::Str(y))) => concat_str(x.as_str(), y.as_str()),
            (Some(Kind::List(x)), Some(Kind::List(y))) => [&**x.borrow(), &**y.borrow()].concat().into(),
            (Some(Kind::Tuple(x)), Some(Kind::Tuple(y))) => match (x.len(), y.len()) {
                (_, 0) => a.native().clone(),
                (0, _) => b.native().clone(),
                _ => Obj::tuple([&**x, &**y].concat()).into(),
            },
            (Some(Kind::Bytes(x)), Some(Kind::Bytes(y))) => Obj::bytes([&**x, &**y].concat()).into(),
            (Some(Kind::Bytes(x)), Some(Kind::ByteArray(y))) => Obj::bytes([&**x, &**y.borrow()].concat()).into(),
            (Some(Kind::ByteArray(x)), Some(Kind::Bytes(y))) => bytearray([&**x.borrow(), &**y].concat()),
            (Some(Kind::ByteArray(x)), Some(Kind::ByteArray(y))) => bytearray([&**x.borrow(), &**y.borrow()].concat()),
            (Some(Kind::Bytes(x)), _) if view_of(b).is_some() => Obj::bytes([&**x, &*bytes_of(b).unwrap_or_default()].concat()).into(),
            (Some(Kind::ByteArray(x)), _) if view_of(b).is_some() => bytearray([&**x.borrow(), &*bytes_of(b).unwrap_or_default()].concat()),
            (Some(left), _) if is_sequence(a) => {
                let other = self.class_name(b);
                let text = match left {
                    Kind::Bytes(_) | Kind::ByteArray(_) => format!("can't concat {other} to {}", self.class_name(a)),
                    _ => {
                        let own = self.class_name(a.native());
                        format!("can only concatenate {own} (not \"{other}\") to {own}")
                    }
                };
                return Err(self.type_error(&text));
            }
            _ => return Ok(None),
        };
        Ok(Some(joined))
    }

    /// `seq * count` as the operator: what is no integer is refused in the operator's words.
    fn repeat_by(&mut self, seq: &Value, count: &Value) -> R {
        if !self.has_index(count) {
            let text = format!("can't multiply sequence by non-int of type '{}'", self.class_name(count));
            return Err(self.type_error(&text));
        }
        self.repeat(seq, count)
    }

    /// `seq * count` of a built-in sequence.
    pub fn repeat(&mut self, seq: &Value, count: &Value) -> R {
        let class = self.types.overflow_error.clone();
        let count = self.index_i64_or(count, &class)?.max(0) as usize;
        Ok(match seq.native_kind() {
            Some(Kind::Str(s)) => {
                if count == 1 {
                    return Ok(seq.native().clone());
                }
                self.check_size::<u8>(s.as_str().len(), count)?;
                s.as_str().repeat(count).into()
            }
            Some(Kind::Bytes(b)) => {
                self.check_size::<u8>(b.len(), count)?;
                Obj::bytes(b.repeat(count)).into()
            }
            Some(Kind::ByteArray(b)) => {
                self.check_size::<u8>(b.borrow().len(), count)?;
                bytearray(b.borrow().repeat(count))
            }
            Some(Kind::List(l)) => {
                self.check_size::<Value>(l.borrow().len(), count)?;
                repeat_values(&l.borrow(), count).into()
            }
            Some(Kind::Tuple(t)) => {
                if count == 1 {
                    return Ok(seq.native().clone());
                }
                self.check_size::<Value>(t.len(), count)?;
                Obj::tuple(repeat_values(t, count)).into()
            }
            _ => unreachable!("only built-in sequences are repeated"),
        })
    }

    /// Refuses what cannot fit into memory.
    pub fn check_size<T>(&mut self, len: usize, count: usize) -> R<()> {
        let bytes = len.saturating_mul(count).saturating_mul(size_of::<T>());
        if bytes > MAX_BYTES || Vec::<u8>::new().try_reserve_exact(bytes).is_err() { Err(self.memory_error("")) } else { Ok(()) }
    }

    /// `list += iterable`; items that came before an error stay.
    pub fn list_extend(&mut self, list: &Value, items: &Value) -> R<()> {
        let Some(Kind::List(target)) = list.native_kind() else { unreachable!("only a list is extended") };
        match items.kind() {
            Some(Kind::List(more)) => {
                let copy = more.borrow().clone();
                target.borrow_mut().extend(copy);
                Ok(())
            }
            Some(Kind::Tuple(more)) => {
                target.borrow_mut().extend_from_slice(more);
                Ok(())
            }
            _ => self.for_each(items, |_, item| {
                target.borrow_mut().push(item);
                Ok(true)
            }),
        }
    }

    /// `-a`, `+a`, `~a` of what `arith` does not decide.
    #[inline(never)]
    pub fn unary_slow(&mut self, op: UnaryOp, a: &Value) -> R {
        if let Some(result) = self.number_unary(op, a) {
            return Ok(result);
        }
        let names = self.names.clone();
        let (name, symbol) = match op {
            UnaryOp::Neg => (&names.neg, "-"),
            UnaryOp::Pos => (&names.pos, "+"),
            UnaryOp::Invert => (&names.invert, "~"),
            UnaryOp::Not => return Ok(Value::bool(!self.truth(a)?)),
        };
        match self.class_of(a).lookup(name) {
            Some(method) => self.run_special(&method, a, &[]),
            None => {
                let text = format!("bad operand type for unary {symbol}: '{}'", self.class_name(a));
                Err(self.type_error(&text))
            }
        }
    }

    /// `divmod(a, b)`.
    pub fn divmod(&mut self, a: &Value, b: &Value) -> R {
        if let Some(result) = self.number_divmod(a, b)? {
            return Ok(result);
        }
        let names = self.names.clone();
        match self.binary_methods(BinOp::FloorDiv, &names.divmod, &names.rdivmod, a, b)? {
            Some(result) => Ok(result),
            None => {
                let text = format!("unsupported operand type(s) for divmod(): '{}' and '{}'", self.class_name(a), self.class_name(b));
                Err(self.type_error(&text))
            }
        }
    }

    /// `pow(a, b, modulus)`.
    pub fn pow_mod(&mut self, a: &Value, b: &Value, modulus: &Value) -> R {
        if modulus.is_none() {
            return self.pow(a, b);
        }
        if let Some(result) = self.number_pow_mod(a, b, modulus)? {
            return Ok(result);
        }
        let names = self.names.clone();
        if let Some(method) = self.class_of(a).lookup(&names.pow) {
            let result = self.run_special(&method, a, &[b.clone(), modulus.clone()])?;
            if !Self::is_not_implemented(&result) {
                return Ok(result);
            }
        }
        let text = format!("unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'", self.class_name(a), self.class_name(b), self.class_name(modulus));
        Err(self.type_error(&text))
    }

    #[cold]
    fn unsupported(&mut self, op: BinOp, a: &Value, b: &Value) -> Thrown {
        let is_print = matches!(a.kind(), Some(Kind::NativeFn(f)) if f.def.name == "print" && f.owner.is_none());
        let hint = if op == BinOp::Shr && is_print { ". Did you mean \"print(<message>, file=<output_stream>)\"?" } else { "" };
        let text = format!("unsupported operand type(s) for {}: '{}' and '{}'{hint}", symbol(op), self.class_name(a), self.class_name(b));
        self.type_error(&text)
    }

    #[cold]
    fn unsupported_in_place(&mut self, op: BinOp, a: &Value, b: &Value) -> Thrown {
        let symbol = if op == BinOp::Pow { "**" } else { symbol(op) };
        let text = format!("unsupported operand type(s) for {symbol}=: '{}' and '{}'", self.class_name(a), self.class_name(b));
        self.type_error(&text)
    }
}

fn concat_str(x: &str, y: &str) -> Value {
    let mut joined = String::with_capacity(x.len() + y.len());
    joined.push_str(x);
    joined.push_str(y);
    joined.into()
}

/// A bytearray.
pub fn bytearray(bytes: Vec<u8>) -> Value {
    Value::Obj(Obj::new(Kind::ByteArray(bytes.into())))
}

fn repeat_values(items: &[Value], count: usize) -> Vec<Value> {
    match items {
        [one] => vec![one.clone(); count],
        _ => std::iter::repeat_n(items, count).flatten().cloned().collect(),
    }
}

/// Whether the value is a sequence that `+` joins and `*` repeats.
fn is_sequence(v: &Value) -> bool {
    matches!(v.native_kind(), Some(Kind::Str(_) | Kind::List(_) | Kind::Tuple(_) | Kind::Bytes(_) | Kind::ByteArray(_)))
}
