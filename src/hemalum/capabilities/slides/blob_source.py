"""Blobs as the byte sources that readers of slides take."""

from hemalum.runtime.blobs import Blobs


class BlobSource:
    """A blob read by range from threads."""

    def __init__(self, blobs: Blobs, key: str, size: int) -> None:
        self._blobs = blobs
        self._key = key
        self._size = size

    @property
    def name(self) -> str:
        return self._key.rpartition("/")[2]

    @property
    def size(self) -> int:
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        return self._blobs.get_range(self._key, offset, length)

    def close(self) -> None:
        return None
