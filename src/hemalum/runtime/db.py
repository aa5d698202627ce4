"""The database: SQLite in the data directory by default, PostgreSQL by a URL."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.util import ClauseAdapter

from hemalum.kernel.errors import DiskFull, Invalid
from hemalum.runtime.text_index import teach_sqlite

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of every capability."""

_POSTGRESQL_DISK_FULL = "53100"
_HELD = 727110420
"""The first half of the numbers of advisory locks that stand for what `hold` holds."""
_LARGEST = 2**63 - 1
_SQLITE_CACHE_KIB = 2 << 10
"""Of each connection, at most: room for the upper pages of the indexes of a million slides."""
_SQLITE_MEMORY_BYTES = 16 << 20
"""Of all connections of a process: from there on each gives up pages of its own before it takes more."""
_MIGRATIONS = Path(__file__).parent.parent / "migrations"


class CannotKeep(Invalid, sa.exc.DontWrapMixin):
    """A value that one of the databases does not take. Refused for both, so that both hold the same."""


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A moment. Only times with a zone go in; UTC comes out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone is not a moment")
        try:
            moment = value.astimezone(UTC)
        except OverflowError as error:
            raise CannotKeep("The time {time} cannot be kept.", time=value.isoformat()) from error
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (interface)
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(sa.types.TypeDecorator[Any]):
    """A value kept as JSON text through msgspec; builtin types come out."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 (interface)
        try:
            return None if value is None else msgspec.json.encode(value).decode()
        except UnicodeEncodeError as error:
            raise CannotKeep("A text holds a character that cannot be kept.") from error

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 (interface)
        return None if value is None else msgspec.json.decode(value)


def open_database(url: str) -> sa.Engine:
    """An engine for the URL. SQLite is set to WAL, full durability and enforced foreign keys.

    Every SQLite transaction that `transaction` opens takes the write lock at once, so that two writers
    wait for each other instead of failing at commit. Statements raise CannotKeep for text with NUL or half a
    surrogate pair, and for numbers of more than 64 bits.

    Raises:
        Invalid: the URL is none, or its driver is not installed.
    """
    try:
        return _open(url)
    except (sa.exc.ArgumentError, ImportError) as error:
        raise Invalid("The database cannot be opened: {reason}.", reason=str(error)) from error
    except ValueError as error:
        # Its text may hold a part of the password.
        raise Invalid("The port or an option in the URL of the database is not a number.") from error


def _open(url: str) -> sa.Engine:
    if url.startswith("sqlite"):
        options: dict[str, Any] = {"connect_args": {"timeout": 30, "check_same_thread": False}}
        if sa.make_url(url).database not in (None, "", ":memory:"):
            # Each connection has pages of its own in memory: the one that was used last has the most of use.
            options["pool_use_lifo"] = True
        engine = sa.create_engine(url, **options)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = sa.create_engine(_with_driver(url), pool_pre_ping=True, pool_size=5, max_overflow=15)
    sa.event.listen(engine, "before_cursor_execute", _check_values)
    return engine


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection in one writing transaction: committed at the end, rolled back on any error.

    Raises:
        DiskFull: there is no room for what was to be written.
    """
    try:
        with engine.connect() as connection:
            marked = connection.execution_options(hemalum_writes=True)
            with marked.begin():
                yield marked
    except sa.exc.OperationalError as error:
        if _means_full_disk(error.orig):
            raise DiskFull("The disk of the node is full; make room and try again.") from error
        raise


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees one consistent state and writes nothing."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def hold(connection: sa.Connection, name: str) -> None:
    """Let nobody else hold this name until the transaction ends; who asks meanwhile, waits.

    For what no row stands for, such as the next number of a series. In SQLite one transaction writes at a
    time anyway. Two names may, seldom, stand for the same lock: then one waits without need.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_HELD, sa.func.hashtext(name))))


def rows_first(rows: sa.Select[Any]) -> sa.CTE:
    """Rows that are found before anything else is asked of them.

    SQLite would rather walk an index of all rows than look a few hundred up.
    """
    return rows.cte("looked_up").prefix_with("MATERIALIZED")


def looked_up(rows: sa.Select[Any]) -> Callable[[sa.Select[Any]], sa.Select[Any]]:
    """Makes of a query on a table one on these of its rows first. To write it on `rows_first` costs less."""
    return ClauseAdapter(rows_first(rows)).traverse


def inserted(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT of the database's own kind: it takes `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def among(
    connection: sa.Connection, column: sa.ColumnElement[str], values: Collection[str]
) -> sa.ColumnElement[bool]:
    """The condition that a column of text has one of these values.

    They go as one parameter, so that a statement is the same for any number of them: a hundred marks in it
    cost more than the rows that they find.

    Raises:
        CannotKeep: a value holds NUL or half a surrogate pair, which no database can be asked for.
    """
    _check_text("".join(values))
    if connection.dialect.name == "postgresql":
        return column == sa.any_(sa.literal(list(values), postgresql.ARRAY(sa.Text)))
    each = sa.func.json_each(sa.literal(list(values), Json)).table_valued("value")
    return column.in_(sa.select(each.c.value))


def migrate(engine: sa.Engine) -> None:
    """Bring the database to the newest form. Safe to call from several processes at the same time.

    Raises:
        Invalid: it is in a newer form than this release knows.
    """
    with transaction(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(727110418)"))
        stored = _revision_stored(connection)
        if stored == newest_revision():
            return
        if stored is not None and stored not in _revisions():
            raise Invalid(
                "The database is of a newer release of Hemalum (revision {revision}); run that one.",
                revision=stored,
            )
        _upgrade(connection)


def newest_revision() -> str:
    """The name of the last migration, read from the file names (`0001_slides.py` is revision `0001`)."""
    return max(_revisions())


def _revisions() -> set[str]:
    return {path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py")}


def _upgrade(connection: sa.Connection) -> None:
    # Alembic is imported only when there is something to migrate: it would slow down every start.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision_stored(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _means_full_disk(error: BaseException | None) -> bool:
    return (
        getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        or getattr(error, "sqlstate", None) == _POSTGRESQL_DISK_FULL
    )


def _with_driver(url: str) -> str:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _check_values(
    _connection: Any, _cursor: Any, _statement: Any, parameters: Any, _context: Any, is_many: bool
) -> None:
    for row in parameters if is_many else (parameters,):
        for value in row.values() if isinstance(row, Mapping) else row:
            if isinstance(value, str):
                _check_text(value)
            elif isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
                raise CannotKeep("A number is larger than any that can be kept.")


def _check_text(value: str) -> None:
    try:
        is_kept = b"\0" not in value.encode()
    except UnicodeEncodeError:
        is_kept = False
    if not is_kept:
        raise CannotKeep("A text holds a character that cannot be kept.")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: `_begin_sqlite` decides how they begin.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{_SQLITE_CACHE_KIB}",
        f"soft_heap_limit={_SQLITE_MEMORY_BYTES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    teach_sqlite(connection)


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("hemalum_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
