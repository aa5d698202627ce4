"""What all work of custody shares: it is written into the chain, and where things are follows from that."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Case, Material
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.custody import chain, store
from hemalum.capabilities.custody.codes import read_container
from hemalum.capabilities.custody.model import (
    MOST_NESTED,
    MOST_READING,
    NOWHERE,
    Action,
    Container,
    CustodyEvent,
    NoRoom,
    NotOurs,
    PieceWasPutAway,
    Place,
    Standing,
    Subject,
    UnknownCode,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import HemalumError, NotFound
from hemalum.kernel.identifiers import CopiedWrongly, NoIdentifier
from hemalum.runtime import outbox
from hemalum.runtime.db import transaction

MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class Piece:
    """A part, block or slide with its case, held for this transaction."""

    case: Case
    material: Material

    @property
    def subject(self) -> Subject:
        piece = self.material
        return Subject(piece.identifier, piece.kind.value, piece.id, piece.case_id)


@dataclass(frozen=True)
class Book:
    """The chain of a node's organisations, with the cases whose material it is about."""

    cases: Cases

    @property
    def database(self) -> sa.Engine:
        return self.cases.ledger.database

    def now(self) -> datetime:
        return self.cases.ledger.clock()

    @contextmanager
    def writing(self, organisation_id: str) -> Iterator[sa.Connection]:
        """A transaction that holds the chain of an organisation."""
        with transaction(self.database) as connection:
            store.hold(connection, organisation_id)
            yield connection

    # Finding --------------------------------------------------------------------------------------------

    def look_up(self, connection: sa.Connection, actor: Actor, reading: str) -> Piece | Container:
        """What a code that was read stands on, to look at.

        Raises:
            NotOurs: it is no code of ours; what was read is not repeated, for it may name a patient.
            CopiedWrongly: it is one with another check character.
            UnknownCode: there is no such thing in the actor's organisation.
        """
        try:
            code = read_container(reading)
            if code is not None:
                return store.get_container(connection, actor.organisation_id, code)
            return Piece(*self.cases.bench.find_by_code(connection, actor, reading))
        except CopiedWrongly:
            raise
        except NoIdentifier:
            raise NotOurs("What was read is no code of this laboratory.") from None
        except NotFound:
            code = reading.strip().upper()
            raise UnknownCode("Nothing here has the code {code}.", code=code) from None

    def find(self, connection: sa.Connection, actor: Actor, reading: str) -> Piece | Container:
        """The same, and a piece is held for this transaction. Raises as `look_up` does."""
        found = self.look_up(connection, actor, reading)
        return found if isinstance(found, Container) else self.hold(connection, actor, found.material.id)

    def hold(self, connection: sa.Connection, actor: Actor, material_id: str) -> Piece:
        """A piece by its id.

        Raises:
            NotFound: there is none in the actor's organisation.
        """
        return Piece(*self.cases.bench.hold(connection, actor, material_id))

    def place_of(self, connection: sa.Connection, actor: Actor, subject: Subject) -> Place:
        """Where a subject is."""
        standing = store.find_standing(connection, actor.organisation_id, subject.code)
        return NOWHERE if standing is None else standing.place

    def slot_in(
        self, connection: sa.Connection, container: Container, subject: Subject, wanted: int | None
    ) -> int | None:
        """The slot that something gets in a container: the wanted one, or the first that is free.

        Raises:
            NoRoom: it is taken, there is none of this number, or all are taken.
        """
        if container.slots == 0:
            if wanted is not None:
                raise NoRoom("{container} has no numbered places.", container=container.name)
            return None
        lying = store.list_in(connection, container.organisation_id, container.code)
        taken = {each.place.slot for each in lying if each.subject.code != subject.code}
        own = next((each.place.slot for each in lying if each.subject.code == subject.code), None)
        if wanted is None:
            free = (slot for slot in range(1, container.slots + 1) if slot not in taken)
            slot = own or next(free, None)
            if slot is None:
                raise NoRoom("{container} is full.", container=container.name)
            return slot
        if not 1 <= wanted <= container.slots:
            raise NoRoom("{container} has no place {slot}.", container=container.name, slot=wanted)
        if wanted in taken:
            raise NoRoom("Place {slot} of {container} is taken.", container=container.name, slot=wanted)
        return wanted

    def around(self, connection: sa.Connection, organisation_id: str, code: str) -> list[str]:
        """The code of a container and those of what it lies in, outwards."""
        found = [code]
        while len(found) <= MOST_NESTED:
            here = store.find_standing(connection, organisation_id, found[-1])
            if here is None or not here.place.container:
                break
            found.append(here.place.container)
        return found

    # Writing --------------------------------------------------------------------------------------------

    def write(
        self,
        connection: sa.Connection,
        actor: Actor,
        subject: Subject,
        action: Action,
        *,
        place: Place | None = None,
        point_id: str = "",
        before: str = "",
        after: str = "",
        occurred_at: datetime | None = None,
        reason: str = "",
        reading: str = "",
        corrects: int | None = None,
        refusal: HemalumError | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> CustodyEvent:
        """What happened, or was refused, as the newest link of the chain; by default it stays where it is."""
        now = self.now()
        here = store.find_standing(connection, actor.organisation_id, subject.code)
        before_place = NOWHERE if here is None else here.place
        after_place = before_place if place is None or refusal is not None else place
        event = CustodyEvent(
            actor.organisation_id,
            0,
            subject,
            0,
            action,
            None if refusal is None else refusal.sentence,
            "" if refusal is None else refusal.code,
            point_id,
            before_place,
            after_place,
            before,
            after,
            actor.person_id,
            actor.called,
            now,
            occurred_at or now,
            reason,
            reading[:MOST_READING],
            corrects,
            detail or {},
        )
        linked = chain.append(connection, event, actor, self.cases.ledger.slides.record)
        if refusal is None:
            is_there = here is not None and here.place == after_place
            since = here.since if here is not None and is_there else linked.occurred_at
            store.put_standing(
                connection,
                actor.organisation_id,
                Standing(subject, after_place, actor.called, since, now, linked.number),
            )
            _tell_place(connection, linked)
        return linked


def _tell_place(connection: sa.Connection, event: CustodyEvent) -> None:
    """Tell whoever listens that a piece lies in another container, or in none. What changes its stage, too,
    is told by that."""
    subject, before, after = event.subject, event.before_place, event.after_place
    stays = (before.container, before.slot) == (after.container, after.slot)
    if stays or event.before != event.after or subject.material_id is None or subject.case_id is None:
        return
    moved = PieceWasPutAway(
        event.occurred_at,
        event.organisation_id,
        subject.case_id,
        subject.material_id,
        event.number,
        bool(after.container),
        event.action is Action.CORRECT,
    )
    outbox.publish(connection, moved)
