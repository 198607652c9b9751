//! What `traceback.co` needs from the interpreter: the places of a traceback, and where the operator of an expression
//! stands. Comes in: traceback objects, source text. Goes out: tuples and numbers.

use unicode_width::UnicodeWidthChar;

use crate::source::Source;
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::{ParseOptions, parse_expression};
use crate::value::exc::TraceEntry;
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;

/// The natives of the module.
pub const NATIVES: &[Builtin] = &[
    Builtin::new("_places", "(traceback, /)", places, ""),
    Builtin::new("_stack", "()", stack, ""),
    Builtin::new("_anchors", "(segment, /)", anchors, ""),
    Builtin::new("_width", "(text, /)", width, ""),
];

/// What is there when the module's text runs.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    super::functions(NATIVES, "traceback")
}

/// `_places(tb)`: for each frame outside corun's own library, from the outermost inwards.
fn places(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(Kind::Traceback(t)) = a[0].kind() else { return Ok(Vec::new().into()) };
    let shown = t.entries.iter().skip(t.index).filter(|e| !e.code.source.library);
    Ok(shown.map(place).collect::<Vec<_>>().into())
}

/// `_stack()`: the same for the frames that are under way, as far as the program was linked to tell.
fn stack(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(vm.calling_frames().iter().rev().map(|(entry, _)| place(entry)).collect::<Vec<_>>().into())
}

/// `(file, line, function, last line, column, end column, text of the line)`; columns are nothing where all of the line failed.
fn place(entry: &TraceEntry) -> Value {
    let source = &entry.code.source;
    let (line, last) = (source.line(entry.span.start), source.line(entry.span.end));
    // CPython does not find the text of code that is in no file.
    let text = if source.name.starts_with('<') { "" } else { source.line_text(line) };
    let columns = (source.column(entry.span.start) - 1, source.column(entry.span.end) - 1);
    let (from, to) = marked(text, columns).map_or((Value::None, Value::None), |(from, to)| (from.into(), to.into()));
    let name = Value::from(entry.code.name.text());
    Obj::tuple(vec![Value::from(&*path_of(source)), line.into(), name, last.into(), from, to, Value::from(text)]).into()
}

/// The columns that CPython marks: a whole `import`, and nothing for the head of a `for` or `class`.
fn marked(line: &str, (from, to): (usize, usize)) -> Option<(usize, usize)> {
    let before: String = line.chars().take(from).collect();
    let start = before.rfind([';', ':']).map_or(0, |i| i + 1);
    let statement = before.get(start..)?.trim_start();
    let is_head = statement.starts_with("for ") || statement.starts_with("async for ");
    if is_head && statement.trim_end().ends_with(" in") || statement.is_empty() && line.trim_start().starts_with("class ") {
        return None;
    }
    if statement.starts_with("import ") || statement.starts_with("from ") {
        let from = from - statement.chars().count();
        let all = line.chars().skip(from).take_while(|c| !matches!(c, ';' | '#')).collect::<String>();
        return Some((from, from + all.trim_end().chars().count()));
    }
    Some((from, to))
}

/// The file of a source, from the root, as CPython names the main script.
fn path_of(source: &Source) -> String {
    if source.name.starts_with('<') {
        return source.name.to_string();
    }
    std::path::absolute(&*source.name).map_or_else(|_| source.name.to_string(), |p| p.to_string_lossy().into_owned())
}

/// `_anchors(segment)`: the columns before which an operator begins and ends, the brackets of a subscript, or nothing.
fn anchors(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let text = a[0].as_str().unwrap_or_default().to_owned();
    let found = parse_expression(&Source::new("<segment>", &text, false), ParseOptions::default()).ok();
    let column = |offset: usize| Value::from(text.get(..offset).map_or(0, |t| t.chars().count()));
    Ok(found.and_then(|e| around(&e, &text)).map_or(Value::None, |(from, to)| Obj::tuple(vec![column(from), column(to)]).into()))
}

/// `_width(text)`: columns of a terminal, where wide characters take two.
fn width(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let text = a[0].as_str().unwrap_or_default();
    Ok(text.chars().map(|c| if c.width() == Some(2) { 2usize } else { 1 }).sum::<usize>().into())
}

fn around(expr: &Expr, text: &str) -> Option<(usize, usize)> {
    match &expr.kind {
        ExprKind::Binary(_, left, right) => operator(text, left.span.end as usize, right.span.start as usize),
        ExprKind::Subscript { value, index } => {
            let open = value.span.end as usize + text.get(value.span.end as usize..)?.find('[')?;
            let close = index.span.end as usize + text.get(index.span.end as usize..)?.find(']')?;
            Some((open, close + 1))
        }
        _ => None,
    }
}

/// The operator between two operands, which may stand in parentheses.
fn operator(text: &str, from: usize, to: usize) -> Option<(usize, usize)> {
    let between = text.get(from..to)?;
    let outside = between.find(|c: char| !c.is_whitespace() && !matches!(c, ')' | '#' | '\\'))?;
    let sign = between.get(outside..)?;
    let length = sign.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(sign.len());
    Some((from + outside, from + outside + length))
}
