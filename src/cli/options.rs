//! The command line as data: options stand before the script's name, what follows it belongs to the script.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::error::ErrorKind;
use clap::{ColorChoice, Parser, ValueEnum};

use crate::event_loop::clock::Clock;

/// Words that will be subcommands; a script of such a name is run as `./check`.
const SUBCOMMANDS: &[&str] = &["check", "test"];

/// When reports are coloured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

/// What runs.
#[derive(PartialEq, Eq, Debug)]
pub enum Input {
    /// A script file.
    File(PathBuf),
    /// The text after `-c`.
    Code(String),
    /// Standard input.
    Stdin,
    /// The REPL.
    Terminal,
}

/// Runs coroutine scripts: Python's syntax and meaning, asyncio built in, time under control.
#[derive(Parser)]
#[command(
    name = "corun",
    version,
    override_usage = "corun [OPTIONS] FILE [ARGS]...\n       corun [OPTIONS] -c CODE [ARGS]...\n       corun [OPTIONS] -\n       corun [OPTIONS]",
    after_help = "Without FILE, corun starts a REPL on a terminal and else runs standard input.",
    styles = Styles::styled().header(AnsiColor::Green.on_default().bold()).literal(AnsiColor::Cyan.on_default()),
)]
struct Arguments {
    /// Where time comes from: real, virtual, or real*N (N times as fast) [default: $CORUN_CLOCK or real]
    #[arg(long, value_name = "CLOCK", value_parser = checked_clock)]
    clock: Option<String>,

    /// Seed of unseeded randomness on the virtual clock
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Colours in reports
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, hide_possible_values = true, help = "Colours in reports: auto, always or never")]
    color: Color,

    /// Ends the run after about N steps (calls and rounds of loops)
    #[arg(long, value_name = "N")]
    max_steps: Option<u64>,

    /// Nested calls at most
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    recursion_limit: u32,

    /// Runs CODE; all that follows is for the script
    #[arg(short = 'c', value_name = "CODE", num_args = 1.., allow_hyphen_values = true)]
    code: Option<Vec<String>>,

    /// The script (`-` for standard input) and its arguments
    #[arg(value_name = "FILE", trailing_var_arg = true, allow_hyphen_values = false)]
    file: Vec<std::ffi::OsString>,
}

/// The command line, understood.
pub struct Options {
    pub clock: Clock,
    pub seed: u64,
    pub color: Color,
    pub max_steps: Option<u64>,
    pub recursion_limit: u32,
    pub input: Input,
    /// `sys.argv` behind its first item.
    pub args: Vec<String>,
}

fn checked_clock(text: &str) -> Result<String, crate::event_loop::clock::BadClock> {
    text.parse::<Clock>().map(|_| text.to_owned())
}

/// Understands the process's command line.
///
/// # Errors
/// A message for standard output (`--help`, `--version`) or standard error (a usage error).
pub fn read() -> Result<Options, clap::Error> {
    parse(std::env::args_os(), std::env::var("CORUN_CLOCK").ok(), std::io::stdin().is_terminal())
}

fn parse(words: impl Iterator<Item = std::ffi::OsString>, clock_variable: Option<String>, on_terminal: bool) -> Result<Options, clap::Error> {
    let mut command = <Arguments as clap::CommandFactory>::command();
    if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) {
        command = command.color(ColorChoice::Never);
    }
    let mut matches = command.try_get_matches_from_mut(words)?;
    let arguments = <Arguments as clap::FromArgMatches>::from_arg_matches_mut(&mut matches)?;
    let clock = match (arguments.clock, clock_variable) {
        (Some(text), _) => text.parse(),
        (None, Some(text)) if !text.is_empty() => text.parse(),
        _ => Ok(Clock::new_real(1.0)),
    };
    let clock = clock.map_err(|e| command.error(ErrorKind::InvalidValue, format!("in CORUN_CLOCK: {e}")))?;
    let mut words = arguments.file.into_iter();
    let text = |w: std::ffi::OsString| w.to_string_lossy().into_owned();
    let (input, args) = if let Some(code) = arguments.code {
        let mut code = code.into_iter();
        let input = Input::Code(code.next().unwrap_or_default());
        (input, code.chain(words.map(text)).collect())
    } else {
        let input = match words.next() {
            Some(word) if word == "-" => Input::Stdin,
            Some(word) => Input::File(word.into()),
            None if on_terminal => Input::Terminal,
            None => Input::Stdin,
        };
        (input, words.map(text).collect())
    };
    if let Input::File(path) = &input
        && let Some(name) = SUBCOMMANDS.iter().find(|name| path.as_os_str() == **name)
    {
        let text = format!("`corun {name}` is not there yet; a script of this name is run as `corun ./{name}`");
        return Err(command.error(ErrorKind::InvalidSubcommand, text));
    }
    Ok(Options { clock, seed: arguments.seed, color: arguments.color, max_steps: arguments.max_steps, recursion_limit: arguments.recursion_limit, input, args })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Options, clap::Error> {
        parse(std::iter::once("corun").chain(words.iter().copied()).map(Into::into), None, true)
    }

    #[test]
    fn what_follows_the_script_belongs_to_it() {
        let file = |name: &str| Input::File(name.into());
        let table: &[(&[&str], Input, &[&str])] = &[
            (&[], Input::Terminal, &[]),
            (&["a.co"], file("a.co"), &[]),
            (&["a.co", "--clock", "x", "-c", "-h"], file("a.co"), &["--clock", "x", "-c", "-h"]),
            (&["--clock", "virtual", "a.co", "1", "--", "2"], file("a.co"), &["1", "--", "2"]),
            (&["-", "x", "-y"], Input::Stdin, &["x", "-y"]),
            (&["-c", "print(1)"], Input::Code("print(1)".into()), &[]),
            (&["-c", "-1", "--clock", "z", "-c", "--help"], Input::Code("-1".into()), &["--clock", "z", "-c", "--help"]),
            (&["--seed=3", "-cprint(1)", "x"], Input::Code("print(1)".into()), &["x"]),
            (&["./test"], file("./test"), &[]),
        ];
        for (words, input, args) in table {
            match read(words) {
                Ok(options) => assert!(options.input == *input && options.args == *args, "{words:?}: {:?} {:?}", options.input, options.args),
                Err(e) => panic!("{words:?}: {e}"),
            }
        }
    }

    #[test]
    fn usage_errors_tell_what_is_good() {
        let table: &[(&[&str], &str)] = &[
            (&["--clock", "fast", "a.co"], "`real`, `virtual` or `real*N`"),
            (&["--color", "red", "a.co"], "auto, always, never"),
            (&["--clok", "real", "a.co"], "--clock"),
            (&["--recursion-limit", "0", "a.co"], "1.."),
            (&["--max-steps", "many", "a.co"], "invalid"),
            (&["-c"], "CODE"),
            (&["check"], "./check"),
        ];
        for (words, part) in table {
            let text = read(words).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains(part), "{words:?}: {text}");
        }
    }

    #[test]
    fn the_clock_variable_is_a_default() {
        let with = |words: &[&str], value: &str| parse(std::iter::once("corun").chain(words.iter().copied()).map(Into::into), Some(value.into()), true);
        assert!(with(&[], "virtual").is_ok_and(|o| o.clock.is_virtual()));
        assert!(with(&["--clock", "real"], "virtual").is_ok_and(|o| !o.clock.is_virtual()));
        assert!(with(&[], "").is_ok_and(|o| !o.clock.is_virtual()));
        assert!(with(&[], "warp").err().is_some_and(|e| e.to_string().contains("CORUN_CLOCK")));
    }
}
