"""Random asyncio programs, run by CPython 3.11 and by corun: they must print the same.

    CORUN_ORACLE=/path/to/oracle.py CORUN_PYTHON=/path/to/python3.11 \\
        python3 tests/differential/asyncio_programs.py [--corun PATH] [--seed N] [--count N] [-j N]
    ... --show SEED:INDEX       prints one program
    ... --shrink SEED:INDEX     prints the smallest part of it that still differs

A program makes tasks, locks, queues and so on, and lets them meet in every order that the generator
can think of; it prints what happens and when. Programs run in batches, one process for each; the last
one of a batch is alone at the end of its process, so that its exception or deadlock decides the exit status.
A program counts when CPython prints the same under three values of ORACLE_PERTURB; where corun differs,
more values are tried first, because an order that depends on addresses may agree three times by chance.
"""
import argparse
import ast
import copy
import concurrent.futures
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BATCH = 20
MORE_PERTURBATIONS = 16

PRELUDE = '''\
import asyncio, contextvars
try:
    import gc
    gc.disable()
except ImportError:
    pass
from asyncio import *
from asyncio import TaskGroup


class InOrder(dict):
    """A set in the order of adding: what corun takes where CPython's order depends on addresses."""
    add = lambda self, x: self.__setitem__(x, None)
    discard = lambda self, x: self.pop(x, None)


def note(task):
    """Remembers when a task was made."""


def put_in_order():
    """Gives CPython corun's order where its own depends on addresses: of groups, of tasks and generators left at the end."""
    import asyncio.base_events, asyncio.taskgroups, types, weakref
    if not hasattr(asyncio.base_events.BaseEventLoop, '_run_once'):
        # corun's loop is no class of Python's: its order is there already.
        return
    asyncio.taskgroups.set = InOrder

    class WeakInOrder(weakref.WeakKeyDictionary):
        add = lambda self, x: self.__setitem__(x, None)
        discard = lambda self, x: self.pop(x, None)

    asyncio.base_events.weakref = types.SimpleNamespace(WeakSet=WeakInOrder, ref=weakref.ref)
    loop = asyncio.base_events.BaseEventLoop
    made, create, listed = weakref.WeakKeyDictionary(), loop.create_task, asyncio.tasks.all_tasks

    def create_task(self, *args, **kwargs):
        task = create(self, *args, **kwargs)
        note(task)
        return task

    global note
    numbers = iter(range(1 << 60))
    note = lambda task: made.setdefault(task, next(numbers))
    loop.create_task = create_task
    asyncio.tasks.all_tasks = lambda loop=None: sorted(listed(loop), key=made.get)


put_in_order()

VAR = contextvars.ContextVar('VAR', default=0)
START = 0
# Set when a program is over: what dies then dies later in CPython, where tracebacks keep frames alive.
OVER = [False]


class E(Exception):
    pass


class Guard:
    def __init__(self, name, enter, leave, swallow):
        self.name, self.enter, self.leave, self.swallow = name, enter, leave, swallow

    async def __aenter__(self):
        say(self.name, 'enter')
        if self.enter is not None:
            await sleep(self.enter)
        return self

    async def __aexit__(self, kind, exc, tb):
        say(self.name, 'leave', kind and kind.__name__)
        if self.leave is not None:
            await sleep(self.leave)
        return self.swallow and kind is not None and kind.__name__ == self.swallow


def say(*words):
    print(round(get_running_loop().time() - START, 6), *[show(w) for w in words])


def show(x):
    if isinstance(x, BaseExceptionGroup):
        return f'{type(x).__name__}({x.message}, {[show(e) for e in x.exceptions]})'
    if isinstance(x, RuntimeError):
        return str(x).split(' <')[0]
    if isinstance(x, BaseException):
        return f'{type(x).__name__}{x.args} cause={show(x.__cause__) if x.__cause__ else None}'
    if isinstance(x, Task):
        return f'{name_of(x)}:{"pending" if not x.done() else "cancelled" if x.cancelled() else "done"}'
    if isinstance(x, Future):
        return 'future'
    if isinstance(x, (list, tuple)):
        return '[' + ', '.join(str(show(i)) for i in x) + ']'
    if isinstance(x, (set, frozenset)):
        return '{' + ', '.join(sorted(str(show(i)) for i in x)) + '}'
    return x


async def counted(name, n, d, last):
    try:
        for i in range(n):
            if d is not None:
                await sleep(d)
            yield i
    except BaseException as e:
        OVER[0] or say(name, 'gen', type(e).__name__)
        raise
    finally:
        if last is not None:
            await sleep(last)
        OVER[0] or say(name, 'gen ends')


def fail(*_):
    raise E('callback')


class Later:
    """Something that can be awaited without being a coroutine."""

    def __init__(self, what, after=None):
        self.what, self.after = what, after

    def __await__(self):
        try:
            value = yield from self.what.__await__()
            if self.after is not None:
                yield from sleep(self.after).__await__()
            return value
        except E as e:
            say('later', e)
            return 'later'


class Turns:
    """Gives the turn away so many times by a bare `yield`."""

    def __init__(self, n):
        self.n = n

    def __await__(self):
        for i in range(self.n):
            yield
        return self.n


class Tracked(Future):
    def __repr__(self):
        return 'tracked'


class Noted(Task):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        note(self)

    def cancel(self, msg=None):
        say('cancel of', self.get_name())
        return super().cancel(msg)


def told(loop, context):
    """Tells of failed callbacks. When something dies that nobody looked at, tracebacks decide in CPython: they keep frames alive."""
    if 'callback' in context['message']:
        say('handler', context['message'].split('(')[0], context.get('exception'))


async def numbers(n, d):
    return [i async for i in counted('numbers', n, d, None)]


async def stop_soon(loop):
    await sleep(0)
    loop.stop()


def outcome(f):
    """What asking a future for its result gives."""
    try:
        return f.result()
    except (Exception, CancelledError) as e:
        return e


def nothing_to_get(q):
    try:
        return q.get_nowait()
    except QueueEmpty as e:
        return e


def no_room(q, x):
    try:
        return q.put_nowait(x)
    except QueueFull as e:
        return e


def name_of(task):
    """A name, but no number: that counts the tasks which close dead generators of earlier programs, too."""
    return task.get_name().split('-')[0]


def told_of(f):
    say('told of', f)


def outcome_set(f, x):
    if not f.done():
        f.set_result(x)


async def cond_wait(cond):
    async with cond:
        return await cond.wait()


def show_repr(f):
    """The repr without places."""
    head, *parts = repr(f).split(' at ')
    for part in parts:
        end = min(part.find(c) for c in ',]>' if c in part)
        head += part[end:]
    return head.replace(getattr(f, 'get_name', str)(), '')


def alone(n, d):
    """A loop of its own before the program's."""
    loop = asyncio.new_event_loop()
    seen = []

    async def part(i):
        try:
            await sleep(d * i)
            seen.append(i)
        finally:
            seen.append(-i)

    tasks = [loop.create_task(part(i)) for i in range(n)]
    loop.call_later(d, seen.append, 'later')
    loop.call_soon(seen.append, 'soon')
    print(loop.run_until_complete(asyncio.wait_for(tasks[-1], 3)), seen)
    loop.call_at(loop.time() + 1, loop.stop)
    loop.run_forever()
    print(seen, [t.done() for t in tasks])
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def release(x):
    try:
        x.release()
    except (RuntimeError, ValueError) as e:
        say(type(e).__name__)
'''

DRIVER = '''
def rescue():
    """A deadlock would end the process: time never runs out, and every now and then the loop is left."""
    get_running_loop().call_later(100, rescue)
    OVER[0] = True
    raise SystemExit('stuck')


async def rescued(program):
    get_running_loop().call_later(100, rescue)
    return await until_over(program)


async def until_over(program):
    try:
        return await program
    finally:
        OVER[0] = True


def drive(number, program):
    print('=== program', number, flush=True)
    try:
        print('result', show(asyncio.run(rescued(program()))))
    except BaseException as e:
        print('raised', show(e))

'''

DELAYS = ["0", "0", "0", "0", "0.25", "0.5", "0.5", "1", "1", "1", "2", "0.1", "3", "-1"]


class Maker:
    """Makes one program."""

    def __init__(self, seed, index):
        self.r = random.Random(f"{seed}:{index}")
        self.label = 0
        self.workers = self.r.randint(2, 6)
        self.subs = self.r.randint(2, 4)
        self.features = set(self.r.sample(range(len(self.statements())), self.r.randint(6, 20)))

    def delay(self):
        return self.r.choice(DELAYS)

    def timeout(self):
        return self.r.choice(["0", "0.25", "0.5", "0.5", "1", "1", "2", "3", "0.1", "None", "-1"])

    def mark(self):
        self.label += 1
        return repr(f"{self.where}{self.label}")

    def task(self):
        return f"T[{self.r.randrange(self.workers)}]"

    def other(self):
        """A task to wait for: no two tasks wait for each other, since CPython cancels such a circle without end."""
        below = self.workers if self.where == "m." else int(self.where[1:-1]) if self.where[0] == "w" else 0
        return f"T[{self.r.randrange(below)}]" if below else self.sub()

    def future(self):
        return f"F[{self.r.randrange(3)}]"

    def var(self, stem):
        self.label += 1
        return f"{stem}{self.label}"

    def sub(self):
        return f"s{self.r.randrange(self.subs)}({self.r.randrange(4)})"

    def awaitable(self):
        return self.r.choice([
            self.sub, self.sub, self.sub, self.other, self.other, self.future, lambda: "ev.wait()", lambda: "q.get()",
            lambda: f"q.put({self.mark()})", lambda: "lock.acquire()", lambda: "sem.acquire()", lambda: f"sleep({self.delay()}, {self.mark()})",
            lambda: f"shield({self.sub()})", lambda: f"shield({self.other()})", lambda: f"gather({self.sub()}, {self.sub()})",
            lambda: f"wait_for({self.sub()}, {self.timeout()})", lambda: f"create_task({self.sub()})", lambda: "q.join()",
            lambda: "bar.wait()", lambda: f"shield({self.future()})", lambda: f"Later({self.sub()}, {self.delay()})", lambda: f"Later({self.future()})",
            lambda: f"Turns({self.r.randint(0, 3)})", lambda: f"numbers(2, {self.delay()})", lambda: f"gather({self.sub()}, gather({self.sub()}, {self.other()}), {self.future()})",
            lambda: f"wait_for(shield({self.other()}), {self.timeout()})", lambda: f"ensure_future({self.sub()})",
        ])()

    def awaitables(self, least=1, most=4):
        return ", ".join(self.awaitable() for _ in range(self.r.randint(least, most)))

    def waitable(self):
        other = self.other()
        return other if other[0] == "T" else f"create_task({other}, name={self.mark()})"

    def new_tasks(self):
        return "[" + ", ".join(f"create_task({self.sub()}, name={self.mark()})" for _ in range(self.r.randint(1, 3))) + "]"

    def tasks(self):
        chosen = [self.r.choice([self.waitable, self.future, lambda: f"create_task({self.sub()}, name={self.mark()})"])() for _ in range(self.r.randint(1, 4))]
        return "[" + ", ".join(chosen) + "]"

    def statements(self):
        r = self.r
        plain = [
            lambda: f"say({self.mark()})",
            lambda: f"await sleep({self.delay()})",
            lambda: f"say({self.mark()}, await sleep({self.delay()}, 5))",
            lambda: "await ev.wait()",
            lambda: "ev.set()",
            lambda: "ev.clear()",
            lambda: f"await q.put({self.mark()})",
            lambda: f"say({self.mark()}, await q.get())",
            lambda: f"if not q.full(): q.put_nowait({self.mark()})",
            lambda: f"if not q.empty(): say({self.mark()}, q.get_nowait())",
            lambda: "await q.join()",
            lambda: "await bar.wait()",
            lambda: f"say({self.mark()}, {self.task()}.cancel())",
            lambda: f"{self.task()}.cancel({self.mark()})",
            lambda: f"say({self.mark()}, await {self.awaitable()})",
            lambda: f"say({self.mark()}, await {self.awaitable()})",
            lambda: f"say({self.mark()}, await gather({self.awaitables()}, return_exceptions={r.choice(['True', 'False', 'False'])}))",
            lambda: f"say({self.mark()}, await gather({self.awaitables()}))",
            lambda: f"say({self.mark()}, await wait({self.tasks()}, timeout={self.timeout().replace('-1', '0')}, return_when={r.choice(['ALL_COMPLETED', 'FIRST_COMPLETED', 'FIRST_EXCEPTION'])}))",
            lambda: f"say({self.mark()}, await wait_for({self.awaitable()}, {self.timeout()}))",
            lambda: f"say({self.mark()}, await wait_for({self.sub()}, {self.timeout()}))",
            lambda: f"say({self.mark()}, await shield({self.awaitable()}))",
            lambda: f"if not {(f := self.future())}.done(): {f}.set_result({self.mark()})",
            lambda: f"if not {(f := self.future())}.done(): {f}.set_exception(E({self.mark()}))",
            lambda: f"say({self.mark()}, {self.future()}.cancel())",
            lambda: f"{r.choice([self.task, self.future])()}.add_done_callback(lambda f: say({self.mark()}, f))",
            lambda: f"{self.task()}.add_done_callback(lambda f: {self.task()}.cancel())",
            lambda: f"{self.future()}.add_done_callback(fail)",
            lambda: f"get_running_loop().call_soon(say, {self.mark()})",
            lambda: f"get_running_loop().call_later({self.delay()}, say, {self.mark()})",
            lambda: f"get_running_loop().call_later({self.delay()}, {self.task()}.cancel)",
            lambda: f"get_running_loop().call_later({self.delay()}, ev.{r.choice(['set', 'clear'])})",
            lambda: f"H.append(get_running_loop().call_later({self.delay()}, say, {self.mark()}))",
            lambda: "if H: H.pop().cancel()",
            lambda: "get_running_loop().call_soon(fail)",
            lambda: f"raise E({self.mark()})",
            lambda: f"return {self.mark()}",
            lambda: "raise CancelledError",
            lambda: f"say({self.mark()}, current_task().cancelling())",
            lambda: f"say({self.mark()}, current_task().uncancel())",
            lambda: "current_task().cancel()",
            lambda: f"VAR.set(VAR.get() + 1); say({self.mark()}, VAR.get())",
            lambda: f"X.append(create_task({self.sub()}, name={self.mark()}))",
            lambda: f"if X and current_task() in T: say({self.mark()}, await X.pop(0))",
            lambda: f"if X: X[-1].cancel()",
            lambda: f"say({self.mark()}, repr(lock)[-20:], repr(sem)[-20:], repr(ev)[-20:])",
            lambda: f"say({self.mark()}, q.qsize(), {self.task()}, {self.task()})",
            lambda: "await bar.reset()",
            lambda: "await bar.abort()",
            lambda: "release(lock)",
            lambda: "release(sem)",
            lambda: "await lock.acquire()",
            lambda: f"H.append(get_running_loop().call_at(get_running_loop().time() + {self.delay()}, say, {self.mark()}))",
            lambda: f"say({self.mark()}, [(h.cancelled(), round(h.when() - START, 6)) for h in H])",
            lambda: f"say({self.mark()}, outcome({r.choice([self.task, self.future])()}))",
            lambda: f"say({self.mark()}, outcome({r.choice([self.task, self.future])()}))",
            lambda: f"say({self.mark()}, {self.task()}.cancelling(), {self.task()}.uncancel())",
            lambda: f"{self.task()}.remove_done_callback(told_of); {self.task()}.add_done_callback(told_of)",
            lambda: f"say({self.mark()}, {self.future()}.remove_done_callback(fail))",
            lambda: f"{self.future()}.add_done_callback(lambda f: say({self.mark()}, VAR.get()), context=contextvars.copy_context())",
            lambda: f"say({self.mark()}, contextvars.copy_context().run(lambda: (VAR.set(9), VAR.get())[1]), VAR.get())",
            lambda: f"X.append(create_task({self.sub()}, name={self.mark()}, context=contextvars.copy_context()))",
            lambda: f"X.append(Noted({self.sub()}, name={self.mark()}))",
            lambda: f"F[{r.randrange(3)}] = Tracked()",
            lambda: f"say({self.mark()}, nothing_to_get(q))",
            lambda: f"say({self.mark()}, no_room(q, {self.mark()}))",
            lambda: f"say({self.mark()}, len(all_tasks()), sorted(map(name_of, all_tasks())))",
            lambda: f"current_task().set_name(current_task().get_name() + '+')",
            lambda: f"get_running_loop().set_exception_handler({r.choice(['told', 'None'])})",
            lambda: f"await Turns({r.randint(1, 3)})",
            lambda: f"say({self.mark()}, await wait_for(cond_wait(cond), {self.timeout()}))",
            lambda: f"say({self.mark()}, bar.n_waiting, bar.broken, sem.locked(), lock.locked(), ev.is_set())",
            lambda: f"get_running_loop().call_later({self.delay()}, fail)",
            lambda: f"get_running_loop().call_soon({self.future()}.cancel)",
            lambda: f"get_running_loop().call_later({self.delay()}, outcome_set, {self.future()}, {self.mark()})",
            lambda: f"say({self.mark()}, show_repr({r.choice([self.task, self.future])()}))",
            lambda: f"g0 = gather({self.awaitables()}); say({self.mark()}, await wait([g0, {self.waitable()}], timeout={self.timeout().replace('-1', '0')}), g0.cancel(), g0.done())",
            lambda: f"g0 = gather({self.awaitables()}, return_exceptions=True); await sleep({self.delay()}); g0.cancel({self.mark()}); say({self.mark()}, await g0)",
        ]
        return plain

    def compound(self, depth):
        r = self.r
        inner = lambda: self.block(depth - 1)
        v = self.var("v")
        kind = r.randrange(26)
        if kind == 0:
            return ["async with lock:", inner()]
        if kind == 1:
            return ["async with sem:", inner()]
        if kind == 2:
            return ["async with cond:", [*r.choice([[], [f"say({self.mark()})"], [f"await sleep({self.delay()})"]]),
                    r.choice(["await cond.wait()", "cond.notify()", "cond.notify(2)", "cond.notify_all()", "await cond.wait_for(lambda: ev.is_set())"]), *inner()]]
        if kind == 3:
            return [f"async with timeout({self.timeout()}) as {v}:", inner(), f"say({self.mark()}, {v}.expired())"]
        if kind == 4:
            return ["try:", [f"async with timeout({self.timeout()}) as {v}:", inner()], "except TimeoutError as e:", [f"say({self.mark()}, e)"]]
        if kind in (5, 6, 7):
            body = []
            for _ in range(r.randint(1, 4)):
                body.append(f"g{v}.create_task({self.sub()}, name={self.mark()})")
                if r.random() < .3:
                    body += self.block(depth - 1, 1)
            group = [f"async with TaskGroup() as g{v}:", body]
            if kind == 5:
                return group
            return ["try:", group, "except* E as e:", [f"say({self.mark()}, e)"]]
        if kind in (8, 9, 10):
            body = ["try:", inner()]
            for exc in r.sample(["CancelledError", "E", "TimeoutError", "Exception", "BaseException", "(E, CancelledError)"], r.randint(0, 2)):
                body += [f"except {exc} as e:", [f"say({self.mark()}, e)", *self.block(depth - 1, 1), *r.choice([[], ["raise"], ["raise"]])]]
            if len(body) == 2 or r.random() < .4:
                body += ["finally:", [f"say({self.mark()})", *self.block(depth - 1, 2)]]
            return body
        if kind == 11:
            return [f"async for {v} in counted({self.mark()}, 3, {r.choice(['None', self.delay()])}, {r.choice(['None', self.delay()])}):",
                    [f"say({self.mark()}, {v})", *inner(), *r.choice([[], [f"if {v} == 1: break"]])]]
        if kind == 12:
            return [f"{v} = counted({self.mark()}, 3, {r.choice(['None', self.delay()])}, {r.choice(['None', self.delay()])})",
                    "try:", [f"say(await anext({v}))", *inner(), r.choice([f"await {v}.aclose()", f"say(await {v}.asend(1))", f"say(await anext({v}, 'end'))"])],
                    "finally:", [f"await {v}.aclose()"]]
        if kind == 13:
            return [f"async with Guard({self.mark()}, {r.choice(['None', self.delay()])}, {r.choice(['None', self.delay()])}, {r.choice(['None', repr('E'), repr('CancelledError')])}):", inner()]
        if kind in (14, 15):
            return [f"for {v} in as_completed({self.new_tasks()}, timeout={self.timeout().replace('-1', '0')}):",
                    r.choice([[f"say({self.mark()}, await {v})"], ["try:", [f"say({self.mark()}, await {v})"], "except (E, TimeoutError) as e:", [f"say({self.mark()}, e)"]]])]
        if kind == 16:
            return [f"for {v} in range(2):", inner()]
        if kind == 17:
            return [f"async with timeout({self.timeout()}) as {v}:", [*self.block(depth - 1, 1), f"{v}.reschedule({r.choice(['None', 'get_running_loop().time() + 1', 'get_running_loop().time() - 1', 'get_running_loop().time()'])})", *inner()]]
        if kind == 18:
            return [f"async with timeout_at({r.choice(['None', 'get_running_loop().time()', 'get_running_loop().time() + 0.5', 'START + 1'])}) as {v}:", inner(),
                    f"say({self.mark()}, {v}.expired(), repr({v})[:19])"]
        if kind == 19:
            return [f"{v} = counted({self.mark()}, 3, {r.choice(['None', self.delay()])}, {r.choice(['None', self.delay()])})",
                    "try:", [f"say(await anext({v}), await {v}.athrow(E({self.mark()})))"], "except (E, StopAsyncIteration) as e:", [f"say({self.mark()}, e)", *self.block(depth - 1, 1)]]
        if kind == 20:
            return [f"{v} = create_task({self.sub()}, name={self.mark()})", "try:", [f"await wait_for(shield({v}), {self.timeout()})"], "except TimeoutError:",
                    [f"say({self.mark()}, {v}, {v}.cancel())", *r.choice([[f"await wait([{v}])"], [f"say(await gather({v}, return_exceptions=True))"], self.block(depth - 1, 1)])]]
        if kind == 21:
            return ["try:", [f"async with TaskGroup() as g{v}:",
                             [f"g{v}.create_task({self.sub()}, name={self.mark()})", "try:", [f"async with TaskGroup() as h{v}:", [f"h{v}.create_task({self.sub()}, name={self.mark()})", *inner()]],
                              "finally:", [f"say({self.mark()}, g{v})" if r.random() < .2 else f"say({self.mark()})", *self.block(depth - 1, 1)]]],
                    "except* (E, TimeoutError) as e:", [f"say({self.mark()}, e)"]]
        if kind == 22:
            return [f"async with timeout({self.timeout()}):", ["try:", [f"async with timeout({self.timeout()}):", inner()], "except TimeoutError as e:", [f"say({self.mark()}, e, current_task().cancelling())"]]]
        if kind == 23:
            return ["try:", [f"async with sem, lock:", inner()], "except CancelledError as e:", [f"say({self.mark()}, e, current_task().cancelling())", *r.choice([[], ["raise"], ["current_task().uncancel()"]])]]
        if kind == 24:
            return [f"async with cond:", [f"try:", [f"say({self.mark()}, await wait_for(cond.wait(), {self.timeout()}))"], "except TimeoutError:", [f"say({self.mark()})", "cond.notify()"]]]
        return [f"{v} = await q.get()", "try:", inner(), "finally:", ["q.task_done()"]]

    def block(self, depth, most=4):
        out = []
        for _ in range(self.r.randint(1, most)):
            if depth > 0 and self.r.random() < .4:
                out += self.compound(depth)
            else:
                rows = self.statements()
                while True:
                    i = self.r.randrange(len(rows))
                    if i in self.features or self.r.random() < .05:
                        break
                out.append(rows[i]())
        return out

    def program(self):
        r = self.r
        body = []
        for i in range(self.subs):
            self.where, self.label = f"s{i}.", 0
            kinds = [f"await sleep({self.delay()})", f"await sleep({self.delay()})", f"raise E({self.mark()})", f"return {self.mark()}"]
            inner = self.block(r.randint(0, 2), 3) if r.random() < .5 else [r.choice(kinds[:2])]
            tail = [r.choice(kinds)]
            guard = ["if depth[0] > 9: return", "depth[0] += 1", f"say('s{i}', n)"]
            if r.random() < .5:
                inner = ["try:", inner, "except BaseException as e:", [f"say('s{i}', n, e)", "raise"]]
            body += [f"async def s{i}(n):", [*guard, *inner, *tail]]
        for i in range(self.workers):
            self.where, self.label = f"w{i}.", 0
            inner = self.block(2, 5)
            if r.random() < .6:
                inner = ["try:", inner, "except BaseException as e:", [f"say('w{i}', e)", *r.choice([[], ["raise"]])]]
            body += [f"async def w{i}():", [f"say('w{i}')", *inner]]
        self.where, self.label = "m.", 0
        setup = ["global START", "START, OVER[0] = get_running_loop().time(), False", "depth = [0]", "lock, ev, cond, bar = Lock(), Event(), Condition(), Barrier(2)",
                 f"sem, q = {r.choice(['Semaphore', 'Semaphore', 'BoundedSemaphore'])}({r.randint(1, 2)}), {r.choice(['Queue', 'Queue', 'Queue', 'LifoQueue', 'PriorityQueue'])}({r.randint(0, 2)})",
                 "F = [get_running_loop().create_future() for _ in range(3)]", "T, X, H = [], [], []"]
        start = [f"T.append(create_task(w{i}(), name='w{i}'))" for i in range(self.workers)]
        if r.random() < .3:
            start.insert(r.randrange(1, len(start) + 1), "await sleep(0)")
        middle = ["try:", self.block(1, 3), "except Exception as e:", [f"say('main', e)"]] if r.random() < .6 else []
        end = ["for _ in range(3):", ["if any(not t.done() for t in T + X):", ["say('main waits', await wait(T + X, timeout=20))"], "for t in T + X:", ["t.cancel()"]], "OVER[0] = True", "say('end', T)"]
        return setup, body, start, middle, end

    def text(self, name):
        setup, body, start, middle, end = self.program()
        parts = render([f"async def {name}():", [*setup, *body, *start, *middle, *end, "return [t.cancelled() or t.done() and t.exception() for t in T]"]])
        return "\n".join(parts) + "\n"


def render(tree, depth=0):
    lines = []
    for item in tree:
        if isinstance(item, list):
            lines += render(item or ["pass"], depth + 1)
        else:
            lines.append("    " * depth + item)
    return lines


def make(seed, index, name="program"):
    text = Maker(seed, index).text(name)
    compile(text, name, "exec")
    return text


def script(seed, indices):
    """A file that runs several programs; the last one decides the exit status."""
    parts = [PRELUDE, DRIVER]
    chance = random.Random(f"{seed}:{indices[0]}")
    if chance.random() < .2:
        parts.append(f"alone({chance.randint(1, 4)}, {chance.choice([0, 0.5, 1])})\n")
    for i in indices:
        parts.append(make(seed, i, f"program{i}"))
    for i in indices[:-1]:
        parts.append(f"drive({i}, program{i})\n")
    last = indices[-1]
    parts.append(f"print('=== program', {last}, flush=True)\nprint('result', show(asyncio.run(until_over(program{last}()))))\n")
    return "".join(parts)


def run(command, path, env=None):
    try:
        done = subprocess.run([*command, path], capture_output=True, timeout=8, env=env)
    except subprocess.TimeoutExpired as e:
        return "timeout", (e.stdout or b"").decode(errors="replace")
    return done.returncode, done.stdout.decode(errors="replace")


def oracle(path, perturb):
    env = {k: v for k, v in os.environ.items() if k != "CORUN_ORACLE"} | {"ORACLE_PERTURB": str(perturb)}
    return run([os.environ.get("CORUN_PYTHON", "python3.11"), os.environ["CORUN_ORACLE"]], path, env)


def parts_of(output, indices):
    """What each program printed; the exit status belongs to the last one."""
    status, text = output
    parts = {}
    for chunk in text.split("=== program ")[1:]:
        number, _, rest = chunk.partition("\n")
        parts[int(number)] = rest
    return {i: (parts.get(i), status if i == indices[-1] else 0) for i in indices}


def differs(text, corun, perturbations):
    """What CPython and corun print, when CPython always prints the same and corun something else."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "script.py")
        Path(path).write_text(text)
        ours = run([corun, "--clock", "virtual"], path)
        first = oracle(path, 0)
        if ours == first or "timeout" in (ours[0], first[0]):
            return None
        for p in range(1, perturbations):
            if oracle(path, p) != first:
                return None
        return first, ours


def check_batch(seed, indices, corun):
    """(programs that count, programs that differ) of a batch."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "script.py")
        Path(path).write_text(script(seed, indices))
        results = [parts_of(oracle(path, p), indices) for p in range(3)]
        ours = parts_of(run([corun, "--clock", "virtual"], path), indices)
    stable = [i for i in indices if all(r[i] == results[0][i] and r[i][0] is not None for r in results)]
    wrong = [i for i in stable if ours[i] != results[0][i]]
    sure = [i for i in wrong if differs(script(seed, [i]), corun, MORE_PERTURBATIONS) or batch_only(seed, i, indices, corun)]
    return len(stable) - len(wrong) + len(sure), sure


def batch_only(seed, index, indices, corun):
    """Whether a program differs only behind the others of its batch, in more than the luck of addresses."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "script.py")
        Path(path).write_text(script(seed, indices))
        ours = parts_of(run([corun, "--clock", "virtual"], path), indices)[index]
        return all(ours != parts_of(oracle(path, p), indices)[index] == parts_of(oracle(path, 0), indices)[index] for p in range(3, 11))


def shrink(text, corun):
    """Takes statements out of a program as long as it still differs."""
    tree = ast.parse(text)
    changed = True
    while changed:
        changed, place = False, 0
        while (smaller := without(tree, place)) is not None:
            if any(differs(ast.unparse(t), corun, 1) for t in smaller):
                tree = next(t for t in smaller if differs(ast.unparse(t), corun, 2) or t is smaller[-1])
                changed = True
            else:
                place += 1
    return ast.unparse(tree)


def blocks(tree):
    program = next(n for n in tree.body if isinstance(n, ast.AsyncFunctionDef) and n.name.startswith("program"))
    for node in ast.walk(program):
        for field in ("body", "orelse", "finalbody", "handlers"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield node, field, block


def without(tree, place):
    """The trees without the statement of a number, or with its body in its stead; None behind the last one."""
    places = [(n, i) for n, (_, _, block) in enumerate(blocks(tree)) for i in range(len(block))]
    if place >= len(places):
        return None
    n, i = places[place]
    trees = []
    for hoist in (False, True):
        clone = copy.deepcopy(tree)
        node, field, block = list(blocks(clone))[n]
        old = block[i]
        if hoist and not isinstance(old, (ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.For, ast.AsyncFor, ast.If)):
            continue
        block[i:i + 1] = old.body if hoist else []
        if isinstance(old, ast.Pass) and len(block) == 0:
            continue
        if not block and field == "body":
            block.append(ast.Pass())
        try:
            compile(ast.unparse(clone), "x", "exec")
        except (SyntaxError, ValueError):
            continue
        trees.append(clone)
    return trees


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corun", default=str(ROOT / "target/release/corun"))
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=2000, help="programs that count")
    parser.add_argument("-j", type=int, default=2)
    parser.add_argument("--show")
    parser.add_argument("--shrink")
    options = parser.parse_args()
    if options.show or options.shrink:
        seed, index = (options.show or options.shrink).split(":")
        text = script(seed, [int(index)])
        if options.shrink:
            text = shrink(text, options.corun)
            found = differs(text, options.corun, MORE_PERTURBATIONS)
            text += "\n" + (f"CPython: {found[0]}\ncorun:   {found[1]}" if found else "no difference that is sure")
        print(text)
        return
    counted = start = 0
    different = []
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        while counted < options.count:
            batches = [list(range(start + k * BATCH, start + (k + 1) * BATCH)) for k in range(2 * options.j)]
            start += 2 * options.j * BATCH
            for good, wrong in pool.map(lambda b: check_batch(options.seed, b, options.corun), batches):
                counted += good
                different += wrong
                for i in wrong:
                    print(f"differs: {options.seed}:{i}", flush=True)
            print(f"... {counted}", file=sys.stderr, flush=True)
    print(f"{counted} programs that count, of {start}; {len(different)} differ")
    sys.exit(1 if different else 0)


main()
