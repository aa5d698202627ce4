"""Custody in the words of the interface: what is asked and what is answered."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from hemalum.capabilities.cases.model import Kind, Priority, Stage
from hemalum.capabilities.custody.book import MOST_REASON
from hemalum.capabilities.custody.containers import ShownContainer
from hemalum.capabilities.custody.lending import MOST_WORDS
from hemalum.capabilities.custody.model import (
    MOST_BATCH,
    MOST_READING,
    MOST_SLOTS,
    Action,
    ContainerKind,
    CustodyEvent,
    Discard,
    DiscardState,
    Loan,
    Mishap,
    Place,
    Point,
    Step,
    Verified,
    mishaps_of,
)
from hemalum.capabilities.custody.points import MOST_NAME
from hemalum.capabilities.custody.scanning import Scanned
from hemalum.capabilities.custody.tracing import Waiting, Whereabouts
from hemalum.kernel.sentence import Sentence

Code = Annotated[str, Field(max_length=MOST_READING)]
Name = Annotated[str, Field(max_length=MOST_NAME)]
Reason = Annotated[str, Field(max_length=MOST_REASON)]
Words = Annotated[str, Field(max_length=MOST_WORDS)]


# Asked --------------------------------------------------------------------------------------------------


class PointAsked(BaseModel):
    """A station to be."""

    name: Name
    room: Name = ""
    step: Step


class PointChange(BaseModel):
    """What is different about a point; null leaves it as it is."""

    name: Name | None = None
    room: Name | None = None
    is_active: bool | None = None


class CustodyScan(BaseModel):
    """A reading at a point."""

    point: str = Field(max_length=40)
    code: Code
    container: Code = ""
    """Code of the container that the piece is put into."""
    slot: int | None = Field(default=None, ge=1, le=MOST_SLOTS)
    expected: Code = ""
    """Code of the piece that was to come; another one is refused."""
    failed: Reason = ""
    """At a quality check: why the slide did not pass."""
    occurred_at: datetime | None = None


class ScanCorrection(BaseModel):
    """Why an event was a mistake."""

    reason: Reason = ""


class CodeAsked(BaseModel):
    """What stands on a label."""

    code: Code


class FindAsked(BaseModel):
    """A lost piece was found."""

    code: Code
    reason: Reason = ""


class MishapAsked(BaseModel):
    """A piece was lost, or broke."""

    code: Code
    mishap: Mishap
    reason: Reason


class ContainerAsked(BaseModel):
    """A container to be."""

    kind: ContainerKind
    name: Name
    slots: int = Field(default=0, ge=0, le=MOST_SLOTS)


class PutInAsked(BaseModel):
    """What is put into a container, and where in it."""

    code: Code
    slot: int | None = Field(default=None, ge=1, le=MOST_SLOTS)
    reason: Reason = ""


class TakeOutAsked(BaseModel):
    """What is taken out of a container."""

    code: Code
    reason: Reason = ""


class LoanAsked(BaseModel):
    """What is lent, to whom, for what, until when."""

    code: Code
    to: Words
    purpose: Words
    due_at: datetime


class DiscardProposal(BaseModel):
    """What somebody proposes to discard, and why."""

    codes: list[Code] = Field(max_length=MOST_BATCH)
    reason: Reason
    despite_retention: bool = False
    """Whether pieces that have to be kept longer are discarded all the same."""


# Answered -----------------------------------------------------------------------------------------------


class PointShown(BaseModel):
    """A station."""

    id: str
    name: str
    room: str
    step: Step
    is_active: bool


class PlaceShown(BaseModel):
    """Where something is: at a point, in a container, or with whom it was lent to; all empty for nowhere."""

    point_id: str
    point: str
    container: str
    container_name: str
    slot: int | None
    holder: str


class CustodyEventShown(BaseModel):
    """A link of the chain."""

    number: int
    subject: str
    kind: str
    case_id: str | None
    action: Action
    refused: Sentence | None
    """Why it was refused; null for what happened."""
    refusal_code: str
    before_place: PlaceShown
    after_place: PlaceShown
    before: str
    after: str
    actor_name: str
    at: datetime
    occurred_at: datetime
    reason: str
    corrects: int | None
    is_corrected: bool
    """Whether it turned out to be a mistake; told in the list of a point."""
    hash: str


class ChildShown(BaseModel):
    """What is made of a piece."""

    id: str
    code: str
    kind: Kind
    stage: Stage
    description: str


class ScanAnswer(BaseModel):
    """What came of a scan."""

    event: CustodyEventShown
    is_repeated: bool
    """Whether it was the same scan once more; nothing new was written down."""
    case_id: str | None
    material_id: str | None
    """Of the piece; null for a container."""
    kind: Kind | None
    description: str
    """What the piece is: organ and description, or stain."""
    children: list[ChildShown]
    """What is to be made of the piece at this point."""
    makes: list[Kind]
    """Of what kinds that can be."""


class VerifiedFault(BaseModel):
    """Something that is wrong with the chain."""

    number: int
    said: Sentence


class VerifiedShown(BaseModel):
    """What a look at the chain came to."""

    events: int
    faults: list[VerifiedFault]
    whole_at: datetime | None
    """When every link of the whole chain was looked at last; None of one subject."""


class WaitingShown(BaseModel):
    """A piece that should come to a point, or that nobody has seen for long."""

    code: str
    kind: Kind
    stage: Stage
    description: str
    case_id: str
    number: str
    priority: Priority
    due_at: datetime
    next_step: Step | None
    seen_at: datetime | None
    """Null where it was never scanned."""
    place: PlaceShown | None
    person: str


class WhereaboutsShown(BaseModel):
    """Where something is, and all that happened to it."""

    code: str
    kind: str
    case_id: str | None
    number: str
    """Of the case; empty for a container."""
    stage: Stage | None
    path: list[PlaceShown]
    """From the outermost on; empty where it was never scanned, or is with the person."""
    person: str
    """Who had it last."""
    since: datetime | None
    seen_at: datetime | None
    mishaps: list[Mishap]
    """What may befall it where it is."""
    loan: "LoanShown | None"
    events: list[CustodyEventShown]
    verified: VerifiedShown


class LyingShown(BaseModel):
    """What lies in a container itself."""

    code: str
    kind: str
    name: str
    """Of a container; empty for a piece."""
    case_id: str | None
    slot: int | None
    person: str
    since: datetime


class ContainerShown(BaseModel):
    """A container, and where it is."""

    code: str
    kind: ContainerKind
    name: str
    slots: int
    path: list[PlaceShown]
    person: str
    since: datetime | None
    lying: int
    """How many things lie in it itself."""


class ContainerDetail(ContainerShown):
    """The same with its contents."""

    contents: list[LyingShown]


class LoanShown(BaseModel):
    """A block or slide that somebody else has for a time."""

    id: str
    code: str
    case_id: str
    to: str
    purpose: str
    lent_by: str
    lent_at: datetime
    due_at: datetime
    is_overdue: bool
    returned_by: str | None
    returned_at: datetime | None


class DiscardedShown(BaseModel):
    """A piece of a discard."""

    code: str
    kind: Kind
    case_id: str
    keep_until: datetime | None
    """Until when it is kept at least; null where the case has no final report."""


class DiscardShown(BaseModel):
    """What one person proposed to discard, and what another said to it."""

    id: str
    state: DiscardState
    reason: str
    is_early: bool
    proposed_by: str
    proposed_at: datetime
    is_mine: bool
    """Whether whoever asks proposed it, so that somebody else has to confirm."""
    decided_by: str | None
    decided_at: datetime | None
    pieces: list[DiscardedShown]


def point_of(point: Point) -> PointShown:
    return PointShown(
        id=point.id, name=point.name, room=point.room, step=point.step, is_active=point.is_active
    )


def place_of(place: Place, names: dict[str, str] | None = None) -> PlaceShown:
    return PlaceShown(
        point_id=place.point_id,
        point=place.point,
        container=place.container,
        container_name=(names or {}).get(place.container, ""),
        slot=place.slot,
        holder=place.holder,
    )


def event_of(
    event: CustodyEvent, names: dict[str, str] | None = None, *, is_corrected: bool = False
) -> CustodyEventShown:
    return CustodyEventShown(
        number=event.number,
        subject=event.subject.code,
        kind=event.subject.kind,
        case_id=event.subject.case_id,
        action=event.action,
        refused=event.refusal,
        refusal_code=event.refusal_code,
        before_place=place_of(event.before_place, names),
        after_place=place_of(event.after_place, names),
        before=event.before,
        after=event.after,
        actor_name=event.actor_name,
        at=event.at,
        occurred_at=event.occurred_at,
        reason=event.reason,
        corrects=event.corrects,
        is_corrected=is_corrected,
        hash=event.hash,
    )


def scan_of(scanned: Scanned) -> ScanAnswer:
    material = None if scanned.piece is None else scanned.piece.material
    said = [] if material is None else [material.organ, material.description]
    return ScanAnswer(
        event=event_of(scanned.event),
        is_repeated=scanned.is_repeated,
        case_id=scanned.event.subject.case_id,
        material_id=scanned.event.subject.material_id,
        kind=None if material is None else material.kind,
        description=", ".join(filter(None, said)),
        children=[
            ChildShown(
                id=each.id,
                code=each.identifier,
                kind=each.kind,
                stage=each.stage,
                description=each.description,
            )
            for each in scanned.children
        ],
        makes=list(scanned.makes),
    )


def verified_of(verified: Verified) -> VerifiedShown:
    faults = [VerifiedFault(number=each.number, said=each.said) for each in verified.faults]
    return VerifiedShown(events=verified.events, faults=faults, whole_at=verified.whole_at)


def waiting_of(waiting: Waiting) -> WaitingShown:
    case, piece, standing = waiting.case, waiting.material, waiting.standing
    return WaitingShown(
        code=piece.identifier,
        kind=piece.kind,
        stage=piece.stage,
        description=", ".join(filter(None, [piece.organ, piece.description])),
        case_id=case.id,
        number=case.number,
        priority=case.priority,
        due_at=case.due_at,
        next_step=waiting.next_step,
        seen_at=None if standing is None else standing.seen_at,
        place=None if standing is None else place_of(standing.place),
        person="" if standing is None else standing.person,
    )


def whereabouts_of(found: Whereabouts, now: datetime) -> WhereaboutsShown:
    standing = found.standing
    return WhereaboutsShown(
        code=found.subject.code,
        kind=found.subject.kind,
        case_id=found.subject.case_id,
        number=found.number,
        stage=found.stage,
        path=[place_of(each, found.names) for each in found.path],
        person="" if standing is None else standing.person,
        since=None if standing is None else standing.since,
        seen_at=None if standing is None else standing.seen_at,
        mishaps=[] if found.stage is None else list(mishaps_of(Kind(found.subject.kind), found.stage)),
        loan=None if found.loan is None else loan_of(found.loan, now),
        events=[event_of(each, found.names) for each in found.events],
        verified=verified_of(found.verified),
    )


def container_of(shown: ShownContainer, lying: int) -> ContainerShown:
    return ContainerShown(**_container(shown), lying=lying)


def container_detail_of(shown: ShownContainer) -> ContainerDetail:
    contents = [
        LyingShown(
            code=each.subject.code,
            kind=each.subject.kind,
            name=shown.names.get(each.subject.code, ""),
            case_id=each.subject.case_id,
            slot=each.place.slot,
            person=each.person,
            since=each.since,
        )
        for each in shown.contents
    ]
    return ContainerDetail(**_container(shown), lying=len(contents), contents=contents)


def loan_of(loan: Loan, now: datetime) -> LoanShown:
    return LoanShown(
        id=loan.id,
        code=loan.code,
        case_id=loan.case_id,
        to=loan.to,
        purpose=loan.purpose,
        lent_by=loan.lent_by,
        lent_at=loan.lent_at,
        due_at=loan.due_at,
        is_overdue=loan.returned_at is None and loan.due_at < now,
        returned_by=loan.returned_by,
        returned_at=loan.returned_at,
    )


def discard_of(discard: Discard, person_id: str) -> DiscardShown:
    return DiscardShown(
        id=discard.id,
        state=discard.state,
        reason=discard.reason,
        is_early=discard.is_early,
        proposed_by=discard.proposed_by_name,
        proposed_at=discard.proposed_at,
        is_mine=discard.proposed_by == person_id,
        decided_by=discard.decided_by_name,
        decided_at=discard.decided_at,
        pieces=[
            DiscardedShown(code=each.code, kind=each.kind, case_id=each.case_id, keep_until=each.keep_until)
            for each in discard.pieces
        ],
    )


def _container(shown: ShownContainer) -> dict[str, Any]:
    container, standing = shown.container, shown.standing
    return {
        "code": container.code,
        "kind": container.kind,
        "name": container.name,
        "slots": container.slots,
        "path": [place_of(each, shown.names) for each in shown.path],
        "person": "" if standing is None else standing.person,
        "since": None if standing is None else standing.since,
    }
