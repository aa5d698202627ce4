"""Queries of the queues that cases lie in, in the caller's transaction."""

from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.cases.model import ON_THE_BENCH, CaseStatus, Priority, Queue
from hemalum.capabilities.cases.tables import case_table


def count_queues(
    connection: sa.Connection, organisation_id: str, person_id: str, now: datetime
) -> dict[Queue, int]:
    """How many cases lie in each queue; of what is closed nobody counts."""
    counted = [queue for queue in Queue if queue is not Queue.CLOSED]
    sums = [
        sa.func.coalesce(sa.func.sum(sa.case((_among_open(queue, person_id, now), 1), else_=0)), 0)
        for queue in counted
    ]
    here = (case_table.c.organisation_id == organisation_id) & case_table.c.is_open
    row = connection.execute(sa.select(*sums).where(here)).one()
    return {queue: int(count) for queue, count in zip(counted, row, strict=True)}


def in_queue(queue: Queue, person_id: str, now: datetime) -> sa.ColumnElement[bool]:
    """Holds for the cases in a queue, as somebody sees it."""
    if queue is Queue.CLOSED:
        return ~case_table.c.is_open
    return case_table.c.is_open & _among_open(queue, person_id, now)


def _among_open(queue: Queue, person_id: str, now: datetime) -> sa.ColumnElement[bool]:
    case = case_table.c
    match queue:
        case Queue.MINE:
            return case.assignee_id == person_id
        case Queue.URGENT:
            return case.rank <= Priority.URGENT.rank
        case Queue.INTRAOPERATIVE:
            return case.priority == Priority.INTRAOPERATIVE.value
        case Queue.AWAITING_SCAN:
            on_the_bench = case.status.in_([one.value for one in ON_THE_BENCH])
            return (case.slides_scanned < case.slides_total) & on_the_bench
        case Queue.UNASSIGNED:
            return (case.status == CaseStatus.READY.value) & case.assignee_id.is_(None)
        case Queue.LATE:
            # What was ordered only has no target yet.
            return (case.due_at < now) & (case.status != CaseStatus.REGISTERED.value)
        case Queue.TO_SIGN:
            return case.status.in_([CaseStatus.PRELIMINARY.value, CaseStatus.AMENDED.value])
        case _:
            return sa.true()
