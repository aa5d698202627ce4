"""Queries of grossing, in the caller's transaction."""

from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.grossing.model import Photograph
from hemalum.capabilities.grossing.tables import photograph_table
from hemalum.kernel.errors import NotFound

_COLUMNS = photograph_table.c
_FIELDS = tuple(field.name for field in fields(Photograph))


def add(connection: sa.Connection, photograph: Photograph) -> None:
    connection.execute(sa.insert(photograph_table).values(**asdict(photograph)))


def change(connection: sa.Connection, photograph_id: str, **values: Any) -> None:
    connection.execute(sa.update(photograph_table).where(_COLUMNS.id == photograph_id).values(**values))


def get(connection: sa.Connection, organisation_id: str | None, photograph_id: str) -> Photograph:
    """Raise NotFound where the organisation, or with None the node, has none of this id."""
    wanted = sa.select(photograph_table).where(_COLUMNS.id == photograph_id)
    if organisation_id is not None:
        wanted = wanted.where(_COLUMNS.organisation_id == organisation_id)
    row = connection.execute(wanted).first()
    if row is None:
        raise NotFound("There is no such photograph.")
    return _photograph(row)


def find_same(connection: sa.Connection, material_id: str, sha256: str) -> Photograph | None:
    """The photograph of a piece that has just these bytes and was not entered in error."""
    row = connection.execute(
        sa.select(photograph_table).where(
            _COLUMNS.material_id == material_id,
            _COLUMNS.sha256 == sha256,
            _COLUMNS.wrong_because.is_(None),
        )
    ).first()
    return None if row is None else _photograph(row)


def list_of(connection: sa.Connection, case_id: str) -> list[Photograph]:
    """Photographs of a case, by the piece that they show, the oldest first."""
    rows = connection.execute(
        sa.select(photograph_table)
        .where(_COLUMNS.case_id == case_id)
        .order_by(_COLUMNS.identifier, _COLUMNS.at, _COLUMNS.id)
    )
    return [_photograph(row) for row in rows]


def _photograph(row: Any) -> Photograph:
    return Photograph(**{name: getattr(row, name) for name in _FIELDS})
