//! Broken-down time: seconds since 1970 to calendar fields and back, and `strftime`.

/// Calendar fields as C's `struct tm` has them, but with the full year, months from 1 and Monday as day 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tm {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub weekday: i64,
    pub yearday: i64,
    pub is_dst: i64,
}

/// The names of the days, Monday first.
pub const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// The names of the months.
pub const MONTHS: [&str; 12] = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
#[must_use]
pub fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a count of days since 1970-01-01.
#[must_use]
pub fn date_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

impl Tm {
    /// The fields of a count of seconds since 1970, UTC.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = date_from_days(days);
        Self {
            year,
            month,
            day,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            weekday: (days + 3).rem_euclid(7),
            yearday: days - days_from_date(year, 1, 1) + 1,
            is_dst: 0,
        }
    }

    /// Seconds since 1970 of the fields, which may lie outside their ranges.
    #[must_use]
    pub fn to_seconds(&self) -> i64 {
        let months = self.month - 1;
        let days = days_from_date(self.year + months.div_euclid(12), months.rem_euclid(12) + 1, 1) + self.day - 1;
        days * 86_400 + self.hour * 3600 + self.minute * 60 + self.second
    }

    /// `Thu Jan  1 00:00:00 1970`.
    #[must_use]
    pub fn asctime(&self) -> String {
        format!(
            "{} {} {:2} {:02}:{:02}:{:02} {}",
            short(name(&DAYS, self.weekday)),
            short(name(&MONTHS, self.month - 1)),
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.year
        )
    }

    /// The ISO year and week.
    #[must_use]
    pub fn iso_week(&self) -> (i64, i64) {
        let week = (self.yearday - 1 - self.weekday + 10) / 7;
        if week < 1 {
            let last = Self::from_seconds((days_from_date(self.year, 1, 1) - 1) * 86_400);
            return (self.year - 1, last.iso_week().1);
        }
        let next_starts = (days_from_date(self.year + 1, 1, 1) + 3).rem_euclid(7);
        let days_left = days_from_date(self.year + 1, 1, 1) - days_from_date(self.year, 1, 1) - self.yearday;
        if week == 53 && days_left < 3 && next_starts <= 3 { (self.year + 1, 1) } else { (self.year, week) }
    }

    /// `strftime` in the C locale; `zone` is the name and `offset` the seconds of the time zone.
    #[must_use]
    pub fn strftime(&self, format: &str, zone: &str, offset: i64) -> String {
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let mut directive = chars.next();
            let plain = directive == Some('-');
            if plain {
                directive = chars.next();
            }
            match directive {
                Some(d) => {
                    let text = self.field(d, zone, offset);
                    let trimmed = if plain { text.trim_start_matches(['0', ' ']) } else { &text };
                    out.push_str(if plain && trimmed.is_empty() { "0" } else { trimmed });
                }
                None => out.push('%'),
            }
        }
        out
    }

    fn field(&self, directive: char, zone: &str, offset: i64) -> String {
        let hour12 = if self.hour % 12 == 0 { 12 } else { self.hour % 12 };
        let sunday_first = (self.weekday + 1) % 7;
        match directive {
            'a' => short(name(&DAYS, self.weekday)).to_owned(),
            'A' => name(&DAYS, self.weekday).to_owned(),
            'b' | 'h' => short(name(&MONTHS, self.month - 1)).to_owned(),
            'B' => name(&MONTHS, self.month - 1).to_owned(),
            'c' => self.asctime(),
            'C' => format!("{:02}", self.year.div_euclid(100)),
            'd' => format!("{:02}", self.day),
            'D' | 'x' => format!("{:02}/{:02}/{:02}", self.month, self.day, self.year.rem_euclid(100)),
            'e' => format!("{:2}", self.day),
            'F' => format!("{}-{:02}-{:02}", self.year, self.month, self.day),
            'g' => format!("{:02}", self.iso_week().0.rem_euclid(100)),
            'G' => self.iso_week().0.to_string(),
            'H' => format!("{:02}", self.hour),
            'I' => format!("{hour12:02}"),
            'j' => format!("{:03}", self.yearday),
            'k' => format!("{:2}", self.hour),
            'l' => format!("{hour12:2}"),
            'm' => format!("{:02}", self.month),
            'M' => format!("{:02}", self.minute),
            'n' => "\n".to_owned(),
            'p' => if self.hour < 12 { "AM" } else { "PM" }.to_owned(),
            'P' => if self.hour < 12 { "am" } else { "pm" }.to_owned(),
            'r' => format!("{hour12:02}:{:02}:{:02} {}", self.minute, self.second, if self.hour < 12 { "AM" } else { "PM" }),
            'R' => format!("{:02}:{:02}", self.hour, self.minute),
            's' => (self.to_seconds() - offset).to_string(),
            'S' => format!("{:02}", self.second),
            't' => "\t".to_owned(),
            'T' | 'X' => format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second),
            'u' => (self.weekday + 1).to_string(),
            'U' => format!("{:02}", (self.yearday - 1 + 7 - sunday_first) / 7),
            'V' => format!("{:02}", self.iso_week().1),
            'w' => sunday_first.to_string(),
            'W' => format!("{:02}", (self.yearday - 1 + 7 - self.weekday) / 7),
            'y' => format!("{:02}", self.year.rem_euclid(100)),
            'Y' => self.year.to_string(),
            'z' => format!("{}{:02}{:02}", if offset < 0 { '-' } else { '+' }, offset.abs() / 3600, offset.abs() / 60 % 60),
            'Z' => zone.to_owned(),
            '%' => "%".to_owned(),
            other => format!("%{other}"),
        }
    }
}

fn name<'a>(names: &[&'a str], index: i64) -> &'a str {
    usize::try_from(index).ok().and_then(|i| names.get(i)).copied().unwrap_or("?")
}

fn short(name: &str) -> &str {
    name.get(..3).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::Tm;

    #[test]
    fn dates_and_back() {
        for seconds in [0, 951_782_399, 951_782_400, -1, 4_102_444_800, -62_135_596_800] {
            assert_eq!(Tm::from_seconds(seconds).to_seconds(), seconds);
        }
    }

    #[test]
    fn formats() {
        let table = [
            (
                0,
                "%Y-%m-%d %H:%M:%S %j %a %b %c %x %p %I %y %U %W %w %u",
                "1970-01-01 00:00:00 001 Thu Jan Thu Jan  1 00:00:00 1970 01/01/70 AM 12 70 00 00 4 4",
            ),
            (0, "%G-%V %e %C %s %q", "1970-01  1 19 0 %q"),
            (1_609_459_200, "%G-%V", "2020-53"),
        ];
        for (seconds, format, expected) in table {
            assert_eq!(Tm::from_seconds(seconds).strftime(format, "UTC", 0), expected);
        }
    }
}
