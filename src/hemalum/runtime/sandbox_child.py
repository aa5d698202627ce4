"""The other end of `hemalum.runtime.sandbox`: what runs inside a child process."""

import ctypes
import importlib
import inspect
import math
import os
import resource
import select
import signal
import struct
import sys
import time
import traceback
from typing import Any

import msgspec

from hemalum.kernel.errors import HemalumError, UnreadableSlide
from hemalum.kernel.sentence import cause_of

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PROGRESS_INTERVAL_S = 0.1
_COUNTED = {"address-space": resource.RLIMIT_AS, "data": resource.RLIMIT_DATA}
"""How the system calls what `sandbox.Limits` counts. Since Linux 4.7 RLIMIT_DATA counts private writable
mappings, too (getrlimit(2))."""


def main() -> None:
    """Serve calls from the parent until it closes the pipe or nothing came for the idle time."""
    parent, memory_mib, memory, idle_s, loads = sys.argv[1:6]
    _confine(int(parent), int(memory_mib), _COUNTED[memory])
    # Libraries that print must not disturb the answers.
    requests, answers = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    if loads:
        importlib.import_module(loads)
    while (request := _read_request(requests, float(idle_s))) is not None:
        _limit_cpu(request["cpu_s"])
        _write(answers, _answer(request, answers))


def _confine(parent: int, memory_mib: int, counted: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)
    limit = memory_mib << 20
    resource.setrlimit(counted, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(seconds: int) -> None:
    """Allow this call so much processor time on top of what the process has used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))


def _answer(request: dict[str, Any], answers: int) -> bytes:
    try:
        result = _run(request["function"], request["arguments"], answers)
        return msgspec.msgpack.encode({"result": result})
    except HemalumError as error:
        return _refusal(error)
    except MemoryError:
        return _refusal(UnreadableSlide("Reading the file needs more memory than is allowed."))
    except OSError as error:
        return _refusal(UnreadableSlide("The file cannot be read: {cause}.", cause=cause_of(error)))
    except Exception as error:
        traceback.print_exc()
        kind = type(error).__name__
        return _refusal(UnreadableSlide("The file is damaged or not supported ({kind}).", kind=kind))


def _refusal(error: HemalumError) -> bytes:
    return msgspec.msgpack.encode({"error": _known_name(error), "sentence": error.sentence})


def _run(name: str, arguments: dict[str, Any], answers: int) -> Any:
    module, _, attribute = name.partition(":")
    function = getattr(importlib.import_module(module), attribute)
    if _reports(function):
        arguments = arguments | {"progress": _Reporter(answers)}
    return function(**arguments)


def _reports(function: Any) -> bool:
    try:
        return "progress" in inspect.signature(function).parameters
    except ValueError:  # some builtins have no signature
        return False


def _known_name(error: HemalumError) -> str:
    """The class from `hemalum.kernel.errors` that the parent can raise again."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == HemalumError.__module__)


class _Reporter:
    """Sends progress to the parent, at most ten times a second."""

    def __init__(self, answers: int) -> None:
        self._answers = answers
        self._last = 0.0
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage == self._stage and done < total and now - self._last < _PROGRESS_INTERVAL_S:
            return
        self._last, self._stage = now, stage
        _write(self._answers, msgspec.msgpack.encode({"progress": [stage, done, total]}))


def _read_request(requests: int, idle_s: float) -> dict[str, Any] | None:
    readable, _, _ = select.select([requests], [], [], None if math.isinf(idle_s) else idle_s)
    if not readable:
        return None
    head = _read_exactly(requests, 4)
    if head is None:
        return None
    body = _read_exactly(requests, struct.unpack("<I", head)[0])
    return None if body is None else msgspec.msgpack.decode(body, type=dict[str, Any])


def _read_exactly(requests: int, length: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < length:
        received = os.read(requests, min(1 << 20, length - len(parts)))
        if not received:
            return None
        parts += received
    return bytes(parts)


def _write(answers: int, body: bytes) -> None:
    view = memoryview(struct.pack("<I", len(body)) + body)
    while view:
        view = view[os.write(answers, view) :]
