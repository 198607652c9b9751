//! "Did you mean": which of the names that exist was probably meant, by CPython 3.11's rules (`Python/suggestions.c`).
//! Comes in: a name and candidates. Goes out: the nearest candidate, if one is near enough.

/// With so many candidates or more there is no suggestion.
const MAX_CANDIDATES: usize = 750;
/// Longer names (without what they share at both ends) are not compared.
const MAX_LENGTH: usize = 40;
/// The cost of inserting, deleting or exchanging a letter.
const MOVE_COST: usize = 2;
/// The cost of changing a letter's case.
const CASE_COST: usize = 1;

/// The candidate that is most like `name`; the first of several.
pub fn suggest<'c>(name: &str, candidates: &[&'c str]) -> Option<&'c str> {
    if candidates.len() >= MAX_CANDIDATES {
        return None;
    }
    let mut best: Option<(&'c str, usize)> = None;
    for &candidate in candidates.iter().filter(|c| **c != name) {
        // No more than a third of the letters may need a change, and a match must beat the one found before.
        let third = (name.len() + candidate.len() + 3) * MOVE_COST / 6;
        let bound = match best {
            Some((_, 0)) => break,
            Some((_, cost)) => third.min(cost - 1),
            None => third,
        };
        let cost = distance(name.as_bytes(), candidate.as_bytes(), bound);
        if cost <= bound {
            best = Some((candidate, cost));
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// The Levenshtein distance of two texts, or more than `bound` as soon as it must be more.
fn distance<'t>(mut a: &'t [u8], mut b: &'t [u8], bound: usize) -> usize {
    while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b)
        && x == y
    {
        (a, b) = (rest_a, rest_b);
    }
    while let ([rest_a @ .., x], [rest_b @ .., y]) = (a, b)
        && x == y
    {
        (a, b) = (rest_a, rest_b);
    }
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE_COST;
    }
    if a.len() > MAX_LENGTH || b.len() > MAX_LENGTH {
        return bound + 1;
    }
    if b.len() < a.len() {
        (a, b) = (b, a);
    }
    if (b.len() - a.len()) * MOVE_COST > bound {
        return bound + 1;
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|i| i * MOVE_COST).collect();
    let mut result = 0;
    for (index, &code) in b.iter().enumerate() {
        let mut diagonal = index * MOVE_COST;
        result = diagonal;
        let mut least = usize::MAX;
        for (cell, &other) in row.iter_mut().zip(a) {
            let exchanged = diagonal + exchange_cost(code, other);
            diagonal = *cell;
            result = exchanged.min(result.min(diagonal) + MOVE_COST);
            *cell = result;
            least = least.min(result);
        }
        if least > bound {
            return bound + 1;
        }
    }
    result
}

fn exchange_cost(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

#[cfg(test)]
mod tests {
    use super::suggest;

    /// Checked against CPython 3.11.7: `AttributeError("", name=name, obj=o)`, where `dir(o)` gives the candidates.
    #[test]
    fn suggestions_are_cpythons() {
        let table: &[(&str, &[&str], Option<&str>)] = &[
            ("mesage", &["message"], Some("message")),
            ("lenght", &["len", "length"], Some("length")),
            ("pritn", &["print", "sprint"], Some("print")),
            ("x", &["y", "z"], None),
            ("xy", &["xz", "yx"], Some("xz")),
            ("foo", &["Foo", "fooo"], Some("Foo")),
            ("FOO", &["foo", "food"], Some("foo")),
            ("ab", &["abcdef"], None),
            ("appendd", &["append", "extend"], Some("append")),
            (
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                &["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"],
                Some("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
            ),
            ("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", &["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], None),
            ("batery", &["battery", "lottery"], Some("battery")),
            ("커피", &["커비", "커피숍"], Some("커피숍")),
            ("이릅", &["이름"], Some("이름")),
            ("names", &["name", "named"], Some("name")),
            ("get_valeu", &["get_value", "set_value"], Some("get_value")),
            ("same", &["same"], None),
            ("same", &["same", "sane"], Some("sane")),
            ("_x", &["x"], Some("x")),
            ("q", &["Q"], Some("Q")),
            ("abc", &["cab", "xabc"], Some("xabc")),
            ("", &["a"], None),
            ("self", &["shelf"], Some("shelf")),
            ("upate", &["date", "update"], Some("update")),
            ("color", &["colour", "dolor"], Some("colour")),
            ("i", &["a", "b", "j"], None),
            ("ii", &["a", "ij"], Some("ij")),
            ("camelCase", &["camel_case", "camelcase"], Some("camelcase")),
            ("HTTPServer", &["HttpServer", "httpserver"], Some("HttpServer")),
            ("[a]", &["{a}"], None),
            ("a@b", &["a`b"], Some("a`b")),
        ];
        for (name, candidates, expected) in table {
            assert_eq!(suggest(name, candidates), *expected, "{name} among {candidates:?}");
        }
    }

    #[test]
    fn too_many_candidates_give_none() {
        let names: Vec<String> = (0..750).map(|i| format!("name{i}")).collect();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(suggest("name0x", &all), None);
        assert_eq!(suggest("name0x", &all[..749]), Some("name0"));
    }
}
