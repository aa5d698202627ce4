"""The log in a database server: the same promises as in a file."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.log import Log, LogFailed
from hemalum.runtime.log.merkle import leaf_hash
from hemalum.runtime.log.notes import open_checkpoint
from hemalum.runtime.log.proofs import proves_inclusion
from hemalum.runtime.log.verify import Problem, verify_node_log
from hemalum.runtime.log.witness import Request, Witness
from hemalum.runtime.settings import Settings, load_settings

TABLES = ("log_entry", "log_leaf", "log_node", "log_checkpoint", "log_witnessed")


@pytest.fixture
def settings(postgres: str, tmp_path: Path) -> Settings:
    name = f"log_{uuid4().hex[:10]}"
    administrator = open_database(postgres).execution_options(isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    administrator.dispose()
    return load_settings(tmp_path, {"HEMALUM_DATABASE_URL": postgres.replace("/postgres", f"/{name}")})


@pytest.fixture
def log(settings: Settings, open_node_log: Callable[[Settings], Log]) -> Log:
    """A log of 300 entries."""
    log = open_node_log(settings)

    async def append_all() -> None:
        await asyncio.gather(*(log.append_async(b"%d" % number) for number in range(300)))

    asyncio.run(append_all())
    return log


@pytest.fixture
def engine(settings: Settings) -> Iterator[sa.Engine]:
    engine = open_database(settings.database_url)
    yield engine
    engine.dispose()


def test_entries_are_proved(log: Log, settings: Settings, engine: sa.Engine) -> None:
    migrate(engine)  # the tables of the node and of its log get along
    for index in (0, 255, 299):
        note = log.proof_file(index).partition(b"\n\n")[2]
        checkpoint = open_checkpoint(note, log.key)
        proof = log.prove(index, checkpoint.size)
        (entry,) = log.read(index, 1)
        assert proves_inclusion(proof, leaf_hash(entry), index, checkpoint.size, checkpoint.root)
    assert len(log.tile(0, 0)) == 8192
    assert len(log.tile(1, 0, 1)) == 32
    report = verify_node_log(settings)
    assert report.finding is None
    assert report.size == 300


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET {}"])
def test_rows_cannot_be_changed_or_removed(log: Log, engine: sa.Engine, statement: str) -> None:
    log.proof_file(0)
    columns = dict.fromkeys(TABLES, "size = 1") | dict.fromkeys(TABLES[:3], "index = 1")
    for table in TABLES:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement.format(table, columns[table]))


def test_a_removed_entry_is_found(log: Log, settings: Settings, engine: sa.Engine) -> None:
    log.proof_file(0)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE log_entry DISABLE TRIGGER ALL")
        connection.exec_driver_sql("DELETE FROM log_entry WHERE index = 77")
    finding = verify_node_log(settings).finding
    assert finding is not None
    assert (finding.problem, finding.first_index) == (Problem.MISSING, 77)


def test_a_lost_connection_is_made_again(log: Log, engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert log.append(b"after").index == 300


def test_a_server_that_is_away_is_one_sentence(
    tmp_path: Path, open_node_log: Callable[[Settings], Log]
) -> None:
    away = load_settings(tmp_path, {"HEMALUM_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    with pytest.raises(LogFailed, match="cannot be reached"):
        open_node_log(away)


def test_a_witness_remembers_there_too(log: Log, engine: sa.Engine) -> None:
    witness = Witness(engine, "witness.example", bytes(32), [log.key])
    at = datetime(2026, 5, 1, tzinfo=UTC)
    log.proof_file(299)
    asked = bytes(Request(0, (), log.checkpoint()))
    assert witness.add_checkpoint(asked, at).status == 200
    assert witness.add_checkpoint(asked, at).body == b"300\n"
