//! The time zone of local time: the system's on the real clock, UTC on the virtual one. A moment comes in, the offset that
//! holds then goes out.

use crate::host::Host;

/// What holds in a zone at some moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocalTime {
    /// Seconds east of UTC.
    pub offset: i64,
    pub is_dst: bool,
    pub name: String,
}

impl Host {
    /// Local time at a moment in seconds since 1970.
    pub fn local_time(&self, at: i64) -> LocalTime {
        let zone = if self.clock.is_virtual() { None } else { self.zone.get_or_init(system_zone).as_ref() };
        let found = zone.and_then(|z| z.find_local_time_type(at).ok());
        match found {
            Some(t) => LocalTime { offset: i64::from(t.ut_offset()), is_dst: t.is_dst(), name: t.time_zone_designation().to_owned() },
            None => LocalTime { offset: 0, is_dst: false, name: "UTC".to_owned() },
        }
    }

    /// The moment at which local clocks show so many seconds since 1970; of two such moments the later if `second`.
    pub fn moment_of_local(&self, shown: i64, second: bool) -> i64 {
        const DAY: i64 = 86_400;
        let offset = |at: i64| self.local_time(at).offset;
        let (before, after) = (offset(shown - DAY), offset(shown + DAY));
        let mut found: Vec<i64> = [shown - before, shown - after].into_iter().filter(|&at| at + offset(at) == shown).collect();
        found.dedup();
        match found.as_slice() {
            [only] => *only,
            [one, other] => {
                if second {
                    *one.max(other)
                } else {
                    *one.min(other)
                }
            }
            // Clocks never show it: as far from the change as the other side of it would be.
            _ => {
                if second {
                    shown - before.max(after)
                } else {
                    shown - before.min(after)
                }
            }
        }
    }
}

/// The zone that the variable `TZ` names, else the system's.
fn system_zone() -> Option<tz::TimeZone> {
    match std::env::var("TZ") {
        Ok(name) => tz::TimeZone::from_posix_tz(&name).ok(),
        Err(_) => tz::TimeZone::local().ok(),
    }
}
