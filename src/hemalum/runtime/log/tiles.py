"""Tiles: how the hashes and entries of a log are cut into pieces that never change (C2SP tlog-tiles).

The tile number n of level l holds up to 256 hashes, each of 256^l entries. An entry bundle holds the entries
of one tile of level 0, each behind its length in two bytes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hemalum.kernel.errors import Invalid
from hemalum.runtime.log.merkle import TILE_HEIGHT, TILE_WIDTH

MAX_ENTRY_BYTES = 0xFFFF
_MAX_LEVEL = 63
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """The name of a tile of hashes, or of the entry bundle beside a tile of level 0."""

    level: int
    index: int
    width: int = TILE_WIDTH
    of_entries: bool = False

    @property
    def path(self) -> str:
        """Where it is found below the prefix of the log, as `tile/0/x001/x234/067.p/5`."""
        thousands = f"{self.index:,}".split(",")
        groups = [f"{int(group):03}" for group in thousands]
        where = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        level = "entries" if self.of_entries else self.level
        return f"tile/{level}/{where}" + ("" if self.width == TILE_WIDTH else f".p/{self.width}")


def parse_tile_path(path: str) -> Tile:
    """The tile that a path below the prefix of a log names.

    Raises:
        Invalid: it names none, or not in the one spelling that is allowed.
    """
    matched = _PATH.fullmatch(path)
    if matched is not None:
        of_entries = matched["level"] == "entries"
        level = 0 if of_entries else int(matched["level"])
        index = int(re.sub("[x/]", "", matched["index"]))
        tile = Tile(level, index, int(matched["width"] or TILE_WIDTH), of_entries)
        if tile.path == path and tile.width <= TILE_WIDTH and level <= _MAX_LEVEL:
            return tile
    raise Invalid("This is not the path of a tile.")


def tiles_of(size: int) -> Iterator[Tile]:
    """The tiles of hashes that a tree of this size consists of, level by level."""
    level = 0
    while width := size >> TILE_HEIGHT * level:
        yield from (Tile(level, index) for index in range(width // TILE_WIDTH))
        if width % TILE_WIDTH:
            yield Tile(level, width // TILE_WIDTH, width % TILE_WIDTH)
        level += 1


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """An entry bundle."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)
