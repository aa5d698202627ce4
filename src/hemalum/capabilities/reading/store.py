"""Queries of what was seen. Bitmaps are kept packed and compressed."""

import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import sqlalchemy as sa

from hemalum.capabilities.reading import tables
from hemalum.capabilities.reading.model import Cells, Grid, Progress, Reveal
from hemalum.kernel.ids import ImageId, PersonId
from hemalum.runtime.db import inserted


def read_seen(
    connection: sa.Connection, image_id: str, person_id: str, grids: Iterable[Grid], *, to_write: bool = False
) -> dict[str, Cells]:
    """By key of these grids, what somebody saw; `to_write` holds the rows for this transaction."""
    table, known = tables.seen, {grid.key: grid for grid in grids}
    query = sa.select(table.c.grid, table.c.cells).where(
        table.c.image_id == image_id, table.c.person_id == person_id, table.c.grid.in_(list(known))
    )
    rows = connection.execute(query.with_for_update() if to_write else query)
    return {key: _unpack(packed, known[key]) for key, packed in rows}


def write_seen(connection: sa.Connection, image_id: str, person_id: str, seen: dict[str, Cells]) -> None:
    """Keep what was seen of these grids, in the place of what was kept."""
    for key, cells in seen.items():
        packed = zlib.compress(np.packbits(cells).tobytes())
        values = {"image_id": image_id, "person_id": person_id, "grid": key, "cells": packed}
        _put(connection, tables.seen, values)


def begin(connection: sa.Connection, row: Progress) -> None:
    """Hold what is kept of this reader and image, so that two windows of theirs do not undo each other."""
    _put(connection, tables.progress, _plain(row), keep=True)
    table = tables.progress
    mine = (table.c.image_id == row.image_id) & (table.c.person_id == row.person_id)
    connection.execute(sa.select(table.c.image_id).where(mine).with_for_update()).one()


def write_progress(connection: sa.Connection, row: Progress) -> None:
    _put(connection, tables.progress, _plain(row))


def list_progress(
    connection: sa.Connection, *, image_ids: Iterable[str], person_id: str | None = None
) -> list[Progress]:
    """How far people are with these images, who looked last first."""
    table = tables.progress
    wanted: list[sa.ColumnElement[bool]] = [table.c.image_id.in_(list(image_ids))]
    if person_id is not None:
        wanted.append(table.c.person_id == person_id)
    query = table.select().where(*wanted).order_by(table.c.updated_at.desc(), table.c.person_id)
    return [
        Progress(
            ImageId(row.image_id),
            PersonId(row.person_id),
            _read_shares(row.shares),
            row.of_tissue,
            row.updated_at,
        )
        for row in connection.execute(query)
    ]


def add_reveal(connection: sa.Connection, row: Reveal) -> Reveal:
    """Keep a reveal unless the same was kept before; what is kept comes back."""
    values = {
        "image_id": row.image_id,
        "person_id": row.person_id,
        "subject": row.subject,
        "name": row.name,
        "revealed_at": row.revealed_at,
        "shares": _spelled(row.shares),
    }
    _put(connection, tables.reveals, values, keep=True)
    return next(
        one for one in list_reveals(connection, row.image_id, row.person_id) if one.subject == row.subject
    )


def list_reveals(connection: sa.Connection, image_id: str, person_id: str | None = None) -> list[Reveal]:
    """What people had shown on an image, the first first."""
    table = tables.reveals
    query = table.select().where(table.c.image_id == image_id)
    if person_id is not None:
        query = query.where(table.c.person_id == person_id)
    return [
        Reveal(
            ImageId(row.image_id),
            PersonId(row.person_id),
            row.subject,
            row.name,
            row.revealed_at,
            _read_shares(row.shares),
        )
        for row in connection.execute(query.order_by(table.c.revealed_at, table.c.subject))
    ]


def _put(connection: sa.Connection, table: sa.Table, values: dict[str, Any], *, keep: bool = False) -> None:
    """Insert a row, or change that of the same key unless it is to `keep`."""
    statement = inserted(connection, table).values(values)
    names = [column.name for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in names}
    if keep:
        connection.execute(statement.on_conflict_do_nothing())
    else:
        connection.execute(statement.on_conflict_do_update(index_elements=names, set_=changed))


def _plain(row: Progress) -> dict[str, Any]:
    return {
        "image_id": row.image_id,
        "person_id": row.person_id,
        "shares": _spelled(row.shares),
        "of_tissue": row.of_tissue,
        "updated_at": row.updated_at,
    }


def _spelled(shares: dict[float, float]) -> dict[str, float]:
    return {f"{objective:g}": share for objective, share in shares.items()}


def _read_shares(kept: dict[str, float]) -> dict[float, float]:
    return {float(objective): share for objective, share in kept.items()}


def _unpack(packed: bytes, grid: Grid) -> Cells:
    bits = np.unpackbits(np.frombuffer(zlib.decompress(packed), np.uint8), count=grid.rows * grid.columns)
    return bits.reshape(grid.rows, grid.columns).astype(bool)
