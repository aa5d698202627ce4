"""Queries of versions, the templates that they name, and co-signatures, in the caller's transaction."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import CaseId, PatientId
from hemalum.capabilities.reports.model import (
    Amendment,
    Content,
    Cosignature,
    Language,
    Source,
    SourceKind,
    Status,
    Version,
)
from hemalum.capabilities.reports.tables import cosignature_table, template_table, version_table
from hemalum.kernel.ids import PersonId

type Opened = Callable[[PatientId | None, str, bytes], Content | None]
"""Opens what was sealed for a patient at a place."""


def place_of(case_id: str, number: int) -> str:
    """What the sealed content of a version is bound to."""
    return f"report/{case_id}/{number}"


def keep_template(connection: sa.Connection, digest: str, content: bytes) -> None:
    """Keep a template as a report was filled into it, unless it is kept already."""
    if find_template(connection, digest) is None:
        connection.execute(sa.insert(template_table).values(digest=digest, content=content))


def find_template(connection: sa.Connection, digest: str) -> bytes | None:
    query = sa.select(template_table.c.content).where(template_table.c.digest == digest)
    found: bytes | None = connection.execute(query).scalar()
    return found


def add_version(connection: sa.Connection, version: Version, sealed: bytes) -> None:
    connection.execute(
        sa.insert(version_table).values(
            case_id=version.case_id,
            number=version.number,
            status=version.status.value,
            amends=None if version.amends is None else version.amends.value,
            source_kind=version.source.kind.value,
            source_name=version.source.name,
            source_version=version.source.version,
            author_id=version.author_id,
            author_name=version.author_name,
            at=version.at,
            reason=version.reason,
            language=version.language.value,
            patient_id=version.patient_id,
            content=sealed,
            sha256=version.sha256,
            previous_sha256=version.previous_sha256,
        )
    )


def list_versions(connection: sa.Connection, case_id: str) -> list[Version]:
    """Versions of a case's report, oldest first, without what they say."""
    rows = connection.execute(
        sa.select(*(one for one in version_table.c if one.name != "content"))
        .where(version_table.c.case_id == case_id)
        .order_by(version_table.c.number)
    )
    return [_version(row, None) for row in rows]


def find_version(
    connection: sa.Connection, case_id: str, opened: Opened, number: int | None = None
) -> Version | None:
    """One version with its content; the newest, without a number."""
    columns = version_table.c
    query = sa.select(version_table).where(columns.case_id == case_id).order_by(columns.number.desc())
    if number is not None:
        query = query.where(columns.number == number)
    row = connection.execute(query.limit(1)).first()
    return None if row is None else _version(row, opened)


def add_cosignature(connection: sa.Connection, signature: Cosignature) -> None:
    connection.execute(
        sa.insert(cosignature_table).values(
            case_id=signature.case_id,
            number=signature.number,
            person_id=signature.person_id,
            person_name=signature.person_name,
            at=signature.at,
            sha256=signature.sha256,
        )
    )


def list_cosignatures(connection: sa.Connection, case_id: str) -> list[Cosignature]:
    """Who agreed with which version, in the order in which they did."""
    columns = cosignature_table.c
    rows = connection.execute(
        sa.select(cosignature_table).where(columns.case_id == case_id).order_by(columns.at, columns.person_id)
    )
    return [
        Cosignature(
            CaseId(row.case_id), row.number, PersonId(row.person_id), row.person_name, row.at, row.sha256
        )
        for row in rows
    ]


def _version(row: Any, opened: Opened | None) -> Version:
    content = None
    patient_id = None if row.patient_id is None else PatientId(row.patient_id)
    if opened is not None:
        content = opened(patient_id, place_of(row.case_id, row.number), row.content)
    return Version(
        CaseId(row.case_id),
        row.number,
        Status(row.status),
        None if row.amends is None else Amendment(row.amends),
        Source(SourceKind(row.source_kind), row.source_name, row.source_version),
        PersonId(row.author_id),
        row.author_name,
        row.at,
        row.reason,
        Language(row.language),
        patient_id,
        content,
        row.sha256,
        row.previous_sha256,
    )
