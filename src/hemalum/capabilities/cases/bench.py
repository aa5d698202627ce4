"""Material as those who carry it see it: found by its label, moved on, waiting somewhere."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.cases import event_store, store
from hemalum.capabilities.cases.ledger import CORRECT_MATERIAL, MOVE_MATERIAL, Ledger
from hemalum.capabilities.cases.model import (
    Case,
    CaseId,
    CaseStatus,
    Kind,
    Material,
    Stage,
    check_stage_move,
)
from hemalum.kernel import identifiers
from hemalum.kernel.actor import Actor


@dataclass(frozen=True)
class Bench:
    """The material of a node, in the caller's transaction and for whom `Ledger.ask` gave."""

    ledger: Ledger

    def hold(self, connection: sa.Connection, actor: Actor, material_id: str) -> tuple[Case, Material]:
        """A piece with its case, which is held for this transaction.

        Raises:
            NotFound: there is no such piece in the actor's organisation.
        """
        piece = store.get_material(connection, actor.organisation_id, material_id)
        case = store.get_case(connection, actor.organisation_id, piece.case_id, to_write=True)
        return case, store.get_material(connection, actor.organisation_id, material_id)

    def find_by_code(self, connection: sa.Connection, actor: Actor, code: str) -> tuple[Case, Material]:
        """A piece by what stands on its label, with its case; to look at.

        Raises:
            NoIdentifier: that is no identifier.
            CopiedWrongly: its check character does not fit.
            NotFound: there is no such piece in the actor's organisation.
        """
        wanted = str(identifiers.parse(code))
        piece = store.get_by_identifier(connection, actor.organisation_id, wanted)
        return store.get_case(connection, actor.organisation_id, piece.case_id), piece

    def find_for_node(
        self, connection: sa.Connection, organisation_id: str, material_id: str
    ) -> tuple[Case, Material, Material | None]:
        """A piece with its case and what it was made of, for what the node does by itself.

        Raises:
            NotFound: there is no such piece in the organisation.
        """
        piece = store.get_material(connection, organisation_id, material_id)
        case = store.get_case(connection, organisation_id, piece.case_id)
        parent = None
        if piece.parent_id is not None:
            parent = store.get_material(connection, organisation_id, piece.parent_id)
        return case, piece, parent

    def list_of(self, connection: sa.Connection, case: Case) -> list[Material]:
        """All material of a case, in the order of its labels."""
        return store.list_material(connection, [case.id])

    def move(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        piece: Material,
        stage: Stage,
        *,
        occurred_at: datetime,
        reason: str = "",
    ) -> Material:
        """The piece at its new stage; written down.

        Raises:
            IllegalMove: it cannot go there from where it is.
        """
        check_stage_move(piece.kind, piece.stage, stage)
        return self._set(connection, actor, case, piece, stage, MOVE_MATERIAL, occurred_at, reason)

    def lost_at(self, connection: sa.Connection, piece: Material) -> Stage | None:
        """The stage at which a lost piece was before; None where nobody knows. What was lent comes back to be
        filed."""
        before = event_store.stage_before(connection, piece)
        return Stage.FILED if before is Stage.ON_LOAN else before

    def find_again(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        piece: Material,
        stage: Stage,
        *,
        occurred_at: datetime,
        reason: str = "",
    ) -> Material:
        """The piece that was lost, at the stage where it turned out to be; written down.

        Raises:
            IllegalMove: it is not lost, or no such piece can be there.
        """
        check_stage_move(piece.kind, piece.stage, stage, is_found=True)
        return self._set(connection, actor, case, piece, stage, MOVE_MATERIAL, occurred_at, reason)

    def set_back(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        piece: Material,
        stage: Stage,
        *,
        reason: str,
    ) -> Material:
        """The piece at the stage where it was before somebody said by mistake that it had gone on."""
        now = self.ledger.clock()
        return self._set(connection, actor, case, piece, stage, CORRECT_MATERIAL, now, reason)

    def list_at(
        self,
        connection: sa.Connection,
        organisation_id: str,
        wanted: Mapping[Kind, Collection[Stage]],
        *,
        with_closed: bool,
        limit: int,
        smears: bool | None = None,
    ) -> list[tuple[Case, Material]]:
        """Pieces at these stages by kind, the most pressing cases first; of slides all, or smears alone, or
        those of blocks alone."""
        return store.list_at(
            connection, organisation_id, wanted, with_closed=with_closed, limit=limit, smears=smears
        )

    def signed_at(self, connection: sa.Connection, cases: Sequence[Case]) -> dict[CaseId, datetime]:
        """When those of these cases that are closed became final for the last time."""
        closed = [each.id for each in cases if each.status in (CaseStatus.FINAL, CaseStatus.ENDED)]
        return event_store.newest_moves(connection, closed, CaseStatus.FINAL.value)

    def _set(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        piece: Material,
        stage: Stage,
        action: str,
        occurred_at: datetime,
        reason: str,
    ) -> Material:
        moved = self.ledger.set_stage(
            connection, case, actor, piece, stage, action=action, occurred_at=occurred_at, reason=reason
        )
        self.ledger.follow(connection, case)
        return moved
