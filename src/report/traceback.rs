//! Reports of exceptions. Each begins with the line that CPython's traceback ends with; then come notes, the source with
//! the failing span, and the calls that led there. Causes stand before what they caused, in CPython's words.

use std::fmt::Write as _;
use std::rc::Rc;

use super::calls::{self, Style};
use super::headline::{headline, notes, type_name};
use super::lacking::lacking;
use super::{Snippet, render_snippets};
use crate::event_loop::clock::Clock;
use crate::source::{Source, Span};
use crate::types::exception::field;
use crate::types::exception_group::members_of;
use crate::value::{Ref, Value};
use crate::vm::Vm;
use crate::vm::errors::{exc_class, exc_data};

/// Causes shown at most, those nearest to the report's exception.
const MOST_CAUSES: usize = 30;
/// Exceptions of a group shown at most, and how deep groups are shown.
const MOST_MEMBERS: usize = 15;
const DEEPEST_GROUP: usize = 10;
/// A line number that a made-up `SyntaxError` may have at most to be shown.
const MOST_SOURCE_LINES: i64 = 1_000_000;

const CAUSED: &str = "The above exception was the direct cause of the following exception:";
const DURING: &str = "During handling of the above exception, another exception occurred:";

/// The report of an exception with its causes.
pub fn traceback_text(vm: &mut Vm, exc: &Ref) -> String {
    let style = Style { color: vm.host.color, width: vm.host.width };
    with_causes(vm, exc, style, 0)
}

/// The report of an exception that nobody caught: also says what corun lacks.
pub fn uncaught(vm: &mut Vm, exc: &Ref) -> String {
    let style = Style { color: vm.host.color, width: vm.host.width };
    let mut text = with_causes(vm, exc, style, 0);
    if let Some(note) = lacking(vm, exc) {
        let _ = writeln!(text, "  note: {note}");
    }
    text
}

/// The time on the script's clock, as the last line of a report; nothing at the start.
pub fn time_line(vm: &Vm) -> String {
    let now = vm.host.clock.now_ns();
    let seconds = now as f64 / 1e9;
    let text = match &vm.host.clock {
        Clock::Virtual(_) if now > 0 => format!("  at {seconds:.2} s on the virtual clock"),
        Clock::Real(_) if seconds >= 0.1 => format!("  at {seconds:.2} s on the real clock"),
        _ => return String::new(),
    };
    Style { color: vm.host.color, width: vm.host.width }.dim(&text) + "\n"
}

fn with_causes(vm: &mut Vm, exc: &Ref, style: Style, depth: usize) -> String {
    let mut chain: Vec<(Ref, &str)> = vec![(exc.clone(), "")];
    let mut link = exc.clone();
    while chain.len() <= MOST_CAUSES {
        let data = exc_data(&link);
        let (next, words) = match data.cause.borrow().clone() {
            Some(cause) => (Some(cause), CAUSED),
            None if data.suppress_context.get() => (None, ""),
            None => (data.context.borrow().clone(), DURING),
        };
        let Some(next) = next.filter(|n| chain.iter().all(|(e, _)| !Rc::ptr_eq(e, n))) else { break };
        chain.push((next.clone(), words));
        link = next;
    }
    let mut text = String::new();
    for (exc, words) in chain.iter().rev() {
        text.push_str(&alone(vm, exc, style, depth));
        if !words.is_empty() {
            let _ = writeln!(text, "\n{words}\n");
        }
    }
    text
}

/// One exception without its causes.
fn alone(vm: &mut Vm, exc: &Ref, style: Style, depth: usize) -> String {
    let line = headline(vm, exc);
    let name = type_name(vm, exc);
    let mut text = match line.strip_prefix(&*name) {
        Some(rest) => format!("{}{rest}\n", style.strong(&name)),
        None => format!("{line}\n"),
    };
    for note in notes(vm, exc) {
        text.push_str(&note);
        text.push('\n');
    }
    let trace = exc_data(exc).trace.borrow().clone();
    text.push_str(&refused_source(vm, exc, style));
    text.push_str(&calls::render(&trace, style));
    if exc_class(exc).is_subclass_of(&vm.types.base_exception_group) {
        text.push_str(&members(vm, exc, style, depth));
    }
    text
}

/// The exceptions of a group, framed as CPython does.
fn members(vm: &mut Vm, group: &Ref, style: Style, depth: usize) -> String {
    if depth >= DEEPEST_GROUP {
        return format!("  ... (max_group_depth is {DEEPEST_GROUP})\n");
    }
    let all = members_of(vm, &Value::Obj(group.clone()));
    let mut text = String::new();
    let inner = Style { width: style.width.saturating_sub(4), ..style };
    for (index, member) in all.iter().take(MOST_MEMBERS).enumerate() {
        let _ = writeln!(text, "  +---------------- {} ----------------", index + 1);
        if let Value::Obj(exc) = member {
            indent(&mut text, &with_causes(vm, exc, inner, depth + 1));
        }
    }
    if all.len() > MOST_MEMBERS {
        let more = all.len() - MOST_MEMBERS;
        let _ = writeln!(text, "  +---------------- ... ----------------\n  | and {more} more exception{}", if more == 1 { "" } else { "s" });
    }
    text.push_str("  +------------------------------------\n");
    text
}

fn indent(text: &mut String, block: &str) {
    for line in block.lines() {
        let line = format!("  | {line}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// The source that a `SyntaxError` is about, from its attributes.
fn refused_source(vm: &mut Vm, exc: &Ref, style: Style) -> String {
    if !exc_class(exc).is_subclass_of(&vm.types.syntax_error) {
        return String::new();
    }
    let exc = Value::Obj(exc.clone());
    let number = |vm: &mut Vm, name: &str| match field(vm, &exc, name) {
        Some(Value::Int(n)) => n,
        _ => 0,
    };
    let (line, column, end_line, end_column) = (number(vm, "lineno"), number(vm, "offset"), number(vm, "end_lineno"), number(vm, "end_offset"));
    let Some(text) = field(vm, &exc, "text").and_then(|t| t.as_str().map(str::to_owned)) else { return String::new() };
    let name = field(vm, &exc, "filename").and_then(|n| n.as_str().map(str::to_owned)).unwrap_or_else(|| "<string>".to_owned());
    if !(1..=MOST_SOURCE_LINES).contains(&line) {
        return String::new();
    }
    let before = line as usize - 1;
    let source = Source::new(&name, &format!("{}{text}", "\n".repeat(before)), true);
    let offset = |column: i64| (before + text.char_indices().nth(column.max(1) as usize - 1).map_or(text.len(), |(i, _)| i)) as u32;
    let start = offset(column);
    let end = if end_line == line && end_column > column { offset(end_column) } else { start };
    render_snippets(&source, &[Snippet { span: Span::new(start, end), label: String::new() }], None, style.color, style.width)
}
