"""Commands, states and classes in the database. Every function works in the caller's transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.annotations.model import (
    AnnotationClass,
    CommandLabel,
    Done,
    Signed,
    Stack,
    Standing,
    State,
)
from hemalum.capabilities.annotations.tables import classes_table, command_table, log_table, state_table
from hemalum.formats.annotations.model import Annotation, AnnotationKind, Box
from hemalum.kernel.ids import PersonId
from hemalum.kernel.typed import typed
from hemalum.runtime.db import inserted

_AT_ONCE = 1000
"""Values in one statement."""


# The log -----------------------------------------------------------------------------------------------


def lock(connection: sa.Connection, image_id: str) -> int:
    """The last sequence of an image. Until the transaction ends, nobody else changes its annotations."""
    fresh = {"image_id": image_id, "sequence": 0}
    connection.execute(inserted(connection, log_table).values(fresh).on_conflict_do_nothing())
    this = sa.select(log_table.c.sequence).where(log_table.c.image_id == image_id)
    sequence: int = connection.execute(this.with_for_update()).scalar_one()
    return sequence


def read_sequence(connection: sa.Connection, image_id: str) -> int:
    """The last sequence of an image; 0 when nothing was ever drawn on it."""
    found = connection.execute(sa.select(log_table.c.sequence).where(log_table.c.image_id == image_id))
    return found.scalar() or 0


def append(
    connection: sa.Connection,
    image_id: str,
    done: Done,
    states: Sequence[State],
    measured: Mapping[str, tuple[Any, Any]],
) -> None:
    """Write a command and the states that it left. `measured` gives scale and numbers by annotation."""
    connection.execute(
        sa.update(log_table).where(log_table.c.image_id == image_id).values(sequence=done.sequence)
    )
    connection.execute(
        sa.insert(command_table).values(
            image_id=image_id,
            sequence=done.sequence,
            command_id=done.command_id,
            label=done.label.value,
            person_id=done.by.person_id,
            person_name=done.by.person_name,
            at=done.by.at,
            undo_of=done.undo_of,
            standing=done.standing.value,
            effect=done.effect,
        )
    )
    column = state_table.c
    for some in batched((state.id for state in states), _AT_ONCE):
        connection.execute(
            sa.update(state_table)
            .where(column.image_id == image_id, column.annotation_id.in_(some), column.is_latest)
            .values(is_latest=False)
        )
    rows = [
        _state_row(image_id, done.sequence, number, state, measured.get(state.id, (None, None)))
        for number, state in enumerate(states)
    ]
    for part in batched(rows, _AT_ONCE):
        connection.execute(sa.insert(state_table), list(part))


def _state_row(
    image_id: str, sequence: int, number: int, state: State, measured: tuple[Any, Any]
) -> dict[str, Any]:
    scale, numbers = measured
    return {
        "image_id": image_id,
        "annotation_id": state.id,
        "version": state.version,
        "sequence": sequence,
        "number": number,
        "same_as": state.same_as,
        "is_latest": True,
        "scale": scale,
        "measured": numbers,
        "created_by": state.created.person_id,
        "created_by_name": state.created.person_name,
        "created_at": state.created.at,
        "changed_by": state.changed.person_id,
        "changed_by_name": state.changed.person_name,
        "changed_at": state.changed.at,
    } | _content(state.annotation)


def _content(annotation: Annotation | None) -> dict[str, Any]:
    if annotation is None:
        names = (
            "kind",
            "geometry",
            "shape",
            "plane",
            "class_name",
            "name",
            "note",
            "locked",
            "colour",
            "extra",
        )
        return dict.fromkeys(names)
    return {
        "kind": annotation.kind.value,
        "geometry": msgspec.json.encode(annotation.geometry).decode(),
        "shape": annotation.shape,
        "plane": annotation.plane,
        "class_name": annotation.class_name,
        "name": annotation.name,
        "note": annotation.note,
        "locked": annotation.locked,
        "colour": annotation.colour,
        "extra": dict(annotation.extra),
    }


# Commands ----------------------------------------------------------------------------------------------


def find_command(connection: sa.Connection, image_id: str, command_id: str) -> Done | None:
    """The command of this id, if the image ever got it."""
    column = command_table.c
    row = connection.execute(
        sa.select(command_table).where(column.image_id == image_id, column.command_id == command_id)
    ).first()
    return None if row is None else _done(row)


def find_stack(connection: sa.Connection, image_id: str, person_id: str) -> Stack:
    """What somebody would undo and do again next."""
    column = command_table.c

    def first(standing: Standing, order: sa.ColumnElement[Any]) -> Done | None:
        row = connection.execute(
            sa.select(command_table)
            .where(
                column.image_id == image_id,
                column.person_id == person_id,
                column.standing == standing.value,
            )
            .order_by(order)
            .limit(1)
        ).first()
        return None if row is None else _done(row)

    return Stack(first(Standing.DONE, column.sequence.desc()), first(Standing.UNDONE, column.sequence))


def close_undone(connection: sa.Connection, image_id: str, person_id: str) -> None:
    """What somebody undid cannot be done again any more."""
    column = command_table.c
    connection.execute(
        sa.update(command_table)
        .where(
            column.image_id == image_id,
            column.person_id == person_id,
            column.standing == Standing.UNDONE.value,
        )
        .values(standing=Standing.CLOSED.value)
    )


def move(connection: sa.Connection, image_id: str, sequence: int, standing: Standing, effect: int) -> None:
    """A command was undone or done again by the command `effect`."""
    column = command_table.c
    connection.execute(
        sa.update(command_table)
        .where(column.image_id == image_id, column.sequence == sequence)
        .values(standing=standing.value, effect=effect)
    )


def list_commands(
    connection: sa.Connection, image_id: str, offset: int, limit: int
) -> tuple[int, list[Done]]:
    """How many commands there are, and some of them, oldest first."""
    column = command_table.c
    here = column.image_id == image_id
    total = connection.execute(sa.select(sa.func.count()).select_from(command_table).where(here)).scalar()
    rows = connection.execute(
        sa.select(command_table).where(here).order_by(column.sequence).offset(offset).limit(limit)
    )
    return total or 0, [_done(row) for row in rows]


def _done(row: Any) -> Done:
    return Done(
        row.sequence,
        row.command_id,
        CommandLabel(row.label),
        Signed(PersonId(row.person_id), row.person_name, row.at),
        row.undo_of,
        Standing(row.standing),
        row.effect,
    )


# States ------------------------------------------------------------------------------------------------


def find_latest(connection: sa.Connection, image_id: str, ids: Iterable[str]) -> dict[str, State]:
    """The newest states of annotations by id; also of those that were removed."""
    column = state_table.c
    found: dict[str, State] = {}
    for some in batched(ids, _AT_ONCE):
        rows = connection.execute(
            sa.select(state_table).where(
                column.image_id == image_id, column.annotation_id.in_(some), column.is_latest
            )
        )
        found |= {row.annotation_id: _state(row) for row in rows}
    return found


def list_states(connection: sa.Connection, image_id: str, sequence: int) -> list[State]:
    """The states that a command left, in the order of its changes."""
    column = state_table.c
    rows = connection.execute(
        sa.select(state_table)
        .where(column.image_id == image_id, column.sequence == sequence)
        .order_by(column.number)
    )
    return [_state(row) for row in rows]


def find_before(connection: sa.Connection, image_id: str, sequence: int) -> dict[str, State]:
    """The states that the annotations of a command had before it, by id."""
    after, before = state_table.alias(), state_table.alias()
    rows = connection.execute(
        sa.select(before)
        .join(
            after,
            sa.and_(
                before.c.image_id == after.c.image_id,
                before.c.annotation_id == after.c.annotation_id,
                before.c.version == after.c.version - 1,
            ),
        )
        .where(after.c.image_id == image_id, after.c.sequence == sequence)
    )
    return {row.annotation_id: _state(row) for row in rows}


def read_live(connection: sa.Connection, image_id: str, since: int | None) -> Iterator[Any]:
    """Rows of the newest states, oldest change first: all that are there, or with `since` all that were
    changed after that sequence, removed ones too."""
    column = state_table.c
    wanted = [column.image_id == image_id, column.is_latest]
    wanted.append(column.geometry.is_not(None) if since is None else column.sequence > since)
    yield from connection.execute(
        sa.select(state_table).where(*wanted).order_by(column.sequence, column.number)
    )


def _state(row: Any) -> State:
    return State(
        row.annotation_id,
        annotation_of(row),
        row.version,
        row.same_as,
        Signed(PersonId(row.created_by), row.created_by_name, row.created_at),
        Signed(PersonId(row.changed_by), row.changed_by_name, row.changed_at),
    )


def annotation_of(row: Any) -> Annotation | None:
    """What a row of `read_live` holds; None for an annotation that was removed."""
    if row.geometry is None:
        return None
    return Annotation(
        row.annotation_id,
        AnnotationKind(row.kind),
        msgspec.json.decode(row.geometry),
        None if row.shape is None else typed(row.shape, Box),
        row.plane,
        row.class_name,
        row.name,
        row.note,
        row.locked,
        row.colour,
        row.extra,
    )


# Classes -----------------------------------------------------------------------------------------------


def find_classes(connection: sa.Connection, organisation_id: str) -> tuple[AnnotationClass, ...] | None:
    """The classes of an organisation; None when it never stated any."""
    kept = connection.execute(
        sa.select(classes_table.c.classes).where(classes_table.c.organisation_id == organisation_id)
    ).scalar()
    return None if kept is None else typed(kept, tuple[AnnotationClass, ...])


def put_classes(
    connection: sa.Connection,
    organisation_id: str,
    classes: Sequence[AnnotationClass],
    person_id: PersonId,
    now: datetime,
) -> None:
    """Keep the classes of an organisation in the place of those before."""
    connection.execute(sa.delete(classes_table).where(classes_table.c.organisation_id == organisation_id))
    connection.execute(
        sa.insert(classes_table).values(
            organisation_id=organisation_id, classes=list(classes), changed_by=person_id, changed_at=now
        )
    )
