"""A second copy of every blob, as it lies, in another store; and what it is good for.

The replica holds sealed blobs under the same keys. It opens nothing by itself: that takes the database with
the wrapped keys and the node key, which have backups of their own.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from hemalum.capabilities.slides import integrity_store
from hemalum.capabilities.slides.integrity import ManifestEntry
from hemalum.capabilities.slides.manifests import find_manifest
from hemalum.capabilities.slides.model import ObjectKind
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel.errors import Damaged, HemalumError, NotFound
from hemalum.runtime.blob_store import BlobStore, open_blob_store
from hemalum.runtime.blobs import Blobs
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.jobs import Run

REPLICATE_JOB = "slides.replicate"

_AT_ONCE = 100


def keep_replicated(slides: Slides) -> None:
    """Hand in the copying of slides whose replica is behind. Safe to repeat."""
    if not slides.settings.replica_url:
        return
    with reading(slides.database) as connection:
        behind = integrity_store.list_unreplicated(connection, _AT_ONCE)
    # One job for each state of a slide and hour: what failed is tried again, and nothing runs twice at once.
    hour = slides.clock().strftime("%Y%m%d%H")
    for image_id, digest in behind:
        slides.queue.enqueue(
            REPLICATE_JOB,
            {"image_id": image_id},
            job_id=f"replicate-{image_id}-{digest[:12]}-{hour}",
            background=True,
        )


def replicate(slides: Slides, run: Run, image_id: str) -> dict[str, Any]:
    """The job that copies all blobs of a slide to the replica."""

    def copy() -> dict[str, Any]:
        try:
            return {"copied": _copy(slides, image_id)}
        except HemalumError as error:
            return {"error": str(error)}

    return run.step("replicate", copy)


def repair(slides: Slides, entry: ManifestEntry) -> bool:
    """Put a blob from the replica in the place of a damaged one, once the copy has proved whole."""
    if not slides.settings.replica_url:
        return False
    replica = open_blob_store(slides.settings.replica_url)
    try:
        found = Blobs(replica, slides.blobs.keys).check(entry.location)
    except HemalumError:
        return False
    if found.damaged or found.record.stored_sha256 != entry.stored_sha256:
        return False
    try:
        slides.blobs.store.put(entry.location, _proven(replica.pieces(entry.location), entry))
    except HemalumError:
        return False
    return True


def repair_manifest(slides: Slides, image_id: str) -> bool:
    """Put the manifest of a slide back from the replica, if it is there as it was written."""
    with reading(slides.database) as connection:
        known = integrity_store.find_manifest(connection, image_id)
    if known is None or not slides.settings.replica_url:
        return False
    replica = open_blob_store(slides.settings.replica_url)
    try:
        content = Blobs(replica, slides.blobs.keys).get(known[0])
        if hashlib.sha256(content).hexdigest() != known[1]:
            return False
        slides.blobs.put(known[0], content)
    except HemalumError:
        return False
    return True


def _copy(slides: Slides, image_id: str) -> int:
    """Copy what the replica lacks; returns how many blobs that were."""
    with reading(slides.database) as connection:
        known = integrity_store.find_manifest(connection, image_id)
    manifest = find_manifest(slides, image_id) if known is not None else None
    if known is None or manifest is None:
        return 0
    replica = open_blob_store(slides.settings.replica_url)
    copied = 0
    for entry in manifest.entries:
        if entry.kind is ObjectKind.LINKED or _has(replica, entry):
            continue
        replica.put(entry.location, _proven(slides.blobs.store.pieces(entry.location), entry))
        copied += 1
    replica.put(known[0], slides.blobs.store.pieces(known[0]))
    with transaction(slides.database) as connection:
        integrity_store.set_replicated(connection, image_id, known[1])
    return copied


def _has(replica: BlobStore, entry: ManifestEntry) -> bool:
    try:
        return replica.size(entry.location) == entry.stored_size
    except NotFound:
        return False


def _proven(pieces: Iterable[bytes], entry: ManifestEntry) -> Iterator[bytes]:
    """The pieces of a blob; raises before the last one is handed on when they are not what was written."""
    digest = hashlib.sha256()
    last: bytes | None = None
    for piece in pieces:
        if last is not None:
            yield last
        digest.update(piece)
        last = piece
    if digest.hexdigest() != entry.stored_sha256:
        raise Damaged("The stored part {name} of this slide is damaged.", name=entry.name)
    if last is not None:
        yield last
