//! All that comes from outside: standard streams, files, environment, entropy and time. Everything else asks here.

use std::io::Write;

use crate::host_input::Input;
use crate::pure::random::Random;

/// The standard streams and what surrounds the program.
pub struct Host {
    out: Vec<u8>,
    /// Whether standard output is a terminal: then it is line-buffered.
    pub line_buffered: bool,
    /// Whether the reader of standard output has gone away.
    pub pipe_closed: bool,
    input: Input,
    /// The system's time zone, once somebody asked for local time.
    pub zone: std::cell::OnceCell<Option<tz::TimeZone>>,
    /// The script's clock; while it is virtual, unseeded randomness repeats.
    pub clock: crate::event_loop::clock::Clock,
    /// What ends a wait from outside: Ctrl-C.
    pub waker: std::sync::Arc<crate::event_loop::interrupt::Waker>,
    /// The seed of unseeded randomness on the virtual clock.
    pub seed: u64,
    /// What gives entropy on the virtual clock, once something asked for it.
    entropy: Option<Random>,
    /// Whether reports may use colours.
    pub color: bool,
    /// Columns that reports may use.
    pub width: usize,
}

const FLUSH_AT: usize = 1 << 16;

impl Host {
    /// The process's own streams.
    pub fn new(clock: crate::event_loop::clock::Clock, line_buffered: bool, seed: u64) -> Self {
        Self {
            out: Vec::new(),
            line_buffered,
            pipe_closed: false,
            input: Input::default(),
            zone: std::cell::OnceCell::new(),
            clock,
            waker: std::sync::Arc::default(),
            seed,
            entropy: None,
            color: false,
            width: 80,
        }
    }

    /// Writes to standard output, buffered.
    pub fn write_out(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
        if self.out.len() >= FLUSH_AT || (self.line_buffered && text.contains(&b'\n')) {
            self.flush_out();
        }
    }

    /// Sends what standard output has buffered.
    pub fn flush_out(&mut self) {
        if self.out.is_empty() {
            return;
        }
        let mut stdout = std::io::stdout().lock();
        if stdout.write_all(&self.out).and_then(|()| stdout.flush()).is_err() {
            self.pipe_closed = true;
            self.waker.interrupt();
        }
        self.out.clear();
    }

    /// Writes to standard error, after what standard output has buffered.
    pub fn write_err(&mut self, text: &[u8]) {
        self.flush_out();
        // Nobody is left to tell when standard error is closed.
        let _ = std::io::stderr().lock().write_all(text);
    }

    /// Fills a buffer with entropy: the system's on a real clock, what follows from the seed on the virtual one.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn fill_entropy(&mut self, bytes: &mut [u8]) -> std::io::Result<()> {
        if !self.clock.is_virtual() {
            return getrandom::getrandom(bytes)
                .map_err(|e| e.raw_os_error().map_or_else(|| std::io::ErrorKind::Other.into(), std::io::Error::from_raw_os_error));
        }
        let seed = self.seed;
        let source = self.entropy.get_or_insert_with(|| Random::from_bytes(format!("entropy {seed}").as_bytes()));
        for chunk in bytes.chunks_mut(4) {
            chunk.copy_from_slice(&source.next_u32().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }

    /// A line of standard input with its line end, empty at the end; nothing if Ctrl-C ended the wait.
    pub fn read_line(&mut self) -> Option<Vec<u8>> {
        self.flush_out();
        self.input.read_line(&self.waker)
    }

    /// The rest of standard input; nothing if Ctrl-C ended the wait.
    pub fn read_all(&mut self) -> Option<Vec<u8>> {
        self.flush_out();
        self.input.read_all(&self.waker)
    }
}
