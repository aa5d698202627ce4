"""A node on PostgreSQL and S3 shows the same pixels: nothing of a slide is on its own disk."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing import samples
from tests.processes import Process


@pytest.fixture
def remote(larger_node: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in larger_node().items():
        monkeypatch.setenv(name, value)
    settings = load_settings(tmp_path / "node")
    with open_parts(settings) as parts:
        process = Process("serve", "--data", settings.data, "--port", 0, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            base = process.stdout.readline().split("ready at ")[1].strip()
            headers = {"authorization": f"Bearer {parts.access.issue_token('admin')}"}
            with httpx.Client(base_url=base, headers=headers, timeout=60) as client:
                yield parts.slides, client
        finally:
            process.terminate()
            code = process.wait(20)
            assert process.stdout is not None
            process.stdout.close()
    assert code == 0


def picture(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def test_a_slide_is_shown_from_remote_blobs(remote: Any, tmp_path: Path) -> None:
    slides, client = remote
    sample = samples.tiled_tiff(tmp_path)
    truth = sample.levels[0][0, 0]
    [received] = slides.take_in([sample.path], "home")
    summary = slides.wait_for(received, 60)
    assert summary.status == "available", summary.reason
    sample.path.unlink()
    opening = client.post(f"/api/slides/images/{summary.id}/openings", json={}).json()
    tile = opening["tile_url"].format(level=0, plane=0, channel=0, row=1, column=1)
    assert np.array_equal(picture(client.get(tile)), truth[128:256, 128:256])
    assert picture(client.get(f"/api/slides/images/{summary.id}/thumbnail")).shape[1] == 256
    region = client.get(f"/iiif/3/{summary.id}/100,50,300,200/max/0/default.png")
    assert np.array_equal(picture(region), truth[50:250, 100:400])
    assert len(client.get(f"/api/slides/images/{summary.id}/original").content) == summary.size_bytes
    instances = client.get(f"/dicomweb/studies/{summary.study_uid}/instances").json()
    url = f"/dicomweb/studies/{summary.study_uid}/series/{summary.series_uid}/instances"
    frame = client.get(
        f"{url}/{instances[0]['00080018']['Value'][0]}/frames/1",
        headers={"accept": "application/octet-stream"},
    )
    assert np.array_equal(np.frombuffer(frame.content, np.uint8).reshape(128, 128, 3), truth[:128, :128])
