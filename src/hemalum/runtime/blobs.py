"""Blobs by key, sealed at rest under the key of their slide.

Keys are relative paths of plain segments; what lies under `images/ID/` belongs to slide ID. A blob is written
once and never changed: what is built anew gets a new key. A blob is complete and durable when `put` returns.

A blob is sealed if, and only if, its slide has a key in the keyring. Nothing in the blob itself can say
otherwise, so that nobody passes off a plain file as a sealed one.
"""

import asyncio
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes

from hemalum.kernel.errors import Damaged, NotFound
from hemalum.runtime.blob_store import BlobStore, checked_key, open_blob_store
from hemalum.runtime.crypto.keys import Keyring
from hemalum.runtime.crypto.sealed import (
    CHUNK_BYTES,
    HEADER_BYTES,
    DataKey,
    Unsealer,
    chunks_of,
    seal_pieces,
    sealed_size,
    unseal,
)

PIECE_BYTES = 4 * CHUNK_BYTES
"""Of files. Larger pieces make the memory allocator ask the system each time: half as fast, measured."""

_RANGE_BYTES = 64 * CHUNK_BYTES
"""Of blobs, which may be far away."""

_REMEMBERED = 512
_CHECKED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class BlobRecord:
    """What was written, by which it can be checked ever after. Digests are in hexadecimal."""

    key: str
    size: int
    """Of the content, as are the two digests."""
    sha256: str
    sm3: str
    stored_size: int
    """Of the blob as it lies, as is the digest."""
    stored_sha256: str
    chunks: int
    """Of a sealed blob; 0 when it lies as it is."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a whole blob was found to be."""

    record: BlobRecord
    damaged: tuple[int, ...]
    """Numbers of the chunks that do not open."""


class Digests:
    """SHA-256 and SM3 (GB/T 32905) of bytes that pass by."""

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._sm3 = hashes.Hash(hashes.SM3())

    def passing(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The same pieces, looked at."""
        for piece in pieces:
            self.update(piece)
            yield piece

    def update(self, piece: bytes | memoryview) -> None:
        """Take in some bytes."""
        self.size += len(piece)
        self._sha256.update(piece)
        self._sm3.update(piece)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def sm3(self) -> str:
        return self._sm3.copy().finalize().hex()


class Blobs:
    """A blob store. May be used from several threads, and from an event loop through the `async` calls."""

    def __init__(self, store: BlobStore, keys: Keyring) -> None:
        self.store = store
        """The blobs as they lie."""
        self.keys = keys
        self._unsealers: OrderedDict[str, Unsealer] = OrderedDict()
        self._lock = threading.Lock()

    # Writing --------------------------------------------------------------------------------------------

    def put(self, key: str, content: bytes) -> BlobRecord:
        """Store bytes under a key. Storing the same key again replaces it whole.

        Raises:
            BlobsFailed: the store is full or does not answer.
            KeyDestroyed: the key of this slide was destroyed.
        """
        return self.put_pieces(key, (content,))

    def put_file(self, key: str, path: Path, *, owned: bool = False) -> BlobRecord:
        """Store a file under a key, without reading it into memory.

        `owned` promises that nobody writes to the file any more: where nothing is sealed and on the same
        disk, nothing is copied then.

        Raises:
            BlobsFailed: the store is full or does not answer.
            KeyDestroyed: the key of this slide was destroyed.
        """
        data_key = self.keys.ensure(key_name(checked_key(key)))
        if data_key is None and owned and self.store.link(key, path):
            digests = Digests()
            for piece in file_pieces(path):
                digests.update(piece)
            return _record(key, digests, digests.size, digests.sha256, None)
        return self._put(key, data_key, file_pieces(path))

    def put_pieces(self, key: str, pieces: Iterable[bytes]) -> BlobRecord:
        """As `put`, of bytes that come in pieces, in flat memory."""
        return self._put(key, self.keys.ensure(key_name(checked_key(key))), pieces)

    def _put(self, key: str, data_key: DataKey | None, pieces: Iterable[bytes]) -> BlobRecord:
        digests, stored = Digests(), hashlib.sha256()
        content = digests.passing(pieces)
        sealed = content if data_key is None else seal_pieces(data_key, key, content)
        self.store.put(key, _hashed(sealed, stored))
        self._forget(key)
        stored_size = digests.size if data_key is None else sealed_size(digests.size)
        return _record(key, digests, stored_size, stored.hexdigest(), data_key)

    # Reading --------------------------------------------------------------------------------------------

    def get(self, key: str) -> bytes:
        """The whole blob.

        Raises:
            NotFound: there is no such blob.
            BlobsFailed: the store does not answer.
            Damaged: it is not what was written.
            KeyDestroyed: the key of this slide was destroyed.
        """
        data_key = self._key(key)
        blob = self.store.get(key)
        return blob if data_key is None else unseal(data_key, key, blob)

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`; fewer at the end of the blob. Raises as `get`."""
        if self._key(key) is None:
            return self.store.get_range(key, offset, length)
        try:
            return self._get_range(key, offset, length)
        except Damaged:
            # Another process may have written the blob anew since its header was read.
            self._forget(key)
            return self._get_range(key, offset, length)

    def _get_range(self, key: str, offset: int, length: int) -> bytes:
        opened = self.unsealer(key)
        return opened.open(offset, length, self.store.get_range(key, *opened.span(offset, length)))

    async def get_range_async(self, key: str, offset: int, length: int) -> bytes:
        """As `get_range`, for an event loop."""
        if await asyncio.to_thread(self._key, key) is None:
            return await self.store.get_range_async(key, offset, length)
        try:
            return await self._get_range_async(key, offset, length)
        except Damaged:
            # As in `get_range`.
            self._forget(key)
            return await self._get_range_async(key, offset, length)

    async def _get_range_async(self, key: str, offset: int, length: int) -> bytes:
        opened = await asyncio.to_thread(self.unsealer, key)
        sealed = await self.store.get_range_async(key, *opened.span(offset, length))
        return await asyncio.to_thread(opened.open, offset, length, sealed)

    def pieces(self, key: str) -> Iterator[bytes]:
        """The blob from its beginning to its end, in flat memory. Raises as `get`."""
        if self._key(key) is None:
            yield from self.store.pieces(key)
            return
        for offset in range(0, max(self.unsealer(key).size, 1), _RANGE_BYTES):
            yield self._get_range(key, offset, _RANGE_BYTES)

    def fetch(self, key: str, path: Path) -> None:
        """Write the blob, plain, to a new file, in parts. Raises as `get`."""
        with path.open("wb") as file:
            for piece in self.pieces(key):
                file.write(piece)

    def size(self, key: str) -> int:
        """Length of the content in bytes.

        Raises:
            NotFound: there is no such blob.
        """
        return self.store.size(key) if self._key(key) is None else self.unsealer(key).size

    def exists(self, key: str) -> bool:
        """Whether there is such a blob."""
        try:
            self.store.size(key)
        except NotFound:
            return False
        return True

    # Checking -------------------------------------------------------------------------------------------

    def check(self, key: str, seen: Callable[[int], None] = lambda _count: None) -> Checked:
        """Read the whole blob as it lies and open every chunk of it; `seen` is told how many bytes went by.

        Raises:
            NotFound: there is no such blob.
            Damaged: it is sealed, and its header or its length is not what was written.
            KeyDestroyed: the key of this slide was destroyed.
        """
        data_key = self._key(key)
        digests, stored = Digests(), hashlib.sha256()
        if data_key is None:
            for piece in self.store.pieces(key):
                seen(len(piece))
                digests.update(piece)
            return Checked(_record(key, digests, digests.size, digests.sha256, None), ())
        self._forget(key)
        opened = self.unsealer(key)
        stored.update(self.store.get_range(key, 0, HEADER_BYTES))
        damaged = []
        for first in range(0, opened.chunks, _CHECKED_AT_ONCE):
            span = opened.span(first * CHUNK_BYTES, _CHECKED_AT_ONCE * CHUNK_BYTES)
            sealed = memoryview(self.store.get_range(key, *span))
            seen(len(sealed))
            stored.update(sealed)
            for number, chunk in enumerate(chunks_of(sealed), first):
                try:
                    digests.update(opened.open_chunk(number, chunk))
                except Damaged:
                    damaged.append(number)
        record = _record(key, digests, sealed_size(opened.size), stored.hexdigest(), data_key)
        return Checked(record, tuple(damaged))

    # Where they lie -------------------------------------------------------------------------------------

    def local_path(self, key: str) -> Path | None:
        """Where the blob lies, sealed or not, when the store is a local folder; else None."""
        return self.store.local_path(key)

    def plain_path(self, key: str) -> Path | None:
        """Where the blob can be read as a file: None when it is sealed, or the store is remote."""
        return None if self._key(key) is not None else self.store.local_path(key)

    def place(self, key: str, size: int, seconds: int) -> dict[str, Any]:
        """Where a child process reads a blob of this size, as plain values; see `crypto.source.open_place`.

        It is told the key of this one slide, and no other. Signed addresses are good for `seconds`.

        Raises:
            KeyDestroyed: the key of this slide was destroyed.
        """
        data_key = self._key(key)
        place: dict[str, Any] = {"size": size, "mtime_ns": None}
        if data_key is not None:
            seal = {"name": data_key.name, "suite": data_key.suite.value, "secret": data_key.secret}
            place |= {"size": sealed_size(size), "seal": seal | {"place": key}}
        path = self.store.local_path(key)
        return place | ({"url": self.store.signed_url(key, seconds)} if path is None else {"path": str(path)})

    def unsealer(self, key: str) -> Unsealer:
        """What opens ranges of a sealed blob.

        Raises:
            NotFound: there is no such blob.
            Damaged: it is no sealed blob, or belongs elsewhere.
        """
        with self._lock:
            known = self._unsealers.get(key)
            if known is not None:
                self._unsealers.move_to_end(key)
                return known
        data_key = self._key(key)
        assert data_key is not None
        size = self.store.size(key)
        header = self.store.get_range(key, 0, HEADER_BYTES) if size >= HEADER_BYTES else b""
        opened = Unsealer(data_key, key, header, size)
        with self._lock:
            self._unsealers[key] = opened
            while len(self._unsealers) > _REMEMBERED:
                self._unsealers.popitem(last=False)
        return opened

    # Removing -------------------------------------------------------------------------------------------

    def delete(self, key: str) -> None:
        """Remove the blob, if it is there."""
        self.store.delete(key)
        self._forget(key)

    def delete_all(self, prefix: str) -> None:
        """Remove every blob under a folder-like prefix."""
        self.store.delete_all(prefix)
        with self._lock:
            for key in [key for key in self._unsealers if key.startswith(f"{prefix}/")]:
                del self._unsealers[key]

    def _key(self, key: str) -> DataKey | None:
        return self.keys.find(key_name(checked_key(key)))

    def _forget(self, key: str) -> None:
        with self._lock:
            self._unsealers.pop(key, None)


def open_blobs(url: str, keys: Keyring) -> Blobs:
    """The blob store at `file:///folder` or `s3://bucket/prefix?endpoint=URL&region=NAME`.

    S3 credentials come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`) or from the
    machine's role, never from the URL.

    Raises:
        Invalid: the URL is neither, or the folder cannot be made.
    """
    return Blobs(open_blob_store(url), keys)


def key_name(key: str) -> str:
    """The name of the key that a blob is sealed under: the slide it belongs to, else its first folder."""
    first, _, rest = key.partition("/")
    return rest.partition("/")[0] if first == "images" and rest else first


def file_pieces(path: Path) -> Iterator[bytes]:
    """The content of a file, in flat memory."""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _hashed(pieces: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


def _record(
    key: str, digests: Digests, stored_size: int, stored_sha256: str, data_key: DataKey | None
) -> BlobRecord:
    chunks = 0 if data_key is None else digests.size // CHUNK_BYTES + 1
    return BlobRecord(key, digests.size, digests.sha256, digests.sm3, stored_size, stored_sha256, chunks)
