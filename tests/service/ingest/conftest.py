"""Nodes and small slides for the tests of ingest."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tifffile

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.slides.ingest import work_of
from hemalum.capabilities.slides.model import ImageSummary
from hemalum.capabilities.slides.service import Slides, open_slides
from hemalum.kernel.actor import Actor
from hemalum.runtime.blobs import open_blobs
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.jobs import JobQueue, Worker
from hemalum.runtime.settings import Settings, load_settings, make_folders

POSTGRES = Path("/usr/lib/postgresql/15/bin")
WAIT_S = 90


@dataclass
class RunningNode:
    """A node with a worker in this process."""

    slides: Slides
    access: Access
    worker: Worker

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

    def start(self) -> None:
        """Begin to work."""
        self.worker.start()

    def close(self) -> None:
        """Stop everything."""
        self.worker.stop()
        self.slides.workers.close()
        self.slides.queue.close()
        self.slides.database.dispose()


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
    make_folders(settings)
    database = open_database(settings.database_url)
    migrate(database)
    access = Access(database)
    access.ensure_first_people()
    queue = JobQueue(settings)
    slides = open_slides(settings, database, open_blobs(settings.blobs_url), queue)
    node = RunningNode(slides, access, Worker(settings, database, queue, work_of(slides)))
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


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a throw-away PostgreSQL server."""
    if not (POSTGRES / "initdb").exists():
        pytest.skip("PostgreSQL's server programs are not installed")
    # PostgreSQL refuses to run as root, and nobody else may look into pytest's own folders.
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="hemalum-postgres-"))
    if user is not None:
        shutil.chown(folder, user)
    data, port = folder / "data", free_port()
    try:
        _as(user, [POSTGRES / "initdb", "-D", data, "-U", "hemalum", "-A", "trust", "--no-sync"])
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        _as(user, [POSTGRES / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"])
        yield f"postgresql://hemalum@127.0.0.1:{port}/postgres"
        _as(user, [POSTGRES / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as(user: str | None, command: list[object]) -> None:
    """Run a program as somebody; `pg_ctl` leaves a server behind, so its output must not be a pipe."""
    words = [str(one) for one in command]
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(words, user=user, stdout=said, stderr=said, cwd="/", check=False)
        said.seek(0)
        assert done.returncode == 0, said.read().decode(errors="replace")


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a throw-away S3 server."""
    if shutil.which("moto_server", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("moto is not installed")
    import boto3

    port = free_port()
    server = subprocess.Popen(
        [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for_port(port)
        endpoint = f"http://127.0.0.1:{port}"
        client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        client.create_bucket(Bucket="slides")
        client.close()
        yield endpoint
    finally:
        server.kill()
        server.wait()


def _wait_for_port(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not start")
