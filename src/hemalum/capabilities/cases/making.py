"""How pieces of a case come to be: with their identifiers, and as further work plans them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases import store
from hemalum.capabilities.cases.accessioning import check_words, next_code, place_of
from hemalum.capabilities.cases.ledger import Ledger
from hemalum.capabilities.cases.linking import Linking
from hemalum.capabilities.cases.model import (
    CLOSED,
    FIRST_STAGE,
    GONE,
    MOST_PIECES,
    Case,
    CaseStatus,
    Kind,
    Material,
    MaterialId,
    Stage,
    is_legal,
    word_of,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.identifiers import Identifier
from hemalum.kernel.ids import new_id

_TO_THE_BENCH = {CaseStatus.ASSIGNED: CaseStatus.READY, CaseStatus.READY: CaseStatus.IN_PROCESS}
"""How a case goes back that nobody has begun to report; what was begun stays with its reader."""


@dataclass(frozen=True)
class Making:
    """Adds pieces to cases, in the caller's transaction; who may is asked by the caller."""

    ledger: Ledger
    linking: Linking

    def add(
        self,
        connection: sa.Connection,
        case: Case,
        parent_id: MaterialId | None,
        kind: Kind,
        code: Identifier,
        description: str = "",
        organ: str = "",
    ) -> Material:
        """A new piece with this identifier."""
        label = {Kind.PART: code.part, Kind.BLOCK: code.block, Kind.SLIDE: code.slide}[kind]
        piece = Material(
            MaterialId(new_id()),
            case.id,
            parent_id,
            kind,
            str(label),
            str(code),
            FIRST_STAGE[kind],
            description.strip(),
            organ.strip(),
        )
        store.add_material(connection, piece, place_of(code))
        if kind is Kind.SLIDE:
            self.linking.link_waiting(connection, case, piece)
        return piece

    def add_next(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        parent_id: str | None,
        description: str = "",
        organ: str = "",
        *,
        is_smear: bool = False,
    ) -> Material:
        """Another part (no parent), block or smear of a part, or slide of a block; the caller lets the case
        follow.

        Raises:
            NotFound: there is no such parent.
            Conflict: the case is closed, or what it would be made of is gone.
            Invalid: nothing is made of a slide, a smear is of a part alone, or there are too many.
        """
        check_words(description, organ)
        if case.status in CLOSED:
            raise Conflict("This case is closed.")
        pieces = store.list_material(connection, [case.id])
        if len(pieces) >= MOST_PIECES:
            raise Invalid("A case has at most {most} parts, blocks and slides.", most=MOST_PIECES)
        kind, code = next_code(case, pieces, parent_id, is_smear=is_smear)
        parent = next((each for each in pieces if each.id == parent_id), None)
        if parent is not None and parent.stage in GONE:
            raise Conflict(
                "{identifier} is gone: it is {stage}.",
                identifier=parent.identifier,
                stage=word_of(parent.stage),
            )
        made_of = None if parent is None else parent.id
        piece = self.add(connection, case, made_of, kind, code, description, organ)
        self.ledger.note(connection, case, actor, "add_material", subject=piece.identifier)
        return piece


@dataclass(frozen=True)
class Further:
    """Cases as further work on them sees them, in the transaction that writes the work down."""

    making: Making

    @property
    def ledger(self) -> Ledger:
        return self.making.ledger

    def hold(self, connection: sa.Connection, organisation_id: str, case_id: str) -> Case:
        """The case, held for this transaction.

        Raises:
            NotFound: there is none in the organisation.
        """
        return store.get_case(connection, organisation_id, case_id, to_write=True)

    def find(self, connection: sa.Connection, organisation_id: str, case_id: str) -> Case:
        """The case, to look at. Raises as `hold` does."""
        return store.get_case(connection, organisation_id, case_id)

    def list_material(self, connection: sa.Connection, case: Case) -> list[Material]:
        """Its material, slides with their images."""
        return store.list_material(connection, [case.id])

    def note(
        self,
        connection: sa.Connection,
        case: Case,
        actor: Actor | None,
        action: str,
        *,
        subject: str,
        before: str | None = None,
        after: str | None = None,
        reason: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Write down in the history of the case, and in the log, what happened to work on it."""
        self.ledger.note(
            connection,
            case,
            actor,
            action,
            subject=subject,
            before=before,
            after=after,
            reason=reason,
            detail=detail,
            capability="orders",
        )

    def plan(
        self, connection: sa.Connection, actor: Actor, case: Case, parent_id: str, description: str = ""
    ) -> Material:
        """Another block of a part, or slide of a block. Raises as `Making.add_next` does."""
        return self.making.add_next(connection, actor, case, parent_id, description)

    def add_part(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        description: str,
        organ: str,
        *,
        has_come: bool,
    ) -> Material:
        """Another part, which came or is expected. Raises as `Making.add_next` does."""
        part = self.making.add_next(connection, actor, case, None, description, organ)
        if not has_come:
            store.set_stage(connection, part.id, Stage.EXPECTED)
        return part

    def end(self, connection: sa.Connection, actor: Actor | None, case: Case, reason: str) -> Case:
        """The case, ended.

        Raises:
            IllegalMove: it was begun to be read.
        """
        return self.ledger.set_status(connection, case, actor, CaseStatus.ENDED, reason=reason)

    def move(
        self, connection: sa.Connection, actor: Actor | None, case: Case, piece: Material, stage: Stage
    ) -> bool:
        """Say where a piece is now; answers whether it could go there."""
        if not is_legal(piece.kind, piece.stage, stage):
            return False
        self.ledger.set_stage(connection, case, actor, piece, stage)
        return True

    def back_to_the_bench(self, connection: sa.Connection, case: Case) -> Case:
        """The case in process again, unless its report was begun; it is ready again once all is scanned."""
        while (then := _TO_THE_BENCH.get(case.status)) is not None:
            case = self.ledger.set_status(connection, case, None, then)
        return case

    def touch(self, connection: sa.Connection, case: Case) -> None:
        """Have whoever looks for what changed find the case: what was asked of it stands otherwise."""
        store.change_case(connection, case, self.ledger.clock())

    def follow(self, connection: sa.Connection, case: Case) -> Case:
        """Bring counts and status of the case after its material."""
        return self.ledger.follow(connection, case)
