"""Which tiles were read in each opening: a bit for each tile, set while it is served."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hemalum.runtime.tickets import TICKET_LASTS_S

_GRACE_S = 60.0


@dataclass(frozen=True, slots=True)
class TilesRead:
    """What was read in one opening."""

    opening_id: str
    about: Any
    """What `TileReads.begin` was given."""
    first_s: float
    last_s: float
    """On the clock of `TileReads`."""
    tiles: Mapping[int, int]
    """Tiles read by level, each as often as it was."""
    distinct: Mapping[int, int]
    bitmaps: Mapping[int, bytes]


@dataclass(slots=True)
class _Gathered:
    about: Any
    ends_at: float
    first_s: float | None = None
    last_s: float = 0.0
    tiles: dict[int, int] = field(default_factory=dict)
    bits: dict[int, bytearray] = field(default_factory=dict)


class TileReads:
    """What is read in the openings of one process. Used from the event loop only."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._open: dict[str, _Gathered] = {}

    def begin(self, opening_id: str, about: Any) -> None:
        """Gather what is read in this opening from now on."""
        self._open[opening_id] = _Gathered(about, self._now() + TICKET_LASTS_S + _GRACE_S)

    def note(self, opening_id: str, level: int, tile: int) -> None:
        """A tile, by its number in its level, goes out."""
        gathered = self._open.get(opening_id)
        if gathered is None:
            return
        gathered.last_s = self._now()
        if gathered.first_s is None:
            gathered.first_s = gathered.last_s
        gathered.tiles[level] = gathered.tiles.get(level, 0) + 1
        bits = gathered.bits.get(level)
        if bits is None:
            bits = gathered.bits[level] = bytearray()
        place = tile >> 3
        if place >= len(bits):
            bits.extend(bytes(place + 1 - len(bits)))
        bits[place] |= 1 << (tile & 7)

    def take_ended(self) -> list[TilesRead]:
        """What was read in openings that ended, which are forgotten; nothing of those without a read."""
        now = self._now()
        return self._take([name for name, gathered in self._open.items() if gathered.ends_at <= now])

    def take_all(self) -> list[TilesRead]:
        """What was read in all openings, ended or not."""
        return self._take(list(self._open))

    def _take(self, names: list[str]) -> list[TilesRead]:
        taken = [(name, self._open.pop(name)) for name in names]
        return [
            TilesRead(
                name,
                one.about,
                one.first_s,
                one.last_s,
                one.tiles,
                {level: int.from_bytes(bits, "little").bit_count() for level, bits in one.bits.items()},
                {level: bytes(bits) for level, bits in one.bits.items()},
            )
            for name, one in taken
            if one.first_s is not None
        ]
