//! The script's clock: virtual, real or scaled. Time is a count of nanoseconds; a deadline of `NEVER` does not come.
//! The clock knows nothing of tasks: it tells the time and waits until some moment or until it is woken.

use std::cell::Cell;
use std::str::FromStr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::interrupt::Waker;

/// Nanoseconds in a second.
pub const NS: i64 = 1_000_000_000;
/// A deadline that never comes.
pub const NEVER: i64 = i64::MAX;

/// Where time comes from.
pub enum Clock {
    /// Starts at 0 and jumps to the next deadline when nothing is ready; computing takes no time.
    Virtual(Cell<i64>),
    /// The system's time, perhaps run faster.
    Real(RealClock),
}

/// The system's clock from a starting point, run `speed` times as fast.
pub struct RealClock {
    started: Instant,
    wall_start: i64,
    speed: f64,
}

impl RealClock {
    fn new(speed: f64) -> Self {
        Self { started: Instant::now(), wall_start: system_ns(), speed }
    }

    fn elapsed(&self) -> i64 {
        let real = saturated(self.started.elapsed().as_nanos());
        if self.speed == 1.0 { real } else { (real as f64 * self.speed) as i64 }
    }
}

fn saturated(ns: u128) -> i64 {
    i64::try_from(ns).unwrap_or(NEVER - 1)
}

fn system_ns() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| saturated(d.as_nanos()))
}

impl Clock {
    /// A clock that stands at 0 until something waits.
    pub const fn new_virtual() -> Self {
        Self::Virtual(Cell::new(0))
    }

    /// The system's clock, run `speed` times as fast.
    pub fn new_real(speed: f64) -> Self {
        Self::Real(RealClock::new(speed))
    }

    /// Whether time is virtual.
    pub const fn is_virtual(&self) -> bool {
        matches!(self, Self::Virtual(_))
    }

    /// Nanoseconds since the clock started; never goes back.
    #[inline]
    pub fn now_ns(&self) -> i64 {
        match self {
            Self::Virtual(now) => now.get(),
            Self::Real(real) => real.elapsed(),
        }
    }

    /// Nanoseconds since 1970 (UTC).
    pub fn wall_ns(&self) -> i64 {
        match self {
            Self::Virtual(now) => now.get(),
            Self::Real(real) if real.speed == 1.0 => system_ns(),
            Self::Real(real) => real.wall_start.saturating_add(real.elapsed()),
        }
    }

    /// The moment `delay` nanoseconds from now; `NEVER` stays what it is.
    #[inline]
    pub fn after(&self, delay: i64) -> i64 {
        if delay == NEVER { NEVER } else { self.now_ns().saturating_add(delay).min(NEVER - 1) }
    }

    /// Waits until a deadline; says whether it came, rather than a wake-up from outside.
    pub fn wait_until(&self, deadline: i64, waker: &Waker) -> bool {
        match self {
            Self::Virtual(now) => {
                now.set(now.get().max(deadline));
                true
            }
            Self::Real(real) => real.wait_until(deadline, waker),
        }
    }
}

impl RealClock {
    fn wait_until(&self, deadline: i64, waker: &Waker) -> bool {
        loop {
            let left = deadline.saturating_sub(self.elapsed());
            if left <= 0 {
                return true;
            }
            let real = if self.speed == 1.0 { left as u64 } else { (left as f64 / self.speed).ceil() as u64 };
            if waker.wait(Duration::from_nanos(real)) {
                return false;
            }
        }
    }
}

/// A value of `--clock` that is none.
#[derive(Debug, PartialEq, Eq)]
pub struct BadClock(String);

impl std::fmt::Display for BadClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unknown clock `{}`: use `real`, `virtual` or `real*N` (such as `real*10`, ten times as fast)", self.0)
    }
}

impl std::error::Error for BadClock {}

impl FromStr for Clock {
    type Err = BadClock;

    fn from_str(text: &str) -> Result<Self, BadClock> {
        match text {
            "virtual" => return Ok(Self::new_virtual()),
            "real" => return Ok(Self::new_real(1.0)),
            _ => {}
        }
        let speed = text.strip_prefix("real*").filter(|n| n.starts_with(|c: char| c.is_ascii_digit() || c == '.')).and_then(|n| n.parse().ok());
        match speed {
            Some(speed) if f64::is_finite(speed) && speed > 0.0 => Ok(Self::new_real(speed)),
            _ => Err(BadClock(text.to_owned())),
        }
    }
}

/// Seconds as nanoseconds, rounded half to even; infinity is `NEVER`, and so is all that is too far to count.
pub fn ns_from_seconds(seconds: f64) -> i64 {
    (seconds * NS as f64).round_ties_even() as i64
}

/// A delay in nanoseconds; a positive one is at least one.
pub fn delay_from_seconds(seconds: f64) -> i64 {
    let ns = ns_from_seconds(seconds);
    if seconds > 0.0 { ns.max(1) } else { ns }
}

/// Nanoseconds as seconds, correctly rounded.
pub fn seconds_from_ns(ns: i64) -> f64 {
    const EXACT: i64 = 1 << 53;
    if ns == NEVER {
        f64::INFINITY
    } else if (-EXACT..=EXACT).contains(&ns) {
        ns as f64 / NS as f64
    } else {
        let text = format!("{}.{:09}", ns / NS, (ns % NS).abs());
        text.parse().unwrap_or(ns as f64 / NS as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_values() {
        for (text, good) in [
            ("real", true),
            ("virtual", true),
            ("real*10", true),
            ("real*0.5", true),
            ("real*0", false),
            ("real*-1", false),
            ("real*inf", false),
            ("real*", false),
            ("fast", false),
            ("", false),
            ("Real", false),
        ] {
            assert_eq!(text.parse::<Clock>().is_ok(), good, "{text}");
        }
        let error = "fast".parse::<Clock>().err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.contains("`virtual`") && error.contains("`real*10`"));
    }

    #[test]
    fn virtual_time_jumps() {
        let (clock, waker) = (Clock::new_virtual(), Waker::default());
        assert_eq!(clock.now_ns(), 0);
        assert!(clock.wait_until(3_600 * NS, &waker));
        assert_eq!(clock.now_ns(), 3_600 * NS);
        assert!(clock.wait_until(1, &waker));
        assert_eq!(clock.now_ns(), 3_600 * NS);
        assert_eq!(clock.after(NEVER), NEVER);
        assert!(clock.after(NEVER - 1) < NEVER);
    }

    #[test]
    fn conversions() {
        for (seconds, ns) in [(0.1, 100_000_000), (1e-9, 1), (2.5e-9, 2), (f64::INFINITY, NEVER), (-1.0, -NS)] {
            assert_eq!(ns_from_seconds(seconds), ns, "{seconds}");
        }
        assert_eq!(delay_from_seconds(1e-12), 1);
        assert_eq!(delay_from_seconds(0.0), 0);
        assert_eq!(seconds_from_ns(100_000_000), 0.1);
    }

    #[test]
    fn real_waiting_can_be_woken() {
        let (clock, waker) = (Clock::new_real(1.0), Waker::default());
        waker.interrupt();
        assert!(!clock.wait_until(3_600 * NS, &waker));
    }
}
