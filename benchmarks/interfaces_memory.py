"""Messages of hospital systems for three quarters of an hour: does the memory of the node stay flat?

The node and the messages of `interfaces.py`, in and out at once. What the node takes is looked at every half
minute. The first quarter of an hour fills what has a limit (pages of the database that connections keep,
decisions of policy, statements) and is left out; through the half hour that follows goes a line by least
squares, whose slope is what the node grows by.

    .venv/bin/python benchmarks/interfaces_memory.py --publish
"""

import asyncio
import statistics
import threading
import time
from pathlib import Path
from typing import Self

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum_node import Node, run
from interfaces import both, send_in
from measure import Others, Result, arguments, free_port, memory, met, percentile, step

WARMING_UP_MINUTES = 15
MOST_GROWTH_MB_AN_HOUR = 20
_EVERY_S = 30
_ROW_EVERY_MINUTES = 2.5


class Series:
    """What a process tree takes, every half minute, as (minutes since the start, MB)."""

    def __init__(self, root: int) -> None:
        self.taken: list[tuple[float, float]] = []
        self._root, self._begin = root, time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            minutes = (time.monotonic() - self._begin) / 60
            self.taken.append((minutes, memory(self._root).rss_mb))
            if self._stop.wait(_EVERY_S):
                return

    def warm(self) -> list[tuple[float, float]]:
        """The samples after warming up."""
        return [one for one in self.taken if one[0] >= WARMING_UP_MINUTES]


def growth_mb_an_hour(samples: list[tuple[float, float]]) -> float:
    """The slope of the line through them by least squares."""
    return 60 * statistics.linear_regression(*zip(*samples, strict=True)).slope


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--per-minute", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=45.0)
    asked = parser.parse_args()
    port, receiving = free_port(), free_port()
    others = Others()
    with Node("interfaces-memory", [], settings=f'hl7_listen = "127.0.0.1:{port}"\n') as node:
        data = Path(node.data)
        run("person", "--data", data, "--role", "technician", "his")
        run("hl7", "senders", "add", "--data", data, "--application", "HIS", "--acts-as", "his", "his")
        with (
            open_parts(load_settings(data, {})) as parts,
            Series(node.server.pid) as series,
            step("in and out at once"),
        ):
            asyncio.run(send_in(port, asked.per_minute, 0.2, "W"))
            came, went = asyncio.run(both(parts, (port, receiving), asked.per_minute, asked.minutes))
    warm = series.warm()
    growth = growth_mb_an_hour(warm)
    first, last = warm[0], warm[-1]
    Result(
        name="interfaces-memory",
        title="Memory while messages come and go",
        command="make bench-interfaces-memory",
        columns=["minute", "the node takes, MB"],
        rows=[[f"{minutes:.1f}", f"{mb:.0f}"] for minutes, mb in _thinned(series.taken)],
        others=others.share(),
        wanted=[
            (
                f"grows by <= {MOST_GROWTH_MB_AN_HOUR} MB an hour after {WARMING_UP_MINUTES} minutes",
                f"{growth:.0f} MB an hour ({first[1]:.0f} MB to {last[1]:.0f} MB)",
                met(growth <= MOST_GROWTH_MB_AN_HOUR),
            ),
            (
                "none refused or lost",
                f"{came.refused + went.refused} refused",
                met(not came.refused + went.refused),
            ),
        ],
        notes=[
            f"{len(came.waits_ms):,} messages in (p95 {percentile(came.waits_ms, 0.95):.0f} ms) and "
            f"{len(went.waits_ms):,} out, {asked.per_minute:,} a minute each way; the slope is of samples "
            f"every {_EVERY_S} s by least squares.",
        ],
        raw={"taken": series.taken},
    ).finish(asked.publish)


def _thinned(samples: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Samples for a table: the first, one for every few minutes, and the last."""
    kept = [samples[0]]
    for one in samples[1:]:
        if one[0] >= kept[-1][0] + _ROW_EVERY_MINUTES:
            kept.append(one)
    return kept if kept[-1] == samples[-1] else [*kept, samples[-1]]


if __name__ == "__main__":
    main()
