"""Racks, trays, boxes, drawers, cabinets, fridges, rooms: what lies in them, and what they lie in."""

from dataclasses import dataclass

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Stage
from hemalum.capabilities.custody import policy, store
from hemalum.capabilities.custody.book import MOST_REASON, Book, Piece
from hemalum.capabilities.custody.codes import code_of, read_container
from hemalum.capabilities.custody.model import (
    MOST_NESTED,
    MOST_SLOTS,
    NOWHERE,
    Action,
    Container,
    ContainerKind,
    CustodyEvent,
    NotOurs,
    OutOfSequence,
    Place,
    Standing,
    Subject,
    path_of,
)
from hemalum.capabilities.custody.points import MOST_NAME
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.runtime.db import reading

_AWAY = (Stage.DISPOSED, Stage.ON_LOAN)


@dataclass(frozen=True, slots=True)
class ShownContainer:
    """A container, where it is, and what lies in it itself."""

    container: Container
    path: tuple[Place, ...]
    """From the outermost to what it lies in; the first may be a point."""
    names: dict[str, str]
    """Of the containers in the path and in it, by code."""
    standing: Standing | None
    """None where it was never put anywhere."""
    contents: tuple[Standing, ...]


@dataclass(frozen=True)
class Containers:
    """What lies where."""

    book: Book

    def add(self, actor: Actor, kind: ContainerKind, name: str, slots: int = 0) -> Container:
        """A new container, with a code to be printed on it.

        Raises:
            NotPermitted: the actor may not.
            Invalid: it has no name, or more places than a container can have.
            Conflict: somebody else added one at this moment.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.SCAN)
        said = name.strip()
        if not said or len(said) > MOST_NAME:
            raise Invalid("A name has 1 to {most} characters.", most=MOST_NAME)
        if not 0 <= slots <= MOST_SLOTS:
            raise Invalid("A container has at most {most} numbered places.", most=MOST_SLOTS)
        try:
            with self.book.writing(asking.organisation_id) as connection:
                serial = store.next_serial(connection)
                container = Container(code_of(serial), asking.organisation_id, kind, said, slots)
                detail = {"container": container.code, "kind": kind.value}
                self.book.cases.ledger.slides.record(
                    Record(
                        "custody.add_container",
                        asking,
                        organisation_id=asking.organisation_id,
                        detail=detail,
                    )
                )
                store.add_container(connection, serial, container, self.book.now())
        except sa.exc.IntegrityError as error:
            raise Conflict("Somebody else wrote the same down at this moment; try again.") from error
        return container

    def list_all(self, actor: Actor) -> list[ShownContainer]:
        """All containers of the actor's organisation, the largest kinds first, without their contents.

        Raises:
            NotPermitted: the actor may not see where pieces are.
        """
        asking = policy.ask_to_view(self.book.cases, actor)
        with reading(self.book.database) as connection:
            found = store.list_containers(connection, asking.organisation_id)
            standings = store.standings_of(connection, asking.organisation_id, {one.code for one in found})
        names = {each.code: each.name for each in found}
        return [
            ShownContainer(
                each,
                path_of(standings, each.code),
                names,
                standings.get(each.code),
                (),
            )
            for each in found
        ]

    def count_contents(self, actor: Actor) -> dict[str, int]:
        """How many things lie in each container itself, by code."""
        asking = policy.ask_to_view(self.book.cases, actor)
        with reading(self.book.database) as connection:
            return store.count_in(connection, asking.organisation_id)

    def get(self, actor: Actor, code: str) -> ShownContainer:
        """One with its contents.

        Raises:
            NotFound: there is none of this code.
            NotOurs, CopiedWrongly: that is no code of a container.
            NotPermitted: the actor may not see where pieces are.
        """
        asking = policy.ask_to_view(self.book.cases, actor)
        with reading(self.book.database) as connection:
            container = self._get(connection, asking, code)
            contents = store.list_in(connection, asking.organisation_id, container.code)
            found = {each.code: each for each in store.list_containers(connection, asking.organisation_id)}
            standings = store.standings_of(connection, asking.organisation_id, found.keys())
        names = {each.code: each.name for each in found.values()}
        here = standings.get(container.code)
        return ShownContainer(container, path_of(standings, container.code), names, here, tuple(contents))

    def put_in(
        self, actor: Actor, container_code: str, code: str, slot: int | None = None, reason: str = ""
    ) -> CustodyEvent:
        """Put a piece, or a container with all that lies in it, into a container.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such container or thing.
            NoRoom: the place is taken, or there is none.
            Conflict: it would lie in itself, or too deep.
            OutOfSequence: the piece is not in the house any more.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.SCAN)
        with self.book.writing(asking.organisation_id) as connection:
            container = self._get(connection, asking, container_code)
            found = self.book.find(connection, asking, code)
            subject = self._movable(connection, asking, found, container)
            before = self.book.place_of(connection, asking, subject)
            if before.container == container.code and slot in (None, before.slot):
                last = store.last_done(connection, asking.organisation_id, subject.code)
                assert last is not None
                return last
            free = self.book.slot_in(connection, container, subject, slot)
            place = Place(container=container.code, slot=free)
            return self._write(connection, asking, found, subject, Action.PUT_IN, place, reason, code)

    def take_out(self, actor: Actor, container_code: str, code: str, reason: str = "") -> CustodyEvent:
        """Take something out of a container: whoever does has it until it is put or scanned somewhere.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such container or thing.
            Conflict: it does not lie there.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.SCAN)
        with self.book.writing(asking.organisation_id) as connection:
            container = self._get(connection, asking, container_code)
            found = self.book.find(connection, asking, code)
            subject = found.subject
            before = self.book.place_of(connection, asking, subject)
            if before.container != container.code:
                raise Conflict(
                    "{code} does not lie in {container}.", code=subject.code, container=container.name
                )
            return self._write(connection, asking, found, subject, Action.TAKE_OUT, NOWHERE, reason, code)

    def _movable(
        self, connection: sa.Connection, actor: Actor, found: Piece | Container, into: Container
    ) -> Subject:
        if isinstance(found, Piece):
            if found.material.stage in _AWAY:
                raise OutOfSequence("{code} is not in the house.", code=found.material.identifier)
            if found.material.stage is Stage.LOST:
                raise OutOfSequence("{code} is lost: say first that it was found.", code=found.subject.code)
            return found.subject
        around = self.book.around(connection, actor.organisation_id, into.code)
        if found.code in around:
            raise Conflict("Nothing lies in itself.")
        if len(around) > MOST_NESTED:
            raise Conflict("Containers lie at most {most} deep.", most=MOST_NESTED)
        return found.subject

    def _write(
        self,
        connection: sa.Connection,
        actor: Actor,
        found: Piece | Container,
        subject: Subject,
        action: Action,
        place: Place,
        reason: str,
        read: str,
    ) -> CustodyEvent:
        stage = found.material.stage.value if isinstance(found, Piece) else ""
        said = reason.strip()[:MOST_REASON]
        return self.book.write(
            connection,
            actor,
            subject,
            action,
            place=place,
            before=stage,
            after=stage,
            reason=said,
            reading=read,
        )

    def _get(self, connection: sa.Connection, actor: Actor, code: str) -> Container:
        wanted = read_container(code)
        if wanted is None:
            raise NotOurs("What was read is no code of this laboratory.")
        return store.get_container(connection, actor.organisation_id, wanted)
