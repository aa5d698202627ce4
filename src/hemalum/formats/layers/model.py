"""What a layer is made of, as its manifest says it. No I/O."""

from dataclasses import dataclass
from enum import StrEnum

from hemalum.kernel.errors import Invalid

FORMAT_VERSION = 1
MOST_CLASSES = 48
"""So many signs there are: eight colours by six shapes."""
MOST_COLUMNS = 1024


class InvalidLayer(Invalid):
    """What was to become a layer cannot be drawn truthfully. The sentence says why."""

    code = "invalid-layer"


class LayerKind(StrEnum):
    """What a layer consists of."""

    CELLS = "cells"
    """Places with outlines."""
    POINTS = "points"
    HEATMAP = "heatmap"


class Shape(StrEnum):
    """How a class is told from others without colour."""

    CIRCLE = "circle"
    SQUARE = "square"
    TRIANGLE = "triangle"
    DIAMOND = "diamond"
    PLUS = "plus"
    CROSS = "cross"


_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#f0e442", "#999999", "#000000")
"""Okabe and Ito, Color Universal Design, 2008, without the vermilion, which reads as an alarm."""


@dataclass(frozen=True, slots=True)
class LayerClass:
    """One class of cells or points."""

    name: str
    colour: str
    """As #rrggbb."""
    shape: Shape
    count: int = 0
    name_zh: str | None = None


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """One number for each cell; NaN where there is none."""

    name: str
    unit: str = ""
    minimum: float | None = None
    """Of all values; None when there is none."""
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class CellTile:
    """A square of the slide with cells in it."""

    row: int
    column: int
    count: int


@dataclass(frozen=True, slots=True)
class RasterLevel:
    """One level of a pyramid of counts or values; level 0 is the finest."""

    level: int
    pitch_px: float
    """Side of one bin."""
    tiles: tuple[tuple[int, int], ...]
    """Row and column of those that are not empty."""
    most: float
    """The largest count of a bin, all classes together; of a heatmap, the largest value."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a viewer needs to know before it asks for the first tile."""

    kind: LayerKind
    width_px: int
    height_px: int
    count: int
    """Cells or points; of a heatmap, bins that have a value."""
    classes: tuple[LayerClass, ...] = ()
    columns: tuple[ValueColumn, ...] = ()
    """Of a heatmap, the one value that it shows."""
    tile_side_px: int = 0
    tiles: tuple[CellTile, ...] = ()
    diameter_px: float = 0.0
    """The median extent of a cell; 0 without outlines."""
    peak_per_mpx: float = 0.0
    """Cells in a million pixels of the fullest tile: decides from which power on single cells are shown."""
    raster_side: int = 0
    """Bins along a tile of the pyramid."""
    rasters: tuple[RasterLevel, ...] = ()
    origin_x_px: float = 0.0
    origin_y_px: float = 0.0
    """Where the first bin of the pyramid begins."""
    abstained: int = 0
    """Bins of a heatmap for which the producer gave no value on purpose."""
    version: int = FORMAT_VERSION


def classes_named(names: list[str]) -> tuple[LayerClass, ...]:
    """Classes with colours and shapes that colour-blind people tell apart, no two of them the same.

    Raises:
        InvalidLayer: there are more than a person could tell apart.
    """
    if len(names) > MOST_CLASSES:
        raise InvalidLayer(
            "A layer has at most {most} classes, not {count}.", most=MOST_CLASSES, count=len(names)
        )
    shapes = tuple(Shape)
    return tuple(
        # Colours and shapes come round together after 24.
        LayerClass(name, _COLOURS[number % len(_COLOURS)], shapes[(number + number // 24) % len(shapes)])
        for number, name in enumerate(names)
    )
