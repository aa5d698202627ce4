"""Formats known from hearsay only: where two readings of a file are possible, the pixels decide.

A reading fits when the first, the middle and the last tile of its finest level decode to the size that the
file records, and when neighbouring tiles continue each other. Tiles put in a wrong order or orientation do
not: across a true seam pixels differ as neighbours do, across a wrong one as strangers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hemalum.formats.wsi.decode import can_decode, decode_frame
from hemalum.formats.wsi.frame_index import FrameLevel, read_frame
from hemalum.formats.wsi.slide import Pixels
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.sentence import Sentence

_PAIRS = 8
"""Seams looked at in each direction."""
_CANDIDATES = 4096
_AGREE, _DISAGREE = 0.4, 0.6
"""How far the step across a seam lies from the step inside a tile (0) towards the step between strangers (1).
Seams of the synthetic tissue come out below 0.1, wrong ones at 0.7 and more."""
_TELLING = 4.0
"""Of 255: so much more must strangers differ than neighbours inside a tile for seams to tell anything."""


@dataclass(frozen=True)
class Reading:
    """One way to understand a file."""

    name: str
    levels: Callable[[], tuple[FrameLevel, ...]]
    """Finest first. Raises UnreadableSlide when the file cannot be read so."""


@dataclass(frozen=True)
class Chosen:
    """The reading that fits."""

    name: str
    levels: tuple[FrameLevel, ...]
    seams: str
    """"agree", or "untold" for pictures that do not tell."""


def choose(doubt: Sentence, readings: Sequence[Reading], source: ByteSource) -> Chosen:
    """The first reading whose seams agree, else the first that nothing speaks against.

    `doubt` is what is in question, for the sentence of a refusal. Decodes up to about 30 tiles a reading.

    Raises:
        UnreadableSlide: no reading fits; the sentence says what spoke against them.
    """
    untold: Chosen | None = None
    against: list[UnreadableSlide] = []
    for reading in readings:
        try:
            levels = reading.levels()
            if not can_decode(levels[0].codec):
                return Chosen(reading.name, levels, "untold")
            _check_tiles(levels[0], source)
            seams = judge_seams(levels[0], source)
        except UnreadableSlide as error:
            against.append(error)
            continue
        if seams.verdict == "agree":
            return Chosen(reading.name, levels, seams.verdict)
        if seams.verdict == "untold":
            untold = untold or Chosen(reading.name, levels, seams.verdict)
            continue
        against.append(
            UnreadableSlide(
                "Neighbouring tiles do not fit: {across} across seams, {apart} apart.",
                across=round(seams.across, 1),
                apart=round(seams.apart, 1),
            )
        )
    if untold is not None:
        return untold
    first, *others = against
    second = next((error for error in others if str(error) != str(first)), None)
    if second is None:
        raise first
    raise UnreadableSlide(
        "No reading of the {doubt} fits; by the first: {first} By another: {second}",
        doubt=doubt,
        first=first.sentence,
        second=second.sentence,
    ) from first


@dataclass(frozen=True, slots=True)
class Seams:
    """Mean differences, of 255, of pixels side by side in a tile, across a seam, and a tile apart."""

    inside: float
    across: float
    apart: float

    @property
    def verdict(self) -> str:
        """ "agree", "disagree" or "untold"."""
        room = self.apart - self.inside
        if room < _TELLING:
            return "untold"
        step = (self.across - self.inside) / room
        return "agree" if step <= _AGREE else "disagree" if step >= _DISAGREE else "untold"


def judge_seams(level: FrameLevel, source: ByteSource) -> Seams:
    """Compare the last pixels of tiles with the first of their neighbours, where there is most to see."""
    steps = []
    for one, two in _neighbours(level, source):
        inside = (_difference(one[:, -2], one[:, -1]) + _difference(two[:, 0], two[:, 1])) / 2
        apart = (_difference(one[:, -1], two[:, -1]) + _difference(one[:, 0], two[:, 0])) / 2
        steps.append((inside, _difference(one[:, -1], two[:, 0]), apart))
    return Seams(*np.mean(steps, axis=0).tolist()) if steps else Seams(0.0, 0.0, 0.0)


def first_middle_last(level: FrameLevel) -> list[tuple[int, int, int, int]]:
    """Places (plane, channel, row, column) of three frames that are not blank, fewer when there are not."""
    present = np.flatnonzero(level.lengths)
    if not present.size:
        return []
    chosen = dict.fromkeys(int(present[at]) for at in (0, present.size // 2, present.size - 1))
    return [_place(level, flat) for flat in chosen]


def _check_tiles(level: FrameLevel, source: ByteSource) -> None:
    for place in first_middle_last(level):
        stream = read_frame(level, [source], *place)
        assert stream is not None  # only present ones were chosen
        decode_frame(level, stream)


def _neighbours(level: FrameLevel, source: ByteSource) -> Iterator[tuple[Pixels, Pixels]]:
    """Pairs of whole tiles side by side, and, turned so that they lie so, of tiles above each other."""
    whole = np.ones(level.lengths.shape[2:], bool)
    whole[-1, :] &= level.edge.height_px == level.tile.height_px
    whole[:, -1] &= level.edge.width_px == level.tile.width_px
    for down in (False, True):
        lengths = level.lengths[0].astype(np.int64) * whole
        here, there = (lengths[:, :-1], lengths[:, 1:]) if down else (lengths[:, :, :-1], lengths[:, :, 1:])
        worth = np.minimum(here, there)
        for channel, row, column in _most(worth):
            one = _pixels(level, source, channel, row, column)
            two = _pixels(level, source, channel, row + down, column + (not down))
            if one is not None and two is not None:
                yield (one.swapaxes(0, 1), two.swapaxes(0, 1)) if down else (one, two)


def _most(worth: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> Iterator[tuple[int, int, int]]:
    """Places of the pairs with most bytes, of some thousand spread over the level."""
    present = np.flatnonzero(worth)
    spread = present[:: max(1, present.size // _CANDIDATES)]
    for flat in spread[np.argsort(-worth.ravel()[spread], kind="stable")][:_PAIRS]:
        channel, row, column = np.unravel_index(flat, worth.shape)
        yield int(channel), int(row), int(column)


def _pixels(level: FrameLevel, source: ByteSource, channel: int, row: int, column: int) -> Pixels | None:
    """A tile, or None for a damaged one: a scan is not refused for it here."""
    stream = read_frame(level, [source], 0, channel, row, column)
    if stream is None:
        return None
    try:
        return decode_frame(level, stream).astype(np.float32)
    except UnreadableSlide:
        return None


def _difference(one: Pixels, two: Pixels) -> float:
    return float(np.abs(one - two).mean())


def _place(level: FrameLevel, flat: int) -> tuple[int, int, int, int]:
    plane, channel, row, column = np.unravel_index(flat, level.lengths.shape)
    return int(plane), int(channel), int(row), int(column)
