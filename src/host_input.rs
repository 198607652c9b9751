//! Standard input. A thread of its own reads it, one chunk whenever more is needed, so that Ctrl-C can end the wait.

use std::io::Read;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::event_loop::interrupt::Waker;

/// Bytes read at once.
const CHUNK: usize = 1 << 16;
/// How often a wait looks at whether Ctrl-C was pressed.
const GLANCE: Duration = Duration::from_millis(20);

/// What was read of standard input, and the thread that reads on.
#[derive(Default)]
pub struct Input {
    bytes: Vec<u8>,
    at: usize,
    ended: bool,
    reader: Option<Reader>,
}

/// The thread: it is asked for a chunk, and sends it; an empty one is the end.
struct Reader {
    ask: Sender<()>,
    chunks: Receiver<Vec<u8>>,
    is_asked: bool,
}

impl Input {
    /// A line with its line end, empty at the end; nothing if the wait was interrupted.
    pub fn read_line(&mut self, waker: &Waker) -> Option<Vec<u8>> {
        let mut searched = self.at;
        loop {
            let found = self.bytes.get(searched..).and_then(|b| b.iter().position(|&b| b == b'\n'));
            if let Some(i) = found {
                return Some(self.take(searched + i + 1));
            }
            if self.ended {
                return Some(self.take(self.bytes.len()));
            }
            searched = self.bytes.len();
            if !self.fill(waker) {
                return None;
            }
        }
    }

    /// All that is left; nothing if the wait was interrupted.
    pub fn read_all(&mut self, waker: &Waker) -> Option<Vec<u8>> {
        while !self.ended {
            if !self.fill(waker) {
                return None;
            }
        }
        Some(self.take(self.bytes.len()))
    }

    fn take(&mut self, end: usize) -> Vec<u8> {
        let taken = self.bytes.get(self.at..end).unwrap_or_default().to_vec();
        self.at = end;
        if self.at == self.bytes.len() {
            self.bytes.clear();
            self.at = 0;
        }
        taken
    }

    /// Waits for a chunk; says whether the wait came to its end.
    fn fill(&mut self, waker: &Waker) -> bool {
        let reader = self.reader.get_or_insert_with(Reader::start);
        if !reader.is_asked {
            reader.is_asked = reader.ask.send(()).is_ok();
        }
        loop {
            if waker.flag.load(Ordering::Relaxed) {
                return false;
            }
            match reader.chunks.recv_timeout(GLANCE) {
                Ok(chunk) => {
                    reader.is_asked = false;
                    self.ended = chunk.is_empty();
                    self.bytes.extend_from_slice(&chunk);
                    return true;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.ended = true;
                    return true;
                }
            }
        }
    }
}

impl Reader {
    fn start() -> Self {
        let (ask, asked) = channel::<()>();
        let (send, chunks) = channel();
        // Without a thread both ends of the channels are dropped, and the input has ended.
        let _ = std::thread::Builder::new().stack_size(256 << 10).spawn(move || while asked.recv().is_ok() && send.send(read_chunk()).is_ok() {});
        Self { ask, chunks, is_asked: false }
    }
}

fn read_chunk() -> Vec<u8> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match std::io::stdin().lock().read(&mut chunk) {
            Ok(n) => {
                chunk.truncate(n);
                return chunk;
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return Vec::new(),
        }
    }
}
