"""Durable jobs: each step once, whatever stops the worker."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.kernel.clock import utc_now
from hemalum.kernel.errors import NotFound
from hemalum.kernel.events import Event
from hemalum.runtime import outbox
from hemalum.runtime.db import migrate, open_database, transaction
from hemalum.runtime.jobs import Interrupted, Job, JobQueue, JobState, Run, Work, Worker
from hemalum.runtime.settings import Settings, load_settings, make_folders
from hemalum.runtime.worker_lock import worker_is_running


@dataclass(frozen=True, slots=True)
class Sent(Event):
    """Something happened."""


type Start = Callable[[dict[str, Job]], Worker]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = load_settings(tmp_path / "node", {})
    make_folders(found)
    return found


@pytest.fixture
def database(settings: Settings) -> Iterator[sa.Engine]:
    engine = open_database(settings.database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def queue(settings: Settings) -> Iterator[JobQueue]:
    opened = JobQueue(settings)
    yield opened
    opened.close()


@pytest.fixture
def make_worker(settings: Settings, database: sa.Engine, queue: JobQueue) -> Iterator[Start]:
    made: list[Worker] = []

    def make(jobs: dict[str, Job]) -> Worker:
        made.append(Worker(settings, database, queue, Work(jobs, {})))
        return made[-1]

    yield make
    for worker in made:
        worker.stop()


def test_a_job_runs_once_and_answers(make_worker: Start, queue: JobQueue) -> None:
    runs: list[dict[str, Any]] = []

    def double(run: Run, arguments: dict[str, Any]) -> Any:
        runs.append(arguments)
        return {"twice": run.step("double", lambda: arguments["number"] * 2), "of": "切片"}

    for _ in range(3):
        queue.enqueue("double", {"number": 21}, job_id="one")
    assert queue.find_state("one") is JobState.WAITING
    with pytest.raises(NotFound):
        queue.get_result("one")
    make_worker({"double": double}).start()
    assert queue.wait("one", 30) is JobState.DONE
    assert queue.get_result("one") == {"twice": 42, "of": "切片"}
    assert runs == [{"number": 21}]
    assert queue.find_state("another") is None


def test_an_interrupted_job_goes_on_where_it_was(make_worker: Start, queue: JobQueue) -> None:
    done: list[str] = []
    reached = threading.Event()
    cut_off = threading.Event()
    may_finish = threading.Event()

    def work(run: Run, _arguments: dict[str, Any]) -> Any:
        run.step("first", lambda: done.append("first"))

        def second() -> str:
            reached.set()
            try:
                while not may_finish.is_set():
                    run.cancelled()
                    time.sleep(0.01)
            except Interrupted:
                cut_off.set()
                raise
            done.append("second")
            return "finished"

        return run.step("second", second)

    queue.enqueue("work", {}, job_id="long")
    worker = make_worker({"work": work})
    worker.start()
    assert reached.wait(30)
    worker.stop()
    assert cut_off.wait(30)
    assert queue.find_state("long") is JobState.RUNNING
    may_finish.set()
    make_worker({"work": work}).start()
    assert queue.wait("long", 30) is JobState.DONE
    assert queue.get_result("long") == "finished"
    assert done == ["first", "second"]


def test_a_cancelled_job_hears_of_it(make_worker: Start, queue: JobQueue) -> None:
    reached, heard = threading.Event(), threading.Event()

    def work(run: Run, _arguments: dict[str, Any]) -> Any:
        def wait() -> None:
            reached.set()
            while not run.cancelled():
                time.sleep(0.01)
            heard.set()

        run.step("wait", wait)

    make_worker({"work": work}).start()
    queue.enqueue("work", {}, job_id="long")
    assert reached.wait(30)
    queue.cancel("long")
    assert heard.wait(30)
    assert queue.find_state("long") is JobState.CANCELLED


def test_a_failing_job_is_failed(make_worker: Start, queue: JobQueue) -> None:
    def fail(_run: Run, _arguments: dict[str, Any]) -> Any:
        raise RuntimeError("a fault of ours")

    make_worker({"fail": fail}).start()
    queue.enqueue("fail", {}, job_id="bad")
    assert queue.wait("bad", 30) is JobState.FAILED


def test_jobs_that_ended_long_ago_are_forgotten(make_worker: Start, queue: JobQueue) -> None:
    reached, may_finish = threading.Event(), threading.Event()

    def work(_run: Run, arguments: dict[str, Any]) -> Any:
        if arguments["how"] == "fails":
            raise RuntimeError("a fault of ours")
        if arguments["how"] == "goes on":
            reached.set()
            may_finish.wait(30)
        return arguments["how"]

    queue.enqueue("work", {"how": "never runs"}, job_id="cancelled")
    queue.cancel("cancelled")
    make_worker({"work": work}).start()
    for how in ("ends", "fails", "goes on"):
        queue.enqueue("work", {"how": how}, job_id=how)
    assert queue.wait("ends", 30) is JobState.DONE
    assert queue.wait("fails", 30) is JobState.FAILED
    assert reached.wait(30)
    assert queue.forget_ended(utc_now() - timedelta(days=1)) == 0
    assert queue.get_result("ends") == "ends"
    assert queue.forget_ended(utc_now() + timedelta(days=1)) == 3
    assert [queue.find_state(one) for one in ("cancelled", "ends", "fails")] == [None] * 3
    assert queue.find_state("goes on") is JobState.RUNNING
    may_finish.set()
    assert queue.wait("goes on", 30) is JobState.DONE


def test_what_fails_in_housekeeping_keeps_nothing_else_from_being_done(
    settings: Settings, database: sa.Engine, queue: JobQueue
) -> None:
    kept, heard = threading.Event(), threading.Event()

    def fail() -> None:
        raise KeyError("a fault of ours")

    def hear(_run: Run, _arguments: dict[str, Any]) -> Any:
        heard.set()

    worker = Worker(settings, database, queue, Work({"hear": hear}, {"Sent": ("hear",)}, (fail, kept.set)))
    worker.start()
    try:
        assert kept.wait(30)
        with transaction(database) as connection:
            outbox.publish(connection, Sent(occurred_at=utc_now()))
        assert heard.wait(30)
    finally:
        worker.stop()


def test_one_works_and_the_other_stands_by_until_it_is_needed(
    make_worker: Start, queue: JobQueue, settings: Settings
) -> None:
    def name(_run: Run, _arguments: dict[str, Any]) -> Any:
        return "done"

    assert not worker_is_running(settings)
    first, second = make_worker({"name": name}), make_worker({"name": name})
    assert first.start() is True
    assert second.start() is False
    assert worker_is_running(settings)
    first.stop()
    queue.enqueue("name", {}, job_id="later")
    assert queue.wait("later", 30) is JobState.DONE
    second.stop()
    assert not worker_is_running(settings)
