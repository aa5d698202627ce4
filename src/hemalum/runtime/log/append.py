"""Group commit: what waits becomes durable together, for a disk syncs a thousand entries as fast as one."""

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hemalum.runtime.log.store import LogFailed

_LOG = logging.getLogger(__name__)
_MOST_TOGETHER = 1024
"""Entries in one transaction: more would keep the first of them waiting for little gain."""
_GATHER_S = 0.001
"""After several were appended together, those who were woken get this long to come with their next entry;
otherwise the quickest of them would get a sync for itself."""
_SIGN_AFTER_S = 0.5
"""A checkpoint is due this long after the first entry that none covers, so it is there within a second."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where an entry stands in the log for ever."""

    index: int
    leaf_hash: bytes


type Grow = Callable[[Sequence[bytes], bool], tuple[int, list[bytes]]]
"""Makes entries durable, and signs a checkpoint when asked to; returns the number of the first entry and the
leaf hashes. Raises LogFailed."""


@dataclass(eq=False)
class _Batch:
    """Entries that become durable together, and who waits for them."""

    entries: list[bytes] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    tasks: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = field(default_factory=dict)
    first: int = 0
    hashes: list[bytes] = field(default_factory=list)
    failure: LogFailed | None = None

    def finish(self) -> None:
        """Wake everybody who waits."""
        self.done.set()
        for loop, futures in self.tasks.items():
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits there
                loop.call_soon_threadsafe(_wake, futures)

    def position(self, place: int) -> Position:
        """What became of one entry."""
        if self.failure is not None:
            raise type(self.failure).saying(self.failure.sentence) from self.failure
        return Position(self.first + place, self.hashes[place])


def _wake(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():  # a task may have been cancelled
            future.set_result(None)


class GroupCommit:
    """One thread that makes durable what others hand in. Threads and event loops may mix."""

    def __init__(self, grow: Grow) -> None:
        self._grow = grow
        self._waiting: deque[_Batch] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._sign_at: float | None = None
        """When a checkpoint is due; None while one covers everything."""
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def append(self, entry: bytes) -> Position:
        """Wait until the entry is durable.

        Raises:
            LogFailed: it is not.
        """
        with self._changed:
            batch, place = self._hand_in(entry)
        batch.done.wait()
        return batch.position(place)

    async def append_async(self, entry: bytes) -> Position:
        """The same without keeping the event loop waiting."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        with self._changed:
            batch, place = self._hand_in(entry)
            batch.tasks.setdefault(loop, []).append(future)
        await future
        return batch.position(place)

    def close(self) -> None:
        """Make durable what waits, sign a last checkpoint, and stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _hand_in(self, entry: bytes) -> tuple[_Batch, int]:
        if self._closing:
            raise LogFailed("The log is closed.")
        if not self._waiting or len(self._waiting[-1].entries) >= _MOST_TOGETHER:
            self._waiting.append(_Batch())
            self._changed.notify()
        batch = self._waiting[-1]
        batch.entries.append(entry)
        return batch, len(batch.entries) - 1

    def _run(self) -> None:
        batch: _Batch | None = None
        while True:
            if batch is not None and len(batch.entries) > 1:
                time.sleep(_GATHER_S)
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing, self._seconds_to_signing())
                batch = self._waiting.popleft() if self._waiting else None
                ending = self._closing and batch is None
            self._commit(batch or _Batch(), sign=ending or self._seconds_to_signing() == 0)
            if ending:
                return

    def _seconds_to_signing(self) -> float | None:
        return None if self._sign_at is None else max(0.0, self._sign_at - time.monotonic())

    def _commit(self, batch: _Batch, *, sign: bool) -> None:
        try:
            batch.first, batch.hashes = self._grow(batch.entries, sign)
        except LogFailed as error:
            batch.failure = error
        except Exception as error:
            batch.failure = LogFailed("The log failed in an unexpected way; nothing goes on.")
            batch.failure.__cause__ = error
        if batch.failure is not None and not self._failing:
            _LOG.error("appending fails: %s", batch.failure, exc_info=batch.failure)
        self._failing = batch.failure is not None
        if sign and not self._failing:
            self._sign_at = None
        elif sign or self._sign_at is None:
            self._sign_at = time.monotonic() + _SIGN_AFTER_S
        batch.finish()
