"""Loans of blocks and slides: to whom, for what, until when; and that they came back."""

from dataclasses import dataclass, replace
from datetime import datetime

from hemalum.capabilities.cases.model import Stage
from hemalum.capabilities.custody import keeping_store, policy
from hemalum.capabilities.custody.book import Book
from hemalum.capabilities.custody.model import NOWHERE, Action, Container, Loan, Place
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import reading

_MOST_LISTED = 500
MOST_WORDS = 200


@dataclass(frozen=True)
class Lending:
    """What is lent, and to whom."""

    book: Book

    def list_all(self, actor: Actor) -> list[Loan]:
        """Those that are out, the first due first, then the last that came back.

        Raises:
            NotPermitted: the actor may not see where pieces are.
        """
        asking = policy.ask_to_view(self.book.cases, actor)
        with reading(self.book.database) as connection:
            return keeping_store.list_loans(connection, asking.organisation_id, _MOST_LISTED)

    def lend(self, actor: Actor, code: str, to: str, purpose: str, due_at: datetime) -> Loan:
        """Lend a block or slide that is filed.

        Raises:
            NotPermitted: the actor may not.
            NotOurs, CopiedWrongly, UnknownCode: that is the code of no piece.
            IllegalMove: it is not filed, or a part.
            Invalid: to whom or for what is not said, or the time lies behind or has no zone.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.SCAN)
        to, purpose = _said(to), _said(purpose)
        now = self.book.now()
        if due_at.tzinfo is None:
            raise Invalid("A time needs its zone, as in 2026-11-28T09:30:00+08:00.")
        if due_at <= now:
            raise Invalid("A loan ends after it begins.")
        with self.book.writing(asking.organisation_id) as connection:
            piece = self.book.find(connection, asking, code)
            if isinstance(piece, Container):
                raise Invalid("{code} is a container; blocks and slides are lent.", code=piece.code)
            material = piece.material
            self.book.cases.bench.move(
                connection, asking, piece.case, material, Stage.ON_LOAN, occurred_at=now, reason=purpose
            )
            loan = Loan(
                new_id(),
                material.id,
                material.identifier,
                material.case_id,
                to,
                purpose,
                asking.called,
                now,
                due_at,
                None,
                None,
            )
            keeping_store.add_loan(connection, asking.organisation_id, loan)
            self.book.write(
                connection,
                asking,
                piece.subject,
                Action.LEND,
                place=Place(holder=to),
                before=material.stage.value,
                after=Stage.ON_LOAN.value,
                reason=purpose,
                reading=code,
                detail={"loan": loan.id, "due": due_at.isoformat()},
            )
        return loan

    def take_back(self, actor: Actor, code: str) -> Loan:
        """Say that a block or slide came back; it is filed, and whoever takes it back has it.

        Raises:
            NotPermitted: the actor may not.
            NotOurs, CopiedWrongly, UnknownCode: that is the code of no piece.
            Conflict: it is not on loan.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.SCAN)
        now = self.book.now()
        with self.book.writing(asking.organisation_id) as connection:
            piece = self.book.find(connection, asking, code)
            loan = (
                None
                if isinstance(piece, Container)
                else keeping_store.find_open_loan(connection, asking.organisation_id, piece.material.id)
            )
            if loan is None or isinstance(piece, Container):
                raise Conflict("{code} is not on loan.", code=code.strip().upper())
            before = piece.material.stage
            if before is Stage.ON_LOAN:
                self.book.cases.bench.move(
                    connection, asking, piece.case, piece.material, Stage.FILED, occurred_at=now
                )
            keeping_store.end_loan(connection, loan.id, asking.called, now)
            self.book.write(
                connection,
                asking,
                piece.subject,
                Action.RETURN,
                place=NOWHERE,
                before=before.value,
                after=(Stage.FILED if before is Stage.ON_LOAN else before).value,
                reading=code,
                detail={"loan": loan.id},
            )
        return replace(loan, returned_by=asking.called, returned_at=now)


def _said(words: str) -> str:
    said = words.strip()
    if not said or len(said) > MOST_WORDS:
        raise Invalid("Say to whom and for what, in at most {most} characters each.", most=MOST_WORDS)
    return said
