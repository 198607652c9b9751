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
        let name = match coro.func() {
            Some(f) => self.text_of(&f.qualname()),
            None => self.coro_name(obj),
        };
        let message = format!("RuntimeWarning: coroutine '{name}' was never awaited");
        let (file, line, code) = match here {
            Some(site) => place_of(site),
            None => ("sys".into(), 1, String::new()),
        };
        let told = crate::modules::callers::ask(
            self,
            "warnings",
            "_unawaited",
            &[message.trim_start_matches("RuntimeWarning: ").into(), file.as_str().into(), line.into(), code.trim().into()],
        );
        if matches!(told, Some(Value::True)) {
            return;
        }
        let mut text = format!("{file}:{line}: {message}\n{code}");
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

    /// A task's coroutine came to its end: what died with its frame died at the last statement of it that ran.
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

fn place_of(site: &Site) -> (String, usize, String) {
    let line = site.source.line(site.at);
    let text = site.source.line_text(line).trim();
    (site.source.name.to_string(), line, if text.is_empty() { String::new() } else { format!("  {text}\n") })
}
