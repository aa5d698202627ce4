"""Who reads a case a second time without knowing what was said of it first, for as long as that holds."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Case, CaseEvent
from hemalum.capabilities.cases.tables import blinded_table

_TELLING = "move_material"
"""Where the tissue is says nothing of what was found in it."""


def blind(connection: sa.Connection, case_id: str, person_id: str) -> None:
    """Keep from somebody what was said of a case, from the end of this transaction on. Safe to repeat."""
    if case_id not in blinded_among(connection, person_id, [case_id]):
        connection.execute(sa.insert(blinded_table).values(case_id=case_id, person_id=person_id))


def unblind(connection: sa.Connection, case_id: str, person_id: str) -> None:
    """Let them know it again."""
    blinded = blinded_table.c
    connection.execute(
        sa.delete(blinded_table).where(blinded.case_id == case_id, blinded.person_id == person_id)
    )


def blinded_among(connection: sa.Connection, person_id: str, case_ids: Iterable[str]) -> frozenset[str]:
    """Those of these cases that somebody reads blinded."""
    blinded = blinded_table.c
    wanted = sa.select(blinded.case_id).where(blinded.person_id == person_id)
    found = frozenset(connection.execute(wanted).scalars())
    return found & frozenset(case_ids)


def without_reader(case: Case) -> Case:
    """A case without who had it, and without what models say of it."""
    return replace(case, assignee_id=None, assignee_name=None, mark=None)


def without_people(events: Sequence[CaseEvent]) -> list[CaseEvent]:
    """What happened to the pieces of a case: nothing of its report, and of nobody who read it."""
    return [one for one in events if one.action == _TELLING]
