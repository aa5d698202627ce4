"""Writing a heatmap as a layer: values on a regular raster, never smoothed, with their coarser levels."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.layers import pyramid
from hemalum.formats.layers.model import InvalidLayer, LayerKind, Manifest, RasterLevel, ValueColumn
from hemalum.formats.layers.pack import writing_pack
from hemalum.formats.layers.parts import ABSTAINED, NONE, VALUE, encode_values

type Array = NDArray[Any]

SIDE = 256


def write_heatmap(
    pack: Path,
    values: Array,
    value: ValueColumn,
    *,
    width_px: int,
    height_px: int,
    pitch_px: float,
    origin_px: tuple[float, float] = (0.0, 0.0),
    abstained: Array | None = None,
) -> Manifest:
    """Write values (rows, columns) to a new pack; NaN is where nothing was looked at.

    Bins are `pitch_px` level-0 pixels wide; `origin_px` is the left and top edge of the first. Where
    `abstained` is true the producer looked and gave no value on purpose. A coarser level has the mean of the
    values under it, and abstains where most of what was looked at does. `values` may be a memory map.

    Raises:
        InvalidLayer: not a raster, infinite, empty, or outside of the image.
    """
    _check(values, abstained, pitch_px, origin_px, (width_px, height_px))
    rows, columns = (-(-length // SIDE) for length in values.shape)
    levels = pyramid.levels_for(rows, columns)
    kept: list[dict[tuple[int, int], float]] = [{} for _ in range(levels)]
    seen = {"value": 0, "abstained": 0, "low": np.inf, "high": -np.inf}

    def finest(row: int, column: int) -> Array | None:
        where = (slice(row * SIDE, (row + 1) * SIDE), slice(column * SIDE, (column + 1) * SIDE))
        bins = _bins(np.asarray(values[where], np.float64), None if abstained is None else abstained[where])
        states = bins[1]
        if not states.any():
            return None
        known = bins[0][states == VALUE]
        seen["value"] += len(known)
        seen["abstained"] += int((states == ABSTAINED).sum())
        if len(known):
            seen["low"] = min(seen["low"], float(np.float32(known.min())))
            seen["high"] = max(seen["high"], float(np.float32(known.max())))
        return bins

    with writing_pack(pack) as writer:

        def keep(level: int, row: int, column: int, bins: Array) -> None:
            known = bins[0][bins[1] == VALUE]
            kept[level][row, column] = float(known.max()) if len(known) else 0.0
            writer.add(f"values/{level}/{row}/{column}", encode_values(bins[0], bins[1]))

        occupied = {(row, column) for row in range(rows) for column in range(columns)}
        pyramid.build(finest, occupied, levels, lambda: np.zeros((4, SIDE, SIDE)), _halved, keep)
        if seen["value"] + seen["abstained"] == 0:
            raise InvalidLayer("There is nothing in this layer.")
        known = seen["value"] > 0
        shown = ValueColumn(
            value.name, value.unit, seen["low"] if known else None, seen["high"] if known else None
        )
        manifest = Manifest(
            LayerKind.HEATMAP,
            width_px,
            height_px,
            int(seen["value"]),
            columns=(shown,),
            raster_side=SIDE,
            rasters=tuple(
                RasterLevel(level, pitch_px * 2**level, tuple(sorted(tiles)), max(tiles.values()))
                for level, tiles in enumerate(kept)
            ),
            origin_x_px=origin_px[0],
            origin_y_px=origin_px[1],
            abstained=int(seen["abstained"]),
        )
        writer.finish(manifest)
    return manifest


def _check(
    values: Array,
    abstained: Array | None,
    pitch_px: float,
    origin: tuple[float, float],
    size: tuple[int, int],
) -> None:
    if values.ndim != 2 or values.size == 0 or values.dtype.kind not in "fiub":
        raise InvalidLayer("A heatmap is a raster of numbers with rows and columns.")
    if abstained is not None and abstained.shape != values.shape:
        raise InvalidLayer("What the producer abstained from has another shape than the heatmap.")
    if not (np.isfinite(pitch_px) and pitch_px > 0 and np.isfinite(origin).all()):
        raise InvalidLayer("The bins of a heatmap have a width above 0, and a place.")
    for length, start, whole in zip(values.shape[::-1], origin, size, strict=True):
        # The last bin may reach over the edge, no more.
        if start < -pitch_px or start + (length - 1) * pitch_px >= whole:
            raise InvalidLayer(
                "The heatmap reaches over the edge of the image; its pitch or its place is wrong."
            )


def _bins(values: Array, abstained: Array | None) -> Array:
    """Value, state, and how many bins of level 0 have a value or abstain: (4, SIDE, SIDE)."""
    if np.isinf(values).any():
        raise InvalidLayer("The heatmap has an infinite value.")
    bins = np.zeros((4, SIDE, SIDE))
    height, width = values.shape
    states = np.where(np.isnan(values), NONE, VALUE)
    if abstained is not None:
        states[np.asarray(abstained, bool)] = ABSTAINED
    bins[0, :height, :width] = np.where(states == VALUE, values, 0)
    bins[1, :height, :width] = states
    bins[2], bins[3] = bins[1] == VALUE, bins[1] == ABSTAINED
    return bins


def _halved(bins: Array) -> Array:
    half = SIDE // 2
    fours = bins.reshape(4, half, 2, half, 2)
    counts = fours[2:].sum(axis=(2, 4))
    total = (fours[0] * fours[2]).sum(axis=(1, 3))
    halved = np.zeros((4, half, half))
    halved[2:] = counts
    halved[0] = total / np.maximum(counts[0], 1)
    looked = counts.sum(axis=0) > 0
    halved[1] = np.where(looked, np.where(counts[1] > counts[0], ABSTAINED, VALUE), NONE)
    return halved
