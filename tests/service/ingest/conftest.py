"""Nodes and small slides for the tests of ingest."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tifffile

from hemalum.app.node import open_parts
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.slides.jobs import work_of
from hemalum.capabilities.slides.model import ImageSummary, ObjectKind
from hemalum.capabilities.slides.service import Slides, was_changed
from hemalum.kernel.actor import Actor
from hemalum.runtime.jobs import Worker
from hemalum.runtime.settings import Settings, load_settings

WAIT_S = 90


@dataclass
class RunningNode:
    """A node with a worker in this process."""

    slides: Slides
    access: Access
    worker: Worker
    opened: ExitStack

    @property
    def settings(self) -> Settings:
        return self.slides.settings

    @property
    def actor(self) -> Actor:
        return self.access.actor_for("admin")

    def ingest(self, *paths: Path, keep: bool = False) -> list[ImageSummary]:
        """Take files in and wait for what becomes of them."""
        received = self.slides.take_in(paths, self.actor.organisation_id, keep=keep)
        return [self.slides.wait_for(one, WAIT_S) for one in received]

    def changed_originals(self, image_id: str) -> list[str]:
        """Names of linked files of an image that are gone, or no longer those that were taken in."""
        objects = self.slides.get_image(self.actor, image_id).objects
        return [one.name for one in objects if one.kind is ObjectKind.LINKED and was_changed(one)]

    def start(self) -> None:
        """Begin to work."""
        self.worker.start()

    def close(self) -> None:
        """Stop everything."""
        self.worker.stop()
        self.opened.close()


@pytest.fixture(name="open_node")
def _open_node() -> Callable[..., RunningNode]:
    """Opens a node on given settings; the test closes it."""
    return open_node


@pytest.fixture(name="write_slide")
def _write_slide() -> Callable[[Path, int, int], None]:
    """Writes a tiled JPEG TIFF of a seed and a size."""
    return write_slide


def open_node(settings: Settings, *, start: bool = True) -> RunningNode:
    """A node on these settings."""
    opened = ExitStack()
    parts = opened.enter_context(open_parts(settings))
    worker = Worker(settings, parts.database, parts.queue, work_of(parts.slides))
    node = RunningNode(parts.slides, parts.access, worker, opened)
    if start:
        node.start()
    return node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    """A fresh embedded node."""
    opened = open_node(load_settings(tmp_path / "node", {}))
    yield opened
    opened.close()


@pytest.fixture
def make_slide(tmp_path: Path) -> Callable[..., Path]:
    """Makes a tiled JPEG TIFF; other seeds are other slides."""

    def make(name: str = "slide.tif", *, seed: int = 0, size: int = 700) -> Path:
        path = tmp_path / "originals" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_slide(path, seed, size)
        return path

    return make


def write_slide(path: Path, seed: int, size: int) -> None:
    """A tiled JPEG TIFF with 0.5 um/px."""
    y, x = np.mgrid[:size, :size]
    pixels = np.stack([(x // 4 + seed * 37) % 256, (y // 4) % 256, (x + y + seed) // 8 % 256], axis=2)
    tifffile.imwrite(
        path,
        pixels.astype(np.uint8),
        tile=(256, 256),
        photometric="rgb",
        compression="jpeg",
        resolution=(20000, 20000),
        resolutionunit="CENTIMETER",
        metadata=None,
    )


_PAGE = 4096


def _allocated(descriptor: int, offset: int, length: int) -> bool:
    """Whether there was room for these bytes, which are then taken."""
    try:
        os.posix_fallocate(descriptor, offset, length)
    except OSError as full:
        if full.errno != errno.ENOSPC:
            raise
        return False
    return True


@dataclass
class SmallDisk:
    """A file system of its own that can be filled to the last byte."""

    path: Path

    def fill(self, *, leave: int) -> None:
        """Take all room but about `leave` bytes, in steps that get smaller: the node may be writing too."""
        taken, step = 0, 16 << 20
        with self._ballast.open("wb") as file:
            while step >= _PAGE:
                if shutil.disk_usage(self.path).free - leave < step or not _allocated(
                    file.fileno(), taken, step
                ):
                    step //= 2
                    continue
                taken += step

    def make_room(self) -> None:
        """Give back what was taken."""
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of 320 MiB in memory, which holds as much memory as is written to it."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=320m", "tmpfs", path], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield SmallDisk(path)
    subprocess.run(["umount", path], check=True)
