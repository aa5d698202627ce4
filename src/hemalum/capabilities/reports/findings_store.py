"""Queries of what programs handed in, in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import CaseId, PatientId
from hemalum.capabilities.reports.tables import findings_table
from hemalum.kernel.ids import PersonId


class Wording(StrEnum):
    """Who words the draft."""

    GRAMMAR = "grammar"
    """The sentences of the template."""
    WAITING = "waiting"
    """They do, until the language model has answered."""
    CHECKED = "checked"
    """A language model, each sentence checked; those that were refused stand as the template has them."""
    OVERTAKEN = "overtaken"
    """The template: by the time that the language model answered, a person had gone on with the report."""
    CANCELLED = "cancelled"
    """The template: somebody called the language model off."""
    FAILED = "failed"
    """The template: the language model gave no answer that could be used."""


@dataclass(frozen=True, slots=True)
class Row:
    """Findings as they are kept."""

    case_id: CaseId
    id: str
    at: datetime
    author_id: PersonId
    author_name: str
    patient_id: PatientId | None
    """Under whose key it is sealed."""
    sha256: str
    version: int
    """Of the report, that holds what they answered."""
    wording: Wording
    writer: str
    """The language model, where there is one."""
    worded_at: datetime | None
    sealed: bytes


def place_of(case_id: str, submission_id: str) -> str:
    """What the sealed content is bound to."""
    return f"findings/{case_id}/{submission_id}"


def add(connection: sa.Connection, row: Row) -> None:
    columns = {one.name: getattr(row, one.name) for one in findings_table.c}
    connection.execute(sa.insert(findings_table).values(columns | {"wording": row.wording.value}))


def change(connection: sa.Connection, row: Row) -> None:
    """Keep how the draft is worded now."""
    columns = findings_table.c
    connection.execute(
        sa.update(findings_table)
        .where(columns.case_id == row.case_id, columns.id == row.id)
        .values(wording=row.wording.value, worded_at=row.worded_at, version=row.version, sealed=row.sealed)
    )


def find(connection: sa.Connection, case_id: str, submission_id: str) -> Row | None:
    columns = findings_table.c
    query = sa.select(findings_table).where(columns.case_id == case_id, columns.id == submission_id)
    row = connection.execute(query).first()
    return None if row is None else _row(row)


def list_of(connection: sa.Connection, case_id: str) -> list[Row]:
    """Those of a case, the newest first."""
    columns = findings_table.c
    query = sa.select(findings_table).where(columns.case_id == case_id)
    return [_row(row) for row in connection.execute(query.order_by(columns.at.desc(), columns.id))]


def _row(row: Any) -> Row:
    return Row(
        CaseId(row.case_id),
        row.id,
        row.at,
        PersonId(row.author_id),
        row.author_name,
        None if row.patient_id is None else PatientId(row.patient_id),
        row.sha256,
        row.version,
        Wording(row.wording),
        row.writer,
        row.worded_at,
        row.sealed,
    )
