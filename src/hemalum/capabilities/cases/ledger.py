"""What all work on cases shares: who may do it, what is written down of it, who is shown the patient."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from hemalum.capabilities.cases import (
    arrival_store,
    blinding,
    event_store,
    patient_store,
    policy,
    scan_store,
    store,
)
from hemalum.capabilities.cases.model import (
    ON_THE_BENCH,
    Case,
    CaseEvent,
    CaseStatus,
    CaseStatusChanged,
    Identity,
    Kind,
    Material,
    MaterialMoved,
    PatientId,
    Stage,
    check_case_move,
    due_at,
)
from hemalum.capabilities.cases.policy import CaseGate
from hemalum.capabilities.cases.vault import Vault
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import Invalid
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.runtime import outbox
from hemalum.runtime.policy import Place

VIEW_IMAGE = "slides.view"
VIEW_CLINICAL = "slides.view_clinical"

_TOLD_AGAIN_AFTER_S = 900.0
_MOST_TOLD = 20_000
_CLOCK_TOLERANCE = timedelta(minutes=5)
MOST_REASON = 500


MOVE_MATERIAL = "move_material"
CORRECT_MATERIAL = "correct_material"
"""What the history of a case calls it."""


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case in a list, as somebody may see it."""

    case: Case
    identity: Identity | None
    """None where nobody stated a patient, where the patient was erased, and where it is withheld."""
    is_withheld: bool
    """Whether there is a patient whom they may not know."""
    first_image_id: ImageId | None
    """The newest scan of the first slide of which they may see one."""
    patient_id: PatientId | None
    """Who the patient is now, after all mergers, where they are told."""


@dataclass(frozen=True, slots=True)
class ShownCase(ListedCase):
    """A case with its material."""

    material: tuple[Material, ...]
    """With those images only that they may see."""


class Shown:
    """Which patients were shown to whom a moment ago, so that the log is told once and not at every
    glance."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[tuple[str, str, str], float] = {}
        self._lock = threading.Lock()

    def fresh(self, actor: Actor, ids: Sequence[str]) -> list[str]:
        """Those of these cases whose patients were not shown in this session lately."""
        now = self._now()
        return [one for one in ids if self._until.get(_who(actor, one), 0.0) <= now]

    def keep(self, actor: Actor, ids: Sequence[str]) -> None:
        """Count them as shown, once that stands in the log."""
        now = self._now()
        with self._lock:
            if len(self._until) > _MOST_TOLD:
                self._until = {key: until for key, until in self._until.items() if until > now}
            for one in ids:
                self._until[_who(actor, one)] = now + _TOLD_AGAIN_AFTER_S


def _who(actor: Actor, shown: str) -> tuple[str, str, str]:
    return actor.person_id, actor.session_id, shown


@dataclass(frozen=True)
class Ledger:
    """The database, the slides, the policies and the vault, together with what everything is written into."""

    slides: Slides
    place_of: Callable[[OrganisationId], Place]
    vault: Vault
    gate: CaseGate
    clock: Clock = utc_now
    shown: Shown = field(default_factory=Shown)

    @property
    def database(self) -> sa.Engine:
        return self.slides.database

    @property
    def zone(self) -> ZoneInfo:
        """By whose clock the laboratory counts days and years."""
        return ZoneInfo(self.slides.settings.time_zone)

    # Who may --------------------------------------------------------------------------------------------

    def ask(self, actor: Actor, *actions: str) -> Actor:
        """The actor with a purpose, if they may do all of this to cases of their organisation.

        Raises:
            NotPermitted: they may not.
        """
        now = self.clock()
        asking = self.slides.gate.with_purpose(actor, now)
        place = self.place_of(actor.organisation_id)
        for action in actions:
            self.gate.check(asking, action, place, now)
        return asking

    def may(self, actor: Actor, action: str, *, is_blinded: bool = False) -> bool:
        """Whether somebody whom `ask` gave may do this, too."""
        place = self.place_of(actor.organisation_id)
        return self.gate.allows(actor, action, place, self.clock(), is_blinded=is_blinded)

    # Showing --------------------------------------------------------------------------------------------

    def show(self, connection: sa.Connection, actor: Actor, cases: Sequence[Case]) -> list[ShownCase]:
        """Cases as somebody whom `ask` gave may see them. That they see patients is recorded first.

        Whoever may not read the clinical data of one image of a case is not told whose case it is.
        """
        pieces: dict[str, list[Material]] = {case.id: [] for case in cases}
        for piece in store.list_material(connection, list(pieces)):
            pieces[piece.case_id].append(piece)
        scans = {case_id: [piece.image_ids for piece in of_case] for case_id, of_case in pieces.items()}
        listed, seen = self._list(connection, actor, cases, scans)
        return [
            ShownCase(
                one.case,
                one.identity,
                one.is_withheld,
                one.first_image_id,
                one.patient_id,
                tuple(_with_images(piece, seen) for piece in pieces[one.case.id]),
            )
            for one in listed
        ]

    def show_listed(self, connection: sa.Connection, actor: Actor, cases: Sequence[Case]) -> list[ListedCase]:
        """The same without the material: for lists, where it is half of the time."""
        scans = scan_store.list_scans(connection, [case.id for case in cases])
        return self._list(connection, actor, cases, scans)[0]

    def _list(
        self,
        connection: sa.Connection,
        actor: Actor,
        cases: Sequence[Case],
        scans: Mapping[str, Sequence[Sequence[ImageId]]],
    ) -> tuple[list[ListedCase], frozenset[str]]:
        """Also which of the scans, given by case and slide, they may see."""
        images = [image for slides in scans.values() for scans_of_one in slides for image in scans_of_one]
        may_know = self.may(actor, policy.VIEW_PATIENT)
        actions = (VIEW_IMAGE, VIEW_CLINICAL) if may_know else (VIEW_IMAGE,)
        seen, *others = self.slides.narrow(connection, actor, images, *actions)
        clinical = frozenset[str]().union(*others)
        patients = [case.patient_id for case in cases if case.patient_id is not None]
        known = patient_store.survivors(connection, patients)
        if may_know:
            self.vault.foresee(one.id for one in known.values())
        identities: dict[PatientId, Identity | None] = {}
        blinded = blinding.blinded_among(connection, actor.person_id, [case.id for case in cases])
        listed = []
        for case in cases:
            slides = scans.get(case.id, ())
            tells = may_know and clinical.issuperset(chain.from_iterable(slides))
            patient = None if case.patient_id is None else known.get(case.patient_id)
            identity = None
            if patient is not None and tells:
                if patient.id not in identities:
                    identities[patient.id] = self.vault.open_identity(patient.id, patient.sealed)
                identity = identities[patient.id]
            visible = (image for of_one in slides for image in reversed(of_one) if image in seen)
            patient_id = None if patient is None or identity is None else patient.id
            is_withheld = patient is not None and not tells
            told = blinding.without_reader(case) if case.id in blinded else _with_mark(case, seen)
            listed.append(ListedCase(told, identity, is_withheld, next(visible, None), patient_id))
        self.tell_shown(actor, [one.case for one in listed if one.identity is not None])
        return listed, seen

    def tell_shown(self, actor: Actor, cases: Sequence[Case]) -> None:
        """Record that somebody is shown the patients of these cases, unless they were a moment ago."""
        fresh = self.shown.fresh(actor, [case.id for case in cases])
        if not fresh:
            return
        target = f"case/{fresh[0]}" if len(fresh) == 1 else ""
        detail = {} if target else {"cases": fresh}
        self.slides.record(
            Record(
                policy.VIEW_PATIENT,
                actor,
                target=target,
                organisation_id=actor.organisation_id,
                detail=detail,
            )
        )
        self.shown.keep(actor, fresh)

    # Writing down ---------------------------------------------------------------------------------------

    def note(
        self,
        connection: sa.Connection,
        case: Case,
        actor: Actor | None,
        action: str,
        *,
        subject: str = "case",
        before: str | None = None,
        after: str | None = None,
        occurred_at: datetime | None = None,
        reason: str = "",
        detail: Mapping[str, Any] | None = None,
        capability: str = "cases",
    ) -> None:
        """Write down what happened to a case, in its history and in the log of the node.

        `capability` is which one did it; `detail` stands in the history alone.
        """
        now = self.clock()
        event = CaseEvent(
            0,
            case.id,
            subject,
            action,
            before,
            after,
            None if actor is None else actor.person_id,
            None if actor is None else actor.called,
            now,
            occurred_at or now,
            reason,
            detail or {},
        )
        told = {"subject": subject, "before": before, "after": after}
        self.slides.record(
            Record(
                f"{capability}.{action}",
                actor,
                target=f"case/{case.id}",
                organisation_id=case.organisation_id,
                detail={name: value for name, value in told.items() if value is not None},
            )
        )
        event_store.add_event(connection, case.organisation_id, event)

    def occurred(self, at: datetime | None) -> datetime:
        """When something happened, by whoever tells; now, where they do not say.

        Raises:
            Invalid: it lies ahead, or has no zone.
        """
        now = self.clock()
        if at is None:
            return now
        if at.tzinfo is None:
            raise Invalid("A time needs its zone, as in 2026-11-28T09:30:00+08:00.")
        if at > now + _CLOCK_TOLERANCE:
            raise Invalid("What lies ahead has not happened.")
        return at

    def set_status(
        self,
        connection: sa.Connection,
        case: Case,
        actor: Actor | None,
        then: CaseStatus,
        *,
        reason: str = "",
        **values: Any,
    ) -> Case:
        """A case that went to another status; written down.

        Raises:
            IllegalMove: it cannot.
        """
        check_case_move(case.status, then)
        if then is CaseStatus.ACCESSIONED:
            values |= self._from_arrival(connection, case)
        now = self.clock()
        before, after = case.status.value, then.value
        self.note(connection, case, actor, "move_case", before=before, after=after, reason=reason)
        store.change_case(connection, case, now, status=after, **values)
        outbox.publish(connection, CaseStatusChanged(now, case.id, case.organisation_id, case.status, then))
        return replace(case, status=then, changed_at=now, **values)

    def _from_arrival(self, connection: sa.Connection, case: Case) -> dict[str, datetime]:
        """When the material of a case came that was ordered only, and until when it is to be done from then
        on, unless a person stated that."""
        came_at = arrival_store.find_arrival(connection, case.id) or self.clock()
        calendar = arrival_store.calendar_of(connection, case.organisation_id, self.zone)
        is_stated = case.due_at != due_at(case.priority, case.received_at, calendar)
        due = case.due_at if is_stated else due_at(case.priority, came_at, calendar)
        return {"received_at": came_at, "due_at": due}

    def set_stage(
        self,
        connection: sa.Connection,
        case: Case,
        actor: Actor | None,
        piece: Material,
        then: Stage,
        *,
        action: str = MOVE_MATERIAL,
        occurred_at: datetime | None = None,
        reason: str = "",
    ) -> Material:
        """A piece at another stage; written down. Whether it can go there is the caller's to know."""
        now = self.clock()
        self.note(
            connection,
            case,
            actor,
            action,
            subject=piece.identifier,
            before=piece.stage.value,
            after=then.value,
            occurred_at=occurred_at,
            reason=reason,
        )
        store.set_stage(connection, piece.id, then)
        moved = MaterialMoved(
            now,
            piece.id,
            case.organisation_id,
            case.id,
            piece.stage,
            then,
            occurred_at or now,
            action == CORRECT_MATERIAL,
        )
        outbox.publish(connection, moved)
        return replace(piece, stage=then)

    def follow(self, connection: sa.Connection, case: Case) -> Case:
        """Bring counts and status of a case after its material; what the node concludes has no actor."""
        case = store.recount(connection, case, self.clock())
        if case.status not in ON_THE_BENCH:
            return case
        pieces = store.list_material(connection, [case.id])
        if case.status is CaseStatus.REGISTERED and any(_has_come(piece) for piece in pieces):
            case = self.set_status(connection, case, None, CaseStatus.ACCESSIONED)
        if case.status is CaseStatus.ACCESSIONED and any(_is_worked_on(piece) for piece in pieces):
            case = self.set_status(connection, case, None, CaseStatus.IN_PROCESS)
        is_scanned = 0 < case.slides_total == case.slides_scanned
        if case.status is CaseStatus.IN_PROCESS and is_scanned:
            case = self.set_status(connection, case, None, CaseStatus.READY)
            if case.assignee_id is not None:
                case = self.set_status(connection, case, None, CaseStatus.ASSIGNED)
        return case

    def patient_of(self, connection: sa.Connection, case: Case) -> PatientId | None:
        """Who the patient of a case is now, after all mergers."""
        if case.patient_id is None:
            return None
        found = patient_store.survivors(connection, [case.patient_id]).get(case.patient_id)
        return None if found is None else found.id


def check_reason(reason: str, *, needed: bool = False) -> str:
    """The reason in the form it is kept.

    Raises:
        Invalid: it is needed and missing, or too long.
    """
    said = reason.strip()
    if needed and not said:
        raise Invalid("This needs a reason.")
    if len(said) > MOST_REASON:
        raise Invalid("A reason has at most {most} characters.", most=MOST_REASON)
    return said


def _with_mark(case: Case, seen: frozenset[str]) -> Case:
    """A case with what models say of it, unless that is of a scan that somebody may not see."""
    mark = case.mark
    is_told = mark is None or mark.image_id is None or mark.image_id in seen
    return case if is_told else replace(case, mark=None)


def _with_images(piece: Material, seen: frozenset[str]) -> Material:
    """A piece with those of its images only that somebody sees."""
    if seen.issuperset(piece.image_ids):
        return piece
    return replace(piece, image_ids=tuple(image for image in piece.image_ids if image in seen))


def _has_come(piece: Material) -> bool:
    # What is lost or broken may have been so on its way. Where it had come, the case went on then.
    waiting = (Stage.EXPECTED, Stage.COLLECTED, Stage.IN_TRANSIT, Stage.LOST, Stage.BROKEN)
    return piece.kind is Kind.PART and piece.stage not in waiting


def _is_worked_on(piece: Material) -> bool:
    if piece.kind is Kind.PART:
        return piece.stage in (Stage.GROSSED, Stage.STORED)
    return piece.stage not in (Stage.PLANNED, Stage.CANCELLED)
