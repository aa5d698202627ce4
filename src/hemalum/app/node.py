"""The parts of a node, put together once for every process that needs them: server, worker, commands."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hemalum.app.evidence import sources_of
from hemalum.app.registry import CAPABILITIES, permissions_by
from hemalum.capabilities.access.sealing import sealing
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.annotations.service import Annotations, open_annotations
from hemalum.capabilities.appraisal.jobs import jobs_of as jobs_of_appraisal
from hemalum.capabilities.appraisal.service import Appraising, open_appraising
from hemalum.capabilities.apps.service import Apps
from hemalum.capabilities.audit.evidence import Sources
from hemalum.capabilities.audit.flags import calendar_of
from hemalum.capabilities.audit.service import Audit
from hemalum.capabilities.audit.witnessing import Witnessing, open_witnessing
from hemalum.capabilities.cases.jobs import jobs_of as jobs_of_cases
from hemalum.capabilities.cases.service import Cases, open_cases
from hemalum.capabilities.conformity.jobs import jobs_of as jobs_of_conformity
from hemalum.capabilities.conformity.service import Conformity
from hemalum.capabilities.custody.service import Custody
from hemalum.capabilities.fhir.exporting import Exporting
from hemalum.capabilities.fhir.jobs import NOTIFY_JOB
from hemalum.capabilities.fhir.jobs import jobs_of as jobs_of_fhir
from hemalum.capabilities.fhir.notifying import Notifying
from hemalum.capabilities.fhir.service import Fhir
from hemalum.capabilities.grossing.service import Grossing
from hemalum.capabilities.inference.jobs import jobs_of as jobs_of_inference
from hemalum.capabilities.inference.jobs import wanted_by as wanted_by_inference
from hemalum.capabilities.inference.offering import Offering
from hemalum.capabilities.inference.rereading import SecondReadings
from hemalum.capabilities.inference.service import Inference, open_inference
from hemalum.capabilities.interfaces.jobs import jobs_of as jobs_of_interfaces
from hemalum.capabilities.interfaces.jobs import wanted_by as wanted_by_interfaces
from hemalum.capabilities.interfaces.publishing import Publishing
from hemalum.capabilities.interfaces.service import Interfaces, open_interfaces
from hemalum.capabilities.interfaces.telling import Telling
from hemalum.capabilities.layers.service import Layers
from hemalum.capabilities.modalities.service import Modalities
from hemalum.capabilities.models.service import Models, open_models
from hemalum.capabilities.orders.jobs import jobs_of as jobs_of_orders
from hemalum.capabilities.orders.jobs import wanted_by as wanted_by_orders
from hemalum.capabilities.orders.panels import load_panels
from hemalum.capabilities.orders.service import Orders
from hemalum.capabilities.quality.discrepancy import OWN_FOLDER, RuleShelf
from hemalum.capabilities.quality.jobs import jobs_of as jobs_of_quality
from hemalum.capabilities.quality.service import Rescreening
from hemalum.capabilities.reading.service import Reading
from hemalum.capabilities.registration.service import Registration
from hemalum.capabilities.reports.dictating import Dictating, open_transcriber
from hemalum.capabilities.reports.drafting import Drafting
from hemalum.capabilities.reports.findings import Submission
from hemalum.capabilities.reports.jobs import jobs_of as jobs_of_reports
from hemalum.capabilities.reports.rewriting import open_writer
from hemalum.capabilities.reports.service import Reports, open_reports, print_for_node
from hemalum.capabilities.slides.early import NOTHING_EARLY, Early
from hemalum.capabilities.slides.jobs import work_of
from hemalum.capabilities.slides.policy import Gate
from hemalum.capabilities.slides.service import Slides, open_slides
from hemalum.capabilities.triage.jobs import jobs_of as jobs_of_triage
from hemalum.capabilities.triage.service import Triage
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.errors import HemalumError
from hemalum.kernel.typed import typed
from hemalum.runtime.audit import Trail, open_subjects
from hemalum.runtime.blobs import open_blobs
from hemalum.runtime.crypto.keys import Keyring, open_keyring
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.endings import Endings, write_ending
from hemalum.runtime.heap import give_back
from hemalum.runtime.jobs import JobQueue, Work, Worker
from hemalum.runtime.log import Log, open_log
from hemalum.runtime.policy import load_policies
from hemalum.runtime.sandbox import Limits, Workers
from hemalum.runtime.settings import Settings, make_folders
from hemalum.runtime.tickets import Tickets
from hemalum.runtime.tls import calling, mutual

# Commands begin here too; what only a server needs is imported where a server begins.
if TYPE_CHECKING:
    from hemalum.capabilities.slides.serving import Serving
    from hemalum.runtime.http import BareApp

_LOG = logging.getLogger(__name__)
_DECODE_SECONDS = 120
_TENDED_EVERY_S = 60.0
_HEARD_EVERY_S = 1.0
_READERS_AFTER_S = 2.0
"""The first visitors come before the process that will read the next new slide."""


@dataclass(frozen=True)
class Parts:
    """What every process of a node works with."""

    settings: Settings
    database: sa.Engine
    log: Log
    trail: Trail
    keyring: Keyring
    witnessing: Witnessing
    audit: Audit
    access: Access
    queue: JobQueue
    slides: Slides
    annotations: Annotations
    layers: Layers
    cases: Cases
    custody: Custody
    orders: Orders
    interfaces: Interfaces
    modalities: Modalities
    reports: Reports
    conformity: Conformity
    appraising: Appraising
    drafting: Drafting
    models: Models
    inference: Inference

    @property
    def apps(self) -> Apps:
        """Applications of others."""
        return Apps(self.access, self.cases, self.keyring)

    def fhir_exports(self) -> Exporting:
        """FHIR, with its exports."""
        fhir = Fhir(self.cases, self.reports, self.access, self.keyring, self.orders)
        return Exporting(fhir, self.queue, self.settings.public_url.rstrip("/"))

    def fhir_subscriptions(self) -> Notifying:
        """Who is told by FHIR."""
        exports = self.fhir_exports()
        allowed = [one.strip().rstrip("/") for one in self.settings.fhir_notify.split(",") if one.strip()]
        return Notifying(exports.fhir, self.queue, allowed, exports.base)

    def rescreening(self) -> Rescreening:
        """What is read a second time."""
        return Rescreening(self.cases, self.reports, RuleShelf(self.settings.data / OWN_FOLDER))

    def offering(self) -> Offering:
        """What models found, on its way into reports."""

        def hand_in(actor: Actor, case_id: str, findings: dict[str, Any]) -> None:
            self.drafting.hand_in(actor, case_id, typed(findings, Submission))

        return Offering(self.inference, self.cases, Reading(self.database, self.slides), hand_in)

    def second_readings(self) -> SecondReadings:
        """Models that read signed cases a second time."""
        return SecondReadings(self.inference, self.cases, self.rescreening())

    @property
    def triage(self) -> Triage:
        """What models say of cases."""
        return Triage(self.cases, self.inference, self.audit)

    def sources(self) -> Sources:
        """What is told of the node for a package of evidence."""
        return sources_of(self.settings, self.access, self.keyring, self.slides)


@contextmanager
def open_parts(settings: Settings, early: Early = NOTHING_EARLY) -> Iterator[Parts]:
    """The parts of a node, its database brought to the newest form and given its first people."""
    make_folders(settings)
    with ExitStack() as opened:
        database = open_database(settings.database_url)
        opened.callback(database.dispose)
        migrate(database)
        # The log is opened with a key of the keyring, and is told what happens to keys from then on.
        keyring = open_keyring(settings, database, lambda record: trail.record(record))
        log = open_log(settings, keyring.load_or_make_secret(settings.keys / "log"))
        opened.callback(log.close)
        subjects = open_subjects(settings.subjects_database_url)
        opened.callback(subjects.dispose)
        seal, unseal = sealing(keyring)
        trail = Trail(log, subjects, seal, unseal)
        policies = load_policies(settings.data / "policies")
        access = Access(
            database,
            permissions_by(policies).of,
            record=trail.record,
            seal=seal,
            unseal=unseal,
            session_ended=partial(write_ending, database),
        )
        audit = Audit(database, log, trail, policies, calendar_of(settings))
        seed = keyring.load_or_make_secret(settings.keys / "witness")
        witnessing = opened.enter_context(open_witnessing(settings, log, seed))
        access.ensure_first_people()
        queue = JobQueue(settings)
        opened.callback(queue.close)
        gate = Gate(policies, access.place_of, frozenset(map(Purpose, settings.general_basis)))
        blobs = open_blobs(settings.blobs_url, keyring)
        slides = open_slides(settings, database, blobs, queue, gate, trail.record, early)
        opened.callback(slides.workers.close)
        annotations = open_annotations(slides)
        opened.callback(annotations.workers.close)
        layers = Layers(slides)
        cases = open_cases(slides, access, keyring)
        orders = Orders(cases, load_panels(settings.data))
        reports = open_reports(cases, access, settings.data)
        conformity = Conformity(slides, cases, reports, access)
        appraising = open_appraising(slides, cases)
        opened.callback(appraising.workers.close)
        models = open_models(slides, conformity)
        opened.callback(models.workers.close)
        inference = open_inference(slides, layers, models, appraising)
        opened.callback(inference.close)
        yield Parts(
            settings,
            database,
            log,
            trail,
            keyring,
            witnessing,
            audit,
            access,
            queue,
            slides,
            annotations,
            layers,
            cases,
            Custody(cases),
            orders,
            open_interfaces(orders, keyring, timedelta(days=settings.messages_kept_days)),
            Modalities(cases, cases.ledger.zone),
            reports,
            conformity,
            appraising,
            Drafting(reports, open_writer(settings)),
            models,
            inference,
        )


@contextmanager
def working(parts: Parts) -> Iterator[None]:
    """Run the node's jobs in this process meanwhile, unless another process does."""
    worker = Worker(parts.settings, parts.database, parts.queue, _work(parts))
    worker.start()
    try:
        yield
    finally:
        worker.stop()


@contextmanager
def watching(parts: Parts) -> Iterator[None]:
    """Take in what arrives in the watched folders meanwhile."""
    from hemalum.capabilities.slides.watch import FolderWatch

    watch = FolderWatch(parts.slides, parts.settings.watch, parts.access.get_organisation().id)
    watch.start()
    try:
        yield
    finally:
        watch.stop()


class Node:
    """What a server process of a node consists of."""

    def __init__(self, settings: Settings, *, demo: bool = False) -> None:
        self.settings = settings
        self._opened = ExitStack()
        self._parts: Parts | None = None
        self._serving: Serving | None = None
        self._endings: Endings | None = None
        self.demo = demo
        self.speaks_https = bool(settings.tls_certificate)
        self.first_link: str | None = None
        """One-time code for an administrator who never signed in; known once the node is started."""
        self.mounts: list[tuple[str, BareApp]] = []
        """Bare applications by path prefix; empty until the node is started."""

    def start(self, state: Any) -> None:
        """Open everything, put what routes need into `state`, and begin to work on jobs unless others do."""
        from hemalum.capabilities.slides.dicomweb import DicomWeb

        with ExitStack() as opened:
            parts = opened.enter_context(open_parts(self.settings))
            parts.audit.note_policies()
            self.first_link = None if self.demo else parts.access.first_link()
            serving = self._serving = _serving(parts)
            opened.callback(serving.close)
            endings = self._endings = Endings(parts.database, serving.tickets)
            endings.hear()
            access = replace(parts.access, session_ended=endings.end)
            state.settings = parts.settings
            state.access = access
            state.authenticate = access.authenticate
            state.apps = parts.apps
            state.demo_visitor = parts.access.ensure_demo_person() if self.demo else None
            state.audit = parts.audit
            state.witnessing = parts.witnessing
            state.slides = parts.slides
            state.layers = replace(parts.layers, looked=serving.openings.ensure_opened)
            state.annotations = replace(parts.annotations, looked=serving.openings.ensure_opened)
            state.cases = parts.cases
            state.custody = parts.custody
            state.orders = parts.orders
            state.grossing = Grossing(parts.cases)
            state.interfaces = parts.interfaces
            state.conformity = parts.conformity
            state.appraising = parts.appraising
            state.reports = replace(parts.reports, looked=serving.openings.ensure_opened)
            state.drafting = parts.drafting
            state.dictating = Dictating(parts.reports, open_transcriber(parts.settings))
            state.models = parts.models
            state.inference = parts.inference
            state.offering = parts.offering()
            state.triage = parts.triage
            state.fhir_exports = parts.fhir_exports()
            state.fhir = state.fhir_exports.fhir
            state.fhir_subscriptions = parts.fhir_subscriptions()
            state.rescreening = parts.rescreening()
            state.serving = serving
            state.reading = Reading(parts.database, parts.slides)
            state.registration = Registration(parts.slides)
            state.tickets = serving.tickets
            state.endings = endings
            state.dicomweb = (
                DicomWeb(parts.slides, serving, parts.conformity.clinical_of)
                if self.settings.dicom_clinical
                else DicomWeb(parts.slides, serving)
            )
            self.mounts = [
                (prefix, make(state)) for each in CAPABILITIES for prefix, make in each.mounts.items()
            ]
            self._parts = parts
            opened.enter_context(working(parts))
            opened.enter_context(watching(parts))
            self._opened = opened.pop_all()

    async def tend(self) -> None:
        """Look after what the event loop gathers, until cancelled; keep readers ready for new slides."""
        await asyncio.sleep(_READERS_AFTER_S)
        if self._parts is not None:
            await _try(asyncio.to_thread(self._parts.slides.workers.start))
        while True:
            await asyncio.sleep(_TENDED_EVERY_S)
            if self._serving is not None:
                await _try(self._serving.openings.write_ended())
            if self._parts is not None:
                # Forget destroyed keys; keep the index near the log and look for what is unusual; have
                # witnesses cosign.
                await _try(asyncio.to_thread(self._parts.keyring.notice_destroyed))
                await _try(asyncio.to_thread(self._parts.audit.judge))
                await _try(asyncio.to_thread(self._parts.witnessing.have_cosigned))
            await asyncio.to_thread(give_back)

    async def hear(self) -> None:
        """Hear what other processes ended, until cancelled."""
        while True:
            await asyncio.sleep(_HEARD_EVERY_S)
            if self._endings is not None:
                await _try(asyncio.to_thread(self._endings.hear))

    @asynccontextmanager
    async def exchanging(self) -> AsyncIterator[None]:
        """Take messages in from systems of hospitals, and send them what waits, meanwhile."""
        from hemalum.capabilities.interfaces.listening import Listener
        from hemalum.capabilities.interfaces.sending import Courier

        assert self._parts is not None
        interfaces = self._parts.interfaces
        settings = self.settings
        shown = (settings.tls_certificate, settings.tls_key)
        tls = mutual(*shown, settings.hl7_clients) if settings.hl7_clients else None
        listener = Listener(interfaces.inbox, settings.hl7_listen, tls=tls)
        if settings.hl7_listen:
            await listener.start()
        tls_out = partial(calling, *shown, settings.hl7_servers)
        courier = asyncio.create_task(Courier(interfaces.outbox, tls_out).run())
        try:
            yield
        finally:
            courier.cancel()
            await asyncio.gather(courier, return_exceptions=True)
            await listener.close()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answer scanners meanwhile."""
        settings = self.settings
        if not settings.dicom_listen:
            yield
            return
        from hemalum.capabilities.modalities.listening import Listener

        assert self._parts is not None
        tls = None
        if settings.dicom_clients:
            tls = mutual(settings.tls_certificate, settings.tls_key, settings.dicom_clients)
        listener = Listener(self._parts.modalities, settings.dicom_listen, settings.dicom_title, tls)
        listener.start()
        try:
            yield
        finally:
            listener.close()

    def stop(self) -> None:
        """Stop in the opposite order. Jobs at work go on at the next start."""
        self._opened.close()


async def _try(task: Awaitable[object]) -> None:
    """Whatever fails is tried again the next time, and keeps nothing else from being done."""
    try:
        await task
    except (HemalumError, sa.exc.SQLAlchemyError) as error:
        _LOG.warning("the node could not be tended: %s", error)
    except Exception:
        _LOG.exception("the node could not be tended")


def _work(parts: Parts) -> Work:
    """What the jobs of a node are, of all capabilities."""
    subscribers: dict[str, tuple[str, ...]] = {}
    for capability in CAPABILITIES:
        for event, jobs in capability.subscribers.items():
            wanted = tuple(job for job in jobs if job != NOTIFY_JOB or parts.settings.fhir_notify)
            subscribers[event.__name__] = subscribers.get(event.__name__, ()) + wanted
    work, exports = work_of(parts.slides), parts.fhir_exports()
    return replace(
        work,
        jobs={
            **work.jobs,
            **jobs_of_cases(parts.cases),
            **jobs_of_conformity(parts.conformity),
            **jobs_of_appraisal(parts.appraising),
            **jobs_of_reports(parts.drafting),
            **jobs_of_fhir(exports, parts.fhir_subscriptions()),
            **jobs_of_orders(parts.orders),
            **jobs_of_inference(parts.inference, parts.second_readings()),
            **jobs_of_triage(parts.triage),
            **jobs_of_quality(parts.rescreening()),
            **jobs_of_interfaces(
                _publishing(parts), Telling(parts.orders, parts.interfaces.outbox, parts.slides.record)
            ),
        },
        subscribers=subscribers,
        wanted={
            **wanted_by_interfaces(parts.interfaces.outbox),
            **wanted_by_orders(parts.orders),
            **wanted_by_inference(parts.second_readings()),
        },
        housekeeping=(
            *work.housekeeping,
            parts.interfaces.catch_up,
            parts.interfaces.tidy,
            exports.pick_up,
            exports.tidy,
            parts.conformity.judge_unjudged,
            parts.appraising.pick_up,
            parts.inference.pick_up,
            parts.second_readings().pick_up,
        ),
    )


def _publishing(parts: Parts) -> Publishing:
    def print_pdf(organisation_id: str, case_id: str, number: int) -> bytes:
        leaving = parts.reports.leaving
        printed = leaving.read_printable(organisation_id, case_id, number)
        if printed is None:
            return b""
        return print_for_node(printed, leaving.pictured, lambda: closing(_serving(parts)))

    return Publishing(parts.reports, parts.interfaces.outbox, parts.slides.record, print_pdf)


def _serving(parts: Parts) -> "Serving":
    from hemalum.capabilities.slides.serving import Serving

    settings = parts.settings
    limits = Limits(
        memory_mib=settings.child_memory_mib,
        cpu_s=_DECODE_SECONDS,
        stall_s=_DECODE_SECONDS,
        wall_s=_DECODE_SECONDS,
        idle_s=settings.worker_idle_s,
    )
    tickets = Tickets(parts.keyring.load_or_make_secret(settings.keys / "tickets"))
    decoders = Workers(settings.decode_workers, limits)
    return Serving(parts.slides, decoders, tickets, settings.decode_workers)
