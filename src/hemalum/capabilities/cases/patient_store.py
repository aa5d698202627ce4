"""Queries of patients, in the caller's transaction. What they read and write is sealed or hashed already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import PatientId
from hemalum.capabilities.cases.tables import case_table, patient_number_table, patient_table
from hemalum.kernel.errors import NotFound
from hemalum.runtime.db import among

_MOST_MERGES = 20


@dataclass(frozen=True, slots=True)
class SealedPatient:
    """A patient as the database keeps them."""

    id: PatientId
    sealed: bytes
    merged_into: PatientId | None
    changed_at: datetime


def add(
    connection: sa.Connection, patient_id: str, organisation_id: str, sealed: bytes, now: datetime
) -> None:
    connection.execute(
        sa.insert(patient_table).values(
            id=patient_id, organisation_id=organisation_id, sealed=sealed, changed_at=now
        )
    )


def add_number(
    connection: sa.Connection, organisation_id: str, patient_id: str, issuer_hash: str, number_hash: str
) -> None:
    connection.execute(
        sa.insert(patient_number_table).values(
            organisation_id=organisation_id,
            hash=number_hash,
            issuer_hash=issuer_hash,
            patient_id=patient_id,
        )
    )


def change(connection: sa.Connection, patient_id: str, sealed: bytes, now: datetime) -> None:
    connection.execute(
        sa.update(patient_table).where(patient_table.c.id == patient_id).values(sealed=sealed, changed_at=now)
    )


def set_merged(connection: sa.Connection, patient_id: str, into: str | None, now: datetime) -> None:
    connection.execute(
        sa.update(patient_table)
        .where(patient_table.c.id == patient_id)
        .values(merged_into=into, changed_at=now)
    )


def get(
    connection: sa.Connection, organisation_id: str, patient_id: str, *, to_write: bool = False
) -> SealedPatient:
    """A patient of an organisation, also one who was merged.

    Raises:
        NotFound: there is none of this id.
    """
    query = sa.select(patient_table).where(
        patient_table.c.id == patient_id, patient_table.c.organisation_id == organisation_id
    )
    row = connection.execute(query.with_for_update() if to_write else query).first()
    if row is None:
        raise NotFound("There is no such patient.")
    return _patient(row)


def list_patients(
    connection: sa.Connection, organisation_id: str, since: datetime | None, after: str, limit: int
) -> list[SealedPatient]:
    """Patients of an organisation by their ids, those after one id; merged ones, too."""
    patient = patient_table.c
    wanted = [patient.organisation_id == organisation_id, patient.id > after]
    if since is not None:
        wanted.append(patient.changed_at >= since)
    rows = connection.execute(sa.select(patient_table).where(*wanted).order_by(patient.id).limit(limit))
    return [_patient(row) for row in rows]


def survivors(connection: sa.Connection, patient_ids: Iterable[str]) -> dict[str, SealedPatient]:
    """By the ids asked for, who each is now, after all mergers."""
    found: dict[str, SealedPatient] = {}
    waiting = {one: one for one in patient_ids}
    for _ in range(_MOST_MERGES):
        if not waiting:
            break
        asked_for = among(connection, patient_table.c.id, sorted(set(waiting.values())))
        rows = connection.execute(sa.select(patient_table).where(asked_for)).all()
        known = {row.id: _patient(row) for row in rows}
        on_their_way: dict[str, str] = {}
        for asked, now in waiting.items():
            one = known.get(now)
            if one is None:
                continue
            if one.merged_into is None:
                found[asked] = one
            else:
                on_their_way[asked] = one.merged_into
        waiting = on_their_way
    return found


def find_by_number(
    connection: sa.Connection, organisation_id: str, number_hash: str, issuer_hash: str | None = None
) -> list[PatientId]:
    """Whom this number was given to, by this issuer or by any."""
    column = patient_number_table.c
    wanted = [column.organisation_id == organisation_id, column.hash == number_hash]
    if issuer_hash is not None:
        wanted.append(column.issuer_hash == issuer_hash)
    rows = connection.execute(sa.select(column.patient_id).where(*wanted).order_by(column.patient_id))
    return [PatientId(one) for one in rows.scalars()]


def merged_into(connection: sa.Connection, patient_ids: Iterable[str]) -> set[str]:
    """These patients, and everybody who was merged into one of them."""
    found = set(patient_ids)
    fresh = found
    while fresh:
        rows = connection.execute(
            sa.select(patient_table.c.id).where(patient_table.c.merged_into.in_(sorted(fresh)))
        )
        fresh = set(rows.scalars()) - found
        found |= fresh
    return found


def cases_of(connection: sa.Connection, patient_ids: Iterable[str]) -> list[str]:
    """The cases of these patients."""
    query = sa.select(case_table.c.id).where(case_table.c.patient_id.in_(sorted(patient_ids)))
    return list(connection.execute(query.order_by(case_table.c.received_at, case_table.c.id)).scalars())


def _patient(row: Any) -> SealedPatient:
    return SealedPatient(PatientId(row.id), row.sealed, row.merged_into, row.changed_at)
