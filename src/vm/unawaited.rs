//! Coroutines that died without having run: CPython's `RuntimeWarning`, with the place where they died, once for each
//! line. What a script makes of warnings (`warnings.filterwarnings`) is the business of that module, if it was imported.

use crate::source::Site;
use crate::value::coro::Coro;
use crate::value::{Ref, Value, heap};
use crate::vm::Vm;
use crate::vm::drive::coro_of;

/// What the first report of a run adds.
const HELP: &str = "  help: `await` runs it here and now, `asyncio.create_task` beside the rest\n";

impl Vm {
    /// Tells of a coroutine that died unrun, at the statement that let go of it.
    pub(super) fn warn_never_awaited(&mut self, obj: &Ref, here: Option<&Site>) {
        let coro = coro_of(obj);
        coro.touched.set(true);
        let message = format!("coroutine '{}' was never awaited", self.coro_name(obj));
        let (file, line, code) = here.map_or(("sys", 1, ""), place_of);
        let told = crate::modules::callers::ask(self, "warnings", "_unawaited", &[message.as_str().into(), file.into(), line.into(), code.into()]);
        if matches!(told, Some(Value::True)) {
            return;
        }
        let mut text = format!("{file}:{line}: RuntimeWarning: {message}\n");
        if !code.is_empty() {
            text += &format!("  {code}\n");
        }
        let is_first = self.warned.is_empty();
        if self.warned.insert(text.clone()) {
            if is_first {
                text += HELP;
            }
            // A replaced `sys.stderr` that fails has nobody to tell.
            if crate::modules::io::write_stderr(self, &text).is_err() && self.abort.is_none() {
                drop(self.take_exc());
            }
        }
    }

    /// A task's step is over: what died in it, with the frame of its coroutine if that ended, died at the last statement of
    /// that coroutine that ran.
    #[cold]
    #[inline(never)]
    pub fn run_finalizers_after(&mut self, coro: &Coro) {
        let Some(f) = coro.func() else { return self.run_finalizers() };
        let at = self.places.get(usize::from(coro.depth.get())).copied().unwrap_or(f.code.span.start);
        self.run_finalizers_at(&Site { source: f.code.source.clone(), at });
        if heap::has_dying() {
            self.run_last_finalizers();
        }
    }
}

/// A site's file, line, and the text of the line.
fn place_of(site: &Site) -> (&str, usize, &str) {
    let line = site.source.line(site.at);
    (&site.source.name, line, site.source.line_text(line).trim())
}
