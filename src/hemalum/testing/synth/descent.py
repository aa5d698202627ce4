"""Walking a pyramid: level 0 is drawn once, in squares; coarser tiles are averaged from what was drawn."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Protocol

import numpy as np

from hemalum.testing.synth.noise import Array
from hemalum.testing.synth.tiff_stream import Page, TiffStream

type Progress = Callable[[int, int], None]
"""Called with tiles done and tiles in all, level 0 only."""

_IN_FLIGHT = 8
"""Squares handed to the workers ahead of the one being written: they stay busy, memory stays flat."""

type _Drawn = tuple[list[tuple[int, int, list[bytes]]], Array]
"""Encoded level-0 tiles (row, column, one for each plane and channel) and the tile above them."""


class TileEncoder(Protocol):
    """How one tile becomes bytes."""

    def frame(self, pixels: Array) -> bytes: ...


class Scan(Protocol):
    """What is written: pixels of level-0 rectangles, channels first: (planes of samples, h, w, samples)."""

    @property
    def width_px(self) -> int: ...

    @property
    def height_px(self) -> int: ...

    def read(self, x_px: int, y_px: int, width_px: int, height_px: int) -> Array: ...


@dataclass(frozen=True)
class _Square:
    """One unit of work: the level-0 tiles below one tile of level 1."""

    scan: Scan
    encoder: TileEncoder
    tile_px: int
    factor: int
    row: int
    column: int
    blank: int

    def draw(self) -> _Drawn:
        """Encoded level-0 tiles (row, column, one for each channel), and the level-1 tile (c, h, w, s)."""
        t, f = self.tile_px, self.factor
        x0, y0 = self.column * t * f, self.row * t * f
        width, height = min(t * f, self.scan.width_px - x0), min(t * f, self.scan.height_px - y0)
        pixels = self.scan.read(x0, y0, width, height)
        padded = _padded(pixels, -(-height // t) * t, -(-width // t) * t, self.blank)
        tiles = [
            (
                y0 // t + r,
                x0 // t + c,
                [self.encoder.frame(p[r * t : (r + 1) * t, c * t : (c + 1) * t]) for p in padded],
            )
            for r in range(padded.shape[1] // t)
            for c in range(padded.shape[2] // t)
        ]
        return tiles, _padded(shrink(pixels, f), t, t, self.blank)


def _draw(square: _Square) -> _Drawn:
    return square.draw()


def shrink(pixels: Array, factor: int) -> Array:
    """Averages of factor x factor pixels, rounded, (c, h // factor, w // factor, s); the rest is cut off."""
    if factor == 1:
        return pixels
    c, h, w, s = pixels.shape
    h, w = h // factor, w // factor
    if not h or not w:
        return np.zeros((c, h, w, s), pixels.dtype)
    blocks = pixels[:, : h * factor, : w * factor].reshape(c, h, factor, w * factor * s)
    columns = blocks.sum(axis=2, dtype=np.uint32).reshape(c, h, w, factor, s)
    total = columns.sum(axis=3, dtype=np.uint32)
    return ((total + factor * factor // 2) // (factor * factor)).astype(pixels.dtype)


def _padded(pixels: Array, height: int, width: int, blank: int) -> Array:
    c, h, w, s = pixels.shape
    if (h, w) == (height, width):
        return pixels
    full = np.full((c, height, width, s), blank, pixels.dtype)
    full[:, :h, :w] = pixels
    return full


@dataclass(frozen=True)
class Pyramid:
    """The levels to write: tiles of `tile_px`; level k + 1 is `factors[k]` times coarser than level k."""

    tile_px: int
    factors: tuple[int, ...]

    def sizes(self, width_px: int, height_px: int) -> list[tuple[int, int]]:
        sizes = [(width_px, height_px)]
        for factor in self.factors:
            width_px, height_px = max(1, width_px // factor), max(1, height_px // factor)
            sizes.append((width_px, height_px))
        return sizes


class Descent:
    """Walks the pyramid depth first: a coarse tile is made of the finer ones just written below it."""

    def __init__(
        self,
        stream: TiffStream,
        levels: list[list[Page]],
        scan: Scan,
        encoder: TileEncoder,
        pyramid: Pyramid,
        blank: int,
        progress: Progress | None,
    ) -> None:
        self._stream, self._levels, self._scan, self._encoder = stream, levels, scan, encoder
        self._pyramid, self._blank, self._progress = pyramid, blank, progress
        self._done = 0
        self._shared: dict[tuple[int, int], tuple[int, int]] = {}

    def run(self, pool: Executor | None) -> None:
        drawn = _in_order(pool, self._order())
        top = len(self._levels) - 1
        page = self._levels[top][0]
        if top == 0:
            while self._done < page.rows * page.columns:
                self._leaf(drawn)
            return
        for row in range(page.rows):
            for column in range(page.columns):
                self._tile(top, row, column, drawn)

    def _factor(self) -> int:
        return self._pyramid.factors[0] if self._pyramid.factors else 4

    def _order(self) -> Iterator[_Square]:
        f, t = self._factor(), self._pyramid.tile_px
        if len(self._levels) == 1:
            rows, columns = (-(-n // (t * f)) for n in (self._scan.height_px, self._scan.width_px))
            yield from (self._square(r, c) for r in range(rows) for c in range(columns))
            return
        page = self._levels[-1][0]
        for row in range(page.rows):
            for column in range(page.columns):
                yield from self._squares_below(len(self._levels) - 1, row, column)

    def _squares_below(self, level: int, row: int, column: int) -> Iterator[_Square]:
        if level == 1:
            yield self._square(row, column)
            return
        for r, c in self._children(level, row, column):
            yield from self._squares_below(level - 1, r, c)

    def _children(self, level: int, row: int, column: int) -> list[tuple[int, int]]:
        f = self._pyramid.factors[level - 1]
        page = self._levels[level - 1][0]
        return [
            (r, c)
            for r in range(row * f, min((row + 1) * f, page.rows))
            for c in range(column * f, min((column + 1) * f, page.columns))
        ]

    def _square(self, row: int, column: int) -> _Square:
        return _Square(
            self._scan, self._encoder, self._pyramid.tile_px, self._factor(), row, column, self._blank
        )

    def _leaf(self, drawn: Iterator[_Drawn]) -> Array:
        tiles, pixels = next(drawn)
        for row, column, encoded in tiles:
            for page, one in zip(self._levels[0], encoded, strict=True):
                self._stream.put(page, row, column, one)
        self._done += len(tiles)
        if self._progress:
            page = self._levels[0][0]
            self._progress(self._done, page.rows * page.columns)
        return pixels

    def _tile(
        self,
        level: int,
        row: int,
        column: int,
        drawn: Iterator[_Drawn],
    ) -> Array:
        pixels = self._leaf(drawn) if level == 1 else self._mosaic(level, row, column, drawn)
        for page, plane in zip(self._levels[level], pixels, strict=True):
            self._stream.put(page, row, column, self._encoder.frame(plane))
        return pixels

    def _mosaic(self, level: int, row: int, column: int, drawn: Iterator[_Drawn]) -> Array:
        """One tile of level 2 or coarser, from the tiles below it."""
        f, t = self._pyramid.factors[level - 1], self._pyramid.tile_px
        pixels: Array | None = None
        for r, c in self._children(level, row, column):
            small = shrink(self._tile(level - 1, r, c, drawn), f)
            if pixels is None:
                pixels = np.full((small.shape[0], t, t, small.shape[3]), self._blank, small.dtype)
            y, x = (r - row * f) * (t // f), (c - column * f) * (t // f)
            pixels[:, y : y + t // f, x : x + t // f] = small
        assert pixels is not None
        return pixels


@contextmanager
def worker_pool(workers: int) -> Iterator[Executor | None]:
    """Processes that draw for the writers; None, which means this process, for one worker."""
    if workers <= 1:
        yield None
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool


def _in_order(pool: Executor | None, squares: Iterator[_Square]) -> Iterator[_Drawn]:
    """Results in the order of the squares, with only a few squares in flight."""
    if pool is None:
        yield from (square.draw() for square in squares)
        return
    waiting: list[Future[_Drawn]] = []
    for square in squares:
        waiting.append(pool.submit(_draw, square))
        if len(waiting) > _IN_FLIGHT:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()
