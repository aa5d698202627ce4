"""Which tile of the total pixel matrix each frame of an instance is (PS3.3 C.7.6.17.3 and C.8.12.6.1)."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.dicom.describe import first, number, pixel_measures, sequence, text
from hemalum.formats.dicom.elements import (
    ITEM,
    UNDEFINED,
    Element,
    Incomplete,
    element_at,
    items,
    leaves,
)
from hemalum.formats.dicom.header import Header
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelSize

_COLUMN_POSITION = 0x0048021E
_ROW_POSITION = 0x0048021F
_Z_OFFSET = 0x0040074A
_PATH_IDENTIFIER = 0x00480106
_PLANE_POSITION = 0x0048021A
_PATH_IDENTIFICATION = 0x00480207
_INTO = frozenset((_PLANE_POSITION, _PATH_IDENTIFICATION))
_MAX_PLANES = 10_000
_UNSTATED_STEP_UM = 1e-3
"""Keeps planes apart whose distance the file does not state; shown as 0."""
_ITEM_HEAD = struct.Struct("<HHI")
# The first bytes of the elements that place a frame, in explicit little endian.
_COLUMN_HEAD = b"\x48\x00\x1e\x02SL\x04\x00"
_ROW_HEAD = b"\x48\x00\x1f\x02SL\x04\x00"
_Z_HEAD = b"\x40\x00\x4a\x07DS"
_PATH_HEAD = b"\x48\x00\x06\x01SH"
_SIGNED = struct.Struct("<i")


@dataclass(frozen=True, eq=False)
class Placement:
    """For each frame of an instance: its tile, focal plane and optical path."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    heights_um: NDArray[np.float64]
    plane_heights_um: NDArray[np.float64]
    """Of all focal planes that the header promises, also those without frames here."""
    paths: NDArray[np.int64]
    """Index into `path_identifiers`."""
    path_identifiers: tuple[str, ...]


def total_size(dataset: Any) -> PixelSize:
    """Size of the total pixel matrix; of the frame itself when the header has none and there is one frame."""
    width = number(dataset, "TotalPixelMatrixColumns") or number(dataset, "Columns")
    height = number(dataset, "TotalPixelMatrixRows") or number(dataset, "Rows")
    if not width or not height or width < 1 or height < 1 or max(width, height) >= 1 << 31:
        raise UnreadableSlide("The DICOM header states no image size.")
    return PixelSize(int(width), int(height))


def tile_size(dataset: Any) -> PixelSize:
    """Size of every frame."""
    width, height = number(dataset, "Columns"), number(dataset, "Rows")
    if not width or not height or not 0 < width < 65536 or not 0 < height < 65536:
        raise UnreadableSlide("The DICOM header states no frame size.")
    return PixelSize(int(width), int(height))


def place(header: Header, frames: int, first_frame: int) -> Placement:
    """Place the frames of one instance.

    `first_frame` counts the frames of the same image in earlier parts of a concatenation.

    Raises:
        UnreadableSlide: the header does not say where the frames belong, or they do not lie on a grid.
    """
    organisation = text(header.dataset, "DimensionOrganizationType")
    size, tile = total_size(header.dataset), tile_size(header.dataset)
    one_tile = size.width_px <= tile.width_px and size.height_px <= tile.height_px
    if organisation == "TILED_FULL" or (not header.per_frame and one_tile):
        return _full(header.dataset, frames, first_frame)
    if not header.per_frame:
        raise UnreadableSlide(
            "The tiles of this DICOM image cannot be placed: it is not TILED_FULL and states no position for "
            "any frame."
        )
    return _sparse(header, frames)


def _identifiers(dataset: Any) -> tuple[str, ...]:
    paths = sequence(dataset, "OpticalPathSequence")
    return tuple(text(path, "OpticalPathIdentifier") or str(n) for n, path in enumerate(paths, 1)) or ("1",)


def _base_height_um(dataset: Any) -> float:
    origin = first(dataset, "TotalPixelMatrixOriginSequence")
    return (number(origin, "ZOffsetInSlideCoordinateSystem") if origin is not None else None) or 0.0


def _full(dataset: Any, frames: int, first_frame: int) -> Placement:
    """Columns run fastest, then rows, focal planes, optical paths."""
    size, tile = total_size(dataset), tile_size(dataset)
    columns = -(-size.width_px // tile.width_px)
    rows = -(-size.height_px // tile.height_px)
    identifiers = _identifiers(dataset)
    stated = int(number(dataset, "NumberOfOpticalPaths") or len(identifiers))
    if stated != len(identifiers):
        raise UnreadableSlide(
            "The DICOM header counts {stated} optical paths and describes {described}.",
            stated=stated,
            described=len(identifiers),
        )
    measures = pixel_measures(dataset)
    step_mm = number(measures, "SpacingBetweenSlices") if measures is not None else None
    numbers = np.arange(first_frame, first_frame + frames, dtype=np.int64)
    per_plane = rows * columns
    planes = int(number(dataset, "TotalPixelMatrixFocalPlanes") or 0)
    if planes > _MAX_PLANES:
        raise UnreadableSlide("The DICOM header claims {planes} focal planes.", planes=planes)
    if planes <= 0:
        planes = max(1, (first_frame + frames) // (per_plane * len(identifiers)))
    plane = numbers // per_plane % planes
    path = numbers // (per_plane * planes)
    if path[-1] >= len(identifiers):
        raise UnreadableSlide(
            "The DICOM image has more frames than its size, planes and optical paths allow."
        )
    step_um = step_mm * 1000 if step_mm else _UNSTATED_STEP_UM
    heights = np.asarray(_base_height_um(dataset) + plane * step_um, np.float64)
    promised = np.asarray(_base_height_um(dataset) + np.arange(planes) * step_um, np.float64)
    return Placement(numbers // columns % rows, numbers % columns, heights, promised, path, identifiers)


def _sparse(header: Header, frames: int) -> Placement:
    tile = tile_size(header.dataset)
    identifiers = _identifiers(header.dataset)
    by_identifier = {identifier: position for position, identifier in enumerate(identifiers)}
    shared = first(header.dataset, "SharedFunctionalGroupsSequence", "OpticalPathIdentificationSequence")
    path = by_identifier.get(text(shared, "OpticalPathIdentifier") or "", 0) if shared is not None else 0
    positions = np.full((frames, 2), -1, np.int64)
    heights = np.full(frames, _base_height_um(header.dataset))
    paths = np.full(frames, path, np.int64)
    try:
        found = _scan_groups(header, positions, heights, paths, by_identifier)
        if found is None:
            found = _read_groups(header, positions, heights, paths, by_identifier)
    except (Incomplete, struct.error, ValueError) as error:
        raise UnreadableSlide("The per-frame positions of this DICOM image are damaged.") from error
    if found != frames or (positions < 0).any():
        raise UnreadableSlide("This DICOM image does not state a position for each of its frames.")
    columns, column_rest = np.divmod(positions[:, 0], tile.width_px)
    rows, row_rest = np.divmod(positions[:, 1], tile.height_px)
    if column_rest.any() or row_rest.any():
        raise UnreadableSlide("The tiles of this DICOM image overlap or do not lie on a grid.")
    return Placement(rows, columns, heights, np.unique(heights), paths, identifiers)


def _scan_groups(
    header: Header,
    positions: NDArray[np.int64],
    heights: NDArray[np.float64],
    paths: NDArray[np.int64],
    by_identifier: dict[str, int],
) -> int | None:
    """As `_read_groups`, several times quicker: looks for the heads of the elements in question.

    A head could also stand inside some value by chance. So each must be found just once in every item (or, if
    optional, in none at all); anything else, and any other encoding than the usual one, gives None.
    """
    data = header.per_frame
    whole = element_at(data, 0, explicit=header.explicit)
    if not header.explicit or whole.length == UNDEFINED:
        return None
    starts = _item_starts(data, whole)
    if starts is None or len(starts) != len(positions):
        return None
    columns, rows = _once_in_each(data, _COLUMN_HEAD, starts), _once_in_each(data, _ROW_HEAD, starts)
    offsets, names = _once_in_each(data, _Z_HEAD, starts), _once_in_each(data, _PATH_HEAD, starts)
    if columns is None or rows is None or offsets is None or names is None:
        return None
    if not len(columns) or not len(rows):
        return None
    content = np.frombuffer(data, np.uint8)
    for axis, places in enumerate((columns, rows)):
        values = content[places[:, np.newaxis] + np.arange(8, 12)]
        positions[:, axis] = values.view("<i4")[:, 0].astype(np.int64) - 1
    if len(offsets):
        heights[:] = [float(text) for text in _short_texts(data, offsets)]
    if len(names):
        paths[:] = [_known(by_identifier, text) for text in _short_texts(data, names)]
    return len(starts)


def _item_starts(data: bytes, sequence: Element) -> NDArray[np.int64] | None:
    """Where the items begin, when all have a stated length."""
    starts, position, end = [], sequence.value, sequence.value + sequence.length
    while position < end:
        group, number, length = _ITEM_HEAD.unpack_from(data, position)
        if group << 16 | number != ITEM or length == UNDEFINED:
            return None
        starts.append(position)
        position += 8 + length
    return np.array(starts, np.int64) if position == end else None


def _once_in_each(data: bytes, head: bytes, starts: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Where `head` stands: once in each item, or nowhere (empty); None when neither is so."""
    places = np.fromiter((m.start() for m in re.finditer(re.escape(head), data)), np.int64)
    if not len(places):
        return places
    if len(places) != len(starts) or (places < starts).any() or (places[:-1] >= starts[1:]).any():
        return None
    return places


def _short_texts(data: bytes, places: NDArray[np.int64]) -> Iterator[str]:
    """The values of short text elements that begin at `places`."""
    for place in places.tolist():
        length = data[place + 6] | data[place + 7] << 8
        yield data[place + 8 : place + 8 + length].decode("latin-1").strip("\x00 ")


def _read_groups(
    header: Header,
    positions: NDArray[np.int64],
    heights: NDArray[np.float64],
    paths: NDArray[np.int64],
    by_identifier: dict[str, int],
) -> int:
    """Fill the arrays from the per-frame functional groups; the number of items found."""
    data, explicit = header.per_frame, header.explicit
    whole = element_at(data, 0, explicit=explicit)
    count = 0
    for start, end in items(data, whole, explicit=explicit):
        if count >= len(positions):
            return count + 1
        for element in leaves(data, start, end, explicit=explicit, into=_INTO):
            if element.tag == _COLUMN_POSITION:
                positions[count, 0] = _SIGNED.unpack_from(data, element.value)[0] - 1
            elif element.tag == _ROW_POSITION:
                positions[count, 1] = _SIGNED.unpack_from(data, element.value)[0] - 1
            elif element.tag == _Z_OFFSET:
                heights[count] = float(_text(data, element))
            elif element.tag == _PATH_IDENTIFIER:
                paths[count] = _known(by_identifier, _text(data, element))
        count += 1
    return count


def _text(data: bytes, element: Element) -> str:
    return data[element.value : element.value + element.length].decode("latin-1").strip("\x00 ")


def _known(by_identifier: dict[str, int], identifier: str) -> int:
    if identifier not in by_identifier:
        plain = re.sub(r"[^\w .-]", "?", identifier)[:32]
        raise UnreadableSlide(
            "A frame names the optical path {path}, which the DICOM header does not describe.", path=plain
        )
    return by_identifier[identifier]
