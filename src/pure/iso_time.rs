//! Dates and times of day in ISO 8601 as `fromisoformat` reads them: a text comes in, fields go out, unchecked against
//! their ranges unless the calendar needs that.

use super::calendar::{date_from_days, days_from_date};

/// Year, month, day.
pub type Day = (i64, i64, i64);

/// A time of day, with the offset of its zone in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub microsecond: i64,
    pub offset: Option<i64>,
}

/// `2020-01-31`, `20200131`, `2020-W05-5`, `2020W055`, `2020-W05`, `2020W05`.
#[must_use]
pub fn date(text: &str) -> Option<Day> {
    let b = text.as_bytes();
    if !matches!(b.len(), 7 | 8 | 10) {
        return None;
    }
    let year = digits(b.get(..4)?)?;
    let has_dash = b.get(4) == Some(&b'-');
    let rest = b.get(4 + usize::from(has_dash)..)?;
    if rest.first() == Some(&b'W') {
        return week_date(year, rest.get(1..)?, has_dash);
    }
    let month = digits(rest.get(..2)?)?;
    let day = match (has_dash, rest.get(2..)?) {
        (true, [b'-', day @ ..]) | (false, day) if day.len() == 2 => digits(day)?,
        _ => return None,
    };
    Some((year, month, day))
}

fn week_date(year: i64, rest: &[u8], has_dash: bool) -> Option<Day> {
    let week = digits(rest.get(..2)?)?;
    let day = match (has_dash, rest.get(2..)?) {
        (_, []) => 1,
        (true, [b'-', day]) | (false, [day]) => digits(&[*day])?,
        _ => return None,
    };
    day_of_week(year, week, day)
}

/// The date of an ISO week and weekday, if there is such.
fn day_of_week(year: i64, week: i64, day: i64) -> Option<Day> {
    let start = first_monday(year);
    let weeks = (first_monday(year + 1) - start) / 7;
    if year < 1 || !(1..=weeks).contains(&week) || !(1..=7).contains(&day) {
        return None;
    }
    Some(date_from_days(start + (week - 1) * 7 + day - 1))
}

/// The day on which the first ISO week of a year starts, counted from 1970.
fn first_monday(year: i64) -> i64 {
    let fourth = days_from_date(year, 1, 4);
    fourth - (fourth + 3).rem_euclid(7)
}

/// `10`, `10:30`, `1030`, `10:30:15.5`, each with an offset or `Z` behind.
#[must_use]
pub fn clock(text: &str) -> Option<Clock> {
    let b = text.as_bytes();
    let zone_at = b.iter().position(|c| matches!(c, b'+' | b'-' | b'Z')).unwrap_or(b.len());
    let (time, zone) = b.split_at(zone_at);
    let [hour, minute, second, microsecond] = parts(time)?;
    let offset = match zone {
        [] => None,
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let [hour, minute, second, microsecond] = parts(rest)?;
            let us = ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond;
            Some(if *sign == b'-' { -us } else { us })
        }
        _ => return None,
    };
    Some(Clock { hour, minute, second, microsecond, offset })
}

/// Hour, minute, second and microsecond, separated by colons or not at all; a fraction may follow each, and as in CPython
/// also a third colon.
fn parts(b: &[u8]) -> Option<[i64; 4]> {
    let mut found = [0; 4];
    let mut at = 0;
    let has_colons = b.get(2) == Some(&b':');
    for i in 0..3 {
        *found.get_mut(i)? = digits(b.get(at..at + 2)?)?;
        at += 2;
        match b.get(at) {
            None => return Some(found),
            Some(b'.' | b',') => break,
            Some(b':') if has_colons && i == 2 => break,
            Some(b':') if has_colons => at += 1,
            Some(_) if !has_colons && i < 2 => {}
            Some(_) => return None,
        }
    }
    let [hour, minute, second, _] = found;
    fraction(b.get(at + 1..)?).map(|us| [hour, minute, second, us])
}

/// Microseconds of the digits of a fraction; more than six are cut.
fn fraction(b: &[u8]) -> Option<i64> {
    if b.is_empty() || !b.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut us = 0;
    for i in 0..6 {
        us = us * 10 + b.get(i).map_or(0, |c| i64::from(c - b'0'));
    }
    Some(us)
}

/// A date and, behind any one character, a time of day.
#[must_use]
pub fn date_time(text: &str) -> Option<(Day, Clock)> {
    let split = separator(text.as_bytes())?;
    if split >= text.len() {
        return Some((date(text)?, Clock::default()));
    }
    let day = date(text.get(..split)?)?;
    let rest = text.get(split..)?;
    let between = rest.chars().next()?;
    let time = rest.get(between.len_utf8()..)?;
    Some((day, clock(time)?))
}

/// Where the date ends.
fn separator(b: &[u8]) -> Option<usize> {
    if b.len() < 7 {
        return None;
    }
    if b.len() == 7 {
        return Some(7);
    }
    let is_digit = |at: usize| b.get(at).is_some_and(u8::is_ascii_digit);
    match (b.get(4)?, b.get(5)?) {
        (b'-', b'W') => match b.get(8) {
            Some(b'-') if b.len() == 9 => None,
            Some(b'-') if is_digit(10) => Some(8),
            Some(b'-') => Some(10),
            _ => Some(8),
        },
        (b'-', _) => Some(10),
        (b'W', _) => {
            let digits = (7..b.len()).take_while(|&i| is_digit(i)).count();
            let end = 7 + digits;
            Some(if end < 9 {
                end
            } else if end.is_multiple_of(2) {
                7
            } else {
                8
            })
        }
        _ => Some(8),
    }
}

fn digits(b: &[u8]) -> Option<i64> {
    b.iter().try_fold(0, |n, c| c.is_ascii_digit().then(|| n * 10 + i64::from(c - b'0')))
}

#[cfg(test)]
mod tests {
    use super::{Clock, clock, date, date_time};

    #[test]
    fn dates() {
        let table = [
            ("2020-01-31", Some((2020, 1, 31))),
            ("20200131", Some((2020, 1, 31))),
            ("2020-W01", Some((2019, 12, 30))),
            ("2020W011", Some((2019, 12, 30))),
            ("2020-W60", None),
            ("2020-1-31", None),
            ("2020-01-0", None),
        ];
        for (text, expected) in table {
            assert_eq!(date(text), expected, "{text}");
        }
    }

    #[test]
    fn times() {
        let noon = Clock { hour: 12, ..Clock::default() };
        let table = [
            ("12", Some(noon)),
            ("1200", Some(noon)),
            ("12:00:00.5", Some(Clock { microsecond: 500_000, ..noon })),
            ("12Z", Some(Clock { offset: Some(0), ..noon })),
            ("12:00-01", Some(Clock { offset: Some(-3_600_000_000), ..noon })),
            ("12:0000", None),
            ("12:00.5", Some(Clock { microsecond: 500_000, ..noon })),
            ("1", None),
        ];
        for (text, expected) in table {
            assert_eq!(clock(text), expected, "{text}");
        }
        assert_eq!(date_time("2020-W01-1T12"), Some(((2019, 12, 30), noon)));
    }
}
