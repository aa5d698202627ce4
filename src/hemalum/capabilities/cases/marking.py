"""What models say of cases, in the transaction of the capability that says it."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from hemalum.capabilities.cases import scan_store, store
from hemalum.capabilities.cases.ledger import Ledger
from hemalum.capabilities.cases.model import Case, CaseId, Kind, Mark, Material
from hemalum.kernel.ids import ImageId


@dataclass(frozen=True)
class Marking:
    """Cases as whoever orders them by models sees them."""

    ledger: Ledger

    def hold(
        self, connection: sa.Connection, organisation_id: str, case_id: str
    ) -> tuple[Case, list[Material]]:
        """A case, held for this transaction, and its slides with their scans.

        Raises:
            NotFound: there is none of this id in the organisation.
        """
        case = store.get_case(connection, organisation_id, case_id, to_write=True)
        pieces = store.list_material(connection, [case.id])
        return case, [piece for piece in pieces if piece.kind is Kind.SLIDE]

    def mark(self, connection: sa.Connection, case: Case, mark: Mark | None) -> None:
        """Put a case where it belongs among those of its priority, and say why; None takes that back."""
        if mark == case.mark:
            return
        band = None if mark is None else mark.band
        self.ledger.note(
            connection,
            case,
            None,
            "mark",
            before=None if case.mark is None else case.mark.band.value,
            after=None if band is None else band.value,
            reason="" if mark is None else str(mark.reason),
            capability="triage",
        )
        scan_store.set_mark(connection, case, mark)

    def list_linked(
        self, connection: sa.Connection, organisation_id: str, image_ids: Collection[str]
    ) -> dict[ImageId, CaseId]:
        """By image, the case of the organisation of which it is a scan; others are left out."""
        return scan_store.cases_of(connection, organisation_id, image_ids)
