"""Orders of clinicians and work orders, their states and the legal ways between them; panels. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from hemalum.capabilities.cases.model import (
    Case,
    CaseId,
    Identity,
    Kind,
    Material,
    MaterialId,
    Priority,
    Subspecialty,
    word_of,
)
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.events import Event
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId

REQUEST = "orders.request"
"""To ask for further work."""
PROCESS = "orders.process"
"""To accept, reject and do it."""

WorkOrderId = NewType("WorkOrderId", str)
PlacedOrderId = NewType("PlacedOrderId", str)

MOST_STAINS = 20
MOST_COPIES = 20
MOST_WORDS = 1000
MOST_STAIN = 100
MOST_SUBJECTS = 50
ROUTINE_STAIN = "H&E"


class Work(StrEnum):
    """What can be asked for."""

    DEEPER_LEVELS = "deeper_levels"
    RECUT = "recut"
    SPECIAL_STAIN = "special_stain"
    IHC = "ihc"
    ISH = "ish"
    MOLECULAR = "molecular"
    RE_EMBED = "re_embed"
    FURTHER_BLOCK = "further_block"
    """From what is left of the wet tissue."""
    RE_SCAN = "re_scan"
    RE_COVERSLIP = "re_coverslip"


CUT_FROM_BLOCKS = frozenset({Work.DEEPER_LEVELS, Work.RECUT, Work.SPECIAL_STAIN, Work.IHC, Work.ISH})
"""New slides of a block."""
NAMED_BY_STAINS = frozenset({Work.SPECIAL_STAIN, Work.IHC, Work.ISH, Work.MOLECULAR})
"""Nothing without saying which stains, antibodies, probes or tests."""
_SUBJECTS: Mapping[Work, frozenset[Kind]] = {
    **{work: frozenset({Kind.BLOCK}) for work in (*CUT_FROM_BLOCKS, Work.RE_EMBED)},
    Work.MOLECULAR: frozenset(Kind),
    Work.FURTHER_BLOCK: frozenset({Kind.PART}),
    Work.RE_SCAN: frozenset({Kind.SLIDE}),
    Work.RE_COVERSLIP: frozenset({Kind.SLIDE}),
}
OF_THE_CASE = frozenset({Work.MOLECULAR})
"""May be asked for at the case as a whole: the laboratory chooses the piece."""


def is_done_on(work: Work, kind: Kind) -> bool:
    """Whether this work is done on such a piece."""
    return kind in _SUBJECTS[work]


class WorkState(StrEnum):
    """How far a work order is."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"


_S = WorkState
_MOVES = {
    _S.REQUESTED: {_S.ACCEPTED, _S.REJECTED, _S.CANCELLED},
    _S.ACCEPTED: {_S.IN_PROGRESS, _S.DONE, _S.CANCELLED},
    _S.IN_PROGRESS: {_S.DONE, _S.CANCELLED},
    _S.REJECTED: set[WorkState](),
    _S.DONE: set[WorkState](),
    _S.CANCELLED: set[WorkState](),
}
OPEN = frozenset({_S.REQUESTED, _S.ACCEPTED, _S.IN_PROGRESS})
"""Somebody still has to do something."""
EXPLAINED = frozenset({_S.REJECTED, _S.CANCELLED})
"""Whoever brings an order there says why."""


class AlreadyDecided(Conflict):
    """Somebody else was first, or the order is past that."""

    code = "already-decided"


def next_states(now: WorkState) -> tuple[WorkState, ...]:
    """Where an order may go from here."""
    return tuple(then for then in WorkState if then in _MOVES[now])


def check_work_move(now: WorkState, then: WorkState) -> None:
    """Raise AlreadyDecided unless an order may go from one state to the other."""
    if then not in _MOVES[now]:
        raise AlreadyDecided(
            "This order is {now} already; it cannot become {then}.", now=word_of(now), then=word_of(then)
        )


@dataclass(frozen=True, slots=True)
class WorkAsked:
    """Further work as a pathologist asks for it: the same on each piece."""

    work: Work
    subject_ids: tuple[str, ...] = ()
    """Blocks, parts or slides; a slide stands for its block where blocks are cut. None for the whole case."""
    stains: tuple[str, ...] = ()
    copies: int = 1
    """Slides of each stain, or further blocks."""
    priority: Priority = Priority.ROUTINE
    reason: str = ""
    words: str = ""
    """What the bench should know besides. It names nobody."""


def check_asked(asked: WorkAsked) -> WorkAsked:
    """What was asked in the form it is kept.

    Raises:
        Invalid: something is missing, or there is too much of it.
    """
    stains = tuple(dict.fromkeys(filter(None, (" ".join(one.split()) for one in asked.stains))))
    if asked.work in NAMED_BY_STAINS and not stains:
        raise Invalid("Say which stains, antibodies, probes or tests.")
    if not stains and asked.work in CUT_FROM_BLOCKS | {Work.FURTHER_BLOCK}:
        stains = (ROUTINE_STAIN,)
    if len(stains) > MOST_STAINS or any(len(one) > MOST_STAIN for one in stains):
        raise Invalid(
            "An order has at most {most} stains of {length} characters.", most=MOST_STAINS, length=MOST_STAIN
        )
    if not 1 <= asked.copies <= MOST_COPIES:
        raise Invalid("An order asks for 1 to {most} of a kind.", most=MOST_COPIES)
    if len(asked.words) > MOST_WORDS:
        raise Invalid("At most {most} characters can be said to the bench.", most=MOST_WORDS)
    subjects = tuple(dict.fromkeys(asked.subject_ids))
    if len(subjects) > MOST_SUBJECTS:
        raise Invalid("Work is asked for on at most {most} pieces at once.", most=MOST_SUBJECTS)
    if not subjects and asked.work not in OF_THE_CASE:
        raise Invalid("Say on which part, block or slide.")
    return WorkAsked(
        asked.work, subjects, stains, asked.copies, asked.priority, asked.reason.strip(), asked.words.strip()
    )


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """Further work on one piece of a case."""

    id: WorkOrderId
    organisation_id: OrganisationId
    case_id: CaseId
    case_number: str
    serial: int
    """Within the case, from 1."""
    work: Work
    subject_id: MaterialId | None
    """None for the whole case."""
    subject: str
    """Its identifier; the number of the case where it is the whole."""
    stains: tuple[str, ...]
    copies: int
    priority: Priority
    reason: str
    words: str
    state: WorkState
    requested_by: PersonId
    requested_by_name: str
    requested_at: datetime
    decided_by_name: str | None
    """Who accepted or rejected it."""
    said: str
    """Why it was rejected or cancelled."""
    planned: tuple[MaterialId, ...]
    """Pieces that were planned for it when it was accepted."""
    known_scans: tuple[ImageId, ...]
    """Scans that its slide had when another was accepted to be made."""
    changed_at: datetime

    @property
    def called(self) -> str:
        """By what people name it within its case."""
        return f"W{self.serial}"


@dataclass(frozen=True, slots=True)
class ToldWork:
    """A work order with what other systems have to know of it."""

    order: WorkOrder
    case: Case
    identity: Identity | None
    """None where nobody is named, or the patient was erased."""
    subject: Material | None
    parent: Material | None
    """What the subject was made of."""
    planned: tuple[Material, ...]


@dataclass(frozen=True, slots=True)
class WorkOrderMoved(Event):
    """Further work was asked for, or is at another state."""

    order_id: WorkOrderId
    organisation_id: OrganisationId
    case_id: CaseId
    state: WorkState


@dataclass(frozen=True, slots=True)
class WorkQuery:
    """What to list for the bench: the most pressing first, then the oldest."""

    states: tuple[WorkState, ...] = tuple(sorted(OPEN))
    work: Work | None = None
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Panel:
    """Stains that are usually asked for together."""

    names: Mapping[str, str]
    """By language."""
    work: Work
    stains: tuple[str, ...]
    fields: tuple[Subspecialty, ...] = ()
    """Where it is usual; everywhere if empty."""


@dataclass(frozen=True, slots=True)
class Panels:
    """The usual stains of a laboratory."""

    stains: Mapping[Work, tuple[str, ...]]
    panels: tuple[Panel, ...]


# What cases begin with ----------------------------------------------------------------------------------


class PlacedState(StrEnum):
    """How far an order of a clinician is (FHIR R4, request status)."""

    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    REVOKED = "revoked"
    COMPLETED = "completed"


_P = PlacedState
_PLACED_MOVES = {
    _P.DRAFT: {_P.ACTIVE, _P.REVOKED},
    _P.ACTIVE: {_P.ON_HOLD, _P.REVOKED, _P.COMPLETED},
    _P.ON_HOLD: {_P.ACTIVE, _P.REVOKED, _P.COMPLETED},
    _P.REVOKED: set[PlacedState](),
    _P.COMPLETED: set[PlacedState](),
}
STANDING = frozenset({_P.DRAFT, _P.ACTIVE, _P.ON_HOLD})
"""Still to be fulfilled."""
BY_PEOPLE = (_P.ACTIVE, _P.ON_HOLD, _P.REVOKED)
"""Where people bring an order; it is completed by the report of its case."""


def next_placed_states(now: PlacedState) -> tuple[PlacedState, ...]:
    """Where people may bring an order from here."""
    return tuple(then for then in BY_PEOPLE if then in _PLACED_MOVES[now])


def check_placed_move(now: PlacedState, then: PlacedState) -> None:
    """Raise AlreadyDecided unless an order may go from one state to the other."""
    if then not in _PLACED_MOVES[now]:
        raise AlreadyDecided(
            "This order is {now} already; it cannot become {then}.", now=word_of(now), then=word_of(then)
        )


@dataclass(frozen=True, slots=True)
class PlacedAsked:
    """An order of a clinician, as the case that it becomes is accessioned. Who asked for it and why is kept
    sealed with the case."""

    issuer: str
    """Who gave the number; empty where nobody said."""
    number: str
    """The placer's."""
    specimen_ids: tuple[MaterialId, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order of a clinician, and the case that it became."""

    id: PlacedOrderId
    organisation_id: OrganisationId
    case_id: CaseId
    issuer: str
    number: str
    case_number: str
    """The filler's number."""
    state: PlacedState
    specimen_ids: tuple[MaterialId, ...]
    wants_revocation: bool
    """Whoever placed it took it back when the case was begun: people decide."""
    placed_at: datetime
    changed_at: datetime
