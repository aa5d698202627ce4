"""Writing and reading the manifests of slides."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.slides import integrity_store, store
from hemalum.capabilities.slides.integrity import Manifest, ManifestEntry
from hemalum.capabilities.slides.model import Image, ImageObject, ImageStatus, ObjectKind
from hemalum.kernel.errors import Damaged, NotFound
from hemalum.kernel.ids import new_id
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed_json
from hemalum.runtime.blobs import BlobRecord, key_name
from hemalum.runtime.db import reading, transaction

if TYPE_CHECKING:
    from hemalum.capabilities.slides.service import Slides

_WRONG_MANIFEST = Sentence("The manifest of this slide is not the one that was written.")


def write_manifest(slides: "Slides", image_id: str, records: Iterable[BlobRecord] = ()) -> Manifest | None:
    """Write down what a slide is made of; None when it is gone.

    `records` are of blobs that were just written; what is known from the manifest before is taken over, and
    the rest is read. Safe to repeat.

    Raises:
        Damaged: a blob that no record tells of does not open.
    """
    with reading(slides.database) as connection:
        try:
            image = store.get_image(connection, image_id)
        except NotFound:
            return None
        instances = store.list_instances(connection, sa.true(), image_id=image_id)
        attached = integrity_store.list_attached(connection, image_id)
    if image.status is not ImageStatus.AVAILABLE:
        return None
    written = {one.key: one for one in records}
    before = _known(slides, image_id)
    keys = [key for one in instances for key in (one.header_key, one.json_key)]
    entries = [
        *(_entry(slides, one, written, before) for one in image.objects),
        *(_blob_entry(slides, key, written, before) for key in sorted({*_own_keys(image), *keys, *attached})),
    ]
    manifest = Manifest(image.id, slides.clock(), tuple(entries))
    assert image.index_key is not None
    save_manifest(slides, manifest, image.index_key.rpartition("/")[0])
    return manifest


def save_manifest(slides: "Slides", manifest: Manifest, folder: str) -> None:
    """Keep a manifest, in a folder of the slide, in the place of the one before."""
    content = msgspec.json.encode(manifest)
    key = f"{folder}/manifest-{new_id()}.json"
    slides.blobs.put(key, content)
    with transaction(slides.database) as connection:
        if store.find_summary(connection, manifest.image_id) is None:
            return
        before = integrity_store.find_manifest(connection, manifest.image_id)
        integrity_store.set_manifest(connection, manifest.image_id, key, hashlib.sha256(content).hexdigest())
    if before is not None:
        slides.blobs.delete(before[0])


def find_manifest(slides: "Slides", image_id: str) -> Manifest | None:
    """The manifest of a slide, if it has one.

    Raises:
        Damaged: it is not the one that was written.
        NotFound: its blob is gone.
    """
    with reading(slides.database) as connection:
        found = integrity_store.find_manifest(connection, image_id)
    if found is None:
        return None
    content = slides.blobs.get(found[0])
    if hashlib.sha256(content).hexdigest() != found[1]:
        raise Damaged.saying(_WRONG_MANIFEST)
    return typed_json(content, Manifest)


def key_names(slides: "Slides", image_id: str) -> set[str]:
    """Names of the keys that the blobs of a slide are sealed under; files that joined it keep theirs."""
    with reading(slides.database) as connection:
        if store.find_summary(connection, image_id) is None:
            return set()
        image = store.get_image(connection, image_id)
    own = [one.location for one in image.objects if one.kind in (ObjectKind.STORED, ObjectKind.DERIVED)]
    return {key_name(key) for key in [*own, *_own_keys(image)]}


def _known(slides: "Slides", image_id: str) -> dict[str, ManifestEntry]:
    try:
        before = find_manifest(slides, image_id)
    except (Damaged, NotFound):
        return {}
    return {} if before is None else {one.location: one for one in before.entries}


def _own_keys(image: Image) -> Iterator[str]:
    keys = (image.index_key, image.thumbnail_key, image.label_key, image.macro_key, image.clinical_key)
    for key in keys:
        if key is not None:
            yield key


def _entry(
    slides: "Slides", one: ImageObject, written: dict[str, BlobRecord], before: dict[str, ManifestEntry]
) -> ManifestEntry:
    if one.kind is not ObjectKind.LINKED:
        return replace(_blob_entry(slides, one.location, written, before), kind=one.kind, name=one.name)
    known = before.get(one.location)
    sm3 = known.sm3 if known is not None and known.sha256 == one.sha256 else None
    return ManifestEntry(one.kind, one.name, one.location, one.size, one.sha256 or "", sm3, one.mtime_ns)


def _blob_entry(
    slides: "Slides", key: str, written: dict[str, BlobRecord], before: dict[str, ManifestEntry]
) -> ManifestEntry:
    if key not in written and key in before:
        return before[key]
    record = written.get(key) or _read(slides, key)
    return ManifestEntry(
        kind=ObjectKind.STORED,
        name=Path(key).name,
        location=key,
        size=record.size,
        sha256=record.sha256,
        sm3=record.sm3,
        stored_size=record.stored_size,
        stored_sha256=record.stored_sha256,
        chunks=record.chunks,
    )


def _read(slides: "Slides", key: str) -> BlobRecord:
    checked = slides.blobs.check(key)
    if checked.damaged:
        raise Damaged("The stored part {name} of this slide is damaged.", name=Path(key).name)
    return checked.record
