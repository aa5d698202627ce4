"""A code is scanned at a point: the piece is found, its stage moves on, and where it is is known.

What is refused is written down as well, and nothing but the refusal changes.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Kind, Material, Stage, word_of
from hemalum.capabilities.custody import policy, store
from hemalum.capabilities.custody.book import MOST_REASON, Book, Piece
from hemalum.capabilities.custody.model import (
    CORRECTABLE,
    SAME_SCAN_WITHIN,
    Action,
    CannotCorrect,
    Container,
    CustodyEvent,
    Mislabelled,
    NotOurs,
    OutOfSequence,
    Place,
    Point,
    Step,
    Subject,
    UnknownCode,
    WrongStation,
    check_sequence,
    made_of,
    needs_parent,
    target_of,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, HemalumError, Invalid, NotFound
from hemalum.kernel.identifiers import CopiedWrongly, NoIdentifier, parse

_EARLIEST_YEAR = 1970


@dataclass(frozen=True, slots=True)
class ScanAsked:
    """A reading at a point."""

    point_id: str
    code: str
    container: str = ""
    """Code of the container that the piece is put into."""
    slot: int | None = None
    expected: str = ""
    """Code of the piece that was to come."""
    failed: str = ""
    """At the quality check: why the slide did not pass."""
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """What came of a scan."""

    event: CustodyEvent
    is_repeated: bool
    """Whether it was the same scan once more, of which nothing new was written down."""
    piece: Piece | None
    """None where a container was scanned."""
    children: tuple[Material, ...] = ()
    """What is to be made of the piece at this point."""
    makes: tuple[Kind, ...] = ()
    """Of what kinds that can be."""


@dataclass(frozen=True)
class Scanning:
    """Scans at points, and their correction."""

    book: Book

    def scan(self, actor: Actor, asked: ScanAsked) -> Scanned:
        """Take a reading in.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such point.
            Conflict: the point is retired.
            NotOurs, CopiedWrongly, UnknownCode: it is the code of nothing here.
            WrongStation, OutOfSequence, Mislabelled, NoRoom, IllegalMove: refused, and written down.
            Invalid: a time that lies ahead.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.SCAN)
        at = self.book.cases.ledger.occurred(asked.occurred_at)
        if at.year < _EARLIEST_YEAR:
            raise Invalid("Nothing was scanned before {year}.", year=_EARLIEST_YEAR)
        failed = asked.failed.strip()[:MOST_REASON]
        refusal: HemalumError | None = None
        with self.book.writing(asking.organisation_id) as connection:
            point = store.get_point(connection, asking.organisation_id, asked.point_id)
            if not point.is_active:
                raise Conflict("This point is retired.")
            subject, found = Subject("", ""), None
            try:
                # What was begun before a refusal is undone; the refusal itself is kept.
                with connection.begin_nested():
                    found = self.book.find(connection, asking, asked.code)
                    subject = found.subject
                    if isinstance(found, Container):
                        return self._place_container(connection, asking, point, found, asked, at)
                    return self._take(connection, asking, point, found, asked, failed, at)
            except (Conflict, Invalid, NotFound) as error:
                refusal = error
                self._refuse(connection, asking, point, subject, found, asked, error, at)
        raise refusal

    def correct(self, actor: Actor, number: int, reason: str = "") -> CustodyEvent:
        """Say that the last that happened to a subject was a mistake: it is where it was before. Both stay in
        the chain.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such event.
            CannotCorrect: it is not the last of its subject, or the piece went on meanwhile.
        """
        asking = policy.ask_to(self.book.cases, actor, policy.SCAN)
        said = reason.strip()[:MOST_REASON]
        place = asking.organisation_id
        with self.book.writing(place) as connection:
            event = store.find_event(connection, place, number)
            if event is None:
                raise NotFound("There is no such event.")
            last = store.last_done(connection, place, event.subject.code)
            if last is None or last.number != number or event.action not in CORRECTABLE:
                raise CannotCorrect("Only the last that happened to a piece can be corrected.")
            stages = ("", "")
            if event.subject.material_id is not None and event.after:
                piece = self.book.hold(connection, asking, event.subject.material_id)
                if piece.material.stage.value != event.after:
                    raise CannotCorrect("The piece went on meanwhile.")
                if event.before != event.after:
                    bench, then = self.book.cases.bench, Stage(event.before)
                    bench.set_back(connection, asking, piece.case, piece.material, then, reason=said)
                stages = (event.after, event.before)
            return self.book.write(
                connection,
                asking,
                event.subject,
                Action.CORRECT,
                place=self._free(connection, place, event),
                point_id=event.point_id,
                before=stages[0],
                after=stages[1],
                reason=said,
                corrects=number,
            )

    # Taking in ------------------------------------------------------------------------------------------

    def _take(
        self,
        connection: sa.Connection,
        actor: Actor,
        point: Point,
        piece: Piece,
        asked: ScanAsked,
        failed: str,
        at: datetime,
    ) -> Scanned:
        material = piece.material
        _check_expected(asked, material)
        target = target_of(point.step, material.kind)
        if material.stage is Stage.DISPOSED:
            raise OutOfSequence("{code} was disposed of.", code=material.identifier)
        if failed:
            target = _failed_target(point, material)
        place = self._place(connection, actor, point, piece.subject, asked)
        again = self._same_again(connection, point, piece, target, place)
        pieces = self.book.cases.bench.list_of(connection, piece.case)
        makes = made_of(point.step, material.kind)
        children = tuple(each for each in pieces if each.parent_id == material.id and each.kind in makes)
        if again is not None:
            return Scanned(again, True, piece, children, makes)
        if needs_parent(point.step, material.kind):
            self._check_parent(connection, point, piece, pieces)
        now, bench = material.stage, self.book.cases.bench
        was = bench.lost_at(connection, material) if now is Stage.LOST else now
        then = target or was or now
        if then is not was and was is not None and not failed:
            check_sequence(point.step, material.kind, was, then, self._steps(connection, actor))
        if then is not now:
            # Who scans what was lost has found it.
            move = bench.find_again if now is Stage.LOST else bench.move
            move(connection, actor, piece.case, material, then, occurred_at=at, reason=failed)
        event = self.book.write(
            connection,
            actor,
            piece.subject,
            Action.SCAN,
            place=place,
            point_id=point.id,
            before=now.value,
            after=then.value,
            occurred_at=at,
            reason=failed,
            reading=asked.code,
        )
        return Scanned(event, False, piece, children, makes)

    def _steps(self, connection: sa.Connection, actor: Actor) -> frozenset[Step]:
        points = store.list_points(connection, actor.organisation_id)
        return frozenset(each.step for each in points if each.is_active)

    def _place_container(
        self,
        connection: sa.Connection,
        actor: Actor,
        point: Point,
        container: Container,
        asked: ScanAsked,
        at: datetime,
    ) -> Scanned:
        """A container that is scanned at a point is there, with all that lies in it."""
        if asked.container or asked.failed:
            raise WrongStation("A container is put into another one on its own page.")
        subject, place = container.subject, Place(point.id, point.name)
        last = store.last_done(connection, actor.organisation_id, container.code)
        if last is not None and self._is_same(last, point, place):
            return Scanned(last, True, None)
        event = self.book.write(
            connection,
            actor,
            subject,
            Action.SCAN,
            place=place,
            point_id=point.id,
            occurred_at=at,
            reading=asked.code,
        )
        return Scanned(event, False, None)

    def _place(
        self, connection: sa.Connection, actor: Actor, point: Point, subject: Subject, asked: ScanAsked
    ) -> Place:
        if not asked.container.strip():
            return Place(point.id, point.name)
        found = self.book.find(connection, actor, asked.container)
        if not isinstance(found, Container):
            raise WrongStation("{code} is no container.", code=found.material.identifier)
        slot = self.book.slot_in(connection, found, subject, asked.slot)
        return Place(container=found.code, slot=slot)

    def _same_again(
        self, connection: sa.Connection, point: Point, piece: Piece, target: Stage | None, place: Place
    ) -> CustodyEvent | None:
        """The scan that this one repeats: the piece was nowhere since, no other parent was scanned here."""
        organisation_id, material = piece.case.organisation_id, piece.material
        last = store.last_done(connection, organisation_id, material.identifier)
        if last is None or not self._is_same(last, point, place):
            return None
        if target is not None and material.stage is not target:
            return None
        if made_of(point.step, material.kind):
            kinds = [kind.value for kind in Kind if made_of(point.step, kind)]
            newest = store.last_scanned(connection, organisation_id, point.id, kinds)
            if newest is None or newest.number != last.number:
                return None
        return last

    def _is_same(self, last: CustodyEvent, point: Point, place: Place) -> bool:
        is_soon = self.book.now() - last.at <= SAME_SCAN_WITHIN
        return (
            is_soon and last.action is Action.SCAN and last.point_id == point.id and last.after_place == place
        )

    def _check_parent(
        self, connection: sa.Connection, point: Point, piece: Piece, pieces: list[Material]
    ) -> None:
        """Raise Mislabelled unless what the piece is made of was the last of its kind to be scanned here, and
        WrongStation where it is made elsewhere."""
        child = piece.material
        parent = next(each for each in pieces if each.id == child.parent_id)
        if child.kind not in made_of(point.step, parent.kind):
            raise WrongStation(
                "A {kind} of a {parent} is not made here.",
                kind=word_of(child.kind),
                parent=word_of(parent.kind),
            )
        above = [kind.value for kind in Kind if list(Kind).index(kind) <= list(Kind).index(parent.kind)]
        last = store.last_scanned(connection, piece.case.organisation_id, point.id, above)
        if last is None:
            raise Mislabelled(
                "Scan {parent} first: {code} is made of it.", parent=parent.identifier, code=child.identifier
            )
        if last.subject.code != parent.identifier:
            raise Mislabelled(
                "{code} is made of {parent}, but {last} was scanned here last. Check the label.",
                code=child.identifier,
                parent=parent.identifier,
                last=last.subject.code,
            )

    def _refuse(
        self,
        connection: sa.Connection,
        actor: Actor,
        point: Point,
        subject: Subject,
        found: Piece | Container | None,
        asked: ScanAsked,
        error: HemalumError,
        at: datetime,
    ) -> None:
        is_ours = not isinstance(error, NotOurs)
        if isinstance(error, UnknownCode | CopiedWrongly) and not subject.code:
            subject = Subject(asked.code.strip().upper()[:60], "")
        stage = found.material.stage.value if isinstance(found, Piece) else ""
        self.book.write(
            connection,
            actor,
            subject,
            Action.SCAN,
            point_id=point.id,
            before=stage,
            after=stage,
            occurred_at=at,
            reading=asked.code if is_ours else "",
            refusal=error,
            detail={name: code for name, code in _told(asked).items() if is_ours and code},
        )

    def _free(self, connection: sa.Connection, organisation_id: str, event: CustodyEvent) -> Place:
        """Where something was before an event; loose in its container where another has its slot by now."""
        place = event.before_place
        if event.subject.code in self.book.around(connection, organisation_id, place.container):
            raise CannotCorrect("The piece went on meanwhile.")
        if place.slot is None:
            return place
        lying = store.list_in(connection, organisation_id, place.container)
        if any(each.place.slot == place.slot for each in lying):
            return Place(container=place.container)
        return place


def _told(asked: ScanAsked) -> dict[str, str]:
    return {"container": asked.container.strip()[:60], "expected": asked.expected.strip()[:60]}


def _check_expected(asked: ScanAsked, material: Material) -> None:
    if not asked.expected.strip():
        return
    try:
        wanted = str(parse(asked.expected))
    except NoIdentifier:
        raise NotOurs("What was read is no code of this laboratory.") from None
    if wanted != material.identifier:
        raise Mislabelled(
            "{wanted} was to come, but {code} was read.", wanted=wanted, code=material.identifier
        )


def _failed_target(point: Point, material: Material) -> Stage:
    if point.step is not Step.CHECK or material.kind is not Kind.SLIDE:
        raise WrongStation("Only slides fail, and only at a quality check.")
    return Stage.QC_FAILED
