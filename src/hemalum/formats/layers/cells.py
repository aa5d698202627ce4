"""Writing cells and points as a layer, a piece at a time, in memory that does not grow with their number.

Pieces are spilled to a scratch file, sorted by squares of the slide, and gathered
square by square at the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.layers import pyramid
from hemalum.formats.layers.model import (
    MOST_COLUMNS,
    CellTile,
    InvalidLayer,
    LayerClass,
    LayerKind,
    Manifest,
    RasterLevel,
    ValueColumn,
)
from hemalum.formats.layers.pack import PackWriter, writing_pack
from hemalum.formats.layers.parts import (
    Outlines,
    encode_column,
    encode_counts,
    encode_outlines,
    encode_points,
    placed,
)

type Array = NDArray[Any]

SQUARE_PX = 1024
"""Cells are spilled, and found again, by squares of this side."""
BIN_PX = 32
RASTER_SIDE = 128
MOST_CORNERS = 4096
MOST_REACH_PX = 8192
MOST_CELLS = 2**32 - 1
_LARGEST_TILE_PX = 8192
_FULL_TILE = 16_384
_WELL_FILLED = 2_048
_BLOCK_SQUARES = BIN_PX * RASTER_SIDE // SQUARE_PX


@dataclass(frozen=True, slots=True)
class CellChunk:
    """Some cells, column by column. Places are level-0 pixels."""

    x_px: Array
    y_px: Array
    classes: Array
    """Index into the classes of the layer."""
    values: Sequence[Array] = ()
    """One array for each value column of the layer; NaN where a cell has no value."""
    outline_sizes: Array | None = None
    """Corners of the ring of each cell, 0 for none."""
    corners_px: Array | None = None
    """(sum of sizes, 2), level-0 pixels, the first corner of a ring not repeated."""


@dataclass(slots=True)
class _Spilled:
    """Where the columns of one chunk lie in the scratch file."""

    count: int
    offsets: dict[str, int] = field(default_factory=dict)
    corner_starts: Array | None = None


class CellWriter:
    """Takes the cells of one layer."""

    def __init__(
        self,
        scratch: Path,
        width_px: int,
        height_px: int,
        classes: Sequence[LayerClass],
        columns: Sequence[ValueColumn] = (),
        *,
        has_outlines: bool = False,
    ) -> None:
        """`scratch` is a folder for as long as the writer is used; nothing is left in it.

        Raises:
            InvalidLayer: no class, or more columns than a layer has.
        """
        if not classes:
            raise InvalidLayer("A layer of cells needs at least one class.")
        if len(columns) > MOST_COLUMNS:
            raise InvalidLayer("A layer has at most {most} value columns.", most=MOST_COLUMNS)
        self._size = (width_px, height_px)
        self._classes, self._columns = tuple(classes), tuple(columns)
        self._has_outlines = has_outlines
        self._path = scratch / "cells.spill"
        self._spill: IO[bytes] = self._path.open("w+b")
        self._chunks: list[_Spilled] = []
        self._runs: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        self._counts = np.zeros(len(classes), np.int64)
        self._ranges = [(np.inf, -np.inf)] * len(columns)
        self._diameters: list[float] = []
        self._count = 0

    def close(self) -> None:
        """Remove the scratch file."""
        self._spill.close()
        self._path.unlink(missing_ok=True)

    # Taking in ------------------------------------------------------------------------------------------

    def add(self, chunk: CellChunk) -> None:
        """Take some cells; best tens of thousands at a time.

        Raises:
            InvalidLayer: a cell has no place, lies outside of the image, names an unknown class, or has an
                outline that is none. Nothing of the layer is kept then.
        """
        x, y = np.asarray(chunk.x_px, np.float64), np.asarray(chunk.y_px, np.float64)
        if len(x) == 0:
            return
        classes = np.asarray(chunk.classes)
        self._check_places(x, y)
        self._check_classes(classes, len(x))
        values = self._checked_values(chunk.values, len(x))
        outlines = self._checked_outlines(chunk, x, y) if self._has_outlines else None
        self._write(x, y, classes.astype(np.uint8), values, outlines)
        self._counts += np.bincount(classes, minlength=len(self._classes))
        self._count += len(x)

    def _check_places(self, x: Array, y: Array) -> None:
        if len(y) != len(x):
            raise InvalidLayer(
                "There are {count} places across and {other} down.", count=len(x), other=len(y)
            )
        if self._count + len(x) > MOST_CELLS:
            raise InvalidLayer("A layer has at most {most} cells.", most=MOST_CELLS)
        lost = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
        if len(lost):
            raise InvalidLayer("The place of cell {row} is not a number.", row=self._row(lost[0]))
        width, height = self._size
        outside = np.flatnonzero((x < 0) | (y < 0) | (x > width) | (y > height))
        if len(outside):
            first = outside[0]
            raise InvalidLayer(
                "Cell {row} lies outside of the image, at {x}, {y} px.",
                row=self._row(first),
                x=round(float(x[first]), 1),
                y=round(float(y[first]), 1),
            )

    def _check_classes(self, classes: Array, count: int) -> None:
        if len(classes) != count:
            raise InvalidLayer(
                "There are {count} places and {other} classes.", count=count, other=len(classes)
            )
        unknown = np.flatnonzero((classes < 0) | (classes >= len(self._classes)))
        if len(unknown):
            raise InvalidLayer(
                "Cell {row} is of class {number}; the layer has {count} classes.",
                row=self._row(unknown[0]),
                number=int(classes[unknown[0]]),
                count=len(self._classes),
            )

    def _checked_values(self, values: Sequence[Array], count: int) -> list[Array]:
        if len(values) != len(self._columns):
            raise InvalidLayer(
                "There are {count} value columns; the layer has {expected}.",
                count=len(values),
                expected=len(self._columns),
            )
        checked = []
        for number, (column, given) in enumerate(zip(self._columns, values, strict=True)):
            one = np.asarray(given, np.float32)
            if len(one) != count:
                raise InvalidLayer(
                    "Column {name} has {count} values for {expected} cells.",
                    name=column.name,
                    count=len(one),
                    expected=count,
                )
            if np.isinf(one).any():
                raise InvalidLayer("Column {name} has an infinite value.", name=column.name)
            known = one[~np.isnan(one)]
            if len(known):
                low, high = self._ranges[number]
                self._ranges[number] = (min(low, float(known.min())), max(high, float(known.max())))
            checked.append(one)
        return checked

    def _checked_outlines(self, chunk: CellChunk, x: Array, y: Array) -> Outlines:
        if chunk.outline_sizes is None or chunk.corners_px is None:
            return Outlines(np.zeros(len(x), np.int64), np.zeros((0, 2), np.float32))
        sizes = np.asarray(chunk.outline_sizes, np.int64)
        corners = np.asarray(chunk.corners_px, np.float64).reshape(-1, 2)
        if len(sizes) != len(x) or sizes.sum() != len(corners):
            raise InvalidLayer("The outlines do not fit the cells: corners are missing or too many.")
        flat = np.flatnonzero((sizes > 0) & (sizes < 3))
        if len(flat):
            raise InvalidLayer(
                "The outline of cell {row} has fewer than three corners.", row=self._row(flat[0])
            )
        long = np.flatnonzero(sizes > MOST_CORNERS)
        if len(long):
            raise InvalidLayer(
                "The outline of cell {row} has more than {most} corners.",
                row=self._row(long[0]),
                most=MOST_CORNERS,
            )
        if not np.isfinite(corners).all():
            owner = np.repeat(np.arange(len(sizes)), sizes)[~np.isfinite(corners).all(axis=1)][0]
            raise InvalidLayer(
                "The outline of cell {row} has a corner that is not a number.", row=self._row(owner)
            )
        away = corners - np.repeat(np.stack([x, y], axis=1), sizes, axis=0)
        if len(away):
            self._check_reach(away, sizes)
            starts = (np.cumsum(sizes) - sizes)[sizes > 0]
            extent = np.maximum.reduceat(away, starts) - np.minimum.reduceat(away, starts)
            self._diameters.append(float(np.median(extent.max(axis=1))))
        return Outlines(sizes, away.astype(np.float32))

    def _check_reach(self, away: Array, sizes: Array) -> None:
        far = np.abs(away).max(axis=1) > MOST_REACH_PX
        if far.any():
            owner = np.repeat(np.arange(len(sizes)), sizes)[far][0]
            raise InvalidLayer(
                "The outline of cell {row} reaches more than {most} px away from it.",
                row=self._row(owner),
                most=MOST_REACH_PX,
            )

    def _row(self, number: Any) -> int:
        """Number of a cell as people count."""
        return self._count + int(number) + 1

    def _write(
        self, x: Array, y: Array, classes: Array, values: list[Array], outlines: Outlines | None
    ) -> None:
        down, across = self._squares(y, 1), self._squares(x, 0)
        order = np.lexsort((across, down))
        columns: dict[str, Array] = {"x": x, "y": y, "class": classes}
        columns["row"] = np.arange(self._count, self._count + len(x), dtype=np.uint32)
        columns |= {f"v{number}": one for number, one in enumerate(values)}
        spilled = _Spilled(len(x))
        if outlines is not None:
            columns["size"] = outlines.sizes.astype(np.uint16)
            ordered = outlines.sizes[order]
            spilled.corner_starts = np.concatenate(([0], np.cumsum(ordered)))
            starts = (np.cumsum(outlines.sizes) - outlines.sizes)[order]
            picked = np.repeat(starts - spilled.corner_starts[:-1], ordered) + np.arange(ordered.sum())
            self._put(spilled, "corners", outlines.corners[picked])
        for name, column in columns.items():
            self._put(spilled, name, column[order])
        keys = np.stack([down[order], across[order]], axis=1)
        breaks = np.flatnonzero(np.any(np.diff(keys, axis=0), axis=1)) + 1
        for start, stop in zip([0, *breaks], [*breaks, len(x)], strict=True):
            square = (int(keys[start, 0]), int(keys[start, 1]))
            self._runs.setdefault(square, []).append((len(self._chunks), int(start), int(stop)))
        self._chunks.append(spilled)

    def _squares(self, px: Array, axis: int) -> Array:
        last = max(0, -(-self._size[axis] // SQUARE_PX) - 1)
        squares: Array = np.minimum(px // SQUARE_PX, last).astype(np.int32)
        return squares

    def _put(self, spilled: _Spilled, name: str, column: Array) -> None:
        spilled.offsets[name] = self._spill.seek(0, 2)
        self._spill.write(np.ascontiguousarray(column).tobytes())

    # Gathering ------------------------------------------------------------------------------------------

    def finish(self, pack: Path) -> Manifest:
        """Write everything that was taken in to a new pack.

        Raises:
            InvalidLayer: nothing was.
        """
        if self._count == 0:
            raise InvalidLayer("There is nothing in this layer.")
        self._spill.flush()
        with writing_pack(pack) as writer:
            side, groups = self._grouped()
            tiles = tuple(self._write_tile(writer, side, *at, groups[at]) for at in sorted(groups))
            manifest = Manifest(
                LayerKind.CELLS if self._has_outlines else LayerKind.POINTS,
                *self._size,
                self._count,
                self._counted_classes(),
                self._ranged_columns(),
                side,
                tiles,
                round(float(np.median(self._diameters)), 2) if self._diameters else 0.0,
                round(max(tile.count for tile in tiles) / side**2 * 1e6, 2),
                RASTER_SIDE,
                self._write_counts(writer),
            )
            writer.finish(manifest)
        return manifest

    def _counted_classes(self) -> tuple[LayerClass, ...]:
        pairs = zip(self._classes, self._counts, strict=True)
        return tuple(replace(one, count=int(count)) for one, count in pairs)

    def _ranged_columns(self) -> tuple[ValueColumn, ...]:
        return tuple(
            replace(one, minimum=low, maximum=high) if low <= high else one
            for one, (low, high) in zip(self._columns, self._ranges, strict=True)
        )

    def _grouped(self) -> tuple[int, dict[tuple[int, int], list[tuple[int, int]]]]:
        """The side of tiles that makes them well filled and none too full, and the squares of each tile."""
        side = SQUARE_PX
        groups = {square: [square] for square in self._runs}
        while side < _LARGEST_TILE_PX and self._count < _WELL_FILLED * len(groups):
            coarser: dict[tuple[int, int], list[tuple[int, int]]] = {}
            for (row, column), squares in groups.items():
                coarser.setdefault((row >> 1, column >> 1), []).extend(squares)
            if max(sum(map(self._in_square, squares)) for squares in coarser.values()) > _FULL_TILE:
                break
            side, groups = 2 * side, coarser
        return side, groups

    def _in_square(self, square: tuple[int, int]) -> int:
        return sum(stop - start for _, start, stop in self._runs[square])

    def _write_tile(
        self, writer: PackWriter, side: int, row: int, column: int, squares: list[tuple[int, int]]
    ) -> CellTile:
        runs = [run for square in sorted(squares) for run in self._runs[square]]
        x, y = self._column("x", np.float64, runs), self._column("y", np.float64, runs)
        left, top = column * side, row * side
        name = f"{row}/{column}"
        rows, classes = self._column("row", np.uint32, runs), self._column("class", np.uint8, runs)
        writer.add(f"points/{name}", encode_points(x - left, y - top, classes, rows, side))
        for number in range(len(self._columns)):
            values = self._column(f"v{number}", np.float32, runs)
            writer.add(f"column/{number}/{name}", encode_column(values))
        if self._has_outlines:
            sizes = self._column("size", np.uint16, runs).astype(np.int64)
            # Corners are told from where the viewer will draw the cell, not from where it was.
            moved = np.stack([x - left - placed(x - left, side), y - top - placed(y - top, side)], axis=1)
            corners = self._corners(runs) + np.repeat(moved, sizes, axis=0)
            writer.add(f"outlines/{name}", encode_outlines(Outlines(sizes, corners)))
        return CellTile(row, column, len(x))

    def _column(self, name: str, dtype: Any, runs: list[tuple[int, int, int]]) -> Array:
        width = np.dtype(dtype).itemsize
        pieces = []
        for chunk, start, stop in runs:
            self._spill.seek(self._chunks[chunk].offsets[name] + start * width)
            pieces.append(self._spill.read((stop - start) * width))
        return np.frombuffer(b"".join(pieces), dtype)

    def _corners(self, runs: list[tuple[int, int, int]]) -> Array:
        pieces = []
        for chunk, start, stop in runs:
            spilled = self._chunks[chunk]
            assert spilled.corner_starts is not None
            first, last = int(spilled.corner_starts[start]), int(spilled.corner_starts[stop])
            self._spill.seek(spilled.offsets["corners"] + 8 * first)
            pieces.append(self._spill.read(8 * (last - first)))
        return np.frombuffer(b"".join(pieces), np.float32).reshape(-1, 2)

    def _write_counts(self, writer: PackWriter) -> tuple[RasterLevel, ...]:
        planes = len(self._classes)
        blocks = {(row // _BLOCK_SQUARES, column // _BLOCK_SQUARES) for row, column in self._runs}
        block_px = BIN_PX * RASTER_SIDE
        levels = pyramid.levels_for(*(-(-length // block_px) for length in self._size))
        kept: list[dict[tuple[int, int], int]] = [{} for _ in range(levels)]

        def keep(level: int, row: int, column: int, bins: Array) -> None:
            kept[level][row, column] = int(bins.sum(axis=0).max())
            writer.add(f"counts/{level}/{row}/{column}", encode_counts(bins))

        pyramid.build(
            self._bins,
            blocks,
            levels,
            lambda: np.zeros((planes, RASTER_SIDE, RASTER_SIDE), np.uint32),
            _summed,
            keep,
        )
        return tuple(
            RasterLevel(level, BIN_PX * 2**level, tuple(sorted(tiles)), max(tiles.values()))
            for level, tiles in enumerate(kept)
        )

    def _bins(self, row: int, column: int) -> Array:
        """Counts by class in the bins of one block."""
        runs = [run for square in _squares_of(row, column) for run in self._runs.get(square, ())]
        block_px = BIN_PX * RASTER_SIDE
        across = ((self._column("x", np.float64, runs) - column * block_px) // BIN_PX).astype(np.int64)
        down = ((self._column("y", np.float64, runs) - row * block_px) // BIN_PX).astype(np.int64)
        # What lies on the far edge of the image belongs to the last bin.
        across, down = np.minimum(across, RASTER_SIDE - 1), np.minimum(down, RASTER_SIDE - 1)
        classes = self._column("class", np.uint8, runs).astype(np.int64)
        flat = (classes * RASTER_SIDE + down) * RASTER_SIDE + across
        counts = np.bincount(flat, minlength=len(self._classes) * RASTER_SIDE**2)
        return counts.astype(np.uint32).reshape(-1, RASTER_SIDE, RASTER_SIDE)


def _squares_of(row: int, column: int) -> Iterator[tuple[int, int]]:
    for down in range(_BLOCK_SQUARES):
        for right in range(_BLOCK_SQUARES):
            yield row * _BLOCK_SQUARES + down, column * _BLOCK_SQUARES + right


def _summed(bins: Array) -> Array:
    planes, side, _ = bins.shape
    return bins.reshape(planes, side // 2, 2, side // 2, 2).sum(axis=(2, 4), dtype=np.uint32)
