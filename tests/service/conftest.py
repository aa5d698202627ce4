"""Servers that a larger node stands on: PostgreSQL and S3, each thrown away after the tests."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hemalum.runtime.sandbox import Workers
from tests.processes import free_port

type LargerNode = Callable[[], dict[str, str]]


@pytest.fixture(scope="package", autouse=True)
def _children_are_passed_on() -> Iterator[None]:
    """Children without work of a node that ends serve the next: each imports decoders for half a second."""
    spare: defaultdict[object, list[Any]] = defaultdict(list)
    guard, take, close = threading.Lock(), Workers._take, Workers.close

    def taken(workers: Workers) -> Any:
        with workers._lock, guard:
            if not workers._free and not workers._closed:
                workers._free = spare.pop((workers._limits, workers._loads), [])
        return take(workers)

    def closed(workers: Workers) -> None:
        with workers._lock, guard:
            spare[workers._limits, workers._loads] += workers._free
            workers._free = []
        close(workers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workers, "_take", taken)
        patch.setattr(Workers, "close", closed)
        yield
    for children in spare.values():
        for child in children:
            child.kill()


@pytest.fixture
def larger_node(postgres: str, s3: str, monkeypatch: pytest.MonkeyPatch) -> LargerNode:
    """Makes fresh databases and a fresh prefix of the bucket; answers the settings as an environment."""

    def make() -> dict[str, str]:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        name = fresh_databases(postgres)
        return {
            "HEMALUM_DATABASE_URL": postgres.replace("/postgres", f"/{name}"),
            "HEMALUM_JOBS_DATABASE_URL": postgres.replace("/postgres", f"/{name}_jobs"),
            "HEMALUM_BLOBS_URL": f"s3://slides/{name}?endpoint={s3}&region=us-east-1",
            "HEMALUM_ORIGINALS": "store",
        }

    return make


def fresh_databases(postgres: str) -> str:
    """Create `NAME` and `NAME_jobs` on the server; answers NAME."""
    name = f"test_{uuid4().hex[:10]}"
    address = postgres.replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for suffix in ("", "_jobs"):
            connection.execute(sa.text(f"CREATE DATABASE {name}{suffix}"))
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a throw-away PostgreSQL server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL's server programs are not installed")
    programs = found[-1].parent
    # PostgreSQL refuses to run as root, and nobody else may look into pytest's own folders.
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="hemalum-postgres-"))
    if user is not None:
        shutil.chown(folder, user)
    data, port = folder / "data", free_port()
    try:
        _as(user, [programs / "initdb", "-D", data, "-U", "hemalum", "-A", "trust", "--no-sync"])
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        _as(user, [programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"])
        yield f"postgresql://hemalum@127.0.0.1:{port}/postgres"
        _as(user, [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
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
