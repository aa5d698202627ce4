"""How files become a slide: hash, keep, inspect, publish; each step once, whatever happens in between.

Nothing is listed as available before one transaction has written everything that serving needs. A step that a
crash cut off runs again; what it had written under a name of its own is written again or left to be swept.

A child process already examines linked files while they are hashed. What it finds is only held in memory for
the step that inspects, which takes it if the files were then as they are now, and otherwise examines anew.
"""

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.slides import metadata, store, upload_store
from hemalum.capabilities.slides.digesting import FileState, open_regular, sha256_of, state_of
from hemalum.capabilities.slides.examination import Examination
from hemalum.capabilities.slides.headers import build_headers, instances_from
from hemalum.capabilities.slides.manifests import write_manifest
from hemalum.capabilities.slides.model import (
    Image,
    ImageObject,
    ImageStatus,
    ImageSummary,
    ObjectKind,
    SlideBecameAvailable,
)
from hemalum.capabilities.slides.service import (
    Slides,
    described_columns,
    was_changed,
)
from hemalum.formats.wsi.model import SlideDescription
from hemalum.kernel.errors import HemalumError, NotFound, UnreadableSlide
from hemalum.kernel.sentence import Sentence, cause_of
from hemalum.kernel.typed import typed, typed_json
from hemalum.runtime import outbox
from hemalum.runtime.blobs import BlobRecord, file_pieces
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.jobs import Run
from hemalum.runtime.sandbox import Cancelled

_PROGRESS_S = 0.5
_MAX_ATTEMPTS = 5

PICTURES = ("label", "macro")
"""Kinds of pictures beside the scan, which become DICOM instances."""

type Outcome = dict[str, Any]
"""What a step found out, as plain values; `error` is the sentence when it failed for good."""


class Ingest:
    """One image on its way in."""

    def __init__(self, slides: Slides, run: Run, image_id: str) -> None:
        self._slides = slides
        self._run = run
        self._image_id = image_id
        self._reported = 0.0
        self._ahead: Examination | None = None

    def run(self) -> Outcome:
        """Take the image in; answers `image_id` (of the slide it turned out to be) and `status`."""
        try:
            return self._take_in()
        finally:
            self._drop_ahead()

    def _take_in(self) -> Outcome:
        hashed = self._step("hash", self._hash)
        if hashed.get("error"):
            return self._set_aside(hashed["error"])
        if hashed["image_id"] is None:
            return {"image_id": self._image_id, "status": "gone"}
        self._image_id = hashed["image_id"]
        if hashed["duplicate"]:
            return {"image_id": self._image_id, "status": "duplicate"}
        kept = self._step("keep", self._keep)
        if kept.get("error"):
            return self._set_aside(kept["error"])
        for attempt in range(_MAX_ATTEMPTS):
            found = self._step("inspect", partial(self._inspect, attempt))
            if found.get("error"):
                return self._set_aside(found["error"])
            published = self._step("publish", partial(self._publish, found))
            if published.get("error"):
                return self._set_aside(published["error"])
            if published["status"] != "again":
                self._step("manifest", partial(self._write_manifest, kept, found, published))
                self._step("tidy", partial(self._tidy, found, published))
                return published
        return self._set_aside(Sentence("Other files of the same series kept arriving; try again."))

    def _step(self, name: str, function: Callable[[], Outcome]) -> Outcome:
        """Run a step; domain errors and a failing disk are outcomes, so that a replay finds them too."""

        def guarded() -> Outcome:
            try:
                return function()
            except Cancelled:
                return {"error": msgspec.to_builtins(Sentence("Ingest was cancelled."))}
            except HemalumError as error:
                return {"error": msgspec.to_builtins(error.sentence)}
            except OSError as error:
                return {"error": msgspec.to_builtins(_disk_sentence(error))}

        return self._run.step(name, guarded)

    def _set_aside(self, error: Any) -> Outcome:
        reason = typed(error, Sentence)

        def quarantine() -> Outcome:
            self._slides.quarantine(self._image_id, reason, job_id=self._run.job_id)
            return {}

        self._run.step("quarantine", quarantine)
        return {"image_id": self._image_id, "status": "quarantined", "reason": str(reason)}

    # Hash ----------------------------------------------------------------------------------------------

    def _hash(self) -> Outcome:
        with reading(self._slides.database) as connection:
            summary = store.find_summary(connection, self._image_id)
            objects = store.list_objects(connection, self._image_id)
        if summary is None:
            return {"image_id": None}
        originals = [one for one in objects if one.kind is not ObjectKind.DERIVED]
        self._look_ahead(summary, originals)
        total = sum(one.size for one in originals)
        done = 0
        hashed = []
        for one in originals:
            hashed.append(self._hashed(one, done, total))
            done += one.size
        for _ in range(_MAX_ATTEMPTS):
            try:
                return self._settle(summary, hashed)
            except sa.exc.IntegrityError:  # another image with the same bytes was faster: look again
                continue
        raise UnreadableSlide("The same bytes kept arriving at the same time; try again.")

    def _look_ahead(self, summary: ImageSummary, originals: list[ImageObject]) -> None:
        """Begin to examine linked files, unless they are as long as what is here: those may be duplicates."""
        if any(one.kind is not ObjectKind.LINKED for one in originals):
            return
        with reading(self._slides.database) as connection:
            known = store.has_original_of_size(
                connection, summary.organisation_id, originals[0].size, besides=summary.id
            )
            if known or store.keeps_originals(connection, summary.id):
                return
        lying = [_as_it_lies(one) for one in originals]
        early = self._slides.early.take_examination(lying, self._run.cancelled)
        self._ahead = early or self._examine(lying, self._generation(0))

    def _drop_ahead(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.drop()

    def _hashed(self, one: ImageObject, done: int, total: int) -> ImageObject:
        if one.kind is ObjectKind.STORED:
            return one
        if one.kind is ObjectKind.INCOMING:
            return self._hashed_incoming(one)
        with open_regular(Path(one.location)) as descriptor:
            before = state_of(descriptor)
            if os.fstat(descriptor.fileno()).st_size == 0 and one.number == 0:
                raise UnreadableSlide("The file is empty.")
            sha256 = self._found_early(one, before, done, total)
            sha256 = sha256 or sha256_of(descriptor, self._seen(done, total))
            after = os.fstat(descriptor.fileno())
            if state_of(descriptor) != before:
                raise UnreadableSlide(
                    "The file was changed while it was read; ingest it once it is complete."
                )
        return replace(one, size=after.st_size, sha256=sha256, mtime_ns=after.st_mtime_ns)

    def _found_early(self, one: ImageObject, state: FileState, done: int, total: int) -> str | None:
        """The digest of a file that somebody began to read before there was this job."""
        early = self._slides.early.digests.get(one.location)
        return None if early is None else early.find(state, self._seen(done, total))

    def _seen(self, done: int, total: int) -> Callable[[int], None]:
        """Counts on from `done`, shows how far it is, and stops when the job was cancelled."""

        def count(read: int) -> None:
            nonlocal done
            if self._run.cancelled():
                raise Cancelled("Ingest was cancelled.")
            done += read
            self._report("hash", done, total)

        return count

    def _hashed_incoming(self, one: ImageObject) -> ImageObject:
        """An upload is hashed as it arrives; what came otherwise is hashed here."""
        if one.sha256 is not None:
            return one
        digest = hashlib.sha256()
        for piece in self._slides.incoming_file(Path(one.location)).pieces():
            digest.update(piece)
        return replace(one, sha256=digest.hexdigest())

    def _settle(self, summary: ImageSummary, hashed: list[ImageObject]) -> Outcome:
        """Give the image its hash, or find that the same bytes are here already."""
        sha256 = combined_sha256(hashed)
        with transaction(self._slides.database) as connection:
            if store.find_job(connection, self._image_id) != self._run.job_id:
                return {"image_id": None}
            known = store.find_by_bytes(connection, summary.organisation_id, sha256)
            if known is None and len(hashed) == 1:
                known = store.find_by_object(connection, summary.organisation_id, sha256)
            values = {
                "sha256": sha256,
                "size_bytes": sum(one.size for one in hashed),
                "status": ImageStatus.HASHED.value,
            }
            if known is None or known.id == self._image_id:
                store.replace_objects(connection, self._image_id, hashed)
                store.update_image(connection, self._image_id, **values)
                store.bump_revision(connection)
                return {"image_id": self._image_id, "duplicate": False}
            keep = store.keeps_originals(connection, self._image_id)
            upload_store.move_uploads(connection, self._image_id, known.id)
            store.delete_image(connection, self._image_id)
            store.bump_revision(connection)
            if known.status is ImageStatus.QUARANTINED:
                store.replace_objects(connection, known.id, hashed)
                store.update_image(
                    connection,
                    known.id,
                    **values,
                    reason=None,
                    job_id=self._run.job_id,
                    keep_originals=keep,
                )
                return {"image_id": known.id, "duplicate": False}
            _relink(connection, known.id, hashed)
        self._drop_incoming(hashed)
        return {"image_id": known.id, "duplicate": True}

    # Keep ----------------------------------------------------------------------------------------------

    def _keep(self) -> Outcome:
        """Copy originals to the blob store: uploads always, linked files when that is wanted."""
        with reading(self._slides.database) as connection:
            keep = store.keeps_originals(connection, self._image_id)
            objects = store.list_objects(connection, self._image_id)
        records: list[BlobRecord] = []
        moved = [
            self._kept(one, records) if keep or one.kind is ObjectKind.INCOMING else one for one in objects
        ]
        with transaction(self._slides.database) as connection:
            store.replace_objects(connection, self._image_id, moved)
        self._drop_incoming(objects)
        return {"records": msgspec.to_builtins(records)}

    def _kept(self, one: ImageObject, records: list[BlobRecord]) -> ImageObject:
        if one.kind not in (ObjectKind.LINKED, ObjectKind.INCOMING):
            return one
        key = f"images/{self._image_id}/originals/{one.sha256}"
        if not self._slides.blobs.exists(key):
            self._report("keep", 0, one.size)
            path = Path(one.location)
            arrived = one.kind is ObjectKind.INCOMING
            pieces = self._slides.incoming_file(path).pieces() if arrived else file_pieces(path)
            records.append(self._slides.blobs.put_pieces(key, pieces))
            if records[-1].sha256 != one.sha256:
                self._slides.blobs.delete(key)
                raise UnreadableSlide("The file {name} was changed while it was taken in.", name=one.name)
        return replace(one, kind=ObjectKind.STORED, location=key, mtime_ns=None)

    def _drop_incoming(self, objects: list[ImageObject] | tuple[ImageObject, ...]) -> None:
        for one in objects:
            if one.kind is ObjectKind.INCOMING:
                self._slides.incoming_file(Path(one.location)).remove()

    # Inspect -------------------------------------------------------------------------------------------

    def _inspect(self, attempt: int) -> Outcome:
        generation = self._generation(attempt)
        with reading(self._slides.database) as connection:
            image = store.get_image(connection, self._image_id)
        found = self._inspect_files(image, _originals(image), generation)
        partner = self._find_series(image, found)
        if partner is None:
            return found
        # The rest of the series is here already: read all of it as one slide.
        self._slides.blobs.delete_all(found["prefix"])
        mine = [one for one in _originals(image) if one.sha256 not in {o.sha256 for o in _originals(partner)}]
        joined = self._inspect_files(image, [*_originals(partner), *mine], f"{generation}-joined")
        return joined | {"join": partner.id, "join_generation": partner.generation}

    def _find_series(self, image: Image, found: Outcome) -> Image | None:
        if found["format"] != "dicom" or found["series_uid"] is None:
            return None
        with reading(self._slides.database) as connection:
            partner = store.find_by_series(connection, image.summary.organisation_id, found["series_uid"])
            if partner is None or partner.id == image.id:
                return None
            return store.get_image(connection, partner.id)

    def _inspect_files(self, image: Image, originals: list[ImageObject], generation: str) -> Outcome:
        prefix = f"images/{image.id}/{generation}"
        examination = self._examination(originals, generation)
        try:
            answer = examination.result(self._report)
            out = examination.out
            ordered = _by_path(originals, examination.files, answer["paths"])
            objects = [replace(one, number=number) for number, one in enumerate(ordered)]
            served = metadata.as_served(
                _read_description(out / "file_description.json"),
                image.statements,
                _read_description(out / "description.json"),
            )
            (out / "description.json").write_bytes(msgspec.json.encode(served))
            derived = [out / "derived.bin"] if answer["derived_bytes"] else []
            built = build_headers(
                self._slides.workers,
                description=out / "description.json",
                index=out / "index.hfi",
                objects=[*map(Path, answer["paths"]), *derived],
                pictures={kind: path for kind in PICTURES if (path := out / f"{kind}.jpg").exists()},
                seed=image.summary.sha256 or image.id,
                out_dir=out,
                progress=self._report,
                cancelled=self._run.cancelled,
            )
            self._report("store", 0, 1)
            _check_unchanged(originals)
            keys, records = self._store_files(out, prefix)
        finally:
            examination.drop()
        for one in built["instances"]:
            if (number := one["object_number"]) is not None:
                objects[number] = replace(objects[number], sop_instance_uid=one["sop_instance_uid"])
        if derived:
            size = answer["derived_bytes"]
            key = keys["derived.bin"]
            objects.append(ImageObject(len(objects), ObjectKind.DERIVED, key, "derived", size, None))
        return {
            "generation": generation,
            "prefix": prefix,
            "keys": keys,
            "records": msgspec.to_builtins(records),
            "objects": msgspec.to_builtins(objects),
            "instances": built["instances"],
            "study_uid": built["study_uid"],
            "series_uid": built["series_uid"],
            "format": served.format,
        }

    def _examination(self, originals: list[ImageObject], generation: str) -> Examination:
        """The one that goes on already, if it is of these files as they were hashed; else a new one."""
        if self._ahead is not None and self._ahead.is_of(originals):
            ahead, self._ahead = self._ahead, None
            return ahead
        self._drop_ahead()
        return self._examine(originals, generation)

    def _examine(self, originals: list[ImageObject], generation: str) -> Examination:
        folder = self._scratch(generation)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            files = local_files(self._slides, originals, folder / "in")
        except HemalumError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return Examination(self._slides.workers, originals, files, folder, self._run.cancelled)

    def _scratch(self, generation: str) -> Path:
        return self._slides.settings.scratch / f"{self._run.job_id}-{generation}"

    def _generation(self, attempt: int) -> str:
        """Named after the job, so that a step that is run again writes over what it had left behind."""
        return f"{self._run.job_id[-8:]}{attempt}"

    def _store_files(self, folder: Path, prefix: str) -> tuple[dict[str, str], list[BlobRecord]]:
        paths = sorted(folder.iterdir())
        keys = {path.name: f"{prefix}/{path.name}" for path in paths}
        return keys, [self._slides.blobs.put_file(keys[path.name], path, owned=True) for path in paths]

    def _publish(self, found: Outcome) -> Outcome:
        """Make the image available, in one transaction."""
        file = self._read_blob(found["keys"]["file_description.json"])
        served = self._read_blob(found["keys"]["description.json"])
        try:
            with transaction(self._slides.database) as connection:
                return self._publish_in(connection, found, file, served)
        except sa.exc.IntegrityError:
            # Another file of the same series became available in the meantime: join it.
            return {"status": "again"}

    def _publish_in(
        self, connection: sa.Connection, found: Outcome, file: SlideDescription, served: SlideDescription
    ) -> Outcome:
        if store.find_job(connection, self._image_id) != self._run.job_id:
            return {"status": "gone", "image_id": self._image_id}
        target = found.get("join") or self._image_id
        before = store.get_image(connection, target, to_write=True)
        if target != self._image_id:
            if before.generation != found["join_generation"] or before.status is not ImageStatus.AVAILABLE:
                return {"status": "again"}
            upload_store.move_uploads(connection, self._image_id, target)
            store.delete_image(connection, self._image_id)
        now = self._slides.clock()
        statements = store.list_statements(connection, target)
        objects = typed(found["objects"], list[ImageObject])
        originals = [one for one in objects if one.kind is not ObjectKind.DERIVED]
        sha256 = combined_sha256(originals)
        keys = found["keys"]
        served = metadata.as_served(file, statements, served)
        store.update_image(
            connection,
            target,
            **described_columns(before.summary.name, file, statements, served, now),
            status=ImageStatus.AVAILABLE.value,
            reason=None,
            stage=None,
            progress_done=None,
            progress_total=None,
            sha256=sha256,
            size_bytes=sum(one.size for one in originals),
            study_uid=found["study_uid"],
            series_uid=found["series_uid"],
            generation=found["generation"],
            index_key=keys["index.hfi"],
            thumbnail_key=keys.get("thumbnail.jpg"),
            label_key=keys.get("label.jpg"),
            macro_key=keys.get("macro.jpg"),
            clinical_key=keys.get("clinical.json"),
            available_at=before.summary.available_at or now,
            job_id=None,
        )
        store.replace_objects(connection, target, objects)
        store.replace_instances(connection, target, instances_from(found["instances"], target, keys))
        self._slides.tell(None, "slides.ingest", before.summary, by=before.created_by, sha256=sha256)
        outbox.publish(
            connection, SlideBecameAvailable(now, before.summary.id, before.summary.organisation_id)
        )
        store.bump_revision(connection)
        return {"status": "available", "image_id": target, "old": before.index_key}

    def _read_blob(self, key: str) -> SlideDescription:
        return typed_json(self._slides.blobs.get(key), SlideDescription)

    def _tidy(self, found: Outcome, published: Outcome) -> Outcome:
        """Remove what an earlier reading of the image left behind."""
        old = published.get("old")
        if old is not None and not old.startswith(found["prefix"]):
            self._slides.blobs.delete_all(old.rpartition("/")[0])
        if published["status"] == "gone":
            self._slides.blobs.delete_all(found["prefix"])
        return {}

    def _write_manifest(self, kept: Outcome, found: Outcome, published: Outcome) -> Outcome:
        records = typed([*kept["records"], *found["records"]], list[BlobRecord])
        write_manifest(self._slides, published["image_id"], records)
        return {}

    def _report(self, stage: str, done: int, total: int) -> None:
        """Show progress in the library, a few times a second at most."""
        now = time.monotonic()
        if now - self._reported < _PROGRESS_S:
            return
        self._reported = now
        with transaction(self._slides.database) as connection:
            summary = store.find_summary(connection, self._image_id)
            if summary is None or summary.status is ImageStatus.QUARANTINED:
                return
            store.update_image(
                connection, self._image_id, stage=stage, progress_done=done, progress_total=total
            )
            store.bump_revision(connection)


def combined_sha256(objects: list[ImageObject]) -> str:
    """The hash of an image: of its file, or of the sorted list of its files' hashes, one on each line."""
    digests = sorted(one.sha256 or "" for one in objects)
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(f"{one}\n" for one in digests).encode()).hexdigest()


def local_files(slides: Slides, objects: list[ImageObject], folder: Path) -> list[Path]:
    """Paths where a child process finds these objects, under the names that readers expect."""
    files = []
    for place, one in enumerate(objects):
        if one.kind is ObjectKind.LINKED:
            files.append(Path(one.location))
            continue
        path = folder.joinpath(*Path(one.name).parts)
        if path.exists() or path.is_symlink() or not path.is_relative_to(folder):
            path = folder / str(place) / Path(one.name).name
        path.parent.mkdir(parents=True, exist_ok=True)
        local = slides.blobs.plain_path(one.location)
        if local is None:
            slides.blobs.fetch(one.location, path)
        elif local.exists():
            path.symlink_to(local)
        else:
            raise NotFound("The stored original {name} is gone.", name=one.name)
        files.append(path)
    return files


def _by_path(originals: list[ImageObject], files: Sequence[Path], ordered: list[str]) -> list[ImageObject]:
    found = {str(path): one for one, path in zip(originals, files, strict=True)}
    return [found[path] for path in ordered]


def _as_it_lies(one: ImageObject) -> ImageObject:
    """A linked file with the size and the time of change that it has now."""
    try:
        found = Path(one.location).stat()
    except OSError:
        return one  # hashing says what is wrong with it
    return replace(one, size=found.st_size, mtime_ns=found.st_mtime_ns)


def _originals(image: Image) -> list[ImageObject]:
    return [one for one in image.objects if one.kind is not ObjectKind.DERIVED]


def _check_unchanged(originals: list[ImageObject]) -> None:
    """Raise UnreadableSlide when a linked file is no longer the one that was hashed."""
    for one in originals:
        if one.kind is ObjectKind.LINKED and was_changed(one):
            raise UnreadableSlide("The file {name} was changed while it was taken in.", name=one.name)


def _relink(connection: sa.Connection, image_id: str, arrived: list[ImageObject]) -> None:
    """Point an image whose linked original is gone to the same bytes where they are now."""
    by_hash = {one.sha256: one for one in arrived if one.kind is ObjectKind.LINKED}
    objects = store.list_objects(connection, image_id)
    moved = [
        replace(one, location=by_hash[one.sha256].location, mtime_ns=by_hash[one.sha256].mtime_ns)
        if one.kind is ObjectKind.LINKED and one.sha256 in by_hash and not Path(one.location).exists()
        else one
        for one in objects
    ]
    if moved != list(objects):
        store.replace_objects(connection, image_id, moved)


def _read_description(path: Path) -> SlideDescription:
    return typed_json(path.read_bytes(), SlideDescription)


def _disk_sentence(error: OSError) -> Sentence:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Sentence("The disk of the node is full; make room and try again.")
    return Sentence("The disk of the node failed: {cause}.", {"cause": cause_of(error)})
