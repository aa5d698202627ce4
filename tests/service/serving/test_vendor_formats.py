"""Scanner formats from `hemalum ingest` to what a browser gets, on stand-ins."""

import base64
import hashlib
import io
import time
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from hemalum.testing.samples import LOSSY_TOLERANCE
from hemalum.testing.vendors import OBJECTIVE, VENDOR_MAKERS

MODELS = {
    "leica-scn": "Leica SCN400",
    "philips-tiff": "UFS Scanner",
    "ventana-bif": "VENTANA DP 200",
    "trestle-tiff": None,
    "hamamatsu-ndpi": "C13220-01",
    "hamamatsu-vms": None,
    "mirax-mrxs": "Pannoramic 250 Flash III",
    "zeiss-czi": "Axioscan 7",
}


def picture_of(answer: httpx.Response) -> NDArray[Any]:
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content))).astype(float)


def level_of(node: Any, opening: dict[str, Any], number: int) -> NDArray[Any]:
    """A level put together of its tiles; a blank tile is white."""
    level = opening["levels"][number]
    side = level["tile_width_px"]
    seen = np.full((level["rows"] * side, level["columns"] * side, 3), 255.0)
    with node.client() as client:
        for row, column in np.ndindex(level["rows"], level["columns"]):
            url = opening["tile_url"].format(level=number, plane=0, channel=0, row=row, column=column)
            answer = client.get(url)
            if answer.status_code != 204:
                seen[row * side : (row + 1) * side, column * side : (column + 1) * side] = picture_of(answer)
    return seen[: level["height_px"], : level["width_px"]]


@pytest.mark.parametrize("name", VENDOR_MAKERS)
def test_its_tiles_show_the_true_pixels(vendors: Any, name: str) -> None:
    opening = vendors.open(name)
    truth = vendors.samples[name].levels[0][0, 0]
    assert np.abs(level_of(vendors, opening, 0) - truth).mean() <= LOSSY_TOLERANCE
    coarsest = opening["levels"][-1]
    assert max(coarsest["width_px"], coarsest["height_px"]) <= 512
    smaller = np.asarray(Image.fromarray(truth).resize((coarsest["width_px"], coarsest["height_px"])))
    assert np.abs(level_of(vendors, opening, coarsest["number"]) - smaller).mean() <= LOSSY_TOLERANCE + 3


@pytest.mark.parametrize("name", VENDOR_MAKERS)
def test_what_is_known_of_it_is_told(vendors: Any, name: str) -> None:
    sample, detail = vendors.samples[name], vendors.detail(name)
    assert (detail["status"], detail["format"]) == ("available", sample.vendor)
    assert (detail["name"], detail["scanner_model"]) == (sample.path.name, MODELS[name])
    assert (detail["spacing_um"], detail["objective_power"]) == ({"x": 0.5, "y": 0.5}, OBJECTIVE)
    originals = [held for held in detail["objects"] if held["kind"] == "linked"]
    by_name = {path.relative_to(sample.path.parent).as_posix(): path for path in sample.paths}
    assert [held["name"] for held in originals] == list(by_name)
    for held in originals:
        assert held["sha256"] == hashlib.sha256(by_name[held["name"]].read_bytes()).hexdigest()
    assert not any("focal planes" in finding["message"] for finding in detail["findings"])


@pytest.mark.parametrize("name", VENDOR_MAKERS)
def test_label_and_macro_show(vendors: Any, name: str) -> None:
    pictures = {kind.value: truth for kind, truth in vendors.samples[name].associated.items()}
    for kind in ("label", "macro"):
        answer = vendors.get(f"/api/slides/images/{vendors.images[name]}/{kind}")
        assert vendors.detail(name)[f"has_{kind}"] == (kind in pictures)
        if kind not in pictures:
            assert answer.status_code == 404
            continue
        assert np.abs(picture_of(answer) - pictures[kind]).mean() <= 2 * LOSSY_TOLERANCE


def test_all_files_of_a_slide_can_be_had_again(vendors: Any) -> None:
    sample = vendors.samples["mirax-mrxs"]
    for number, path in enumerate(sample.paths):
        address = f"/api/slides/images/{vendors.images['mirax-mrxs']}/original?number={number}"
        assert vendors.get(address).content == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "missing"), [("mirax-mrxs", "mirax/Slidedat.ini"), ("hamamatsu-vms", "hamamatsu(1,0).jpg")]
)
def test_the_first_of_several_files_from_a_browser_is_set_aside_with_a_clear_sentence(
    vendors: Any, name: str, missing: str
) -> None:
    path = vendors.samples[name].path
    content = path.read_bytes() + b"\n"  # other bytes than those of the slide that is here
    image = upload(vendors, path.name, content)
    assert image["status"] == "quarantined"
    assert image["reason"] == (
        f"{path.name} is one of several files of a slide, and {missing} is not beside it: "
        "take the slide in by its path, where all of its files lie together."
    )


def upload(node: Any, name: str, content: bytes) -> dict[str, Any]:
    """Send a file as the web app does; answers the image once it is known what became of it."""
    tus = {"tus-resumable": "1.0.0"}
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    with node.client() as client:
        created = client.post(
            "/api/slides/uploads",
            headers=tus | {"upload-length": str(len(content)), "upload-metadata": metadata},
        )
        assert created.status_code == 201, created.text
        sent = client.patch(
            created.headers["location"],
            headers=tus | {"upload-offset": "0", "content-type": "application/offset+octet-stream"},
            content=content,
        )
        assert sent.status_code == 204, sent.text
        image_id = client.get(created.headers["location"]).json()["image_id"]
        end = time.monotonic() + 60
        while time.monotonic() < end:
            image: dict[str, Any] = client.get(f"/api/slides/images/{image_id}").json()
            if image["status"] in ("available", "quarantined"):
                return image
            time.sleep(0.05)
    raise AssertionError("nothing became of the upload")
