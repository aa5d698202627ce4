"""In which order cases are listed."""

from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import CaseQuery, Queue
from hemalum.capabilities.cases.tables import case_table


def order_of(query: CaseQuery) -> tuple[sa.ColumnElement[Any], ...]:
    """What a list is ordered by, each of which an index holds for the longest lists.

    How soon a case is wanted is a person's word; models order only what is wanted equally soon.
    """
    case = case_table.c
    if query.queue is Queue.CLOSED:
        return case.changed_at.desc(), case.id.desc()
    return (case.rank, *([case.band_order] if query.by_band else []), case.due_at, case.id)
