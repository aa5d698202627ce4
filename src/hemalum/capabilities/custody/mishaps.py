"""Pieces that are lost, found again, or broken: who says so, and why."""

from dataclasses import dataclass

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Kind, Stage
from hemalum.capabilities.cases.service import check_reason
from hemalum.capabilities.custody import policy, store
from hemalum.capabilities.custody.book import Book, Piece
from hemalum.capabilities.custody.model import NOWHERE, Action, Container, CustodyEvent, Mishap
from hemalum.capabilities.custody.tracing import Waiting
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.runtime.db import reading

_MOST_LISTED = 500
_ACTIONS = {Mishap.LOST: Action.LOSE, Mishap.BROKEN: Action.BREAK}


@dataclass(frozen=True)
class Mishaps:
    """What befell parts, blocks and slides."""

    book: Book

    def list_lost(self, actor: Actor) -> list[Waiting]:
        """Pieces that are lost, of closed cases too; the most pressing first.

        Raises:
            NotPermitted: the actor may not see where pieces are.
        """
        asking = policy.ask_to_view(self.book.cases, actor)
        place, wanted = asking.organisation_id, dict.fromkeys(Kind, (Stage.LOST,))
        with reading(self.book.database) as connection:
            found = self.book.cases.bench.list_at(
                connection, place, wanted, with_closed=True, limit=_MOST_LISTED
            )
            standings = store.standings_of(connection, place, [piece.identifier for _, piece in found])
        return [Waiting(case, piece, standings.get(piece.identifier), None) for case, piece in found]

    def tell(self, actor: Actor, code: str, mishap: Mishap, reason: str) -> CustodyEvent:
        """Say that a piece is lost, or broken. Where a lost one is, nobody knows; a broken one stays there.

        Raises:
            NotPermitted: the actor may not.
            NotOurs, CopiedWrongly, UnknownCode: that is the code of no piece.
            IllegalMove: there is no such piece yet, or not any more.
            Invalid: it is a container, or there is no reason.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.SCAN)
        said, now, then = check_reason(reason, needed=True), self.book.now(), Stage(mishap)
        with self.book.writing(asking.organisation_id) as connection:
            piece = self._piece(connection, asking, code)
            before = piece.material.stage
            bench = self.book.cases.bench
            bench.move(connection, asking, piece.case, piece.material, then, occurred_at=now, reason=said)
            return self.book.write(
                connection,
                asking,
                piece.subject,
                _ACTIONS[mishap],
                place=NOWHERE if mishap is Mishap.LOST else None,
                before=before.value,
                after=then.value,
                reason=said,
                reading=code,
            )

    def find(self, actor: Actor, code: str, reason: str = "") -> CustodyEvent:
        """Say that a lost piece was found: it is at the stage at which it was lost, and with who found it.

        Raises:
            NotPermitted: the actor may not.
            NotOurs, CopiedWrongly, UnknownCode: that is the code of no piece.
            Conflict: it is not lost.
            Invalid: it is a container.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.SCAN)
        said, now = check_reason(reason), self.book.now()
        with self.book.writing(asking.organisation_id) as connection:
            piece = self._piece(connection, asking, code)
            bench = self.book.cases.bench
            then = bench.lost_at(connection, piece.material)
            if piece.material.stage is not Stage.LOST or then is None:
                raise Conflict("{code} is not lost.", code=piece.material.identifier)
            bench.find_again(
                connection, asking, piece.case, piece.material, then, occurred_at=now, reason=said
            )
            return self.book.write(
                connection,
                asking,
                piece.subject,
                Action.FIND,
                place=NOWHERE,
                before=Stage.LOST.value,
                after=then.value,
                reason=said,
                reading=code,
            )

    def _piece(self, connection: sa.Connection, actor: Actor, code: str) -> Piece:
        found = self.book.find(connection, actor, code)
        if isinstance(found, Container):
            raise Invalid("{code} is a container; pieces are lost, found or broken.", code=found.code)
        return found
