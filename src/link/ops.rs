//! Operators. Operands that are locals are looked at where they stand, constants are captured, and number pairs are
//! computed in place; everything else goes to the VM.

use super::cx::{Cx, located};
use super::name::{Global, unbound_local};
use super::{Cond, Ex};
use crate::resolve::Place;
use crate::source::Span;
use crate::syntax::ast::{BinOp, CmpOp, Expr, ExprKind};
use crate::value::{R, Ref, Value};
use crate::vm::Vm;

/// An operand, by how cheaply it is had.
pub enum Operand {
    Local(usize, Local),
    Const(Value),
    Global(Global, Span),
    Expr(Ex),
}

/// A local name and its place, for the error when it is unbound.
pub struct Local {
    pub name: Ref,
    pub span: Span,
}

/// A binary operator that knows number pairs.
trait Fast: Copy + 'static {
    /// The result for two numbers, if it is one of the plain cases.
    fn fast(a: &Value, b: &Value) -> Option<Value>;
    fn op() -> BinOp;
}

macro_rules! fast_op {
    ($name:ident, $op:expr, $ints:expr, $floats:expr) => {
        #[derive(Clone, Copy)]
        struct $name;
        impl Fast for $name {
            #[inline(always)]
            fn fast(a: &Value, b: &Value) -> Option<Value> {
                match (a, b) {
                    (Value::Int(a), Value::Int(b)) => $ints(*a, *b),
                    (Value::Float(a), Value::Float(b)) => $floats(a.get(), b.get()),
                    (Value::Float(a), Value::Int(b)) => $floats(a.get(), *b as f64),
                    (Value::Int(a), Value::Float(b)) => $floats(*a as f64, b.get()),
                    _ => None,
                }
            }
            fn op() -> BinOp {
                $op
            }
        }
    };
}

fn no_float(_: f64, _: f64) -> Option<Value> {
    None
}

fast_op!(Add, BinOp::Add, |a: i64, b| a.checked_add(b).map(Value::Int), |a: f64, b: f64| Some(Value::float(a + b)));
fast_op!(Sub, BinOp::Sub, |a: i64, b| a.checked_sub(b).map(Value::Int), |a: f64, b: f64| Some(Value::float(a - b)));
fast_op!(Mul, BinOp::Mul, |a: i64, b| a.checked_mul(b).map(Value::Int), |a: f64, b: f64| Some(Value::float(a * b)));
fast_op!(
    Div,
    BinOp::Div,
    |a: i64, b: i64| if b != 0 && a.abs() < (1 << 53) && b.abs() < (1 << 53) { Some(Value::float(a as f64 / b as f64)) } else { None },
    |a: f64, b: f64| if b == 0.0 { None } else { Some(Value::float(a / b)) }
);
fast_op!(FloorDiv, BinOp::FloorDiv, |a: i64, b: i64| if b > 0 { Some(Value::Int(a.div_euclid(b))) } else { None }, no_float);
fast_op!(Mod, BinOp::Mod, |a: i64, b: i64| if b > 0 { Some(Value::Int(a.rem_euclid(b))) } else { None }, no_float);
fast_op!(And, BinOp::And, |a: i64, b: i64| Some(Value::Int(a & b)), no_float);
fast_op!(Or, BinOp::Or, |a: i64, b: i64| Some(Value::Int(a | b)), no_float);
fast_op!(Xor, BinOp::Xor, |a: i64, b: i64| Some(Value::Int(a ^ b)), no_float);
fast_op!(Shl, BinOp::Shl, |a: i64, b: i64| if (0..16).contains(&b) && (-(1 << 46)..1 << 46).contains(&a) { Some(Value::Int(a << b)) } else { None }, no_float);
fast_op!(Shr, BinOp::Shr, |a: i64, b: i64| if (0..64).contains(&b) { Some(Value::Int(a >> b)) } else { None }, no_float);
fast_op!(Pow, BinOp::Pow, |a: i64, b: i64| u32::try_from(b).ok().and_then(|b| a.checked_pow(b)).map(Value::Int), |a: f64, b: f64| if a > 0.0 {
    Some(a.powf(b)).filter(|r| r.is_finite()).map(Value::float)
} else {
    None
});
fast_op!(MatMul, BinOp::MatMul, |_, _| None, no_float);

#[inline(always)]
fn apply<F: Fast>(vm: &mut Vm, a: &Value, b: &Value, span: Span) -> R {
    match F::fast(a, b) {
        Some(v) => Ok(v),
        None => slow::<F>(vm, a, b, span),
    }
}

#[cold]
#[inline(never)]
fn slow<F: Fast>(vm: &mut Vm, a: &Value, b: &Value, span: Span) -> R {
    let r = vm.binary(F::op(), a, b);
    located(vm, span, r)
}

/// A cold path of an operand that is an unbound local.
#[cold]
#[inline(never)]
fn missing(vm: &mut Vm, local: &Local) -> crate::value::Thrown {
    let t = unbound_local(vm, &local.name);
    vm.at(local.span, t)
}

macro_rules! bound {
    ($vm:ident, $fr:ident, $slot:expr, $name:expr) => {
        if $fr[$slot].is_unbound() {
            return Err(missing($vm, &$name));
        }
    };
}

fn link_fast<F: Fast>(a: Operand, b: Operand, span: Span) -> Ex {
    match (a, b) {
        (Operand::Local(i, na), Operand::Local(j, nb)) => Box::new(move |vm, fr| {
            let (a, b) = (&fr[i], &fr[j]);
            match F::fast(a, b) {
                Some(v) => Ok(v),
                None => {
                    bound!(vm, fr, i, na);
                    bound!(vm, fr, j, nb);
                    slow::<F>(vm, a, b, span)
                }
            }
        }),
        (Operand::Local(i, na), Operand::Const(c)) => Box::new(move |vm, fr| {
            let a = &fr[i];
            match F::fast(a, &c) {
                Some(v) => Ok(v),
                None => {
                    bound!(vm, fr, i, na);
                    slow::<F>(vm, a, &c, span)
                }
            }
        }),
        (Operand::Const(c), Operand::Local(j, nb)) => Box::new(move |vm, fr| {
            let b = &fr[j];
            match F::fast(&c, b) {
                Some(v) => Ok(v),
                None => {
                    bound!(vm, fr, j, nb);
                    slow::<F>(vm, &c, b, span)
                }
            }
        }),
        (Operand::Local(i, na), Operand::Expr(b)) => Box::new(move |vm, fr| {
            bound!(vm, fr, i, na);
            let b = b(vm, fr)?;
            apply::<F>(vm, &fr[i], &b, span)
        }),
        (Operand::Expr(a), Operand::Local(j, nb)) => Box::new(move |vm, fr| {
            let a = a(vm, fr)?;
            let b = &fr[j];
            match F::fast(&a, b) {
                Some(v) => Ok(v),
                None => {
                    bound!(vm, fr, j, nb);
                    slow::<F>(vm, &a, b, span)
                }
            }
        }),
        (Operand::Expr(a), Operand::Const(c)) => Box::new(move |vm, fr| {
            let a = a(vm, fr)?;
            apply::<F>(vm, &a, &c, span)
        }),
        (Operand::Const(c), Operand::Expr(b)) => Box::new(move |vm, fr| {
            let b = b(vm, fr)?;
            apply::<F>(vm, &c, &b, span)
        }),
        (Operand::Const(a), Operand::Const(b)) => Box::new(move |vm, _| apply::<F>(vm, &a, &b, span)),
        (Operand::Expr(a), Operand::Expr(b)) => Box::new(move |vm, fr| {
            let a = a(vm, fr)?;
            let b = b(vm, fr)?;
            apply::<F>(vm, &a, &b, span)
        }),
        (a, b) => Box::new(move |vm, fr| {
            let a = a.eval(vm, fr)?;
            let b = b.eval(vm, fr)?;
            apply::<F>(vm, &a, &b, span)
        }),
    }
}

// ---- comparisons ----------------------------------------------------------------------------------------------

/// A comparison that knows number pairs.
trait FastCmp: Copy + 'static {
    fn ints(a: i64, b: i64) -> bool;
    fn floats(a: f64, b: f64) -> bool;
    fn op() -> CmpOp;
}

macro_rules! fast_cmp {
    ($name:ident, $op:tt) => {
        #[derive(Clone, Copy)]
        struct $name;
        impl FastCmp for $name {
            #[inline(always)]
            fn ints(a: i64, b: i64) -> bool {
                a $op b
            }
            #[inline(always)]
            fn floats(a: f64, b: f64) -> bool {
                a $op b
            }
            fn op() -> CmpOp {
                CmpOp::$name
            }
        }
    };
}

fast_cmp!(Eq, ==);
fast_cmp!(Ne, !=);
fast_cmp!(Lt, <);
fast_cmp!(Le, <=);
fast_cmp!(Gt, >);
fast_cmp!(Ge, >=);

#[inline(always)]
fn test<F: FastCmp>(vm: &mut Vm, a: &Value, b: &Value, span: Span) -> R<bool> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(F::ints(*a, *b)),
        (Value::Float(a), Value::Float(b)) => Ok(F::floats(a.get(), b.get())),
        _ => slow_test(vm, F::op(), a, b, span),
    }
}

#[inline(never)]
fn slow_test(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value, span: Span) -> R<bool> {
    let r = vm.compare_bool(op, a, b);
    located(vm, span, r)
}

fn link_test<F: FastCmp>(a: Operand, b: Operand, span: Span) -> Cond {
    match (a, b) {
        (Operand::Local(i, na), Operand::Local(j, nb)) => Box::new(move |vm, fr| {
            let (a, b) = (&fr[i], &fr[j]);
            if let (Value::Int(a), Value::Int(b)) = (a, b) {
                return Ok(F::ints(*a, *b));
            }
            bound!(vm, fr, i, na);
            bound!(vm, fr, j, nb);
            test::<F>(vm, a, b, span)
        }),
        (Operand::Local(i, na), Operand::Const(Value::Int(c))) => Box::new(move |vm, fr| {
            let a = &fr[i];
            if let Value::Int(a) = a {
                return Ok(F::ints(*a, c));
            }
            bound!(vm, fr, i, na);
            test::<F>(vm, a, &Value::Int(c), span)
        }),
        (Operand::Local(i, na), Operand::Const(c)) => Box::new(move |vm, fr| {
            bound!(vm, fr, i, na);
            test::<F>(vm, &fr[i], &c, span)
        }),
        (Operand::Const(c), Operand::Local(j, nb)) => Box::new(move |vm, fr| {
            bound!(vm, fr, j, nb);
            test::<F>(vm, &c, &fr[j], span)
        }),
        (Operand::Local(i, na), Operand::Expr(b)) => Box::new(move |vm, fr| {
            bound!(vm, fr, i, na);
            let b = b(vm, fr)?;
            test::<F>(vm, &fr[i], &b, span)
        }),
        (Operand::Expr(a), Operand::Local(j, nb)) => Box::new(move |vm, fr| {
            let a = a(vm, fr)?;
            bound!(vm, fr, j, nb);
            test::<F>(vm, &a, &fr[j], span)
        }),
        (Operand::Expr(a), Operand::Const(c)) => Box::new(move |vm, fr| {
            let a = a(vm, fr)?;
            test::<F>(vm, &a, &c, span)
        }),
        (Operand::Const(c), Operand::Expr(b)) => Box::new(move |vm, fr| {
            let b = b(vm, fr)?;
            test::<F>(vm, &c, &b, span)
        }),
        (Operand::Const(a), Operand::Const(b)) => Box::new(move |vm, _| test::<F>(vm, &a, &b, span)),
        (Operand::Expr(a), Operand::Expr(b)) => Box::new(move |vm, fr| {
            let a = a(vm, fr)?;
            let b = b(vm, fr)?;
            test::<F>(vm, &a, &b, span)
        }),
        (a, b) => Box::new(move |vm, fr| {
            let a = a.eval(vm, fr)?;
            let b = b.eval(vm, fr)?;
            test::<F>(vm, &a, &b, span)
        }),
    }
}

impl Cx<'_> {
    /// Links an operand in its cheapest form.
    pub fn operand(&mut self, e: &Expr) -> Operand {
        match &e.kind {
            ExprKind::Name(n) => match self.place(n) {
                Place::Local(slot) => Operand::Local(slot, Local { name: self.name(n), span: e.span }),
                Place::Global => {
                    let name = self.name(n);
                    Operand::Global(Global::new(self, name), e.span)
                }
                _ => Operand::Expr(self.expr(e)),
            },
            _ => match self.constant(e) {
                Some(c) => Operand::Const(c),
                None => Operand::Expr(self.expr(e)),
            },
        }
    }

    /// Links operands that are evaluated one after another, each saved when a later one may suspend.
    pub fn operands_in_order(&mut self, exprs: &[&Expr]) -> Vec<Operand> {
        let last = if self.can_suspend { exprs.iter().rposition(|e| self.suspends(e)) } else { None };
        let link = |(i, e): (usize, &&Expr)| self.operand_before(e, last.is_some_and(|l| i < l));
        exprs.iter().enumerate().map(link).collect()
    }

    /// Links a left operand, saved when what comes after it may suspend.
    pub fn operand_before(&mut self, e: &Expr, later_suspends: bool) -> Operand {
        if later_suspends {
            match self.constant(e) {
                Some(c) => Operand::Const(c),
                None => Operand::Expr(self.saved(e)),
            }
        } else {
            self.operand(e)
        }
    }

    /// `a op b`.
    pub fn binary(&mut self, op: BinOp, a: &Expr, b: &Expr, span: Span) -> Ex {
        if self.threaded {
            return self.threaded_binary(op, a, b, span);
        }
        let later = self.suspends(b);
        let a = self.operand_before(a, later);
        let b = self.operand(b);
        match op {
            BinOp::Add => link_fast::<Add>(a, b, span),
            BinOp::Sub => link_fast::<Sub>(a, b, span),
            BinOp::Mul => link_fast::<Mul>(a, b, span),
            BinOp::Div => link_fast::<Div>(a, b, span),
            BinOp::FloorDiv => link_fast::<FloorDiv>(a, b, span),
            BinOp::Mod => link_fast::<Mod>(a, b, span),
            BinOp::And => link_fast::<And>(a, b, span),
            BinOp::Or => link_fast::<Or>(a, b, span),
            BinOp::Xor => link_fast::<Xor>(a, b, span),
            BinOp::Shl => link_fast::<Shl>(a, b, span),
            BinOp::Shr => link_fast::<Shr>(a, b, span),
            BinOp::Pow => link_fast::<Pow>(a, b, span),
            BinOp::MatMul => link_fast::<MatMul>(a, b, span),
        }
    }

    /// A comparison of two operands as a truth value.
    pub fn compare_test(&mut self, op: CmpOp, a: &Expr, b: &Expr, span: Span) -> Cond {
        let later = self.suspends(b);
        let a = self.operand_before(a, later);
        let b = self.operand(b);
        match op {
            CmpOp::Eq => link_test::<Eq>(a, b, span),
            CmpOp::Ne => link_test::<Ne>(a, b, span),
            CmpOp::Lt => link_test::<Lt>(a, b, span),
            CmpOp::Le => link_test::<Le>(a, b, span),
            CmpOp::Gt => link_test::<Gt>(a, b, span),
            CmpOp::Ge => link_test::<Ge>(a, b, span),
            CmpOp::Is => {
                let (a, b) = (a.into_expr(), b.into_expr());
                Box::new(move |vm, fr| {
                    let a = a(vm, fr)?;
                    let b = b(vm, fr)?;
                    Ok(a.is(&b))
                })
            }
            CmpOp::IsNot => {
                let (a, b) = (a.into_expr(), b.into_expr());
                Box::new(move |vm, fr| {
                    let a = a(vm, fr)?;
                    let b = b(vm, fr)?;
                    Ok(!a.is(&b))
                })
            }
            CmpOp::In | CmpOp::NotIn => {
                let (a, b) = (a.into_expr(), b.into_expr());
                let negate = op == CmpOp::NotIn;
                Box::new(move |vm, fr| {
                    let a = a(vm, fr)?;
                    let b = b(vm, fr)?;
                    let r = vm.contains(&b, &a);
                    Ok(located(vm, span, r)? != negate)
                })
            }
        }
    }

    /// A comparison of two operands as a value: script operators may give anything.
    pub fn compare_value(&mut self, op: CmpOp, a: &Expr, b: &Expr, span: Span) -> Ex {
        if self.threaded {
            return self.threaded_compare(op, a, b, span);
        }
        if matches!(op, CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn) {
            let test = self.compare_test(op, a, b, span);
            return Box::new(move |vm, fr| test(vm, fr).map(Value::bool));
        }
        let later = self.suspends(b);
        let (a, b) = (self.operand_before(a, later).into_expr(), self.operand(b).into_expr());
        Box::new(move |vm, fr| {
            let a = a(vm, fr)?;
            let b = b(vm, fr)?;
            let r = vm.compare(op, &a, &b);
            located(vm, span, r)
        })
    }

    /// `a < b < c`: each operand is evaluated once, the rest only while the comparisons hold.
    pub fn compare_chain(&mut self, first: &Expr, rest: &[(CmpOp, Expr)], span: Span) -> Ex {
        if let [(op, b)] = rest {
            return self.compare_value(*op, first, b, span);
        }
        if self.threaded {
            return self.threaded_chain(first, rest, span);
        }
        // While an operand suspends, its index and the value to its left wait in two slots.
        let slots = if self.any_suspends(rest.iter().map(|(_, e)| e)) { Some((self.temp(), self.temp())) } else { None };
        let first = self.expr(first);
        let rest: Vec<(CmpOp, Ex)> = rest.iter().map(|(op, e)| (*op, self.expr(e))).collect();
        Box::new(move |vm, fr| {
            let (start, mut left) = match slots.map(|(at, held)| (fr[at].take(), fr[held].take())) {
                Some((Value::Int(i), held)) => (i as usize, held),
                _ => (0, first(vm, fr)?),
            };
            let mut result = Value::True;
            for (i, (op, right)) in rest.iter().enumerate().skip(start) {
                let right = match right(vm, fr) {
                    Ok(v) => v,
                    Err(t) => {
                        if let (Some((at, held)), true) = (slots, vm.is_suspending()) {
                            (fr[at], fr[held]) = (Value::Int(i as i64), left);
                        }
                        return Err(t);
                    }
                };
                let r = vm.compare(*op, &left, &right);
                result = located(vm, span, r)?;
                if i + 1 < rest.len() {
                    let r = vm.truth(&result);
                    if !located(vm, span, r)? {
                        return Ok(result);
                    }
                }
                left = right;
            }
            Ok(result)
        })
    }
}

impl Operand {
    /// The value; names and constants need no call.
    #[inline(always)]
    pub fn eval(&self, vm: &mut Vm, fr: &mut [Value]) -> R {
        match self {
            Self::Local(slot, name) => match &fr[*slot] {
                Value::Unbound => Err(missing(vm, name)),
                v => Ok(v.clone()),
            },
            Self::Const(c) => Ok(c.clone()),
            Self::Global(g, span) => {
                let r = g.load(vm);
                located(vm, *span, r)
            }
            Self::Expr(e) => e(vm, fr),
        }
    }

    /// The operand as an expression.
    pub fn into_expr(self) -> Ex {
        match self {
            Self::Local(slot, name) => Box::new(move |vm, fr| match &fr[slot] {
                Value::Unbound => Err(missing(vm, &name)),
                v => Ok(v.clone()),
            }),
            Self::Const(c) => Box::new(move |_, _| Ok(c.clone())),
            Self::Global(g, span) => Box::new(move |vm, _| {
                let r = g.load(vm);
                located(vm, span, r)
            }),
            Self::Expr(e) => e,
        }
    }
}
