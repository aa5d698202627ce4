"""The parts of a pack: bytes and arrays. Everything is little-endian; see docs/reference/layers.md.

Each part begins with four letters that say what it is, then its sizes.
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.kernel.errors import Damaged

type Array = NDArray[Any]

STEPS = 1 << 16
"""Places that a coordinate can have within a tile."""
FINEST_STEP_PX = 1 / 16
"""Of outlines."""
_REACH = 32767

NONE, VALUE, ABSTAINED = 0, 1, 2
"""States of a bin of a heatmap: outside of what was looked at, has a value, has none on purpose."""


@dataclass(frozen=True, slots=True)
class Outlines:
    """Closed rings, one for each cell, none where `sizes` is 0."""

    sizes: Array
    """(n,) corners of each ring, the first not repeated."""
    corners: Array
    """(sum of sizes, 2) float32, px from the place of the cell."""


def encode_points(x: Array, y: Array, classes: Array, rows: Array, side_px: int) -> bytes:
    """Places within a tile (px from its corner) with class and row number in what the producer gave."""
    head = struct.pack("<4sI", b"HLP1", len(x))
    # From the widest column to the narrowest, so that a viewer can lay its arrays right over the bytes.
    body = (rows.astype("<u4"), _step(x, side_px), _step(y, side_px), classes.astype(np.uint8))
    return head + b"".join(column.tobytes() for column in body)


def decode_points(part: bytes, side_px: int) -> tuple[Array, Array, Array, Array]:
    """x, y (px from the corner of the tile), class and row of each cell.

    Raises:
        Damaged: the part is cut off, or another kind of part.
    """
    (count,) = _head(part, b"HLP1", "<I", 9)
    rows = np.frombuffer(part, "<u4", count, 8)
    x = np.frombuffer(part, "<u2", count, 8 + 4 * count)
    y = np.frombuffer(part, "<u2", count, 8 + 6 * count)
    classes = np.frombuffer(part, np.uint8, count, 8 + 8 * count)
    return _place(x, side_px), _place(y, side_px), classes, rows


def placed(px: Array, side_px: int) -> Array:
    """Where a place within a tile comes to lie once it is written."""
    return _place(_step(px, side_px), side_px)


def _step(px: Array, side_px: int) -> Array:
    return np.clip(np.floor(px * (STEPS / side_px)), 0, STEPS - 1).astype("<u2")


def _place(steps: Array, side_px: int) -> Array:
    return (steps.astype(np.float64) + 0.5) * (side_px / STEPS)


def encode_column(values: Array) -> bytes:
    """One value for each cell of a tile; NaN for none."""
    return struct.pack("<4sI", b"HLV1", len(values)) + values.astype("<f4").tobytes()


def decode_column(part: bytes) -> Array:
    """The values, float32. Raises as `decode_points`."""
    (count,) = _head(part, b"HLV1", "<I", 4)
    return np.frombuffer(part, "<f4", count, 8)


def encode_outlines(outlines: Outlines) -> bytes:
    """Rings as whole steps: the first corner from the place of the cell, each other from the one before."""
    largest = float(np.abs(outlines.corners).max(initial=0))
    # A corner is at most twice as far from the one before as from the middle.
    step = FINEST_STEP_PX
    while 2 * largest / step > _REACH:
        step *= 2
    whole = np.rint(outlines.corners / step).astype(np.int32)
    deltas = np.diff(whole, axis=0, prepend=np.zeros((1, 2), np.int32))
    firsts = (np.cumsum(outlines.sizes) - outlines.sizes)[outlines.sizes > 0]
    deltas[firsts] = whole[firsts]
    head = struct.pack("<4sIIf", b"HLO1", len(outlines.sizes), len(whole), step)
    return b"".join((head, outlines.sizes.astype("<u2").tobytes(), deltas.astype("<i2").tobytes()))


def decode_outlines(part: bytes) -> Outlines:
    """The rings. Raises as `decode_points`."""
    if len(part) < 16:
        raise Damaged("A part of this layer is damaged.")
    count, corners, step = _head(part, b"HLO1", "<IIf", 0)
    if len(part) != 16 + 2 * count + 4 * corners:
        raise Damaged("A part of this layer is damaged.")
    sizes = np.frombuffer(part, "<u2", count, 16).astype(np.int64)
    deltas = np.frombuffer(part, "<i2", 2 * corners, 16 + 2 * count).reshape(-1, 2).astype(np.int64)
    if sizes.sum() != corners:
        raise Damaged("A part of this layer is damaged.")
    running = np.cumsum(deltas, axis=0)
    firsts = (np.cumsum(sizes) - sizes)[sizes > 0]
    before = np.repeat(running[firsts] - deltas[firsts], sizes[sizes > 0], axis=0)
    return Outlines(sizes, ((running - before) * step).astype(np.float32))


def encode_counts(counts: Array) -> bytes:
    """Counts by class, (classes, side, side) uint32; classes without any are left out."""
    present = np.flatnonzero(counts.any(axis=(1, 2)))
    head = struct.pack("<4sHH", b"HLC1", counts.shape[1], len(present))
    names = present.astype(np.uint8).tobytes()
    padding = bytes(-len(names) % 4)
    return b"".join((head, names, padding, counts[present].astype("<u4").tobytes()))


def decode_counts(part: bytes) -> dict[int, Array]:
    """Counts, (side, side), by class. Raises as `decode_points`."""
    if len(part) < 8:
        raise Damaged("A part of this layer is damaged.")
    side, planes = struct.unpack_from("<HH", part, 4)
    start = 8 + planes + (-planes % 4)
    if part[:4] != b"HLC1" or len(part) != start + 4 * planes * side * side:
        raise Damaged("A part of this layer is damaged.")
    counts = np.frombuffer(part, "<u4", planes * side * side, start).reshape(planes, side, side)
    return {part[8 + number]: counts[number] for number in range(planes)}


def encode_values(values: Array, states: Array) -> bytes:
    """Values of a heatmap with their states, both (side, side)."""
    head = struct.pack("<4sHH", b"HLH1", values.shape[0], 0)
    return b"".join((head, values.astype("<f4").tobytes(), states.astype(np.uint8).tobytes()))


def decode_values(part: bytes) -> tuple[Array, Array]:
    """Values (float32) and states, (side, side). Raises as `decode_points`."""
    if len(part) < 8:
        raise Damaged("A part of this layer is damaged.")
    (side,) = struct.unpack_from("<H", part, 4)
    if part[:4] != b"HLH1" or len(part) != 8 + 5 * side * side:
        raise Damaged("A part of this layer is damaged.")
    values = np.frombuffer(part, "<f4", side * side, 8).reshape(side, side)
    return values, np.frombuffer(part, np.uint8, side * side, 8 + 4 * side * side).reshape(side, side)


def _head(part: bytes, magic: bytes, form: str, bytes_each: int) -> tuple[Any, ...]:
    if part[:4] != magic or len(part) < 4 + struct.calcsize(form):
        raise Damaged("A part of this layer is damaged.")
    found = struct.unpack_from(form, part, 4)
    if bytes_each and len(part) != 8 + bytes_each * found[0]:
        raise Damaged("A part of this layer is damaged.")
    return found
