"""Per-frame functional groups to the DICOM JSON model, straight from their bytes.

A sparse image has an item for each of its frames. Building objects of them takes a millisecond and a dozen
kilobytes each; this takes some tens of microseconds and keeps nothing.
"""

import base64
import json
import math
import struct
from collections.abc import Callable, Iterator
from typing import Any

from hemalum.formats.dicom.elements import Element, Incomplete, element_at, element_end, items
from hemalum.formats.dicom.header import PER_FRAME_FUNCTIONAL_GROUPS, Header
from hemalum.formats.dicom.json import BulkDataUri, to_json
from hemalum.kernel.errors import UnreadableSlide

_NUMBERS = {
    "FD": "d",
    "FL": "f",
    "SL": "i",
    "SS": "h",
    "SV": "q",
    "UL": "I",
    "US": "H",
    "UV": "Q",
}
_ONE_TEXT = frozenset(("LT", "ST", "UR", "UT"))
_BINARY = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))
_MAX_DEPTH = 16
_GROUPS = f"{PER_FRAME_FUNCTIONAL_GROUPS:08X}"


def instance_json(header: Header, bulk_data_uri: BulkDataUri) -> bytes:
    """A whole header as compact DICOM JSON, per-frame functional groups included.

    Raises:
        UnreadableSlide: the per-frame functional groups are damaged.
    """
    return b"".join(instance_json_pieces(header, bulk_data_uri))


def instance_json_pieces(header: Header, bulk_data_uri: BulkDataUri) -> Iterator[bytes]:
    """As `instance_json`, in small pieces.

    Raises:
        UnreadableSlide: the per-frame functional groups are damaged.
    """
    model = to_json(header.dataset, bulk_data_uri)
    tags = {*model, _GROUPS} if header.per_frame else {*model}
    yield b"{"
    for number, tag in enumerate(sorted(tags)):
        yield f'{"," if number else ""}"{tag}":'.encode()
        if tag == _GROUPS:
            yield from _groups(header)
        else:
            yield _compact(model[tag])
    yield b"}"


def _compact(model: Any) -> bytes:
    return json.dumps(model, ensure_ascii=False, separators=(",", ":")).encode()


def _groups(header: Header) -> Iterator[bytes]:
    data, explicit = header.per_frame, header.explicit
    yield b'{"vr":"SQ","Value":['
    try:
        whole = element_at(data, 0, explicit=explicit)
        for number, (start, end) in enumerate(items(data, whole, explicit=explicit)):
            if number:
                yield b","
            yield _compact(_item(data, start, end, explicit, 0))
    except (Incomplete, struct.error) as error:
        raise UnreadableSlide("The per-frame positions of this DICOM image are damaged.") from error
    yield b"]}"


def _item(data: bytes, start: int, end: int, explicit: bool, depth: int) -> dict[str, Any]:
    if depth > _MAX_DEPTH:
        raise UnreadableSlide("The DICOM header nests sequences too deeply.")
    model: dict[str, Any] = {}
    position = start
    while position < end:
        element = element_at(data, position, explicit=explicit)
        position = element_end(data, element, explicit=explicit)
        if element.tag >> 16 == 0xFFFE:
            continue
        vr = element.vr.decode("latin-1") or _dictionary_vr(element.tag)
        if vr == "SQ":
            nested = [
                _item(data, s, e, explicit, depth + 1) for s, e in items(data, element, explicit=explicit)
            ]
            model[f"{element.tag:08X}"] = {"vr": vr, "Value": nested} if nested else {"vr": vr}
        else:
            model[f"{element.tag:08X}"] = _plain(data, element, vr)
    return model


def _plain(data: bytes, element: Element, vr: str) -> dict[str, Any]:
    raw = data[element.value : element.value + element.length]
    if not raw:
        return {"vr": vr}
    if vr in _BINARY:
        return {"vr": vr, "InlineBinary": base64.b64encode(raw).decode()}
    values = _values(raw, vr)
    return {"vr": vr, "Value": values} if any(value is not None for value in values) else {"vr": vr}


def _values(raw: bytes, vr: str) -> list[Any]:
    if vr in _NUMBERS:
        size = struct.calcsize(_NUMBERS[vr])
        numbers = struct.unpack(f"<{len(raw) // size}{_NUMBERS[vr]}", raw[: len(raw) // size * size])
        return [_in_json(number) for number in numbers]
    if vr == "AT":
        pairs = struct.iter_unpack("<HH", raw[: len(raw) // 4 * 4])
        return [f"{group:04X}{number:04X}" for group, number in pairs]
    text = raw.decode("utf-8", "replace").rstrip("\x00 ")
    parts = [text] if vr in _ONE_TEXT else [part.strip() for part in text.split("\\")]
    converters: dict[str, Callable[[str], Any]] = {"DS": float, "IS": int}
    convert = converters.get(vr)
    if vr == "PN":
        return [{"Alphabetic": part} if part else None for part in parts]
    return [_converted(part, convert) for part in parts]


def _converted(part: str, convert: Callable[[str], Any] | None) -> Any:
    if not part:
        return None
    if convert is None:
        return part
    try:
        return _in_json(convert(part))
    except (ValueError, OverflowError):
        return None


def _in_json(number: Any) -> Any:
    """JSON has no infinity, and no NaN."""
    return number if math.isfinite(number) else None


def _dictionary_vr(tag: int) -> str:
    from pydicom.datadict import dictionary_VR

    try:
        return str(dictionary_VR(tag)).split(" ")[0]
    except KeyError:
        return "UN"
