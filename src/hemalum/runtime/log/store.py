"""Where the log lies: rows that are only ever added, in SQLite or PostgreSQL.

Entries, the hashes of single entries and the hashes of full tiles are kept apart, so that each can be checked
against the others: an entry changed behind our back no longer has its hash, and a hash no longer its tile.
Triggers refuse to update or delete any of it. Every write happens under one lock of the database, so that
processes and machines append one after the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from hemalum.kernel.errors import DiskFull, HemalumError
from hemalum.runtime import db
from hemalum.runtime.log.merkle import TILE_HEIGHT, TILE_WIDTH, Frontier, TileRoot
from hemalum.runtime.log.notes import VerifierKey
from hemalum.runtime.log.proofs import RangeHash

_POSTGRES_LOCK = 727110420
_MOST_EVIDENCE = 1000


class _Bytes(sa.types.TypeDecorator[bytes]):
    """Bytes, also where somebody put something else into SQLite: found wrong then, not stumbled over."""

    impl = sa.LargeBinary
    cache_ok = True

    def column_expression(self, column: sa.ColumnElement[bytes]) -> sa.ColumnElement[bytes]:
        return sa.cast(column, sa.LargeBinary)


_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_tables = sa.MetaData()
"""Not among the tables of the node: an embedded log is a file of its own, so it has no part in migrations."""

entry_table = sa.Table(
    "log_entry",
    _tables,
    sa.Column("index", _number, primary_key=True, autoincrement=False),
    sa.Column("entry", _Bytes, nullable=False),
)
leaf_table = sa.Table(
    "log_leaf",
    _tables,
    sa.Column("index", _number, primary_key=True, autoincrement=False),
    sa.Column("hash", _Bytes, nullable=False),
)
node_table = sa.Table(
    "log_node",
    _tables,
    sa.Column("level", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("index", _number, primary_key=True, autoincrement=False),
    sa.Column("hash", _Bytes, nullable=False),
)
"""The hashes of tiles of level 1 and above: each is the root of a full tile one level below."""
checkpoint_table = sa.Table(
    "log_checkpoint",
    _tables,
    sa.Column("size", _number, primary_key=True, autoincrement=False),
    sa.Column("note", _Bytes, nullable=False),
)
cosignature_table = sa.Table(
    "log_cosignature",
    _tables,
    sa.Column("size", _number, sa.ForeignKey("log_checkpoint.size"), primary_key=True),
    sa.Column("witness", sa.String(500), primary_key=True),
    sa.Column("line", _Bytes, nullable=False),
    sa.Index("ix_log_cosignature_witness", "witness", "size"),
)
"""The first cosignature of each witness on a checkpoint; `witness` is its verifier key as text."""
witnessed_table = sa.Table(
    "log_witnessed",
    _tables,
    sa.Column("origin", sa.String(500), primary_key=True),
    sa.Column("size", _number, primary_key=True, autoincrement=False),
    sa.Column("note", _Bytes, nullable=False),
)
"""Checkpoints of other logs that this node cosigned as a witness."""
refused_table = sa.Table(
    "log_refused",
    _tables,
    sa.Column("origin", sa.String(500), primary_key=True),
    sa.Column("digest", _Bytes, primary_key=True),
    sa.Column("proves_fork", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("refused", _Bytes, nullable=False),
    sa.Column("witnessed", _Bytes, nullable=False),
)
"""Evidence against other logs: a checkpoint that its log signed, and the one cosigned before that it does not
extend; `digest` is the SHA-256 of its text."""

_APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER {table}_keep_values BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
        "CREATE TRIGGER {table}_keep_rows BEFORE DELETE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$",
        "CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION log_refuse()",
    ),
}


class LogFailed(HemalumError):
    """The log cannot be written or read now. What should have been logged must not go on."""

    status = 503
    code = "log-failed"


class LogFull(LogFailed):
    """There is no room left for the log."""

    status = 507
    code = "log-full"


def prepare(engine: sa.Engine) -> None:
    """Make the tables that are missing. Safe to call from several processes at the same time."""
    with writing(engine) as connection:
        present = sa.inspect(connection).get_table_names()
        missing = [table for table in _tables.sorted_tables if table.name not in present]
        _tables.create_all(connection, missing)
        for table in missing:
            for statement in _APPEND_ONLY[engine.dialect.name]:
                connection.exec_driver_sql(statement.format(table=table.name))


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that alone may add to the log; durable at the end, undone on any error.

    Raises:
        LogFull: there is no room.
        LogFailed: the database refuses or is away.
    """
    with _in_words(), db.transaction(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_LOCK)))
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees one state of the log.

    Raises:
        LogFailed: the database refuses or is away.
    """
    with _in_words(), db.reading(engine) as connection:
        yield connection


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except DiskFull as error:
        raise LogFull("There is no room left for the log; nothing goes on until there is.") from error
    except sa.exc.SQLAlchemyError as error:
        raise LogFailed("The log cannot be reached or written; nothing goes on until it can.") from error


# The tree


def size(connection: sa.Connection) -> int:
    """How many entries there are."""
    newest = connection.execute(sa.select(sa.func.max(leaf_table.c.index))).scalar()
    return 0 if newest is None else int(newest) + 1


def append(
    connection: sa.Connection,
    first: int,
    entries: Sequence[bytes],
    hashes: Sequence[bytes],
    full: Iterable[TileRoot],
) -> None:
    """Add entries from number `first` on, their hashes, and the roots of the tiles that they fill."""
    last = first + len(entries)
    for table, values in ((entry_table, entries), (leaf_table, hashes)):
        _insert_many(connection, table, zip(range(first, last), values, strict=True))
    if roots := [asdict(root) for root in full]:
        connection.execute(sa.insert(node_table), roots)


def _insert_many(connection: sa.Connection, table: sa.Table, rows: Iterable[tuple[int, bytes]]) -> None:
    """Add rows of a number and bytes. SQLite gets them as its driver takes them, for a third of the time."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_sqlite_insert(table), list(rows))
        return
    names = table.columns.keys()
    connection.execute(sa.insert(table), [dict(zip(names, row, strict=True)) for row in rows])


@cache
def _sqlite_insert(table: sa.Table) -> str:
    return str(sa.insert(table).compile(dialect=sqlite.dialect()))


def entries(connection: sa.Connection, begin: int, end: int) -> list[bytes]:
    """The entries from number `begin` up to, without, `end`; fewer where the log ends."""
    where = (entry_table.c.index >= begin) & (entry_table.c.index < end)
    return list(
        connection.execute(
            sa.select(entry_table.c.entry).where(where).order_by(entry_table.c.index)
        ).scalars()
    )


def hashes(connection: sa.Connection, level: int, begin: int, end: int) -> list[bytes]:
    """The hashes of a level of tiles from number `begin` up to, without, `end`.

    Raises:
        LogFailed: one of them is missing.
    """
    table = node_table if level else leaf_table
    query = sa.select(table.c.hash).where(table.c.index >= begin, table.c.index < end).order_by(table.c.index)
    if level:
        query = query.where(node_table.c.level == level)
    found = list(connection.execute(query).scalars())
    if len(found) != end - begin:
        raise LogFailed("The log is damaged: a hash is missing. Verify it.")
    return found


def frontier(connection: sa.Connection) -> Frontier:
    """The tree as it stands, ready to grow. Reads at most 255 hashes for each level of tiles."""
    total = size(connection)
    peaks: list[bytes] = []
    for level in reversed(range(_levels(total))):
        end = total >> TILE_HEIGHT * level
        tail = Frontier()
        tail.extend(hashes(connection, level, end - end % TILE_WIDTH, end))
        peaks += tail.peaks
    return Frontier(total, peaks)


def range_hash(connection: sa.Connection) -> RangeHash:
    """Computes hashes of subtrees from the stored ones; each tile is read once."""
    total = size(connection)
    tiles: dict[tuple[int, int], list[bytes]] = {}

    def perfect(height: int, index: int) -> bytes:
        level, inner = divmod(height, TILE_HEIGHT)
        tile, place = divmod(index << inner, TILE_WIDTH)
        if (level, tile) not in tiles:
            first = tile * TILE_WIDTH
            end = min(first + TILE_WIDTH, total >> TILE_HEIGHT * level)
            tiles[level, tile] = hashes(connection, level, first, end)
        joined = Frontier()
        joined.extend(tiles[level, tile][place : place + (1 << inner)])
        return joined.root()

    def of(begin: int, end: int) -> bytes:
        peaks, place = [], begin
        while place < end:
            height = (end - place).bit_length() - 1
            peaks.append(perfect(height, place >> height))
            place += 1 << height
        return Frontier(end - begin, peaks).root()

    return of


def _levels(total: int) -> int:
    """How many levels of tiles a tree of this size has."""
    return -(-total.bit_length() // TILE_HEIGHT)


def entries_with_hashes(
    connection: sa.Connection, begin: int, most: int
) -> Sequence[sa.Row[int, bytes, bytes | None]]:
    """Up to so many entries from number `begin` on, as they lie: index, entry, stored hash or None."""
    joined = entry_table.outerjoin(leaf_table, entry_table.c.index == leaf_table.c.index)
    query = sa.select(entry_table.c.index, entry_table.c.entry, leaf_table.c.hash).select_from(joined)
    query = query.where(entry_table.c.index >= begin).order_by(entry_table.c.index).limit(most)
    return connection.execute(query).all()


def find_leaf(connection: sa.Connection, hash_: bytes) -> int | None:
    """The first entry that has this hash. Reads all hashes."""
    return connection.execute(
        sa.select(sa.func.min(leaf_table.c.index)).where(leaf_table.c.hash == hash_)
    ).scalar()


def find_node(connection: sa.Connection, level: int, index: int) -> bytes | None:
    """One hash of a tile of level 1 or above."""
    query = sa.select(node_table.c.hash).where(node_table.c.level == level, node_table.c.index == index)
    return connection.execute(query).scalar()


def count_nodes(connection: sa.Connection) -> int:
    """How many hashes there are in tiles of level 1 and above."""
    return connection.execute(sa.select(sa.func.count()).select_from(node_table)).scalar_one()


# Checkpoints


def newest_checkpoint(connection: sa.Connection) -> bytes | None:
    """The newest checkpoint of the log as it was signed."""
    query = sa.select(checkpoint_table.c.note).order_by(checkpoint_table.c.size.desc()).limit(1)
    return connection.execute(query).scalar()


def find_checkpoint(connection: sa.Connection, of_size: int) -> bytes | None:
    """The checkpoint of exactly this size."""
    return connection.execute(
        sa.select(checkpoint_table.c.note).where(checkpoint_table.c.size == of_size)
    ).scalar()


def size_signed_upto(connection: sa.Connection, upto: int, *, cosigned: bool) -> int | None:
    """The size of the newest checkpoint of at most so many entries, or of the newest that was cosigned."""
    size = cosignature_table.c.size if cosigned else checkpoint_table.c.size
    return connection.execute(sa.select(sa.func.max(size)).where(size <= upto)).scalar()


def checkpoints(connection: sa.Connection, after: int, upto: int) -> list[tuple[int, bytes]]:
    """Checkpoints of more than `after` and at most `upto` entries, with their sizes."""
    size = checkpoint_table.c.size
    query = sa.select(size, checkpoint_table.c.note).where(size > after, size <= upto).order_by(size)
    return [(row.size, row.note) for row in connection.execute(query)]


def add_checkpoint(connection: sa.Connection, of_size: int, note: bytes) -> None:
    """Keep a checkpoint."""
    connection.execute(sa.insert(checkpoint_table).values(size=of_size, note=note))


def cosignatures(connection: sa.Connection, of_size: int) -> dict[str, bytes]:
    """The signature lines of witnesses on a checkpoint, by their verifier keys."""
    query = sa.select(cosignature_table.c.witness, cosignature_table.c.line).where(
        cosignature_table.c.size == of_size
    )
    return {row.witness: row.line for row in connection.execute(query.order_by(cosignature_table.c.witness))}


def cosigned_sizes(connection: sa.Connection, after: int, upto: int) -> set[int]:
    """Which checkpoints of more than `after` and at most `upto` entries have cosignatures."""
    size = cosignature_table.c.size
    return set(connection.execute(sa.select(size).where(size > after, size <= upto)).scalars())


def add_cosignature(connection: sa.Connection, of_size: int, witness: VerifierKey, line: bytes) -> None:
    """Keep the cosignature of a witness on a checkpoint, unless there is one already."""
    if str(witness) not in cosignatures(connection, of_size):
        connection.execute(sa.insert(cosignature_table).values(size=of_size, witness=str(witness), line=line))


def newest_cosigned(connection: sa.Connection, covering: int, limit: int) -> list[int]:
    """Sizes of the newest cosigned checkpoints that have more than `covering` entries, newest first."""
    query = (
        sa.select(cosignature_table.c.size)
        .where(cosignature_table.c.size > covering)
        .group_by(cosignature_table.c.size)
        .order_by(cosignature_table.c.size.desc())
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def size_cosigned_by(connection: sa.Connection, witness: VerifierKey) -> int:
    """The largest size of ours that a witness cosigned."""
    query = sa.select(sa.func.max(cosignature_table.c.size)).where(
        cosignature_table.c.witness == str(witness)
    )
    return connection.execute(query).scalar() or 0


# What this node saw as a witness of others


def newest_witnessed(connection: sa.Connection, origin: str) -> bytes | None:
    """The newest checkpoint of another log that this node cosigned."""
    query = sa.select(witnessed_table.c.note).where(witnessed_table.c.origin == origin)
    return connection.execute(query.order_by(witnessed_table.c.size.desc()).limit(1)).scalar()


def find_witnessed(connection: sa.Connection, origin: str, of_size: int) -> bytes | None:
    """The checkpoint of exactly this size that this node cosigned."""
    query = sa.select(witnessed_table.c.note).where(
        witnessed_table.c.origin == origin, witnessed_table.c.size == of_size
    )
    return connection.execute(query).scalar()


def add_witnessed(connection: sa.Connection, origin: str, of_size: int, note: bytes) -> None:
    """Remember a checkpoint of another log as cosigned."""
    connection.execute(sa.insert(witnessed_table).values(origin=origin, size=of_size, note=note))


def add_refused(
    connection: sa.Connection, origin: str, text: bytes, evidence: tuple[bytes, bytes], *, proves_fork: bool
) -> None:
    """Keep evidence against a log, once: the refused checkpoint, whose text is `text`, and the witnessed one.

    Only so much of each kind: nobody fills the disk, and what proves nothing takes no room from what does.
    """
    table, digest = refused_table.c, sha256(text).digest()
    against = sa.select(sa.func.count()).select_from(refused_table).where(table.origin == origin)
    known = connection.execute(against.where(table.digest == digest)).scalar_one()
    kept = connection.execute(against.where(table.proves_fork == proves_fork)).scalar_one()
    if not known and kept < _MOST_EVIDENCE:
        refused, witnessed = evidence
        values = {"refused": refused, "witnessed": witnessed, "proves_fork": proves_fork}
        connection.execute(sa.insert(refused_table).values(origin=origin, digest=digest, **values))


def refused(connection: sa.Connection) -> Sequence[sa.Row[str, bool, bytes, bytes]]:
    """Evidence: origin, whether it proves a fork, the refused checkpoint, the one cosigned before."""
    columns = (refused_table.c.origin, refused_table.c.proves_fork, refused_table.c.refused)
    return connection.execute(sa.select(*columns, refused_table.c.witnessed)).all()
