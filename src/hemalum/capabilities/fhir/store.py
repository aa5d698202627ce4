"""Queries of orders, in the caller's transaction."""

from collections.abc import Iterable

import sqlalchemy as sa

from hemalum.capabilities.fhir.tables import order_table
from hemalum.formats.fhir.reading import NumberRead


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
