"""Queries of when material came and on which days work is done, in the caller's transaction."""

from datetime import date, datetime, tzinfo

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Stage, WorkCalendar
from hemalum.capabilities.cases.tables import event_table, holiday_table

_CAME = (Stage.RECEIVED, Stage.ACCEPTED, Stage.REJECTED, Stage.GROSSED, Stage.STORED)
"""Of a part that is in the laboratory."""


def find_arrival(connection: sa.Connection, case_id: str) -> datetime | None:
    """When the first part of a case came that was only expected before; None where nobody told of it."""
    event = event_table.c
    query = sa.select(sa.func.min(event.occurred_at)).where(
        event.case_id == case_id,
        event.action == "move_material",
        event.after.in_([stage.value for stage in _CAME]),
    )
    found: datetime | None = connection.execute(query).scalar()
    return found


def calendar_of(connection: sa.Connection, organisation_id: str, zone: tzinfo) -> WorkCalendar:
    """On which days an organisation works."""
    return WorkCalendar(zone, frozenset(list_holidays(connection, organisation_id)))


def list_holidays(connection: sa.Connection, organisation_id: str) -> list[date]:
    """Its holidays, in their order."""
    holiday = holiday_table.c
    query = sa.select(holiday.day).where(holiday.organisation_id == organisation_id).order_by(holiday.day)
    return list(connection.execute(query).scalars())
