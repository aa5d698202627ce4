"""Files on their way in, sealed as they arrive, under the node's own key.

A file is a folder of segments: what arrived in one go, named after the byte of the file that it starts at. A
sealed blob is never changed, so bytes that arrive later are a segment of their own. How much of a file has
arrived is told by whoever keeps it (the offset of an upload); what lies past that is left over from a request
or a process that died, and is cut off.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from hemalum.formats.wsi.source import FileSource
from hemalum.runtime.blobs import PIECE_BYTES
from hemalum.runtime.crypto.sealed import DataKey, Sealer, plain_size, sealed_size
from hemalum.runtime.crypto.source import SealedSource
from hemalum.runtime.files import sync_folder

_DIGITS = 15


class IncomingFile:
    """One file on its way in. One writer at a time."""

    def __init__(self, folder: Path, key: DataKey) -> None:
        self.folder = folder
        self._key = key

    def create(self) -> None:
        """Make room for it."""
        self.folder.mkdir(mode=0o700)

    @property
    def size(self) -> int:
        """Bytes of the segments that follow each other from the beginning."""
        return sum(size for _, size in self._segments())

    def begin(self, start: int) -> "Segment":
        """A new segment from this byte on."""
        path = self.folder / f"{start:0{_DIGITS}}"
        return Segment(path, Sealer(self._key, self._place(path)))

    def cut(self, size: int) -> bool:
        """Remove what lies past `size`; False when less than that has arrived."""
        for path in self._files():
            if int(path.name) >= size:
                path.unlink()
        return self.size == size

    def pieces(self) -> Iterator[bytes]:
        """The bytes from the beginning, in flat memory.

        Raises:
            Damaged: they are not those that arrived.
        """
        for path, size in self._segments():
            source = self._source(path)
            try:
                for offset in range(0, size, PIECE_BYTES):
                    yield source.read(offset, min(PIECE_BYTES, size - offset))
            finally:
                source.close()

    def place(self) -> dict[str, Any]:
        """Where a child process reads a file that arrived in one go; see `crypto.source.open_place`."""
        ((path, size),) = self._segments()
        seal = {"name": self._key.name, "suite": self._key.suite.value, "secret": self._key.secret}
        return {
            "path": str(path),
            "size": sealed_size(size),
            "mtime_ns": None,
            "seal": seal | {"place": self._place(path)},
        }

    def remove(self) -> None:
        """Drop it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _segments(self) -> Iterator[tuple[Path, int]]:
        end = 0
        for path in self._files():
            if int(path.name) != end:
                return
            size = plain_size(path.stat().st_size)
            yield path, size
            end += size

    def _files(self) -> list[Path]:
        # A file system may put files of its own beside ours, as NFS does for one that was removed while open.
        return sorted(path for path in self.folder.iterdir() if path.name.isdecimal())

    def _source(self, path: Path) -> SealedSource:
        return SealedSource(FileSource(path), self._key, self._place(path))

    def _place(self, path: Path) -> str:
        return f"incoming/{self.folder.parent.name}/{self.folder.name}/{path.name}"


class Segment:
    """Bytes that arrive in one go."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._path = path
        self._sealer = sealer
        self._file = path.open("wb")
        self._file.write(sealer.header)

    def write(self, content: bytes) -> None:
        """Add bytes."""
        self._file.write(self._sealer.update(content))

    def finish(self) -> None:
        """Make what was written durable."""
        self._file.write(self._sealer.finish())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        sync_folder(self._path.parent)

    def discard(self) -> None:
        """Drop what was written."""
        with suppress(OSError):  # closing tries once more to write what there was no room for
            self._file.close()
        self._path.unlink(missing_ok=True)
