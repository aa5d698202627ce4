"""From a file to an available slide, or to one clear sentence."""

import hashlib
import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import ImageStatus, LibraryQuery, ObjectKind
from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.runtime.db import reading
from hemalum.runtime.outbox import outbox_table
from hemalum.runtime.settings import load_settings

type MakeSlide = Callable[..., Path]
type WriteSlide = Callable[[Path, int, int], None]
type RunningNode = Any
"""`conftest.RunningNode`: test modules cannot import each other."""
type OpenNode = Callable[..., RunningNode]


def test_linked_slide_becomes_available(node: RunningNode, make_slide: MakeSlide) -> None:
    path = make_slide()
    before = path.read_bytes(), path.stat().st_mtime_ns
    (summary,) = node.ingest(path)
    assert summary.status is ImageStatus.AVAILABLE, summary.reason
    assert summary.sha256 == hashlib.sha256(before[0]).hexdigest()
    assert (summary.width_px, summary.height_px, summary.spacing_x_um) == (700, 700, 0.5)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    image = node.slides.get_image(node.actor, summary.id)
    assert [one.kind for one in image.objects] == [ObjectKind.LINKED, ObjectKind.DERIVED]
    assert image.objects[0].location == str(path)
    assert image.index_key is not None
    index = FrameIndex.from_buffer(node.slides.blobs.get(image.index_key))
    index.check_ranges([one.size for one in image.objects])
    assert [level.size.width_px for level in index.levels] == [700, 350]
    assert image.thumbnail_key is not None
    with Image.open(io.BytesIO(node.slides.blobs.get(image.thumbnail_key))) as thumbnail:
        assert max(thumbnail.size) == 700
    with reading(node.slides.database) as connection:
        instances = store.list_instances(connection, sa.true(), image_id=summary.id)
        events = connection.execute(sa.select(outbox_table.c.type)).scalars().all()
    assert [one.level for one in instances] == [0, 1]
    assert {one.series_uid for one in instances} == {summary.series_uid}
    assert events == ["SlideBecameAvailable"]
    assert list(node.settings.scratch.iterdir()) == []


def test_same_bytes_are_one_slide(node: RunningNode, make_slide: MakeSlide) -> None:
    first = make_slide("one.tif")
    second = make_slide("two.tif")
    both = node.ingest(first, second)
    again = node.ingest(second)
    assert len({summary.id for summary in both + again}) == 1
    page = node.slides.list_images(node.actor, LibraryQuery())
    assert page.total == 1


def test_moved_original_is_linked_anew(node: RunningNode, make_slide: MakeSlide, tmp_path: Path) -> None:
    path = make_slide()
    (summary,) = node.ingest(path)
    moved = tmp_path / "elsewhere.tif"
    path.rename(moved)
    assert node.changed_originals(summary.id) == ["slide.tif"]
    (again,) = node.ingest(moved)
    assert again.id == summary.id
    image = node.slides.get_image(node.actor, summary.id)
    assert image.objects[0].location == str(moved)
    assert node.changed_originals(summary.id) == []


def test_kept_original_outlives_the_file(node: RunningNode, make_slide: MakeSlide) -> None:
    path = make_slide()
    content = path.read_bytes()
    (summary,) = node.ingest(path, keep=True)
    path.unlink()
    image = node.slides.get_image(node.actor, summary.id)
    assert image.objects[0].kind is ObjectKind.STORED
    assert node.slides.blobs.get(image.objects[0].location) == content


def test_changed_original_is_noticed(node: RunningNode, make_slide: MakeSlide) -> None:
    path = make_slide()
    (summary,) = node.ingest(path)
    with path.open("ab") as file:
        file.write(b"x")
    assert node.changed_originals(summary.id) == ["slide.tif"]


def _bad_files(folder: Path, write_slide: WriteSlide) -> dict[str, Path]:
    folder.mkdir()
    good = folder / "good.tif"
    write_slide(good, 3, 700)
    content = good.read_bytes()
    good.unlink()
    files = {
        "empty": b"",
        "truncated": content[: len(content) // 2],
        "header only": content[:8],
        "text": b"this is not a slide\n" * 50,
        "noise": os.urandom(5000),
    }
    made = {}
    for name, bytes_ in files.items():
        made[name] = folder / f"{name}.svs"
        made[name].write_bytes(bytes_)
    bomb = folder / "bomb.svs"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("slide.tif", bytes(20_000_000))
    return made | {"zip": bomb}


def test_bad_files_are_set_aside_with_one_sentence(
    node: RunningNode, tmp_path: Path, write_slide: WriteSlide
) -> None:
    files = _bad_files(tmp_path / "bad", write_slide)
    summaries = dict(zip(files, node.ingest(*files.values()), strict=True))
    for name, summary in summaries.items():
        assert summary.status is ImageStatus.QUARANTINED, name
        assert summary.reason is not None
        assert str(summary.reason).endswith(".")
        assert "\n" not in str(summary.reason)
    assert str(summaries["empty"].reason) == "The file is empty."
    assert list(node.settings.scratch.iterdir()) == []
    available = node.slides.list_images(node.actor, LibraryQuery(status=ImageStatus.AVAILABLE))
    assert available.total == 0


def test_wrong_extension_does_not_matter(node: RunningNode, make_slide: MakeSlide) -> None:
    (summary,) = node.ingest(make_slide("slide.txt"))
    assert summary.status is ImageStatus.AVAILABLE


def test_quarantined_slide_is_tried_again_when_its_bytes_return(
    node: RunningNode, make_slide: MakeSlide
) -> None:
    path = make_slide()
    (summary,) = node.ingest(path)
    with pytest.raises(Conflict):
        node.slides.retry(node.actor, summary.id)
    bad = path.with_name("bad.tif")
    bad.write_bytes(path.read_bytes()[:3000])
    (first,) = node.ingest(bad)
    (second,) = node.ingest(bad)
    assert second.id == first.id
    node.slides.retry(node.actor, first.id)
    received_again = node.slides.list_images(node.actor, LibraryQuery())
    assert received_again.total == 2


def test_links_and_hidden_files_in_folders_are_passed_over(
    node: RunningNode, make_slide: MakeSlide, write_slide: WriteSlide, tmp_path: Path
) -> None:
    path = make_slide("deep/er/slide.tif")
    folder = path.parent.parent
    outside = tmp_path / "outside.tif"
    write_slide(outside, 9, 300)
    (folder / "link.tif").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / ".hidden.tif").write_bytes(outside.read_bytes())
    (folder / "notes.txt").write_text("nothing")
    os.mkfifo(folder / "pipe.tif")
    summaries = node.ingest(folder)
    assert [summary.name for summary in summaries] == ["slide.tif"]


def test_named_link_is_followed_to_the_file_itself(node: RunningNode, make_slide: MakeSlide) -> None:
    path = make_slide()
    link = path.with_name("link.svs")
    link.symlink_to(path)
    (summary,) = node.ingest(link)
    image = node.slides.get_image(node.actor, summary.id)
    assert image.objects[0].location == str(path)


def test_what_cannot_be_taken_in_is_refused_at_once(node: RunningNode, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        node.ingest(tmp_path / "absent.svs")
    with pytest.raises(Invalid):
        node.ingest(node.settings.data / "hemalum.sqlite")
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    with pytest.raises(Invalid):
        node.ingest(fifo)


def test_stated_scale_makes_dicom_headers(node: RunningNode, tmp_path: Path) -> None:
    path = tmp_path / "plain.png"
    Image.fromarray(np.full((600, 800, 3), 200, np.uint8)).save(path)
    (summary,) = node.ingest(path)
    assert summary.spacing_x_um is None
    with reading(node.slides.database) as connection:
        assert store.list_instances(connection, sa.true(), image_id=summary.id) == []
    before = node.slides.revision()
    image = node.slides.describe(node.actor, summary.id, {"spacing_um": 0.5, "stain": "H&E"})
    assert image.summary.spacing_x_um == 0.5
    assert image.summary.findings == summary.findings - 2
    assert image.description is not None
    assert image.description.spacing_um is not None
    assert image.file_description is not None
    assert image.file_description.spacing_um is None
    assert node.slides.revision() > before
    instances: list[object] = []
    for _ in range(200):
        with reading(node.slides.database) as connection:
            instances = store.list_instances(connection, sa.true(), image_id=summary.id)
        if instances:
            break
        time.sleep(0.1)
    assert len(instances) == 2
    node.slides.describe(node.actor, summary.id, {"spacing_um": None})
    history = node.slides.get_image(node.actor, summary.id).statements
    assert [(one.element, one.value, one.person_name) for one in history] == [
        ("spacing_um", 0.5, "Administrator"),
        ("stain", "H&E", "Administrator"),
        ("spacing_um", None, "Administrator"),
    ]


def test_cancelled_ingest_is_set_aside(tmp_path: Path, make_slide: MakeSlide, open_node: OpenNode) -> None:
    node = open_node(load_settings(tmp_path / "node", {}), start=False)
    try:
        (received,) = node.slides.take_in([make_slide()], node.actor.organisation_id)
        node.slides.cancel(node.actor, received.image_id)
        node.start()
        summary = node.slides.wait_for(received, 30)
        assert summary.status is ImageStatus.QUARANTINED
        assert str(summary.reason) == "Ingest was cancelled by Administrator."
        node.slides.retry(node.actor, summary.id)
        for _ in range(300):
            found = node.slides.find_summary(summary.id)
            assert found is not None
            if found.status is ImageStatus.AVAILABLE:
                break
            time.sleep(0.1)
        assert found.status is ImageStatus.AVAILABLE
    finally:
        node.close()


def test_two_nodes_in_one_process_take_turns(node: RunningNode, open_node: OpenNode) -> None:
    other = open_node(load_settings(node.settings.data, {}), start=False)
    assert other.worker.start() is False
    other.close()


@pytest.mark.parametrize("blobs", ["local", "s3"])
def test_postgresql_and_s3(
    tmp_path: Path, make_slide: MakeSlide, open_node: OpenNode, larger_node: Any, blobs: str
) -> None:
    environment = larger_node() | {"HEMALUM_ORIGINALS": "link"}
    if blobs == "local":
        del environment["HEMALUM_BLOBS_URL"]
    node = open_node(load_settings(tmp_path / "node", environment))
    try:
        path = make_slide()
        content = path.read_bytes()
        linked, kept = node.ingest(path), node.ingest(make_slide("other.tif", seed=5), keep=True)
        again = node.ingest(make_slide("same.tif"))
        assert [one.status for one in (*linked, *kept)] == [ImageStatus.AVAILABLE] * 2
        assert again[0].id == linked[0].id
        assert path.read_bytes() == content
        image = node.slides.get_image(node.actor, kept[0].id)
        for stored in image.objects:
            assert node.slides.blobs.size(stored.location) == stored.size
        page = node.slides.list_images(node.actor, LibraryQuery(text="OTHER"))
        assert [one.id for one in page.items] == [kept[0].id]
    finally:
        node.close()
