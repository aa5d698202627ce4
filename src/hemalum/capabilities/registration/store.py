"""Queries on the table of transforms. Every function works in the caller's transaction."""

from dataclasses import fields
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.registration.model import Transform, pair_of
from hemalum.capabilities.registration.tables import transform_table
from hemalum.kernel.typed import typed

_SHOWN = [each for each in transform_table.c if each.name not in ("pair", "displacements")]
_HAS = transform_table.c.displacements.is_not(None).label("has_displacements")


def put_transform(connection: sa.Connection, transform: Transform, displacements: bytes | None) -> None:
    """Keep a transform in the place of any other between its slides."""
    remove_transform(connection, transform.from_image_id, transform.to_image_id)
    values = msgspec.to_builtins(transform) | {
        "created_at": transform.created_at,
        "pair": pair_of(transform.from_image_id, transform.to_image_id),
        "displacements": displacements,
    }
    del values["has_displacements"]
    connection.execute(sa.insert(transform_table).values(values))


def find_transform(
    connection: sa.Connection, image_id: str, other_id: str, *, to_write: bool = False
) -> Transform | None:
    """The transform between two slides, whichever way round it goes; `to_write` holds it."""
    query: sa.Select[Any] = sa.select(*_SHOWN, _HAS).where(
        transform_table.c.pair == pair_of(image_id, other_id)
    )
    row = connection.execute(query.with_for_update() if to_write else query).first()
    return None if row is None else _transform(row)


def list_transforms(connection: sa.Connection, image_id: str) -> list[Transform]:
    """All transforms from or to a slide, oldest first."""
    column = transform_table.c
    query: sa.Select[Any] = (
        sa.select(*_SHOWN, _HAS)
        .where(sa.or_(column.from_image_id == image_id, column.to_image_id == image_id))
        .order_by(column.created_at, column.id)
    )
    return [_transform(row) for row in connection.execute(query)]


def find_displacements(
    connection: sa.Connection, image_id: str, other_id: str, transform_id: str | None
) -> bytes | None:
    """The grid of the transform between two slides, if it has one and is the transform of this id."""
    query = sa.select(transform_table.c.id, transform_table.c.displacements).where(
        transform_table.c.pair == pair_of(image_id, other_id)
    )
    kept = connection.execute(query).one_or_none()
    if kept is None or transform_id not in (None, kept.id):
        return None
    grid: bytes | None = kept.displacements
    return grid


def remove_transform(connection: sa.Connection, image_id: str, other_id: str) -> None:
    """Forget the transform between two slides."""
    connection.execute(
        sa.delete(transform_table).where(transform_table.c.pair == pair_of(image_id, other_id))
    )


def _transform(row: sa.Row[Any]) -> Transform:
    return typed({each.name: row._mapping[each.name] for each in fields(Transform)}, Transform)
