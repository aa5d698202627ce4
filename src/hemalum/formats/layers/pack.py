"""A pack: the parts of a layer in one file, gzipped one by one; a server hands them on as they lie."""

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from hemalum.formats.layers.model import FORMAT_VERSION, Manifest
from hemalum.kernel.errors import Damaged
from hemalum.kernel.typed import typed_json

_TAIL = struct.Struct("<8sQQI")
_MAGIC = b"HEMALAYR"
_MOST_INDEX_BYTES = 256 << 20
_LEVEL = 5

type ReadRange = Callable[[int, int], bytes]
"""Bytes from an offset, of a length; fewer at the end."""


class PackIndex(msgspec.Struct):
    """What stands at the end of a pack."""

    manifest: Manifest
    parts: dict[str, tuple[int, int]]
    """Offset and length of each part by its name."""


class PackWriter:
    """Writes the parts of a layer one after the other."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._offset = 0
        self._parts: dict[str, tuple[int, int]] = {}

    def add(self, name: str, content: bytes) -> None:
        """One part."""
        packed = gzip.compress(content, _LEVEL, mtime=0)
        self._file.write(packed)
        self._parts[name] = (self._offset, len(packed))
        self._offset += len(packed)

    def finish(self, manifest: Manifest) -> None:
        """Index and manifest; without them a pack is no pack."""
        index = gzip.compress(msgspec.json.encode(PackIndex(manifest, self._parts)), _LEVEL, mtime=0)
        self._file.write(index)
        self._file.write(_TAIL.pack(_MAGIC, self._offset, len(index), FORMAT_VERSION))


@contextmanager
def writing_pack(path: Path) -> Iterator[PackWriter]:
    """A new pack at `path`."""
    with path.open("wb") as file:
        yield PackWriter(file)


class Pack:
    """A pack to read, by ranges."""

    def __init__(self, size: int, read: ReadRange) -> None:
        """Read the index.

        Raises:
            Damaged: it is cut off, or no pack of this version.
        """
        self._read = read
        tail = read(size - _TAIL.size, _TAIL.size) if size >= _TAIL.size else b""
        if len(tail) != _TAIL.size:
            raise Damaged("This layer is cut off.")
        magic, offset, length, version = _TAIL.unpack(tail)
        if magic != _MAGIC or version != FORMAT_VERSION or offset + length + _TAIL.size != size:
            raise Damaged("This layer is cut off.")
        if length > _MOST_INDEX_BYTES:
            raise Damaged("A part of this layer is damaged.")
        try:
            index = typed_json(unpacked(read(offset, length)), PackIndex)
        except msgspec.MsgspecError as error:
            raise Damaged("A part of this layer is damaged.") from error
        self.manifest = index.manifest
        self._parts = index.parts

    def place(self, name: str) -> tuple[int, int] | None:
        """Offset and length of a part, gzipped as it lies."""
        return self._parts.get(name)

    def part(self, name: str) -> bytes:
        """A part, unpacked.

        Raises:
            Damaged: it is not there, or not what was written.
        """
        found = self.place(name)
        if found is None:
            raise Damaged("A part of this layer is damaged.")
        return unpacked(self._read(*found))


def open_pack(path: Path) -> Pack:
    """The pack in a file. Raises as `Pack`."""

    def read(offset: int, length: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    return Pack(path.stat().st_size, read)


def unpacked(packed: bytes) -> bytes:
    """A part as it was before it was gzipped. Raises Damaged when it is cut off."""
    try:
        return gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise Damaged("A part of this layer is damaged.") from error
