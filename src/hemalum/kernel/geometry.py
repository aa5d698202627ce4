"""Places and sizes, with the unit in the type or the name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PixelPoint:
    """A place in an image, in whole pixels of a stated level. Origin top left, x right, y down."""

    x_px: int
    y_px: int


@dataclass(frozen=True, slots=True)
class PixelSize:
    """The size of an image, level or tile in pixels."""

    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class PixelRegion:
    """A rectangle in pixels of a stated level; it may reach past the edge of the level."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class RegionUm:
    """A rectangle in micrometres from the top left corner of the scanned image."""

    x_um: float
    y_um: float
    width_um: float
    height_um: float


@dataclass(frozen=True, slots=True)
class SpacingUm:
    """Distance between pixel centres in micrometres, across (x) and down (y)."""

    x_um: float
    y_um: float
