"""A node that is killed at any moment goes on where it was: nothing lost, nothing half listed."""

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import ImageStatus, LibraryQuery, ObjectKind
from hemalum.runtime.db import reading
from hemalum.runtime.settings import load_settings
from tests.processes import run

KILLER = """
import os, sys, time
from hemalum.app.cli import hemalum
from hemalum.capabilities.slides import ingest
from hemalum.capabilities.slides.service import Slides
# The command would end by itself once the slide is committed, before it is killed.
Slides.wait_for = lambda *_: time.sleep(100)
stage = sys.argv.pop(1)
def die(*_, **__):
    os.kill(os.getpid(), 9)
if stage == "hashing":
    ingest.Ingest._report = die
elif stage == "hashed":
    ingest.Ingest._keep = die
elif stage == "inspecting":
    ingest.Ingest._store_files = die
elif stage == "before commit":
    ingest.store.replace_instances = die
elif stage == "after commit":
    ingest.Ingest._tidy = die
hemalum(prog_name="hemalum")
"""


def _kill_while(stage: str, data: Path, path: Path) -> None:
    killed = run(stage, "ingest", "--data", data, path, code=KILLER)
    assert killed.returncode == -signal.SIGKILL, killed.stderr


@pytest.mark.parametrize("stage", ["hashing", "hashed", "inspecting", "before commit", "after commit"])
def test_killed_ingest_ends_as_exactly_one_slide(
    stage: str, tmp_path: Path, make_slide: Callable[..., Path], open_node: Callable[..., Any]
) -> None:
    path, data = make_slide(), tmp_path / "node"
    _kill_while(stage, data, path)
    node = open_node(load_settings(data, {}), start=False)
    try:
        listed = node.slides.list_images(node.actor, LibraryQuery())
        assert listed.total == 1
        before = listed.items[0]
        if stage != "after commit":
            assert before.status is not ImageStatus.AVAILABLE
            with reading(node.slides.database) as connection:
                assert store.list_instances(connection, sa.true()) == []
        node.start()
        (summary,) = node.ingest(path)
        assert summary.status is ImageStatus.AVAILABLE, summary.reason
        page = node.slides.list_images(node.actor, LibraryQuery())
        assert [one.id for one in page.items] == [summary.id]
        image = node.slides.get_image(node.actor, summary.id)
        assert image.index_key is not None
        folder = node.slides.blobs.local_path(image.index_key).parent
        assert [one.name for one in folder.parent.iterdir()] == [folder.name]
    finally:
        node.close()


def test_full_disk_is_one_sentence_and_can_be_tried_again(
    tmp_path: Path, make_slide: Callable[..., Path], open_node: Callable[..., Any]
) -> None:
    path = make_slide()
    with path.open("ab") as file:
        file.write(bytes(24 << 20))
    node = open_node(load_settings(tmp_path / "node", {}))
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        # The databases stay below this; a copy of the slide does not.
        resource.setrlimit(resource.RLIMIT_FSIZE, (20 << 20, limits[1]))
        (received,) = node.slides.take_in([path], node.actor.organisation_id, keep=True)
        summary = node.slides.wait_for(received, 60)
        assert summary.status is ImageStatus.QUARANTINED
        assert str(summary.reason) == "The disk of the node is full; make room and try again."
        assert not list(tmp_path.glob("node/blobs/images/*/originals/*"))
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        node.slides.retry(node.actor, summary.id)
        (again,) = node.ingest(path, keep=True)
        assert (again.id, again.status) == (summary.id, ImageStatus.AVAILABLE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
        node.close()


def test_a_disk_without_room_for_an_original_is_one_sentence(
    small_disk: Any, make_slide: Callable[..., Path], open_node: Callable[..., Any]
) -> None:
    path = make_slide()
    with path.open("ab") as file:
        file.truncate(24 << 20)
    settings = load_settings(small_disk.path / "node", {"HEMALUM_ORIGINALS": "store"})
    node = open_node(settings)
    try:
        small_disk.fill(leave=20 << 20)
        (received,) = node.slides.take_in([path], node.actor.organisation_id)
        summary = node.slides.wait_for(received, 60)
        assert summary.status is ImageStatus.QUARANTINED
        assert str(summary.reason) == "The disk of the node is full; make room and try again."
        assert [one for one in (settings.data / "blobs").rglob("*") if one.is_file()] == []
        small_disk.make_room()
        node.slides.retry(node.actor, summary.id)
        again = _settled(node, summary.id)
        assert again.status is ImageStatus.AVAILABLE, again.reason
        (original, *_) = node.slides.get_image(node.actor, summary.id).objects
        assert (original.kind, original.size) == (ObjectKind.STORED, 24 << 20)
    finally:
        node.close()


def _settled(node: Any, image_id: str) -> Any:
    """The image once it is neither being received nor hashed."""
    end = time.monotonic() + 60
    while True:
        summary = node.slides.find_summary(image_id)
        if summary.status in (ImageStatus.AVAILABLE, ImageStatus.QUARANTINED):
            return summary
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    script = """
import os, sys, threading
from hemalum.runtime.sandbox import Limits, Workers
workers = Workers(1, Limits())
print(workers.call("os:getpid", {}), flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    pid = int(done.stdout)
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    raise AssertionError("the child is still there")
