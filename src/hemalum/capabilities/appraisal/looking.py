"""Looking at one scan. Runs in child processes only.

`service` names `look` to `hemalum.runtime.sandbox.Workers` and never imports this module. Methods and their
sources are those of `hemalum.analysis.tissue`, `hemalum.analysis.artefacts` and `hemalum.analysis.stain`;
nothing is drawn by chance.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hemalum.analysis.artefacts import beside_ink, blur, find_edges, find_folds, find_pen, tell_ink
from hemalum.analysis.stain import (
    LEAST_PIXELS,
    RUIFROK_HE,
    Rejected,
    angles_degrees,
    colouring,
    estimate_stains,
    stained,
)
from hemalum.analysis.tissue import find_tissue
from hemalum.capabilities.appraisal.model import Stain, Staining
from hemalum.formats.wsi.indexed import SharedTilesSlide
from hemalum.formats.wsi.slide import Slide, resample
from hemalum.kernel.geometry import PixelRegion, PixelSize
from hemalum.runtime.recipes import open_recipe

type Report = Callable[[str, int, int], None]
type Rgb = NDArray[np.uint8]
type Mask = NDArray[np.bool_]

OVERVIEW_UM = 8.0
_MOST_OVERVIEW_PX = 4 << 20
_MOST_READ_PX = 16 << 20
"""Of a level that is read whole for the overview."""
PLACE_UM = 0.5
PLACE_PX = 256
MOST_PLACES = 64
_STAIN_STEP_PX = 3
"""Every so many pixels of a place tell of its stains: not of the same place in each 8 of a JPEG."""
_MOST_INK = 0.9
"""Of what stands out from the glass; with more of ink, inference says too that there is no tissue."""
_KEPT_TILE_BYTES = 64 << 20
_LEAST_TISSUE = 0.5
"""Of a place that is looked at, where there are such places."""


def look(recipe: Mapping[str, Any], um: float, is_he: bool, progress: Report) -> dict[str, Any]:
    """What is told of a scan with `um` per level-0 pixel: `Figures` as plain values under `figures`.

    Without tissue `figures` is None, and `only_ink` tells whether ink stands out.

    Raises:
        UnreadableSlide, Conflict: the pixels cannot be read; see `open_recipe`.
    """
    with SharedTilesSlide(*open_recipe(recipe), kept_bytes=_KEPT_TILE_BYTES) as slide:
        rgb = overview(slide, um)
        progress("overview", 1, 1)
        size = slide.description.size
        overview_um = um * math.sqrt(size.width_px * size.height_px / (rgb.shape[0] * rgb.shape[1]))
        tissue, shares = told_of(rgb, is_he=is_he)
        if shares is None:
            return {"figures": None, "only_ink": is_he and bool(find_pen(rgb, find_tissue(rgb)).any())}
        level = _nearest(slide, um, PLACE_UM)
        downsample = slide.description.levels[level].downsample
        places, coloured = [], [np.empty((0, 3), np.uint8)]
        chosen = spread(tissue, _grid(slide, level), PLACE_PX * downsample * um / overview_um)
        for done, (row, column) in enumerate(chosen, 1):
            region = PixelRegion(column * PLACE_PX, row * PLACE_PX, PLACE_PX, PLACE_PX)
            pixels = slide.read_level(level, region, plane=_middle(slide))
            coloured.append(on_tissue(pixels, region, tissue, slide.description.levels[level].size))
            found = blur(pixels)
            side = PLACE_PX * downsample
            places.append(
                {
                    "x_px": column * side,
                    "y_px": row * side,
                    "side_px": side,
                    "blur": None if math.isnan(found) else found,
                }
            )
            progress("places", done, len(chosen))
    area_mm2 = float(tissue.sum()) * overview_um**2 / 1e6
    measured = {"tissue_mm2": area_mm2, "overview_um": overview_um, "place_um": um * downsample}
    staining = msgspec.to_builtins(told_of_stains(np.concatenate(coloured), is_he=is_he))
    figures = shares | measured | {"places": places, "staining": staining}
    return {"figures": figures, "only_ink": False}


def overview(slide: Slide, um: float) -> Rgb:
    """The whole slide (rows, columns, 3) near 8 um/px, coarser where it would be too large."""
    size = slide.description.size
    pixels = size.width_px * size.height_px
    wanted = max(OVERVIEW_UM, um, um * math.sqrt(pixels / _MOST_OVERVIEW_PX))
    level = slide.description.levels[number := _nearest(slide, um, wanted, _MOST_READ_PX)]
    whole = PixelRegion(0, 0, level.size.width_px, level.size.height_px)
    rgb = slide.read_level(number, whole, plane=_middle(slide))
    shrink = wanted / (um * level.downsample)
    if shrink <= 1:
        return rgb
    target = PixelSize(
        max(1, round(level.size.width_px / shrink)), max(1, round(level.size.height_px / shrink))
    )
    return resample(rgb, (0.0, 0.0, float(level.size.width_px), float(level.size.height_px)), target)


def told_of(rgb: Rgb, *, is_he: bool) -> tuple[Mask, dict[str, float | None] | None]:
    """Where tissue is on a picture of a whole slide, and the shares of it; None where there is no tissue."""
    edges = find_edges(rgb)
    standing_out, ink = tell_ink(rgb, edges) if is_he else (find_tissue(rgb), np.zeros(edges.shape, bool))
    tissue = standing_out & ~ink
    found, inked, kept = (int(mask.sum()) for mask in (standing_out, ink, tissue))
    if kept == 0 or inked > _MOST_INK * found:
        return tissue, None
    folds = find_folds(rgb, tissue & ~beside_ink(ink)) if is_he else None
    return tissue, {
        "tissue_share": kept / tissue.size,
        "ink_share": inked / found if is_he else None,
        "fold_share": None if folds is None else int(folds.sum()) / kept,
        "edge_share": float(edges.mean()),
    }


def on_tissue(rgb: Rgb, region: PixelRegion, tissue: Mask, size: PixelSize) -> Rgb:
    """Pixels (n, 3) of a region of a level of this size that lie on tissue, every third each way.

    `tissue` is of the whole slide.
    """
    height, width = tissue.shape
    rows = (region.y_px + np.arange(0, region.height_px, _STAIN_STEP_PX)) * height // size.height_px
    columns = (region.x_px + np.arange(0, region.width_px, _STAIN_STEP_PX)) * width // size.width_px
    return np.asarray(rgb[::_STAIN_STEP_PX, ::_STAIN_STEP_PX][tissue[np.ix_(rows, columns)]])


def told_of_stains(pixels: Rgb, *, is_he: bool) -> Staining:
    """What pixels (n, 3) of tissue tell of its stains."""
    dense = stained(pixels)
    kept = None if len(dense) < LEAST_PIXELS else colouring(dense)
    if not is_he:
        return Staining(None, None, None, None, kept)
    found = estimate_stains(dense)
    if isinstance(found, Rejected):
        return Staining(None, None, None, found, kept)
    haematoxylin, eosin = (
        Stain((float(red), float(green), float(blue)), strength, degrees)
        for (red, green, blue), strength, degrees in zip(
            found.colours, found.strengths, angles_degrees(found.colours, RUIFROK_HE), strict=True
        )
    )
    return Staining(haematoxylin, eosin, found.condition, None, kept)


def spread(tissue: Mask, grid: tuple[int, int], side: float) -> list[tuple[int, int]]:
    """Cells (row, column) of a grid, evenly over those with tissue, line by line.

    `side` is that of a cell in pixels of the mask.
    """
    sums = np.pad(tissue.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    rows, columns = (
        np.clip(np.rint(np.arange(count + 1) * side).astype(int), 0, length)
        for count, length in zip(grid, tissue.shape, strict=True)
    )
    corners = sums[np.ix_(rows, columns)]
    filled = np.diff(np.diff(corners, axis=0), axis=1)
    shares = filled / np.maximum(1, np.outer(np.diff(rows), np.diff(columns)))
    cells = np.argwhere(shares >= _LEAST_TISSUE)
    if not len(cells):
        cells = np.argwhere(shares > 0)
    if len(cells) > MOST_PLACES:
        cells = cells[np.linspace(0, len(cells) - 1, MOST_PLACES).round().astype(int)]
    return [(int(row), int(column)) for row, column in cells]


def _middle(slide: Slide) -> int:
    """The plane of a focus stack that is looked at: the outer ones are out of focus."""
    return len(slide.description.planes) // 2


def _grid(slide: Slide, level: int) -> tuple[int, int]:
    """Rows and columns of whole places on a level."""
    size = slide.description.levels[level].size
    return size.height_px // PLACE_PX, size.width_px // PLACE_PX


def _nearest(slide: Slide, um: float, wanted_um: float, most_px: float = math.inf) -> int:
    """The level whose scale is nearest to the wanted one, of those that are not too large."""
    levels = slide.description.levels
    allowed = [at for at, each in enumerate(levels) if each.size.width_px * each.size.height_px <= most_px]
    candidates = allowed or [len(levels) - 1]
    return min(candidates, key=lambda at: abs(math.log(um * levels[at].downsample / wanted_um)))
