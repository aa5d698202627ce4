"""Whoever looks at a slide stands in the log before the first pixel leaves."""

import base64
import json
import signal
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing import samples
from tests.processes import Process

from .conftest import start, url_of

PATIENCE_S = 60


def entries(data: Path) -> list[dict[str, Any]]:
    """All that stands in the log of a node."""
    with open_parts(load_settings(data, {})) as parts:
        return [{"target": None, "detail": {}} | json.loads(raw) for raw in parts.log.read(0, 100_000)]


def about(node: Any, name: str, action: str) -> list[dict[str, Any]]:
    target = f"image/{node.images[name]}"
    return [entry for entry in entries(node.data) if entry["target"] == target and entry["action"] == action]


def test_an_opening_stands_in_the_log_with_its_purpose(node: Any) -> None:
    before = len(about(node, "deflate", "slides.open"))
    opened = node.open("deflate")
    [entry] = about(node, "deflate", "slides.open")[before:]
    assert entry["purpose"] == "care" == opened["purpose"]
    assert entry["organisation"] == "home"
    assert entry["detail"]["opening"] == opened["opening_id"]
    assert entry["detail"]["via"] == "viewer"
    assert entry["detail"]["rules"]
    assert entry["who"]["person"]
    assert "Administrator" not in json.dumps(entry)


def test_a_purpose_that_the_roles_do_not_have_is_refused_and_recorded(node: Any) -> None:
    path = f"/api/slides/images/{node.images['deflate']}/openings"
    with node.client("researcher") as client:
        refused = client.post(path, json={"purpose": "care"})
        assert refused.status_code == 404
        assert client.post(path, json={"purpose": "research"}).status_code == 201
        assert client.post(path, json={"purpose": "curiosity"}).status_code == 422
        assert client.get("/api/slides/images", params={"purpose": "care"}).json()["total"] == 0
        assert client.get("/api/slides/images", params={"purpose": "research"}).json()["total"] > 0
        asked = client.get("/api/slides/images", headers={"x-hemalum-purpose": "research"})
        assert asked.json()["total"] > 0
    outcomes = [entry["outcome"] for entry in about(node, "deflate", "slides.open")]
    assert "refused" in outcomes


def test_programs_are_recorded_once_in_a_while(node: Any) -> None:
    path = f"/iiif/3/{node.images['strips']}/full/64,/0/default.jpg"
    before = len(about(node, "strips", "slides.open"))
    for _ in range(3):
        assert node.get(path).status_code == 200
    via = [entry["detail"]["via"] for entry in about(node, "strips", "slides.open")]
    assert len(via) <= before + 1
    assert "iiif" in via


def test_a_small_picture_is_recorded_once_in_a_while(node: Any) -> None:
    path = f"/api/slides/images/{node.images['deflate']}/thumbnail"
    before = len(about(node, "deflate", "slides.glance"))
    with node.client() as client:
        first = client.get(path)
        for _ in range(2):
            assert client.get(path, headers={"x-hemalum-purpose": "quality"}).status_code == 200
        assert client.get(path, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    glances = about(node, "deflate", "slides.glance")
    assert "quality" in [entry["purpose"] for entry in glances]
    assert [entry["purpose"] for entry in glances[before:]].count("quality") <= 1
    study = node.detail("dicom-label")["study_uid"]
    assert node.get(f"/dicomweb/studies/{study}/thumbnail").status_code == 200
    assert about(node, "dicom-label", "slides.glance")


def test_dicom_frames_exports_and_labels_are_recorded(node: Any) -> None:
    detail = node.detail("dicom-label")
    study = f"/dicomweb/studies/{detail['study_uid']}"
    series = f"{study}/series/{detail['series_uid']}"
    instance = node.get(f"{series}/instances").json()[0]["00080018"]["Value"][0]
    assert node.get(f"{series}/instances/{instance}/frames/1").status_code == 200
    assert "dicomweb" in [entry["detail"]["via"] for entry in about(node, "dicom-label", "slides.open")]
    before = len(about(node, "dicom-label", "slides.export"))
    assert node.get(series).status_code == 200
    assert node.get(f"/api/slides/images/{node.images['dicom-label']}/original").status_code == 200
    what = [
        entry["detail"]["what"].split()[0] for entry in about(node, "dicom-label", "slides.export")[before:]
    ]
    assert what == ["dicom", "original"]
    assert node.get(f"/api/slides/images/{node.images['ycbcr']}/label").status_code == 200
    assert about(node, "ycbcr", "slides.view_label")


@dataclass
class LoneNode:
    """A node with one slide: its data, process, client and image."""

    data: Path
    process: Process
    client: httpx.Client
    image_id: str

    def open(self) -> httpx.Response:
        return self.client.post(f"/api/slides/images/{self.image_id}/openings", json={})


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[LoneNode]:
    """A node of its own."""
    with lone_node(tmp_path) as node:
        yield node


@contextmanager
def lone_node(folder: Path) -> Iterator[LoneNode]:
    settings = load_settings(folder / "node", {})
    made = samples.svs_ycbcr(folder)
    with open_parts(settings) as parts:
        headers = {"authorization": f"Bearer {parts.access.issue_token('admin')}"}
        image_id = parts.slides.take_in([made.path], "home")[0].image_id
    process = start(settings)
    client = httpx.Client(base_url=url_of(process), headers=headers, timeout=PATIENCE_S)
    try:
        while client.get(f"/api/slides/images/{image_id}").json()["status"] != "available":
            time.sleep(0.1)
        yield LoneNode(settings.data, process, client, image_id)
    finally:
        client.close()
        process.kill()
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


def test_what_was_read_is_told_when_the_node_stops(lone: LoneNode) -> None:
    opened = lone.open().json()
    for column in (0, 1, 1):
        address = opened["tile_url"].format(level=0, plane=0, channel=0, row=1, column=column)
        assert lone.client.get(address).status_code == 200
    lone.process.send_signal(signal.SIGTERM)
    assert lone.process.wait(30) == 0
    [viewed] = [entry for entry in entries(lone.data) if entry["action"] == "slides.viewed"]
    assert viewed["detail"]["opening"] == opened["opening_id"]
    assert viewed["detail"]["tiles"] == 3
    assert viewed["detail"]["distinct"] == {"0": 2}
    columns = opened["levels"][0]["columns"]
    bits = int.from_bytes(zlib.decompress(base64.b64decode(viewed["detail"]["read"]["0"])), "little")
    assert bits == 0b11 << columns


def test_killed_at_any_moment_no_pixel_left_without_its_entry(lone: LoneNode) -> None:
    opened = lone.open().json()
    lone.process.kill()
    lone.process.wait(20)
    assert opened["opening_id"] in [entry["detail"].get("opening") for entry in entries(lone.data)]


@pytest.fixture
def small_log(tmp_path: Path) -> Iterator[Path]:
    """The folder of a node's log, on a disk of its own with very little room."""
    folder = tmp_path / "node" / "log"
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this test needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_with_the_log_full_nothing_is_shown_until_there_is_room(small_log: Path, tmp_path: Path) -> None:
    with lone_node(tmp_path) as node:
        assert node.open().status_code == 201
        filling = small_log / "filling"
        with filling.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"x" * 4096):
                pass
        codes = {node.open().status_code for _ in range(40)}
        assert codes <= {201, 507}
        refused = node.open()
        assert (refused.status_code, refused.json()["code"]) == (507, "log-full")
        picture = f"/iiif/3/{node.image_id}/full/64,/0/default.jpg"
        assert node.client.get(picture).status_code == 507
        assert node.client.get("/api/health").status_code == 200
        filling.unlink()
        assert node.open().status_code == 201
        assert node.client.get(picture).status_code == 200
