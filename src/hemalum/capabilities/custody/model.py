"""Steps, points, containers, events and what may follow what. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from hemalum.capabilities.cases.model import (
    Kind,
    Stage,
    comes_before,
    is_legal,
    stages_before,
    word_of,
)
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.events import Event
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.kernel.sentence import Sentence

MOST_SLOTS = 1000
MOST_BATCH = 200
MOST_NESTED = 12
"""Containers in each other, from the room to the tray."""
MOST_READING = 200
SAME_SCAN_WITHIN = timedelta(minutes=10)
"""Within this time the same code at the same place is one scan, that somebody or a scanner repeated."""


class NotOurs(Invalid):
    """What was read is no code of a laboratory that works with this software."""

    code = "not-our-code"


class UnknownCode(NotFound):
    """The code is well-formed, and of nothing in this organisation."""

    code = "unknown-code"


class OutOfSequence(Conflict):
    """The piece was not where it must have been before, or was here already."""

    code = "out-of-sequence"


class WrongStation(Conflict):
    """Pieces of this kind are not worked on here."""

    code = "wrong-station"


class Mislabelled(Conflict):
    """The piece does not belong to what was scanned before it, or is not the one that was expected."""

    code = "mislabelled"


class NoRoom(Conflict):
    """The place in the container is taken, or there is none."""

    code = "no-room"


class CannotCorrect(Conflict):
    """It is not the last that happened to the piece, or it went on meanwhile."""

    code = "cannot-correct"


class OnePerson(Conflict):
    """Nobody discards alone."""

    code = "one-person"


class StillKept(Conflict):
    """The time for which a piece is kept at least is not over."""

    code = "still-kept"


# Steps and points ---------------------------------------------------------------------------------------


class Step(StrEnum):
    """What happens to a piece at a point."""

    RECEIVE = "receive"
    GROSS = "gross"
    PROCESS = "process"
    EMBED = "embed"
    CUT = "cut"
    STAIN = "stain"
    COVERSLIP = "coverslip"
    CHECK = "check"
    """Quality of the slide."""
    RACK = "rack"
    SCAN = "scan"
    FILE = "file"
    LOANS = "loans"
    """A desk: who borrows what is said with the loan."""
    DISCARD = "discard"
    """A place: what is discarded is said by two people."""
    PLACE = "place"
    """Nothing but where it is."""


_TO: Mapping[Step, Mapping[Kind, Stage]] = {
    Step.RECEIVE: {Kind.PART: Stage.RECEIVED},
    Step.GROSS: {Kind.PART: Stage.GROSSED, Kind.BLOCK: Stage.FILLED, Kind.SLIDE: Stage.SECTIONED},
    Step.PROCESS: {Kind.BLOCK: Stage.PROCESSED},
    Step.EMBED: {Kind.BLOCK: Stage.EMBEDDED},
    Step.CUT: {Kind.BLOCK: Stage.CUT, Kind.SLIDE: Stage.SECTIONED},
    Step.STAIN: {Kind.SLIDE: Stage.STAINED},
    Step.COVERSLIP: {Kind.SLIDE: Stage.COVERSLIPPED},
    Step.CHECK: {Kind.SLIDE: Stage.QC_PASSED},
    Step.RACK: {Kind.SLIDE: Stage.RACKED},
    Step.SCAN: {Kind.SLIDE: Stage.SCANNED},
    Step.FILE: {Kind.PART: Stage.STORED, Kind.BLOCK: Stage.FILED, Kind.SLIDE: Stage.FILED},
}
"""Where a piece is once it was scanned at a point of a step."""
_MADE_OF: Mapping[Step, Mapping[Kind, tuple[Kind, ...]]] = {
    Step.GROSS: {Kind.PART: (Kind.BLOCK, Kind.SLIDE)},
    Step.CUT: {Kind.BLOCK: (Kind.SLIDE,)},
}
"""What is made of what at a step, only right after the parent's own scan. Slides of a part are smears."""


def target_of(step: Step, kind: Kind) -> Stage | None:
    """The stage that a scan at a step brings a piece to; None where it tells the place alone.

    Raises:
        WrongStation: pieces of this kind are not worked on there.
    """
    stages = _TO.get(step)
    if stages is None:
        return None
    if kind not in stages:
        raise WrongStation("A {kind} is not worked on here.", kind=word_of(kind))
    return stages[kind]


def made_of(step: Step, kind: Kind) -> tuple[Kind, ...]:
    """What is made of such a piece at the step."""
    return _MADE_OF.get(step, {}).get(kind, ())


def needs_parent(step: Step, kind: Kind) -> bool:
    """Whether such a piece is scanned at the step only after what it is made of."""
    return any(kind in children for children in _MADE_OF.get(step, {}).values())


def takes_smears(step: Step) -> bool | None:
    """Which slides come to a step: smears alone, those of blocks alone, or (None) all."""
    parents = [parent for parent, children in _MADE_OF.get(step, {}).items() if Kind.SLIDE in children]
    return Kind.PART in parents if parents else None


def awaited(step: Step, steps: frozenset[Step]) -> dict[Kind, tuple[Stage, ...]]:
    """By kind, the stages of pieces that should come to a step next, where there are points of `steps`."""
    found: dict[Kind, tuple[Stage, ...]] = {}
    for kind, target in _TO.get(step, {}).items():
        earliest = required_before(step, kind, steps)
        found[kind] = tuple(
            one
            for one in stages_before(kind, target)
            if one is not Stage.PLANNED and (earliest is None or not comes_before(kind, one, earliest))
        )
    return found


def required_before(step: Step, kind: Kind, steps: frozenset[Step]) -> Stage | None:
    """The stage that such a piece has to have been at before it comes to a step: that of the step before, of
    those that the laboratory has points for. None where it has none."""
    target = _TO[step][kind]
    earlier = [
        stages[kind]
        for other, stages in _TO.items()
        if other in steps and kind in stages and comes_before(kind, stages[kind], target)
    ]
    return max(earlier, key=lambda stage: len(stages_before(kind, stage)), default=None)


def check_sequence(step: Step, kind: Kind, now: Stage, target: Stage, steps: frozenset[Step]) -> None:
    """Raise OutOfSequence unless a piece may come to a step from where it is."""
    if now is target:
        return
    if not is_legal(kind, now, target):
        raise OutOfSequence(
            "This {kind} is {now}; it does not become {then} any more.",
            kind=word_of(kind),
            now=word_of(now),
            then=word_of(target),
        )
    needed = required_before(step, kind, steps)
    if needed is not None and comes_before(kind, now, needed):
        raise OutOfSequence(
            "This {kind} is {now}; before it becomes {then} it has to be {needed}.",
            kind=word_of(kind),
            now=word_of(now),
            then=word_of(target),
            needed=word_of(needed),
        )


@dataclass(frozen=True, slots=True)
class Point:
    """A station where codes are scanned."""

    id: str
    organisation_id: OrganisationId
    name: str
    room: str
    step: Step
    is_active: bool
    """A point that is retired scans no more; its name stays in the chain."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whatever has a code."""

    code: str
    """Identifier of a piece or code of a container; empty for what could not be read."""
    kind: str
    """part, block, slide, or what container it is."""
    material_id: str | None = None
    case_id: str | None = None


# Containers ---------------------------------------------------------------------------------------------


class ContainerKind(StrEnum):
    """What a container is."""

    ROOM = "room"
    CABINET = "cabinet"
    FRIDGE = "fridge"
    DRAWER = "drawer"
    BOX = "box"
    TRAY = "tray"
    RACK = "rack"


@dataclass(frozen=True, slots=True)
class Container:
    """Something with a code that pieces and other containers lie in."""

    code: str
    organisation_id: OrganisationId
    kind: ContainerKind
    name: str
    slots: int
    """Numbered places; 0 where things lie in it as they come."""

    @property
    def subject(self) -> Subject:
        return Subject(self.code, self.kind.value)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: at a point, in a container, or with somebody."""

    point_id: str = ""
    point: str = ""
    """Its name when it was said."""
    container: str = ""
    """Code of the container."""
    slot: int | None = None
    holder: str = ""
    """Whom it was lent to."""


NOWHERE = Place()
"""Nobody said where it is; whoever was the last to have it is known."""


# The chain ----------------------------------------------------------------------------------------------

FIRST_HASH = "0" * 64
"""What stands before the first event of a chain."""


class Action(StrEnum):
    """What happened to a subject."""

    SCAN = "scan"
    PUT_IN = "put_in"
    TAKE_OUT = "take_out"
    HEAR = "hear"
    """Another system said where it is, or what was done with it."""
    CORRECT = "correct"
    LEND = "lend"
    RETURN = "return"
    PROPOSE_DISCARD = "propose_discard"
    WITHDRAW_DISCARD = "withdraw_discard"
    DISCARD = "discard"
    LOSE = "lose"
    FIND = "find"
    BREAK = "break"


CORRECTABLE = frozenset(
    {
        Action.SCAN,
        Action.PUT_IN,
        Action.TAKE_OUT,
        Action.HEAR,
        Action.LOSE,
        Action.FIND,
        Action.BREAK,
    }
)


class Mishap(StrEnum):
    """What may befall a piece; each is the stage at which it is then."""

    LOST = Stage.LOST.value
    BROKEN = Stage.BROKEN.value


def mishaps_of(kind: Kind, stage: Stage) -> tuple[Mishap, ...]:
    """What may befall a piece at a stage."""
    return tuple(each for each in Mishap if is_legal(kind, stage, Stage(each)))


@dataclass(frozen=True, slots=True)
class CustodyEvent:
    """A link of the chain: never changed, never removed."""

    organisation_id: OrganisationId
    number: int
    subject: Subject
    subject_number: int
    """The how-manieth of this subject it is, from 1."""
    action: Action
    refusal: Sentence | None
    """Why it was refused; None for what happened."""
    refusal_code: str
    point_id: str
    before_place: Place
    after_place: Place
    before: str
    """Stage; empty where none was told or changed."""
    after: str
    actor_id: PersonId
    actor_name: str
    at: datetime
    """When this node heard of it."""
    occurred_at: datetime
    """When it happened, by whoever told."""
    reason: str
    reading: str
    """The code as it was read; empty where it was no code of ours, which may name a patient."""
    corrects: int | None
    """Number of the event that was a mistake."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    previous_hash: str = ""
    hash: str = ""

    @property
    def is_refused(self) -> bool:
        return self.refusal is not None


@dataclass(frozen=True, slots=True)
class PieceWasPutAway(Event):
    """A piece was put into a container, or taken out of one, and stayed at its stage."""

    organisation_id: OrganisationId
    case_id: str
    material_id: str
    number: int
    """Of the link of the chain that says so."""
    is_in: bool
    """Whether it lies in a container now."""
    is_correction: bool


@dataclass(frozen=True, slots=True)
class Located:
    """Where a piece is, for systems that ask no person."""

    containers: tuple[Container, ...]
    """That it lies in, from the one around it outwards."""
    slot: int | None
    """Its numbered place in the first."""
    point_id: str
    point: str
    """The station where it, or the outermost container, was scanned last; empty where none is known."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with the chain."""

    number: int
    said: Sentence


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at a chain, or at what it holds of one subject, came to."""

    events: int
    faults: tuple[Fault, ...]
    whole_at: datetime | None = None
    """When every link of the whole chain was looked at last; None of one subject."""

    @property
    def is_whole(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a subject is now, and who had it last."""

    subject: Subject
    place: Place
    person: str
    since: datetime
    seen_at: datetime
    """When it was scanned or handled for the last time."""
    number: int
    """The event that brought it there."""


def path_of(standings: Mapping[str, Standing], code: str) -> tuple[Place, ...]:
    """The places that something lies in, the outermost first; `standings` are those of all containers, and
    its own."""
    path: list[Place] = []
    here = standings.get(code)
    while here is not None and here.place != NOWHERE and len(path) <= MOST_NESTED:
        path.insert(0, here.place)
        here = standings.get(here.place.container) if here.place.container else None
    return tuple(path)


# Keeping and discarding ---------------------------------------------------------------------------------

RETENTION = {
    Kind.PART: timedelta(days=14),
    Kind.BLOCK: timedelta(days=3653),
    Kind.SLIDE: timedelta(days=3653),
}
"""How long a piece is kept at least after the final report: wet tissue two weeks, blocks and slides ten years
(CAP, Minimum Period of Retention of Laboratory Records and Materials, 2020)."""


class DiscardState(StrEnum):
    """How far a discard is."""

    PROPOSED = "proposed"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class DiscardedPiece:
    """A piece of a discard."""

    material_id: str
    code: str
    kind: Kind
    case_id: str
    keep_until: datetime | None
    """None where the case has no final report: then its time has not begun."""

    def is_kept(self, now: datetime) -> bool:
        """Whether its time is not over."""
        return self.keep_until is None or now < self.keep_until


@dataclass(frozen=True, slots=True)
class Discard:
    """What one person proposed to discard, and what another said to it."""

    id: str
    state: DiscardState
    reason: str
    is_early: bool
    """Whether something in it would be discarded before its time, which was said on purpose."""
    proposed_by: PersonId
    proposed_by_name: str
    proposed_at: datetime
    decided_by: PersonId | None
    decided_by_name: str | None
    decided_at: datetime | None
    pieces: tuple[DiscardedPiece, ...]


@dataclass(frozen=True, slots=True)
class Loan:
    """A block or slide that somebody else has for a time."""

    id: str
    material_id: str
    code: str
    case_id: str
    to: str
    purpose: str
    lent_by: str
    lent_at: datetime
    due_at: datetime
    returned_by: str | None
    returned_at: datetime | None
