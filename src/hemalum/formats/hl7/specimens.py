"""What other systems say happened to specimens and containers: SSU^U03 (HL7 v2.5.1, 13.3.3).

It is read as `working.tell_specimen` writes it: by the events of IHE PaLM SET 1.1 (HL7 table 0003, S38 to
S52), and where a system knows the stages of this node, by these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hemalum.formats.hl7.faults import BadMessage, Fault, Place, missing, out_of_place
from hemalum.formats.hl7.message import Message, Segment
from hemalum.formats.hl7.times import Moment, read_moment
from hemalum.formats.hl7.working import LOCAL

_EVENTS = "HL70003"
_MAX_DIGITS = 9
_CORRECTED = "C"
"""Result status (HL7 table 0085)."""


@dataclass(frozen=True, slots=True)
class SpecimenEvent:
    """What happened to one piece or container."""

    codes: tuple[str, ...]
    """What its label may say: the laboratory's number of the specimen (SPM-2), its container (SAC-3)."""
    where: Place
    """Of its container in the message."""
    event: str
    """S42, or a word of this node; empty where none is stated."""
    stage: str
    """A stage by this node's own word; empty where none is stated."""
    is_correction: bool
    happened_at: Moment | None
    carrier: str
    """What it lies in (SAC-10); empty where the message does not say."""
    position: int | None
    """Its numbered place there (SAC-11)."""


def read_specimen_events(message: Message) -> tuple[SpecimenEvent, ...]:
    """What happened, in the order of the message.

    Raises:
        BadMessage: there is nothing, or something of it cannot be read.
    """
    found = tuple(map(_event, _groups(message)))
    if not found:
        raise out_of_place("SAC")
    return found


def _groups(message: Message) -> Iterator[Sequence[Segment]]:
    """The segments of each container."""
    group: list[Segment] = []
    for segment in message.segments:
        if segment.name == "SAC":
            if group:
                yield group
            group = [segment]
        elif group:
            group.append(segment)
        elif segment.name in ("OBX", "SPM"):
            raise out_of_place("SAC")
    if group:
        yield group


def _event(group: Sequence[Segment]) -> SpecimenEvent:
    container = group[0]
    specimens = [each for each in group if each.name == "SPM"]
    observed = [each for each in group if each.name == "OBX"]
    stated = (*(one.text(2, 2) for one in specimens), container.text(3), *(one.text(2) for one in specimens))
    codes = tuple(dict.fromkeys(one for one in stated if one))
    if not codes:
        raise missing(container.place(3))
    at = next((found for each in observed if (found := read_moment(each, 14)) is not None), None)
    return SpecimenEvent(
        codes,
        container.place(3),
        next(
            (each.text(5) for each in observed if each.text(5, 3) == _EVENTS or each.text(3) == "event"), ""
        ),
        next((each.text(5) for each in observed if (each.text(3), each.text(5, 3)) == ("stage", LOCAL)), ""),
        any(each.text(11) == _CORRECTED for each in observed),
        at or read_moment(container, 7),
        container.text(10),
        _position(container),
    )


def _position(container: Segment) -> int | None:
    text = container.text(11)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS:
        place = container.place(11)
        raise BadMessage("{place} is no number of a place.", place=str(place)).at(place, Fault.DATA_TYPE)
    return int(text)
