"""Which patches of a slide a model looks at, and in which order.

A plan is made in um on the tissue: a grid of patches over the slide, those kept that hold tissue. Patches
are ordered by *blocks*, squares of `BLOCK_UM` that are the same for every model, so that models which run
together read the same stored tiles at the same time and each is decoded once. A block is never parted: a
*chunk* is some blocks that follow each other.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hemalum.kernel.errors import Invalid, NoPhysicalScale
from hemalum.kernel.geometry import PixelSize, SpacingUm

BLOCK_UM = 512.0
LEAST_TISSUE = 0.1
"""A patch with a smaller share of tissue is glass with an edge of something."""
MOST_PATCHES = 4_000_000
_FEWEST_IN_CHUNK = 256
_FINER_BY = 1.01
"""A level that is coarser than asked by less than this serves: scanners round their um/px."""


@dataclass(frozen=True, slots=True)
class PatchNeed:
    """What pixels a model takes in at once."""

    um_per_px: float
    patch_px: int
    """Side of the square that an answer is for."""
    stride_px: int
    context_px: int = 0
    """Seen beyond the patch on each side."""

    @property
    def input_px(self) -> int:
        """Side of what goes into the model."""
        return self.patch_px + 2 * self.context_px

    @property
    def stride_um(self) -> float:
        return self.stride_px * self.um_per_px


@dataclass(frozen=True)
class PatchPlan:
    """The patches of one slide for one need, in the order in which they are looked at."""

    need: PatchNeed
    level: int
    """The level of the slide that is read."""
    scale: tuple[float, float]
    """Pixels of that level along one pixel of the model, across and down."""
    grid: tuple[int, int]
    """Rows and columns that cover the slide."""
    places: NDArray[np.int32]
    """(n, 2) row and column of each patch in the grid."""
    blocks: NDArray[np.int64]
    """(n,) the block each lies in; grows from patch to patch."""

    def box(self, number: int) -> tuple[float, float, float, float]:
        """Left, top, width and height of what the model sees for a patch, in pixels of the level."""
        row, column = (int(each) for each in self.places[number])
        across, down = self.scale
        left = (column * self.need.stride_px - self.need.context_px) * across
        top = (row * self.need.stride_px - self.need.context_px) * down
        return left, top, self.need.input_px * across, self.need.input_px * down

    @property
    def factor(self) -> int | None:
        """How many pixels of the level, each way, make one of the model, where that is a whole number.

        It is where, over all that the model sees at once, it is off by less than half a pixel of the model:
        scanners state 0.2499 um/px, and pixels that are only averaged are nearer to the scan than pixels
        that were drawn between others.
        """
        across, down = self.scale
        factor = round(across)
        furthest = max(abs(across - factor), abs(down - factor)) * self.need.input_px
        return factor if factor >= 1 and furthest < factor / 2 else None

    def within(self, first: int, last: int) -> range:
        """Numbers of the patches in the blocks from `first` to `last`, both included."""
        low, high = np.searchsorted(self.blocks, (first, last + 1))
        return range(int(low), int(high))


def plan_patches(
    sizes: Sequence[PixelSize],
    spacing_um: SpacingUm | None,
    tissue: NDArray[np.bool_],
    need: PatchNeed,
    *,
    least_tissue: float = LEAST_TISSUE,
) -> PatchPlan:
    """The patches of a slide that hold tissue. The same arguments give the same plan.

    `sizes` are those of its levels, finest first. `tissue` is a mask (rows, columns) of the whole slide at
    any size. Memory grows with the number of patches kept, not with the slide.

    Raises:
        NoPhysicalScale: nobody knows how large a pixel of the slide is.
        Invalid: the need cannot be one, or there would be more than `MOST_PATCHES`.
    """
    if spacing_um is None:
        raise NoPhysicalScale("This slide has no physical scale; models run once its um/px is stated.")
    if not (need.um_per_px > 0 and need.patch_px > 0 and need.stride_px > 0 and need.context_px >= 0):
        raise Invalid("A model needs patches of at least one pixel at more than 0 um/px.")
    full = sizes[0]
    extent = full.width_px * spacing_um.x_um, full.height_px * spacing_um.y_um
    columns, rows = (max(1, math.ceil(side / need.stride_um)) for side in extent)
    places = _with_tissue(tissue, extent, need, (rows, columns), least_tissue)
    middles = (places * need.stride_px + need.patch_px / 2) * need.um_per_px
    row, column = (middles // BLOCK_UM).astype(np.int64).T
    blocks = row * (math.ceil(extent[0] / BLOCK_UM) + 1) + column
    order = np.lexsort((places[:, 1], places[:, 0], blocks))
    level = _level_for(sizes, need.um_per_px / max(spacing_um.x_um, spacing_um.y_um))
    finer = full.width_px / sizes[level].width_px, full.height_px / sizes[level].height_px
    scale = need.um_per_px / (spacing_um.x_um * finer[0]), need.um_per_px / (spacing_um.y_um * finer[1])
    return PatchPlan(need, level, scale, (rows, columns), places[order], blocks[order])


def chunks_of(plans: Sequence[PatchPlan]) -> Iterator[tuple[int, int]]:
    """First and last block of each chunk: the fewest blocks in which a plan has 256 patches or more."""
    numbers = np.unique(np.concatenate([plan.blocks for plan in plans]))
    counts = np.zeros((len(plans), len(numbers)), np.int64)
    for at, plan in enumerate(plans):
        found, count = np.unique(plan.blocks, return_counts=True)
        counts[at, np.searchsorted(numbers, found)] = count
    first, gathered = 0, np.zeros(len(plans), np.int64)
    for last, number in enumerate(numbers):
        gathered += counts[:, last]
        if gathered.max() >= _FEWEST_IN_CHUNK or last == len(numbers) - 1:
            yield int(numbers[first]), int(number)
            first, gathered = last + 1, np.zeros(len(plans), np.int64)


def _with_tissue(
    tissue: NDArray[np.bool_],
    extent_um: tuple[float, float],
    need: PatchNeed,
    grid: tuple[int, int],
    least: float,
) -> NDArray[np.int32]:
    """Row and column of the patches with tissue, (n, 2), row by row."""
    height, width = tissue.shape
    sums = np.zeros((height + 1, width + 1), np.int64)
    np.cumsum(np.cumsum(tissue, axis=0), axis=1, out=sums[1:, 1:])
    left, right = _covered(grid[1], need, width / extent_um[0], width)
    top, bottom = _covered(grid[0], need, height / extent_um[1], height)
    kept, count = [], 0
    for row in range(grid[0]):
        upper, lower = sums[top[row]], sums[bottom[row]]
        held = lower[right] - upper[right] - lower[left] + upper[left]
        area = (bottom[row] - top[row]) * (right - left)
        found = np.flatnonzero((held > 0) & (held >= least * area))
        count += len(found)
        if count > MOST_PATCHES:
            raise Invalid("The model would look at more than {most} patches.", most=MOST_PATCHES)
        kept.append(np.column_stack([np.full(len(found), row), found]).astype(np.int32))
    return np.concatenate(kept)


def _covered(
    count: int, need: PatchNeed, cells_per_um: float, cells: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The cells of the mask that each patch touches along one side, from and to."""
    starts = np.arange(count) * need.stride_um * cells_per_um
    ends = starts + need.patch_px * need.um_per_px * cells_per_um
    first = np.clip(np.floor(starts + 1e-6), 0, cells - 1).astype(np.int64)
    last = np.clip(np.ceil(ends - 1e-6), 1, cells).astype(np.int64)
    return first, np.maximum(last, first + 1)


def _level_for(sizes: Sequence[PixelSize], downsample: float) -> int:
    """The coarsest level that has a pixel for each of the model's."""
    full = sizes[0]
    fitting = [
        number for number, size in enumerate(sizes) if full.width_px / size.width_px <= downsample * _FINER_BY
    ]
    return max(fitting, default=0)
