"""What is known of the patient in the header of a slide: the Patient Study module (PS3.3 C.7.2.2), which the
object of whole slide images takes (A.32.8.3, usage U) and in which both attributes are optional (type 3).

Additional Patient History (0010,21B0): what whoever asked for the examination wrote.
Admitting Diagnoses Code Sequence (0008,1084): codes of the diagnosis. No module of the object has an
attribute for a diagnosis that was made of the slide; the Imaging Data Commons of the NCI has that of the
specimen in this one (idc-index, table sm_index, column admittingDiagnosis).

Headers lie ready without either; they are put in for whoever may know the patient, by bytes.
"""

import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from hemalum.formats.dicom.elements import element_at, element_end
from hemalum.formats.profile.terms import Code

DIAGNOSES = 0x00081084
HISTORY = 0x001021B0
MOST_HISTORY = 10_240
"""Characters of an LT (PS3.5 6.2)."""
_MOST_SHORT = 16
_MOST_MEANING = 64
_META_GROUP = 2
_FIRST = 132
_CUT = "…"


@dataclass(frozen=True, slots=True)
class ClinicalHeader:
    """What a header tells of the patient. Personal."""

    history: str = ""
    diagnoses: tuple[Code, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.history.strip() and not self.diagnoses


def add_to_header(head: bytes, clinical: ClinicalHeader) -> bytes:
    """A Part 10 header (`wsi_header.header_bytes`: explicit little endian, ISO_IR 192) with what is known of
    the patient, in the order of tags. What it said of that before goes."""
    added = dict(_elements(clinical))
    parts, position = [head[:_FIRST]], _FIRST
    while position < len(head):
        element = element_at(head, position, explicit=True)
        if element.tag >> 16 != _META_GROUP:
            parts += [added.pop(tag) for tag in sorted(added) if tag <= element.tag]
        end = element_end(head, element, explicit=True)
        if element.tag not in (DIAGNOSES, HISTORY) or clinical.is_empty:
            parts.append(head[position:end])
        position = end
    return b"".join([*parts, *(added[tag] for tag in sorted(added))])


def add_to_json(encoded: bytes, clinical: ClinicalHeader) -> bytes:
    """The same for a data set in DICOM JSON (PS3.18 F.2), names in their order."""
    dataset: dict[str, Any] = msgspec.json.decode(encoded)
    if clinical.history.strip():
        dataset[f"{HISTORY:08X}"] = {"vr": "LT", "Value": [_history(clinical)]}
    if clinical.diagnoses:
        items = [_json_of(code) for code in clinical.diagnoses]
        dataset[f"{DIAGNOSES:08X}"] = {"vr": "SQ", "Value": items}
    return msgspec.json.encode(dict(sorted(dataset.items())))


def _elements(clinical: ClinicalHeader) -> Iterator[tuple[int, bytes]]:
    if clinical.diagnoses:
        items = b"".join(_item(code) for code in clinical.diagnoses)
        yield DIAGNOSES, _long(DIAGNOSES, b"SQ", items)
    if clinical.history.strip():
        yield HISTORY, _short(HISTORY, b"LT", _history(clinical))


def _history(clinical: ClinicalHeader) -> str:
    lines = clinical.history.strip()
    text = "".join(one for one in lines if one in "\r\n\t" or unicodedata.category(one) not in ("Cc", "Cs"))
    return text if len(text) <= MOST_HISTORY else text[: MOST_HISTORY - 1] + _CUT


def _item(code: Code) -> bytes:
    """A code with its meaning (PS3.3 table 8.8-1a)."""
    encoded = b"".join(
        _long(tag, b"UC", value.encode()) if vr == "UC" else _short(tag, vr.encode(), value)
        for tag, vr, value in _code(code)
    )
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(encoded)) + encoded


def _json_of(code: Code) -> dict[str, Any]:
    return {f"{tag:08X}": {"vr": vr, "Value": [value]} for tag, vr, value in _code(code)}


def _code(code: Code) -> Iterator[tuple[int, str, str]]:
    """Tag, representation and value: a value that is longer than a short one is a Long Code Value."""
    is_short = len(code.value) <= _MOST_SHORT
    if is_short:
        yield 0x00080100, "SH", code.value
    yield 0x00080102, "SH", code.scheme[:_MOST_SHORT]
    if code.version:
        yield 0x00080103, "SH", code.version[:_MOST_SHORT]
    # A meaning has to be there (type 1).
    meaning = " ".join(code.meaning.replace("\\", " ").split()) or code.value
    yield 0x00080104, "LO", meaning[:_MOST_MEANING]
    if not is_short:
        yield 0x00080119, "UC", code.value


def _short(tag: int, vr: bytes, text: str) -> bytes:
    value = _even(text.encode())
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def _long(tag: int, vr: bytes, value: bytes) -> bytes:
    padded = value if vr == b"SQ" else _even(value)
    return struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, len(padded)) + padded


def _even(value: bytes) -> bytes:
    return value + b" " * (len(value) % 2)
