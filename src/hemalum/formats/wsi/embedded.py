"""Labels, overviews and short texts that lie somewhere inside a scanner's file."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.decode import stream_decodes_as
from hemalum.formats.wsi.indexed import AssociatedReader
from hemalum.formats.wsi.model import AssociatedKind
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.sentence import Sentence

_MAX_BYTES = 64 << 20
_JPEG = b"\xff\xd8\xff"
_NEWEST_S = 4_102_444_800
"""The year 2100; a time beyond it is damage."""


class Pictures:
    """The associated images of a slide as they are found, with a warning for each that cannot be read."""

    def __init__(self, source: ByteSource) -> None:
        self.found: dict[AssociatedKind, AssociatedReader] = {}
        self.warnings: list[Sentence] = []
        self._source = source

    def add(self, kind: AssociatedKind, offset: int, length: int) -> None:
        """Take a JPEG stream of the file as the image of this kind, unless there is one already."""
        if kind in self.found:
            return
        end = offset + length
        fits = offset >= 0 and len(_JPEG) <= length <= _MAX_BYTES and end <= self._source.size
        if not fits or self._source.read(offset, len(_JPEG)) != _JPEG:
            self.leave_out(kind)
            return
        self.found[kind] = lambda: _rgb(self._source.read(offset, length))

    def leave_out(self, kind: AssociatedKind) -> None:
        """Tell of an image that the file points to and does not hold."""
        self.warnings.append(
            Sentence(
                "The {kind} image cannot be read: {reason}",
                {"kind": kind.words, "reason": Sentence("There is no JPEG where it should lie.")},
            )
        )


def zero_ended(field: bytes, encoding: str = "ascii") -> str:
    """The text of a field of fixed length, up to its first zero, without what cannot be printed."""
    text = field.split(b"\x00", 1)[0].decode(encoding, "replace")
    return "".join(one for one in " ".join(text.split()) if one.isprintable())


def moment(seconds: int) -> str | None:
    """Unix seconds as ISO 8601 in UTC; None for what no scanner's clock has shown."""
    if not 0 < seconds < _NEWEST_S:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _rgb(stream: bytes) -> NDArray[np.uint8]:
    pixels = stream_decodes_as(stream)
    if pixels.shape[2] not in (1, 3):
        raise UnreadableSlide("An associated image is neither grey nor RGB.")
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
