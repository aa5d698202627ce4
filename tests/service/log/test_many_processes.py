"""Many processes append to one log; one that is killed loses nothing that it acknowledged."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hemalum.runtime.db import open_database
from hemalum.runtime.log import Log
from hemalum.runtime.log.verify import verify_node_log
from hemalum.runtime.settings import Settings, load_settings
from tests.processes import Process

# Appends from four threads, so often; says of each entry where it stands once that is acknowledged.
APPENDER = """
import sys, threading
from pathlib import Path
from hemalum.runtime.log import open_log
from hemalum.runtime.settings import load_settings
data, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
log = open_log(load_settings(data))
def append(thread):
    for number in range(count):
        entry = f"{name}-{thread}-{number}"
        position = log.append(entry.encode())
        sys.stdout.write(f"{position.index} {entry}\\n")
        sys.stdout.flush()
threads = [threading.Thread(target=append, args=(thread,)) for thread in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
log.close()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A node whose log lies in a file, and one whose log lies in a database server."""
    monkeypatch.setenv("HEMALUM_NODE_NAME", "node.example/log")
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        name = f"log_{uuid4().hex[:10]}"
        administrator = open_database(postgres).execution_options(isolation_level="AUTOCOMMIT")
        with administrator.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        administrator.dispose()
        monkeypatch.setenv("HEMALUM_DATABASE_URL", postgres.replace("/postgres", f"/{name}"))
    return load_settings(tmp_path / "node")


def appender(settings: Settings, name: str, count: int, out: Path) -> Process:
    with out.open("wb") as file:
        return Process(settings.data, name, count, code=APPENDER, stdout=file)


def acknowledged(out: Path) -> dict[int, str]:
    """What a process said; its last line may be cut off."""
    lines = out.read_text().rpartition("\n")[0].splitlines()
    return {int(index): entry for index, entry in (line.split() for line in lines)}


def assert_holds(settings: Settings, log: Log, promised: dict[int, str]) -> None:
    """Everything promised is there, and the log is whole."""
    entries = log.read(0, log.size())
    for index, entry in promised.items():
        assert entries[index] == entry.encode()
    report = verify_node_log(settings)
    assert report.finding is None
    assert report.size == len(entries)


def test_processes_append_at_the_same_time(
    settings: Settings, open_node_log: Callable[[Settings], Log], tmp_path: Path
) -> None:
    outs = [tmp_path / f"{name}.out" for name in "abc"]
    processes = [appender(settings, out.stem, 60, out) for out in outs]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    said = [acknowledged(out) for out in outs]
    promised = {index: entry for one in said for index, entry in one.items()}
    assert sorted(promised) == list(range(3 * 4 * 60))
    assert_holds(settings, open_node_log(settings), promised)


def test_a_killed_process_loses_nothing_it_acknowledged(
    settings: Settings, open_node_log: Callable[[Settings], Log], tmp_path: Path
) -> None:
    promised: dict[int, str] = {}
    for round_ in range(3):
        out = tmp_path / f"round-{round_}.out"
        process = appender(settings, f"r{round_}", 1_000_000, out)
        try:
            wait_for_lines(out, 50 * (round_ + 1))
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        promised |= acknowledged(out)
    log = open_node_log(settings)
    assert len(promised) >= 300
    assert_holds(settings, log, promised)
    assert log.append(b"goes on").index == log.size() - 1


def wait_for_lines(out: Path, count: int) -> None:
    end = time.monotonic() + 60
    while out.read_bytes().count(b"\n") < count:
        assert time.monotonic() < end, "the process did not append"
        time.sleep(0.02)
