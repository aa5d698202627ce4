"""Queries of critical results, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import CaseId, PatientId
from hemalum.capabilities.reports.tables import critical_table


@dataclass(frozen=True, slots=True)
class Row:
    """A critical result as it is kept."""

    id: str
    case_id: CaseId
    patient_id: PatientId | None
    """Under whose key it is sealed."""
    sealed: bytes
    flagged_by: str
    flagged_at: datetime
    acknowledged_at: datetime | None


def add(connection: sa.Connection, organisation_id: str, row: Row) -> None:
    connection.execute(
        sa.insert(critical_table).values(
            id=row.id,
            case_id=row.case_id,
            organisation_id=organisation_id,
            patient_id=row.patient_id,
            sealed=row.sealed,
            flagged_by=row.flagged_by,
            flagged_at=row.flagged_at,
            acknowledged_at=row.acknowledged_at,
        )
    )


def change(connection: sa.Connection, critical_id: str, sealed: bytes, end: datetime | None) -> None:
    connection.execute(
        sa.update(critical_table)
        .where(critical_table.c.id == critical_id)
        .values(sealed=sealed, acknowledged_at=end)
    )


def find(connection: sa.Connection, organisation_id: str, critical_id: str) -> Row | None:
    columns = critical_table.c
    found = _list(connection, columns.id == critical_id, columns.organisation_id == organisation_id)
    return found[0] if found else None


def list_of(connection: sa.Connection, case_id: str) -> list[Row]:
    """Those of a case, the oldest first."""
    return _list(connection, critical_table.c.case_id == case_id)


def list_open(connection: sa.Connection, organisation_id: str) -> list[Row]:
    """Those of an organisation that nobody acknowledged, the oldest first."""
    columns = critical_table.c
    return _list(connection, columns.organisation_id == organisation_id, columns.acknowledged_at.is_(None))


def _list(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Row]:
    columns = critical_table.c
    query = sa.select(critical_table).where(*where).order_by(columns.flagged_at, columns.id)
    rows: Sequence[Any] = connection.execute(query).all()
    return [
        Row(
            row.id,
            CaseId(row.case_id),
            None if row.patient_id is None else PatientId(row.patient_id),
            row.sealed,
            row.flagged_by,
            row.flagged_at,
            row.acknowledged_at,
        )
        for row in rows
    ]
