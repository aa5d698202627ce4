"""How messages are answered: ACK and ORL^O22, in original and in enhanced mode (2.9)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hemalum.formats.hl7.faults import BadMessage, Fault, Place, not_known
from hemalum.formats.hl7.message import Message, Segment, compose
from hemalum.formats.hl7.reading import Header, Order, Patient
from hemalum.formats.hl7.times import write_time
from hemalum.formats.hl7.writing import Ends, write_header, write_patient
from hemalum.kernel.sentence import Sentence


class Ack(StrEnum):
    """Acknowledgement codes (HL7 table 0008)."""

    ACCEPT = "AA"
    ERROR = "AE"
    REJECT = "AR"
    COMMIT = "CA"
    COMMIT_ERROR = "CE"
    COMMIT_REJECT = "CR"

    @property
    def is_good(self) -> bool:
        return self in (Ack.ACCEPT, Ack.COMMIT)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something is not accepted (ERR)."""

    sentence: Sentence
    fault: Fault = Fault.INTERNAL
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class AckRead:
    """What an acknowledgement says (MSA)."""

    code: Ack
    control_id: str
    """Of the message that it answers."""
    text: str
    """What is wrong and where, by the tables of the standard. What somebody wrote in words is left out: it
    may name a patient."""


class OrderAnswer(StrEnum):
    """What became of an order (HL7 table 0119)."""

    ACCEPTED = "OK"
    CANCELLED = "CR"
    CHANGED = "XR"
    NOT_CANCELLED = "UC"
    """People decide."""
    HELD = "HR"
    RELEASED = "OR"


@dataclass(frozen=True, slots=True)
class AnsweredOrder:
    """An order with what became of it."""

    order: Order
    answer: OrderAnswer
    number: str = ""
    """The filler's: that of the case."""
    identifiers: tuple[str, ...] = ()
    """The filler's of each specimen, in their order."""


def acknowledge(
    header: Header, code: Ack, *, now: datetime, control_id: str, problems: Sequence[Problem] = ()
) -> Message:
    """The general acknowledgement of a message."""
    segments = [
        _header(header, ("ACK", header.event, "ACK"), now, control_id),
        compose("MSA", code, header.control_id),
        *map(_error, problems),
    ]
    return Message(tuple(segments))


def answer_orders(
    header: Header,
    code: Ack,
    patient: Patient | None,
    orders: Sequence[AnsweredOrder],
    *,
    now: datetime,
    control_id: str,
) -> Message:
    """What became of each order, with the laboratory's numbers: ORL^O22 (4.4.7) to OML^O21, and to OML^O33
    ORL^O34 (4.4.9), where orders follow their specimen."""
    is_by_specimen = header.event == "O33"
    event = "O34" if is_by_specimen else "O22"
    segments = [
        _header(header, ("ORL", event, f"ORL_{event}"), now, control_id),
        compose("MSA", code, header.control_id),
    ]
    if patient is not None:
        segments.append(write_patient(patient))
    for each in orders:
        answered = list(_answered(each, now))
        specimens = list(_specimens(each))
        if is_by_specimen:
            segments += [segment for one in specimens for segment in (one, *answered)]
        else:
            segments += answered + specimens
    return Message(tuple(segments))


def _answered(each: AnsweredOrder, now: datetime) -> Iterator[Segment]:
    yield _common(each, now)
    if each.order.requested is not None:
        yield _requested(each)


def _specimens(each: AnsweredOrder) -> Iterator[Segment]:
    """The specimens of an order with the laboratory's numbers."""
    for number, specimen in enumerate(each.order.specimen_segments):
        identifier = each.identifiers[number] if number < len(each.identifiers) else ""
        placer = specimen.text(2)
        kind = tuple(specimen.text(4, component) for component in (1, 2, 3))
        yield compose("SPM", str(number + 1), (placer, identifier), "", kind)


def problem_of(error: BadMessage) -> Problem:
    """A failure to read a message, as it is told to whoever sent it."""
    return Problem(error.sentence, error.fault, error.place)


def read_ack(message: Message) -> AckRead:
    """What an acknowledgement says.

    Raises:
        BadMessage: it is none.
    """
    segment = message.get("MSA")
    code = segment.need(1)
    if code not in Ack:
        raise not_known(segment.place(1))
    errors = [
        " ".join(one for one in (each.text(3, 2) or each.text(3), _location(each)) if one)
        for each in message.all("ERR")
    ]
    return AckRead(Ack(code), segment.need(2), "; ".join(one for one in errors if one))


def _location(error: Segment) -> str:
    """Where in a message an error says that it is."""
    name, _, number = (error.text(2, part) for part in (1, 2, 3))
    return f"{name}-{number}" if name and number else name


def _header(header: Header, kind: tuple[str, str, str], now: datetime, control_id: str) -> Segment:
    """Sender and receiver change places."""
    ends = Ends(
        header.receiving_application,
        header.receiving_facility,
        header.sending_application,
        header.sending_facility,
    )
    return write_header(ends, kind, now, control_id, header.processing_id or "P")


def _error(problem: Problem) -> Segment:
    place = problem.place
    location: tuple[str, ...] = ()
    if place is not None:
        parts = (place.occurrence, place.field, place.repetition, place.component)
        if not place.field:
            parts = (place.occurrence, 0, 0, 0)
        location = (place.segment, *(str(part) if part else "" for part in parts))
    code = (problem.fault, _FAULTS[problem.fault], "HL70357")
    return compose("ERR", "", location, code, "E", "", "", "", str(problem.sentence))


def _common(each: AnsweredOrder, now: datetime) -> Segment:
    placer, filler = each.order.placer, each.number
    return compose("ORC", each.answer, (placer.value, placer.issuer), filler, *([""] * 5), write_time(now))


def _requested(each: AnsweredOrder) -> Segment:
    requested = each.order.requested
    assert requested is not None
    placer = each.order.placer
    service = tuple(requested.text(4, component) for component in (1, 2, 3))
    return compose("OBR", "1", (placer.value, placer.issuer), each.number, service)


_FAULTS = {
    Fault.SEGMENT_SEQUENCE: "Segment sequence error",
    Fault.REQUIRED_MISSING: "Required field missing",
    Fault.DATA_TYPE: "Data type error",
    Fault.TABLE_VALUE: "Table value not found",
    Fault.UNSUPPORTED_MESSAGE: "Unsupported message type",
    Fault.UNSUPPORTED_EVENT: "Unsupported event code",
    Fault.UNSUPPORTED_PROCESSING: "Unsupported processing id",
    Fault.UNSUPPORTED_VERSION: "Unsupported version id",
    Fault.UNKNOWN_KEY: "Unknown key identifier",
    Fault.DUPLICATE_KEY: "Duplicate key identifier",
    Fault.LOCKED: "Application record locked",
    Fault.INTERNAL: "Application internal error",
}
"""Their names in the table."""
