"""The verifiable log: durable appends, acknowledgement, proofs and a whole verification, beside pymerkle.

Events are 255 bytes, and every acknowledged one was synced to disk. Appends: 64 threads and 1,024 tasks
of one event loop, each as fast as it is answered; tasks that come at 10,000 a second whether answered or
not, which is where the time to the answer counts; and one caller alone. Proofs and the verification run
on a log of their own, with its file in the page cache. pymerkle keeps its tree in SQLite too, with a sync
for each append or bulk.

    .venv/bin/python benchmarks/trust_log.py
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from hemalum.runtime.log import Log, open_log
from hemalum.runtime.log.merkle import Frontier, leaf_hash
from hemalum.runtime.log.notes import open_checkpoint
from hemalum.runtime.log.proofs import proves_inclusion
from hemalum.runtime.log.verify import verify_node_log
from hemalum.runtime.settings import Settings, load_settings
from measure import (
    BENCH_DATA,
    Others,
    Result,
    arguments,
    median,
    met,
    peer_python,
    percentile,
    quietest,
    step,
    version_of,
)

THREADS, TASKS = 64, 1024
OFFERED_PER_S = 10_000
LEAST_PER_S, MOST_P99_MS, MOST_SIGNED_S = 10_000, 100, 1.0
MOST_CHECK_MS, LEAST_VERIFIED_PER_S = 0.1, 100_000
FOLDER = BENCH_DATA / "log"


def event(number: int) -> bytes:
    """Like an event in JSON, 255 bytes or a little more."""
    return (b'{"event":%d,' % number).ljust(254, b" ") + b"}"


@dataclass
class Appends:
    """What one way of appending came to."""

    events: int = 0
    wall_s: float = 0
    cpu_s: float = 0
    waits_ms: list[float] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        return self.events / self.wall_s


@dataclass
class Round:
    """One round of everything about appending."""

    threads: Appends
    tasks: Appends
    offered: Appends
    alone: Appends
    signed_s: float
    """From the last event to a checkpoint that covers it."""


def fresh_log(name: str) -> tuple[Settings, Log]:
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    settings = load_settings(folder, {"HEMALUM_NODE_NAME": "benchmark.example/log"})
    return settings, open_log(settings)


def timed(run: Callable[[list[float]], int]) -> Appends:
    """Run a load that notes each wait in seconds and returns how many events there were."""
    waits_s: list[float] = []
    started, cpu = time.perf_counter(), time.process_time()
    events = run(waits_s)
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    return Appends(events, wall_s, cpu_s, [wait * 1000 for wait in waits_s])


def by_threads(log: Log, each: int, waits: list[float]) -> int:
    """Each of the threads appends one event after the other."""

    def append() -> None:
        for number in range(each):
            started = time.perf_counter()
            log.append(event(number))
            waits.append(time.perf_counter() - started)

    threads = [threading.Thread(target=append) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return THREADS * each


def by_tasks(log: Log, each: int, waits: list[float]) -> int:
    """Each of the tasks of one event loop appends one event after the other."""

    async def append() -> None:
        for number in range(each):
            started = time.perf_counter()
            await log.append_async(event(number))
            waits.append(time.perf_counter() - started)

    async def all_of_them() -> None:
        await asyncio.gather(*(append() for _ in range(TASKS)))

    asyncio.run(all_of_them())
    return TASKS * each


def as_offered(log: Log, seconds: float, waits: list[float]) -> int:
    """Events come at a fixed rate; each waits from the moment when it should have come."""

    async def append(number: int, due: float) -> None:
        await log.append_async(event(number))
        waits.append(time.perf_counter() - due)

    async def offer() -> int:
        begin = time.perf_counter()
        tasks: list[asyncio.Task[None]] = []
        while len(tasks) < seconds * OFFERED_PER_S:
            while len(tasks) < (time.perf_counter() - begin) * OFFERED_PER_S:
                due = begin + len(tasks) / OFFERED_PER_S
                tasks.append(asyncio.create_task(append(len(tasks), due)))
            await asyncio.sleep(0.001)
        await asyncio.gather(*tasks)
        return len(tasks)

    return asyncio.run(offer())


def by_one(log: Log, events: int, waits: list[float]) -> int:
    """One caller alone: every event costs a sync of the disk."""
    for number in range(events):
        started = time.perf_counter()
        log.append(event(number))
        waits.append(time.perf_counter() - started)
    return events


def take_round(scale: float) -> Round:
    """All ways of appending, on a fresh log."""
    _, log = fresh_log("appends")
    by_threads(log, 10, [])
    found = Round(
        timed(partial(by_threads, log, int(600 * scale))),
        timed(partial(by_tasks, log, int(60 * scale))),
        timed(partial(as_offered, log, 3 * scale)),
        timed(partial(by_one, log, int(300 * scale))),
        0,
    )
    started, size = time.perf_counter(), log.size()
    while open_checkpoint(log.checkpoint(), log.key).size < size:
        time.sleep(0.01)
    found.signed_s = time.perf_counter() - started
    log.close()
    return found


def measure_proofs(count: int) -> dict[str, Any]:
    """Making and checking proofs, and verifying everything, on a log of so many events."""
    settings, log = fresh_log("proofs")
    tree = Frontier()
    for begin in range(0, count, 1000):
        events = [event(number) for number in range(begin, min(begin + 1000, count))]
        log._grow(events, sign=False)
        tree.extend(leaf_hash(one) for one in events)
    log._grow([], sign=True)
    checkpoint = open_checkpoint(log.checkpoint(), log.key)
    prove_s, check_s = [], []
    for number in range(200):
        index = number * 7919 % count
        leaf = leaf_hash(event(index))
        started = time.perf_counter()
        proof = log.prove(index, count)
        proved = time.perf_counter()
        holds = proves_inclusion(proof, leaf, index, count, checkpoint.root)
        check_s.append(time.perf_counter() - proved)
        prove_s.append(proved - started)
        if not holds:
            raise SystemExit("A proof does not hold.")
    log.close()
    started, cpu = time.perf_counter(), time.process_time()
    report = verify_node_log(settings)
    verify_s, verify_cpu_s = time.perf_counter() - started, time.process_time() - cpu
    if report.finding is not None or report.size != count or checkpoint.root != tree.root():
        raise SystemExit("The log is not whole.")
    size = sum(path.stat().st_size for path in settings.log.iterdir())
    return {
        "prove_s": prove_s,
        "check_s": check_s,
        "verify_s": verify_s,
        "verify_cpu_s": verify_cpu_s,
        "bytes": size,
        "root": checkpoint.root.hex(),
    }


def measure_peer(single: int, count: int) -> dict[str, Any]:
    """The same of pymerkle, in its own environment."""
    folder = FOLDER / "pymerkle"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    script = Path(__file__).parent / "peers" / "merkle_log.py"
    command = [peer_python(), script, folder / "log.sqlite", str(single), str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def append_report(options: argparse.Namespace) -> Result:
    """Durable appends."""
    rounds, shares = [], []
    for number in range(options.rounds):
        with step(f"appending, round {number + 1}"):
            found, share = quietest(partial(take_round, options.scale), options.patience)
            rounds.append(found)
            shares.append(share)
    with step("appending, pymerkle"):
        peer = measure_peer(int(300 * options.scale), options.events)
    ways = {
        f"Hemalum, {THREADS} threads": [one.threads for one in rounds],
        f"Hemalum, {TASKS:,} tasks of one event loop": [one.tasks for one in rounds],
        f"Hemalum, tasks at {OFFERED_PER_S:,} a second": [one.offered for one in rounds],
        "Hemalum, one caller": [one.alone for one in rounds],
    }
    rows = [append_row(name, found) for name, found in ways.items()]
    single_ms = [1000 * one for one in peer["single_s"]]
    rows.append(
        [
            "pymerkle, one caller",
            f"{1000 / (sum(single_ms) / len(single_ms)):,.0f}",
            f"{median(single_ms):.1f}",
            f"{percentile(single_ms, 0.99):.1f}",
            "",
        ]
    )
    rows.append(
        [f"pymerkle, {options.events:,} in one bulk", f"{options.events / peer['bulk_s']:,.0f}", "", "", ""]
    )
    offered_p99 = median([percentile(one.offered.waits_ms, 0.99) for one in rounds])
    signed_s = max(one.signed_s for one in rounds)
    wanted = [
        (f">= {LEAST_PER_S:,} durable events/s, {who}", f"{rate:,.0f}", met(rate >= LEAST_PER_S))
        for who, rate in (
            (f"{THREADS} threads", median([one.threads.per_s for one in rounds])),
            ("one event loop", median([one.tasks.per_s for one in rounds])),
        )
    ]
    wanted += [
        (
            f"p99 of acknowledgement <= {MOST_P99_MS} ms at {OFFERED_PER_S:,} events/s",
            f"{offered_p99:.0f} ms",
            met(offered_p99 <= MOST_P99_MS),
        ),
        (
            f"checkpoint <= {MOST_SIGNED_S:g} s after the newest event",
            f"{signed_s:.2f} s",
            met(signed_s <= MOST_SIGNED_S),
        ),
    ]
    return Result(
        name="log",
        title="Durable events",
        command="make bench-trust-log",
        columns=["how", "events/s", "p50 ms", "p99 ms", "CPU us/event"],
        rows=rows,
        wanted=wanted,
        others=sum(shares) / len(shares),
        notes=[
            f"255 bytes an event, each synced to disk before it was acknowledged; medians of {options.rounds}"
            " rounds. The load runs in the same process, so its CPU counts too.",
            f"{THREADS} threads and {TASKS:,} tasks come with the next event once the last is answered.",
        ],
        versions={"pymerkle": version_of("pymerkle", peer_python())},
        raw={name: [one.__dict__ for one in found] for name, found in ways.items()},
    )


def append_row(name: str, rounds: list[Appends]) -> list[str]:
    return [
        name,
        f"{median([one.per_s for one in rounds]):,.0f}",
        f"{median([percentile(one.waits_ms, 0.5) for one in rounds]):.1f}",
        f"{median([percentile(one.waits_ms, 0.99) for one in rounds]):.1f}",
        f"{median([1e6 * one.cpu_s / one.events for one in rounds]):.0f}",
    ]


def proof_report(options: argparse.Namespace) -> Result:
    """Proofs and verification."""
    with step("proofs"):
        found, share = quietest(partial(measure_proofs, options.events), options.patience)
    with step("proofs, pymerkle"):
        others = Others()
        peer = measure_peer(1, options.events)
    if peer["root"] != found["root"]:
        raise SystemExit("pymerkle came to another root.")
    check_ms = 1000 * median(found["check_s"])
    per_s = options.events / found["verify_s"]
    return Result(
        name="log-proofs",
        title="Proofs and verification of the log",
        command="make bench-trust-log",
        columns=["log", "make a proof ms", "check a proof ms", "verify everything, entries/s", "bytes/event"],
        rows=[
            [
                "Hemalum",
                f"{1000 * median(found['prove_s']):.2f}",
                f"{check_ms:.3f}",
                f"{per_s:,.0f} ({options.events / found['verify_cpu_s']:,.0f} per CPU second)",
                f"{found['bytes'] / options.events:.0f}",
            ],
            [
                "pymerkle",
                f"{1000 * median(peer['prove_s']):.2f}",
                f"{1000 * median(peer['check_s']):.3f}",
                "",
                "",
            ],
        ],
        wanted=[
            (f"check <= {MOST_CHECK_MS} ms", f"{check_ms:.3f} ms", met(check_ms <= MOST_CHECK_MS)),
            (
                f"verify >= {LEAST_VERIFIED_PER_S:,} entries/s",
                f"{per_s:,.0f}",
                met(per_s >= LEAST_VERIFIED_PER_S),
            ),
        ],
        others=(share + others.share()) / 2,
        notes=[
            f"A log of {options.events:,} events in the page cache; both come to the same root.",
            "To verify is to read and hash every entry and to compare every stored hash, checkpoint and"
            " signature; pymerkle has nothing like it.",
        ],
        versions={"pymerkle": version_of("pymerkle", peer_python())},
        raw={"Hemalum": found, "pymerkle": {key: peer[key] for key in ("prove_s", "check_s", "bulk_s")}},
    )


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=200_000, help="in the log of the proofs")
    parser.add_argument("--scale", type=float, default=1, help="longer or shorter rounds of appending")
    parser.add_argument("--only", choices=["log", "log-proofs"], help="one of the two tables")
    options = parser.parse_args()
    if options.only != "log-proofs":
        append_report(options).finish(options.publish)
    if options.only != "log":
        proof_report(options).finish(options.publish)


if __name__ == "__main__":
    main()
