"""Work on untrusted bytes in child processes that may die without harm.

A child runs named functions ("package.module:function") with limited memory, processor time and patience. It
answers in MessagePack, never in pickle, so that a child that a hostile file has taken over can lie but cannot
run code in its parent. It runs in its own session, with an environment without secrets, and dies with its
parent. One child serves many calls and leaves when it has been idle.

Wire form, both ways: 4 bytes little-endian length, then a MessagePack map.
"""

import math
import os
import select
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import IO, Any, Literal

import msgspec

from hemalum.kernel import errors
from hemalum.kernel.errors import HemalumError, UnreadableSlide
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed

_MAX_MESSAGE_BYTES = 512 << 20
_TICK_S = 0.25
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "TMPDIR", "HOME")
_CHILD = "from hemalum.runtime.sandbox_child import main; main()"

type Memory = Literal["address-space", "data"]
type OnProgress = Callable[[str, int, int], None]
"""Called with stage, done and total, from the thread that called."""


class ChildStalled(UnreadableSlide):
    """The child showed no progress, or took too long, and was stopped."""


class ChildDied(UnreadableSlide):
    """The child crashed, or left without an answer."""


class ChildOutOfMemory(ChildDied):
    """The child took more memory than it may."""


class Cancelled(HemalumError):
    """The work was stopped because somebody asked for that."""

    status = 409
    code = "cancelled"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use."""

    memory_mib: int = 4096
    memory: Memory = "address-space"
    """What of its memory is counted: all of its address space, or only what it can write to and shares with
    nobody. Drivers of graphics processors reserve address space by the memory of the machine."""
    cpu_s: int = 6 * 3600
    """Processor time of one call."""
    stall_s: float = 120
    """Time without any sign of progress."""
    wall_s: float = 6 * 3600
    """Time of one call in any case."""
    idle_s: float = 60
    """A child without work leaves after this; infinity: never."""


class Workers:
    """A few child processes that calls share. May be called from many threads; waits for a free child."""

    def __init__(
        self, size: int, limits: Limits | None = None, *, loads: str = "", passes_on: tuple[str, ...] = ()
    ) -> None:
        """`loads` names a module that children import before their first call.

        `passes_on` names variables of the environment that they see beside those that every child sees.
        """
        self._limits = limits or Limits()
        self._loads = loads
        self._passes_on = (*_PASSED_ON, *passes_on)
        self._free: list[_Child] = []
        self._lock = threading.Lock()
        self._room = threading.Semaphore(size)
        self._closed = False

    def call(
        self,
        function: str,
        arguments: Mapping[str, Any],
        *,
        progress: OnProgress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Any:
        """Run `package.module:function(**arguments)` in a child; returns what it returns, as plain values.

        Arguments and result are None, bool, int, float, str, bytes, and lists and maps of these. A function
        that has a parameter `progress` gets a callable to report with. `cancelled` is asked a few times a
        second.

        Raises:
            UnreadableSlide: the child died, hung, or ran out of memory; the sentence says which.
            Cancelled: `cancelled` answered True.
            HemalumError: what the function itself raised, of the same class.
        """
        with self._room:
            child = self._take()
            try:
                return child.call(function, arguments, progress, cancelled)
            finally:
                self._give_back(child)

    def start(self) -> None:
        """Start a child that calls need not wait for; it stays when idle. Returns at once."""
        self._give_back(_Child(replace(self._limits, idle_s=math.inf), self._loads, self._passes_on))

    def close(self) -> None:
        """Stop every child that is not at work; the others stop when their call ends."""
        with self._lock:
            self._closed = True
            children, self._free = self._free, []
        for child in children:
            child.kill()

    def _take(self) -> "_Child":
        with self._lock:
            while self._free:
                child = self._free.pop()
                if child.is_ready():
                    return child
                child.kill()
        return _Child(self._limits, self._loads, self._passes_on)

    def _give_back(self, child: "_Child") -> None:
        with self._lock:
            if child.is_ready() and not self._closed:
                self._free.append(child)
                return
        child.kill()


class _Child:
    """One child process and the pipes to it."""

    def __init__(self, limits: Limits, loads: str, passes_on: tuple[str, ...]) -> None:
        self._limits = limits
        self._loads = loads
        self._passes_on = passes_on
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the child)
        # A child is told to die with the *thread* that started it (PR_SET_PDEATHSIG), so one thread that
        # lives as long as the process starts them all.
        self._process: subprocess.Popen[bytes] = _starter().submit(self._start).result()
        self._usable = True

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in self._passes_on if name in os.environ}
        environment |= {
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "2",
            "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
        }
        limits = self._limits
        settings = [str(os.getpid()), str(limits.memory_mib), limits.memory, str(limits.idle_s), self._loads]
        return subprocess.Popen(
            [sys.executable, "-c", _CHILD, *settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=environment,
            start_new_session=True,
            bufsize=0,
        )

    def is_ready(self) -> bool:
        """Whether the child lives and is between calls. One that has left because it was idle is not."""
        if not self._usable or self._process.poll() is not None:
            return False
        assert self._process.stdout is not None
        return not _can_read(self._process.stdout, 0)

    def call(
        self,
        function: str,
        arguments: Mapping[str, Any],
        progress: OnProgress | None,
        cancelled: Callable[[], bool] | None,
    ) -> Any:
        self._usable = False
        try:
            self._send({"function": function, "arguments": dict(arguments), "cpu_s": self._limits.cpu_s})
            answer = self._await_answer(progress, cancelled)
        except BaseException:
            self.kill()
            raise
        self._usable = True
        if answer.error is not None:
            raise _error(answer.error, answer.sentence)
        return answer.result

    def _await_answer(self, progress: OnProgress | None, cancelled: Callable[[], bool] | None) -> "_Message":
        started = last_sign = time.monotonic()
        buffer = bytearray()
        while True:
            if cancelled is not None and cancelled():
                raise Cancelled("The work was cancelled.")
            now = time.monotonic()
            if now - last_sign > self._limits.stall_s:
                raise ChildStalled(
                    "Reading the file made no progress for {limit_s} s and was stopped.",
                    limit_s=round(self._limits.stall_s),
                )
            if now - started > self._limits.wall_s:
                raise ChildStalled(
                    "Reading the file took more than {limit_s} s and was stopped.",
                    limit_s=round(self._limits.wall_s),
                )
            if not self._receive(buffer):
                continue
            last_sign = time.monotonic()
            while (message := _next_message(buffer)) is not None:
                if message.progress is None:
                    return message
                if progress is not None:
                    progress(*message.progress)

    def _receive(self, buffer: bytearray) -> bool:
        assert self._process.stdout is not None
        if not _can_read(self._process.stdout, _TICK_S):
            return False
        received = os.read(self._process.stdout.fileno(), 1 << 20)
        if not received:
            raise self._death()
        buffer += received
        return True

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        body = msgspec.msgpack.encode(message)
        view = memoryview(struct.pack("<I", len(body)) + body)
        try:
            while view:
                written = self._process.stdin.write(view)
                view = view[written or 0 :]
        except BrokenPipeError as error:
            raise self._death() from error

    def _death(self) -> ChildDied:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._complaints.seek(max(0, self._complaints.seek(0, os.SEEK_END) - 4096))
        complaint = self._complaints.read().decode(errors="replace")
        code = self._process.returncode
        if "MemoryError" in complaint or "bad_alloc" in complaint:
            return ChildOutOfMemory("Reading the file needs more memory than is allowed.")
        if code is not None and code < 0:
            return ChildDied("The reader crashed on this file (signal {number}).", number=-code)
        return ChildDied("The reader stopped unexpectedly on this file.")

    def kill(self) -> None:
        """End the child and all it started. Safe to call twice."""
        self._usable = False
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, 9)
            with suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._complaints):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _can_read(pipe: IO[bytes], wait_s: float) -> bool:
    """Whether there is something to read, or the end. By poll: select refuses numbers of 1024 and above."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(wait_s * 1000))


class _Message(msgspec.Struct, frozen=True):
    """What a child says: how far it is, or its answer."""

    progress: tuple[str, int, int] | None = None
    result: Any = None
    error: str | None = None
    """Name of a class of `kernel.errors`."""
    sentence: Any = None


def _next_message(buffer: bytearray) -> _Message | None:
    if len(buffer) < 4:
        return None
    (length,) = struct.unpack_from("<I", buffer)
    if length > _MAX_MESSAGE_BYTES:
        raise UnreadableSlide("The reader answered with more than is allowed.")
    if len(buffer) < 4 + length:
        return None
    body = bytes(buffer[4 : 4 + length])
    del buffer[: 4 + length]
    try:
        return msgspec.msgpack.decode(body, type=_Message)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnreadableSlide("The reader answered what cannot be understood.") from error


def _error(name: str, said: Any) -> HemalumError:
    """The domain error of this name; anything else is a fault of the reader on this file."""
    try:
        sentence = typed(said, Sentence)
    except (msgspec.ValidationError, RecursionError):
        return UnreadableSlide("The reader answered what cannot be understood.")
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, HemalumError):
        return kind.saying(sentence)
    return UnreadableSlide("The reader failed on this file: {reason}", reason=sentence)


_starters: list[ThreadPoolExecutor] = []
_starters_lock = threading.Lock()


def _starter() -> ThreadPoolExecutor:
    with _starters_lock:
        if not _starters:
            _starters.append(ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-starter"))
        return _starters[0]
