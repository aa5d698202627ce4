"""What happens to a case by its report, in the transaction that writes the report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases import blinding, patient_store, policy, scan_store, store
from hemalum.capabilities.cases.ledger import VIEW_CLINICAL, Ledger, check_reason
from hemalum.capabilities.cases.model import ON_THE_BENCH, Case, CaseStatus, Identity, Kind, Request
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict
from hemalum.kernel.ids import ImageId

WROTE_REPORT = "write_report"
"""The event of a case whose report was begun on this node."""
_CAPABILITY = "reports"
_WAY = (CaseStatus.ASSIGNED, CaseStatus.DRAFT, CaseStatus.PRELIMINARY)


@dataclass(frozen=True)
class Reporting:
    """Cases as their reports see them."""

    ledger: Ledger

    def hold(self, connection: sa.Connection, actor: Actor, case_id: str) -> Case:
        """The case, held for this transaction.

        Raises:
            NotFound: there is none in the actor's organisation.
        """
        return store.get_case(connection, actor.organisation_id, case_id, to_write=True)

    def find(self, connection: sa.Connection, actor: Actor, case_id: str) -> Case:
        """The case, to look at. Raises as `hold` does."""
        return store.get_case(connection, actor.organisation_id, case_id)

    def find_for_node(
        self, connection: sa.Connection, organisation_id: str, case_id: str
    ) -> tuple[Case, Identity | None]:
        """A case with its patient, for what the node does by itself; None where they were erased.

        Raises:
            NotFound: there is no such case in the organisation.
        """
        case = store.get_case(connection, organisation_id, case_id)
        known = patient_store.survivors(connection, [case.patient_id] if case.patient_id else [])
        patient = known.get(case.patient_id) if case.patient_id else None
        identity = None if patient is None else self.ledger.vault.open_identity(patient.id, patient.sealed)
        return case, identity

    def request_for_node(self, connection: sa.Connection, case: Case) -> Request | None:
        """What was asked, for what the node does by itself; None where nothing was, or it was erased."""
        sealed = store.read_request(connection, case.id) if case.has_request else None
        if sealed is None or case.patient_id is None:
            return None
        return self.ledger.vault.open_request(case.patient_id, sealed)

    def images_of(self, connection: sa.Connection, case: Case) -> set[str]:
        """Ids of the scans of its slides."""
        return {image for scans in _scans_of(connection, case) for image in scans}

    def newest_scans_of(self, connection: sa.Connection, case: Case) -> list[ImageId]:
        """Of each of its slides the scan that counts, for what is summed up over a case: glass that was
        scanned twice is there once."""
        return sorted(scans[-1] for scans in _scans_of(connection, case))

    def organs_of(self, connection: sa.Connection, case_ids: Sequence[str]) -> dict[str, list[str]]:
        """By case, the organs of its parts as they were stated, each once; a case without any is left out."""
        found: dict[str, list[str]] = {}
        for piece in store.list_material(connection, case_ids):
            organs = found.setdefault(piece.case_id, [])
            if piece.kind is Kind.PART and piece.organ and piece.organ not in organs:
                organs.append(piece.organ)
        return {case_id: organs for case_id, organs in found.items() if organs}

    def is_withheld(self, connection: sa.Connection, actor: Actor, case: Case) -> bool:
        """Whether its report is kept from somebody whom `ask` gave: they read the case a second time without
        knowing it, or the clinical data of one of its images are kept from them."""
        if self.is_blinded(connection, actor, case):
            return True
        images = self.images_of(connection, case)
        (clinical,) = self.ledger.slides.narrow(connection, actor, images, VIEW_CLINICAL)
        return not images <= clinical

    def is_blinded(self, connection: sa.Connection, actor: Actor, case: Case) -> bool:
        """Whether somebody whom `ask` gave may not know yet what was said of a case."""
        found = blinding.blinded_among(connection, actor.person_id, [case.id])
        return not self.ledger.may(actor, policy.VIEW_PATIENT, is_blinded=bool(found))

    def blind(self, connection: sa.Connection, case: Case, person_id: str) -> None:
        """Keep from somebody what was said of a case until `unblind`. Safe to repeat."""
        blinding.blind(connection, case.id, person_id)

    def unblind(self, connection: sa.Connection, case_id: str, person_id: str) -> None:
        """Let them know it again."""
        blinding.unblind(connection, case_id, person_id)

    def tell_read(self, actor: Actor, case: Case) -> None:
        """Record that somebody reads the report of a case, unless they did a moment ago."""
        fresh = self.ledger.shown.fresh(actor, [f"report/{case.id}"])
        if fresh:
            self.tell(actor, case, "view")
            self.ledger.shown.keep(actor, fresh)

    def tell(self, actor: Actor, case: Case, action: str, **detail: Any) -> None:
        """Record in the log of the node alone what somebody did to a report."""
        self.ledger.slides.record(
            Record(
                f"{_CAPABILITY}.{action}",
                actor,
                target=f"case/{case.id}",
                organisation_id=case.organisation_id,
                detail=detail,
            )
        )

    def note(
        self, connection: sa.Connection, case: Case, actor: Actor, action: str, subject: str, reason: str = ""
    ) -> None:
        """Write down in the history of the case, and in the log, what happened to its report."""
        self.ledger.note(
            connection, case, actor, action, subject=subject, reason=reason, capability=_CAPABILITY
        )

    def begin(self, connection: sa.Connection, actor: Actor, case: Case) -> Case:
        """The case once its report is drafted; whoever drafts a case that nobody has takes it.

        What lies on the bench goes on there: a gross description is written before there are slides.
        """
        if case.status in ON_THE_BENCH or case.status is CaseStatus.AMENDED:
            return case
        return self._bring(connection, actor, case, CaseStatus.DRAFT)

    def hand_over(self, connection: sa.Connection, actor: Actor, case: Case) -> Case:
        """The case once its report is preliminary.

        Raises:
            Conflict: its material is still on the bench.
        """
        return (
            case
            if case.status is CaseStatus.AMENDED
            else self._bring(connection, actor, case, CaseStatus.PRELIMINARY)
        )

    def sign_out(self, connection: sa.Connection, actor: Actor, case: Case, reason: str) -> Case:
        """The case once its report is signed.

        Raises:
            NotPermitted: the actor may not sign out.
            Conflict: its material is still on the bench.
        """
        self.ledger.ask(actor, policy.SIGN_OUT)
        if case.status not in (CaseStatus.PRELIMINARY, CaseStatus.AMENDED):
            case = self._bring(connection, actor, case, CaseStatus.DRAFT)
        return self.ledger.set_status(connection, case, actor, CaseStatus.FINAL, reason=reason)

    def reopen(self, connection: sa.Connection, actor: Actor, case: Case, reason: str) -> Case:
        """A case that was final, to be signed once more.

        Raises:
            NotPermitted: the actor may not sign out.
            IllegalMove: it is not final.
            Invalid: there is no reason.
        """
        self.ledger.ask(actor, policy.SIGN_OUT)
        said = check_reason(reason, needed=True)
        return self.ledger.set_status(connection, case, actor, CaseStatus.AMENDED, reason=said)

    def withdraw(self, connection: sa.Connection, actor: Actor, case: Case, reason: str) -> Case:
        """A case that was being amended, final as it was.

        Raises:
            NotPermitted: the actor may not sign out.
            IllegalMove: it is not being amended.
            Invalid: there is no reason, or it is too long.
        """
        self.ledger.ask(actor, policy.SIGN_OUT)
        said = check_reason(reason, needed=True)
        return self.ledger.set_status(connection, case, actor, CaseStatus.FINAL, reason=said)

    def _bring(self, connection: sa.Connection, actor: Actor, case: Case, then: CaseStatus) -> Case:
        if case.status in ON_THE_BENCH:
            raise Conflict("The material of this case is still on the bench; bring the case to ready first.")
        if case.status is CaseStatus.READY:
            case = self._take(connection, actor, case)
        if case.status is CaseStatus.PRELIMINARY and then is CaseStatus.DRAFT:
            return self.ledger.set_status(connection, case, actor, then)
        while case.status in _WAY and _WAY.index(case.status) < _WAY.index(then):
            following = _WAY[_WAY.index(case.status) + 1]
            case = self.ledger.set_status(connection, case, actor, following)
        return case

    def _take(self, connection: sa.Connection, actor: Actor, case: Case) -> Case:
        self.ledger.note(connection, case, actor, "assign", before=None, after=actor.person_id)
        given = {"assignee_id": actor.person_id, "assignee_name": actor.called}
        store.change_case(connection, case, self.ledger.clock(), **given)
        case = replace(case, assignee_id=actor.person_id, assignee_name=actor.called)
        return self.ledger.set_status(connection, case, actor, CaseStatus.ASSIGNED)


def _scans_of(connection: sa.Connection, case: Case) -> list[list[ImageId]]:
    """The scans of each of its slides that has one, the newest last."""
    return scan_store.list_scans(connection, [case.id]).get(case.id, [])
