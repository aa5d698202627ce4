"""Work that must not be lost: durable jobs with steps, cancel, retry and recovery (DBOS).

A job is a function of a `Run` and plain arguments. What it does in `run.step(...)` is done once: after a
crash the job starts again and gets the outputs of the steps it had finished. A step that was cut off runs
again, so every step is written to be repeatable.

An embedded node keeps its jobs in a SQLite file, and one process at a time runs them: the one that holds the
worker lock. On PostgreSQL any number of processes may.
"""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hemalum.kernel.clock import utc_now
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.runtime import outbox
from hemalum.runtime.db import open_database
from hemalum.runtime.settings import Settings
from hemalum.runtime.worker_lock import take_worker_lock

if TYPE_CHECKING:
    from dbos import DBOSClient

_LOG = logging.getLogger(__name__)
_APPLICATION = "hemalum"
_QUEUE = "hemalum"
_BACKGROUND_QUEUE = "hemalum.background"
_COMPUTING_QUEUE = "hemalum.computing"
_WORKFLOW = "hemalum.job"
_VERSION = "1"
"""Not the version of the code: jobs that an older release began are finished by a newer one."""
_EMBEDDED_EXECUTOR = "embedded"
_PLACE_PREFIX = "worker-"
_PLACE_LOCKS = 727110419
_MAX_PLACES = 256
_STAND_BY_S = 1.0
_POLL_S = 0.2
_BACKGROUND_POLL_S = 1.0
_DELIVER_S = 1.0
_HOUSEKEEPING_S = 30.0
_CANCEL_CHECK_S = 1.0
_FORGOTTEN_AT_ONCE = 1000

type Job = Callable[["Run", dict[str, Any]], Any]
"""A durable function: its arguments and its result are plain JSON values."""


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_STATES = {
    "ENQUEUED": JobState.WAITING,
    "DELAYED": JobState.WAITING,
    "PENDING": JobState.RUNNING,
    "SUCCESS": JobState.DONE,
    "CANCELLED": JobState.CANCELLED,
}
_ENDED = {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class Interrupted(BaseException):
    """The worker is being stopped. Not an Exception, so that nobody takes it for an outcome of the work."""


class Run:
    """One run of a job, as the job sees it."""

    def __init__(self, job_id: str, is_cancelled: Callable[[], bool]) -> None:
        self.job_id = job_id
        self._is_cancelled = is_cancelled
        self._asked_at = 0.0
        self._answer = False
        self._lock = threading.Lock()

    def step[T](self, name: str, function: Callable[[], T]) -> T:
        """Do this once, whatever happens; returns the plain JSON value that the function returned."""
        from dbos import DBOS

        result: T = DBOS.run_step({"name": name}, function)
        return result

    def cancelled(self) -> bool:
        """Whether somebody cancelled the job. Cheap enough to ask often; late by a second at most.

        Raises:
            Interrupted: the worker is being stopped; the job goes on where it is at the next start.
        """
        if _stopping.is_set():
            raise Interrupted
        with self._lock:
            if not self._answer and time.monotonic() - self._asked_at > _CANCEL_CHECK_S:
                self._answer = self._is_cancelled()
                self._asked_at = time.monotonic()
            return self._answer


class JobQueue:
    """Where jobs are handed in and watched, by any process. May be used from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._client: DBOSClient | None = None

    def enqueue(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        job_id: str,
        background: bool = False,
        computing: bool = False,
    ) -> None:
        """Hand in a job. Handing in the same id again changes nothing.

        What is done in the `background` may take days: it is done one by one and keeps nobody waiting.
        `computing` keeps several processes busy by itself: one at a time in each worker, beside all others.
        """
        queue = _BACKGROUND_QUEUE if background else _COMPUTING_QUEUE if computing else _QUEUE
        self._connected().enqueue(
            {
                "queue_name": queue,
                "workflow_name": _WORKFLOW,
                "workflow_id": job_id,
                "app_version": _VERSION,
            },
            name,
            dict(arguments),
        )

    def find_state(self, job_id: str) -> JobState | None:
        """Where the job is, or None when it was never handed in."""
        found = self._connected()._sys_db.get_workflow_status(job_id)
        return None if found is None else _STATES.get(found["status"], JobState.FAILED)

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop. What it has finished stays."""
        self._connected().cancel_workflow(job_id)

    def wait(self, job_id: str, timeout_s: float | None = None, poll_s: float = 0.1) -> JobState | None:
        """Wait until a job has ended; returns its state then, or at the time-out."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            state = self.find_state(job_id)
            if state in _ENDED or (end is not None and time.monotonic() > end):
                return state
            time.sleep(poll_s)

    def get_result(self, job_id: str) -> Any:
        """What a job that is done returned.

        Raises:
            NotFound: there is no such job, or it is not done.
        """
        if self.find_state(job_id) is not JobState.DONE:
            raise NotFound("There is no such job, or it is not done.")
        return self._connected().retrieve_workflow(job_id).get_result()

    def forget_ended(self, before: datetime) -> int:
        """Remove what is kept of jobs that ended before a moment; returns how many, a thousand at most."""
        ended = self._connected().list_workflows(
            completed_before=before.isoformat(), limit=_FORGOTTEN_AT_ONCE, load_input=False, load_output=False
        )
        if ended:
            self._connected().delete_workflows([one.workflow_id for one in ended])
        return len(ended)

    def close(self) -> None:
        """Let the connection go."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.destroy()
            client._sys_db.engine.dispose()

    def connect(self) -> None:
        """Connect now and not at the first call; makes tables and queue where they are missing."""
        self._connected()

    def _connected(self) -> "DBOSClient":
        with self._lock:
            if self._client is None:
                self._client = _connect(self._settings)
            return self._client


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker does."""

    jobs: Mapping[str, Job]
    """By stable name; the name lives in the queue."""
    subscribers: Mapping[str, tuple[str, ...]]
    """Names of jobs by type of event."""
    housekeeping: Sequence[Callable[[], None]] = ()
    """Called at the start and then every half minute: picks up what a crash left lying."""
    wanted: Mapping[str, outbox.IsWanted] = field(default_factory=dict)
    """By the name of a job, which events leave it anything to do; without one, all."""


class Worker:
    """Runs the jobs of a node in threads of this process."""

    def __init__(self, settings: Settings, engine: sa.Engine, queue: JobQueue, work: Work) -> None:
        self._settings = settings
        self._engine = engine
        self._queue = queue
        self._work = work
        self._stop = threading.Event()
        self._place: _Place | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> bool:
        """Begin to work; False when another process runs the jobs of this embedded node.

        In that case this worker stands by, and takes over when the other one leaves or dies.

        Raises:
            Conflict: this process already runs a worker.
        """
        working = self._try_to_work()
        self._thread = threading.Thread(target=self._tend, name="jobs", daemon=True)
        self._thread.start()
        return working

    def stop(self) -> None:
        """Stop taking jobs. Those at work are cut off and go on at the next start."""
        self._stop.set()
        if self._thread is None:
            return
        if self._place is not None:
            _stopping.set()
        self._thread.join(timeout=30)
        self._thread = None
        if self._place is not None:
            _shut_down()
            self._place.leave()
            self._place = None

    def _try_to_work(self) -> bool:
        place = _take_place(self._settings, self._engine)
        if place is None:
            return False
        try:
            self._queue.connect()
            _launch(self._settings, self._work.jobs, place.executor)
        except BaseException:
            place.leave()
            raise
        self._place = place
        return True

    def _tend(self) -> None:
        next_housekeeping = 0.0
        while not self._stop.is_set():
            try:
                if self._place is None and not self._try_to_work():
                    self._stop.wait(_STAND_BY_S)
                    continue
            except Exception:
                _LOG.exception("no work could be taken up; it will be tried again")
                self._stop.wait(_STAND_BY_S)
                continue
            self._try("events could not be delivered", self._deliver)
            if time.monotonic() >= next_housekeeping:
                next_housekeeping = time.monotonic() + _HOUSEKEEPING_S
                self._keep_house()
            self._stop.wait(_DELIVER_S)

    def _deliver(self) -> None:
        outbox.deliver(self._engine, self._work.subscribers, self._enqueue, self._work.wanted)

    def _keep_house(self) -> None:
        if not self._settings.embedded:
            self._try("jobs of other workers could not be taken over", lambda: _adopt_orphans(self._engine))
        ended_before = utc_now() - timedelta(days=self._settings.ended_kept_days)
        self._try("jobs that ended could not be forgotten", lambda: self._queue.forget_ended(ended_before))
        self._try(
            "events could not be forgotten", lambda: outbox.forget_delivered(self._engine, ended_before)
        )
        for task in self._work.housekeeping:
            self._try("housekeeping failed", task)

    def _try(self, failure: str, task: Callable[[], object]) -> None:
        """Whatever fails is tried again the next time, and keeps nothing else from being done."""
        try:
            task()
        except Exception:
            _LOG.exception("%s; it will be tried again", failure)

    def _enqueue(self, name: str, delivery_id: str, arguments: dict[str, Any]) -> None:
        self._queue.enqueue(name, arguments, job_id=delivery_id)


@dataclass(frozen=True)
class _Place:
    """The right to run jobs under a name. Whoever holds it also finishes what its last holder began."""

    executor: str
    leave: Callable[[], None]


def _take_place(settings: Settings, engine: sa.Engine) -> _Place | None:
    """The only place of an embedded node, or the first free one of many on PostgreSQL."""
    if settings.embedded:
        lock = take_worker_lock(settings)
        return None if lock is None else _Place(_EMBEDDED_EXECUTOR, lambda: os.close(lock))
    for number in range(_MAX_PLACES):
        connection = _hold_place(engine, number)
        if connection is not None:
            return _Place(f"{_PLACE_PREFIX}{number}", connection.close)
    return None


def _hold_place(engine: sa.Engine, number: int) -> sa.Connection | None:
    """A connection of its own that holds the lock of a place for as long as it is open."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    query = sa.select(sa.func.pg_try_advisory_lock(_PLACE_LOCKS, number))
    if connection.execute(query).scalar():
        return connection
    connection.close()
    return None


def _adopt_orphans(engine: sa.Engine) -> None:
    """Take over the jobs of workers that died on other machines: their place is free, their jobs are not."""
    from dbos._dbos import DBOS

    pending = {found.executor_id for found in DBOS.list_workflows(status="PENDING", load_input=False)}
    for executor in pending - {DBOS.executor_id}:
        if executor is None or not executor.startswith(_PLACE_PREFIX):
            continue
        held = _hold_place(engine, int(executor.removeprefix(_PLACE_PREFIX)))
        if held is not None:
            with held:
                DBOS._recover_pending_workflows([executor])


# DBOS ---------------------------------------------------------------------------------------------------
# It keeps one instance per process, so what a worker runs is found through these.

_running_jobs: dict[str, Job] = {}
_launched = threading.Lock()
_stopping = threading.Event()
_registered: list[Callable[..., Any]] = []
_engines: list[sa.Engine] = []


def _launch(settings: Settings, jobs: Mapping[str, Job], executor: str) -> None:
    from dbos import DBOS, DBOSPortableJSONSerializer

    if not _launched.acquire(blocking=False):
        raise Conflict("This process already runs a worker.")
    _stopping.clear()
    _running_jobs.clear()
    _running_jobs.update(jobs)
    _engines.append(_open_jobs_database(settings))
    DBOS(
        config={
            "name": _APPLICATION,
            "system_database_engine": _engines[-1],
            "application_version": _VERSION,
            "executor_id": executor,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "CRITICAL",
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": 0.2,
            "enable_otlp": False,
        }
    )
    if not _registered:
        _registered.append(DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=100)(_run_job))
    DBOS.launch()


def _run_job(name: str, arguments: dict[str, Any]) -> Any:
    from dbos import DBOS

    job_id = DBOS.workflow_id
    assert job_id is not None
    return _running_jobs[name](Run(job_id, lambda: _is_cancelled(job_id)), arguments)


def _is_cancelled(job_id: str) -> bool:
    from dbos._dbos import _get_dbos_instance

    found = _get_dbos_instance()._sys_db.get_workflow_status(job_id)
    return found is not None and found["status"] == "CANCELLED"


def _shut_down() -> None:
    from dbos import DBOS

    DBOS.destroy(workflow_completion_timeout_sec=0)
    while _engines:
        _engines.pop().dispose()
    _launched.release()


def _connect(settings: Settings) -> "DBOSClient":
    from dbos import DBOSClient, DBOSPortableJSONSerializer

    client = DBOSClient(
        system_database_engine=_open_jobs_database(settings),
        serializer=DBOSPortableJSONSerializer(),
        application_name=_APPLICATION,
        lazy=True,
    )
    # The client expects the tables of its library to be there; whoever comes first makes them.
    client._sys_db.run_migrations()
    # Made before any worker starts: a running worker takes a second to notice a new queue.
    client.register_queue(
        _QUEUE,
        worker_concurrency=settings.ingest_workers,
        polling_interval_sec=_POLL_S,
        on_conflict="always_update",
    )
    for name in (_BACKGROUND_QUEUE, _COMPUTING_QUEUE):
        client.register_queue(
            name,
            worker_concurrency=1,
            polling_interval_sec=_BACKGROUND_POLL_S,
            on_conflict="always_update",
        )
    return client


def _open_jobs_database(settings: Settings) -> sa.Engine:
    logging.getLogger("dbos").setLevel(logging.CRITICAL)
    if not settings.embedded:
        return open_database(settings.jobs_database_url)
    engine = sa.create_engine(settings.jobs_database_url, connect_args={"timeout": 30})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = "IMMEDIATE"
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    if sqlite3.sqlite_version_info < (3, 42):
        # DBOS dates its rows with unixepoch('subsec'), which is NULL before SQLite 3.42 (Debian 12 has 3.40).
        connection.create_function("unixepoch", -1, _unix_epoch)


def _unix_epoch(*modifiers: str) -> float | int:
    return time.time() if "subsec" in modifiers else int(time.time())
