"""Queries of modalities, in the caller's transaction."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.modalities.model import Scanner, ScannerId
from hemalum.capabilities.modalities.tables import scanner_table
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.kernel.ids import OrganisationId

_COLUMNS = scanner_table.c


def add_scanner(connection: sa.Connection, scanner: Scanner, now: datetime) -> None:
    """Raise Conflict where the title is taken."""
    if find_scanner(connection, scanner.title) is not None:
        raise Conflict("There is a scanner called {title} already.", title=scanner.title)
    connection.execute(sa.insert(scanner_table).values(**asdict(scanner), added_at=now))


def remove_scanner(connection: sa.Connection, title: str) -> Scanner:
    """Raise NotFound where there is none."""
    scanner = find_scanner(connection, title)
    if scanner is None:
        raise NotFound("There is no scanner called {title}.", title=title)
    connection.execute(sa.delete(scanner_table).where(_COLUMNS.id == scanner.id))
    return scanner


def find_scanner(connection: sa.Connection, title: str) -> Scanner | None:
    row = connection.execute(sa.select(scanner_table).where(_COLUMNS.title == title)).first()
    return None if row is None else _scanner(row)


def list_scanners(connection: sa.Connection) -> list[tuple[Scanner, datetime | None]]:
    """All scanners by title, each with when it last asked."""
    rows = connection.execute(sa.select(scanner_table).order_by(_COLUMNS.title))
    return [(_scanner(row), row.asked_at) for row in rows]


def note_asked(connection: sa.Connection, scanner: Scanner, now: datetime) -> None:
    connection.execute(sa.update(scanner_table).where(_COLUMNS.id == scanner.id).values(asked_at=now))


def _scanner(row: Any) -> Scanner:
    return Scanner(
        ScannerId(row.id),
        OrganisationId(row.organisation_id),
        row.title,
        row.acts_as,
        tuple(row.addresses),
        row.charset,
    )
