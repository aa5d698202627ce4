"""Resumable uploads: whatever dies when, the slide that arrives is the slide that was sent."""

import asyncio
import base64
import hashlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tusclient.client import TusClient

from hemalum.app.node import open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.slides.jobs import sweep_incoming
from hemalum.capabilities.slides.model import ImageStatus, LibraryQuery, UploadState
from hemalum.capabilities.slides.uploads import (
    Checksum,
    UploadGone,
    Uploads,
    UploadTooLarge,
    WrongChecksum,
    WrongOffset,
)
from hemalum.kernel.clock import utc_now
from hemalum.kernel.errors import DiskFull, Invalid, NotFound
from hemalum.runtime.crypto.sealed import sealed_size
from hemalum.runtime.settings import load_settings
from tests.processes import Process, free_port, run

ENDPOINT = "/api/slides/uploads"
VERSION = {"Tus-Resumable": "1.0.0"}


@dataclass
class Served:
    """A node served by a process of its own."""

    data: Path
    port: int
    token: str
    process: Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} | VERSION

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=self.headers, timeout=30, trust_env=False)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def _served(data: Path) -> Iterator[Served]:
    port = free_port()
    token = run("token", "--data", data).stdout.strip()
    process = Process("serve", "--data", data, "--port", port)
    served = Served(data, port, token, process)
    try:
        with served.client() as client:
            _until(lambda: _answers(client), 60)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            served.kill()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/api/slides/revision").status_code == 200
    except httpx.TransportError:
        return False


def _until(check: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with _served(tmp_path_factory.mktemp("served")) as running:
        yield running


def _create(client: httpx.Client, length: int, name: str = "slide.tif", **metadata: str) -> str:
    pairs = {"filename": name} | metadata
    header = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    made = client.post(ENDPOINT, headers={"Upload-Length": str(length), "Upload-Metadata": header})
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


def _patch(client: httpx.Client, at: str, offset: int, body: bytes, **headers: str) -> httpx.Response:
    sent = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    sent |= {key.replace("_", "-"): value for key, value in headers.items()}
    return client.patch(at, content=body, headers=sent)


def _offset(client: httpx.Client, at: str) -> int:
    return int(client.head(at).headers["upload-offset"])


def _image_of(client: httpx.Client, at: str) -> dict[str, Any]:
    _until(lambda: client.get(at).json()["status"] in ("available", "quarantined"), 60)
    found = client.get(at).json()
    return dict(client.get(f"/api/slides/images/{found['image_id']}").json())


def test_a_client_of_others_uploads_a_slide(served: Served, make_slide: Callable[..., Path]) -> None:
    path = make_slide("tus.tif", seed=1)
    with path.open("rb") as file:
        uploader = TusClient(served.url + ENDPOINT, headers=served.headers).uploader(
            file_stream=file, chunk_size=9000, metadata={"filename": path.name}, upload_checksum=True
        )
        uploader.upload()
    with served.client() as client:
        image = _image_of(client, uploader.url.removeprefix(served.url))
        assert image["status"] == "available", image
        assert image["name"] == "tus.tif"
        assert image["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        original = client.get(f"/api/slides/images/{image['id']}/original")
        assert original.content == path.read_bytes()
    assert list((served.data / "incoming").iterdir()) == []


def test_same_file_is_here_at_once(served: Served, make_slide: Callable[..., Path]) -> None:
    content = make_slide("once.tif", seed=2).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    with served.client() as client:
        first = _create(client, len(content))
        assert _patch(client, first, 0, content, Upload_Sha256=sha256).status_code == 204
        image = _image_of(client, first)
        second = _create(client, len(content), "other name.tif", sha256=sha256)
        assert _offset(client, second) == len(content)
        assert client.get(second).json()["image_id"] == image["id"]
        third = _create(client, len(content))
        assert _patch(client, third, 0, content).status_code == 204
        assert _image_of(client, third)["id"] == image["id"]


def test_what_is_no_slide_says_why_in_a_form_for_every_language(served: Served) -> None:
    with served.client() as client:
        at = _create(client, 11, "letter.svs")
        assert _patch(client, at, 0, b"Dear Dr Li,").status_code == 204
        image = _image_of(client, at)
        wrong = _patch(client, at, 99, b"x").json()
    assert image["reason"] == "letter.svs is not a slide: it is a text file."
    assert image["reason_said"] == {
        "template": "{name} is not a slide: it is {what}.",
        "values": {"name": "letter.svs", "what": {"template": "a text file", "values": {}}},
    }
    assert wrong["detail"] == "The upload is at byte 11."
    assert (wrong["template"], wrong["values"]) == ("The upload is at byte {offset}.", {"offset": 11})


def test_a_file_that_nobody_could_read_is_kept_from_those_who_may_not_see_labels(served: Served) -> None:
    """What could not be read may still hold the label of the glass and the name of the patient."""
    with open_parts(load_settings(served.data, {})) as parts:
        parts.access.add_person("researcher", "A researcher", "home", Role.RESEARCHER)
        researcher = {"Authorization": f"Bearer {parts.access.issue_token('researcher')}"}
    with served.client() as client:
        at = _create(client, 13, "broken.svs")
        assert _patch(client, at, 0, b"Patient: Ada.").status_code == 204
        original = f"/api/slides/images/{_image_of(client, at)['id']}/original"
        assert client.get(original).content == b"Patient: Ada."
        assert client.get(original, headers=researcher).status_code == 403


def test_server_killed_in_a_chunk(tmp_path: Path, make_slide: Callable[..., Path]) -> None:
    content = make_slide("killed.tif", size=1500).read_bytes()
    third = len(content) // 3
    with _served(tmp_path / "node") as served, served.client() as client:
        at = _create(client, len(content))
        assert _patch(client, at, 0, content[:third]).status_code == 204
        with _half_request(served, at, third, content[third:], 5000):
            part = next((served.data / "incoming").iterdir())
            served.kill()
        # A dying disk cache may leave bytes behind the offset; they must not count.
        (part / f"{len(content) - 1:015}").write_bytes(b"garbage" * 1000)
    with _served(tmp_path / "node") as served, served.client() as client:
        offset = _offset(client, at)
        assert third <= offset <= third + 5000
        sha256 = hashlib.sha256(content).hexdigest()
        assert _patch(client, at, offset, content[offset:], Upload_Sha256=sha256).status_code == 204
        image = _image_of(client, at)
        assert (image["status"], image["sha256"]) == ("available", sha256)


@contextmanager
def _half_request(served: Served, at: str, offset: int, body: bytes, sent: int) -> Iterator[None]:
    """A request that announces its body and sends only the beginning; it has begun to be written."""
    head = (
        f"PATCH {at} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.token}\r\n"
        f"Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Upload-Offset: {offset}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port)) as raw:
        raw.sendall(head.encode() + body[:sent])
        folder = served.data / "incoming" / f"{at.rpartition('/')[2]}.part"
        _until(lambda: f":{folder.stat().st_ino} " in Path("/proc/locks").read_text(), 30)
        yield


def test_client_killed_in_a_chunk(served: Served, make_slide: Callable[..., Path]) -> None:
    content = make_slide("client.tif", seed=3).read_bytes()
    with served.client() as client:
        at = _create(client, len(content))
        with _half_request(served, at, 0, content, 4000):
            busy = _patch(client, at, 0, content)
            assert busy.status_code == 423
            assert busy.json()["code"] == "upload-locked"
            assert client.delete(at).status_code == 423
        _until(lambda: _offset(client, at) == 4000, 10)
        assert _patch(client, at, 4000, content[4000:]).status_code == 204
        assert _image_of(client, at)["sha256"] == hashlib.sha256(content).hexdigest()


def test_two_uploads_at_once(served: Served, make_slide: Callable[..., Path]) -> None:
    contents = [make_slide(f"many{n}.tif", seed=10 + n).read_bytes() for n in range(2)]
    results: dict[int, str] = {}

    def send(number: int) -> None:
        content = contents[number]
        with served.client() as client:
            at = _create(client, len(content), f"many{number}.tif")
            for offset in range(0, len(content), 5000):
                assert _patch(client, at, offset, content[offset : offset + 5000]).status_code == 204
            results[number] = _image_of(client, at)["sha256"]

    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: hashlib.sha256(contents[n]).hexdigest() for n in range(2)}


def test_checksums(served: Served) -> None:
    with served.client() as client:
        at = _create(client, 100)
        wrong = "sha256 " + base64.b64encode(bytes(32)).decode()
        refused = _patch(client, at, 0, b"x" * 50, Upload_Checksum=wrong)
        assert refused.status_code == 460
        assert refused.json()["code"] == "wrong-checksum"
        assert _offset(client, at) == 0
        for algorithm in ("sha256", "sha1"):
            digest = hashlib.new(algorithm, b"y" * 20).digest()
            right = f"{algorithm} {base64.b64encode(digest).decode()}"
            offset = _offset(client, at)
            assert _patch(client, at, offset, b"y" * 20, Upload_Checksum=right).status_code == 204
        assert _patch(client, at, 40, b"z", Upload_Checksum="md5 abcd").status_code == 422
        ended = _patch(client, at, 40, b"y" * 60, Upload_Sha256="0" * 64)
        assert ended.status_code == 460
        assert client.head(at).status_code == 410


def test_protocol_errors(served: Served) -> None:
    with served.client() as client:
        at = _create(client, 10)
        assert _patch(client, at, 5, b"x").status_code == 409
        assert _patch(client, at, 0, b"x" * 11).status_code == 413
        assert _offset(client, at) == 0
        assert client.patch(at, content=b"x", headers={"Upload-Offset": "0"}).status_code == 415
        assert client.head(at, headers={"Tus-Resumable": "0.2"}).status_code == 412
        assert client.post(ENDPOINT, headers={"Upload-Length": "-5"}).status_code == 422
        assert client.post(ENDPOINT, headers={"Upload-Length": "0"}).status_code == 422
        assert client.post(ENDPOINT, headers={"Upload-Length": str(1 << 45)}).status_code == 413
        assert client.post(ENDPOINT, headers={"Upload-Length": str((1 << 40) - 1)}).status_code == 507
        bad = client.post(ENDPOINT, headers={"Upload-Length": "5", "Upload-Metadata": "filename !!"})
        assert bad.status_code == 422
        assert client.delete(at).status_code == 204
        assert client.head(at).status_code == 404
        abilities = client.options(ENDPOINT)
        assert abilities.status_code == 204
        assert "checksum" in abilities.headers["tus-extension"]
        nobody = httpx.post(served.url + ENDPOINT, headers=VERSION | {"Upload-Length": "5"}, trust_env=False)
        assert nobody.status_code == 401


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\slide.svs", "slide.svs"),
        ("/absolute/slide.svs", "slide.svs"),
        ("a\x00b\nc\u202egnp.svs", "abcgnp.svs"),
        ("..", "slide"),
        ("", "slide"),
        ("切片 1.svs", "切片 1.svs"),
        ("x" * 300 + ".svs", "x" * 196 + ".svs"),
    ],
)
def test_names_cannot_reach_out(node: Any, sent: str, kept: str) -> None:
    upload = Uploads(node.slides).create(node.actor, sent, 5, None)
    assert upload.filename == kept
    assert [path.parent for path in node.settings.data.rglob("*.part")] == [node.settings.incoming]


async def _pieces(*pieces: bytes, fail: bool = False) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if fail:
        raise ConnectionResetError("the client went away")


def test_expired_uploads_are_dropped(tmp_path: Path, open_node: Callable[..., Any]) -> None:
    node = open_node(load_settings(tmp_path / "node", {}), start=False)
    try:
        uploads = Uploads(node.slides)
        upload = uploads.create(node.actor, "slide.svs", 10, None)
        later = Uploads(replace(node.slides, clock=lambda: utc_now() + timedelta(days=4)))
        with pytest.raises(UploadGone):
            later.get(node.actor, upload.id)
        later.sweep()
        with pytest.raises(NotFound):
            uploads.get(node.actor, upload.id)
        assert list(node.settings.incoming.iterdir()) == []
    finally:
        node.close()


def test_closed_uploads_are_forgotten_in_time(tmp_path: Path, open_node: Callable[..., Any]) -> None:
    node = open_node(load_settings(tmp_path / "node", {}), start=False)
    try:
        uploads, actor = Uploads(node.slides), node.actor
        complete, failed = (uploads.create(actor, "slide.svs", 5, None).id for _ in range(2))
        done = asyncio.run(uploads.append(actor, complete, 0, _pieces(b"bytes")))
        with pytest.raises(WrongChecksum):
            asyncio.run(uploads.append(actor, failed, 0, _pieces(b"bytes"), sha256="0" * 64))

        def sweep_after(days: int) -> None:
            Uploads(replace(node.slides, clock=lambda: utc_now() + timedelta(days=days))).sweep()

        # They would have run out after three days; from then on they are kept for thirty.
        sweep_after(32)
        assert uploads.get(actor, complete).state is UploadState.COMPLETE
        with pytest.raises(UploadGone):
            uploads.get(actor, failed)
        sweep_after(34)
        for one in (complete, failed):
            with pytest.raises(NotFound):
                uploads.get(actor, one)
        assert node.slides.find_summary(done.image_id) is not None
    finally:
        node.close()


def test_what_a_killed_server_was_receiving_is_dropped_in_time(
    tmp_path: Path, open_node: Callable[..., Any]
) -> None:
    node = open_node(load_settings(tmp_path / "node", {}), start=False)
    try:
        uploads, incoming = Uploads(node.slides), node.settings.incoming
        begun, complete = (uploads.create(node.actor, "slide.svs", 5, None).id for _ in range(2))
        asyncio.run(uploads.append(node.actor, complete, 0, _pieces(b"bytes")))
        for name in ("stow-old", "stow-going-on"):
            (incoming / name).mkdir()
            node.slides.incoming_file(incoming / name / "0.dcm").create()
        left = [path for path in incoming.rglob("*") if "going-on" not in str(path)]
        long_ago = time.time() - 25 * 3600
        for path in (*left, incoming / "stow-going-on"):
            os.utime(path, (long_ago, long_ago))
        sweep_incoming(node.slides)
        kept = {path.name for path in incoming.iterdir()}
        assert kept == {f"{begun}.part", f"{complete}.part", "stow-going-on"}
    finally:
        node.close()


def test_crash_after_the_last_byte_is_made_good(
    tmp_path: Path, open_node: Callable[..., Any], make_slide: Callable[..., Path]
) -> None:
    content = make_slide().read_bytes()
    node = open_node(load_settings(tmp_path / "node", {}), start=False)
    try:
        uploads = Uploads(node.slides)
        upload = uploads.create(node.actor, "slide.tif", len(content), None)
        segment = node.slides.incoming_file(node.settings.incoming / f"{upload.id}.part").begin(0)
        segment.write(content)
        uploads.commit(segment, upload, len(content))
        (node.settings.incoming / f"{upload.id}.part" / ".nfs0000001").touch()
        Uploads(node.slides).sweep()
        done = uploads.get(node.actor, upload.id)
        assert (done.state, done.sha256) == (UploadState.COMPLETE, hashlib.sha256(content).hexdigest())
        node.start()
        _until(lambda: node.slides.find_summary(done.image_id).status is ImageStatus.AVAILABLE, 60)
        assert node.slides.list_images(node.actor, LibraryQuery()).total == 1
    finally:
        node.close()


def test_an_upload_that_was_completed_meanwhile_is_not_completed_again(
    tmp_path: Path, open_node: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second image from the same bytes would drop them while the first is still being taken in."""
    node = open_node(load_settings(tmp_path / "node", {}), start=False)
    try:
        server, worker = Uploads(node.slides), Uploads(node.slides)
        upload = server.create(node.actor, "slide.tif", 5, None)
        segment = node.slides.incoming_file(node.settings.incoming / f"{upload.id}.part").begin(0)
        segment.write(b"bytes")
        server.commit(segment, upload, 5)
        lock = worker._lock

        def lock_late(found: Any) -> int:
            server.sweep()
            return lock(found)

        monkeypatch.setattr(worker, "_lock", lock_late)
        worker.sweep()
        assert node.slides.list_images(node.actor, LibraryQuery()).total == 1
    finally:
        node.close()


def test_full_disk(tmp_path: Path, open_node: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    node = open_node(load_settings(tmp_path / "node", {}), start=False)
    try:
        uploads = Uploads(node.slides)
        upload = uploads.create(node.actor, "slide.svs", 4_000_000, None)

        def full(*_: object) -> int:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr("hemalum.capabilities.slides.incoming.Segment.write", full)
            with pytest.raises(DiskFull):
                asyncio.run(uploads.append(node.actor, upload.id, 0, _pieces(b"x" * 2_000_000)))
        assert uploads.get(node.actor, upload.id).offset == 0
        done = asyncio.run(uploads.append(node.actor, upload.id, 0, _pieces(b"x" * 2_000_000)))
        assert done.offset == 2_000_000
    finally:
        node.close()


@pytest.mark.parametrize("leave", [0, 1 << 20, -(-sealed_size(3 << 20) // 4096) * 4096])
def test_a_disk_that_fills_up_in_the_middle(
    small_disk: Any, make_slide: Callable[..., Path], leave: int
) -> None:
    """Not even a piece fits, or one of its buffers, or the piece but not what the database says of it."""
    path = make_slide("full.tif", seed=4)
    with path.open("ab") as file:
        file.truncate(8 << 20)
    content, piece = path.read_bytes(), 3 << 20
    with _served(small_disk.path / "node") as served, served.client() as client:
        at = _create(client, len(content), "full.tif")
        assert _patch(client, at, 0, content[:piece]).status_code == 204
        small_disk.fill(leave=leave)
        full = _patch(client, at, piece, content[piece : 2 * piece])
        assert full.status_code == 507, full.text
        assert full.json()["detail"] == "The disk of the node is full; make room and try again."
        assert _offset(client, at) == piece
        small_disk.make_room()
        sha256 = hashlib.sha256(content).hexdigest()
        assert _patch(client, at, piece, content[piece:], Upload_Sha256=sha256).status_code == 204
        image = _image_of(client, at)
        assert (image["status"], image["sha256"]) == ("available", sha256)


def test_a_full_disk_takes_no_new_upload(small_disk: Any) -> None:
    with _served(small_disk.path / "node") as served, served.client() as client:
        small_disk.fill(leave=0)
        refused = client.post(ENDPOINT, headers={"Upload-Length": "5"})
        assert refused.status_code == 507
        assert refused.json()["detail"] == "There is no room for this file on the node."


_STEP = st.tuples(
    st.integers(0, 60),
    st.sampled_from(["good", "cut", "wrong offset", "wrong checksum", "checksum", "crash"]),
)


@pytest.fixture(scope="module")
def quiet_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Holds a node that does not work on jobs; filled by the first example."""
    held: dict[str, Any] = {"folder": tmp_path_factory.mktemp("quiet")}
    yield held
    if "node" in held:
        held["node"].close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=200), steps=st.lists(_STEP, max_size=8))
def test_any_course_of_events_ends_with_the_bytes_that_were_sent(
    quiet_node: dict[str, Any],
    open_node: Callable[..., Any],
    content: bytes,
    steps: list[tuple[int, str]],
) -> None:
    if "node" not in quiet_node:
        quiet_node["node"] = open_node(load_settings(quiet_node["folder"] / "node", {}), start=False)
    node = quiet_node["node"]
    uploads = Uploads(node.slides)
    upload = uploads.create(node.actor, "slide.svs", len(content), None)
    for size, event in steps:
        offset = uploads.get(node.actor, upload.id).offset
        piece = content[offset : offset + size]
        if event == "wrong offset":
            with pytest.raises(WrongOffset):
                asyncio.run(uploads.append(node.actor, upload.id, offset + 1, _pieces(piece)))
        elif event == "wrong checksum":
            with pytest.raises(WrongChecksum):
                asyncio.run(
                    uploads.append(
                        node.actor,
                        upload.id,
                        offset,
                        _pieces(piece),
                        checksum=Checksum("sha256", b"no"),
                    )
                )
        elif event == "cut" and offset + len(piece) < len(content):
            with pytest.raises(ConnectionResetError):
                asyncio.run(uploads.append(node.actor, upload.id, offset, _pieces(piece, fail=True)))
        elif event == "crash":
            left = node.settings.incoming / f"{upload.id}.part" / f"{offset:015}"
            left.write_bytes(b"left behind")
            uploads = Uploads(node.slides)
        else:
            checksum = Checksum("sha256", hashlib.sha256(piece).digest()) if event == "checksum" else None
            asyncio.run(uploads.append(node.actor, upload.id, offset, _pieces(piece), checksum=checksum))
        if uploads.get(node.actor, upload.id).state is UploadState.COMPLETE:
            break
    offset = uploads.get(node.actor, upload.id).offset
    if offset < len(content):
        with pytest.raises(UploadTooLarge):
            asyncio.run(uploads.append(node.actor, upload.id, offset, _pieces(content + b"x")))
        asyncio.run(uploads.append(node.actor, upload.id, offset, _pieces(content[offset:])))
    done = uploads.get(node.actor, upload.id)
    assert (done.state, done.offset) == (UploadState.COMPLETE, len(content))
    assert done.sha256 == hashlib.sha256(content).hexdigest()
    arrived = node.slides.incoming_file(node.settings.incoming / f"{upload.id}.part")
    assert b"".join(arrived.pieces()) == content
    for segment in arrived.folder.iterdir():
        assert len(content) < 16 or content[:64] not in segment.read_bytes()


def test_nonsense_is_refused(node: Any) -> None:
    uploads = Uploads(node.slides)
    with pytest.raises(Invalid):
        uploads.create(node.actor, "slide.svs", 5, "not a hash")
    with pytest.raises(NotFound):
        uploads.get(node.actor, "nothing")
