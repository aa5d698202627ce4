"""Who reads which case."""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases import policy, store
from hemalum.capabilities.cases.ledger import Ledger, ShownCase, check_reason
from hemalum.capabilities.cases.model import CLOSED, ON_THE_BENCH, Case, CaseStatus
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.kernel.ids import PersonId
from hemalum.runtime.db import reading, transaction

READERS = frozenset({Role.PATHOLOGIST, Role.JUNIOR_PATHOLOGIST, Role.ON_CALL_SPECIALIST})


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whom a case can be given to."""

    id: PersonId
    name: str


@dataclass(frozen=True)
class Assigning:
    """The readers of a node, and what they are given."""

    ledger: Ledger
    access: Access

    def list_readers(self, actor: Actor) -> list[Reader]:
        """Whom a case of the actor's organisation can be given to, by name."""
        self.ledger.ask(actor, policy.VIEW)
        found = self.access.people.list_holders(actor.organisation_id, READERS)
        return [Reader(each.id, each.display_name) for each in found]

    def assign(self, actor: Actor, case_id: str, person_id: str | None, reason: str = "") -> ShownCase:
        """Give a case to somebody, hand it over, or let nobody have it.

        A case that is ready is then assigned, and ready again when nobody has it. Whoever reports may take a
        case themselves; to give one to others is a permission of its own.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such case, or nobody of this id reads here.
            Conflict: the case is closed, or was begun and would be nobody's.
            Invalid: a hand-over without its reason.
        """
        takes = person_id == actor.person_id
        asking = self.ledger.ask(actor, policy.VIEW)
        if not (takes and self.ledger.may(asking, policy.REPORT)):
            self.ledger.ask(asking, policy.ASSIGN)
        reader = None if person_id is None else self._reader(actor, person_id)
        with transaction(self.ledger.database) as connection:
            case = store.get_case(connection, asking.organisation_id, case_id, to_write=True)
            if case.status in CLOSED:
                raise Conflict("This case is closed.")
            if case.assignee_id != person_id:
                self._assign(connection, asking, case, reader, reason)
        with reading(self.ledger.database) as connection:
            case = store.get_case(connection, asking.organisation_id, case_id)
            return self.ledger.show(connection, asking, [case])[0]

    def _assign(
        self, connection: sa.Connection, actor: Actor, case: Case, reader: Reader | None, reason: str
    ) -> None:
        said = check_reason(reason, needed=case.assignee_id is not None)
        if reader is None and case.status not in ON_THE_BENCH | {CaseStatus.READY, CaseStatus.ASSIGNED}:
            raise Conflict("A case that was begun is handed over to somebody.")
        then = (None, None) if reader is None else (reader.id, reader.name)
        self.ledger.note(
            connection, case, actor, "assign", before=case.assignee_id, after=then[0], reason=said
        )
        store.change_case(connection, case, self.ledger.clock(), assignee_id=then[0], assignee_name=then[1])
        given = replace(case, assignee_id=then[0], assignee_name=then[1])
        if given.status is CaseStatus.READY and reader is not None:
            self.ledger.set_status(connection, given, actor, CaseStatus.ASSIGNED)
        if given.status is CaseStatus.ASSIGNED and reader is None:
            self.ledger.set_status(connection, given, actor, CaseStatus.READY)

    def _reader(self, actor: Actor, person_id: str) -> Reader:
        for each in self.list_readers(actor):
            if each.id == person_id:
                return each
        raise NotFound("Nobody of this id reads cases here.")
