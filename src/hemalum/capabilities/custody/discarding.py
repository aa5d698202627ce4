"""Discards: one person proposes with a reason, a second one confirms by an act of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

import sqlalchemy as sa

from hemalum.capabilities.cases.model import GONE, Stage, is_legal, word_of
from hemalum.capabilities.custody import keeping_store, policy
from hemalum.capabilities.custody.book import MOST_REASON, Book, Piece
from hemalum.capabilities.custody.model import (
    MOST_BATCH,
    NOWHERE,
    RETENTION,
    Action,
    Container,
    Discard,
    DiscardedPiece,
    DiscardState,
    OnePerson,
    OutOfSequence,
    StillKept,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import reading

_MOST_LISTED = 200


@dataclass(frozen=True)
class Discarding:
    """Proposals to discard, and what became of them."""

    book: Book

    def list_all(self, actor: Actor) -> list[Discard]:
        """Those that wait for a second person, then the newest of the others.

        Raises:
            NotPermitted: the actor may not see where pieces are.
        """
        asking = policy.ask_to_view(self.book.cases, actor)
        with reading(self.book.database) as connection:
            return keeping_store.list_discards(connection, asking.organisation_id, _MOST_LISTED)

    def propose(
        self, actor: Actor, codes: Sequence[str], reason: str, *, despite_retention: bool = False
    ) -> Discard:
        """Propose to discard pieces, all of them or none.

        Raises:
            NotPermitted: the actor may not.
            Invalid: there is no reason, no piece, or too many.
            NotOurs, CopiedWrongly, UnknownCode: one of them is the code of no piece.
            OutOfSequence: one of them cannot be discarded from where it is.
            StillKept: one of them has to be kept longer, and nobody said that it is discarded all the same.
            Conflict: one of them was proposed already.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.DISCARD)
        said = reason.strip()
        if not said or len(said) > MOST_REASON:
            raise Invalid("A reason is needed, of at most {most} characters.", most=MOST_REASON)
        wanted = sorted({code.strip().upper() for code in codes if code.strip()})
        if not 1 <= len(wanted) <= MOST_BATCH:
            raise Invalid("1 to {most} pieces are discarded together.", most=MOST_BATCH)
        now = self.book.now()
        with self.book.writing(asking.organisation_id) as connection:
            pieces = [self._find(connection, asking, code) for code in wanted]
            again = keeping_store.proposed_among(connection, [each.material.id for each in pieces])
            for each in pieces:
                if each.material.id in again:
                    raise Conflict("{code} is proposed already.", code=each.material.identifier)
            kept = [self._kept(connection, each) for each in pieces]
            if not despite_retention:
                self._check_kept(kept)
            discard = Discard(
                new_id(),
                DiscardState.PROPOSED,
                said,
                any(each.is_kept(now) for each in kept),
                asking.person_id,
                asking.called,
                now,
                None,
                None,
                None,
                tuple(kept),
            )
            keeping_store.add_discard(connection, asking.organisation_id, discard)
            for each in pieces:
                self._write(connection, asking, each, Action.PROPOSE_DISCARD, discard)
        return discard

    def confirm(self, actor: Actor, discard_id: str) -> Discard:
        """Discard what somebody else proposed; the pieces are disposed of from then on.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such proposal.
            OnePerson: the actor proposed it.
            Conflict: it was decided already.
            OutOfSequence: one of the pieces went on meanwhile.
            StillKept: a case was signed anew meanwhile, or is being amended, so that a piece is kept longer.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.DISCARD)
        now = self.book.now()
        with self.book.writing(asking.organisation_id) as connection:
            discard = self._proposed(connection, asking, discard_id)
            if discard.proposed_by == asking.person_id:
                raise OnePerson("You proposed this; somebody else confirms it.")
            for each in discard.pieces:
                piece = self.book.hold(connection, asking, each.material_id)
                _check_discardable(piece)
                if not discard.is_early:
                    self._check_kept([self._kept(connection, piece)])
                moved = self.book.cases.bench.move(
                    connection,
                    asking,
                    piece.case,
                    piece.material,
                    Stage.DISPOSED,
                    occurred_at=now,
                    reason=discard.reason,
                )
                self._write(connection, asking, piece, Action.DISCARD, discard, moved.stage)
            return self._decide(connection, asking, discard, DiscardState.DONE, now)

    def withdraw(self, actor: Actor, discard_id: str) -> Discard:
        """Say that a proposal is not to be carried out; who made it or anybody else who may discard.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such proposal.
            Conflict: it was decided already.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.DISCARD)
        with self.book.writing(asking.organisation_id) as connection:
            discard = self._proposed(connection, asking, discard_id)
            for each in discard.pieces:
                piece = self.book.hold(connection, asking, each.material_id)
                self._write(connection, asking, piece, Action.WITHDRAW_DISCARD, discard)
            return self._decide(connection, asking, discard, DiscardState.WITHDRAWN, self.book.now())

    def _find(self, connection: sa.Connection, actor: Actor, code: str) -> Piece:
        found = self.book.find(connection, actor, code)
        if isinstance(found, Container):
            raise Invalid("{code} is a container; pieces are discarded.", code=found.code)
        _check_discardable(found)
        return found

    def _kept(self, connection: sa.Connection, piece: Piece) -> DiscardedPiece:
        material = piece.material
        signed = self.book.cases.bench.signed_at(connection, [piece.case]).get(piece.case.id)
        until = None if signed is None else signed + RETENTION[material.kind]
        return DiscardedPiece(material.id, material.identifier, material.kind, material.case_id, until)

    def _check_kept(self, pieces: Sequence[DiscardedPiece]) -> None:
        """Raise StillKept where the time of one of these pieces is not over."""
        now = self.book.now()
        for each in pieces:
            if each.is_kept(now):
                raise _still_kept(each, self.book.cases.ledger.zone)

    def _proposed(self, connection: sa.Connection, actor: Actor, discard_id: str) -> Discard:
        discard = keeping_store.get_discard(connection, actor.organisation_id, discard_id)
        if discard.state is not DiscardState.PROPOSED:
            raise Conflict("This was decided already.")
        return discard

    def _decide(
        self, connection: sa.Connection, actor: Actor, discard: Discard, state: DiscardState, now: datetime
    ) -> Discard:
        keeping_store.decide(connection, discard.id, state, actor.person_id, actor.called, now)
        return replace(
            discard,
            state=state,
            decided_by=actor.person_id,
            decided_by_name=actor.called,
            decided_at=now,
        )

    def _write(
        self,
        connection: sa.Connection,
        actor: Actor,
        piece: Piece,
        action: Action,
        discard: Discard,
        after: Stage | None = None,
    ) -> None:
        now = piece.material.stage
        self.book.write(
            connection,
            actor,
            piece.subject,
            action,
            place=NOWHERE if action is Action.DISCARD else None,
            before=now.value,
            after=(after or now).value,
            reason=discard.reason,
            detail={"discard": discard.id},
        )


def _check_discardable(piece: Piece) -> None:
    material = piece.material
    if not is_legal(material.kind, material.stage, Stage.DISPOSED) or (
        material.stage in GONE and material.stage is not Stage.REJECTED
    ):
        raise OutOfSequence(
            "{code} is {stage}: it cannot be discarded.",
            code=material.identifier,
            stage=word_of(material.stage),
        )


def _still_kept(piece: DiscardedPiece, zone: tzinfo) -> StillKept:
    if piece.keep_until is None:
        return StillKept(
            "{code} is of a case without a final report; its time has not begun.", code=piece.code
        )
    day = piece.keep_until.astimezone(zone).date()
    return StillKept("{code} is kept until {date} at least.", code=piece.code, date=day.isoformat())
