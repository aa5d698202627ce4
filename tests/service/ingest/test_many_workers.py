"""Several workers on PostgreSQL: what one leaves unfinished when it dies, another finishes."""

import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hemalum.runtime import jobs
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.jobs import JobQueue, JobState, Run, Work, Worker
from hemalum.runtime.settings import load_settings, make_folders
from tests.processes import Process

FIRST_WORKER = """
import sys, threading
from pathlib import Path
from hemalum.runtime.db import open_database
from hemalum.runtime.jobs import JobQueue, Work, Worker
from hemalum.runtime.settings import load_settings
settings = load_settings(Path(sys.argv[1]))
queue = JobQueue(settings)

def stuck(run, arguments):
    def hang():
        print("reached", flush=True)
        threading.Event().wait()
    run.step("hang", hang)

Worker(settings, open_database(settings.database_url), queue, Work({"work": stuck}, {})).start()
threading.Event().wait()
"""


def test_the_jobs_of_a_dead_worker_are_adopted(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"test_{uuid4().hex[:10]}"
    administrator = open_database(postgres).execution_options(isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    administrator.dispose()
    address = postgres.replace("/postgres", f"/{name}")
    monkeypatch.setenv("HEMALUM_DATABASE_URL", address)
    monkeypatch.setenv("HEMALUM_JOBS_DATABASE_URL", address)
    monkeypatch.setattr(jobs, "_HOUSEKEEPING_S", 0.5)
    settings = load_settings(tmp_path)
    make_folders(settings)
    database = open_database(address)
    migrate(database)
    queue = JobQueue(settings)

    def work(run: Run, _arguments: dict[str, Any]) -> Any:
        return run.step("hang", lambda: "finished by another")

    second = Worker(settings, database, queue, Work({"work": work}, {}))
    first = Process(tmp_path, code=FIRST_WORKER, stdout=subprocess.PIPE)
    try:
        queue.enqueue("work", {}, job_id="orphan")
        assert first.stdout is not None
        assert first.stdout.readline() == "reached\n"
        assert second.start()
        first.kill()
        first.wait()
        assert queue.wait("orphan", 60) is JobState.DONE
        assert queue.get_result("orphan") == "finished by another"
    finally:
        first.kill()
        first.wait()
        assert first.stdout is not None
        first.stdout.close()
        second.stop()
        queue.close()
        database.dispose()
