"""What a worker does for slides: the jobs by name, and what is looked after all the time."""

import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from hemalum.capabilities.slides import store, upload_store
from hemalum.capabilities.slides.headers import build_headers, instances_from
from hemalum.capabilities.slides.ingest import PICTURES, Ingest, Outcome, local_files
from hemalum.capabilities.slides.manifests import write_manifest
from hemalum.capabilities.slides.model import Image
from hemalum.capabilities.slides.replica import REPLICATE_JOB, keep_replicated, replicate
from hemalum.capabilities.slides.scrub import SCRUB_JOB, keep_rounds_going, scrub
from hemalum.capabilities.slides.service import HEADERS_JOB, INGEST_JOB, Slides
from hemalum.capabilities.slides.uploads import Uploads, upload_folder
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.jobs import Job, Run, Work

_FORGOTTEN_S = 24 * 3600


def jobs_of(slides: Slides) -> dict[str, Job]:
    """The durable functions of slides by stable name."""
    return {
        INGEST_JOB: lambda run, arguments: Ingest(slides, run, arguments["image_id"]).run(),
        HEADERS_JOB: lambda run, arguments: rebuild_headers(slides, run, arguments["image_id"]),
        SCRUB_JOB: lambda run, arguments: scrub(slides, run, arguments["round_id"]),
        REPLICATE_JOB: lambda run, arguments: replicate(slides, run, arguments["image_id"]),
    }


def work_of(slides: Slides) -> Work:
    """What a worker does for slides."""
    return Work(jobs_of(slides), {}, housekeeping_of(slides))


def housekeeping_of(slides: Slides) -> tuple[Callable[[], None], ...]:
    """What is to be looked after all the time: lost jobs, bad ends of uploads, forgotten files, rounds."""
    return (
        slides.pick_up,
        Uploads(slides).sweep,
        partial(sweep_scratch, slides),
        partial(sweep_incoming, slides),
        partial(keep_rounds_going, slides),
        partial(keep_replicated, slides),
    )


def sweep_scratch(slides: Slides) -> None:
    """Remove what child processes of a worker that died long ago had written."""
    for folder in slides.settings.scratch.iterdir():
        if _is_forgotten(folder):
            shutil.rmtree(folder, ignore_errors=True)


def sweep_incoming(slides: Slides) -> None:
    """Remove what arrived long ago and is of no upload and no image: who received it was killed."""
    with reading(slides.database) as connection:
        # Uploads first: one that is completed meanwhile is found as an image then.
        held = {upload_folder(one.id) for one in upload_store.list_uploads(connection)}
        held |= {part for one in store.list_incoming(connection) for part in Path(one).parts}
    for folder in slides.settings.incoming.iterdir():
        if folder.name not in held and _is_forgotten(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_forgotten(folder: Path) -> bool:
    """Whether nothing in a folder was written for a day; False of one that goes away just now."""
    try:
        written = max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
    except OSError:
        return False
    return time.time() - written > _FORGOTTEN_S


def rebuild_headers(slides: Slides, run: Run, image_id: str) -> Outcome:
    """Make the DICOM headers of an image anew after a person stated something about it."""

    def build() -> Outcome:
        return _rebuild(slides, run, image_id)

    return run.step("headers", build)


def _rebuild(slides: Slides, run: Run, image_id: str) -> Outcome:
    with reading(slides.database) as connection:
        try:
            image = store.get_image(connection, image_id)
        except NotFound:
            return {"status": "gone"}
    if image.description is None or image.index_key is None or image.generation is None:
        return {"status": "gone"}
    run_id = new_id()
    folder = slides.settings.scratch / f"{image_id}-{run_id}"
    prefix = f"images/{image_id}/{image.generation}"
    try:
        (folder / "out").mkdir(parents=True)
        objects = local_files(slides, list(image.objects), folder / "in")
        slides.blobs.fetch(image.index_key, folder / "index.hfi")
        (folder / "description.json").write_bytes(msgspec.json.encode(image.description))
        built = build_headers(
            slides.workers,
            description=folder / "description.json",
            index=folder / "index.hfi",
            objects=objects,
            pictures=_fetch_pictures(slides, image, folder),
            seed=image.summary.sha256 or image.id,
            out_dir=folder / "out",
            cancelled=run.cancelled,
        )
        keys, records = {}, []
        for path in sorted((folder / "out").iterdir()):
            keys[path.name] = f"{prefix}/{run_id}-{path.name}"
            records.append(slides.blobs.put_file(keys[path.name], path, owned=True))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with transaction(slides.database) as connection:
        now = store.get_image(connection, image_id, to_write=True)
        if now.generation != image.generation or now.description != image.description:
            return {"status": "superseded"}
        store.update_image(connection, image_id, study_uid=built["study_uid"], series_uid=built["series_uid"])
        store.replace_instances(connection, image_id, instances_from(built["instances"], image_id, keys))
        store.bump_revision(connection)
    write_manifest(slides, image_id, records)
    return {"status": "built"}


def _fetch_pictures(slides: Slides, image: Image, folder: Path) -> dict[str, Path]:
    """Label and macro as files in a folder."""
    keys = dict(zip(PICTURES, (image.label_key, image.macro_key), strict=True))
    files = {}
    for kind, key in keys.items():
        if key is not None:
            files[kind] = folder / f"{kind}.jpg"
            slides.blobs.fetch(key, files[kind])
    return files
