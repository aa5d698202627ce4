"""Queries of orders, exports and subscriptions, in the caller's transaction."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.fhir.model import Channel, Export, Subscription
from hemalum.capabilities.fhir.tables import export_table, order_table, subscription_table
from hemalum.formats.fhir.reading import NumberRead
from hemalum.kernel.errors import NotFound
from hemalum.kernel.typed import typed


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
    return typed(_plain(row), Export)


def end_export(connection: sa.Connection, export_id: str, **values: Any) -> None:
    """Write down how an export ended, unless that was written down before."""
    export = export_table.c
    going_on = (export.id == export_id) & export.ended_at.is_(None)
    connection.execute(sa.update(export_table).where(going_on).values(values))


def count_running(connection: sa.Connection, organisation_id: str) -> int:
    """How many exports of an organisation have not ended."""
    export = export_table.c
    running = (export.organisation_id == organisation_id) & export.ended_at.is_(None)
    query = sa.select(sa.func.count()).select_from(export_table).where(running)
    return int(connection.execute(query).scalar_one())


def list_running(connection: sa.Connection) -> list[str]:
    """Exports of all organisations that have not ended."""
    query = sa.select(export_table.c.id).where(export_table.c.ended_at.is_(None))
    return list(connection.execute(query).scalars())


def list_begun_before(connection: sa.Connection, moment: datetime) -> list[str]:
    """Exports that began long ago."""
    query = sa.select(export_table.c.id).where(export_table.c.begun_at < moment)
    return list(connection.execute(query).scalars())


def delete_export(connection: sa.Connection, export_id: str) -> None:
    connection.execute(sa.delete(export_table).where(export_table.c.id == export_id))


type Opens = Callable[[str, bytes], Channel]
"""Opens the sealed part of a subscription, by its id."""


def add_subscription(connection: sa.Connection, made: Subscription, sealed: bytes) -> None:
    connection.execute(
        sa.insert(subscription_table).values(
            id=made.id,
            organisation_id=made.organisation_id,
            person_id=made.person_id,
            permissions=sorted(made.permissions),
            kind=made.kind.value,
            sealed=sealed,
            state=made.state.value,
            failures=made.failures,
            failure=None,
            made_at=made.made_at,
            ends_at=made.ends_at,
        )
    )


def list_subscriptions(
    connection: sa.Connection, opens: Opens, organisation_id: str, subscription_id: str | None = None
) -> list[Subscription]:
    """Those of an organisation, the oldest first; or one of them."""
    column = subscription_table.c
    query = sa.select(subscription_table).where(column.organisation_id == organisation_id)
    if subscription_id is not None:
        query = query.where(column.id == subscription_id)
    found = []
    for row in connection.execute(query.order_by(column.made_at, column.id)):
        plain = _plain(row)
        channel = opens(row.id, plain.pop("sealed"))
        found.append(typed(plain | {"channel": channel}, Subscription))
    return found


def change_subscription(connection: sa.Connection, subscription_id: str, **values: Any) -> None:
    here = subscription_table.c.id == subscription_id
    connection.execute(sa.update(subscription_table).where(here).values(values))


def delete_subscription(connection: sa.Connection, subscription_id: str) -> None:
    connection.execute(sa.delete(subscription_table).where(subscription_table.c.id == subscription_id))


def _plain(row: sa.Row[Any]) -> dict[str, Any]:
    # Names of columns are strings of a class of their own.
    return {str(name): value for name, value in row._asdict().items()}
