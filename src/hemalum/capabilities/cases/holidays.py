"""On which days an organisation does not work, so that targets leave them out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from hemalum.capabilities.cases import arrival_store
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
        return arrival_store.calendar_of(connection, organisation_id, self.ledger.zone)

    def list_days(self, organisation_id: str) -> list[date]:
        """Its holidays, in their order."""
        with reading(self.ledger.database) as connection:
            return arrival_store.list_holidays(connection, organisation_id)

    def add(self, organisation_id: str, days: Iterable[date]) -> None:
        """State holidays; those that are known stay so."""
        with transaction(self.ledger.database) as connection:
            known = set(arrival_store.list_holidays(connection, organisation_id))
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
