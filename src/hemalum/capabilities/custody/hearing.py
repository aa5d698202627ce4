"""What other systems of the laboratory say happened to a piece or a container: it is so, and in the chain."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Case, Kind, Material, Stage, word_of
from hemalum.capabilities.custody import policy
from hemalum.capabilities.custody.book import MOST_REASON, Book, Piece
from hemalum.capabilities.custody.codes import read_container
from hemalum.capabilities.custody.model import (
    NOWHERE,
    Action,
    Container,
    NotOurs,
    OutOfSequence,
    Place,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid

_BY_PEOPLE = frozenset({Stage.ON_LOAN, Stage.DISPOSED})
"""Whom something is lent to, and that it may be discarded, people say."""

type AlsoHeard = Callable[[sa.Connection, Case | None], None]
"""Writes down more in the transaction of what was heard, with the case of the last piece."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is said of one piece or container."""

    codes: Sequence[str]
    """What may stand on its label; the first that is a code of ours counts."""
    stages: Mapping[Kind, Stage]
    """Where a piece is by its kind; empty where the stage is not told."""
    container: str
    """Code of what it lies in; one that is none of ours, and nothing at all, say nothing."""
    slot: int | None
    is_taken_out: bool
    """Whether it lies in no container any more."""
    is_correction: bool
    """Whether what was said of its stage before was wrong."""
    occurred_at: datetime | None


@dataclass(frozen=True)
class Hearing:
    """Takes in what other systems tell of material."""

    book: Book

    def hear(self, actor: Actor, told: Sequence[Heard], reason: str, also: AlsoHeard) -> None:
        """Write down all that is told, or nothing. To be told what is so already changes nothing.

        Raises:
            NotPermitted: the actor may not.
            NotOurs, CopiedWrongly, UnknownCode: it is about nothing here.
            IllegalMove, OutOfSequence: the piece cannot have come there from where it is.
            NoRoom: the place in the container is taken, or there is none.
            Conflict: only people say that; or a container would lie in itself.
            Invalid: a time that lies ahead, or a container that is said to have a stage.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.SCAN)
        with self.book.writing(asking.organisation_id) as connection:
            case: Case | None = None
            for each in told:
                at = self.book.cases.ledger.occurred(each.occurred_at)
                case = self._hear(connection, asking, each, at, reason[:MOST_REASON]) or case
            also(connection, case)

    def _hear(
        self, connection: sa.Connection, actor: Actor, told: Heard, at: datetime, reason: str
    ) -> Case | None:
        code, found = self._find(connection, actor, told.codes)
        before = self.book.place_of(connection, actor, found.subject)
        place = self._place(connection, actor, found, told, before)
        now = then = ""
        if isinstance(found, Piece):
            now, then = self._move(connection, actor, found, told, at, reason)
        elif told.stages:
            raise Invalid("A container has no stage.")
        if place != before or now != then:
            self.book.write(
                connection,
                actor,
                found.subject,
                Action.HEAR,
                place=place,
                before=now,
                after=then,
                occurred_at=at,
                reason=reason,
                reading=code,
            )
        return found.case if isinstance(found, Piece) else None

    def _find(
        self, connection: sa.Connection, actor: Actor, codes: Sequence[str]
    ) -> tuple[str, Piece | Container]:
        for code in codes:
            try:
                return code, self.book.find(connection, actor, code)
            except NotOurs:
                continue
        raise NotOurs("The message names nothing by a code of this laboratory.")

    def _move(
        self, connection: sa.Connection, actor: Actor, piece: Piece, told: Heard, at: datetime, reason: str
    ) -> tuple[str, str]:
        """The stages of a piece before and now."""
        material = piece.material
        if material.stage is Stage.DISPOSED:
            raise OutOfSequence("{code} was disposed of.", code=material.identifier)
        then = _stage_of(material, told)
        if then is None or then is material.stage:
            return material.stage.value, material.stage.value
        bench = self.book.cases.bench
        if told.is_correction:
            bench.set_back(connection, actor, piece.case, material, then, reason=reason)
        else:
            # What has gone on since it was lost was found.
            is_found = material.stage is Stage.LOST and then is not Stage.BROKEN
            move = bench.find_again if is_found else bench.move
            move(connection, actor, piece.case, material, then, occurred_at=at, reason=reason)
        return material.stage.value, then.value

    def _place(
        self, connection: sa.Connection, actor: Actor, found: Piece | Container, told: Heard, before: Place
    ) -> Place:
        if told.is_taken_out:
            return NOWHERE if before.container else before
        if read_container(told.container) is None:
            return before
        into = self.book.look_up(connection, actor, told.container)
        assert isinstance(into, Container)
        if before.container == into.code and told.slot in (None, before.slot):
            return before
        if isinstance(found, Container) and found.code in self.book.around(
            connection, actor.organisation_id, into.code
        ):
            raise Conflict("Nothing lies in itself.")
        return Place(container=into.code, slot=self.book.slot_in(connection, into, found.subject, told.slot))


def _stage_of(material: Material, told: Heard) -> Stage | None:
    if not told.stages:
        return None
    stage = told.stages.get(material.kind)
    if stage is None:
        raise Invalid(
            "What happened to {code} says nothing of the stage of a {kind}.",
            code=material.identifier,
            kind=word_of(material.kind),
        )
    if stage in _BY_PEOPLE:
        raise Conflict("People say that something is lent or disposed of, and no other system.")
    return stage
