"""Slides that the node keeps sealed: the same bytes go out, and never wrong ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from hemalum.app.node import open_parts
from hemalum.capabilities.slides.model import ImageStatus, ObjectKind
from hemalum.runtime.settings import load_settings
from hemalum.testing import samples

from .conftest import serving

STORED_CHUNK = 16_400


@pytest.fixture(scope="module", params=["aes-256-gcm", "sm4-gcm"])
def sealed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a node that keeps one slide sealed; the slide's id, its blob, and how to name a tile."""
    settings = load_settings(
        tmp_path_factory.mktemp("sealed") / "node", {"HEMALUM_ENCRYPTION": request.param}
    )
    sample = samples.svs_ycbcr(tmp_path_factory.mktemp("slide"))
    with open_parts(settings) as parts:
        token = parts.access.issue_token("admin")
        with serving(settings) as base:
            (received,) = parts.slides.take_in([sample.path], "home", keep=True)
            assert parts.slides.wait_for(received, 60).status is ImageStatus.AVAILABLE
            actor = parts.access.actor_for("admin")
            (held, *_) = parts.slides.get_image(actor, received.image_id).objects
            assert held.kind is ObjectKind.STORED
            blob = parts.slides.blobs.local_path(held.location)
            headers = {"authorization": f"Bearer {token}"}
            with httpx.Client(base_url=base, headers=headers, timeout=60) as client:
                opening = client.post(
                    f"/api/slides/images/{received.image_id}/openings", json={"purpose": "care"}
                )
                assert opening.status_code == 201, opening.text
                yield client, received.image_id, blob, opening.json()["tile_url"], sample


def test_the_same_bytes_go_out(sealed: Any) -> None:
    client, image_id, blob, tile_url, sample = sealed
    content = sample.path.read_bytes()
    assert blob.stat().st_size > len(content)
    assert client.get(f"/api/slides/images/{image_id}/original").content == content
    part = client.get(f"/api/slides/images/{image_id}/original", headers={"range": "bytes=16300-16500"})
    assert (part.status_code, part.content) == (206, content[16300:16501])
    for row in range(2):
        tile = client.get(tile_url.format(level=0, plane=0, channel=0, row=row, column=1))
        assert tile.status_code == 200
        assert tile.content[-100:] in content
    assert client.get(f"/api/slides/images/{image_id}/thumbnail").status_code == 200
    region = {"x_um": 0, "y_um": 0, "width_um": 50, "height_um": 50, "spacing_um": 1}
    assert client.get(f"/api/slides/images/{image_id}/region", params=region).status_code == 200


@contextmanager
def damaged(blob: Path, at: int) -> Iterator[None]:
    """One bit of a byte is another one meanwhile."""
    whole = blob.read_bytes()
    with blob.open("r+b", buffering=0) as file:
        file.seek(at)
        file.write(bytes([whole[at] ^ 1]))
        try:
            yield
        finally:
            file.seek(at)
            file.write(whole[at : at + 1])


def test_a_damaged_chunk_is_a_clear_problem_and_never_a_wrong_pixel(sealed: Any) -> None:
    client, image_id, blob, tile_url, sample = sealed
    content = sample.path.read_bytes()
    first, last = (
        client.get(tile_url.format(level=0, plane=0, channel=0, row=row, column=column)).content
        for row, column in ((0, 0), (2, 3))
    )
    at = content.index(first[-100:]) // 16_384
    other = content.index(last[-100:]) // 16_384
    assert at != other
    with damaged(blob, 64 + at * STORED_CHUNK + 30):
        problem = client.get(tile_url.format(level=0, plane=0, channel=0, row=0, column=0))
        assert problem.status_code == 500
        assert problem.json()["code"] == "damaged"
        assert problem.json()["detail"].startswith("A stored part of this slide is damaged")
        region = {"x_um": 0, "y_um": 0, "width_um": 20, "height_um": 20, "spacing_um": 0.5}
        rendered = client.get(f"/api/slides/images/{image_id}/region", params=region)
        assert (rendered.status_code, rendered.json()["code"]) == (500, "damaged")
        good = client.get(tile_url.format(level=0, plane=0, channel=0, row=2, column=3))
        assert (good.status_code, good.content) == (200, last)
