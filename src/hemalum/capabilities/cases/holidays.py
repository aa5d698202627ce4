"""On which days an organisation does not work, so that targets leave them out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from hemalum.capabilities.cases.ledger import Ledger
from hemalum.capabilities.cases.model import WorkCalendar
from hemalum.capabilities.cases.tables import holiday_table
from hemalum.runtime.db import reading, transaction


@dataclass(frozen=True)
class Holidays:
    """The holidays of organisations, stated by the operator. Cases that have their target keep it."""

    ledger: Ledger

    def calendar_of(self, connection: sa.Connection, organisation_id: str) -> WorkCalendar:
        """On which days an organisation works."""
        return WorkCalendar(self.ledger.zone, frozenset(_days(connection, organisation_id)))

    def list_days(self, organisation_id: str) -> list[date]:
        """Its holidays, in their order."""
        with reading(self.ledger.database) as connection:
            return _days(connection, organisation_id)

    def add(self, organisation_id: str, days: Iterable[date]) -> None:
        """State holidays; those that are known stay so."""
        with transaction(self.ledger.database) as connection:
            known = set(_days(connection, organisation_id))
            fresh = sorted(set(days) - known)
            if fresh:
                values = [{"organisation_id": organisation_id, "day": day} for day in fresh]
                connection.execute(sa.insert(holiday_table), values)

    def remove(self, organisation_id: str, days: Iterable[date]) -> None:
        """State that these are no holidays."""
        holiday = holiday_table.c
        with transaction(self.ledger.database) as connection:
            connection.execute(
                sa.delete(holiday_table).where(
                    holiday.organisation_id == organisation_id, holiday.day.in_(list(days))
                )
            )


def _days(connection: sa.Connection, organisation_id: str) -> list[date]:
    holiday = holiday_table.c
    query = sa.select(holiday.day).where(holiday.organisation_id == organisation_id).order_by(holiday.day)
    return list(connection.execute(query).scalars())
