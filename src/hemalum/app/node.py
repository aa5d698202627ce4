"""The parts of a running node, put together once, started and stopped in order."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from hemalum.app.registry import CAPABILITIES
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.slides.dicomweb import DicomWeb
from hemalum.capabilities.slides.ingest import work_of
from hemalum.capabilities.slides.service import Slides, open_slides
from hemalum.capabilities.slides.serving import Serving
from hemalum.capabilities.slides.watch import FolderWatch
from hemalum.runtime.blobs import open_blobs
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.http import BareApp
from hemalum.runtime.jobs import JobQueue, Work, Worker
from hemalum.runtime.sandbox import Limits, Workers
from hemalum.runtime.settings import Settings, make_folders
from hemalum.runtime.tickets import Tickets, load_or_make_key

_DECODE_SECONDS = 120


class Node:
    """What a server process of a node consists of."""

    def __init__(self, settings: Settings, *, demo: bool = False) -> None:
        self._settings = settings
        self.demo = demo
        self.first_link: str | None = None
        """One-time code for an administrator who never signed in; known once the node is started."""
        self._worker: Worker | None = None
        self._watch: FolderWatch | None = None
        self._queue: JobQueue | None = None
        self._database: sa.Engine | None = None
        self._slides: Slides | None = None
        self._serving: Serving | None = None
        self.mounts: list[tuple[str, BareApp]] = []
        """Bare applications by path prefix; empty until the node is started."""

    def start(self, state: Any) -> None:
        """Open everything, put what routes need into `state`, and begin to work on jobs unless others do."""
        settings = self._settings
        make_folders(settings)
        database = self._database = open_database(settings.database_url)
        migrate(database)
        access = Access(database)
        access.ensure_first_people()
        self.first_link = None if self.demo else access.first_link()
        queue = self._queue = JobQueue(settings)
        slides = self._slides = open_slides(settings, database, open_blobs(settings.blobs_url), queue)
        serving = self._serving = _serving(settings, slides)
        state.settings = settings
        state.access = access
        state.authenticate = access.authenticate
        state.demo_visitor = access.ensure_demo_person() if self.demo else None
        state.slides = slides
        state.serving = serving
        state.tickets = serving.tickets
        state.dicomweb = DicomWeb(slides, serving)
        self.mounts = [(prefix, make(state)) for each in CAPABILITIES for prefix, make in each.mounts.items()]
        self._worker = Worker(settings, database, queue, _work(slides))
        self._worker.start()
        self._watch = FolderWatch(slides, settings.watch, access.get_organisation().id)
        self._watch.start()

    def stop(self) -> None:
        """Stop in the opposite order. Jobs at work go on at the next start."""
        if self._watch is not None:
            self._watch.stop()
        if self._worker is not None:
            self._worker.stop()
        if self._serving is not None:
            self._serving.close()
        if self._slides is not None:
            self._slides.workers.close()
        if self._queue is not None:
            self._queue.close()
        if self._database is not None:
            self._database.dispose()


def _work(slides: Slides) -> Work:
    """What the jobs of a node are, of all capabilities."""
    subscribers: dict[str, tuple[str, ...]] = {}
    for capability in CAPABILITIES:
        for event, jobs in capability.subscribers.items():
            subscribers[event.__name__] = subscribers.get(event.__name__, ()) + jobs
    return replace(work_of(slides), subscribers=subscribers)


def _serving(settings: Settings, slides: Slides) -> Serving:
    limits = Limits(
        memory_mib=settings.child_memory_mib,
        cpu_s=_DECODE_SECONDS,
        stall_s=_DECODE_SECONDS,
        wall_s=_DECODE_SECONDS,
        idle_s=settings.worker_idle_s,
    )
    tickets = Tickets(load_or_make_key(settings.keys / "tickets"))
    return Serving(slides, Workers(settings.decode_workers, limits), tickets, settings.decode_workers)
