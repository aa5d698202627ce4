"""Critical results: what somebody has to hear at once, who was called, and what they read back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.cases.model import Case, PatientId
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.reports import critical_store, policy
from hemalum.capabilities.reports.model import ReportWithheld
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.ids import new_id
from hemalum.kernel.typed import typed_json
from hemalum.runtime.db import reading, transaction

MOST_STATEMENT = 2_000
_MOST_CALLS = 50


@dataclass(frozen=True, slots=True)
class Call:
    """An attempt to tell somebody."""

    to: str
    """Name and function, as in `Dr Wu, ward 3`."""
    was_reached: bool
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That who was called understood."""

    by: str
    read_back: str
    """What they repeated, in their words."""
    at: datetime
    written_by: str


@dataclass(frozen=True, slots=True)
class Critical:
    """A result that must not wait for a report."""

    statement: str
    calls: tuple[Call, ...] = ()
    acknowledgement: Acknowledgement | None = None


@dataclass(frozen=True, slots=True)
class ShownCritical:
    """A critical result of a case."""

    id: str
    case: Case
    critical: Critical | None
    """None where the patient was erased."""
    flagged_by: str
    flagged_at: datetime
    acknowledged_at: datetime | None


@dataclass(frozen=True)
class CriticalResults:
    """Flags critical results and keeps who was told."""

    cases: Cases

    def list_open(self, actor: Actor) -> list[ShownCritical]:
        """Those of the actor's organisation that nobody acknowledged yet, the oldest first.

        Raises:
            NotPermitted: the actor may not know patients.
        """
        asking = self.cases.ledger.ask(actor, policy.READ)
        with reading(self.cases.ledger.database) as connection:
            rows = critical_store.list_open(connection, asking.organisation_id)
            return self._shown(connection, asking, rows)

    def list_of(self, actor: Actor, case_id: str) -> list[ShownCritical]:
        """Those of one case, the oldest first. Raises as `list_open` does, and NotFound."""
        asking = self.cases.ledger.ask(actor, policy.READ)
        with reading(self.cases.ledger.database) as connection:
            self.cases.reporting.find(connection, asking, case_id)
            return self._shown(connection, asking, critical_store.list_of(connection, case_id))

    def flag(self, actor: Actor, case_id: str, statement: str) -> ShownCritical:
        """Say that somebody has to hear this at once.

        Raises:
            NotFound: there is no such case.
            NotPermitted, ReportWithheld: the actor may not write reports, or not know this patient.
            Invalid: nothing is said, or too much.
        """
        asking = self.cases.ledger.ask(actor, policy.READ, policy.WRITE)
        said = _said(statement)
        reporting = self.cases.reporting
        with transaction(self.cases.ledger.database) as connection:
            case = reporting.hold(connection, asking, case_id)
            self._check_told(connection, asking, case)
            critical_id, now = new_id(), self.cases.ledger.clock()
            row = critical_store.Row(
                critical_id,
                case.id,
                case.patient_id,
                self._sealed(case.patient_id, critical_id, Critical(said)),
                asking.called,
                now,
                None,
            )
            critical_store.add(connection, case.organisation_id, row)
            reporting.note(connection, case, asking, "flag_critical", "report")
        return ShownCritical(critical_id, case, Critical(said), asking.called, now, None)

    def call(
        self, actor: Actor, critical_id: str, to: str, *, was_reached: bool, at: datetime | None = None
    ) -> ShownCritical:
        """Write down that somebody was called.

        Raises:
            NotFound: there is no such critical result for the actor.
            Conflict: it is acknowledged already, or too many calls were made.
            Invalid: it is not said who was called, or the call lies ahead.
        """
        when = self.cases.ledger.occurred(at)
        called = Call(_said(to), was_reached, actor.called, when)

        def add(critical: Critical) -> Critical:
            if len(critical.calls) >= _MOST_CALLS:
                raise Conflict("More calls than {most} are not kept.", most=_MOST_CALLS)
            return replace(critical, calls=(*critical.calls, called))

        return self._change(actor, critical_id, "call_critical", add)

    def acknowledge(
        self, actor: Actor, critical_id: str, by: str, read_back: str, at: datetime | None = None
    ) -> ShownCritical:
        """Write down that whoever was called repeated it rightly.

        Raises:
            NotFound: there is no such critical result for the actor.
            Conflict: it is acknowledged already, or nobody was reached.
            Invalid: it is not said who repeated what.
        """
        when = self.cases.ledger.occurred(at)
        given = Acknowledgement(_said(by), _said(read_back), when, actor.called)

        def end(critical: Critical) -> Critical:
            if not any(one.was_reached for one in critical.calls):
                raise Conflict("Nobody was reached yet.")
            return replace(critical, acknowledgement=given)

        return self._change(actor, critical_id, "acknowledge_critical", end)

    def _change(
        self, actor: Actor, critical_id: str, action: str, change: Callable[[Critical], Critical]
    ) -> ShownCritical:
        asking = self.cases.ledger.ask(actor, policy.READ, policy.WRITE)
        reporting = self.cases.reporting
        with transaction(self.cases.ledger.database) as connection:
            row = critical_store.find(connection, asking.organisation_id, critical_id)
            if row is None:
                raise NotFound("There is no such critical result.")
            case = reporting.hold(connection, asking, row.case_id)
            self._check_told(connection, asking, case)
            row = critical_store.find(connection, asking.organisation_id, critical_id) or row
            critical = self._opened(row)
            if critical is None:
                raise Conflict("The patient of this case was erased, and the report with them.")
            if critical.acknowledgement is not None:
                raise Conflict("This critical result is acknowledged already.")
            changed = change(critical)
            end = None if changed.acknowledgement is None else self.cases.ledger.clock()
            sealed = self._sealed(row.patient_id, critical_id, changed)
            critical_store.change(connection, critical_id, sealed, end)
            reporting.note(connection, case, asking, action, "report")
        return ShownCritical(critical_id, case, changed, row.flagged_by, row.flagged_at, end)

    def _shown(
        self, connection: sa.Connection, asking: Actor, rows: Sequence[critical_store.Row]
    ) -> list[ShownCritical]:
        """Those whose patients the actor may know. That they are read is recorded."""
        shown = []
        for row in rows:
            case = self.cases.reporting.find(connection, asking, row.case_id)
            if self.cases.reporting.is_withheld(connection, asking, case):
                continue
            self.cases.reporting.tell_read(asking, case)
            shown.append(
                ShownCritical(
                    row.id, case, self._opened(row), row.flagged_by, row.flagged_at, row.acknowledged_at
                )
            )
        return shown

    def _check_told(self, connection: sa.Connection, asking: Actor, case: Case) -> None:
        if self.cases.reporting.is_withheld(connection, asking, case):
            raise ReportWithheld("The report is kept from you together with the patient of this case.")

    def _sealed(self, patient_id: PatientId | None, critical_id: str, critical: Critical) -> bytes:
        content = msgspec.json.encode(critical)
        return self.cases.ledger.vault.seal_text(patient_id, f"critical/{critical_id}", content)

    def _opened(self, row: critical_store.Row) -> Critical | None:
        opened = self.cases.ledger.vault.open_text(row.patient_id, f"critical/{row.id}", row.sealed)
        return None if opened is None else typed_json(opened, Critical)


def _said(text: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid("State what was found, who was called, what they repeated.")
    if len(said) > MOST_STATEMENT:
        raise Invalid("At most {most} characters are kept here.", most=MOST_STATEMENT)
    return said
