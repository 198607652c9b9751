#![allow(clippy::print_stdout, reason = "a tool for developers that talks on standard output")]
//! Parses many sources for the comparison with CPython (`syntax.py` beside this file). Reads, on standard input,
//! sources as a line with the length in bytes followed by the bytes; prints a line for each: `ok`, or the diagnostics.
//! With `--dump` the answer is the tree instead of `ok`. With `--time FILE` it measures instead, with `--show FILE` it prints the report.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::time::Instant;

#[path = "dump.rs"]
mod dump;

use corun::source::Source;
use corun::syntax::{ParseOptions, parse_expression, parse_module};

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("--time") => time(args.get(1).map_or("", String::as_str)),
        Some("--show") => show(args.get(1).map_or("", String::as_str)),
        mode => compare(mode == Some("--eval")),
    }
}

fn compare(expression: bool) -> io::Result<()> {
    let mut input = BufReader::new(io::stdin().lock());
    let mut out = io::stdout().lock();
    let mut line = String::new();
    while input.read_line(&mut line)? != 0 {
        let mut bytes = vec![0; line.trim().parse().unwrap_or(0)];
        line.clear();
        input.read_exact(&mut bytes)?;
        let source = Source::new("<input>", &String::from_utf8_lossy(&bytes), true);
        writeln!(out, "{}", verdict(&source, expression))?;
        out.flush()?;
    }
    Ok(())
}

fn verdict(source: &Source, expression: bool) -> String {
    let options = ParseOptions::default();
    if std::env::args().any(|arg| arg == "--dump") {
        return parse_module(source, options).map_or_else(|d| d[0].message.clone(), |module| dump::dump(source, &module));
    }
    let result = if expression { parse_expression(source, options).map(drop) } else { parse_module(source, options).map(drop) };
    match result {
        Ok(()) => "ok".to_owned(),
        Err(diags) => {
            // Rendered as well, so that mutants also try the reports.
            assert!(corun::report::render_diags(source, &diags, diags.len() > 1, 80).contains(&diags[0].message));
            let shown = diags.iter().map(|d| format!("{}: {} @{}:{}", d.kind.class_name(), d.message, source.line(d.span.start), source.column(d.span.start)));
            shown.collect::<Vec<_>>().join("\t").replace('\n', "\\n")
        }
    }
}

fn show(path: &str) -> io::Result<()> {
    let source = Source::new(path, &String::from_utf8_lossy(&std::fs::read(path)?), true);
    if let Err(diags) = parse_module(&source, ParseOptions { top_level_await: true }) {
        print!("{}", corun::report::render_diags(&source, &diags, false, 80));
    }
    Ok(())
}

fn time(path: &str) -> io::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let source = Source::new(path, &text, true);
    for _ in 0..8 {
        let start = Instant::now();
        let parsed = parse_module(&source, ParseOptions::default());
        let parse = start.elapsed();
        let accepted = parsed.is_ok();
        drop(parsed);
        let all = start.elapsed();
        let speed = text.len() as f64 / parse.as_secs_f64() / 1e6;
        println!("ok={accepted} parse={parse:?} drop={:?} {speed:.1} MB/s", all.checked_sub(parse).unwrap_or_default());
    }
    Ok(())
}
