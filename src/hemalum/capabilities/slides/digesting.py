"""Reading files for their digest: by the job that takes them in, or before it has even begun.

A command that takes in a file spends its first second or two on loading itself. Meanwhile a thread may read
the file already, which is what takes longest. Nothing heavy is imported here.
"""

import hashlib
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.sentence import cause_of

_PIECE_BYTES = 4 << 20
_LOOKED_AT_EVERY_S = 0.1

type FileState = tuple[int, int, int, int]
"""What tells a file from another, and from itself at another time: device, number, size, time of change."""


def open_regular(path: Path) -> Any:
    """A file opened for reading, unbuffered.

    Raises:
        UnreadableSlide: it cannot be read, or is no regular file but a link, a pipe, a device.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise UnreadableSlide(
            "{name} cannot be read: {cause}.", name=path.name, cause=cause_of(error)
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableSlide("{name} is not a regular file.", name=path.name)
    return os.fdopen(descriptor, "rb", buffering=0)


def state_of(descriptor: Any) -> FileState:
    """The state of an open file."""
    found = os.fstat(descriptor.fileno())
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def sha256_of(descriptor: Any, seen: Callable[[int], None]) -> str:
    """SHA-256, in hexadecimal, of an open file from where it is; `seen` is told how many bytes went by."""
    digest = hashlib.sha256()
    buffer = bytearray(_PIECE_BYTES)
    view = memoryview(buffer)
    while count := descriptor.readinto(buffer):
        digest.update(view[:count])
        seen(count)
    return digest.hexdigest()


class EarlyDigest:
    """The SHA-256 of a file that a thread reads from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._found: tuple[FileState, str] | None = None
        self._dropped = False
        self._thread = threading.Thread(target=self._run, name="digest", daemon=True)
        self._thread.start()

    def find(self, state: FileState, seen: Callable[[int], None]) -> str | None:
        """Wait for the digest of the file in this state; None when something else was read, or nothing.

        `seen` is told how many bytes went by. What it raises ends the waiting.
        """
        told, reads = 0, True
        while reads:
            self._thread.join(_LOOKED_AT_EVERY_S)
            reads, read = self._thread.is_alive(), self._read
            seen(read - told)
            told = read
        return self._found[1] if self._found is not None and self._found[0] == state else None

    def drop(self) -> None:
        """Stop reading: nobody needs the digest any more."""
        self._dropped = True

    def _run(self) -> None:
        try:
            with open_regular(self._path) as descriptor:
                state = state_of(descriptor)
                digest = sha256_of(descriptor, self._pass)
                if state_of(descriptor) == state:
                    self._found = (state, digest)
        except (UnreadableSlide, OSError, _DroppedError):
            return  # whoever takes the file in finds out by itself what is wrong with it

    def _pass(self, count: int) -> None:
        self._read += count
        if self._dropped:
            raise _DroppedError


class _DroppedError(Exception):
    """Ends the thread of a digest that nobody needs."""
