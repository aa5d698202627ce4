"""The database, its history and its outbox, on SQLite."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import hemalum.app.node  # noqa: F401 (every room brings its tables)
from hemalum.kernel.events import Event
from hemalum.runtime import db, outbox
from hemalum.runtime.db import (
    CannotKeep,
    Json,
    UtcTime,
    among,
    metadata,
    migrate,
    newest_revision,
    open_database,
    reading,
    transaction,
)


@dataclass(frozen=True, slots=True)
class SomethingHappened(Event):
    number: int


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'test.sqlite'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def migrated(
    one_by_one: Callable[[sa.Connection], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[sa.Engine]:
    """A database that went through every migration."""
    monkeypatch.setattr(db, "_upgrade", one_by_one)
    engine = open_database(f"sqlite:///{tmp_path / 'migrated.sqlite'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "value", ["a\0b", "\ud800", 2**63, ["\ud800"], datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))]
)
def test_what_one_of_the_databases_would_not_take_is_refused(database: sa.Engine, value: object) -> None:
    kinds = {str: sa.Text(), int: sa.BigInteger(), list: Json(), datetime: UtcTime()}
    asked = sa.select(sa.bindparam("asked", value, kinds[type(value)]))
    with reading(database) as connection, pytest.raises(CannotKeep, match=r"can(not)? be kept"):
        connection.execute(asked)


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_nothing_is_looked_for_among_values_that_cannot_be_kept(database: sa.Engine, value: str) -> None:
    with reading(database) as connection, pytest.raises(CannotKeep, match="cannot be kept"):
        among(connection, sa.column("name", sa.Text()), ["known", value])


def is_in_metadata(name: str | None, kind: str, _parents: object) -> bool:
    """Indexes of text and tallies are made by migrations alone (`runtime.text_index`, `runtime.tally`)."""
    return kind != "table" or name in metadata.tables


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_history_ends_at_the_tables_of_the_code(migrated: sa.Engine) -> None:
    with reading(migrated) as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_in_metadata})
        differences = compare_metadata(context, metadata)
        stored = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    assert differences == []
    assert stored == newest_revision()
    migrate(migrated)


def test_databases_of_tests_are_what_migrations_make(migrated: sa.Engine, database: sa.Engine) -> None:
    def made(engine: sa.Engine) -> list[Any]:
        with reading(engine) as connection:
            found = connection.exec_driver_sql(
                "SELECT type, name, sql FROM sqlite_master ORDER BY name"
            ).all()
            ordinary = [name for kind, name, sql in found if kind == "table" and "VIRTUAL" not in sql]
            rows = [connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in ordinary]
        return [found, rows]

    assert made(database) == made(migrated)


def test_sqlite_is_set_to_lose_nothing(database: sa.Engine) -> None:
    with reading(database) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_connections_to_sqlite_share_one_limit_of_memory(database: sa.Engine) -> None:
    with reading(database) as connection:
        assert connection.exec_driver_sql("PRAGMA soft_heap_limit").scalar() == 16 << 20


def test_a_failed_transaction_leaves_nothing(database: sa.Engine) -> None:
    def fail() -> None:
        with transaction(database) as connection:
            outbox.publish(connection, SomethingHappened(datetime.now(UTC), 1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with reading(database) as connection:
        assert connection.execute(sa.select(outbox.outbox_table)).all() == []


def test_types_keep_moments_and_values(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'types.sqlite'}")
    table = sa.Table("t", sa.MetaData(), sa.Column("at", UtcTime), sa.Column("value", Json))
    there = datetime(2026, 5, 1, 20, 0, tzinfo=timezone(timedelta(hours=8)))
    with transaction(engine) as connection:
        table.create(connection)
        connection.execute(table.insert().values(at=there, value={"a": [1, None, "切片"]}))
        row = connection.execute(sa.select(table)).one()
        assert row.at == there
        assert row.at.tzinfo is UTC
        assert row.value == {"a": [1, None, "切片"]}
        with pytest.raises(sa.exc.StatementError):
            connection.execute(table.insert().values(at=datetime(2026, 5, 1)))  # noqa: DTZ001 (what is tested)
    engine.dispose()


def test_events_are_delivered_once_to_whoever_subscribes(database: sa.Engine) -> None:
    with transaction(database) as connection:
        for number in range(3):
            outbox.publish(connection, SomethingHappened(datetime.now(UTC), number))
    delivered: list[tuple[str, str, Any]] = []

    def enqueue(job: str, delivery_id: str, payload: dict[str, Any]) -> None:
        delivered.append((job, delivery_id, payload["number"]))

    subscribers = {"SomethingHappened": ("count", "log"), "Other": ("never",)}
    assert outbox.deliver(database, subscribers, enqueue) == 3
    assert outbox.deliver(database, subscribers, enqueue) == 0
    assert [(job, number) for job, _, number in delivered] == [
        (job, number) for number in range(3) for job in ("count", "log")
    ]
    assert len({delivery_id for _, delivery_id, _ in delivered}) == 6


def test_a_failed_delivery_is_tried_again_under_the_same_name(database: sa.Engine) -> None:
    with transaction(database) as connection:
        outbox.publish(connection, SomethingHappened(datetime.now(UTC), 7))
    names: list[str] = []

    def fail(_job: str, delivery_id: str, _payload: dict[str, Any]) -> None:
        names.append(delivery_id)
        raise ConnectionError

    began = datetime.now(UTC)
    subscribers = {"SomethingHappened": ("job",)}
    assert outbox.deliver(database, subscribers, fail, clock=lambda: began) == 0

    def take(_job: str, delivery_id: str, _payload: dict[str, Any]) -> None:
        names.append(delivery_id)

    assert outbox.deliver(database, subscribers, take, clock=lambda: began) == 0, "it rests for a second"
    assert outbox.deliver(database, subscribers, take, clock=lambda: began + timedelta(seconds=1)) == 1
    assert len(names) == 2
    assert len(set(names)) == 1


def test_an_event_that_always_fails_keeps_no_other_waiting(
    database: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    subscribers = {"SomethingHappened": ("count", "log")}
    got: list[tuple[str, int]] = []

    def take(job: str, _delivery_id: str, event: dict[str, Any]) -> None:
        got.append((job, event["number"]))

    def is_wanted(event: Mapping[str, Any]) -> bool:
        if event["number"] == 0:
            raise KeyError("what an older release did not write")
        return True

    now = datetime.now(UTC)
    with transaction(database) as connection:
        for number in range(2):
            outbox.publish(connection, SomethingHappened(now, number))
    hours = [now + timedelta(hours=hour) for hour in range(13)]
    for hour in hours[:12]:
        outbox.deliver(database, subscribers, take, {"count": is_wanted}, clock=repeat(hour).__next__)
    assert got == [("log", 0), ("count", 1), ("log", 1)], "each job once, but the one that failed"
    with reading(database) as connection:
        (stuck,) = outbox.list_stuck(connection)
    assert (stuck.type, stuck.jobs, stuck.failures) == ("SomethingHappened", ("count",), 12)
    assert "could not be handed to count" in caplog.text
    assert outbox.deliver(database, subscribers, take, clock=lambda: hours[12]) == 1
    assert got[-1] == ("count", 0)
    with reading(database) as connection:
        assert outbox.list_stuck(connection) == []


def test_where_all_fails_a_round_ends_soon(database: sa.Engine) -> None:
    with transaction(database) as connection:
        for number in range(10):
            outbox.publish(connection, SomethingHappened(datetime.now(UTC), number))
    tried: list[int] = []

    def fail(_job: str, _delivery_id: str, event: dict[str, Any]) -> None:
        tried.append(event["number"])
        raise ConnectionError

    subscribers = {"SomethingHappened": ("job",)}
    for after_s in (0, 60):
        moment = datetime.now(UTC) + timedelta(seconds=after_s)
        assert outbox.deliver(database, subscribers, fail, clock=repeat(moment).__next__) == 0
    assert tried == [0, 1, 2, 3, 4, 5], "what has failed comes after all that has not"


def test_events_that_leave_a_job_nothing_to_do_are_not_handed_in(database: sa.Engine) -> None:
    with transaction(database) as connection:
        for number in range(4):
            outbox.publish(connection, SomethingHappened(datetime.now(UTC), number))
    delivered: list[tuple[str, int]] = []
    even = {"count": lambda event: event["number"] % 2 == 0}
    subscribers = {"SomethingHappened": ("count", "log")}
    outbox.deliver(
        database, subscribers, lambda job, _id, event: delivered.append((job, event["number"])), even
    )
    assert [number for job, number in delivered if job == "count"] == [0, 2]
    assert [number for job, number in delivered if job == "log"] == [0, 1, 2, 3]
    assert outbox.deliver(database, subscribers, lambda *_: None, even) == 0


def test_events_that_were_delivered_long_ago_are_forgotten(database: sa.Engine) -> None:
    def publish() -> None:
        with transaction(database) as connection:
            outbox.publish(connection, SomethingHappened(datetime.now(UTC), 1))

    names: list[str] = []
    subscribers = {"SomethingHappened": ("job",)}
    for _ in range(3):
        publish()
    outbox.deliver(database, subscribers, lambda _job, name, _payload: names.append(name))
    publish()
    assert outbox.forget_delivered(database, datetime.now(UTC) - timedelta(days=1)) == 0
    assert outbox.forget_delivered(database, datetime.now(UTC) + timedelta(days=1)) == 3
    assert outbox.deliver(database, subscribers, lambda _job, name, _payload: names.append(name)) == 1
    # The number of the last one is not given again, or its delivery would pass for a repetition.
    assert outbox.forget_delivered(database, datetime.now(UTC) + timedelta(days=1)) == 0
    publish()
    outbox.deliver(database, subscribers, lambda _job, name, _payload: names.append(name))
    assert len(set(names)) == 5


def test_others_write_while_events_are_handed_to_jobs(database: sa.Engine) -> None:
    with transaction(database) as connection:
        outbox.publish(connection, SomethingHappened(datetime.now(UTC), 1))

    def write(_job: str, _id: str, _event: dict[str, Any]) -> None:
        with transaction(database) as connection:
            outbox.publish(connection, SomethingHappened(datetime.now(UTC), 2))

    assert outbox.deliver(database, {"SomethingHappened": ("write",)}, write) == 1
    with reading(database) as connection:
        waiting = sa.select(outbox.outbox_table.c.payload).where(outbox.outbox_table.c.delivered_at.is_(None))
        assert [payload["number"] for payload in connection.execute(waiting).scalars()] == [2]
