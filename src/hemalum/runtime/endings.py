"""What ended before its time, told to every process of the node that serves tiles.

A ticket is checked without the database, so whoever ends a session, or takes a slide back, writes that down
here; servers read it every second. What is older than any ticket is forgotten.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from hemalum.kernel.clock import utc_now
from hemalum.runtime.db import UtcTime, metadata, reading, transaction
from hemalum.runtime.tickets import TICKET_LASTS_S, Tickets

_ending_table = sa.Table(
    "ending",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("subject", sa.String(80), nullable=False),
    sa.Column("at", UtcTime, nullable=False, index=True),
)
_MATTERS = timedelta(seconds=TICKET_LASTS_S)


def write_ending(database: sa.Engine, subject: str) -> None:
    """The tickets of a session, or of an image, that were issued up to now are good no more."""
    now = utc_now()
    with transaction(database) as connection:
        connection.execute(sa.delete(_ending_table).where(_ending_table.c.at < now - _MATTERS))
        connection.execute(sa.insert(_ending_table).values(subject=subject, at=now))


class Endings:
    """Endings as a process hears them that serves tiles."""

    def __init__(self, database: sa.Engine, tickets: Tickets, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._tickets = tickets
        self._now = now
        self._heard: set[int] = set()

    def end(self, subject: str) -> None:
        """End the tickets of a session or of an image: here at once, elsewhere as soon as it is heard."""
        self._tickets.revoke(subject)
        write_ending(self._database, subject)

    def hear(self) -> None:
        """Take note of what ended elsewhere, or before this process began."""
        since = datetime.fromtimestamp(self._now(), UTC) - _MATTERS
        with reading(self._database) as connection:
            rows = connection.execute(sa.select(_ending_table).where(_ending_table.c.at >= since)).all()
        for row in rows:
            if row.number not in self._heard:
                self._tickets.revoke(row.subject, row.at.timestamp())
        self._heard = {row.number for row in rows}
