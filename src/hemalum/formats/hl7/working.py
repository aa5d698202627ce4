"""Further work and what happens to specimens, for systems of a laboratory: OML^O33 (4.4.8), SSU^U03 (13.3.3).

What happened is said by the events of the profile Specimen Event Tracking (IHE PaLM SET 1.1, LAB-40) as they
stand in HL7 table 0003 (S38 to S52), in the message of v2.5.1 for the status of specimens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hemalum.formats.hl7.message import Content, Message, Part, Segment, compose
from hemalum.formats.hl7.reading import Patient, Urgency
from hemalum.formats.hl7.times import write_time
from hemalum.formats.hl7.writing import Ends, write_header, write_patient

LOCAL = "99HEMALUM"
"""The coding system of this node's own words."""
_APPLICATION = "HEMALUM"


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with what it says (CE, CWE)."""

    code: str
    text: str
    system: str = LOCAL

    @property
    def field(self) -> tuple[str, ...]:
        return (self.code, self.text, self.system)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part, block or slide."""

    identifier: str
    kind: Coded
    parent: str = ""
    """Identifier of what it was made of."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a piece is."""

    carrier: Coded | None = None
    """What sort of thing it lies in: a box, a rack, a drawer; None where it lies in none that has a code."""
    carrier_id: str = ""
    position: int | None = None
    """Its numbered place there."""
    around: tuple[Coded, ...] = ()
    """What that lies in, outwards, and the station."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to be done: a stain, or work that has none."""

    number: str
    """The placer's."""
    stain: str
    slides: tuple[str, ...] = ()
    """Identifiers of what was planned for it."""


@dataclass(frozen=True, slots=True)
class WorkMessage:
    """Further work on one piece, as it is asked for or stands."""

    ends: Ends
    control_id: str
    at: datetime
    patient: Patient
    case_number: str
    group: str
    """The number of the whole order."""
    control: str
    """ORC-1 (HL7 table 0119): NW, SC, CA or OC."""
    status: str
    """ORC-5 (HL7 table 0038)."""
    work: Coded
    piece: Piece
    steps: tuple[Step, ...]
    copies: int
    urgency: Urgency
    placer_id: str
    placer_name: str
    placed_at: datetime
    reason: str = ""
    notes: tuple[str, ...] = ()
    processing_id: str = "P"


@dataclass(frozen=True, slots=True)
class SpecimenMessage:
    """What happened to a piece."""

    ends: Ends
    control_id: str
    at: datetime
    case_number: str
    piece: Piece
    event: Coded
    stage: Coded
    container_status: str
    """SAC-8 (HL7 table 0370)."""
    happened_at: datetime
    is_correction: bool = False
    location: Location = Location()
    processing_id: str = "P"


def order_work(work: WorkMessage) -> Message:
    """OML^O33: a piece, and what is to be done with it, one order for each stain."""
    header = write_header(work.ends, ("OML", "O33", "OML_O33"), work.at, work.control_id, work.processing_id)
    segments = [header, write_patient(work.patient), _specimen(work.piece)]
    for number, step in enumerate(work.steps, 1):
        segments += _ordered(number, step, work)
    return Message(tuple(segments))


def tell_specimen(told: SpecimenMessage) -> Message:
    """SSU^U03: a piece with its event, its stage on the bench, and where it is.

    SAC (13.4.3): what it lies in is its carrier (SAC-9 to SAC-11), all around that its locations (SAC-15).
    """
    header = write_header(told.ends, ("SSU", "U03", "SSU_U03"), told.at, told.control_id, told.processing_id)
    happened = write_time(told.happened_at)
    case = (told.case_number, _APPLICATION)
    container = compose(
        "SAC",
        case,
        case,
        (told.piece.identifier, _APPLICATION),
        (told.piece.parent, _APPLICATION) if told.piece.parent else "",
        "",
        "",
        happened,
        (told.container_status, "", "HL70370"),
        *_located(told.location),
    )
    status = "C" if told.is_correction else "F"
    asked = (Coded("event", "Specimen event"), Coded("stage", "Stage on the bench"))
    observed = [
        compose("OBX", str(number), "CE", name.field, "", value.field, *([""] * 5), status, "", "", happened)
        for number, (name, value) in enumerate(zip(asked, (told.event, told.stage), strict=True), 1)
    ]
    equipment = compose("EQU", (told.ends.sending_facility, _APPLICATION), write_time(told.at))
    return Message((header, equipment, container, *observed, _specimen(told.piece)))


def _located(location: Location) -> tuple[Content, ...]:
    """SAC-9 to SAC-15: carrier type, identifier and position, no tray, locations."""
    carrier: Content = location.carrier.field if location.carrier else ""
    code: Content = (location.carrier_id, _APPLICATION) if location.carrier_id else ""
    position = "" if location.position is None else str(location.position)
    around: list[str | tuple[Part, ...]] = [one.field for one in location.around]
    return (carrier, code, position, "", "", "", around)


def _specimen(piece: Piece) -> Segment:
    parent: Content = ("", (piece.parent, _APPLICATION)) if piece.parent else ""
    identifier = ("", (piece.identifier, _APPLICATION))
    return compose("SPM", "1", identifier, parent, piece.kind.field, *([""] * 9), piece.description)


def _ordered(number: int, step: Step, work: WorkMessage) -> Iterator[Segment]:
    placer = (step.number, _APPLICATION)
    ordered_by = (work.placer_id, work.placer_name)
    reason = ("", work.reason) if work.reason else ""
    yield compose(
        "ORC",
        work.control,
        placer,
        "",
        (work.group, _APPLICATION),
        work.status,
        "",
        "",
        "",
        write_time(work.at),
        "",
        "",
        ordered_by,
        *([""] * 3),
        reason,
    )
    yield compose("TQ1", "1", str(work.copies), *([""] * 6), (work.urgency, "", "HL70485"))
    stain = (step.stain, step.stain, "L") if step.stain else ()
    service = (*work.work.field, *stain)
    yield compose("OBR", str(number), placer, "", service, "", write_time(work.placed_at))
    yield from _notes(work.notes)
    for count, slide in enumerate(step.slides, 1):
        name = Coded("slide", "Planned for this order").field
        yield compose("OBX", str(count), "ST", name, str(count), slide, *([""] * 5), "F")


def _notes(notes: Sequence[str]) -> Iterator[Segment]:
    for number, said in enumerate(notes, 1):
        yield compose("NTE", str(number), "P", said)
