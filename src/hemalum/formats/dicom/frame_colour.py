"""What the samples of a stored frame mean, when header and stream each say something: the colour trap.

A DICOM header states the colour of its frames in Photometric Interpretation, and a JPEG stream states it
again (JFIF, Adobe APP14, component ids). A viewer that gets the frame alone believes the stream. Where both
disagree, the stream is repaired by `prefix` and `skip`, so that every decoder sees what is meant.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hemalum.formats.wsi.jpeg import JpegHead, colour_splice, read_head
from hemalum.formats.wsi.model import Codec, Colour
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.sentence import Sentence

_HEAD_BYTES = 65536
_YBR = frozenset(("YBR_FULL_422", "YBR_FULL"))
_SAMPLED_FRAMES = 64
_NAMES = {Colour.RGB: "RGB", Colour.YCBCR: "YCbCr", Colour.GREY: "grey"}


@dataclass(frozen=True, slots=True)
class FrameColour:
    """The settled colour of all frames of an instance and how their streams are made to say so."""

    colour: Colour
    prefix: bytes = b""
    skip: int = 0
    warning: Sentence | None = None


@dataclass(frozen=True, slots=True)
class FrameHeads:
    """The first bytes of each stored frame of an instance."""

    count: int
    read: Callable[[int, int], bytes]
    """Up to so many bytes (second argument) of a frame (first, from 0); empty for a blank one."""

    def sample(self) -> list[bytes]:
        """The heads of frames spread over the instance, blank ones left out."""
        numbers = np.unique(np.linspace(0, self.count - 1, min(self.count, _SAMPLED_FRAMES)).astype(int))
        return [head for head in (self.read(n, _HEAD_BYTES) for n in numbers.tolist()) if head]


def settle(
    codec: Codec, photometric: str, samples: int, rows: int, columns: int, heads: FrameHeads
) -> FrameColour:
    """Decide what the samples mean, from the header and a sample of streams.

    Raises:
        UnreadableSlide: the photometric interpretation cannot be shown, or the streams are not what the
            header says and cannot be repaired.
    """
    if samples == 1 and photometric != "MONOCHROME2":
        raise UnreadableSlide(
            "Images with photometric interpretation {photometric} cannot be shown.", photometric=photometric
        )
    if codec is Codec.JPEG:
        return _settle_jpeg(photometric, samples, rows, columns, heads)
    if samples == 1:
        return FrameColour(Colour.GREY)
    if codec in (Codec.JPEG2000, Codec.HTJ2K):
        return _settle_jpeg2000(photometric, heads)
    if photometric == "RGB":
        return FrameColour(Colour.RGB)
    if photometric == "YBR_FULL" or (photometric == "YBR_FULL_422" and codec is not Codec.RAW):
        return FrameColour(Colour.YCBCR)
    raise UnreadableSlide(
        "Images with photometric interpretation {photometric} cannot be shown.", photometric=photometric
    )


def _settle_jpeg(photometric: str, samples: int, rows: int, columns: int, heads: FrameHeads) -> FrameColour:
    parsed = [read_head(head) for head in heads.sample()]
    if any(len(head.frame.component_ids) != samples for head in parsed):
        raise UnreadableSlide("The JPEG frames and the DICOM header disagree on the number of components.")
    if any((head.frame.height_px, head.frame.width_px) != (rows, columns) for head in parsed):
        raise UnreadableSlide("The JPEG frames are not of the size that the DICOM header states.")
    if samples == 1:
        return FrameColour(Colour.GREY)
    if photometric not in _YBR and photometric != "RGB":
        raise UnreadableSlide(
            "JPEG images with photometric interpretation {photometric} cannot be shown.",
            photometric=photometric,
        )
    header = Colour.RGB if photometric == "RGB" else Colour.YCBCR
    if all(head.frame.is_lossless for head in parsed):
        return FrameColour(header)
    truth = {_true_colour(head, header) for head in parsed}
    if len(truth) != 1:
        raise UnreadableSlide("The JPEG frames mix RGB and YCbCr, so their colours cannot be trusted.")
    colour = truth.pop()
    warning = None
    if colour is not header:
        warning = Sentence(
            "The header says {photometric}, but the JPEG frames hold {found}.",
            {"photometric": photometric, "found": _NAMES[colour]},
        )
    prefix, skip = _splice(parsed, colour, heads)
    return FrameColour(colour, prefix, skip, warning)


def _true_colour(head: JpegHead, header: Colour) -> Colour:
    """Subsampled chroma and JFIF mean YCbCr whatever else is said; otherwise the DICOM header decides."""
    if len(set(head.frame.sampling)) > 1 or head.has_jfif:
        return Colour.YCBCR
    return header


def _splice(parsed: list[JpegHead], colour: Colour, heads: FrameHeads) -> tuple[bytes, int]:
    """How the front of every stream is replaced so that it says `colour`; nothing when it does already."""
    splices = {colour_splice(head, colour) for head in parsed}
    if len(splices) != 1:
        raise UnreadableSlide("The JPEG frames state their colour each in another way.")
    splice = splices.pop()
    if splice is None:
        raise UnreadableSlide("The JPEG frames state a wrong colour in a way that cannot be repaired.")
    prefix, skip = splice
    if skip > 2:
        fronts = {heads.read(number, skip) for number in range(heads.count)} - {b""}
        if len(fronts) > 1:
            raise UnreadableSlide("The JPEG frames state their colour each in another way.")
    return prefix, skip


def _settle_jpeg2000(photometric: str, heads: FrameHeads) -> FrameColour:
    """A codestream with the component transform decodes to RGB whatever the header calls it.

    Without the transform the header decides: YBR_FULL* are then YCbCr components stored as they are, as some
    scanners do.
    """
    if photometric not in _YBR | {"RGB", "YBR_ICT", "YBR_RCT"}:
        raise UnreadableSlide(
            "Images with photometric interpretation {photometric} cannot be shown.", photometric=photometric
        )
    transformed = {_uses_component_transform(head) for head in heads.sample()}
    if photometric in _YBR and transformed == {False}:
        return FrameColour(Colour.YCBCR)
    return FrameColour(Colour.RGB)


def _uses_component_transform(data: bytes) -> bool:
    """The multiple component transformation flag of the COD segment (ISO/IEC 15444-1 A.6.1)."""
    position = data.find(b"\xff\x4f\xff\x51")
    if position < 0:
        raise UnreadableSlide("A frame is not a JPEG 2000 stream, though the DICOM header says so.")
    position += 2
    while position + 4 <= len(data):
        marker, length = struct.unpack_from(">HH", data, position)
        if marker == 0xFF52 and position + 9 <= len(data):
            return data[position + 8] == 1
        position += 2 + length
    raise UnreadableSlide("A JPEG 2000 frame has a damaged header.")
