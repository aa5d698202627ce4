"""A node whose disk is stolen, whose key is wrong, or that is killed while it seals."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from hemalum.capabilities.slides.model import ImageStatus
from hemalum.capabilities.slides.uploads import Uploads
from hemalum.runtime.crypto.keys import KeyDestroyed
from hemalum.runtime.settings import load_settings
from hemalum.testing import samples
from tests.processes import run

MARKER = b"PATIENT-ZHANG-SAN-1961-04-07"
KILLER = """
import os
from hemalum.app.cli import hemalum
from hemalum.runtime.crypto import sealed
whole, calls = sealed.Sealer._chunk, []
def die(self, content):
    calls.append(1)
    if len(calls) == 20:
        os.kill(os.getpid(), 9)
    return whole(self, content)
sealed.Sealer._chunk = die
hemalum(prog_name="hemalum")
"""


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 100_000):
        yield content[at : at + 100_000]


def _upload(node: Any, content: bytes, name: str, *, until: int | None = None) -> str | None:
    uploads = Uploads(node.slides)
    upload = uploads.create(node.actor, name, len(content), None)
    done = asyncio.run(uploads.append(node.actor, upload.id, 0, _pieces(content[:until])))
    return done.image_id


@pytest.mark.parametrize("encryption", ["aes-256-gcm", "sm4-gcm"])
def test_a_stolen_disk_shows_nothing(encryption: str, tmp_path: Path, open_node: Callable[..., Any]) -> None:
    """Planted in the file, in its label and in its pixels; looked for in every file of the node."""
    path = tmp_path / "planted.tif"
    pixels = np.random.default_rng(1).integers(0, 255, (600, 600, 3), np.uint8)
    tifffile.imwrite(
        path, pixels, tile=(256, 256), photometric="rgb", description=MARKER.decode(), metadata=None
    )
    content = path.read_bytes()
    stored = pixels[:4, :64].tobytes()[:48]
    assert MARKER in content
    assert stored[:16] in content
    node = open_node(load_settings(tmp_path / "node", {"HEMALUM_ENCRYPTION": encryption}))
    try:
        image_id = _upload(node, content, "planted.tif")
        _upload(node, content + b"x", "unfinished.tif", until=len(content) // 2)
        summary = _settled(node, image_id)
        assert summary.status is ImageStatus.AVAILABLE, summary.reason
        thumbnail = node.slides.blobs.get(node.slides.get_image(node.actor, image_id).thumbnail_key)
    finally:
        node.close()
    jpeg = thumbnail[600:632]
    assert thumbnail.startswith(b"\xff\xd8")
    looked = [one for one in (tmp_path / "node").rglob("*") if one.is_file()]
    assert len(looked) > 8
    for one in looked:
        held = one.read_bytes()
        assert stored[:16] not in held, one
        assert jpeg not in held, one
        # The database keeps the metadata of slides as they are, the description among them.
        assert one.name.startswith("hemalum.sqlite") or MARKER not in held, one
        assert one.parent.name == "keys" or one.stat().st_mode & 0o077 == 0 or b"JFIF" not in held, one


def _settled(node: Any, image_id: str | None) -> Any:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        summary = node.slides.find_summary(image_id)
        if summary.status in (ImageStatus.AVAILABLE, ImageStatus.QUARANTINED):
            return summary
        time.sleep(0.05)
    raise AssertionError("the slide did not settle")


def test_a_label_is_on_no_disk(tmp_path: Path, open_node: Callable[..., Any]) -> None:
    folder = tmp_path / "svs"
    folder.mkdir()
    sample = samples.svs_ycbcr(folder)
    node = open_node(load_settings(tmp_path / "node", {}))
    try:
        image_id = _upload(node, sample.path.read_bytes(), "labelled.svs")
        assert _settled(node, image_id).has_label
        image = node.slides.get_image(node.actor, image_id)
        label = node.slides.blobs.get(image.label_key)
    finally:
        node.close()
    for one in (tmp_path / "node").rglob("*"):
        assert not one.is_file() or label[-200:-100] not in one.read_bytes(), one


def test_killed_while_it_seals(
    tmp_path: Path, make_slide: Callable[..., Path], open_node: Callable[..., Any]
) -> None:
    data, path = tmp_path / "node", make_slide(size=2500)
    killed = run("ingest", "--data", data, "--copy", path, code=KILLER)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    node = open_node(load_settings(data, {}))
    try:
        (summary,) = node.ingest(path, keep=True)
        assert summary.status is ImageStatus.AVAILABLE, summary.reason
        image = node.slides.get_image(node.actor, summary.id)
        assert node.slides.blobs.get(image.objects[0].location) == path.read_bytes()
    finally:
        node.close()


def test_a_wrong_node_key_is_one_line_and_nothing_is_overwritten(tmp_path: Path) -> None:
    data = tmp_path / "node"
    assert run("token", "--data", data).returncode == 0
    node_key = data / "keys" / "node"
    right = node_key.read_bytes()
    before = {path.name: path.read_bytes() for path in data.joinpath("keys").iterdir()}
    node_key.write_bytes(os.urandom(32))
    wrong = run("token", "--data", data)
    assert wrong.returncode == 1
    assert wrong.stderr == (
        "hemalum: The node key is not the one that this node works with; put that one back. "
        "Nothing was changed.\n"
    )
    node_key.write_bytes(right)
    assert {path.name: path.read_bytes() for path in data.joinpath("keys").iterdir()} == before
    assert run("token", "--data", data).returncode == 0


def test_keys_by_command(tmp_path: Path, make_slide: Callable[..., Path], open_node: Any) -> None:
    data, path = tmp_path / "node", make_slide()
    node = open_node(load_settings(data, {}))
    try:
        (summary,) = node.ingest(path, keep=True)
    finally:
        node.close()
    listed = [json.loads(line) for line in run("keys", "list", "--data", data, "--json").stdout.splitlines()]
    assert {one["name"] for one in listed} == {"node", summary.id}
    rotated = run("keys", "rotate", "--data", data)
    assert (rotated.returncode, rotated.stdout) == (0, "2 keys are wrapped anew.\n")
    node = open_node(load_settings(data, {}))
    try:
        image = node.slides.get_image(node.actor, summary.id)
        assert node.slides.blobs.get(image.objects[0].location) == path.read_bytes()
    finally:
        node.close()
    assert run("keys", "destroy", "--data", data, "--yes", summary.id).returncode == 0
    assert "destroyed" in run("keys", "list", "--data", data).stdout
    missing = run("keys", "destroy", "--data", data, "--yes", "nothing")
    assert (missing.returncode, missing.stderr) == (1, "hemalum: There is no key called nothing.\n")
    node = open_node(load_settings(data, {}))
    try:
        with pytest.raises(KeyDestroyed):
            node.slides.blobs.get(image.objects[0].location)
    finally:
        node.close()
    # What happened to keys stands in the log, whose own key is sealed too.
    verified = run("audit", "verify", "--data", data)
    assert verified.returncode == 0, verified.stderr
