//! Tables of sources and outcomes. `tests/differential` compares far more of them with CPython, by hand.

use super::ast::{ExprKind, FPart, StmtKind};
use super::*;

fn messages(text: &str, options: ParseOptions) -> Vec<String> {
    let source = Source::new("t", text, true);
    let diags = parse_module(&source, options).err().unwrap_or_default();
    diags.iter().map(|d| format!("{} {}:{} {}", d.kind.class_name(), source.line(d.span.start), source.column(d.span.start), d.message)).collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(messages(text, ParseOptions::default()), expected, "{text:?}");
}

fn expression(text: &str) -> ast::Expr {
    parse_expression(&Source::new("t", text, true), ParseOptions::default()).unwrap_or_else(|d| panic!("{text:?}: {d:?}"))
}

#[test]
fn lexical_errors_have_cpythons_words() {
    let table: &[(&str, &str)] = &[
        ("x = (1\ny = 2\n", "SyntaxError 1:5 '(' was never closed"),
        ("x = 1)", "SyntaxError 1:6 unmatched ')'"),
        ("x = (1]", "SyntaxError 1:7 closing parenthesis ']' does not match opening parenthesis '('"),
        ("x = (\n]", "SyntaxError 2:1 closing parenthesis ']' does not match opening parenthesis '(' on line 1"),
        ("x = 'a\n", "SyntaxError 1:5 unterminated string literal (detected at line 1)"),
        ("x = '''a\n\n", "SyntaxError 1:5 unterminated triple-quoted string literal (detected at line 2)"),
        ("if x:\n    y\n  z\n", "IndentationError 3:1 unindent does not match any outer indentation level"),
        ("if x:\n        y\n\tz\n", "TabError 3:1 inconsistent use of tabs and spaces in indentation"),
        ("x = 1，2", "SyntaxError 1:6 invalid character '，' (U+FF0C)"),
        ("x =\u{a0}1", "SyntaxError 1:4 invalid non-printable character U+00A0"),
        ("x = \\ 1", "SyntaxError 1:6 unexpected character after line continuation character"),
        ("x = 012", "SyntaxError 1:5 leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers"),
        ("x = 1__0", "SyntaxError 1:6 invalid decimal literal"),
        ("f'{a'", "SyntaxError 1:5 f-string: expecting '}'"),
        ("f'}'", "SyntaxError 1:3 f-string: single '}' is not allowed"),
        ("f'{}'", "SyntaxError 1:4 f-string: empty expression not allowed"),
        ("'\\ud800'", "SyntaxError 1:2 lone surrogates are not supported in string literals"),
        ("b'é'", "SyntaxError 1:3 bytes can only contain ASCII literal characters"),
    ];
    for (text, expected) in table {
        check(text, &[expected]);
    }
}

#[test]
fn parse_failures_are_explained() {
    let table: &[(&str, &str)] = &[
        ("if x\n    y\n", "SyntaxError 1:5 expected ':'"),
        ("if x:\ny\n", "IndentationError 2:1 expected an indented block after 'if' statement on line 1"),
        ("x\n    y\n", "IndentationError 2:1 unexpected indent"),
        ("if x = 1: y", "SyntaxError 1:4 invalid syntax. Maybe you meant '==' or ':=' instead of '='?"),
        ("print 1", "SyntaxError 1:1 Missing parentheses in call to 'print'. Did you mean print(...)?"),
        ("f(a b)", "SyntaxError 1:3 invalid syntax. Perhaps you forgot a comma?"),
        ("x = 1 if 2", "SyntaxError 1:5 expected 'else' after 'if' expression"),
        ("{1: 2, 3}", "SyntaxError 1:8 ':' expected after dictionary key"),
        ("def f((a, b)): pass", "SyntaxError 1:7 Function parameters cannot be parenthesized"),
        ("from a import b,", "SyntaxError 1:16 trailing comma not allowed without surrounding parentheses"),
        ("x y", "SyntaxError 1:3 invalid syntax"),
        ("try:\n    x\ny\n", "SyntaxError 1:1 expected 'except' or 'finally' block"),
    ];
    for (text, expected) in table {
        check(text, &[expected]);
    }
}

#[test]
fn the_checker_refuses_what_the_grammar_lets_pass() {
    let table: &[(&str, &str)] = &[
        ("f() = 1", "SyntaxError 1:1 cannot assign to function call here. Maybe you meant '==' instead of '='?"),
        ("(a, b) += 1", "SyntaxError 1:1 'tuple' is an illegal expression for augmented assignment"),
        ("del f()", "SyntaxError 1:5 cannot delete function call"),
        ("f(a=1, 2)", "SyntaxError 1:8 positional argument follows keyword argument"),
        ("def f(a=1, b): pass", "SyntaxError 1:12 non-default argument follows default argument"),
        ("def f(a, a): pass", "SyntaxError 1:10 duplicate argument 'a' in function definition"),
        ("return", "SyntaxError 1:1 'return' outside function"),
        ("await x", "SyntaxError 1:1 'await' outside function"),
        ("def f():\n    await x", "SyntaxError 2:5 'await' outside async function"),
        ("break", "SyntaxError 1:1 'break' outside loop"),
        ("x = 1\nglobal x", "SyntaxError 2:8 name 'x' is assigned to before global declaration"),
        ("def f():\n    nonlocal x", "SyntaxError 2:14 no binding for nonlocal 'x' found"),
        ("match x:\n    case _: pass\n    case 1: pass", "SyntaxError 2:10 wildcard makes remaining patterns unreachable"),
        ("[x async for x in y]", "SyntaxError 1:1 asynchronous comprehension outside of an asynchronous function"),
    ];
    for (text, expected) in table {
        check(text, &[expected]);
    }
}

#[test]
fn top_level_await_is_an_option() {
    let options = ParseOptions { top_level_await: true };
    let texts = ["await x", "async for x in y: pass", "async with x: pass", "[x async for x in y]", "[await x for x in y]"];
    for text in texts {
        assert_eq!(messages(text, options), Vec::<String>::new(), "{text}");
        assert_eq!(messages(text, ParseOptions::default()).len(), 1, "{text}");
    }
    assert_eq!(messages("def f():\n    await x", options).len(), 1);
    assert_eq!(messages("class A:\n    await x", options).len(), 1);
}

#[test]
fn literals_have_pythons_values() {
    let table: &[(&str, &str)] = &[
        (r#""a" 'b'"#, "Str(\"ab\")"),
        (r"'\x41\u00e9\n\N{BULLET}\d'", "Str(\"Aé\\n•\\\\d\")"),
        (r"rb'\n' b'\x00'", "Bytes([92, 110, 0])"),
        ("0x_ff", "Int(255)"),
        ("1_0e1", "Float(100.0)"),
        ("2j", "Imaginary(2.0)"),
        ("9223372036854775808", "BigInt(9223372036854775808)"),
        ("'a\\\nb'", "Str(\"ab\")"),
    ];
    for (text, expected) in table {
        assert_eq!(format!("{:?}", expression(text).kind), *expected, "{text}");
    }
}

#[test]
fn fields_of_fstrings_follow_pep_701() {
    let table: &[(&str, &[&str])] = &[
        ("f'a{b}c'", &["a", "{-}", "c"]),
        ("f'{b!r}{{'", &["{r}", "{"]),
        ("f'{b = }'", &["b = ", "{r}"]),
        ("f'{b=:>3}'", &["b=", "{-:}"]),
        ("f'{b:{w}}' 'x'", &["{-:}", "x"]),
        ("f'{d['k']}'", &["{-}"]),
        ("f'{'\\n'.join(x)}'", &["{-}"]),
        ("f'''{\n  b  # why\n}'''", &["{-}"]),
        ("rf'\\{b}\\''", &["\\", "{-}", "\\'"]),
        ("f'{a != b}{(lambda x: 1)}'", &["{-}", "{-}"]),
    ];
    for (text, expected) in table {
        let ExprKind::FString(parts) = expression(text).kind else { panic!("{text}") };
        let shown: Vec<String> = parts
            .iter()
            .map(|part| match part {
                FPart::Text(text) => text.to_string(),
                FPart::Field { conversion, spec, .. } => format!("{{{}{}}}", conversion.unwrap_or('-'), if spec.is_some() { ":" } else { "" }),
            })
            .collect();
        assert_eq!(shown, *expected, "{text}");
    }
}

#[test]
fn soft_keywords_stay_names_elsewhere() {
    let texts = [
        "match = 1",
        "match.x = 1",
        "match(x)",
        "match[1:2]",
        "case = 2",
        "print(match, case)",
        "match: int",
        "asé = ifé = 이름",
        "match x:\n    case 1: pass",
    ];
    for text in texts {
        check(text, &[]);
    }
}

#[test]
fn a_statement_spans_its_blocks() {
    let source = Source::new("t", "if a:\n    b\nelse:\n    c\nd\n", true);
    let module = parse_module(&source, ParseOptions::default()).unwrap_or_default();
    let spans: Vec<_> = module.body.iter().map(|s| (s.span.start, s.span.end)).collect();
    assert_eq!(spans, [(0, 23), (24, 25)]);
    assert!(matches!(module.body.first().map(|s| &s.kind), Some(StmtKind::If { .. })));
}

#[test]
fn completeness_of_repl_entries() {
    use Completeness::{Complete, Incomplete, Invalid};
    let table = [
        ("x = 1\n", Complete),
        ("", Complete),
        ("x = (1,\n", Incomplete),
        ("x = '''a\n", Incomplete),
        ("x = 1 + \\\n", Incomplete),
        ("x = 1 + \\", Incomplete),
        ("if x:\n", Incomplete),
        ("if x:\n    y\n", Incomplete),
        ("if x:\n    y", Incomplete),
        ("if x:\n    y\n\n", Complete),
        ("if x:\n    y\n    \n", Complete),
        ("@decorator\n", Incomplete),
        ("@decorator\ndef f():\n", Incomplete),
        ("f'''{x}\n", Incomplete),
        ("f'{(x,\n", Incomplete),
        ("x = = 1\n", Invalid),
        ("x = 'a\n", Invalid),
        (")\n", Invalid),
        ("def f(x)\n", Invalid),
        ("try:\n    x\n", Incomplete),
    ];
    for (text, expected) in table {
        assert_eq!(completeness(&Source::new("t", text, true)), expected, "{text:?}");
    }
}

#[test]
fn deep_nesting_ends_in_a_diagnostic_or_a_shallow_tree() {
    let texts = [
        "(".repeat(100_000),
        format!("{}1", "-".repeat(100_000)),
        format!("{}1", "-".repeat(995)),
        format!("1{}", "+1".repeat(990)),
        format!("a{}", ".b".repeat(990)),
        format!("a{}", "()".repeat(990)),
        format!("{}1", "lambda: ".repeat(990)),
        format!("{}1", "1 if 1 else ".repeat(990)),
        format!("{}x{}", "[".repeat(150), " for a in b]".repeat(150)),
        (0..99).fold(String::new(), |text, i| text + &" ".repeat(i) + "def f():\n") + &" ".repeat(99) + "-".repeat(900).as_str() + "1",
        format!("f'{}'", "{a:{b}}".repeat(5000)),
    ];
    for text in texts {
        let run = std::thread::Builder::new().stack_size(2 << 20).spawn(move || messages(&text, ParseOptions::default()).len());
        assert!(run.is_ok_and(|thread| thread.join().is_ok()));
    }
}

#[test]
fn no_prefix_of_a_script_panics() {
    let script = include_str!("../../tests/differential/valid.txt");
    for (end, _) in script.char_indices() {
        let text = script.get(..end).unwrap_or("");
        let source = Source::new("t", text.rsplit("----\n").next().unwrap_or(text), true);
        let _ = (parse_module(&source, ParseOptions::default()), completeness(&source));
    }
}
