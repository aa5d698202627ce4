"""The `hemalum` command in processes of their own, which need not import everything first.

A new interpreter takes seconds of processor time to import what a node consists of. Here one process imports
it, and every command is a fork of that one: with its own memory, signals, output and exit code, as a command
that a person starts. `test_the_installed_command_does_what_its_fork_does` compares the two.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from random import SystemRandom
from typing import IO, Any

from tests.fork_server import NUMBER

PATIENCE_S = 120
READY = "ready at "
PORTS = (20_000, 32_000)
"""Below those that the system lends to connections: it would lend one that was free a moment ago."""

# Processes that run tests side by side are all seeded alike.
_random = SystemRandom()


class Process:
    """A `hemalum` that runs. What it has in common with `subprocess.Popen` means the same."""

    def __init__(
        self,
        *arguments: object,
        code: str | None = None,
        stdin: IO[Any] | int = subprocess.DEVNULL,
        stdout: IO[Any] | int = subprocess.DEVNULL,
        stderr: IO[Any] | int = subprocess.DEVNULL,
    ) -> None:
        """With `code` it is Python that runs this, and no `hemalum`.

        `stdout` may be `subprocess.PIPE`, which is then read as text, and `stderr` `subprocess.STDOUT`.
        """
        self.stdout: IO[str] | None = None
        self.returncode: int | None = None
        self._status, told = os.pipe()
        with ExitStack() as passed:
            passed.callback(os.close, told)
            nothing = passed.enter_context(Path(os.devnull).open("r+b"))
            if stdout == subprocess.PIPE:
                reading, writing = os.pipe()
                self.stdout = os.fdopen(reading, "r", encoding="utf-8")
                stdout = passed.enter_context(os.fdopen(writing, "wb"))
            stderr = stdout if stderr == subprocess.STDOUT else stderr
            streams = [nothing if each == subprocess.DEVNULL else each for each in (stdin, stdout, stderr)]
            fds = [_number_of(each) for each in streams] + [told]
            _forks().ask(list(map(str, arguments)), code, fds)
        self.pid = self._told()
        _running.add(self)

    def poll(self) -> int | None:
        """The exit code once it has ended; a signal's number below zero when that ended it."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not within so many seconds.
        """
        code = self._ended(timeout)
        if code is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired("hemalum", timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            self.returncode = self._told()
            os.close(self._status)
            _running.discard(self)
        return self.returncode

    def _told(self) -> int:
        told = os.read(self._status, NUMBER.size)
        assert told, "The process that commands fork from has died."
        number: int = NUMBER.unpack(told)[0]
        return number


def run(
    *arguments: object, code: str | None = None, say: str = "", timeout: float = PATIENCE_S
) -> subprocess.CompletedProcess[str]:
    """Run a command, or code, to its end; its output as text. It is killed when it takes longer."""
    with ExitStack() as files:
        given, out, errors = (files.enter_context(tempfile.TemporaryFile("w+")) for _ in range(3))
        given.write(say)
        given.seek(0)
        process = Process(*arguments, code=code, stdin=given, stdout=out, stderr=errors)
        try:
            ended = process.wait(timeout)
        finally:
            process.kill()
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(list(arguments), ended, out.read(), errors.read())


def free_port() -> int:
    """A port that nobody listens on."""
    while True:
        port = _random.randrange(*PORTS)
        with socket.socket() as found, suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port


class _Forks:
    """The process to fork from, and the way to ask it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = Path(__file__).with_name("fork_server.py")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, program, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def ask(self, arguments: list[str], code: str | None, fds: list[int]) -> None:
        here = {"environment": dict(os.environ), "folder": str(Path.cwd())}
        asked = here | {"arguments": arguments, "code": code}
        with self._lock:
            socket.send_fds(self._ours, [json.dumps(asked).encode()], fds)

    def close(self) -> None:
        for each in list(_running):
            each.kill()
        self._ours.close()
        self._process.wait()


_running: set[Process] = set()


@cache
def _forks() -> _Forks:
    made = _Forks()
    atexit.register(made.close)
    return made


def _number_of(stream: IO[Any] | int) -> int:
    return stream if isinstance(stream, int) else stream.fileno()
