//! The syntax tree: what the grammar builds and the resolver and linker read. One line per node kind, the node
//! kinds of Python's own `ast` module; names are text, nothing is resolved.

use std::rc::Rc;

use crate::source::Span;

/// A name with its place; NFKC-normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The text.
    pub name: Rc<str>,
    /// Where it stands.
    pub span: Span,
}

/// A whole file, REPL entry or string given to `exec`.
#[derive(Debug, Default)]
pub struct Module {
    /// Its statements, a docstring included.
    pub body: Vec<Stmt>,
}

/// A statement with its place (the whole statement, blocks included).
#[derive(Debug)]
pub struct Stmt {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// An expression with its place.
#[derive(Debug)]
pub struct Expr {
    /// Where it stands; parentheses around it are not part of it, except for tuples and generators.
    pub span: Span,
    /// Height of the tree below, at most the parser's bound.
    pub depth: u16,
    /// Whether it stands in parentheses of its own.
    pub parenthesized: bool,
    /// What it is.
    pub kind: ExprKind,
}

/// The statement kinds.
#[derive(Debug)]
pub enum StmtKind {
    /// An expression by itself.
    Expr(Expr),
    /// `a = b = value`: the targets from left to right.
    Assign { targets: Vec<Expr>, value: Expr },
    /// `target op= value`.
    AugAssign { target: Expr, op: BinOp, value: Expr },
    /// `target: annotation = value`; `simple` for a bare name without parentheses.
    AnnAssign { target: Expr, annotation: Expr, value: Option<Expr>, simple: bool },
    /// `return value`.
    Return(Option<Expr>),
    /// `raise exc from cause`.
    Raise { exc: Option<Expr>, cause: Option<Expr> },
    /// `assert test, message`.
    Assert { test: Expr, message: Option<Expr> },
    /// `del a, b[0]`.
    Delete(Vec<Expr>),
    /// `pass`.
    Pass,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `global a, b`.
    Global(Vec<Ident>),
    /// `nonlocal a, b`.
    Nonlocal(Vec<Ident>),
    /// `import a.b as c, d`.
    Import(Vec<Alias>),
    /// `from ..a import b as c`; `level` counts the dots, names empty for `*`.
    ImportFrom { module: Option<Ident>, names: Vec<Alias>, star: bool, level: u32 },
    /// `if`/`elif`/`else`: the tests with their blocks, in order.
    If { branches: Vec<(Expr, Vec<Stmt>)>, orelse: Vec<Stmt> },
    /// `while test: body else: orelse`.
    While { test: Expr, body: Vec<Stmt>, orelse: Vec<Stmt> },
    /// `for target in iter: body else: orelse`.
    For { is_async: bool, target: Expr, iter: Expr, body: Vec<Stmt>, orelse: Vec<Stmt> },
    /// `with a as b, c: body`.
    With { is_async: bool, items: Vec<WithItem>, body: Vec<Stmt> },
    /// `try` in all forms; `star` for `except*`.
    Try { body: Vec<Stmt>, handlers: Vec<Handler>, star: bool, orelse: Vec<Stmt>, finally: Vec<Stmt> },
    /// `match subject: cases`.
    Match { subject: Expr, cases: Vec<MatchCase> },
    /// `def` and `async def`.
    FunctionDef(Rc<FunctionDef>),
    /// `class`.
    ClassDef(Box<ClassDef>),
}

/// `name as asname`; `name` may be dotted in `import`.
#[derive(Debug)]
pub struct Alias {
    /// What is imported, dots included.
    pub name: Ident,
    /// The name it gets.
    pub asname: Option<Ident>,
}

/// One manager of a `with`.
#[derive(Debug)]
pub struct WithItem {
    /// The manager.
    pub context: Expr,
    /// What follows `as`.
    pub target: Option<Expr>,
}

/// One `except` clause.
#[derive(Debug)]
pub struct Handler {
    /// The clause, body included.
    pub span: Span,
    /// What it catches; everything when absent.
    pub class: Option<Expr>,
    /// The name after `as`.
    pub name: Option<Ident>,
    /// Its block.
    pub body: Vec<Stmt>,
}

/// One `case`.
#[derive(Debug)]
pub struct MatchCase {
    /// The pattern.
    pub pattern: Pattern,
    /// The condition after `if`.
    pub guard: Option<Expr>,
    /// Its block.
    pub body: Vec<Stmt>,
}

/// A pattern with its place.
#[derive(Debug)]
pub struct Pattern {
    /// Where it stands.
    pub span: Span,
    /// Height of the tree below.
    pub depth: u16,
    /// What it is.
    pub kind: PatternKind,
}

/// The pattern kinds.
#[derive(Debug)]
pub enum PatternKind {
    /// A literal number or string, or a dotted name: compared with `==`.
    Value(Expr),
    /// `None`, `True`, `False`: compared with `is`.
    Singleton(Expr),
    /// `[a, *b]`, `(a, b)`, `a, b`.
    Sequence(Vec<Pattern>),
    /// `{key: pattern, **rest}`.
    Mapping { keys: Vec<Expr>, patterns: Vec<Pattern>, rest: Option<Ident> },
    /// `Class(a, b, name=c)`.
    Class { class: Expr, patterns: Vec<Pattern>, keywords: Vec<(Ident, Pattern)> },
    /// `*name` inside a sequence; `None` for `*_`.
    Star(Option<Ident>),
    /// `pattern as name`; a bare name without pattern; `_` with neither.
    As { pattern: Option<Box<Pattern>>, name: Option<Ident> },
    /// `a | b`.
    Or(Vec<Pattern>),
    /// Nested too deeply; a diagnostic was made.
    Invalid,
}

/// `def` and `async def`.
#[derive(Debug)]
pub struct FunctionDef {
    /// The name.
    pub name: Ident,
    /// Whether `async` stands before `def`.
    pub is_async: bool,
    /// Decorators, outermost first.
    pub decorators: Vec<Expr>,
    /// The parameters.
    pub params: Params,
    /// The annotation after `->`.
    pub returns: Option<Expr>,
    /// The block.
    pub body: Vec<Stmt>,
}

/// `class`.
#[derive(Debug)]
pub struct ClassDef {
    /// The name.
    pub name: Ident,
    /// Decorators, outermost first.
    pub decorators: Vec<Expr>,
    /// Bases and keywords, as in a call.
    pub args: Vec<Arg>,
    /// The block.
    pub body: Vec<Stmt>,
}

/// The parameters of a function, by kind.
#[derive(Debug, Default)]
pub struct Params {
    /// Before `/`.
    pub posonly: Vec<Param>,
    /// Plain parameters.
    pub args: Vec<Param>,
    /// `*args`.
    pub vararg: Option<Param>,
    /// After `*` or `*args`.
    pub kwonly: Vec<Param>,
    /// `**kwargs`.
    pub kwarg: Option<Param>,
}

/// One parameter.
#[derive(Debug)]
pub struct Param {
    /// The name.
    pub name: Ident,
    /// The annotation after `:`.
    pub annotation: Option<Expr>,
    /// The default after `=`.
    pub default: Option<Expr>,
}

/// One argument of a call or of a class statement.
#[derive(Debug)]
pub enum Arg {
    /// `value`.
    Pos(Expr),
    /// `*value`.
    Star(Expr),
    /// `name=value`.
    Keyword(Ident, Expr),
    /// `**value`.
    DoubleStar(Expr),
}

/// The expression kinds.
#[derive(Debug)]
pub enum ExprKind {
    /// A name.
    Name(Rc<str>),
    /// `None`.
    None,
    /// `True`.
    True,
    /// `False`.
    False,
    /// `...`.
    Ellipsis,
    /// An integer that fits 64 bits.
    Int(i64),
    /// A larger integer.
    BigInt(Box<num_bigint::BigInt>),
    /// A float.
    Float(f64),
    /// The imaginary part of a complex literal.
    Imaginary(f64),
    /// A string, adjacent literals joined.
    Str(Rc<str>),
    /// Bytes, adjacent literals joined.
    Bytes(Rc<[u8]>),
    /// An f-string, adjacent literals joined in.
    FString(Vec<FPart>),
    /// `a, b` and `()`; elements may be starred.
    Tuple(Vec<Expr>),
    /// `[a, b]`; elements may be starred.
    List(Vec<Expr>),
    /// `{a, b}`; elements may be starred.
    Set(Vec<Expr>),
    /// `{key: value, **other}`.
    Dict(Vec<DictItem>),
    /// `-a`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`.
    Binary(BinOp, Box<Expr>, Box<Expr>),
    /// `a and b and c`.
    And(Vec<Expr>),
    /// `a or b or c`.
    Or(Vec<Expr>),
    /// `a < b <= c`.
    Compare(Box<Expr>, Vec<(CmpOp, Expr)>),
    /// `then if test else orelse`.
    Conditional { test: Box<Expr>, then: Box<Expr>, orelse: Box<Expr> },
    /// `lambda params: body`.
    Lambda { params: Box<Params>, body: Rc<Expr> },
    /// `func(args)`.
    Call { func: Box<Expr>, args: Vec<Arg> },
    /// `value.name`.
    Attribute { value: Box<Expr>, name: Ident },
    /// `value[index]`; slices only inside, perhaps in a tuple.
    Subscript { value: Box<Expr>, index: Box<Expr> },
    /// `lower:upper:step`.
    Slice { lower: Option<Box<Expr>>, upper: Option<Box<Expr>>, step: Option<Box<Expr>> },
    /// `*value`.
    Starred(Box<Expr>),
    /// `await value`.
    Await(Box<Expr>),
    /// `yield value`.
    Yield(Option<Box<Expr>>),
    /// `yield from value`.
    YieldFrom(Box<Expr>),
    /// `target := value`.
    Walrus { target: Ident, value: Box<Expr> },
    /// `[element for ..]`.
    ListComp { element: Box<Expr>, clauses: Vec<CompClause> },
    /// `{element for ..}`.
    SetComp { element: Box<Expr>, clauses: Vec<CompClause> },
    /// `{key: value for ..}`.
    DictComp { key: Box<Expr>, value: Box<Expr>, clauses: Vec<CompClause> },
    /// `(element for ..)`.
    Generator { element: Box<Expr>, clauses: Vec<CompClause> },
    /// Nested too deeply or rejected; a diagnostic was made.
    Invalid,
}

/// One `for` of a comprehension with the `if`s that follow it.
#[derive(Debug)]
pub struct CompClause {
    /// Whether `async` stands before `for`.
    pub is_async: bool,
    /// What is assigned.
    pub target: Expr,
    /// What is iterated.
    pub iter: Expr,
    /// The conditions.
    pub conditions: Vec<Expr>,
}

/// One item of a dict display.
#[derive(Debug)]
pub enum DictItem {
    /// `key: value`.
    Pair(Expr, Expr),
    /// `**mapping`.
    Spread(Expr),
}

/// One piece of an f-string.
#[derive(Debug)]
pub enum FPart {
    /// Literal text, escapes and doubled braces resolved.
    Text(Rc<str>),
    /// `{value!r:spec}`; for `{value=}` the text before stands in a `Text` piece and `conversion` is `r` where Python adds it.
    Field { value: Expr, conversion: Option<char>, spec: Option<Vec<FPart>> },
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`.
    Neg,
    /// `+`.
    Pos,
    /// `~`.
    Invert,
    /// `not`.
    Not,
}

/// Binary operators, also of augmented assignments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinOp {
    /// `+`.
    Add,
    /// `-`.
    Sub,
    /// `*`.
    Mul,
    /// `@`.
    MatMul,
    /// `/`.
    Div,
    /// `//`.
    FloorDiv,
    /// `%`.
    Mod,
    /// `**`.
    Pow,
    /// `<<`.
    Shl,
    /// `>>`.
    Shr,
    /// `&`.
    And,
    /// `|`.
    Or,
    /// `^`.
    Xor,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CmpOp {
    /// `==`.
    Eq,
    /// `!=`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
    /// `is`.
    Is,
    /// `is not`.
    IsNot,
    /// `in`.
    In,
    /// `not in`.
    NotIn,
}
