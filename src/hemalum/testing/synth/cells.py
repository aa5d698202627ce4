"""What a cell, and anything else drawn as one small ellipse, is."""

from enum import IntEnum

import numpy as np

from hemalum.testing.synth.noise import Array


class CellKind(IntEnum):
    """Nuclei have numbers below 100; the rest belongs to a cell but is no nucleus."""

    EPITHELIAL = 1
    TUMOUR = 2
    LYMPHOCYTE = 3
    FIBROBLAST = 4
    ENDOTHELIAL = 5
    PLASMA = 6
    NECROTIC = 7
    MITOSIS = 8
    MUSCLE = 9
    CENTROBLAST = 10
    MACROPHAGE = 11
    BODY = 101
    """Cytoplasm of an epithelial or tumour cell, with its membrane."""
    MUCIN = 102
    """The vacuole of a goblet cell."""
    RED_CELL = 103
    DEBRIS = 104
    CLEAR = 105
    """A pale halo: macrophage cytoplasm, retraction, a cell in division."""
    PLASMA_BODY = 106


NUCLEUS_LIMIT = 100

CLASS_NAMES = {
    CellKind.EPITHELIAL: "epithelial",
    CellKind.TUMOUR: "tumour",
    CellKind.LYMPHOCYTE: "lymphocyte",
    CellKind.FIBROBLAST: "fibroblast",
    CellKind.ENDOTHELIAL: "endothelial",
    CellKind.PLASMA: "plasma",
    CellKind.NECROTIC: "necrotic",
    CellKind.MITOSIS: "mitosis",
    CellKind.MUSCLE: "smooth muscle",
    CellKind.CENTROBLAST: "lymphocyte",
    CellKind.MACROPHAGE: "macrophage",
}
"""The class each nucleus carries in the ground truth."""

CELL = np.dtype(
    [
        ("x", "f8"),
        ("y", "f8"),
        ("a", "f4"),
        ("b", "f4"),
        ("angle", "f4"),
        ("kind", "u1"),
        ("hash", "u4"),
        ("tone", "f4"),
    ]
)
"""Columns: centre (um on the glass), half axes (um), direction of the long axis (radians from x towards y),
`CellKind`, a random number of its own, and a tone 0..1 (pale to dark)."""


def make_cells(
    x: Array,
    y: Array,
    a: Array | float,
    b: Array | float,
    angle: Array | float,
    kind: Array | int,
    hashes: Array,
    tone: Array | float,
) -> Array:
    """Rows of type `CELL` from columns; scalars are repeated."""
    rows = np.empty(np.shape(x), CELL)
    rows["x"], rows["y"], rows["a"], rows["b"] = x, y, a, b
    rows["angle"], rows["kind"], rows["hash"], rows["tone"] = angle, kind, hashes, tone
    return rows


def hash_uniform(hashes: Array, stream: int) -> Array:
    """A number in [0, 1) for each cell, independent for each `stream`."""
    h = (hashes.astype(np.uint32) ^ np.uint32(0x9E3779B9 * (stream + 1) & 0xFFFFFFFF)) * np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return h * (1.0 / 4294967296.0)
