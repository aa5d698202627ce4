"""Queries of what was put into cassettes, in the caller's transaction."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import CaseId, PatientId
from hemalum.capabilities.grossing.tables import contents_table
from hemalum.kernel.actor import Actor

_COLUMNS = contents_table.c


def newest_of(connection: sa.Connection, case_id: str) -> dict[str, Any]:
    """The newest row of each cassette of a case that was described."""
    rows = connection.execute(
        sa.select(contents_table).where(_COLUMNS.case_id == case_id).order_by(_COLUMNS.version)
    )
    return {row.material_id: row for row in rows}


def add(
    connection: sa.Connection,
    case_id: CaseId,
    material_id: str,
    version: int,
    patient_id: PatientId | None,
    sealed: bytes,
    at: datetime,
    actor: Actor,
) -> None:
    connection.execute(
        sa.insert(contents_table).values(
            material_id=material_id,
            version=version,
            case_id=case_id,
            patient_id=patient_id,
            sealed=sealed,
            at=at,
            by_id=actor.person_id,
            by_name=actor.called,
        )
    )
