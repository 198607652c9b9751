//! `strptime`: a text and a format come in, calendar fields or CPython's complaint go out. Directives are tried like the
//! alternatives of a regular expression, with backtracking.

use super::calendar::{DAYS, MONTHS, date_from_days, days_from_date};
use super::repr::repr_str;

/// What a text says of a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub microsecond: i64,
    /// Monday is 0.
    pub weekday: i64,
    pub yearday: i64,
    /// The zone's name by `%Z`.
    pub zone: Option<String>,
    /// The offset by `%z` in microseconds.
    pub offset: Option<i64>,
}

/// A part of a format.
enum Part {
    Space,
    Char(char),
    Directive(char),
}

/// What the directives matched, by their letters.
type Found<'a> = Vec<(char, &'a str)>;

/// Steps of backtracking at most: each directive has a handful of alternatives.
const STEPS: usize = 200_000;

/// The fields of a text by a format.
///
/// # Errors
///
/// A complaint in the words of CPython's `ValueError`.
pub fn strptime(text: &str, format: &str) -> Result<Parsed, String> {
    let parts = parts_of(format)?;
    let mut found = Vec::new();
    let mut steps = STEPS;
    let Some(rest) = match_parts(&parts, text, &mut found, &mut steps) else {
        return Err(format!("time data {} does not match format {}", repr_str(text), repr_str(format)));
    };
    if !rest.is_empty() {
        return Err(format!("unconverted data remains: {rest}"));
    }
    Fields::read(&found)?.complete()
}

fn parts_of(format: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut seen = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            while chars.next_if(|c| c.is_whitespace()).is_some() {}
            parts.push(Part::Space);
            continue;
        }
        if c != '%' {
            parts.push(Part::Char(c));
            continue;
        }
        let Some(directive) = chars.next() else { return Err(format!("stray % in format {}", repr_str(format))) };
        match directive {
            'c' => parts.extend(parts_of("%a %b %d %H:%M:%S %Y")?),
            'x' => parts.extend(parts_of("%m/%d/%y")?),
            'X' => parts.extend(parts_of("%H:%M:%S")?),
            '%' => parts.push(Part::Char('%')),
            'A' | 'a' | 'B' | 'b' | 'd' | 'f' | 'G' | 'H' | 'I' | 'j' | 'm' | 'M' | 'p' | 'S' | 'u' | 'U' | 'V' | 'w' | 'W' | 'y' | 'Y' | 'z' | 'Z' => {
                if seen.contains(directive) {
                    return Err(format!("directive '%{directive}' appears twice in format {}", repr_str(format)));
                }
                seen.push(directive);
                parts.push(Part::Directive(directive));
            }
            other => {
                let bad = if other.is_whitespace() { '%' } else { other };
                return Err(format!("'{bad}' is a bad directive in format {}", repr_str(format)));
            }
        }
    }
    Ok(parts)
}

/// Matches the parts at the start of a text; gives what is left.
fn match_parts<'a>(parts: &[Part], text: &'a str, found: &mut Found<'a>, steps: &mut usize) -> Option<&'a str> {
    *steps = steps.checked_sub(1)?;
    let Some((first, others)) = parts.split_first() else { return Some(text) };
    match first {
        Part::Char(c) => {
            let given = text.chars().next()?;
            let same = given == *c || given.to_lowercase().eq(c.to_lowercase());
            if same { match_parts(others, &text[given.len_utf8()..], found, steps) } else { None }
        }
        Part::Space => {
            let mut end = text.len() - text.trim_start().len();
            while end > 0 {
                if let Some(rest) = match_parts(others, &text[end..], found, steps) {
                    return Some(rest);
                }
                end -= text[..end].chars().next_back().map_or(end, char::len_utf8);
            }
            None
        }
        Part::Directive(d) => {
            for end in candidates(*d, text) {
                found.push((*d, &text[..end]));
                if let Some(rest) = match_parts(others, &text[end..], found, steps) {
                    return Some(rest);
                }
                found.pop();
            }
            None
        }
    }
}

/// How many bytes a directive may take, in the order in which that is tried.
fn candidates(directive: char, text: &str) -> Vec<usize> {
    let b = text.as_bytes();
    let number = |low: i64, high: i64, lengths: &[usize]| -> Vec<usize> {
        let fits = |&len: &usize| b.get(..len).is_some_and(|s| s.iter().all(u8::is_ascii_digit)) && (low..=high).contains(&int(&text[..len]));
        lengths.iter().copied().filter(fits).collect()
    };
    match directive {
        'd' => {
            let mut found = number(1, 31, &[2, 1]);
            if b.first() == Some(&b' ') && b.get(1).is_some_and(|c| (b'1'..=b'9').contains(c)) {
                found.push(2);
            }
            found
        }
        'f' => number(0, 999_999, &[6, 5, 4, 3, 2, 1]),
        'H' => number(0, 23, &[2, 1]),
        'I' | 'm' => number(1, 12, &[2, 1]),
        'j' => number(1, 366, &[3, 2, 1]),
        'M' => number(0, 59, &[2, 1]),
        'S' => number(0, 61, &[2, 1]),
        'U' | 'W' => number(0, 53, &[2, 1]),
        'V' => number(1, 53, &[2]).into_iter().chain(number(0, 9, &[1])).collect(),
        'w' => number(0, 6, &[1]),
        'u' => number(1, 7, &[1]),
        'y' => number(0, 99, &[2]),
        'Y' | 'G' => number(0, 9999, &[4]),
        'z' => offset_lengths(b),
        'A' => names(text, DAYS.iter().copied()),
        'a' => names(text, DAYS.iter().map(|n| &n[..3])),
        'B' => names(text, MONTHS.iter().copied()),
        'b' => names(text, MONTHS.iter().map(|n| &n[..3])),
        'p' => names(text, ["am", "pm"].into_iter()),
        'Z' => names(text, ["utc", "gmt"].into_iter()),
        _ => Vec::new(),
    }
}

/// The lengths of the names that a text begins with.
fn names<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Vec<usize> {
    names.filter(|n| text.get(..n.len()).is_some_and(|t| t.eq_ignore_ascii_case(n))).map(str::len).collect()
}

fn offset_lengths(b: &[u8]) -> Vec<usize> {
    if b.first() == Some(&b'Z') {
        return vec![1];
    }
    let two = |at: usize, high: u8| b.get(at).is_some_and(|c| (b'0'..=high).contains(c)) && b.get(at + 1).is_some_and(u8::is_ascii_digit);
    if !matches!(b.first(), Some(b'+' | b'-')) || !two(1, b'9') {
        return Vec::new();
    }
    let colon = |at: usize| usize::from(b.get(at) == Some(&b':'));
    let minutes = 3 + colon(3);
    if !two(minutes, b'5') {
        return Vec::new();
    }
    let mut lengths = vec![minutes + 2];
    let seconds = minutes + 2 + colon(minutes + 2);
    if two(seconds, b'5') {
        lengths.insert(0, seconds + 2);
        if b.get(seconds + 2) == Some(&b'.') {
            let digits = b.iter().skip(seconds + 3).take(6).take_while(|c| c.is_ascii_digit()).count();
            for n in 1..=digits {
                lengths.insert(0, seconds + 3 + n);
            }
        }
    }
    lengths
}

fn int(text: &str) -> i64 {
    text.trim().parse().unwrap_or(0)
}

fn place<'a>(text: &str, mut names: impl Iterator<Item = &'a str>) -> i64 {
    names.position(|n| n.eq_ignore_ascii_case(text)).map_or(0, |i| i as i64)
}

/// What the directives say, before the date is worked out.
#[derive(Default)]
struct Fields {
    year: Option<i64>,
    iso_year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    clock: [i64; 4],
    weekday: Option<i64>,
    yearday: Option<i64>,
    /// The week, and whether weeks start on Monday.
    week: Option<(i64, bool)>,
    iso_week: Option<i64>,
    zone: Option<String>,
    offset: Option<i64>,
}

impl Fields {
    fn read(found: &Found<'_>) -> Result<Self, String> {
        let mut f = Self::default();
        let is_pm = found.iter().any(|(d, t)| *d == 'p' && t.eq_ignore_ascii_case("pm"));
        for (directive, text) in found {
            let n = int(text);
            match directive {
                'y' => f.year = Some(if n <= 68 { 2000 + n } else { 1900 + n }),
                'Y' => f.year = Some(n),
                'G' => f.iso_year = Some(n),
                'm' => f.month = Some(n),
                'B' => f.month = Some(place(text, MONTHS.iter().copied()) + 1),
                'b' => f.month = Some(place(text, MONTHS.iter().map(|m| &m[..3])) + 1),
                'd' => f.day = Some(n),
                'H' => f.clock[0] = n,
                'I' => f.clock[0] = n % 12 + if is_pm { 12 } else { 0 },
                'M' => f.clock[1] = n,
                'S' => f.clock[2] = n,
                'f' => f.clock[3] = int(&format!("{text:0<6}")),
                'A' => f.weekday = Some(place(text, DAYS.iter().copied())),
                'a' => f.weekday = Some(place(text, DAYS.iter().map(|d| &d[..3]))),
                'w' => f.weekday = Some((n + 6) % 7),
                'u' => f.weekday = Some(n - 1),
                'j' => f.yearday = Some(n),
                'U' => f.week = Some((n, false)),
                'W' => f.week = Some((n, true)),
                'V' => f.iso_week = Some(n),
                'z' => f.offset = Some(offset_of(text)?),
                'Z' => f.zone = Some((*text).to_owned()),
                _ => {}
            }
        }
        f.check_iso()?;
        Ok(f)
    }

    fn check_iso(&self) -> Result<(), String> {
        const DAY: &str = "and a weekday directive ('%A', '%a', '%w', or '%u').";
        if self.iso_year.is_some() {
            if self.iso_week.is_none() || self.weekday.is_none() {
                return Err(format!("ISO year directive '%G' must be used with the ISO week directive '%V' {DAY}"));
            }
            if self.yearday.is_some() {
                return Err("Day of the year directive '%j' is not compatible with ISO year directive '%G'. Use '%Y' instead.".to_owned());
            }
        } else if self.iso_week.is_some() {
            if self.year.is_none() || self.weekday.is_none() {
                return Err(format!("ISO week directive '%V' must be used with the ISO year directive '%G' {DAY}"));
            }
            return Err("ISO week directive '%V' is incompatible with the year directive '%Y'. Use the ISO year '%G' instead.".to_owned());
        }
        Ok(())
    }

    /// Works out the date from whichever fields there are.
    fn complete(self) -> Result<Parsed, String> {
        let is_leap_day = self.year.is_none() && self.month == Some(2) && self.day == Some(29);
        let mut year = self.year.unwrap_or(if is_leap_day { 1904 } else { 1900 });
        let (mut month, mut day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        let mut yearday = self.yearday;
        if let (None, Some(weekday)) = (yearday, self.weekday) {
            if let Some((week, from_monday)) = self.week {
                yearday = Some(day_of_week(year, week, weekday, from_monday));
            } else if let (Some(iso_year), Some(week)) = (self.iso_year, self.iso_week) {
                year = iso_year;
                yearday = Some(day_of_iso_week(iso_year, week, weekday));
            }
        }
        if let Some(n) = yearday {
            (year, month, day) = date_from_days(days_from_date(year, 1, 1) + n - 1);
        } else {
            check_day(year, month, day)?;
        }
        let days = days_from_date(year, month, day);
        let yearday = days - days_from_date(year, 1, 1) + 1;
        let [hour, minute, second, microsecond] = self.clock;
        let weekday = self.weekday.unwrap_or((days + 3).rem_euclid(7));
        let year = if is_leap_day { 1900 } else { year };
        Ok(Parsed { year, month, day, hour, minute, second, microsecond, weekday, yearday, zone: self.zone, offset: self.offset })
    }
}

fn check_day(year: i64, month: i64, day: i64) -> Result<(), String> {
    if year < 1 {
        return Err(format!("year {year} is out of range"));
    }
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let length = days_from_date(next.0, next.1, 1) - days_from_date(year, month, 1);
    if day > length { Err("day is out of range for month".to_owned()) } else { Ok(()) }
}

fn day_of_week(year: i64, week: i64, weekday: i64, from_monday: bool) -> i64 {
    let shift = i64::from(!from_monday);
    let first = (days_from_date(year, 1, 1) + 3 + shift).rem_euclid(7);
    let weekday = (weekday + shift) % 7;
    if week == 0 { 1 + weekday - first } else { (7 - first) % 7 + 7 * (week - 1) + 1 + weekday }
}

fn day_of_iso_week(year: i64, week: i64, weekday: i64) -> i64 {
    let fourth = (days_from_date(year, 1, 4) + 3).rem_euclid(7);
    week * 7 + weekday + 1 - (fourth + 4)
}

/// Microseconds of a matched `%z`.
fn offset_of(text: &str) -> Result<i64, String> {
    if text == "Z" {
        return Ok(0);
    }
    let mut z = text.to_owned();
    if z.as_bytes().get(3) == Some(&b':') {
        z.remove(3);
        if z.len() > 5 {
            if z.as_bytes().get(5) != Some(&b':') {
                return Err(format!("Inconsistent use of : in {text}"));
            }
            z.remove(5);
        }
    }
    let part = |range: std::ops::Range<usize>| z.get(range).map_or(0, int);
    let seconds = part(1..3) * 3600 + part(3..5) * 60 + part(5..7);
    let fraction = int(&format!("{:0<6}", z.get(8..).unwrap_or("")));
    let us = seconds * 1_000_000 + fraction;
    Ok(if z.starts_with('-') { -us } else { us })
}

#[cfg(test)]
mod tests {
    use super::strptime;

    #[test]
    fn dates_and_complaints() {
        let table = [
            ("1112020", "%m%d%Y", "2020-11-1"),
            ("Monday, January 5, 2021", "%A, %B %d, %Y", "2021-1-5"),
            ("2020 53 1", "%G %V %u", "2020-12-28"),
            ("2020 5 1", "%Y %W %w", "2020-2-3"),
            ("2020x", "%Y", "unconverted data remains: x"),
            ("x", "%Y", "time data 'x' does not match format '%Y'"),
            ("1", "%Q", "'Q' is a bad directive in format '%Q'"),
            ("1", "%", "stray % in format '%'"),
        ];
        for (text, format, expected) in table {
            let shown = match strptime(text, format) {
                Ok(p) => format!("{}-{}-{}", p.year, p.month, p.day),
                Err(text) => text,
            };
            assert_eq!(shown, expected, "{text} {format}");
        }
    }
}
