"""Queries on the table of layers. Every function works in the caller's transaction."""

from dataclasses import fields

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.layers.model import Layer
from hemalum.capabilities.layers.tables import layer_table
from hemalum.kernel.typed import typed


def add_layer(connection: sa.Connection, layer: Layer) -> None:
    """A layer whose content is stored."""
    values = msgspec.to_builtins(layer) | {"created_at": layer.created_at}
    connection.execute(sa.insert(layer_table).values(values))


def list_layers(connection: sa.Connection, image_id: str) -> list[Layer]:
    """The layers of an image, oldest first."""
    query = (
        sa.select(layer_table)
        .where(layer_table.c.image_id == image_id)
        .order_by(layer_table.c.created_at, layer_table.c.id)
    )
    return [_layer(row) for row in connection.execute(query)]


def find_layer(connection: sa.Connection, layer_id: str) -> Layer | None:
    """A layer of any image."""
    row = connection.execute(sa.select(layer_table).where(layer_table.c.id == layer_id)).first()
    return None if row is None else _layer(row)


def remove_layer(connection: sa.Connection, layer_id: str) -> None:
    """Forget a layer."""
    connection.execute(sa.delete(layer_table).where(layer_table.c.id == layer_id))


def _layer(row: sa.Row[tuple[object, ...]]) -> Layer:
    return typed({each.name: row._mapping[each.name] for each in fields(Layer)}, Layer)
