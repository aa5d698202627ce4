"""Queries of triage, in the caller's transaction."""

from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.triage.model import CaseRisk, OperatingPoint, SlideRisk
from hemalum.capabilities.triage.tables import case_table, point_table, slide_table
from hemalum.kernel.errors import NotFound
from hemalum.kernel.typed import typed
from hemalum.runtime.db import hold, inserted

_TIMES = ("made_at", "ended_at", "arrived_at", "at")


def add_point(connection: sa.Connection, point: OperatingPoint) -> None:
    connection.execute(sa.insert(point_table).values(_plain(point)))


def end_point(connection: sa.Connection, point_id: str, by_name: str, now: datetime) -> None:
    update = sa.update(point_table).where(point_table.c.id == point_id, point_table.c.ended_at.is_(None))
    connection.execute(update.values(ended_at=now, ended_by_name=by_name))


def next_number(connection: sa.Connection, organisation_id: str, version_id: str) -> int:
    """The number of the next point of a version; nobody else gets one before the transaction ends."""
    hold(connection, f"triage_point {organisation_id} {version_id}")
    point = point_table.c
    query = sa.select(sa.func.max(point.number)).where(
        point.organisation_id == organisation_id, point.version_id == version_id
    )
    return (connection.execute(query).scalar() or 0) + 1


def get_point(connection: sa.Connection, organisation_id: str, point_id: str) -> OperatingPoint:
    """A point of an organisation.

    Raises:
        NotFound: there is none of this id.
    """
    point = point_table.c
    row = connection.execute(
        sa.select(point_table).where(point.id == point_id, point.organisation_id == organisation_id)
    ).first()
    if row is None:
        raise NotFound("There is no such operating point.")
    return _read(row, OperatingPoint)


def list_points(
    connection: sa.Connection, organisation_id: str, *, in_force: bool = False
) -> list[OperatingPoint]:
    """The points of an organisation, the newest first."""
    point = point_table.c
    query = sa.select(point_table).where(point.organisation_id == organisation_id)
    if in_force:
        query = query.where(point.ended_at.is_(None))
    rows = connection.execute(query.order_by(point.made_at.desc(), point.id))
    return [_read(row, OperatingPoint) for row in rows]


def add_slide_risk(
    connection: sa.Connection,
    organisation_id: str,
    image_id: str,
    risk: SlideRisk,
    now: datetime,
    *,
    is_shadow: bool,
) -> None:
    """Keep what a point says of a run, unless it is kept already."""
    row = {"organisation_id": organisation_id, "image_id": image_id, "is_shadow": is_shadow, "at": now}
    insert = inserted(connection, slide_table).values(msgspec.to_builtins(risk) | row)
    connection.execute(insert.on_conflict_do_nothing())


def list_slide_risks(connection: sa.Connection, image_ids: list[str]) -> list[tuple[str, SlideRisk]]:
    """What points said of these images and may be told to readers, in order of time."""
    slide = slide_table.c
    rows = connection.execute(
        sa.select(slide_table).where(slide.image_id.in_(image_ids), ~slide.is_shadow).order_by(slide.number)
    )
    return [(row.image_id, _read(row, SlideRisk)) for row in rows]


def add_case_risk(connection: sa.Connection, risk: CaseRisk) -> None:
    connection.execute(sa.insert(case_table).values(_plain(risk)))


def list_case_risks(connection: sa.Connection, case_id: str) -> list[CaseRisk]:
    """What was said of a case, the newest first."""
    case = case_table.c
    rows = connection.execute(
        sa.select(case_table).where(case.case_id == case_id).order_by(case.number.desc())
    )
    return [_read(row, CaseRisk) for row in rows]


def list_arrived(
    connection: sa.Connection, organisation_id: str, begin: datetime, end: datetime, most: int
) -> list[CaseRisk]:
    """What was said of the cases whose first scan came in a time, in order of time."""
    case = case_table.c
    rows = connection.execute(
        sa.select(case_table)
        .where(case.organisation_id == organisation_id, case.arrived_at >= begin, case.arrived_at < end)
        .order_by(case.arrived_at, case.number)
        .limit(most)
    )
    return [_read(row, CaseRisk) for row in rows]


def _plain(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain | {name: getattr(value, name) for name in _TIMES if name in plain}


def _read[T](row: sa.Row[Any], wanted: type[T]) -> T:
    return typed({one.name: row._mapping[one.name] for one in fields(wanted)}, wanted)  # type: ignore[arg-type]
