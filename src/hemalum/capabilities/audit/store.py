"""Tables and queries of the index and of flags. Only services of audit read this."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.audit.model import (
    EXPORTED,
    OPENED,
    Filter,
    Finding,
    Flag,
    FlagKind,
    Indexed,
    Scope,
    Viewer,
)
from hemalum.kernel.actor import Purpose
from hemalum.kernel.audit import Outcome
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import Json, UtcTime, among, metadata

_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")

entry_table = sa.Table(
    "audit_entry",
    metadata,
    sa.Column("index", _number, primary_key=True, autoincrement=False),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Column("action", sa.String(80), nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),
    sa.Column("person", sa.String(40)),
    sa.Column("session", sa.String(60)),
    sa.Column("actor_organisation", sa.String(40)),
    sa.Column("owner_organisation", sa.String(40)),
    sa.Column("target", sa.String(80), nullable=False),
    sa.Column("purpose", sa.String(20)),
    sa.Column("opening", sa.String(40)),
    sa.Column("subject", sa.String(40)),
    sa.Index("ix_audit_entry_action_index", "action", "index"),
    sa.Index("ix_audit_entry_person_index", "person", "index"),
    sa.Index("ix_audit_entry_target_index", "target", "index"),
)
"""Derived from the log, and nothing that names a person. Column by column an `Indexed`."""

target_table = sa.Table(
    "audit_entry_target",
    metadata,
    sa.Column("target", sa.String(80), primary_key=True),
    sa.Column("index", _number, primary_key=True, autoincrement=False),
)
"""The targets of entries about several, which have none of their own; derived from the log too."""

progress_table = sa.Table(
    "audit_progress",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("indexed", _number, nullable=False),
    sa.Column("judged", _number, nullable=False),
)
"""One row: how many entries are in the index, and how many of them the rules for flags have seen."""

flag_table = sa.Table(
    "audit_flag",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("person", sa.String(40), nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("about", sa.String(80), nullable=False),
    sa.Column("actor_organisation", sa.String(40), nullable=False),
    sa.Column("owner_organisation", sa.String(40)),
    sa.Column("first_index", _number, nullable=False),
    sa.Column("last_index", _number, nullable=False),
    sa.Column("first_at", UtcTime, nullable=False),
    sa.Column("last_at", UtcTime, nullable=False, index=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("numbers", Json, nullable=False),
    sa.Column("found_at", UtcTime, nullable=False),
    sa.Column("acknowledged_by", sa.String(40)),
    sa.Column("acknowledged_at", UtcTime),
    sa.Column("remark", sa.Text),
    sa.UniqueConstraint("kind", "person", "day", "about"),
)

_ENTRY = entry_table.c
_FLAG = flag_table.c
_STREAMED_TOGETHER = 1000

# The index


def progress(connection: sa.Connection, *, to_write: bool = False) -> tuple[int, int]:
    """How many entries are indexed, and how many judged; `to_write` makes others wait who ask the same."""
    query = sa.select(progress_table.c.indexed, progress_table.c.judged)
    row = connection.execute(query.with_for_update() if to_write else query).one()
    return row.indexed, row.judged


def advance(connection: sa.Connection, **to: int) -> None:
    connection.execute(progress_table.update().values(**to))


def add_entries(connection: sa.Connection, rows: Sequence[Indexed]) -> None:
    connection.execute(entry_table.insert(), [asdict(row) for row in rows])


def add_targets(connection: sa.Connection, rows: Sequence[tuple[str, int]]) -> None:
    """Add targets of entries about several, each with the entry."""
    if rows:
        connection.execute(target_table.insert(), [{"target": target, "index": at} for target, at in rows])


def clear_index(connection: sa.Connection) -> None:
    """Forget all entries. Flags stay: people have looked at them."""
    connection.execute(entry_table.delete())
    connection.execute(target_table.delete())
    connection.execute(progress_table.update().values(indexed=0, judged=0))


def list_entries(
    connection: sa.Connection, scope: Scope, wanted: Filter, before: int | None, limit: int
) -> list[Indexed]:
    """Entries in front of an index, newest first."""
    query = sa.select(entry_table).where(*_conditions(scope, wanted))
    if before is not None:
        query = query.where(_ENTRY.index < before)
    rows = connection.execute(query.order_by(_ENTRY.index.desc()).limit(limit))
    return [Indexed(*row) for row in rows]


def entries_after(
    connection: sa.Connection, scope: Scope, wanted: Filter, after: int, upto: int, limit: int
) -> list[Indexed]:
    """Entries behind one index and in front of another, oldest first."""
    query = (
        sa.select(entry_table)
        .where(*_conditions(scope, wanted), _ENTRY.index > after, _ENTRY.index < upto)
        .order_by(_ENTRY.index)
        .limit(limit)
    )
    return [Indexed(*row) for row in connection.execute(query)]


def count_entries(connection: sa.Connection, scope: Scope, wanted: Filter, most: int) -> int:
    """How many entries there are; `most` where there are more."""
    found = sa.select(_ENTRY.index).where(*_conditions(scope, wanted)).limit(most).subquery()
    return connection.execute(sa.select(sa.func.count()).select_from(found)).scalar_one()


def count_by(
    connection: sa.Connection, column: str, scope: Scope, wanted: Filter, first: int = 0
) -> dict[str | None, int]:
    """How many of the entries from an index on there are by each value of a column, most first."""
    by = _ENTRY[column]
    query = sa.select(by, sa.func.count().label("many")).where(
        *_conditions(scope, wanted), _ENTRY.index >= first
    )
    rows = connection.execute(query.group_by(by).order_by(sa.desc("many"), by))
    return {row[0]: row.many for row in rows}


def list_people(connection: sa.Connection, scope: Scope, first: int, limit: int) -> list[str]:
    """People by whom there are entries from an index on, whoever did something last first."""
    query = sa.select(_ENTRY.person).where(
        *_scope(entry_table, scope), _ENTRY.person.is_not(None), _ENTRY.index >= first
    )
    newest_first = sa.func.max(_ENTRY.index).desc()
    return list(
        connection.execute(query.group_by(_ENTRY.person).order_by(newest_first).limit(limit)).scalars()
    )


def list_viewers(connection: sa.Connection, scope: Scope, target: str) -> list[Viewer]:
    """Who opened a slide, whoever did it last first."""
    last = sa.func.max(_ENTRY.at)
    query = sa.select(_ENTRY.person, sa.func.count(), last).where(
        *_conditions(scope, Filter(target=target, action=OPENED, outcome=Outcome.DONE)),
        _ENTRY.person.is_not(None),
    )
    return [Viewer(*row) for row in connection.execute(query.group_by(_ENTRY.person).order_by(last.desc()))]


def first_openings(
    connection: sa.Connection, targets: Collection[str], beside: Collection[str]
) -> dict[str, datetime]:
    """When each of these targets was first opened for care by anybody but those `beside`."""
    query = sa.select(_ENTRY.target, sa.func.min(_ENTRY.at).label("at")).where(
        among(connection, _ENTRY.target, targets),
        _ENTRY.action == OPENED,
        _ENTRY.outcome == Outcome.DONE.value,
        _ENTRY.purpose == Purpose.CARE.value,
        _ENTRY.person.is_not(None),
        _ENTRY.person.not_in(list(beside)),
    )
    return {row.target: row.at for row in connection.execute(query.group_by(_ENTRY.target))}


def last_named(connection: sa.Connection, person: str) -> int | None:
    """The newest entry that tells the name of the person who did it."""
    query = sa.select(_ENTRY.index).where(_ENTRY.person == person, _ENTRY.subject == person)
    return connection.execute(query.order_by(_ENTRY.index.desc()).limit(1)).scalar()


def bounds(connection: sa.Connection, since: datetime, until: datetime) -> tuple[int, int] | None:
    """The first and the last entry of a time; None when there is none."""
    query = sa.select(sa.func.min(_ENTRY.index), sa.func.max(_ENTRY.index))
    first, last = connection.execute(query.where(_ENTRY.at >= since, _ENTRY.at < until)).one()
    return None if first is None else (first, last)


def earliest(connection: sa.Connection, since: datetime, first: int, upto: int) -> datetime | None:
    """The earliest time, from a moment on, of the entries from an index up to, without, another."""
    query = sa.select(sa.func.min(_ENTRY.at)).where(
        _ENTRY.at >= since, _ENTRY.index >= first, _ENTRY.index < upto
    )
    return connection.execute(query).scalar()


def stream_people(
    connection: sa.Connection, since: datetime, until: datetime, upto: int
) -> Iterator[Indexed]:
    """What people did in a time, among the first `upto` entries: person by person, each in order."""
    query = (
        sa.select(entry_table)
        .where(_ENTRY.at >= since, _ENTRY.at < until, _ENTRY.index < upto, _ENTRY.person.is_not(None))
        .order_by(_ENTRY.person, _ENTRY.index)
        .execution_options(yield_per=_STREAMED_TOGETHER)
    )
    for row in connection.execute(query):
        yield Indexed(*row)


def opening_times(connection: sa.Connection, person: str, since: datetime, until: datetime) -> list[datetime]:
    """When somebody opened slides."""
    query = sa.select(_ENTRY.at).where(*_opened(person, since, until))
    return list(connection.execute(query).scalars())


def owners_of_opened(
    connection: sa.Connection, person: str, since: datetime, until: datetime
) -> set[str | None]:
    """Whose slides somebody opened."""
    query = sa.select(_ENTRY.owner_organisation).where(*_opened(person, since, until)).distinct()
    return set(connection.execute(query).scalars())


def _opened(person: str, since: datetime, until: datetime) -> Iterable[sa.ColumnElement[bool]]:
    done = _ENTRY.action == OPENED, _ENTRY.outcome == Outcome.DONE
    return (_ENTRY.person == person, *done, _ENTRY.at >= since, _ENTRY.at < until)


def elsewhere(connection: sa.Connection, scope: Scope, person: str) -> bool:
    """Whether somebody did anything in organisations outside of a scope, or it was done to them there."""
    if scope.organisation is None:
        return False
    places = sa.func.coalesce(_ENTRY.actor_organisation, ""), sa.func.coalesce(_ENTRY.owner_organisation, "")
    query = sa.select(_ENTRY.index).where(
        *_conditions(Scope(None), Filter(person=person)),
        *(place != scope.organisation for place in places),
        sa.or_(*(place != "" for place in places)),
    )
    return connection.execute(query.limit(1)).first() is not None


def _conditions(scope: Scope, wanted: Filter) -> list[sa.ColumnElement[bool]]:
    found = [*_scope(entry_table, scope)]
    if wanted.since is not None:
        found.append(_ENTRY.at >= wanted.since)
    if wanted.until is not None:
        found.append(_ENTRY.at < wanted.until)
    if wanted.action is not None:
        found.append(
            sa.or_(
                _ENTRY.action == wanted.action, _ENTRY.action.startswith(f"{wanted.action}.", autoescape=True)
            )
        )
    if wanted.person is not None:
        found.append(sa.or_(_ENTRY.person == wanted.person, _ENTRY.target == f"person/{wanted.person}"))
    if wanted.organisation is not None:
        found += _scope(entry_table, Scope(wanted.organisation))
    if wanted.target is not None:
        found.append(_ENTRY.index.in_(_about(wanted.target)))
    for name in ("outcome", "purpose", "opening"):
        if (value := getattr(wanted, name)) is not None:
            found.append(_ENTRY[name] == value)
    if wanted.flag is not None:
        found.append(_of_flag(wanted.flag))
    return found


def _about(target: str) -> sa.CompoundSelect[tuple[int]]:
    """The entries about a target, alone or among others. One index each, which OR would not use."""
    alone = sa.select(_ENTRY.index).where(_ENTRY.target == target)
    among_others = sa.select(target_table.c.index).where(target_table.c.target == target)
    return alone.union_all(among_others)


def _scope(table: sa.Table, scope: Scope) -> Iterable[sa.ColumnElement[bool]]:
    if scope.organisation is None:
        return
    columns = table.c
    yield sa.or_(
        columns.actor_organisation == scope.organisation, columns.owner_organisation == scope.organisation
    )


def _of_flag(flag_id: str) -> sa.ColumnElement[bool]:
    """The entries by which a flag came to be."""
    done = _ENTRY.outcome == Outcome.DONE
    opened = sa.and_(_ENTRY.action == OPENED, done)
    by_kind = {
        FlagKind.VOLUME: opened,
        FlagKind.OFF_HOURS: opened,
        FlagKind.UNRELATED: sa.and_(opened, _ENTRY.owner_organisation == _FLAG.owner_organisation),
        FlagKind.EXPORTS: sa.and_(_ENTRY.action == EXPORTED, done),
        FlagKind.REFUSALS: _ENTRY.outcome == Outcome.REFUSED,
        FlagKind.GLASS: sa.true(),
    }
    return sa.exists().where(
        _FLAG.id == flag_id,
        _FLAG.person == _ENTRY.person,
        _ENTRY.index.between(_FLAG.first_index, _FLAG.last_index),
        sa.or_(*(sa.and_(_FLAG.kind == kind, condition) for kind, condition in by_kind.items())),
    )


# Flags


def keep_finding(connection: sa.Connection, finding: Finding, now: datetime) -> None:
    """Keep what was found. What has grown since somebody acknowledged it is open again."""
    of_it = [_FLAG[name] == getattr(finding, name) for name in ("kind", "person", "day", "about")]
    known = connection.execute(sa.select(_FLAG.id, _FLAG.count.label("many")).where(*of_it)).first()
    values = {field.name: getattr(finding, field.name) for field in fields(Finding)}
    if known is None:
        connection.execute(flag_table.insert().values(id=new_id(), found_at=now, **values))
    elif finding.count > known.many:
        anew = {"acknowledged_by": None, "acknowledged_at": None, "remark": None}
        connection.execute(flag_table.update().where(_FLAG.id == known.id).values(**values, **anew))


def list_flags(
    connection: sa.Connection, scope: Scope, *, only_open: bool, offset: int, limit: int
) -> list[Flag]:
    """Flags, the newest first."""
    query = sa.select(flag_table).where(*_scope(flag_table, scope))
    if only_open:
        query = query.where(_FLAG.acknowledged_at.is_(None))
    rows = connection.execute(query.order_by(_FLAG.last_at.desc(), _FLAG.id).offset(offset).limit(limit))
    return [_flag(row) for row in rows]


def find_flag(connection: sa.Connection, scope: Scope, flag_id: str) -> Flag | None:
    query = sa.select(flag_table).where(_FLAG.id == flag_id, *_scope(flag_table, scope))
    row = connection.execute(query).first()
    return None if row is None else _flag(row)


def acknowledge(connection: sa.Connection, flag_id: str, person: str, now: datetime, remark: str) -> bool:
    """Mark a flag as looked at. False when it already was: of two that race, one wins."""
    changed = connection.execute(
        flag_table.update()
        .where(_FLAG.id == flag_id, _FLAG.acknowledged_at.is_(None))
        .values(acknowledged_by=person, acknowledged_at=now, remark=remark)
    )
    return changed.rowcount == 1


def _flag(row: sa.Row[tuple[object, ...]]) -> Flag:
    values = dict(row._mapping)
    finding = {field.name: values.pop(field.name) for field in fields(Finding)}
    return Flag(finding=Finding(**finding | {"kind": FlagKind(finding["kind"])}), **values)
