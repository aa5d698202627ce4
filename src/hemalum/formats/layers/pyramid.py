"""Pyramids of square tiles, built from the finest level up in memory that does not grow with the slide."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

type Array = NDArray[Any]
type Finest = Callable[[int, int], Array | None]
"""Row and column of a tile of level 0 to its bins, (planes, side, side); None when it is empty."""
type Halve = Callable[[Array], Array]
"""Bins (planes, side, side) to half as many each way."""
type Keep = Callable[[int, int, int, Array], None]
"""Takes level, row, column and bins of each tile that is not empty."""


def levels_for(rows: int, columns: int) -> int:
    """Levels until one tile holds everything."""
    return (max(rows, columns, 1) - 1).bit_length() + 1


def build(
    finest: Finest,
    occupied: set[tuple[int, int]],
    levels: int,
    empty: Callable[[], Array],
    halve: Halve,
    keep: Keep,
) -> None:
    """Give every tile of every level to `keep`: children before parents, one branch at a time.

    `occupied` are the tiles of level 0 worth asking for; `empty` makes bins without content.
    """
    above = [occupied]
    for _ in range(levels - 1):
        above.append({(row >> 1, column >> 1) for row, column in above[-1]})

    def made(level: int, row: int, column: int) -> Array | None:
        if (row, column) not in above[level]:
            return None
        bins = finest(row, column) if level == 0 else _joined(level, row, column)
        if bins is not None:
            keep(level, row, column, bins)
        return bins

    def _joined(level: int, row: int, column: int) -> Array | None:
        joined: Array | None = None
        for down in (0, 1):
            for right in (0, 1):
                child = made(level - 1, 2 * row + down, 2 * column + right)
                if child is None:
                    continue
                if joined is None:
                    joined = empty()
                half = child.shape[1] // 2
                joined[:, down * half : (down + 1) * half, right * half : (right + 1) * half] = halve(child)
        return joined

    for row, column in sorted(above[-1]):
        made(levels - 1, row, column)
