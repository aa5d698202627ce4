"""The points of an organisation: said by whoever manages them, never removed, for the chain names them."""

from dataclasses import dataclass, replace

from hemalum.capabilities.custody import policy, store
from hemalum.capabilities.custody.book import Book
from hemalum.capabilities.custody.model import Point, Step
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime.db import reading, transaction

MOST_NAME = 80
_MOST_POINTS = 200


@dataclass(frozen=True)
class Points:
    """Which stations there are."""

    book: Book

    def list_active(self, actor: Actor) -> list[Point]:
        """Those that scan, in the order of the bench.

        Raises:
            NotPermitted: the actor may not see where pieces are.
        """
        asking = policy.ask_to_view(self.book.cases, actor)
        return [each for each in self._list(asking.organisation_id) if each.is_active]

    def list_all(self, actor: Actor) -> list[Point]:
        """All, the retired ones, too.

        Raises:
            NotPermitted: the actor manages no points.
        """
        policy.check_manager(actor)
        return self._list(actor.organisation_id)

    def add(self, actor: Actor, name: str, room: str, step: Step) -> Point:
        """A new point.

        Raises:
            NotPermitted: the actor manages no points.
            Conflict: another one has this name, or there are too many.
            Invalid: it has no name.
        """
        policy.check_manager(actor)
        return self._add(actor, actor.organisation_id, name, room, step)

    def add_for_operator(self, organisation_id: str, name: str, room: str, step: Step) -> Point:
        """The same for the operator of the machine."""
        return self._add(None, OrganisationId(organisation_id), name, room, step)

    def list_for_operator(self, organisation_id: str) -> list[Point]:
        """All points, for the operator of the machine."""
        return self._list(organisation_id)

    def change(
        self,
        actor: Actor,
        point_id: str,
        *,
        name: str | None = None,
        room: str | None = None,
        is_active: bool | None = None,
    ) -> Point:
        """Call a point otherwise, retire it, or use it again. What it stands for stays: history tells of it.

        Raises:
            NotPermitted: the actor manages no points.
            NotFound: there is no such point.
            Conflict: another one has this name.
            Invalid: it would have no name.
        """
        policy.check_manager(actor)
        with transaction(self.book.database) as connection:
            store.hold(connection, actor.organisation_id)
            point = store.get_point(connection, actor.organisation_id, point_id)
            changed = replace(
                point,
                name=point.name if name is None else _checked(name),
                room=point.room if room is None else room.strip(),
                is_active=point.is_active if is_active is None else is_active,
            )
            _check_free(store.list_points(connection, actor.organisation_id), changed)
            if changed != point:
                self._tell(actor, "change_point", changed)
                store.change_point(connection, changed)
        return changed

    def _list(self, organisation_id: str) -> list[Point]:
        with reading(self.book.database) as connection:
            return store.list_points(connection, organisation_id)

    def _add(
        self, actor: Actor | None, organisation_id: OrganisationId, name: str, room: str, step: Step
    ) -> Point:
        point = Point(new_id(), organisation_id, _checked(name), room.strip()[:MOST_NAME], step, True)
        with transaction(self.book.database) as connection:
            store.hold(connection, organisation_id)
            known = store.list_points(connection, organisation_id)
            if len(known) >= _MOST_POINTS:
                raise Conflict("There are at most {most} points.", most=_MOST_POINTS)
            _check_free(known, point)
            self._tell(actor, "add_point", point)
            store.add_point(connection, point, self.book.now())
        return point

    def _tell(self, actor: Actor | None, action: str, point: Point) -> None:
        detail = {"point": point.id, "name": point.name, "step": point.step.value, "active": point.is_active}
        record = self.book.cases.ledger.slides.record
        record(Record(f"custody.{action}", actor, organisation_id=point.organisation_id, detail=detail))


def _checked(name: str) -> str:
    said = name.strip()
    if not said or len(said) > MOST_NAME:
        raise Invalid("A name has 1 to {most} characters.", most=MOST_NAME)
    return said


def _check_free(known: list[Point], point: Point) -> None:
    if any(each.name == point.name and each.id != point.id for each in known):
        raise Conflict("There is a point called {name} already.", name=point.name)
