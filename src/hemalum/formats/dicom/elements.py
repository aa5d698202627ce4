"""DICOM data elements walked in place, without building objects (PS3.5 section 7).

Only what is needed to find one's way: where each element starts, where its value lies and where it ends.
Little endian only, with explicit or implicit value representations.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from hemalum.kernel.errors import UnreadableSlide

UNDEFINED = 0xFFFFFFFF
ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD

_LONG_VRS = frozenset(
    (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
)
_SHORT = struct.Struct("<HH2sH")
_TAG_AND_LENGTH = struct.Struct("<HHI")
_LENGTH = struct.Struct("<I")
_STRUCTURE = frozenset((ITEM, ITEM_END, SEQUENCE_END))
_MAX_DEPTH = 16


class Incomplete(Exception):
    """The bytes at hand end inside an element; `needed` is how many there must be to go on."""

    def __init__(self, needed: int) -> None:
        super().__init__(f"{needed} bytes are needed")
        self.needed = needed


class Element(NamedTuple):
    """One data element. `length` is UNDEFINED when a delimiter ends the value."""

    tag: int
    vr: bytes
    start: int
    value: int
    length: int


def element_at(data: bytes, position: int, *, explicit: bool) -> Element:
    """The head of the element (or item, or delimiter) at `position`.

    Raises:
        Incomplete: `data` ends before the head does.
    """
    if position + 8 > len(data):
        raise Incomplete(position + 12)
    if not explicit:
        group, number, length = _TAG_AND_LENGTH.unpack_from(data, position)
        return Element(group << 16 | number, b"", position, position + 8, length)
    group, number, vr, short = _SHORT.unpack_from(data, position)
    tag = group << 16 | number
    if group == 0xFFFE:
        return Element(tag, b"", position, position + 8, _LENGTH.unpack_from(data, position + 4)[0])
    if vr not in _LONG_VRS:
        return Element(tag, vr, position, position + 8, short)
    if position + 12 > len(data):
        raise Incomplete(position + 12)
    return Element(tag, vr, position, position + 12, _LENGTH.unpack_from(data, position + 8)[0])


def element_end(data: bytes, element: Element, *, explicit: bool, depth: int = 0) -> int:
    """The position after the value, sequences of undefined length included.

    Raises:
        Incomplete: `data` ends before the value does.
        UnreadableSlide: the nesting is deeper than any real header.
    """
    if element.length != UNDEFINED:
        end = element.value + element.length
        if end > len(data):
            raise Incomplete(end)
        return end
    if depth > _MAX_DEPTH:
        raise UnreadableSlide("The DICOM header nests sequences too deeply.")
    # PS3.5 6.2.2: the content of an unknown (UN) element of undefined length is implicit VR.
    inner = explicit and element.vr != b"UN"
    position = element.value
    while True:
        head = element_at(data, position, explicit=inner)
        if head.tag in (SEQUENCE_END, ITEM_END):
            return head.value
        position = element_end(data, head, explicit=inner, depth=depth + 1)


def items(data: bytes, sequence: Element, *, explicit: bool) -> Iterator[tuple[int, int]]:
    """Start and end of the content of each item of a sequence that lies wholly in `data`."""
    end = len(data) if sequence.length == UNDEFINED else sequence.value + sequence.length
    position = sequence.value
    while position < end:
        head = element_at(data, position, explicit=explicit)
        if head.tag != ITEM:
            return
        position = element_end(data, head, explicit=explicit)
        yield head.value, position


def leaves(data: bytes, start: int, end: int, *, explicit: bool, into: frozenset[int]) -> Iterator[Element]:
    """Elements between `start` and `end` in file order, stepping into the sequences with tags of `into`."""
    position = start
    while position < end:
        element = element_at(data, position, explicit=explicit)
        if element.tag in into or element.tag in _STRUCTURE:
            position = element.value
            continue
        yield element
        position = element_end(data, element, explicit=explicit)
