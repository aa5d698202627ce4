"""Grids over an image, one for each band of powers, and what of them was seen."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.ids import ImageId, PersonId

OBJECTIVES = (1.25, 2.5, 5.0, 10.0, 20.0, 40.0)
UM_PX_TIMES_POWER = 10.0
"""The convention of the viewer: an objective of power M shows 10 / M um on one CSS pixel."""
POWER_AT_FULL_RESOLUTION = 40.0
"""What an image without physical scale is called where one of its pixels fills one of the screen."""
CELL_SCREEN_PX = 64
MOST_CELLS_A_SIDE = 1024
MOST_RUNS = 20_000
_FINEST_DOWNSAMPLE = 0.9
"""Beyond full resolution there is nothing more to see; scanners' scales differ a little from their names."""

type Run = tuple[int, int, int]
"""Row, first column, first column after it."""
type Cells = NDArray[np.bool_]
"""(rows, columns), True where a cell is set."""


class GridChanged(Conflict):
    """What was seen is told in cells of another grid, as the scale of the image was stated meanwhile."""

    code = "grid-changed"


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one band. Sizes are in pixels of level 0."""

    objective: float
    downsample: float
    """Level-0 pixels on one CSS pixel at this power."""
    cell_px: float
    columns: int
    rows: int

    @property
    def key(self) -> str:
        """Names the grid of an image: cells of the same key lie in the same places."""
        return f"{self.objective:g}/{self.cell_px:.9g}"


@dataclass(frozen=True)
class Tissue:
    """Where the tissue is: the cells of a picture that covers the whole image."""

    cells: Cells

    def share(self, seen: Cells) -> float:
        """How much of the tissue lies where `seen`, a picture of the same size, is set; 1 without tissue."""
        total = int(self.cells.sum())
        return 1.0 if total == 0 else int((self.cells & seen).sum()) / total


@dataclass(frozen=True)
class Coverage:
    """What one reader saw of one image."""

    width_px: int
    height_px: int
    grids: tuple[Grid, ...]
    """From the lowest power to the highest."""
    seen: dict[str, Cells] = field(default_factory=dict)
    """By key of the grid; what is missing was not seen at all."""

    def shares(self, tissue: Tissue | None) -> dict[float, float]:
        """By objective, the share of the tissue (of the image, where none is known) seen at it or higher."""
        known = tissue or Tissue(np.ones(_whole_shape(self), bool))
        shape = known.cells.shape
        so_far = np.zeros(shape, bool)
        shares = {}
        for grid in reversed(self.grids):
            cells = self.seen.get(grid.key)
            if cells is not None:
                so_far |= self._spread(grid, cells, shape)
            shares[grid.objective] = known.share(so_far)
        return dict(reversed(shares.items()))

    def _spread(self, grid: Grid, cells: Cells, shape: tuple[int, ...]) -> Cells:
        """The cells of a grid as a picture of another size over the same image."""
        rows = ((np.arange(shape[0]) + 0.5) / shape[0] * self.height_px / grid.cell_px).astype(int)
        columns = ((np.arange(shape[1]) + 0.5) / shape[1] * self.width_px / grid.cell_px).astype(int)
        spread: Cells = cells[np.minimum(rows, grid.rows - 1)[:, None], np.minimum(columns, grid.columns - 1)]
        return spread


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody is with an image."""

    image_id: ImageId
    person_id: PersonId
    shares: dict[float, float]
    """By objective; see `Coverage.shares`."""
    of_tissue: bool
    """Whether the shares are of tissue, and not of the whole image."""
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Reveal:
    """That a reader had something shown which a model found, for the first time.

    Whoever knows what a model says reads otherwise; so a reading says when that was, and what of the slide
    had been seen without it.
    """

    image_id: ImageId
    person_id: PersonId
    subject: str
    """What was shown: `layer/ID`."""
    name: str
    """As the reader read it, with the producer's version."""
    revealed_at: datetime
    shares: dict[float, float]
    """By objective, what the server knew to be seen by then; see `Coverage.shares`."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Cells of one grid that were seen."""

    objective: float
    cell_px: float
    runs: tuple[Run, ...]


def grids_of(width_px: int, height_px: int, spacing_um: float | None) -> tuple[Grid, ...]:
    """The grids of an image of this size and scale, from the lowest power to the highest."""
    top = UM_PX_TIMES_POWER if spacing_um is not None else POWER_AT_FULL_RESOLUTION
    grids: list[Grid] = []
    for objective in OBJECTIVES:
        downsample = top / objective / (spacing_um or 1.0)
        if grids and downsample < _FINEST_DOWNSAMPLE:
            break
        cell = downsample * CELL_SCREEN_PX
        while max(width_px, height_px) > cell * MOST_CELLS_A_SIDE:
            cell *= 2
        columns, rows = math.ceil(width_px / cell), math.ceil(height_px / cell)
        grids.append(Grid(objective, downsample, cell, columns, rows))
    return tuple(grids)


def mark(grids: Sequence[Grid], seen: dict[str, Cells], marks: Iterable[Mark]) -> dict[str, Cells]:
    """What is seen once these cells are, by key of the grids that were marked. Marking again changes nothing.

    Raises:
        GridChanged: the image has no such grid.
        Invalid: a run lies outside of its grid, or there are too many.
    """
    by_place = {(grid.objective, f"{grid.cell_px:.9g}"): grid for grid in grids}
    changed: dict[str, Cells] = {}
    count = 0
    for one in marks:
        grid = by_place.get((one.objective, f"{one.cell_px:.9g}"))
        if grid is None:
            raise GridChanged(
                "What was seen is told in cells that this image does not have; ask for them anew."
            )
        count += len(one.runs)
        if count > MOST_RUNS:
            raise Invalid("At most {most} rows of cells can be told at once.", most=MOST_RUNS)
        before = changed.get(grid.key, seen.get(grid.key))
        cells = np.zeros((grid.rows, grid.columns), bool) if before is None else before.copy()
        for row, first, end in one.runs:
            if not (0 <= row < grid.rows and 0 <= first < end <= grid.columns):
                raise Invalid(
                    "Cells {first} to {end} of row {row} lie outside.", row=row, first=first, end=end
                )
            cells[row, first:end] = True
        changed[grid.key] = cells
    return changed


def _whole_shape(coverage: Coverage) -> tuple[int, int]:
    finest = coverage.grids[-1]
    return finest.rows, finest.columns
