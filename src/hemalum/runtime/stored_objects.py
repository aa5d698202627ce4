"""Stored objects of images for the event loop: by range, opened on the way when they are sealed."""

import asyncio

from hemalum.kernel.errors import Damaged
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.blobs import Blobs, key_name
from hemalum.runtime.crypto.keys import DESTROYED, KeyDestroyed
from hemalum.runtime.crypto.sealed import sealed_size
from hemalum.runtime.frames import LocalObject, ObjectReader

_AT_ONCE_BYTES = 256 << 10
"""More than this is opened in a thread, so that a large read does not hold up the loop."""
_DAMAGED = Sentence("A stored part of this slide is damaged; the integrity report tells which.")


class SealedObject:
    """A sealed blob in a local folder. What lies in the page cache is read and opened at once."""

    def __init__(self, blobs: Blobs, key: str, size: int) -> None:
        """Open the blob, whose content has this size.

        Raises:
            NotFound: it is gone.
            Damaged: it is cut off, or another blob than was stored.
        """
        path = blobs.local_path(key)
        assert path is not None
        self._keys, self._name = blobs.keys, key_name(key)
        self._unsealer = blobs.unsealer(key)
        if self._unsealer.size != size:
            raise Damaged.saying(_DAMAGED)
        self._stored = LocalObject(path, sealed_size(size), None)

    def read_now(self, offset: int, length: int) -> bytes | None:
        if length > _AT_ONCE_BYTES:
            return None
        sealed = self._stored.read_into_now(*self._unsealer.span(offset, length))
        if sealed is None:
            return None
        try:
            return self._unsealer.open(offset, length, sealed)
        except Damaged:
            # `read` says what is wrong, once it is wrong again.
            return None

    async def read(self, offset: int, length: int) -> bytes:
        sealed = await self._stored.read(*self._unsealer.span(offset, length))
        try:
            return await asyncio.to_thread(self._unsealer.open, offset, length, sealed)
        except Damaged as error:
            raise Damaged.saying(_DAMAGED) from error

    def is_unchanged(self) -> bool:
        """Whether the blob has its size; also sees that its key was not destroyed.

        Raises:
            KeyDestroyed: it was.
        """
        if self._keys.was_destroyed(self._name):
            raise KeyDestroyed.saying(DESTROYED)
        return self._stored.is_unchanged()

    def close(self) -> None:
        self._stored.close()


class RemoteObject:
    """A blob in a remote store."""

    def __init__(self, blobs: Blobs, key: str) -> None:
        self._blobs = blobs
        self._key = key

    def read_now(self, _offset: int, _length: int) -> bytes | None:
        return None

    def is_unchanged(self) -> bool:
        # A blob is written once and never changed.
        return True

    async def read(self, offset: int, length: int) -> bytes:
        try:
            content = await self._blobs.get_range_async(self._key, offset, length)
        except Damaged as error:
            raise Damaged.saying(_DAMAGED) from error
        if len(content) != length:
            raise Damaged.saying(_DAMAGED)
        return content

    def close(self) -> None:
        return None


def open_stored(blobs: Blobs, key: str, size: int) -> ObjectReader:
    """A blob whose content has this size, to read by range.

    Raises:
        NotFound, OriginalChanged, Damaged: it is gone, or is not what was stored.
        KeyDestroyed: the key of its slide was destroyed.
    """
    if blobs.local_path(key) is None:
        return RemoteObject(blobs, key)
    plain = blobs.plain_path(key)
    return SealedObject(blobs, key, size) if plain is None else LocalObject(plain, size, None)
