"""How many cases there are, without counting them, in the caller's transaction."""

from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import CaseQuery, Queue
from hemalum.runtime.tally import Tally

_TALLY = Tally("cases_case", ("organisation_id", "is_open", "subspecialty", "priority"))


def find_total(connection: sa.Connection, organisation_id: str, query: CaseQuery) -> int | None:
    """How many cases a query without text finds, where that is kept; None where they have to be counted."""
    if query.queue not in (Queue.OPEN, Queue.CLOSED):
        return None
    wanted: dict[str, list[Any]] = {
        "organisation_id": [organisation_id],
        "is_open": [query.queue is Queue.OPEN],
    }
    if query.subspecialty is not None:
        wanted["subspecialty"] = [query.subspecialty.value]
    if query.priority is not None:
        wanted["priority"] = [query.priority.value]
    return _TALLY.find(connection, **wanted)
