"""Events written in the transaction that made them true, delivered to jobs after commit."""

from collections.abc import Callable, Mapping
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


def publish(connection: sa.Connection, event: Event) -> None:
    """Write an event in the caller's transaction; it is delivered once that is committed."""
    connection.execute(
        sa.insert(outbox_table).values(
            type=type(event).__name__, payload=msgspec.to_builtins(event), occurred_at=event.occurred_at
        )
    )


def deliver(engine: sa.Engine, subscribers: Mapping[str, tuple[str, ...]], enqueue: Enqueue) -> int:
    """Hand every undelivered event to the jobs that subscribe to its type; returns how many there were.

    A crash in between delivers again with the same delivery id, so a job runs once for each event.
    """
    with reading(engine) as connection:
        waiting = sa.exists().where(outbox_table.c.delivered_at.is_(None))
        if not connection.execute(sa.select(waiting)).scalar():
            return 0
    with transaction(engine) as connection:
        rows = connection.execute(
            sa.select(outbox_table)
            .where(outbox_table.c.delivered_at.is_(None))
            .order_by(outbox_table.c.id)
            .limit(500)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            for job in subscribers.get(row.type, ()):
                enqueue(job, f"event-{row.id}-{job}", row.payload)
        if rows:
            connection.execute(
                sa.update(outbox_table)
                .where(outbox_table.c.id.in_([row.id for row in rows]))
                .values(delivered_at=utc_now())
            )
    return len(rows)
