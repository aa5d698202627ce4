"""What messages say: who sends what, who a patient is, what is ordered, of which specimens.

Segments and fields that are not needed here are passed over, as the standard asks (2.13): a message with
more in it is no worse message.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from hemalum.formats.hl7.faults import BadMessage, Fault, Place, missing, not_known, out_of_place
from hemalum.formats.hl7.message import Message, Segment
from hemalum.formats.hl7.times import Moment, read_moment

_LINES = "\n"


class AckWhen(StrEnum):
    """When somebody wants an acknowledgement (HL7 table 0155)."""

    ALWAYS = "AL"
    NEVER = "NE"
    ON_ERROR = "ER"
    ON_SUCCESS = "SU"


@dataclass(frozen=True, slots=True)
class Header:
    """Who sends what to whom (MSH)."""

    sending_application: str
    sending_facility: str
    receiving_application: str
    receiving_facility: str
    at: Moment | None
    code: str
    """ADT, OML, ORU."""
    event: str
    """A04, O21, R01."""
    control_id: str
    processing_id: str
    """P in production, T for training, D for debugging (table 0103)."""
    version: str
    accept_ack: AckWhen | None
    """What is wanted once a message is kept; with either of the two the message is in enhanced mode (2.9)."""
    application_ack: AckWhen | None

    @property
    def kind(self) -> str:
        """`ADT^A04`."""
        return f"{self.code}^{self.event}" if self.event else self.code

    @property
    def is_enhanced(self) -> bool:
        return self.accept_ack is not None or self.application_ack is not None


class AdministrativeSex(StrEnum):
    """HL7 table 0001."""

    FEMALE = "F"
    MALE = "M"
    OTHER = "O"
    UNKNOWN = "U"
    AMBIGUOUS = "A"
    NOT_APPLICABLE = "N"


@dataclass(frozen=True, slots=True)
class Number:
    """A number with whoever gave it (CX, EI)."""

    value: str
    issuer: str = ""
    """Empty where the message does not say."""
    kind: str = ""
    """MR, PI, SS, ... (table 0203)."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Who a patient is (PID)."""

    numbers: tuple[Number, ...]
    name: str
    sex: AdministrativeSex = AdministrativeSex.UNKNOWN
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class Specimen:
    """One specimen of an order (SPM)."""

    placer_id: str
    filler_id: str
    description: str
    organ: str
    received_at: Moment | None
    """When the laboratory got it (SPM-18); None where it did not yet."""


class Control(StrEnum):
    """What is to become of an order (HL7 table 0119), as far as it is spoken here."""

    NEW = "NW"
    CANCEL = "CA"
    CHANGE = "XO"
    HOLD = "HD"
    RELEASE = "RL"


class Urgency(StrEnum):
    """How soon an order is wanted (HL7 table 0485), as far as it differs here."""

    STAT = "S"
    ASAP = "A"
    ROUTINE = "R"


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a message (ORC, OBR and what belongs to them)."""

    control: Control
    placer: Number
    filler: Number | None
    group: Number | None
    """Orders of one group are one case."""
    urgency: Urgency
    service: str
    """What is asked for, in words or by its code."""
    clinician: str
    department: str
    history: str
    specimens: tuple[Specimen, ...]
    common: Segment
    """ORC, for the answer."""
    requested: Segment | None
    """OBR, for the answer."""
    specimen_segments: tuple[Segment, ...] = field(default=())


def read_header(message: Message) -> Header:
    """Who sends what to whom.

    Raises:
        BadMessage: the kind of the message, its control id or its version is missing.
    """
    header = message.header
    return Header(
        header.text(3),
        header.text(4),
        header.text(5),
        header.text(6),
        read_moment(header, 7),
        header.need(9),
        header.text(9, 2),
        header.need(10),
        header.text(11),
        header.need(12),
        _ack_when(header, 15),
        _ack_when(header, 16),
    )


def rough_header(segment: Segment) -> Header:
    """What a header says as far as it can be read, to answer a message that is not taken in."""
    stated = (segment.text(15), segment.text(16))
    accept, application = (AckWhen(one) if one in AckWhen else None for one in stated)
    return Header(
        segment.text(3),
        segment.text(4),
        segment.text(5),
        segment.text(6),
        None,
        segment.text(9),
        segment.text(9, 2),
        segment.text(10),
        segment.text(11),
        segment.text(12),
        accept,
        application,
    )


def read_patient(message: Message) -> Patient:
    """Who the message is about.

    Raises:
        BadMessage: number or name is missing, or sex or date of birth cannot be read.
    """
    segment = message.get("PID")
    numbers = tuple(_numbers(segment, 3))
    if not numbers:
        raise missing(segment.place(3))
    name = _best_name(segment, 5)
    if not name:
        raise missing(segment.place(5))
    born = read_moment(segment, 7)
    return Patient(numbers, name, _sex(segment, 8), None if born is None else born.day)


def read_prior_numbers(message: Message) -> tuple[Number, ...]:
    """By which numbers a patient was known before a merger (MRG-1).

    Raises:
        BadMessage: there are none.
    """
    segment = message.get("MRG")
    numbers = tuple(_numbers(segment, 1))
    if not numbers:
        raise missing(segment.place(1))
    return numbers


def read_orders(message: Message) -> tuple[Order, ...]:
    """What is ordered, in the order of the message.

    Raises:
        BadMessage: there is nothing, or something of it cannot be read.
    """
    visit = message.find("PV1")
    department = "" if visit is None else visit.text(3)
    is_by_specimen = message.header.text(9, 2) == "O33"
    groups = _groups_by_specimen(message) if is_by_specimen else _groups(message)
    found = tuple(_order(group, department) for group in groups)
    if not found:
        raise out_of_place("ORC")
    return found


def _groups(message: Message) -> Iterator[Sequence[Segment]]:
    """The segments of each order. What stands before the first is about the patient."""
    group: list[Segment] = []
    for segment in message.segments:
        if segment.name == "ORC":
            if group:
                yield group
            group = [segment]
        elif group:
            group.append(segment)
        elif segment.name in ("OBR", "SPM"):
            raise out_of_place("ORC")
    if group:
        yield group


def _groups_by_specimen(message: Message) -> Iterator[Sequence[Segment]]:
    """The segments of each order of OML^O33 (4.4.8), where orders follow their specimen: one that stands with
    several specimens is one order of them all."""
    orders: dict[tuple[str, str], list[Segment]] = {}
    specimen: Segment | None = None
    group: list[Segment] = []
    for segment in message.segments:
        if segment.name == "SPM":
            specimen, group = segment, []
        elif segment.name == "ORC":
            if specimen is None:
                raise out_of_place("SPM")
            key = (segment.need(2), segment.text(2, 2))
            is_known = key in orders
            whole = orders.setdefault(key, [segment])
            whole.append(specimen)
            # What is said of an order with its first specimen holds.
            group = [] if is_known else whole
        elif group:
            group.append(segment)
        elif segment.name == "OBR" and specimen is None:
            raise out_of_place("ORC")
    yield from orders.values()


def _order(group: Sequence[Segment], department: str) -> Order:
    common = group[0]
    requested = next((each for each in group if each.name == "OBR"), None)
    code = common.need(1)
    if code not in Control:
        raise not_known(common.place(1))
    control = Control(code)
    if requested is None and control in (Control.NEW, Control.CHANGE):
        raise out_of_place("OBR")
    placer = _entity(common, 2) or (None if requested is None else _entity(requested, 2))
    if placer is None:
        raise missing(common.place(2))
    specimen_segments = tuple(each for each in group if each.name == "SPM")
    clinician = _clinician(common, 12) or ("" if requested is None else _clinician(requested, 16))
    return Order(
        control,
        placer,
        _entity(common, 3),
        _entity(common, 4),
        _urgency(group),
        "" if requested is None else _coded(requested, 4),
        clinician,
        common.text(21) or common.text(17, 2) or department,
        _history(group),
        tuple(map(_specimen, specimen_segments)),
        common,
        requested,
        specimen_segments,
    )


def _specimen(segment: Segment) -> Specimen:
    description = " ".join(
        segment.text(14, repetition=number) for number in range(1, segment.count(14) + 1)
    ).strip()
    kind = _coded(segment, 4)
    organ = _coded(segment, 8)
    if not (description or kind or organ):
        raise missing(segment.place(4))
    told = description if kind in description else f"{kind}, {description}".rstrip(", ")
    placer_id, filler_id = segment.text(2, 1), segment.text(2, 2)
    return Specimen(placer_id, filler_id, told or kind, organ, read_moment(segment, 18))


def _history(group: Sequence[Segment]) -> str:
    """What is known and asked: clinical information, diagnoses and notes of an order."""
    said: list[str] = []
    for segment in group:
        if segment.name == "OBR":
            said.append(segment.text(13))
            said.extend(_coded(segment, 31, number) for number in range(1, segment.count(31) + 1))
        elif segment.name == "NTE":
            said.extend(segment.text(3, repetition=number) for number in range(1, segment.count(3) + 1))
        elif segment.name == "DG1":
            said.append(segment.text(4) or _coded(segment, 3))
    return _LINES.join(dict.fromkeys(one for one in said if one))


def _urgency(group: Sequence[Segment]) -> Urgency:
    """What the order says of its priority: in TQ1-9, or as before v2.5 in OBR-27 and ORC-7, or OBR-5."""
    places = {"TQ1": ((9, 1),), "ORC": ((7, 6),), "OBR": ((27, 6), (5, 1))}
    said = [
        segment.text(number, component)[:1].upper()
        for name in ("TQ1", "OBR", "ORC")
        for segment in group
        if segment.name == name
        for number, component in places[name]
    ]
    return next((Urgency(one) for one in said if one in Urgency), Urgency.ROUTINE)


def _numbers(segment: Segment, number: int) -> Iterator[Number]:
    """The numbers in a field of them (CX): empty repetitions are passed over."""
    seen = set()
    for repetition in range(1, segment.count(number) + 1):
        value = segment.text(number, 1, repetition=repetition)
        if not value:
            continue
        issuer = (
            segment.text(number, 4, repetition=repetition)
            or segment.text(number, 4, 2, repetition)
            or segment.text(number, 6, repetition=repetition)
        )
        if (value, issuer) not in seen:
            seen.add((value, issuer))
            yield Number(value, issuer, segment.text(number, 5, repetition=repetition))


def _entity(segment: Segment, number: int) -> Number | None:
    """The number of an order with whoever gave it (EI)."""
    value = segment.text(number, 1)
    return Number(value, segment.text(number, 2) or segment.text(number, 3)) if value else None


def _best_name(segment: Segment, number: int) -> str:
    """A name as people read it (XPN): in ideographs where there is one, else the legal one, else the
    first."""
    names = [
        (
            _name(segment, number, repetition),
            segment.text(number, 8, repetition=repetition),
            segment.text(number, 7, repetition=repetition),
        )
        for repetition in range(1, segment.count(number) + 1)
    ]
    names = [one for one in names if one[0]]
    for is_best in (lambda one: one[1] == "I", lambda one: one[2] == "L", bool):
        found = next((one[0] for one in names if is_best(one)), None)
        if found is not None:
            return found
    return ""


def _name(segment: Segment, number: int, repetition: int) -> str:
    family, given, further = (segment.text(number, n, repetition=repetition) for n in (1, 2, 3))
    if any("\u2e80" <= one <= "\u9fff" or "\uac00" <= one <= "\ud7af" for one in family + given):
        return f"{family}{given}{further}"
    return " ".join(one for one in (given, further, family) if one)


def _clinician(segment: Segment, number: int) -> str:
    """Who ordered (XCN): the name, or where there is none the number."""
    family, given = segment.text(number, 2), segment.text(number, 3)
    if any("\u2e80" <= one <= "\u9fff" for one in family + given):
        return f"{family}{given}"
    return " ".join(one for one in (given, family) if one) or segment.text(number, 1)


def _coded(segment: Segment, number: int, repetition: int = 1) -> str:
    """What a coded field says: its words, else the code (CWE, CE)."""
    return (
        segment.text(number, 9, repetition=repetition)
        or segment.text(number, 2, repetition=repetition)
        or segment.text(number, 1, repetition=repetition)
    )


def _sex(segment: Segment, number: int) -> AdministrativeSex:
    code = segment.text(number).upper()
    if not code:
        return AdministrativeSex.UNKNOWN
    if code not in AdministrativeSex:
        raise not_known(segment.place(number))
    return AdministrativeSex(code)


def _ack_when(header: Segment, number: int) -> AckWhen | None:
    code = header.text(number)
    if not code:
        return None
    if code not in AckWhen:
        raise not_known(header.place(number))
    return AckWhen(code)


def check_version(header: Header, place: Place) -> None:
    """Raise BadMessage unless a message is of version 2; `place` is where it says so."""
    if not header.version.startswith("2"):
        raise BadMessage("{place} states a version of HL7 that is not spoken here.", place=str(place)).at(
            place, Fault.UNSUPPORTED_VERSION
        )
