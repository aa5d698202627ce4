"""What was put into each cassette of a case: written down at grossing, read at the case and in its report."""

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.cases.model import Kind, Material, PatientId
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.grossing import contents_store
from hemalum.capabilities.grossing.model import Cassette, Contents, DescribedMeanwhile, check_contents
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid, NotPermitted
from hemalum.kernel.typed import typed_json
from hemalum.runtime.db import reading, transaction

VIEW_CASE = "cases.view"
PROCESS = "cases.process"
_NOTHING = Contents()


@dataclass(frozen=True)
class Describing:
    """The cassettes of a node. May be used from several threads."""

    cases: Cases

    @property
    def _database(self) -> sa.Engine:
        return self.cases.ledger.database

    def list_of_case(self, actor: Actor, case_id: str) -> list[Cassette]:
        """The blocks of a case in the order of their labels, with what was put into each.

        Raises:
            NotFound: there is no such case in the actor's organisation.
            NotPermitted: the actor sees no cases, or may not know the patient of this one.
        """
        shown = self.cases.get_case(actor, case_id)
        if shown.is_withheld:
            raise NotPermitted("What is in the cassettes is for those who may know the patient.")
        with reading(self._database) as connection:
            rows = contents_store.newest_of(connection, case_id)
        return [self._cassette(one, rows.get(one.id)) for one in shown.material if one.kind is Kind.BLOCK]

    def describe(self, actor: Actor, material_id: str, based_on: int, contents: Contents) -> Cassette:
        """State what was put into a cassette; the same once more keeps nothing. What was said before stays.

        Raises:
            Invalid: it is no block, or the contents can be none.
            DescribedMeanwhile: it was described since the version that this is based on.
            NotFound, NotPermitted: as `list_of_case`, and the actor may not work on the bench.
        """
        ledger = self.cases.ledger
        asking = ledger.ask(actor, VIEW_CASE, PROCESS)
        stated = check_contents(contents)
        with transaction(self._database) as connection:
            case, piece = self.cases.bench.hold(connection, asking, material_id)
            if self.cases.reporting.is_withheld(connection, asking, case):
                raise NotPermitted("What is in the cassettes is for those who may know the patient.")
            if piece.kind is not Kind.BLOCK:
                raise Invalid("Only cassettes are described; parts and slides are not.")
            row = contents_store.newest_of(connection, case.id).get(piece.id)
            before = self._cassette(piece, row)
            if before.contents == stated:
                return before
            if before.version != based_on:
                raise DescribedMeanwhile(
                    "{name} described this cassette meanwhile; look at it again.", name=before.by_name
                )
            version, at = before.version + 1, ledger.clock()
            sealed = ledger.vault.seal_text(
                case.patient_id, _place(piece, version), msgspec.json.encode(stated)
            )
            contents_store.add(connection, case.id, piece.id, version, case.patient_id, sealed, at, asking)
            # What it says is of a patient, and stands in no history in clear text.
            ledger.note(
                connection,
                case,
                asking,
                "describe_cassette",
                subject=piece.identifier,
                before=str(before.version) if before.version else None,
                after=str(version),
                capability="grossing",
            )
        return Cassette(piece.id, piece.identifier, version, stated, at, asking.called)

    def _cassette(self, piece: Material, row: Any) -> Cassette:
        if row is None:
            return Cassette(piece.id, piece.identifier, 0, _NOTHING)
        contents = self._opened(row.patient_id, _place(piece, row.version), row.sealed)
        return Cassette(piece.id, piece.identifier, row.version, contents, row.at, row.by_name)

    def _opened(self, patient_id: PatientId | None, place: str, sealed: bytes) -> Contents:
        opened = self.cases.ledger.vault.open_text(patient_id, place, sealed)
        return _NOTHING if opened is None else typed_json(opened, Contents)


def _place(piece: Material, version: int) -> str:
    return f"grossing/{piece.id}/{version}"
