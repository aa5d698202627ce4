"""Queries of the chain, of where things are, of points and containers, in the caller's transaction."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.custody.model import (
    FIRST_HASH,
    Action,
    Container,
    ContainerKind,
    CustodyEvent,
    Place,
    Point,
    Standing,
    Step,
    Subject,
)
from hemalum.capabilities.custody.tables import (
    container_table,
    event_table,
    head_table,
    point_table,
    standing_table,
)
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed
from hemalum.runtime.db import inserted

_PAGE = 500


# The chain ----------------------------------------------------------------------------------------------


def hold(connection: sa.Connection, organisation_id: str) -> None:
    """Hold the chain of an organisation for this transaction; begun where there is none."""
    start = {"organisation_id": organisation_id, "number": 0, "hash": FIRST_HASH}
    connection.execute(inserted(connection, head_table).values(start).on_conflict_do_nothing())
    here = head_table.c.organisation_id == organisation_id
    connection.execute(sa.select(head_table.c.number).where(here).with_for_update())


def head(connection: sa.Connection, organisation_id: str) -> tuple[int, str]:
    """Number and hash of the newest event; 0 and zeros where there is none."""
    row = connection.execute(
        sa.select(head_table).where(head_table.c.organisation_id == organisation_id)
    ).first()
    return (0, FIRST_HASH) if row is None else (row.number, row.hash)


def count_of(connection: sa.Connection, organisation_id: str, code: str) -> int:
    """How many events there are of a subject."""
    event = event_table.c
    query = sa.select(sa.func.max(event.subject_number)).where(
        event.organisation_id == organisation_id, event.subject == code
    )
    return connection.execute(query).scalar() or 0


def add_event(connection: sa.Connection, event: CustodyEvent) -> None:
    plain = msgspec.to_builtins(event)
    subject = plain.pop("subject")
    plain |= {
        "subject": subject["code"],
        "kind": subject["kind"],
        "material_id": subject["material_id"],
        "case_id": subject["case_id"],
        "at": event.at,
        "occurred_at": event.occurred_at,
    }
    connection.execute(sa.insert(event_table).values(plain))
    connection.execute(
        sa.update(head_table)
        .where(head_table.c.organisation_id == event.organisation_id)
        .values(number=event.number, hash=event.hash)
    )


def each_event(connection: sa.Connection, organisation_id: str, after: int = 0) -> Iterator[CustodyEvent]:
    """The chain after a number, a page at a time."""
    last = after
    while True:
        rows = connection.execute(
            sa.select(event_table)
            .where(event_table.c.organisation_id == organisation_id, event_table.c.number > last)
            .order_by(event_table.c.number)
            .limit(_PAGE)
        ).all()
        yield from map(_event, rows)
        if len(rows) < _PAGE:
            return
        last = rows[-1].number


def list_of(connection: sa.Connection, organisation_id: str, code: str) -> list[CustodyEvent]:
    """What happened to a subject, oldest first."""
    event = event_table.c
    rows = connection.execute(
        sa.select(event_table)
        .where(event.organisation_id == organisation_id, event.subject == code)
        .order_by(event.number)
    )
    return [_event(row) for row in rows]


def list_at_point(
    connection: sa.Connection, organisation_id: str, point_id: str, limit: int
) -> list[CustodyEvent]:
    """What happened at a point, the newest first."""
    event = event_table.c
    rows = connection.execute(
        sa.select(event_table)
        .where(event.organisation_id == organisation_id, event.point_id == point_id)
        .order_by(event.number.desc())
        .limit(limit)
    )
    return [_event(row) for row in rows]


def find_event(connection: sa.Connection, organisation_id: str, number: int) -> CustodyEvent | None:
    event = event_table.c
    row = connection.execute(
        sa.select(event_table).where(event.organisation_id == organisation_id, event.number == number)
    ).first()
    return None if row is None else _event(row)


def last_done(connection: sa.Connection, organisation_id: str, code: str) -> CustodyEvent | None:
    """The last that happened to a subject, without what was refused."""
    event = event_table.c
    row = connection.execute(
        sa.select(event_table)
        .where(event.organisation_id == organisation_id, event.subject == code, event.refusal_code == "")
        .order_by(event.number.desc())
        .limit(1)
    ).first()
    return None if row is None else _event(row)


def last_scanned(
    connection: sa.Connection, organisation_id: str, point_id: str, kinds: Collection[str]
) -> CustodyEvent | None:
    """The last piece of these kinds that was scanned at a point, without what was corrected."""
    event, later = event_table.c, event_table.alias()
    row = connection.execute(
        sa.select(event_table)
        .where(
            event.organisation_id == organisation_id,
            event.point_id == point_id,
            event.action == Action.SCAN.value,
            event.refusal_code == "",
            event.kind.in_(kinds),
            ~sa.exists().where(later.c.organisation_id == organisation_id, later.c.corrects == event.number),
        )
        .order_by(event.number.desc())
        .limit(1)
    ).first()
    return None if row is None else _event(row)


def is_corrected(connection: sa.Connection, organisation_id: str, number: int) -> bool:
    event = event_table.c
    query = sa.select(event.number).where(event.organisation_id == organisation_id, event.corrects == number)
    return connection.execute(query).first() is not None


def corrected_among(connection: sa.Connection, organisation_id: str, numbers: Sequence[int]) -> set[int]:
    """Those of these events that turned out to be mistakes."""
    event = event_table.c
    query = sa.select(event.corrects).where(
        event.organisation_id == organisation_id, event.corrects.in_(numbers)
    )
    return set(connection.execute(query).scalars())


def hashes_before(connection: sa.Connection, organisation_id: str, numbers: Sequence[int]) -> dict[int, str]:
    """Number and hash of the events right before these."""
    event = event_table.c
    query = sa.select(event.number, event.hash).where(
        event.organisation_id == organisation_id, event.number.in_([number - 1 for number in numbers])
    )
    return {row.number: row.hash for row in connection.execute(query)}


# Where things are ---------------------------------------------------------------------------------------


def find_standing(connection: sa.Connection, organisation_id: str, code: str) -> Standing | None:
    """Where a subject is; None for what was never scanned."""
    standing = standing_table.c
    row = connection.execute(
        sa.select(standing_table).where(standing.organisation_id == organisation_id, standing.subject == code)
    ).first()
    return None if row is None else _standing(row)


def put_standing(connection: sa.Connection, organisation_id: str, standing: Standing) -> None:
    """Say where a subject is, in the place of what was said before."""
    key = {"organisation_id": organisation_id, "subject": standing.subject.code}
    rest = {
        "kind": standing.subject.kind,
        "material_id": standing.subject.material_id,
        "case_id": standing.subject.case_id,
        **msgspec.to_builtins(standing.place),
        "person": standing.person,
        "since": standing.since,
        "seen_at": standing.seen_at,
        "number": standing.number,
    }
    statement = inserted(connection, standing_table).values(key | rest)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=rest))


def list_in(connection: sa.Connection, organisation_id: str, container: str) -> list[Standing]:
    """What lies in a container itself, by slot."""
    standing = standing_table.c
    rows = connection.execute(
        sa.select(standing_table)
        .where(standing.organisation_id == organisation_id, standing.container == container)
        .order_by(standing.slot.is_(None), standing.slot, standing.subject)
    )
    return [_standing(row) for row in rows]


def count_in(connection: sa.Connection, organisation_id: str) -> dict[str, int]:
    """How many things lie in each container itself."""
    standing = standing_table.c
    query = (
        sa.select(standing.container, sa.func.count().label("lying"))
        .where(standing.organisation_id == organisation_id, standing.container != "")
        .group_by(standing.container)
    )
    return {row.container: row.lying for row in connection.execute(query)}


def standings_of(
    connection: sa.Connection, organisation_id: str, codes: Collection[str]
) -> dict[str, Standing]:
    """Where each of these subjects is, by code."""
    standing = standing_table.c
    rows = connection.execute(
        sa.select(standing_table).where(
            standing.organisation_id == organisation_id, standing.subject.in_(codes)
        )
    )
    return {row.subject: _standing(row) for row in rows}


# Points and containers ----------------------------------------------------------------------------------


def add_point(connection: sa.Connection, point: Point, now: datetime) -> None:
    connection.execute(sa.insert(point_table).values({**msgspec.to_builtins(point), "added_at": now}))


def change_point(connection: sa.Connection, point: Point) -> None:
    values = {"name": point.name, "room": point.room, "is_active": point.is_active}
    connection.execute(sa.update(point_table).where(point_table.c.id == point.id).values(values))


def list_points(connection: sa.Connection, organisation_id: str) -> list[Point]:
    """All points, in the order of the bench."""
    rows = connection.execute(
        sa.select(point_table)
        .where(point_table.c.organisation_id == organisation_id)
        .order_by(point_table.c.name)
    )
    order = list(Step)
    return sorted((_point(row) for row in rows), key=lambda each: order.index(each.step))


def get_point(connection: sa.Connection, organisation_id: str, point_id: str) -> Point:
    """A point of an organisation.

    Raises:
        NotFound: there is none of this id.
    """
    row = connection.execute(
        sa.select(point_table).where(
            point_table.c.organisation_id == organisation_id, point_table.c.id == point_id
        )
    ).first()
    if row is None:
        raise NotFound("There is no such point.")
    return _point(row)


def next_serial(connection: sa.Connection) -> int:
    """The number of the next container of the node."""
    return (connection.execute(sa.select(sa.func.max(container_table.c.serial))).scalar() or 0) + 1


def add_container(connection: sa.Connection, serial: int, container: Container, now: datetime) -> None:
    plain = {**msgspec.to_builtins(container), "serial": serial, "added_at": now}
    connection.execute(sa.insert(container_table).values(plain))


def list_containers(connection: sa.Connection, organisation_id: str) -> list[Container]:
    """All containers of an organisation, the largest kinds first."""
    rows = connection.execute(
        sa.select(container_table)
        .where(container_table.c.organisation_id == organisation_id)
        .order_by(container_table.c.serial)
    )
    order = list(ContainerKind)
    return sorted((_container(row) for row in rows), key=lambda each: order.index(each.kind))


def get_container(connection: sa.Connection, organisation_id: str, code: str) -> Container:
    """A container of an organisation.

    Raises:
        NotFound: there is none of this code.
    """
    row = connection.execute(
        sa.select(container_table).where(
            container_table.c.organisation_id == organisation_id, container_table.c.code == code
        )
    ).first()
    if row is None:
        raise NotFound("There is no such container.")
    return _container(row)


def _event(row: Any) -> CustodyEvent:
    return CustodyEvent(
        OrganisationId(row.organisation_id),
        row.number,
        Subject(row.subject, row.kind, row.material_id, row.case_id),
        row.subject_number,
        Action(row.action),
        None if row.refusal is None else typed(row.refusal, Sentence),
        row.refusal_code,
        row.point_id,
        Place(**row.before_place),
        Place(**row.after_place),
        row.before,
        row.after,
        PersonId(row.actor_id),
        row.actor_name,
        row.at,
        row.occurred_at,
        row.reason,
        row.reading,
        row.corrects,
        row.detail,
        row.previous_hash,
        row.hash,
    )


def _standing(row: Any) -> Standing:
    return Standing(
        Subject(row.subject, row.kind, row.material_id, row.case_id),
        Place(row.point_id, row.point, row.container, row.slot, row.holder),
        row.person,
        row.since,
        row.seen_at,
        row.number,
    )


def _point(row: Any) -> Point:
    return Point(
        row.id, OrganisationId(row.organisation_id), row.name, row.room, Step(row.step), row.is_active
    )


def _container(row: Any) -> Container:
    return Container(
        row.code, OrganisationId(row.organisation_id), ContainerKind(row.kind), row.name, row.slots
    )
