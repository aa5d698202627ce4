"""The colour gate: what is shown is what was scanned.

A frame says its colour twice, in the container and in its own JPEG head, and the two may disagree. A browser
believes the stream, `decode_frame` believes the index, OpenSlide believes the container. Before a slide is
shown, sampled frames are decoded in each of these ways and compared; what disagrees is repaired in the index
or refused. (Frames spliced without thought were wrong by 44 to 48 of 255 on real slides; decoders that agree
differ by less than 2, because they enlarge chroma in different ways.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hemalum.formats.wsi.decode import decode_frame, stream_decodes_as
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.jpeg import ADOBE_RGB, ADOBE_YCBCR, EOI, SOI, read_head, read_segments
from hemalum.formats.wsi.model import Codec, Colour
from hemalum.formats.wsi.openslide_reader import OpenSlideSlide, find_vendor
from hemalum.formats.wsi.slide import Pixels, Slide
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import HemalumError, UnreadableSlide
from hemalum.kernel.geometry import PixelRegion
from hemalum.kernel.sentence import Sentence

TOLERANCE = 3.0
"""Largest mean difference, of 255, between blocks of 8 x 8 pixels that decoders of one colour may show."""

TELLING = 12.0
"""A tile tells the colours apart when its two readings differ by at least this much, of 255."""

_CHECKED = frozenset({Codec.JPEG, Codec.JPEG2000, Codec.HTJ2K})
_NAMES = {Colour.RGB: "RGB", Colour.YCBCR: "YCbCr", Colour.GREY: "grey"}
_NO_WITNESS = (None, "dicom")
"""OpenSlide 4.0.1 crashes on DICOM files whose basic offset table is wrong (found by fuzzing), and would
believe the same header that our reader does."""
_CLEAR_RATIO = 2.0
"""OpenSlide decides for one colour when the other is so much farther off; twice that beyond the tolerance."""
_BLOCK_PX = 8
_CROP_PX = 512
"""Of larger tiles only so much is compared."""
_CANDIDATES_PER_SAMPLE = 4
_FRONTS_COMPARED = 4096
_HEAD_BYTES = 65_536
_SHOWN_PROCESSES = frozenset({0xC0, 0xC1, 0xC2})
_APP0, _APP14 = 0xE0, 0xEE


@dataclass(frozen=True)
class ColourVerdict:
    """What the gate found."""

    index: FrameIndex | None
    """The index to use from now on, repaired where that was needed and told what browsers cannot show; None
    for a slide without one."""
    warnings: tuple[Sentence, ...] = ()
    """What was repaired or could not be looked at."""
    refusal: Sentence | None = None
    """Said when the slide cannot be shown in its true colours."""


class _Refused(HemalumError):
    """Carries the sentence of a refusal."""


@dataclass(frozen=True)
class _Sample:
    """One stored frame, read in every way."""

    stored: bytes
    declared: Pixels
    """By the colour that the index states."""
    other: Pixels
    """By the other colour."""
    reference: Pixels | None
    """OpenSlide's pixels of the same place, where OpenSlide opens the file."""

    @property
    def tells(self) -> bool:
        return difference(self.declared, self.other) >= TELLING


def check_colour(slide: Slide, paths: Sequence[Path], samples: int = 12, seed: int = 0) -> ColourVerdict:
    """See that a browser, the decoder and OpenSlide show the same colours; repair the index if they do not.

    Looks at `samples` frames of each level that holds 8-bit colour as JPEG or JPEG 2000, chosen by `seed`
    among the frames that are not blank; derived levels are left out. `paths` are the files of the slide, for
    OpenSlide; where it does not open them, or fails on the way, and for DICOM, the stream and the index are
    compared with each other only. Costs some 10 ms a sample. Never raises for a slide that is merely wrong:
    see `ColourVerdict.refusal`.
    """
    if not isinstance(slide, IndexedSlide):
        return ColourVerdict(slide.frame_index)
    levels: list[FrameLevel] = []
    warnings: list[Sentence] = []
    reference = _Reference(paths)
    try:
        for number, level in enumerate(slide.frame_index.levels):
            checked = replace(level, shown_by_browsers=_is_shown_by_browsers(level, slide.sources))
            if _is_checked(checked):
                frames = _read_samples(level, slide.sources, reference, samples, seed + number, warnings)
                checked = _settle(checked, number, frames, slide.sources, warnings)
            levels.append(checked)
    except _Refused as refused:
        return ColourVerdict(slide.frame_index, tuple(warnings), refused.sentence)
    finally:
        reference.close()
    return ColourVerdict(FrameIndex(tuple(levels)), tuple(dict.fromkeys(warnings)))


def difference(one: Pixels, two: Pixels) -> float:
    """Mean absolute difference, of 255, of two images of one size, after averaging blocks of 8 x 8 pixels.

    Averaging takes away what decoders do differently with subsampled chroma and what moves when two readers
    place a level half a pixel apart.
    """
    side = min(_BLOCK_PX, *one.shape[:2])
    height, width = (length // side * side for length in one.shape[:2])
    apart = np.subtract(one[:height, :width], two[:height, :width], dtype=np.float32)
    # One axis after the other: numpy is ten times slower over both at once.
    strips = apart.reshape(height // side, side, width * one.shape[2]).sum(axis=1)
    blocks = strips.reshape(height // side, width // side, side, one.shape[2]).sum(axis=2)
    return float(np.abs(blocks).mean() / side**2)


def _is_checked(level: FrameLevel) -> bool:
    if not level.shown_by_browsers:
        return False  # lossless JPEG cannot be read in another colour, and nobody else reads it
    is_colour = level.pixel.samples == 3 and level.pixel.dtype == "uint8"
    return level.codec in _CHECKED and is_colour and not level.derived


def _is_shown_by_browsers(level: FrameLevel, sources: list[ByteSource]) -> bool:
    """Whether the first frame is of a kind that browsers decode: baseline, extended or progressive JPEG."""
    if level.codec is not Codec.JPEG or level.derived:
        return True
    try:
        head = next(_fronts(level, sources, _HEAD_BYTES), None)
        return head is None or read_head(level.standalone(head)).frame.process in _SHOWN_PROCESSES
    except UnreadableSlide:
        return True  # a damaged frame says nothing of the others


def _other(colour: Colour) -> Colour:
    return Colour.YCBCR if colour is Colour.RGB else Colour.RGB


class _Reference:
    """OpenSlide's view of the files, for as long as it has one."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._slide: OpenSlideSlide | None = None
        for path in paths:
            try:
                if find_vendor(path) not in _NO_WITNESS:
                    self._slide = OpenSlideSlide(path)
                    return
            except UnreadableSlide:
                continue

    def read(self, level: FrameLevel, region: PixelRegion) -> Pixels | None:
        """OpenSlide's pixels of a region of the level of this size, or None when it has no such level."""
        if self._slide is None:
            return None
        sizes = [found.size for found in self._slide.description.levels]
        if level.size not in sizes:
            return None
        try:
            return self._slide.read_level(sizes.index(level.size), region)
        except UnreadableSlide:
            self.close()  # after its first error OpenSlide answers nothing more
            return None

    def close(self) -> None:
        if self._slide is not None:
            self._slide.close()
        self._slide = None


def _read_samples(
    level: FrameLevel,
    sources: list[ByteSource],
    reference: _Reference,
    wanted: int,
    seed: int,
    warnings: list[Sentence],
) -> list[_Sample]:
    """Up to `wanted` frames that tell the colours apart; fewer when there are not so many.

    Raises:
        _Refused: none of the frames decodes.
    """
    found: list[_Sample] = []
    tried = 0
    failures: list[Sentence] = []
    for plane, channel, row, column in _candidates(level, wanted, seed):
        if len(found) == wanted:
            break
        tried += 1
        try:
            sample = _read_sample(level, sources, reference, plane, channel, row, column)
        except UnreadableSlide as error:
            failures.append(error.sentence)
            continue
        if sample.tells:
            found.append(sample)
    if tried and len(failures) == tried:
        raise _Refused.saying(failures[-1])
    if failures:
        warnings.append(
            Sentence(
                "{failed} of {tried} tiles that were looked at do not decode: {reason}",
                {"failed": len(failures), "tried": tried, "reason": failures[-1]},
            )
        )
    return found


def _candidates(level: FrameLevel, wanted: int, seed: int) -> Iterator[tuple[int, int, int, int]]:
    """Frames that are not blank, at random, those with the most bytes first: tissue needs more than glass."""
    present = np.flatnonzero(level.lengths)
    count = min(len(present), wanted * _CANDIDATES_PER_SAMPLE)
    chosen = np.random.default_rng(seed).choice(present, count, replace=False)
    lengths = level.lengths.ravel()[chosen]
    for flat in chosen[np.argsort(-lengths.astype(np.int64), kind="stable")]:
        plane, channel, row, column = np.unravel_index(flat, level.lengths.shape)
        yield int(plane), int(channel), int(row), int(column)


def _read_sample(
    level: FrameLevel,
    sources: list[ByteSource],
    reference: _Reference,
    plane: int,
    channel: int,
    row: int,
    column: int,
) -> _Sample:
    where = level.find(plane, channel, row, column)
    assert where is not None  # candidates are not blank
    stored = sources[where.object_number].read(where.offset, where.length)
    stream = level.standalone(stored)
    left, top = column * level.tile.width_px, row * level.tile.height_px
    width = min(_CROP_PX, level.tile.width_px, level.size.width_px - left)
    height = min(_CROP_PX, level.tile.height_px, level.size.height_px - top)
    only_plane = plane == 0 and level.planes == 1 and level.channels == 1
    seen = reference.read(level, PixelRegion(left, top, width, height)) if only_plane else None
    declared = decode_frame(level, stream)[:height, :width]
    other = decode_frame(replace(level, colour=_other(level.colour)), stream)[:height, :width]
    return _Sample(stored, declared, other, seen)


def _settle(
    level: FrameLevel, number: int, frames: list[_Sample], sources: list[ByteSource], warnings: list[Sentence]
) -> FrameLevel:
    """The level with its true colour, in the index and in its streams.

    Raises:
        _Refused: there is no telling, or no repair.
    """
    settled = level
    if _true_colour(level, frames) is not level.colour:
        settled = replace(level, colour=_other(level.colour))
        warnings.append(
            Sentence(
                "The file calls level {number} {stated}, but it holds {found}; it is shown as what it holds.",
                {"number": number, "stated": _NAMES[level.colour], "found": _NAMES[settled.colour]},
            )
        )
    if level.codec is not Codec.JPEG:
        return settled
    if _streams_agree(settled, frames):
        return settled
    repaired = _respliced(settled, frames, sources)
    if repaired is None or not _streams_agree(repaired, frames):
        raise _Refused("The JPEG tiles state a wrong colour in a way that cannot be repaired.")
    warnings.append(
        Sentence(
            "The JPEG tiles of level {number} state a wrong colour; they are served under a repaired head.",
            {"number": number},
        )
    )
    return repaired


def _true_colour(level: FrameLevel, frames: list[_Sample]) -> Colour:
    votes = [_vote(frame) for frame in frames if frame.reference is not None]
    if votes:
        if None in votes and votes.count(None) * 2 > len(votes):
            raise _Refused("The tiles decode to other colours than OpenSlide shows, whatever is assumed.")
        if True in votes and False in votes:
            raise _Refused("The tiles mix RGB and YCbCr, so their colours cannot be trusted.")
        return _other(level.colour) if False in votes else level.colour
    if level.codec is not Codec.JPEG:
        return level.colour
    # Nobody else reads the file. Subsampled chroma is YCbCr whatever is said of it.
    heads = [read_head(level.standalone(frame.stored)) for frame in frames]
    if heads and all(len(set(head.frame.sampling)) > 1 for head in heads):
        return Colour.YCBCR
    if any(head.assumed_colour is not level.colour for head in heads):
        raise _Refused(
            "The file and its JPEG tiles state different colours, and nothing tells which is right."
        )
    return level.colour


def _vote(frame: _Sample) -> bool | None:
    """Whether OpenSlide shows the declared colour (True) or the other (False); None for neither."""
    assert frame.reference is not None
    declared = difference(frame.declared, frame.reference)
    other = difference(frame.other, frame.reference)
    near, far = sorted((declared, other))
    # Where OpenSlide places a level half a pixel apart, fine texture differs a little in any colour.
    if far < _CLEAR_RATIO * near or (near > TOLERANCE and far < 2 * _CLEAR_RATIO * near):
        return None
    return declared < other


def _streams_agree(level: FrameLevel, frames: list[_Sample]) -> bool:
    """Whether a browser shows every sampled frame as `level.colour` means it."""
    for frame in frames:
        stream = level.standalone(frame.stored)
        height, width = frame.declared.shape[:2]
        truth = decode_frame(level, stream)[:height, :width]
        try:
            shown = stream_decodes_as(stream)[:height, :width]
        except UnreadableSlide as error:
            raise _Refused.saying(error.sentence) from error
        if shown.shape != truth.shape or difference(shown, truth) > TOLERANCE:
            return False
    return True


def _respliced(level: FrameLevel, frames: list[_Sample], sources: list[ByteSource]) -> FrameLevel | None:
    """The level with a prefix whose Adobe marker states its colour, in place of all that said another.

    None when the stored frames do not all begin alike, so that one `skip` cannot serve them.
    """
    marker = ADOBE_RGB if level.colour is Colour.RGB else ADOBE_YCBCR
    tables = b""
    if level.prefix:
        said = level.prefix + EOI
        kept = [
            s for s in read_segments(said) if s.marker not in (_APP0, _APP14) and s.end <= len(level.prefix)
        ]
        tables = b"".join(said[s.start : s.end] for s in kept)
    skip = _colour_markers_end(frames[0].stored, level.skip or len(SOI))
    front = frames[0].stored[:skip]
    if skip > len(SOI) and any(other != front for other in _fronts(level, sources, skip)):
        return None
    return replace(level, prefix=SOI + marker + tables, skip=skip)


def _colour_markers_end(stored: bytes, skip: int) -> int:
    """Where the application markers about colour end that stand first after `skip` bytes."""
    end = skip
    for segment in read_segments(SOI + stored[skip:]):
        if segment.marker not in (_APP0, _APP14):
            break
        end = skip - len(SOI) + segment.end
    return end


def _fronts(level: FrameLevel, sources: list[ByteSource], length: int) -> Iterator[bytes]:
    """The first bytes of stored frames spread over the level."""
    present = np.flatnonzero(level.lengths)
    step = max(1, len(present) // _FRONTS_COMPARED)
    for flat in present[::step]:
        source = sources[int(level.objects.ravel()[flat])]
        stored = int(level.lengths.ravel()[flat])
        yield source.read(int(level.offsets.ravel()[flat]), min(length, stored))
