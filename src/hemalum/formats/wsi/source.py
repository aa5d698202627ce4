"""Where bytes are read from: by range, from many threads at once."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from hemalum.kernel.errors import UnreadableSlide


class ByteSource(Protocol):
    """A file, blob or object that is read by range. Reading from several threads at once is allowed."""

    @property
    def name(self) -> str:
        """What to call it in messages: a file name, never a full path."""
        ...

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`.

        Raises:
            UnreadableSlide: the range reaches past the end.
        """
        ...

    def close(self) -> None: ...


class FileSource:
    """A local file, read with `pread`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._size = os.fstat(self._fd).st_size

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size(self) -> int:
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > self._size:
            raise UnreadableSlide(
                "{name} is truncated: it ends before byte {end}.", name=self.name, end=offset + length
            )
        read = os.pread(self._fd, length, offset)
        if len(read) != length:
            raise UnreadableSlide("{name} became shorter while it was read.", name=self.name)
        return read

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class MemorySource:
    """Bytes already in memory."""

    def __init__(self, content: bytes, name: str = "memory") -> None:
        self._content = content
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def size(self) -> int:
        return len(self._content)

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > len(self._content):
            raise UnreadableSlide(
                "{name} is truncated: it ends before byte {end}.", name=self._name, end=offset + length
            )
        return self._content[offset : offset + length]

    def close(self) -> None:
        return None


def close_all(sources: Sequence[ByteSource]) -> None:
    """Close every source."""
    for source in sources:
        source.close()
