"""The forms in which a tile leaves the node, and the planes it can be of.

Imports nothing, so that child processes start fast.
"""

from enum import IntEnum, StrEnum

SAMPLES = "application/octet-stream"
"""What a client accepts that wants the samples of a tile and no picture."""


class TileForm(StrEnum):
    """What a client wants of a tile."""

    PICTURE = "picture"
    SAMPLES = "samples"
    """Little-endian, rows then columns then samples of a pixel."""
    PACKED_SAMPLES = "packed-samples"
    """The same as a gzip stream (RFC 1952), which every browser unpacks on its own."""


class ComputedPlane(IntEnum):
    """What stands in place of the number of a focal plane where all of them are computed into one.

    Negative, so that none is ever taken for a scanned plane.
    """

    BEST_FOCUS = -1
    EXTENDED_DEPTH = -2


COMPUTED_PLANES = {"best-focus": ComputedPlane.BEST_FOCUS, "extended-depth": ComputedPlane.EXTENDED_DEPTH}
"""By their words in addresses."""
