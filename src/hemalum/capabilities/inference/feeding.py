"""The way of batches to the process of a device, and of answers back. Used in child processes only."""

import queue
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import msgspec
from numpy.typing import NDArray

from hemalum.capabilities.inference.channel import receive, send
from hemalum.kernel.errors import HemalumError
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed

type Array = NDArray[Any]

IN_FLIGHT = 2
"""Batches of a reader that are under way: while the device has one, the next is on its way there."""


class DeviceLost(Exception):
    """The process of the device has gone. Whoever started it knows why."""


class Feed:
    """Connections of one reader to the process of a device. For one thread; `close` when done."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._pool = ThreadPoolExecutor(IN_FLIGHT)
        self._ends = [socket.socket(socket.AF_UNIX) for _ in range(IN_FLIGHT)]
        self._free: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()
        for end in self._ends:
            self._free.put(end)
        self._connected: set[socket.socket] = set()

    def ask(self, batch: Array) -> Future[dict[str, Array]]:
        """What the network gives for a batch, by output; in the order of asking only by luck.

        The future raises:
            DeviceLost: the process has gone.
            HemalumError: the network gave what it may not, such as NaN; see `analysis.inference`.
        """
        return self._pool.submit(self._ask, batch)

    def _ask(self, batch: Array) -> dict[str, Array]:
        end = self._free.get()
        try:
            if end not in self._connected:
                end.connect(self._address)
                self._connected.add(end)
            send(end, None, {"batch": batch})
            answer = receive(end)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise DeviceLost from error
        finally:
            self._free.put(end)
        if answer is None:
            raise DeviceLost
        said, found = answer
        if said is not None:
            raise HemalumError.saying(typed(said, Sentence))
        return found

    def close(self) -> None:
        """Break off what is under way. Safe to call twice."""
        for end in self._ends:
            with suppress(OSError):
                # Whoever waits for an answer on it wakes up.
                end.shutdown(socket.SHUT_RDWR)
        self._pool.shutdown(cancel_futures=True)
        for end in self._ends:
            end.close()
