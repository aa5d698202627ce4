"""Queries of orders, in the caller's transaction."""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import CaseId, MaterialId, Priority
from hemalum.capabilities.orders.model import (
    OPEN,
    PlacedOrder,
    PlacedOrderId,
    PlacedState,
    Work,
    WorkOrder,
    WorkOrderId,
    WorkQuery,
    WorkState,
)
from hemalum.capabilities.orders.tables import placed_table, work_table
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.runtime.db import among


def add_work(connection: sa.Connection, order: WorkOrder) -> None:
    connection.execute(
        sa.insert(work_table).values(
            id=order.id,
            organisation_id=order.organisation_id,
            case_id=order.case_id,
            case_number=order.case_number,
            serial=order.serial,
            work=order.work.value,
            subject_id=order.subject_id,
            subject=order.subject,
            stains=list(order.stains),
            copies=order.copies,
            priority=order.priority.value,
            rank=order.priority.rank,
            reason=order.reason,
            words=order.words,
            state=order.state.value,
            requested_by=order.requested_by,
            requested_by_name=order.requested_by_name,
            requested_at=order.requested_at,
            decided_by_name=order.decided_by_name,
            said=order.said,
            planned=list(order.planned),
            known_scans=list(order.known_scans),
            changed_at=order.changed_at,
        )
    )


def change_work(connection: sa.Connection, order: WorkOrder) -> None:
    """Write down what an order has come to."""
    connection.execute(
        sa.update(work_table)
        .where(work_table.c.id == order.id)
        .values(
            state=order.state.value,
            decided_by_name=order.decided_by_name,
            said=order.said,
            planned=list(order.planned),
            known_scans=list(order.known_scans),
            changed_at=order.changed_at,
        )
    )


def get_work(connection: sa.Connection, organisation_id: str, order_id: str) -> WorkOrder:
    """A work order of an organisation.

    Raises:
        NotFound: there is none of this id.
    """
    work = work_table.c
    row = connection.execute(
        sa.select(work_table).where(work.id == order_id, work.organisation_id == organisation_id)
    ).first()
    if row is None:
        raise NotFound("There is no such work order.")
    return _order(row)


def list_of_case(connection: sa.Connection, case_id: str) -> list[WorkOrder]:
    """The work orders of a case, oldest first."""
    rows = connection.execute(
        sa.select(work_table).where(work_table.c.case_id == case_id).order_by(work_table.c.serial)
    )
    return [_order(row) for row in rows]


def list_work(
    connection: sa.Connection, organisation_id: str, query: WorkQuery
) -> tuple[int, list[WorkOrder]]:
    """How many work orders a query finds, and a page of them: the most pressing first, then the oldest."""
    work = work_table.c
    wanted = [work.organisation_id == organisation_id, work.state.in_(_values(query.states))]
    if query.work is not None:
        wanted.append(work.work == query.work.value)
    total = connection.execute(sa.select(sa.func.count()).select_from(work_table).where(*wanted)).scalar_one()
    rows = connection.execute(
        sa.select(work_table)
        .where(*wanted)
        .order_by(work.rank, work.requested_at, work.case_id, work.serial)
        .offset(query.offset)
        .limit(query.limit)
    )
    return total, [_order(row) for row in rows]


def count_open(connection: sa.Connection, organisation_id: str) -> dict[tuple[str, WorkState], int]:
    """How many open work orders each case has, by state."""
    work = work_table.c
    rows = connection.execute(
        sa.select(work.case_id, work.state, sa.func.count().label("many"))
        .where(work.organisation_id == organisation_id, work.state.in_(_values(OPEN)))
        .group_by(work.case_id, work.state)
    )
    return {(row.case_id, WorkState(row.state)): row.many for row in rows}


def _values(states: Iterable[WorkState]) -> list[str]:
    return [one.value for one in states]


def _order(row: Any) -> WorkOrder:
    return WorkOrder(
        WorkOrderId(row.id),
        OrganisationId(row.organisation_id),
        CaseId(row.case_id),
        row.case_number,
        row.serial,
        Work(row.work),
        None if row.subject_id is None else MaterialId(row.subject_id),
        row.subject,
        tuple(row.stains),
        row.copies,
        Priority(row.priority),
        row.reason,
        row.words,
        WorkState(row.state),
        PersonId(row.requested_by),
        row.requested_by_name,
        row.requested_at,
        row.decided_by_name,
        row.said,
        tuple(MaterialId(one) for one in row.planned),
        tuple(ImageId(one) for one in row.known_scans),
        row.changed_at,
    )


# Orders of clinicians -----------------------------------------------------------------------------------


def add_placed(connection: sa.Connection, order: PlacedOrder) -> None:
    connection.execute(
        sa.insert(placed_table).values(
            id=order.id,
            organisation_id=order.organisation_id,
            case_id=order.case_id,
            issuer=order.issuer,
            number=order.number,
            case_number=order.case_number,
            state=order.state.value,
            specimen_ids=list(order.specimen_ids),
            wants_revocation=order.wants_revocation,
            placed_at=order.placed_at,
            changed_at=order.changed_at,
        )
    )


def change_placed(connection: sa.Connection, order: PlacedOrder) -> None:
    """Write down what an order has come to."""
    connection.execute(
        sa.update(placed_table)
        .where(placed_table.c.id == order.id)
        .values(
            state=order.state.value,
            specimen_ids=list(order.specimen_ids),
            wants_revocation=order.wants_revocation,
            changed_at=order.changed_at,
        )
    )


def list_placed(connection: sa.Connection, case_id: str) -> list[PlacedOrder]:
    """The orders that a case fulfils, oldest first."""
    placed = placed_table.c
    query = sa.select(placed_table).where(placed.case_id == case_id)
    return [_placed(row) for row in connection.execute(query.order_by(placed.placed_at, placed.number))]


def list_placed_of(
    connection: sa.Connection, organisation_id: str, case_ids: Collection[str]
) -> list[PlacedOrder]:
    """The orders that cases of an organisation fulfil, oldest first."""
    placed = placed_table.c
    query = sa.select(placed_table).where(
        placed.organisation_id == organisation_id, among(connection, placed.case_id, case_ids)
    )
    return [_placed(row) for row in connection.execute(query.order_by(placed.placed_at, placed.number))]


def get_placed(connection: sa.Connection, organisation_id: str, order_id: str) -> PlacedOrder:
    """An order of a clinician.

    Raises:
        NotFound: there is none of this id in the organisation.
    """
    placed = placed_table.c
    row = connection.execute(
        sa.select(placed_table).where(placed.id == order_id, placed.organisation_id == organisation_id)
    ).first()
    if row is None:
        raise NotFound("There is no such order.")
    return _placed(row)


def _placed(row: Any) -> PlacedOrder:
    return PlacedOrder(
        PlacedOrderId(row.id),
        OrganisationId(row.organisation_id),
        CaseId(row.case_id),
        row.issuer,
        row.number,
        row.case_number,
        PlacedState(row.state),
        tuple(MaterialId(one) for one in row.specimen_ids),
        row.wants_revocation,
        row.placed_at,
        row.changed_at,
    )
