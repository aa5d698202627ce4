"""The text of a message: segments, fields, repetitions, components, and what is escaped in them.

A message is kept as it was written and taken apart where somebody looks. Nothing is lost by reading:
`str(parse(text))` is the text, with one carriage return after each segment.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hemalum.formats.hl7.faults import BadMessage, Fault, Place, missing, out_of_place

END_OF_SEGMENT = "\r"
NULL = '""'
"""What says that something known before is to be deleted (2.5.3)."""
MOST_SEGMENTS = 10_000

_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_LINES = re.compile(r"\r\n|\r|\n")
_SWITCHES = frozenset({"H", "N"})
"""Highlighting on and off, which means nothing here."""
_LINE_BREAK = ".br"

type Part = str | tuple[str, ...]
"""A component, or its subcomponents."""
type Content = str | tuple[Part, ...] | list[str | tuple[Part, ...]]
"""What a field is written from: a text, a tuple of components, or a list of repetitions."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """What sets the pieces of a message apart (2.5.4)."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @property
    def encoding_characters(self) -> str:
        """MSH-2."""
        return self.component + self.repetition + self.escape + self.subcomponent

    @property
    def letters(self) -> dict[str, str]:
        """By the letter of its escape sequence, what stands for each (2.7.1)."""
        return {
            "F": self.field,
            "S": self.component,
            "T": self.subcomponent,
            "R": self.repetition,
            "E": self.escape,
        }


STANDARD = Delimiters()


@dataclass(frozen=True, slots=True)
class Segment:
    """One line of a message, as it was written."""

    name: str
    fields: tuple[str, ...]
    """Field 1 first. Of MSH the first is the field separator and the second the encoding characters."""
    delimiters: Delimiters = STANDARD
    occurrence: int = 1
    codec: str = "utf-8"
    """What hexadecimal escapes are read as."""

    def __str__(self) -> str:
        separator = self.delimiters.field
        if self.name == "MSH":
            return separator.join([self.name, *self.fields[1:]])
        return separator.join([self.name, *self.fields])

    def place(self, field: int, component: int = 0, repetition: int = 1) -> Place:
        """Where something stands in the message."""
        return Place(self.name, self.occurrence, field, repetition, component)

    def raw(self, field: int) -> str:
        """A field as it was written; empty where the segment ends before it."""
        return self.fields[field - 1] if field <= len(self.fields) else ""

    def count(self, field: int) -> int:
        """How many repetitions a field has."""
        raw, mark = self.raw(field), self.delimiters.repetition
        return (raw.count(mark) if mark else 0) + 1 if raw else 0

    def text(self, field: int, component: int = 1, subcomponent: int = 1, repetition: int = 1) -> str:
        """What stands there, without escapes and the spaces around it; empty where nothing does, and where
        it is to be deleted."""
        marks = self.delimiters
        found = self.raw(field)
        for mark, number in (
            (marks.repetition, repetition),
            (marks.component, component),
            (marks.subcomponent, subcomponent),
        ):
            if mark:
                pieces = found.split(mark, number)
                found = pieces[number - 1] if number <= len(pieces) else ""
        said = unescape(found, marks, self.codec).strip()
        return "" if said == NULL else said

    def need(self, field: int, component: int = 1, repetition: int = 1) -> str:
        """The same where something has to stand.

        Raises:
            BadMessage: nothing does.
        """
        found = self.text(field, component, repetition=repetition)
        if not found:
            raise missing(self.place(field, component if component > 1 else 0, repetition))
        return found


@dataclass(frozen=True, slots=True)
class Message:
    """A message; its first segment is its header."""

    segments: tuple[Segment, ...]

    def __str__(self) -> str:
        return "".join(f"{each}{END_OF_SEGMENT}" for each in self.segments)

    @property
    def header(self) -> Segment:
        return self.segments[0]

    def find(self, name: str) -> Segment | None:
        """The first segment of a name."""
        return next((each for each in self.segments if each.name == name), None)

    def get(self, name: str) -> Segment:
        """The first segment of a name.

        Raises:
            BadMessage: there is none.
        """
        found = self.find(name)
        if found is None:
            raise out_of_place(name)
        return found

    def all(self, name: str) -> Iterator[Segment]:
        """Every segment of a name."""
        return (each for each in self.segments if each.name == name)


def parse(text: str, codec: str = "utf-8") -> Message:
    """A message out of its text. Lines may end as on any system; `codec` is what its bytes were read as.

    Raises:
        BadMessage: it does not begin with a header, or a line is no segment.
    """
    lines = [line for line in _LINES.split(text.lstrip("\ufeff\0 \r\n\t")) if line.strip()]
    if not lines or not lines[0].startswith("MSH"):
        raise out_of_place("MSH")
    if len(lines) > MOST_SEGMENTS:
        raise BadMessage("A message has at most {most} segments.", most=MOST_SEGMENTS).at(
            Place("MSH"), Fault.SEGMENT_SEQUENCE
        )
    marks = _delimiters_of(lines[0])
    seen: dict[str, int] = {}
    segments: list[Segment] = []
    for number, line in enumerate(lines, 1):
        name, _, rest = line.partition(marks.field)
        name = name.strip()
        if _NAME.fullmatch(name) is None:
            raise BadMessage("Line {number} of the message is no segment.", number=number).at(
                Place(segments[-1].name if segments else "MSH"), Fault.SEGMENT_SEQUENCE
            )
        seen[name] = seen.get(name, 0) + 1
        fields = tuple(rest.split(marks.field))
        if name == "MSH":
            fields = (marks.field, *fields)
        segments.append(Segment(name, fields, marks, seen[name], codec))
    return Message(tuple(segments))


def compose(name: str, *fields: Content) -> Segment:
    """A segment out of plain texts, written with the usual delimiters. Empty fields at the end fall away.

    Of MSH the fields begin with the third.
    """
    written = [_written(each) for each in fields]
    while written and not written[-1]:
        written.pop()
    if name == "MSH":
        written = [STANDARD.field, STANDARD.encoding_characters, *written]
    return Segment(name, tuple(written))


def escape(text: str, delimiters: Delimiters = STANDARD) -> str:
    """A text so that nothing in it is taken for a delimiter or for the end of a segment or frame."""
    letters = {mark: letter for letter, mark in delimiters.letters.items()}
    mark = delimiters.escape
    return "".join(_escaped(one, letters, mark) for one in text)


def unescape(text: str, delimiters: Delimiters = STANDARD, codec: str = "utf-8") -> str:
    """The text that was escaped. Sequences that are not known stay as they are: nothing is lost."""
    mark = delimiters.escape
    if not mark or mark not in text:
        return text
    pieces = text.split(mark)
    plain, at = [pieces[0]], 1
    while at < len(pieces):
        known = None if at == len(pieces) - 1 else _meant(pieces[at], delimiters, codec)
        if known is None:
            # A lone escape character: what stands behind it may begin a sequence of its own.
            plain.append(mark + pieces[at])
            at += 1
        else:
            plain.extend((known, pieces[at + 1]))
            at += 2
    return "".join(plain)


def _meant(sequence: str, delimiters: Delimiters, codec: str) -> str | None:
    """What an escape sequence stands for; None where it is none that is known."""
    if sequence in delimiters.letters:
        return delimiters.letters[sequence]
    if sequence in _SWITCHES:
        return ""
    if sequence == _LINE_BREAK:
        return "\n"
    if sequence[:1] == "X" and len(sequence) > 1:
        try:
            return bytes.fromhex(sequence[1:]).decode(codec)
        except ValueError:
            return None
    return None


def _escaped(one: str, letters: dict[str, str], mark: str) -> str:
    if one in letters:
        return f"{mark}{letters[one]}{mark}"
    if one == "\n":
        return f"{mark}{_LINE_BREAK}{mark}"
    if one < " " or one == "\x7f":
        return f"{mark}X{ord(one):02X}{mark}"
    return one


def _written(content: Content) -> str:
    if isinstance(content, list):
        return STANDARD.repetition.join(map(_written, content))
    if isinstance(content, tuple):
        return _joined(STANDARD.component, [_part(each) for each in content])
    return escape(content)


def _part(part: Part) -> str:
    if isinstance(part, tuple):
        return _joined(STANDARD.subcomponent, [escape(each) for each in part])
    return escape(part)


def _joined(mark: str, pieces: Sequence[str]) -> str:
    return mark.join(pieces).rstrip(mark)


def _delimiters_of(line: str) -> Delimiters:
    """What the header says about itself.

    Raises:
        BadMessage: it says the same twice, or letters and digits.
    """
    separator = line[3:4]
    stated = line[4:].partition(separator)[0] if separator else ""
    marks = separator + stated[:4]
    if len(marks) < 2 or len(set(marks)) != len(marks) or any(one.isalnum() or one <= " " for one in marks):
        raise BadMessage("MSH-2 does not say how the message is divided.").at(
            Place("MSH", field=2), Fault.DATA_TYPE
        )
    return Delimiters(separator, *(stated[n : n + 1] for n in range(4)))
