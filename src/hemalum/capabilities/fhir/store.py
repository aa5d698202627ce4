"""Queries of orders and exports, in the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.fhir.model import Export
from hemalum.capabilities.fhir.tables import export_table, order_table
from hemalum.formats.fhir.reading import NumberRead
from hemalum.kernel.errors import NotFound


def add_order(
    connection: sa.Connection, organisation_id: str, numbers: Iterable[NumberRead], case_id: str
) -> None:
    """Write down which case an order became; a number that is written down already is an IntegrityError."""
    for one in numbers:
        row = {"organisation_id": organisation_id, "issuer": one.issuer, "value": one.value}
        connection.execute(sa.insert(order_table).values(row | {"case_id": case_id}))


def find_orders(connection: sa.Connection, organisation_id: str, numbers: Iterable[NumberRead]) -> set[str]:
    """The cases that orders with one of these numbers became."""
    order = order_table.c
    found = set[str]()
    for one in numbers:
        here = (order.organisation_id == organisation_id) & (order.issuer == one.issuer)
        query = sa.select(order.case_id).where(here, order.value == one.value)
        found |= set(connection.execute(query).scalars())
    return found


def add_export(connection: sa.Connection, export: Export) -> None:
    plain = msgspec.to_builtins(export)
    times = {name: getattr(export, name) for name in ("since", "begun_at", "ended_at")}
    plain["permissions"] = sorted(export.permissions)
    connection.execute(sa.insert(export_table).values(plain | times))


def get_export(connection: sa.Connection, export_id: str) -> Export:
    """An export of anybody.

    Raises:
        NotFound: there is none of this id.
    """
    row = connection.execute(sa.select(export_table).where(export_table.c.id == export_id)).first()
    if row is None:
        raise NotFound("There is no such export.")
    # Names of columns are strings of a class of their own.
    return msgspec.convert({str(name): value for name, value in row._asdict().items()}, Export)


def change_export(connection: sa.Connection, export_id: str, **values: Any) -> None:
    connection.execute(sa.update(export_table).where(export_table.c.id == export_id).values(values))


def count_running(connection: sa.Connection, organisation_id: str) -> int:
    """How many exports of an organisation have not ended."""
    export = export_table.c
    running = (export.organisation_id == organisation_id) & export.ended_at.is_(None)
    query = sa.select(sa.func.count()).select_from(export_table).where(running)
    return int(connection.execute(query).scalar_one())


def list_begun_before(connection: sa.Connection, moment: datetime) -> list[str]:
    """Exports that began long ago."""
    query = sa.select(export_table.c.id).where(export_table.c.begun_at < moment)
    return list(connection.execute(query).scalars())


def delete_export(connection: sa.Connection, export_id: str) -> None:
    connection.execute(sa.delete(export_table).where(export_table.c.id == export_id))
