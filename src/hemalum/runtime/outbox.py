"""Events written in the transaction that made them true, delivered to jobs after commit.

They are handed in as they happened, but jobs run beside each other: in which order, nobody promises. So an
event that cannot be handed in keeps no other one waiting.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.events import Event
from hemalum.runtime.db import Json, UtcTime, metadata, reading, transaction

_LOG = logging.getLogger(__name__)

outbox_table = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("type", sa.String(120), nullable=False),
    sa.Column("payload", Json, nullable=False),
    sa.Column("occurred_at", UtcTime, nullable=False),
    sa.Column("delivered_at", UtcTime, index=True),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_try_at", UtcTime),
    sa.Column("jobs_left", Json),
)
"""`jobs_left` holds, of an event that could not be handed in, the jobs that have not got it."""

type Enqueue = Callable[[str, str, dict[str, Any]], None]
"""Called with job name, a delivery id that makes a second delivery harmless, and the event
as plain values."""
type IsWanted = Callable[[Mapping[str, Any]], bool]
"""Whether an event, as plain values, leaves a job anything to do."""

_ALWAYS: Mapping[str, IsWanted] = MappingProxyType({})
_AT_ONCE = 500
_MOST_FAILURES = 3
"""In one round. Where more fail, it is hardly for the events."""
_LONGEST_WAIT = timedelta(minutes=1)
"""Short, because what fails may be the database of the jobs, and come back at any moment."""
_STUCK_AFTER = 6
"""Failures of an event in about a minute: no restart of anything takes so long."""
_FORGOTTEN_AT_ONCE = 1000


def publish(connection: sa.Connection, event: Event) -> None:
    """Write an event in the caller's transaction; it is delivered once that is committed."""
    connection.execute(
        sa.insert(outbox_table).values(
            type=type(event).__name__, payload=msgspec.to_builtins(event), occurred_at=event.occurred_at
        )
    )


def deliver(
    engine: sa.Engine,
    subscribers: Mapping[str, tuple[str, ...]],
    enqueue: Enqueue,
    wanted: Mapping[str, IsWanted] = _ALWAYS,
    clock: Clock = utc_now,
) -> int:
    """Hand every undelivered event to the jobs that subscribe to its type; returns how many were delivered.

    An event that fails is set aside, in the log, and tried again for the jobs that have not got it: after a
    second, then each time after twice as long, in the end every minute.

    A job that `wanted` names gets those events only that leave it something to do now. A crash in between,
    or another worker at the same time, delivers again with the same delivery id, so a job runs once for each
    event. Jobs are handed in outside of any transaction: in SQLite nobody could write meanwhile.
    """
    columns, now = outbox_table.c, clock()
    waiting = columns.delivered_at.is_(None)
    is_due = sa.or_(columns.next_try_at.is_(None), columns.next_try_at <= now)
    with reading(engine) as connection:
        # What has failed comes last, however much of it there is.
        due = sa.select(outbox_table).where(waiting, is_due).order_by(columns.failures, columns.id)
        rows = connection.execute(due.limit(_AT_ONCE)).all()
    delivered: list[int] = []
    failed: list[tuple[sa.Row[Any], list[str]]] = []
    for row in rows:
        jobs = [job for job in subscribers.get(row.type, ()) if row.jobs_left is None or job in row.jobs_left]
        left = [job for job in jobs if not _hand_in(row, job, enqueue, wanted)]
        if left:
            failed.append((row, left))
        else:
            delivered.append(row.id)
        if len(failed) == _MOST_FAILURES:
            break
    if rows:
        with transaction(engine) as connection:
            done = sa.update(outbox_table).where(columns.id.in_(delivered), waiting)
            connection.execute(done.values(delivered_at=now))
            for row, left in failed:
                _set_aside(connection, row, left, now)
    return len(delivered)


def _hand_in(row: sa.Row[Any], job: str, enqueue: Enqueue, wanted: Mapping[str, IsWanted]) -> bool:
    """Hand an event to a job, if it leaves it anything to do; False where that failed."""
    try:
        if job not in wanted or wanted[job](row.payload):
            enqueue(job, f"event-{row.id}-{job}", row.payload)
    except Exception:
        _LOG.exception(
            "event %d (%s) could not be handed to %s; it will be tried again", row.id, row.type, job
        )
        return False
    return True


def _set_aside(connection: sa.Connection, row: sa.Row[Any], left: list[str], now: datetime) -> None:
    wait = min(timedelta(seconds=2 ** min(row.failures, 10)), _LONGEST_WAIT)
    columns = outbox_table.c
    this = sa.update(outbox_table).where(columns.id == row.id, columns.delivered_at.is_(None))
    connection.execute(this.values(failures=row.failures + 1, next_try_at=now + wait, jobs_left=left))


@dataclass(frozen=True, slots=True)
class Stuck:
    """An event that could not be handed in for a minute or longer."""

    id: int
    type: str
    occurred_at: datetime
    jobs: tuple[str, ...]
    """Those that have not got it."""
    failures: int
    next_try_at: datetime


def list_stuck(connection: sa.Connection) -> list[Stuck]:
    """Events that cannot be handed in, the oldest first."""
    columns = outbox_table.c
    wanted = columns.delivered_at.is_(None), columns.failures >= _STUCK_AFTER
    rows = connection.execute(sa.select(outbox_table).where(*wanted).order_by(columns.id))
    return [
        Stuck(row.id, row.type, row.occurred_at, tuple(row.jobs_left), row.failures, row.next_try_at)
        for row in rows
    ]


def forget_delivered(engine: sa.Engine, before: datetime) -> int:
    """Remove events that were delivered before a moment; returns how many, a thousand at most."""
    columns = outbox_table.c
    # The last one stays: SQLite would give its number to the next event, and delivery ids are made of it.
    last = sa.select(sa.func.max(columns.id)).scalar_subquery()
    old = sa.select(columns.id).where(columns.delivered_at < before, columns.id < last)
    with transaction(engine) as connection:
        found = connection.execute(old.order_by(columns.id).limit(_FORGOTTEN_AT_ONCE)).scalars().all()
        if found:
            connection.execute(sa.delete(outbox_table).where(columns.id.in_(found)))
    return len(found)
