//! Hooks for whoever watches a run: tracers, explorers. They get numbers, names and times, never values.

/// A task, by the order of its making.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct TaskId(pub u32);

/// What a suspended task waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Suspension {
    /// Its next turn.
    Turn,
    /// A future that is no task.
    Future,
    /// Another task.
    Task(TaskId),
    /// The clock, until this time in nanoseconds.
    Until(i64),
}

/// Is told what the loop does. All hooks are optional.
pub trait Observer {
    /// A task was made at a time; `parent` made it.
    fn spawned(&mut self, _task: TaskId, _name: &str, _parent: Option<TaskId>, _now: i64) {}
    /// A step begins.
    fn step_begins(&mut self, _task: TaskId, _now: i64) {}
    /// A step ended in a suspension.
    fn suspended(&mut self, _task: TaskId, _on: Suspension, _now: i64) {}
    /// A task was woken: `by` completed, or the clock did it.
    fn woken(&mut self, _task: TaskId, _by: Option<TaskId>, _now: i64) {}
    /// A task is done.
    fn done(&mut self, _task: TaskId, _now: i64) {}
}
