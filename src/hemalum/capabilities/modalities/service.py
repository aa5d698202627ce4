"""What scanners and their operators do: be known, and ask which slides are to be scanned."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases.service import Cases, SlideToScan
from hemalum.capabilities.modalities import store
from hemalum.capabilities.modalities.model import Scanner, ScannerId, check_scanner
from hemalum.kernel.audit import Record
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import Conflict, NotPermitted
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import reading, transaction

MOST_ITEMS = 1000
"""Of one answer; the most pressing of them."""


@dataclass(frozen=True)
class Modalities:
    """The scanners of a node. May be used from several threads."""

    cases: Cases
    time_zone: ZoneInfo
    """In which scanners tell the time."""
    clock: Clock = utc_now
    most_items: int = MOST_ITEMS

    @property
    def database(self) -> sa.Engine:
        return self.cases.ledger.database

    @property
    def access(self) -> Access:
        return self.cases.access

    # By the operator of the machine -----------------------------------------------------------------------

    def add_scanner(self, scanner: Scanner) -> Scanner:
        """Answer a scanner from now on.

        Raises:
            Invalid: one of its settings cannot be used.
            Conflict: the title is taken, or its account belongs to another organisation.
            NotFound: there is no such organisation or account.
        """
        check_scanner(scanner)
        self.access.get_organisation(scanner.organisation_id)
        actor = self.access.actor_for(scanner.acts_as)
        if actor.organisation_id != scanner.organisation_id:
            raise Conflict("The account {name} has no role where its scanner stands.", name=scanner.acts_as)
        added = replace(scanner, id=ScannerId(new_id()), title=scanner.title.strip())
        with transaction(self.database) as connection:
            store.add_scanner(connection, added, self.clock())
            self._tell("add_scanner", added)
        return added

    def remove_scanner(self, title: str) -> None:
        """Answer a scanner no more.

        Raises:
            NotFound: there is none of this title.
        """
        with transaction(self.database) as connection:
            self._tell("remove_scanner", store.remove_scanner(connection, title.strip()))

    def list_scanners(self) -> list[tuple[Scanner, datetime | None]]:
        """All scanners of the node by title, each with when it last asked."""
        with reading(self.database) as connection:
            return store.list_scanners(connection)

    # Of scanners ------------------------------------------------------------------------------------------

    def find_scanner(self, title: str, address: str) -> Scanner:
        """The scanner of this AE title that calls from this address.

        Raises:
            NotPermitted: there is none.
        """
        with reading(self.database) as connection:
            scanner = store.find_scanner(connection, title.strip())
        if scanner is None or not scanner.calls_from(address):
            raise NotPermitted("No scanner is known by this title at this address.")
        return scanner

    def list_slides(self, scanner: Scanner, named: str = "") -> list[SlideToScan]:
        """Slides that wait for a scan, the most pressing first, `most_items` at most; or the slides that an
        identifier or the number of a case names, also to be scanned once more.

        Raises:
            NotPermitted, NotFound: the scanner's account may not see cases now, or is gone.
        """
        actor = self.access.actor_for(scanner.acts_as)
        scheduling = self.cases.scheduling
        with transaction(self.database) as connection:
            store.note_asked(connection, scanner, self.clock())
        if named:
            return scheduling.find_slides(actor, named)
        return scheduling.list_slides(actor, self.most_items)

    def _tell(self, action: str, scanner: Scanner) -> None:
        self.cases.ledger.slides.record(
            Record(
                f"modalities.{action}",
                None,
                target=f"scanner/{scanner.id}",
                organisation_id=scanner.organisation_id,
                detail={"title": scanner.title},
            )
        )
