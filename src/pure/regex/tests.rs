//! What the patterns of this table find, as CPython 3.11 finds it.

use super::{Error, Machine, Mode, compile};

fn spans(pattern: &str, text: &str) -> String {
    let regex = match compile(pattern, 0, false) {
        Ok(regex) => regex,
        Err(Error::Pattern(message, at)) => return format!("{message} {at:?}"),
        Err(other) => return format!("{other:?}"),
    };
    let mut machine = Machine::new(&regex.program, text, text.len());
    match machine.find(0, Mode::Search, false, &mut || true) {
        Ok(Some((start, end))) => {
            let groups: Vec<String> = (1..=regex.groups).map(|g| machine.group(g)).map(|(s, e)| text.get(s..e).unwrap_or("-").to_owned()).collect();
            format!("{start}-{end} {}", groups.join(","))
        }
        Ok(None) => "none".to_owned(),
        Err(stopped) => format!("{stopped:?}"),
    }
}

#[test]
fn finds_what_cpython_finds() {
    let table = [
        ("a|ab", "ab", "0-1 "),
        ("(a*)(ab)*b", "aab", "0-3 aa,-"),
        ("(a?)*b", "aab", "0-3 "),
        ("(a|b)*c", "abc", "0-3 b"),
        ("(?:(a)|b)*", "ab", "0-2 a"),
        ("x*?y", "xxy", "0-3 "),
        ("(?<=ab)c", "abc", "2-3 "),
        ("(?<!a)b", "abb", "2-3 "),
        ("(?=(a+))a*b\\1", "baaabac", "3-6 a"),
        ("(?>a+)ab", "aaab", "none"),
        ("a++b", "aaab", "0-4 "),
        ("a{2,3}?", "aaaa", "0-2 "),
        ("(?i)straße", "STRAßE", "0-7 "),
        ("\\bfoo\\b", "a foo b", "2-5 "),
        ("^b$", "a\nb", "none"),
        ("(?m)^b$", "a\nb\n", "2-3 "),
        ("a$", "ba\n", "1-2 "),
        ("a\\Z", "ba\n", "none"),
        ("(a)?(?(1)b|c)", "ac", "1-2 -"),
        ("(?P<x>a)(?P=x)", "aa", "0-2 a"),
        ("[^\\W\\d]+", "12ab", "2-4 "),
        ("(?s)a.b", "a\nb", "0-3 "),
        ("(?x) a b # c", "ab", "0-2 "),
        ("((a)|b)+?c", "abc", "0-3 b,a"),
        ("(a{0,2}){3}", "aaa", "0-3 "),
        ("()*?x", "x", "0-1 -"),
        ("((?=a)|b+?)??(a|c)*ac", "bac", "0-3 b,-"),
        ("(|a)+", "aaa", "0-0 "),
        ("(?!b)(?:a|(b))", "b", "none"),
    ];
    for (pattern, text, expected) in table {
        assert_eq!(spans(pattern, text), expected, "{pattern} in {text}");
    }
}

#[test]
fn complains_as_cpython_complains() {
    let table = [
        ("(", "missing ), unterminated subpattern Some(0)"),
        (")", "unbalanced parenthesis Some(0)"),
        ("*a", "nothing to repeat Some(0)"),
        ("a**", "multiple repeat Some(2)"),
        ("[a", "unterminated character set Some(0)"),
        ("[z-a]", "bad character range z-a Some(1)"),
        ("\\q", "bad escape \\q Some(0)"),
        ("a\\", "bad escape (end of pattern) Some(1)"),
        ("\\1", "invalid group reference 1 Some(1)"),
        ("(?P<1>a)", "bad character in group name '1' Some(4)"),
        ("(?P<a>a)(?P<a>b)", "redefinition of group name 'a' as group 2; was group 1 Some(12)"),
        ("a(?i)", "global flags not at the start of the expression Some(1)"),
        ("(?<=a*)b", "look-behind requires fixed-width pattern None"),
        ("a{3,2}", "min repeat greater than max repeat Some(2)"),
    ];
    for (pattern, expected) in table {
        assert_eq!(spans(pattern, ""), expected, "{pattern}");
    }
}
