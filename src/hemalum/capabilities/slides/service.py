"""What people do with slides: take them in, find them, describe them."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.slides import integrity_store, manifests, metadata, policy, standing, store
from hemalum.capabilities.slides.early import NOTHING_EARLY, Early, open_readers
from hemalum.capabilities.slides.incoming import IncomingFile
from hemalum.capabilities.slides.intake import Candidate, find_files, group_files
from hemalum.capabilities.slides.model import (
    Image,
    ImageObject,
    ImageStatus,
    ImageSummary,
    Instance,
    LibraryPage,
    LibraryQuery,
    ObjectKind,
    SlideWasDescribed,
    SlideWasQuarantined,
    Statement,
    Terms,
    check_transition,
    description_to_builtins,
)
from hemalum.capabilities.slides.openings import Permitted, target_of
from hemalum.capabilities.slides.policy import Gate
from hemalum.capabilities.slides.recipes import recipe_of
from hemalum.formats.profile.record import Specimen
from hemalum.formats.wsi.model import SlideDescription
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record, Recorder
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import ImageId, OrganisationId, new_id
from hemalum.kernel.sentence import Sentence
from hemalum.runtime import outbox
from hemalum.runtime.blobs import BlobRecord, Blobs
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.jobs import JobQueue, JobState
from hemalum.runtime.policy import Probe
from hemalum.runtime.sandbox import Workers
from hemalum.runtime.settings import Settings

INGEST_JOB = "slides.ingest"
HEADERS_JOB = "slides.headers"


_WAIT_POLL_S = 0.05
_GIVEN_UP = Sentence("Ingest failed for a reason inside the node; it can be tried again.")


@dataclass(frozen=True, slots=True)
class Received:
    """An image on its way in."""

    image_id: ImageId
    job_id: str
    candidate: Candidate


@dataclass(frozen=True)
class Slides:
    """The use cases of slides on one node."""

    settings: Settings
    database: sa.Engine
    blobs: Blobs
    queue: JobQueue
    workers: Workers
    gate: Gate
    record: Recorder
    early: Early = NOTHING_EARLY
    clock: Clock = utc_now

    # Library -------------------------------------------------------------------------------------------

    def list_images(self, actor: Actor, query: LibraryQuery) -> LibraryPage:
        """A page of what the actor could open of the library."""
        with reading(self.database) as connection:
            return store.list_images(connection, self.visible(connection, actor), query)

    def visible(self, connection: sa.Connection, actor: Actor, action: str = policy.VIEW) -> standing.Visible:
        """Just the images to which the actor may do this."""
        now, gate = self.clock(), self.gate.for_many()
        asking = gate.with_purpose(actor, now)
        return standing.visible(
            connection, asking, now, lambda one: gate.decide(asking, action, one, now).is_allowed
        )

    def narrow(
        self, connection: sa.Connection, actor: Actor, image_ids: Collection[str], *actions: str
    ) -> tuple[frozenset[str], ...]:
        """For each of the actions, those of the images to which the actor may do it."""
        if not image_ids:
            return tuple(frozenset() for _ in actions)
        now, gate = self.clock(), self.gate.for_many()
        asking = gate.with_purpose(actor, now)
        alike = standing.alike(connection, image_ids, asking, now)
        return tuple(
            frozenset[str]().union(
                *(ids for one, ids in alike.items() if gate.decide(asking, action, one, now).is_allowed)
            )
            for action in actions
        )

    def visible_among(self, actor: Actor, image_ids: Collection[str]) -> frozenset[str]:
        """Those of the images that the actor may see."""
        with reading(self.database) as connection:
            return self.narrow(connection, actor, image_ids, policy.VIEW)[0]

    def permit(
        self, actor: Actor, image_id: str, action: str = policy.VIEW, *, who_views: bool = False
    ) -> Permitted:
        """An image in any state, for what the actor wants to do, with `who_views` only if they may view it.

        Raises:
            NotFound: the actor may not see it, or there is none: the same answer.
            GlassNeeded: the actor may not see it, and may break the glass for it.
            NotPermitted: the actor sees it and may not do this.
        """
        now = self.clock()
        asking = self.gate.with_purpose(actor, now)
        with reading(self.database) as connection:
            found = standing.find_standing(connection, image_id, asking, now)
            if who_views:
                self.gate.check(asking, policy.VIEW, found, now)
            decision = self.gate.check(asking, action, found, now)
            assert found is not None
            sees_label = self.gate.decide(asking, policy.VIEW_LABEL, found, now).is_allowed
            image = store.get_image(connection, image_id)
            until = standing.ends_at(connection, image_id, found, asking, now)
        digest = self.gate.policies.digest[:16]
        held_back = found.terms.held_back
        return Permitted(image, asking, decision.rules, digest, sees_label, until, held_back)

    def may(self, actor: Actor, image_id: str, action: str) -> bool:
        """Whether the actor may do this to an image."""
        try:
            self.permit(actor, image_id, action)
        except (NotFound, NotPermitted):
            return False
        return True

    def revision(self) -> int:
        """A number that grows whenever the library changes."""
        with reading(self.database) as connection:
            return store.read_revision(connection)

    def get_image(self, actor: Actor, image_id: str) -> Image:
        """An image that the actor may see, in any state. Raises as `permit` does."""
        return self.permit(actor, image_id).image

    def check(self, connection: sa.Connection, actor: Actor, image_id: str, action: str) -> Actor:
        """The actor with the purpose that this is permitted for. Raises as `permit` does."""
        now = self.clock()
        asking = self.gate.with_purpose(actor, now)
        self.gate.check(asking, action, standing.find_standing(connection, image_id, asking, now), now)
        return asking

    def tell(self, actor: Actor | None, action: str, summary: ImageSummary, **detail: Any) -> None:
        """Record what somebody, or the node by itself, does to an image; else it does not happen."""
        self.record(
            Record(
                action,
                actor,
                target=target_of(summary.id),
                organisation_id=summary.organisation_id,
                detail=detail,
            )
        )

    def find_summary(self, image_id: str) -> ImageSummary | None:
        """The library row of an image of any organisation; for the operator and for jobs."""
        with reading(self.database) as connection:
            return store.find_summary(connection, image_id)

    def get_image_of_any(self, image_id: str) -> Image:
        """An image of any organisation, in any state; for the operator and for jobs.

        Raises:
            NotFound: there is no such image.
        """
        with reading(self.database) as connection:
            return store.get_image(connection, image_id)

    def list_available(self, after: str, most: int) -> list[str]:
        """Images of any organisation that can be opened, in the order of their ids, those after one; for
        jobs."""
        with reading(self.database) as connection:
            return store.list_available(connection, after, most)

    def list_of_study(self, study_uid: str) -> list[ImageId]:
        """Images of a DICOM study, of any organisation; who may see them is another question."""
        with reading(self.database) as connection:
            return store.list_of_study(connection, study_uid)

    def list_instances(self, image_id: str) -> list[Instance]:
        """The DICOM instances of an available image, for whoever was permitted to do something to it."""
        with reading(self.database) as connection:
            return store.list_instances(connection, sa.true(), image_id=image_id)

    def read_header(self, instance: Instance) -> bytes:
        """An instance as a Part 10 file up to its pixels. It may name the patient."""
        return self.blobs.get(instance.header_key)

    # Taking in -----------------------------------------------------------------------------------------

    def take_in(
        self,
        paths: Sequence[Path],
        organisation_id: str,
        created_by: str | None = None,
        *,
        keep: bool | None = None,
    ) -> list[Received]:
        """Begin to take in files and folders; returns one new image for each slide that they may be.

        Files are left where they are and linked, or with `keep` copied to the blob store (default: as the
        node is set up). They are never changed.

        Raises:
            NotFound: a path does not exist.
            Invalid: a path lies in the node's own data directory, or is neither file nor folder.
        """
        files = find_files(paths)
        for path in files:
            if path.is_relative_to(self.settings.data):
                raise Invalid("{name} lies in the data directory of the node itself.", name=path.name)
        candidates = group_files(files, self.workers)
        return [self.receive(one, organisation_id, created_by, keep=keep) for one in candidates]

    def receive(
        self, candidate: Candidate, organisation_id: str, created_by: str | None, *, keep: bool | None = None
    ) -> Received:
        """A new image from these files, on its way in.

        Raises:
            NotFound: a file is gone.
        """
        objects = [
            self._object(number, path, path.relative_to(candidate.root).as_posix())
            for number, path in enumerate(candidate.files)
        ]
        received = Received(ImageId(new_id()), "", candidate)
        received = replace(received, job_id=new_job_id(received.image_id))
        with transaction(self.database) as connection:
            self.begin_receiving(connection, received, organisation_id, created_by, objects, keep=keep)
        self.hand_in(received)
        return received

    def _object(self, number: int, path: Path, name: str) -> ImageObject:
        if path.is_relative_to(self.settings.incoming):
            return incoming_object(number, path, name, self.incoming_file(path).size)
        return linked_object(number, path, name)

    def incoming_file(self, folder: Path) -> IncomingFile:
        """A file that arrives, or has arrived, in a folder of its own."""
        return IncomingFile(folder, self.blobs.keys.own)

    def begin_receiving(
        self,
        connection: sa.Connection,
        received: Received,
        organisation_id: str,
        created_by: str | None,
        objects: Sequence[ImageObject],
        *,
        keep: bool | None = None,
    ) -> None:
        """Write down, in the caller's transaction, that an image is on its way in; then `hand_in` its job."""
        store.add_image(
            connection,
            image_id=received.image_id,
            terms=Terms(OrganisationId(organisation_id)),
            name=received.candidate.name,
            created_by=created_by,
            created_at=self.clock(),
            objects=objects,
        )
        store.update_image(
            connection,
            received.image_id,
            job_id=received.job_id,
            keep_originals=self.settings.originals == "store" if keep is None else keep,
        )
        store.bump_revision(connection)

    def hand_in(self, received: Received) -> None:
        """Start the job of an image on its way in. If a crash prevents this, `pick_up` does it later."""
        self.queue.enqueue(INGEST_JOB, {"image_id": received.image_id}, job_id=received.job_id)

    def wait_for(self, received: Received, timeout_s: float | None = None) -> ImageSummary:
        """Wait until an image is available or quarantined; returns the slide that it turned out to be.

        Raises:
            Conflict: it took longer than the time-out, or somebody removed it.
        """
        end = None if timeout_s is None else time.monotonic() + timeout_s
        image_id: str = received.image_id
        while True:
            summary = self.find_summary(image_id)
            if summary is None:
                image_id = self._turned_out(received)
            elif summary.status in (ImageStatus.AVAILABLE, ImageStatus.QUARANTINED):
                return summary
            if end is not None and time.monotonic() > end:
                raise Conflict("{name} is still on its way in.", name=received.candidate.name)
            time.sleep(_WAIT_POLL_S)

    def _turned_out(self, received: Received) -> str:
        """The image that an image whose row is gone became part of."""
        if self.queue.find_state(received.job_id) is not JobState.DONE:
            return received.image_id
        outcome = self.queue.get_result(received.job_id)
        if outcome["status"] == "gone":
            raise Conflict("{name} was removed while it was taken in.", name=received.candidate.name)
        return str(outcome["image_id"])

    def retry(self, actor: Actor, image_id: str) -> None:
        """Take a quarantined image through ingest again.

        Raises:
            NotFound: there is no such image in the actor's organisation.
            Conflict: it is not quarantined.
        """
        job_id = new_job_id(image_id)
        with transaction(self.database) as connection:
            image = _own(store.get_image(connection, image_id, to_write=True), actor)
            if image.status is not ImageStatus.QUARANTINED:
                raise Conflict("Only a quarantined image can be tried again.")
            self.tell(actor, "slides.retry_ingest", image.summary)
            store.update_image(
                connection, image_id, status=ImageStatus.RECEIVING.value, reason=None, job_id=job_id
            )
            store.bump_revision(connection)
        self.queue.enqueue(INGEST_JOB, {"image_id": image_id}, job_id=job_id)

    def cancel(self, actor: Actor, image_id: str) -> None:
        """Stop taking in an image; it is quarantined and can be tried again.

        Raises:
            NotFound: there is no such image in the actor's organisation.
            Conflict: it is not on its way in.
        """
        with transaction(self.database) as connection:
            image = _own(store.get_image(connection, image_id, to_write=True), actor)
            if image.status not in (ImageStatus.RECEIVING, ImageStatus.HASHED):
                raise Conflict("Only an image on its way in can be cancelled.")
            job_id = store.find_job(connection, image_id)
            self.tell(actor, "slides.cancel_ingest", image.summary)
            reason = Sentence("Ingest was cancelled by {name}.", {"name": actor.called})
            self._quarantine(connection, image.summary, reason)
        if job_id is not None:
            self.queue.cancel(job_id)

    def quarantine(self, image_id: str, reason: Sentence, *, job_id: str | None = None) -> bool:
        """Set an image aside with one sentence; False when it is no longer that job's to judge."""
        with transaction(self.database) as connection:
            summary = store.find_summary(connection, image_id)
            if summary is None or summary.status not in (ImageStatus.RECEIVING, ImageStatus.HASHED):
                return False
            if job_id is not None and store.find_job(connection, image_id) != job_id:
                return False
            self._quarantine(connection, summary, reason)
            return True

    def _quarantine(self, connection: sa.Connection, summary: ImageSummary, reason: Sentence) -> None:
        check_transition(summary.status, ImageStatus.QUARANTINED)
        store.update_image(
            connection,
            summary.id,
            status=ImageStatus.QUARANTINED.value,
            reason=reason,
            stage=None,
            progress_done=None,
            progress_total=None,
            job_id=None,
        )
        now = self.clock()
        self.tell(None, "slides.quarantine", summary)
        outbox.publish(connection, SlideWasQuarantined(now, summary.id, summary.organisation_id, reason))
        store.bump_revision(connection)

    def pick_up(self) -> None:
        """Hand in again what a crash left without a job, and close what its job gave up. Safe to repeat."""
        with reading(self.database) as connection:
            unfinished = store.list_unfinished(connection)
        for image_id, job_id in unfinished:
            state = None if job_id is None else self.queue.find_state(job_id)
            if state is None:
                self._hand_in(image_id, job_id or new_job_id(image_id))
            elif state is JobState.FAILED:
                self.quarantine(image_id, _GIVEN_UP, job_id=job_id)

    def _hand_in(self, image_id: str, job_id: str) -> None:
        with transaction(self.database) as connection:
            store.update_image(connection, image_id, job_id=job_id)
        self.queue.enqueue(INGEST_JOB, {"image_id": image_id}, job_id=job_id)

    def recipe(self, image: Image) -> dict[str, Any]:
        """Where a child process finds the pixels of an image; see `recipes.recipe_of`."""
        return recipe_of(self.blobs, image)

    # What others keep with a slide ---------------------------------------------------------------------

    def attach(self, connection: sa.Connection, image_id: str, key: str) -> None:
        """A blob that another capability wrote is part of the slide from now on: checked and copied with it.

        Once this is committed, `write_manifest` is to be told of the blob.
        """
        integrity_store.attach(connection, image_id, key)

    def detach(self, connection: sa.Connection, key: str) -> None:
        """A blob is no part of its slide any more: commit, `write_manifest`, and then delete it."""
        integrity_store.detach(connection, key)

    def write_manifest(self, image_id: str, *records: BlobRecord) -> None:
        """Write down what a slide is made of now; `records` are of blobs that were just written."""
        manifests.write_manifest(self, image_id, records)

    # Describing ----------------------------------------------------------------------------------------

    def describe(self, actor: Actor, image_id: str, stated: Mapping[str, Any]) -> Image:
        """State elements of the metadata; None takes a stated value back. Earlier statements are kept.

        Raises:
            NotFound: there is no such image in the actor's organisation.
            Conflict: the image is not available.
            Invalid: an element cannot be stated, or not with this value.
        """
        now = self.clock()
        checked = {name: metadata.check_statement(name, value, now) for name, value in stated.items()}
        with transaction(self.database) as connection:
            asking = self.check(connection, actor, image_id, policy.DESCRIBE)
            before = store.get_image(connection, image_id, to_write=True)
            if before.file_description is None or before.description is None:
                raise Conflict("An image can be described once it is available.")
            for name, value in checked.items():
                store.add_statement(
                    connection, image_id, Statement(name, value, actor.person_id, actor.called, now)
                )
            statements = store.list_statements(connection, image_id)
            served = metadata.as_served(before.file_description, statements, before.description)
            self.tell(asking, policy.DESCRIBE, before.summary, elements=sorted(checked))
            store.update_image(
                connection,
                image_id,
                **described_columns(before.summary.name, before.file_description, statements, served, now),
            )
            outbox.publish(connection, SlideWasDescribed(now, before.id, before.summary.organisation_id))
            store.bump_revision(connection)
        if checked:
            self._make_headers_anew(before)
        return self.get_image(actor, image_id)

    def take_judgement(
        self,
        image_id: str,
        coded: Specimen | None,
        judged: Callable[[sa.Connection], None],
        *,
        held_back: bool,
    ) -> None:
        """Keep what the words of an image stand for, and whether it is held back; `judged` keeps the rest.

        Headers that are made here tell the codes from then on. Raises NotFound: the image is gone.
        """
        with transaction(self.database) as connection:
            image = store.get_image(connection, image_id, to_write=True)
            judged(connection)
            terms = standing.get_terms(connection, image_id)
            if terms.held_back is not held_back:
                self.tell(None, "slides.hold_back" if held_back else "slides.let_go", image.summary)
                moved = standing.keep_terms(connection, replace(terms, held_back=held_back))
                store.update_image(connection, image_id, terms_id=moved)
                store.bump_revision(connection)
            is_changed = image.description is not None and image.description.coded != coded
            if image.description is not None and is_changed:
                described = replace(image.description, coded=coded)
                store.update_image(connection, image_id, description=description_to_builtins(described))
        if is_changed:
            self._make_headers_anew(image)

    def _make_headers_anew(self, image: Image) -> None:
        # Headers of originals that are DICOM are their own.
        if image.file_description is not None and image.file_description.format != "dicom":
            job_id = f"headers-{image.id}-{new_id()}"
            self.queue.enqueue(HEADERS_JOB, {"image_id": image.id}, job_id=job_id)

    def list_linked_files(self, folder: Path) -> dict[Path, tuple[int, int]]:
        """Files in a folder that images link to, with size and time of change when they were taken in."""
        with reading(self.database) as connection:
            linked = store.list_linked(connection, f"{folder}/")
        return {Path(one.location): (one.size, one.mtime_ns or 0) for one in linked}


def probe_on_slides(action: str) -> Probe:
    """A probe for what another capability does to slides; see `policy.on_own_slides`."""
    return policy.on_own_slides(action)


def open_slides(
    settings: Settings,
    database: sa.Engine,
    blobs: Blobs,
    queue: JobQueue,
    gate: Gate,
    record: Recorder,
    early: Early = NOTHING_EARLY,
) -> Slides:
    """Slides of a node. The worker processes for untrusted files start on demand."""
    workers = early.readers or open_readers(settings)
    return Slides(settings, database, blobs, queue, workers, gate, record, early)


def incoming_object(number: int, path: Path, name: str, size: int, sha256: str | None = None) -> ImageObject:
    """A file that arrived, as an object of an image."""
    return ImageObject(number, ObjectKind.INCOMING, str(path), name, size, sha256)


def linked_object(number: int, path: Path, name: str) -> ImageObject:
    """A file as an object of an image, linked where it lies.

    Raises:
        NotFound: it is gone.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise NotFound("There is no file {path}.", path=str(path)) from error
    return ImageObject(number, ObjectKind.LINKED, str(path), name, found.st_size, None)


def described_columns(
    name: str,
    file: SlideDescription,
    statements: Sequence[Statement],
    served: SlideDescription,
    now: datetime,
) -> dict[str, Any]:
    """The columns of an image that follow from its description."""
    found = metadata.findings(file, statements, now)
    spacing = served.spacing_um
    scanner = (served.vendor, served.scanner_model)
    words = [name, served.stain, served.organ, served.specimen, *scanner, served.barcode]
    return {
        "format": served.format,
        "vendor": served.vendor,
        "scanner_model": served.scanner_model,
        "width_px": served.size.width_px,
        "height_px": served.size.height_px,
        "spacing_x_um": None if spacing is None else spacing.x_um,
        "spacing_y_um": None if spacing is None else spacing.y_um,
        "objective_power": served.objective_power,
        "stain": served.stain,
        "organ": served.organ,
        "specimen": served.specimen,
        "planes": len(served.planes),
        "channels": len(served.channels),
        "file_description": description_to_builtins(file),
        "description": description_to_builtins(served),
        "findings": found,
        "finding_count": len(found),
        "search_text": " ".join(word for word in words if word).casefold(),
    }


def _own(image: Image, actor: Actor) -> Image:
    if image.summary.organisation_id != actor.organisation_id:
        raise NotFound("There is no such image.")
    return image


def was_changed(one: ImageObject) -> bool:
    """Whether a linked file is gone, or no longer the one that was taken in."""
    try:
        found = Path(one.location).stat()
    except OSError:
        return True
    return found.st_size != one.size or (one.mtime_ns is not None and found.st_mtime_ns != one.mtime_ns)


def new_job_id(image_id: str) -> str:
    """A fresh id for a job that takes in this image."""
    return f"ingest-{image_id}-{new_id()[:8]}"
