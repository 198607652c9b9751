//! Wake-ups from outside: Ctrl-C. The handler's thread only sets a flag and wakes whoever waits; the interpreter looks at
//! the flag between steps. Comes in: a signal. Goes out: a cancelled main task, or `KeyboardInterrupt`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::{cancel, step};
use crate::value::R;
use crate::vm::Vm;

/// The number of the signal that Ctrl-C sends.
pub const SIGINT: i32 = 2;

/// Lets another thread end a wait.
#[derive(Default)]
pub struct Waker {
    /// Ctrl-C was pressed and nobody has answered it.
    pub flag: Arc<AtomicBool>,
    /// Signals that came since the last look, one bit each.
    caught: AtomicU64,
    /// Signals that scripts want to hear of.
    wanted: AtomicU64,
    lock: Mutex<()>,
    changed: Condvar,
}

impl Waker {
    /// Sets the flag and ends a wait.
    pub fn interrupt(&self) {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.flag.store(true, Ordering::SeqCst);
        drop(guard);
        self.changed.notify_all();
    }

    /// Waits for so long at most; says whether the flag is set.
    pub fn wait(&self, at_most: Duration) -> bool {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if self.flag.load(Ordering::SeqCst) {
            return true;
        }
        let waited = self.changed.wait_timeout(guard, at_most);
        drop(waited);
        self.flag.load(Ordering::SeqCst)
    }

    /// Notes a signal and ends a wait.
    pub fn catch(&self, number: i32) {
        self.caught.fetch_or(1 << number, Ordering::SeqCst);
        self.interrupt();
    }

    /// The signals that came, one bit each.
    pub fn take_caught(&self) -> u64 {
        self.caught.swap(0, Ordering::SeqCst)
    }

    /// Sets whether scripts want to hear of a signal.
    pub fn want(&self, number: i32, is_wanted: bool) {
        let bit = 1 << number;
        if is_wanted {
            self.wanted.fetch_or(bit, Ordering::SeqCst);
        } else {
            self.wanted.fetch_and(!bit, Ordering::SeqCst);
        }
    }

    /// Whether scripts want to hear of a signal.
    pub fn wants(&self, number: i32) -> bool {
        self.wanted.load(Ordering::SeqCst) & (1 << number) != 0
    }
}

/// Lets Ctrl-C interrupt the script instead of killing the process. To be called once.
pub fn install(waker: &Arc<Waker>) {
    let waker = waker.clone();
    // Without a handler Ctrl-C kills the process, which is the best that is left.
    let _ = ctrlc::set_handler(move || waker.catch(SIGINT));
}

impl Vm {
    /// Ctrl-C while a loop runs: the first one cancels the main task. Says whether that was so.
    #[cold]
    pub fn interrupt_loop(&mut self) -> bool {
        let Some(main) = self.event_loop.main_task.clone().filter(|_| self.event_loop.is_running()) else { return false };
        let Some(task) = step::task_of(&main) else { return false };
        self.event_loop.interrupts += 1;
        if self.event_loop.interrupts > 1 || task.future.is_done() {
            return false;
        }
        cancel::cancel(self, &main, None).is_ok()
    }

    /// `time.sleep`: moves or waits for the clock and lets no task run. Ctrl-C ends it.
    pub fn sleep_blocking(&mut self, ns: i64) -> R<()> {
        let deadline = self.host.clock.after(ns);
        loop {
            if !self.host.clock.is_virtual() {
                self.host.flush_out();
            }
            if self.host.clock.wait_until(deadline, &self.host.waker) {
                return Ok(());
            }
            self.interrupted()?;
        }
    }

    /// A line of standard input, or all that is left of it; lets no task run. Ctrl-C ends the wait.
    pub fn read_input(&mut self, all: bool) -> R<Vec<u8>> {
        loop {
            let bytes = if all { self.host.read_all() } else { self.host.read_line() };
            match bytes {
                Some(bytes) => return Ok(bytes),
                None => self.interrupted()?,
            }
        }
    }
}
