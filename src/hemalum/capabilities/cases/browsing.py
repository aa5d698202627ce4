"""Cases as other systems look for them: in the order of their ids, part by part, with what was asked."""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from hemalum.capabilities.cases import event_store, patient_store, policy, store
from hemalum.capabilities.cases.ledger import Ledger, ShownCase
from hemalum.capabilities.cases.model import CaseSearch, CaseStatus, PatientId, Request
from hemalum.kernel.actor import Actor
from hemalum.runtime.db import reading


@dataclass(frozen=True, slots=True)
class Browsed:
    """A case as somebody may see it, with what belongs to its patient."""

    shown: ShownCase
    patient_id: PatientId | None
    """Who the patient is now, after all mergers; None where nobody may be told, or nobody was stated."""
    request: Request | None
    """None where the patient is."""
    was_cancelled: bool
    """Whether the case ended and never was final."""


@dataclass(frozen=True)
class Browsing:
    """The cases of a node for programs."""

    ledger: Ledger

    def browse(
        self, actor: Actor, wanted: CaseSearch, after: str = "", limit: int = 50
    ) -> tuple[list[Browsed], str | None]:
        """Cases of the actor's organisation, those after one id; and after which id others are, if any.

        Whose they are is told, and recorded, as it is on the screen. Whoever may not know patients finds
        nothing by a patient.

        Raises:
            NotPermitted: the actor sees no cases, or not for this purpose.
        """
        asking = self.ledger.ask(actor, policy.VIEW)
        may_know = self.ledger.may(asking, policy.VIEW_PATIENT)
        if wanted.patient_ids is not None and not may_know:
            return [], None
        with reading(self.ledger.database) as connection:
            asked = self._with_mergers(connection, wanted)
            found = store.browse(connection, asking.organisation_id, asked, after, limit + 1)
            shown = self.ledger.show(connection, asking, found[:limit])
            if wanted.patient_ids is not None:
                shown = [one for one in shown if one.identity is not None]
            browsed = [self._browsed(connection, one) for one in shown]
        return browsed, found[limit - 1].id if len(found) > limit else None

    def _with_mergers(self, connection: sa.Connection, wanted: CaseSearch) -> CaseSearch:
        if wanted.patient_ids is None:
            return wanted
        roots = {one.id for one in patient_store.survivors(connection, wanted.patient_ids).values()}
        return replace(wanted, patient_ids=tuple(sorted(patient_store.merged_into(connection, roots))))

    def _browsed(self, connection: sa.Connection, shown: ShownCase) -> Browsed:
        case = shown.case
        is_over = case.status is CaseStatus.ENDED
        was_cancelled = is_over and not event_store.newest_moves(
            connection, [case.id], CaseStatus.FINAL.value
        )
        if shown.identity is None or case.patient_id is None:
            return Browsed(shown, None, None, was_cancelled)
        sealed = store.read_request(connection, case.id) if case.has_request else None
        request = None if sealed is None else self.ledger.vault.open_request(case.patient_id, sealed)
        return Browsed(shown, shown.patient_id, request, was_cancelled)
