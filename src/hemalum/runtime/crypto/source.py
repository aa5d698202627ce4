"""Sealed blobs as the byte sources that readers of slides work on; used in child processes too."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hemalum.formats.wsi.source import ByteSource, FileSource
from hemalum.kernel.errors import UnreadableSlide
from hemalum.runtime.crypto.sealed import HEADER_BYTES, DataKey, Suite, Unsealer


class SealedSource:
    """What is in a sealed blob, read by range; only the chunks that a range touches are opened."""

    def __init__(self, stored: ByteSource, key: DataKey, place: str) -> None:
        """`stored` is the blob as it lies; this owns and closes it.

        Raises:
            Damaged: it is no sealed blob, is cut off, or belongs to another key or place.
        """
        self._stored = stored
        header = stored.read(0, min(HEADER_BYTES, stored.size))
        self._unsealer = Unsealer(key, place, header, stored.size)

    @property
    def name(self) -> str:
        return self._stored.name

    @property
    def size(self) -> int:
        return self._unsealer.size

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > self.size:
            raise UnreadableSlide(
                "{name} is truncated: it ends before byte {end}.", name=self.name, end=offset + length
            )
        return self._unsealer.open(offset, length, self._stored.read(*self._unsealer.span(offset, length)))

    def close(self) -> None:
        self._stored.close()


def open_place(place: Mapping[str, Any], open_url: Callable[[str, int], ByteSource]) -> ByteSource:
    """The source at a place that `Blobs.place` told: a file, or what `open_url` makes of address and size.

    Raises:
        Damaged: it is sealed, and not as it was written.
    """
    stored = open_url(place["url"], place["size"]) if "url" in place else FileSource(Path(place["path"]))
    seal = place.get("seal")
    if seal is None:
        return stored
    try:
        return SealedSource(
            stored, DataKey(seal["name"], Suite(seal["suite"]), seal["secret"]), seal["place"]
        )
    except BaseException:
        stored.close()
        raise
