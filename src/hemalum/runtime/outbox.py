"""Events written in the transaction that made them true, delivered to jobs after commit."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.kernel.clock import utc_now
from hemalum.kernel.events import Event
from hemalum.runtime.db import Json, UtcTime, metadata, reading, transaction

outbox_table = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("type", sa.String(120), nullable=False),
    sa.Column("payload", Json, nullable=False),
    sa.Column("occurred_at", UtcTime, nullable=False),
    sa.Column("delivered_at", UtcTime, index=True),
)

type Enqueue = Callable[[str, str, dict[str, Any]], None]
"""Called with job name, a delivery id that makes a second delivery harmless, and the event
as plain values."""
type IsWanted = Callable[[Mapping[str, Any]], bool]
"""Whether an event, as plain values, leaves a job anything to do."""

_ALWAYS: Mapping[str, IsWanted] = MappingProxyType({})
_AT_ONCE = 500
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
) -> int:
    """Hand every undelivered event to the jobs that subscribe to its type; returns how many there were.

    A job that `wanted` names gets those events only that leave it something to do now. A crash in between,
    or another worker at the same time, delivers again with the same delivery id, so a job runs once for each
    event. Jobs are handed in outside of any transaction: in SQLite nobody could write meanwhile.
    """
    waiting = outbox_table.c.delivered_at.is_(None)
    with reading(engine) as connection:
        oldest = sa.select(outbox_table).where(waiting).order_by(outbox_table.c.id).limit(_AT_ONCE)
        rows = connection.execute(oldest).all()
    for row in rows:
        for job in subscribers.get(row.type, ()):
            if job not in wanted or wanted[job](row.payload):
                enqueue(job, f"event-{row.id}-{job}", row.payload)
    if rows:
        with transaction(engine) as connection:
            done = sa.update(outbox_table).where(outbox_table.c.id.in_([row.id for row in rows]), waiting)
            connection.execute(done.values(delivered_at=utc_now()))
    return len(rows)


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
