"""Processor time per operation of each asyncio primitive with many tasks; the cost must not grow with their number.

    corun --clock real tests/scale/primitives.py [N...]
"""
import asyncio
import sys
import time


async def nothing():
    await asyncio.sleep(0)


async def gather(n):
    await asyncio.gather(*[nothing() for _ in range(n)])


async def wait(n):
    await asyncio.wait([asyncio.create_task(nothing()) for _ in range(n)])


async def task_group(n):
    async with asyncio.TaskGroup() as group:
        for _ in range(n):
            group.create_task(nothing())


async def lock(n):
    one = asyncio.Lock()

    async def work():
        async with one:
            await asyncio.sleep(0)
    await asyncio.gather(*[work() for _ in range(n)])


async def event(n):
    one = asyncio.Event()
    tasks = [asyncio.create_task(one.wait()) for _ in range(n)]
    await asyncio.sleep(0)
    one.set()
    await asyncio.gather(*tasks)


async def queue(n):
    one = asyncio.Queue(1)

    async def put():
        await one.put(1)

    async def get():
        await one.get()
        one.task_done()
    await asyncio.gather(*[put() for _ in range(n)], *[get() for _ in range(n)])
    await one.join()


async def semaphore(n):
    one = asyncio.Semaphore(10)

    async def work():
        async with one:
            await asyncio.sleep(0)
    await asyncio.gather(*[work() for _ in range(n)])


async def condition(n):
    one = asyncio.Condition()

    async def work():
        async with one:
            await one.wait()
    tasks = [asyncio.create_task(work()) for _ in range(n)]
    await asyncio.sleep(0)
    async with one:
        one.notify_all()
    await asyncio.gather(*tasks)


async def barrier(n):
    one = asyncio.Barrier(n)
    await asyncio.gather(*[one.wait() for _ in range(n)])


async def wait_for(n):
    await asyncio.gather(*[asyncio.wait_for(nothing(), 1000) for _ in range(n)])


async def timeout(n):
    async def work():
        async with asyncio.timeout(1000):
            await asyncio.sleep(0)
    await asyncio.gather(*[work() for _ in range(n)])


async def as_completed(n):
    for one in asyncio.as_completed([asyncio.create_task(nothing()) for _ in range(n)]):
        await one


async def shield(n):
    await asyncio.gather(*[asyncio.shield(nothing()) for _ in range(n)])


async def cancel(n):
    one = asyncio.Lock()
    await one.acquire()
    tasks = [asyncio.create_task(one.acquire()) for _ in range(n)]
    await asyncio.sleep(0)
    for task in reversed(tasks):
        task.cancel()
    await asyncio.wait(tasks)


async def sleep(n):
    await asyncio.gather(*[asyncio.sleep(i % 7 * 0.001) for i in range(n)])


def main():
    sizes = [int(n) for n in sys.argv[1:]] or [1000, 10000, 100000]
    print('microseconds per task'.ljust(24), *[str(n).rjust(8) for n in sizes])
    for case in (gather, wait, task_group, lock, event, queue, semaphore, condition, barrier, wait_for, timeout, as_completed, shield, cancel, sleep):
        times = []
        for n in sizes:
            start = time.process_time()
            asyncio.run(case(n))
            times.append((time.process_time() - start) / n * 1e6)
        print(case.__name__.ljust(24), *[f'{t:8.2f}' for t in times], flush=True)


main()
