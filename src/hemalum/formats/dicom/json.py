"""The DICOM JSON model (PS3.18 annex F), and back.

Large binary values stay out: the JSON names a URI where they can be fetched.
"""

import base64
import json
import math
from collections.abc import Callable
from typing import Any

import pydicom
from pydicom.dataset import Dataset

type BulkDataUri = Callable[[tuple[str, ...]], str]
"""From the path of an element, alternating tags and item numbers ("00480105", "0", "00282000"), to a URI."""

_BINARY = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))
_INLINE_BYTES = 256
_SHORT_BYTES = 8 << 10
_ABRIDGED_BYTES = 64 << 10
_INTEGERS = frozenset(("IS", "SL", "SS", "SV", "UL", "US", "UV"))
_DECIMALS = frozenset(("DS", "FD", "FL"))
_META_GROUP = 0x0002
_PIXEL_GROUP = 0x7FE0


def to_json(dataset: Any, bulk_data_uri: BulkDataUri) -> dict[str, Any]:
    """The JSON model of a data set without pixel data: tag to `{"vr", "Value" | "BulkDataURI" | ...}`.

    Values that cannot be read (damaged ones, in files of others) are given as empty.
    """
    with pydicom.config.disable_value_validation():
        return _items(dataset, bulk_data_uri, ())


def to_json_bytes(dataset: Any, bulk_data_uri: BulkDataUri) -> bytes:
    """`to_json` as compact UTF-8, stable from run to run."""
    model = to_json(dataset, bulk_data_uri)
    return json.dumps(model, ensure_ascii=False, separators=(",", ":")).encode()


def abridged_json(dataset: Any, bulk_data_uri: BulkDataUri) -> str:
    """What searches look at, as compact JSON: elements of up to 8 KiB each, in order, up to 64 KiB in all."""
    kept: list[str] = []
    room = _ABRIDGED_BYTES
    for tag, element in to_json(dataset, bulk_data_uri).items():
        text = f'"{tag}":{json.dumps(element, ensure_ascii=False, separators=(",", ":"))}'
        size = len(text.encode())
        if size <= min(room, _SHORT_BYTES):
            kept.append(text)
            room -= size
    return f"{{{','.join(kept)}}}"


def bulk_value(dataset: Any, path: tuple[str, ...]) -> bytes | None:
    """The bytes that a BulkDataURI stands for, or None when there are none at that path."""
    where = dataset
    for position, step in enumerate(path):
        try:
            if position % 2:
                where = where[int(step)]
                continue
            element = where[int(step, 16)]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
        where = element.value
    return where if isinstance(where, bytes) else None


def _items(dataset: Any, bulk_data_uri: BulkDataUri, path: tuple[str, ...]) -> dict[str, Any]:
    model: dict[str, Any] = {}
    for tag in sorted(dataset.keys()):
        # Group length elements (gggg,0000) are an encoding matter.
        if tag.group in (_META_GROUP, _PIXEL_GROUP) or tag.element == 0:
            continue
        name = f"{tag.group:04X}{tag.element:04X}"
        model[name] = _element(dataset, tag, bulk_data_uri, (*path, name))
    return model


def _element(dataset: Any, tag: Any, bulk_data_uri: BulkDataUri, path: tuple[str, ...]) -> dict[str, Any]:
    try:
        element = dataset[tag]
        value, vr = element.value, str(element.VR)
    except Exception:  # pydicom converts lazily, with many kinds of error on damaged values
        return {"vr": "UN"}
    if vr == "SQ":
        items = [_items(item, bulk_data_uri, (*path, str(n))) for n, item in enumerate(value)]
        return {"vr": vr, "Value": items} if items else {"vr": vr}
    if vr in _BINARY or isinstance(value, bytes):
        return _binary(vr if len(vr) == 2 else "OW", value, bulk_data_uri, path)
    values = _values(vr, value)
    return {"vr": vr, "Value": values} if any(part is not None for part in values) else {"vr": vr}


def _binary(vr: str, value: Any, bulk_data_uri: BulkDataUri, path: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, bytes) or not value:
        return {"vr": vr}
    if len(value) > _INLINE_BYTES:
        return {"vr": vr, "BulkDataURI": bulk_data_uri(path)}
    return {"vr": vr, "InlineBinary": base64.b64encode(value).decode()}


def _values(vr: str, value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    several = isinstance(value, (list, tuple)) or type(value).__name__ in (
        "MultiValue",
        "PersonNameMultiValue",
    )
    return [_value(vr, part) for part in (value if several else [value])]


def _value(vr: str, value: Any) -> Any:
    if value in (None, ""):
        return None
    try:
        if vr in _INTEGERS:
            return int(value)
        if vr in _DECIMALS:
            number = float(value)
            # JSON has no infinity, and no NaN.
            return number if math.isfinite(number) else None
    except (TypeError, ValueError, OverflowError):
        return None
    if vr == "PN":
        return _person_name(value)
    if vr == "AT":
        return f"{int(value):08X}"
    return str(value)


def _person_name(value: Any) -> dict[str, str]:
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), str(value).split("="), strict=False)
    return {name: text for name, text in groups if text}


def from_json(model: dict[str, Any]) -> Any:
    """A pydicom Dataset from the JSON model; bulk data are left empty."""
    return Dataset.from_json(model, lambda *_: b"")
