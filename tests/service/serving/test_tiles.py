"""Tiles over HTTP: the bytes of the original, showing the pixels of the original."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from hemalum.analysis import focus
from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings

SAMPLES = {"accept": "application/octet-stream"}
BRIGHTFIELD = ["ycbcr", "rgb", "jpeg2000", "deflate", "strips", "dicom", "dicom-rgb", "dicom-native"]


def decoded(answer: httpx.Response) -> NDArray[Any]:
    assert answer.status_code == 200, answer.text
    image = Image.open(io.BytesIO(answer.content))
    assert answer.headers["content-type"] == f"image/{image.format}".lower()
    return np.asarray(image)


@pytest.mark.parametrize("name", BRIGHTFIELD)
def test_a_browser_sees_the_pixels_of_the_original(node: Any, name: str) -> None:
    """Decoded by a program that trusts only the stream, every tile of the finest level is the truth."""
    opening = node.open(name)
    assert opening["mode"] == "direct"
    level = opening["levels"][0]
    truth = node.samples[name].levels[0][0, 0]
    seen = np.zeros((level["rows"] * level["tile_height_px"], level["columns"] * level["tile_width_px"], 3))
    with node.client() as client:
        for row in range(level["rows"]):
            for column in range(level["columns"]):
                url = opening["tile_url"].format(level=0, plane=0, channel=0, row=row, column=column)
                pixels = decoded(client.get(url))
                top, left = row * level["tile_height_px"], column * level["tile_width_px"]
                seen[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    difference = np.abs(seen[: truth.shape[0], : truth.shape[1]] - truth)
    # What has no tiles was encoded once at ingest.
    assert difference.mean() <= node.samples[name].tolerance


def test_every_level_is_there_and_shows_the_same_picture(node: Any) -> None:
    opening = node.open("ycbcr")
    means = []
    with node.client() as client:
        for level in opening["levels"]:
            seen = []
            for row in range(level["rows"]):
                for column in range(level["columns"]):
                    url = opening["tile_url"].format(
                        level=level["number"], plane=0, channel=0, row=row, column=column
                    )
                    height = min(level["tile_height_px"], level["height_px"] - row * level["tile_height_px"])
                    width = min(level["tile_width_px"], level["width_px"] - column * level["tile_width_px"])
                    seen.append(decoded(client.get(url))[:height, :width].reshape(-1, 3))
            means.append(np.concatenate(seen).mean(axis=0))
    assert np.ptp(means, axis=0).max() < 3


def test_a_slow_link_gets_half_the_resolution_and_is_told(node: Any) -> None:
    opening = node.open("deflate")
    truth = node.samples["deflate"].levels[0][0, 0].astype(float)
    url = opening["tile_url"].format(level=0, plane=0, channel=0, row=0, column=0)
    with node.client() as client:
        whole = client.get(url)
        half = client.get(url + "?reduced=1")
        again = client.get(url + "?reduced=1", headers={"if-none-match": half.headers["etag"]})
    assert "x-hemalum-reduced" not in whole.headers
    assert half.headers["x-hemalum-reduced"] == "2"
    assert half.headers["etag"] != whole.headers["etag"]
    assert again.status_code == 304
    seen = decoded(half)
    height, width = seen.shape[:2]
    assert (height, width) == tuple(side // 2 for side in decoded(whole).shape[:2])
    means = truth[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3).mean(axis=(1, 3))
    assert np.abs(seen - means).mean() < 6
    assert len(half.content) < len(whole.content) / 4


def test_a_mix_and_what_no_jpeg_holds_on_a_slow_link(node: Any) -> None:
    opening = node.open("fluorescence")
    mix = opening["tile_url"].format(level=0, plane=1, channel="composite", row=0, column=0)
    one = opening["tile_url"].format(level=0, plane=1, channel=0, row=0, column=0)
    with node.client() as client:
        whole = decoded(client.get(mix + "?c=0-ff0000-500-2500&f=png"))
        half = client.get(mix + "?c=0-ff0000-500-2500&f=png&reduced=1")
        assert half.headers["x-hemalum-reduced"] == "2"
        assert abs(decoded(half).astype(float).mean() - whole.mean()) < 2
        assert decoded(half).shape[0] == whole.shape[0] // 2
        assert client.get(mix + "?reduced=1").status_code == 422
        picture = client.get(one + "?reduced=1")
        assert "x-hemalum-reduced" not in picture.headers
        assert np.array_equal(decoded(picture), decoded(client.get(one)))


@pytest.mark.parametrize("plane", [1, "best-focus"])
def test_samples_on_a_slow_link_are_means_of_four(node: Any, plane: int | str) -> None:
    opening = node.open("fluorescence")
    level = opening["levels"][0]
    url = opening["tile_url"].format(level=0, plane=plane, channel=0, row=0, column=0)
    height, width = level["tile_height_px"], level["tile_width_px"]
    with node.client() as client:
        whole = client.get(url, headers=SAMPLES)
        half = client.get(url + "?reduced=1", headers=SAMPLES)
        plain = client.get(url + "?reduced=1", headers=SAMPLES | {"accept-encoding": "identity"})
    assert "x-hemalum-reduced" not in whole.headers
    assert half.headers["x-hemalum-reduced"] == "2"
    assert half.headers["etag"] != whole.headers["etag"]
    assert half.content == plain.content
    truth = np.frombuffer(whole.content, "<u2").reshape(height // 2, 2, width // 2, 2).astype(float)
    seen = np.frombuffer(half.content, "<u2").reshape(height // 2, width // 2)
    assert np.array_equal(seen, np.floor(truth.mean(axis=(1, 3)) + 0.5))


def test_a_computed_plane_on_a_slow_link(node: Any) -> None:
    opening = node.open("fluorescence")
    mix = opening["tile_url"].format(level=0, plane="extended-depth", channel="composite", row=0, column=0)
    with node.client() as client:
        whole = decoded(client.get(mix + "?c=0-ff0000-500-2500&f=png"))
        half = client.get(mix + "?c=0-ff0000-500-2500&f=png&reduced=1")
    assert half.headers["x-hemalum-reduced"] == "2"
    assert decoded(half).shape[:2] == tuple(side // 2 for side in whole.shape[:2])
    assert abs(decoded(half).astype(float).mean() - whole.mean()) < 2


def test_channels_are_mixed_by_their_windows(node: Any) -> None:
    opening = node.open("fluorescence")
    assert opening["mode"] == "composite"
    assert [channel["name"] for channel in opening["channels"]] == ["DAPI", "CD3"]
    assert len(opening["planes"]) == 3
    level = opening["levels"][0]
    truth = node.samples["fluorescence"].levels[0][1]
    url = opening["tile_url"].format(level=0, plane=1, channel="composite", row=0, column=0)
    with node.client() as client:
        mixed = decoded(
            client.get(url, params=[("c", "0-ff0000-500-2500"), ("c", "1-0000ff-0-4000"), ("f", "png")])
        )
        one = decoded(client.get(url, params=[("c", "1-ffffff-0-4000"), ("f", "jpeg")]))
        for wrong in ("2-ff0000-0-1", "0-ff0000-0", ""):
            refused = client.get(url, params=[("c", wrong)])
            assert refused.status_code == 422
            assert refused.json()["code"] == "invalid"
    height, width = min(level["tile_height_px"], 436), min(level["tile_width_px"], 612)
    red = np.clip((truth[0, :height, :width, 0] - 500.0) / 2000, 0, 1) * 255
    blue = np.clip(truth[1, :height, :width, 0] / 4000.0, 0, 1) * 255
    assert np.abs(mixed[:height, :width, 0] - red).max() <= 1
    assert np.abs(mixed[:height, :width, 2] - blue).max() <= 1
    assert not mixed[:height, :width, 1].any()
    assert np.abs(one[:height, :width].mean(axis=2) - blue).mean() < 3


def test_sixteen_bit_channels_come_without_loss(node: Any) -> None:
    opening = node.open("fluorescence")
    url = opening["tile_url"].format(level=0, plane=2, channel=1, row=1, column=1)
    side = opening["levels"][0]["tile_width_px"]
    pixels = decoded(node.get(url))
    assert pixels.dtype == np.uint16
    truth = node.samples["fluorescence"].levels[0][2, 1, side : 2 * side, side : 2 * side, 0]
    assert np.array_equal(pixels[: truth.shape[0], : truth.shape[1]], truth)


def test_raw_samples_are_those_of_the_file(node: Any) -> None:
    opening = node.open("fluorescence")
    assert opening["sample_type"] == "uint16"
    url = opening["tile_url"].format(level=0, plane=2, channel=1, row=1, column=1)
    level = opening["levels"][0]
    wide, high = level["tile_width_px"], level["tile_height_px"]
    truth = node.samples["fluorescence"].levels[0][2, 1, high : 2 * high, wide : 2 * wide, 0]
    answers = [
        node.get(url, headers={"accept": "application/octet-stream", "accept-encoding": encoding})
        for encoding in ("gzip", "identity")
    ]
    assert [answer.headers.get("content-encoding") for answer in answers] == ["gzip", None]
    for answer in answers:
        assert answer.headers["content-type"] == "application/octet-stream"
        pixels = np.frombuffer(answer.content, "<u2").reshape(high, wide)
        assert np.array_equal(pixels[: truth.shape[0], : truth.shape[1]], truth)
    known = {"accept": "application/octet-stream", "accept-encoding": "identity"}
    known["if-none-match"] = answers[1].headers["etag"]
    assert node.get(url, headers=known).status_code == 304
    assert node.get(url, None, headers=known).status_code == 401
    grey = node.open("ycbcr")["tile_url"].format(level=0, plane=0, channel=0, row=0, column=0)
    colour = node.get(grey, headers={"accept": "application/octet-stream"})
    assert len(colour.content) == wide * high * 3


def test_the_histogram_of_a_channel_counts_the_samples_of_a_stated_level(node: Any) -> None:
    path = f"/api/slides/images/{node.images['fluorescence']}/channels/1/histogram"
    found = node.get(path, params={"plane": 2}).json()
    truth = node.samples["fluorescence"].levels[found["level"]][2, 1, :, :, 0]
    assert found["samples"] == truth.size
    edges = found["first"] + found["width"] * np.arange(len(found["counts"]) + 1)
    assert found["counts"] == np.histogram(truth, edges)[0].tolist()
    assert (found["least"], found["most"]) == (truth.min(), truth.max())
    assert found["auto_percent"] == [1.0, 99.8]
    low, high = np.percentile(truth, found["auto_percent"], method="inverted_cdf")
    assert (found["auto_low"], found["auto_high"]) == (low, high)
    assert node.get(path, params={"plane": 3}).status_code == 422
    assert node.get(path.replace("/1/", "/2/")).status_code == 422


@pytest.mark.parametrize(
    ("word", "method"), [("best-focus", focus.best_focus), ("extended-depth", focus.extended_depth)]
)
def test_computed_planes_come_as_tiles_like_scanned_ones(node: Any, word: str, method: Any) -> None:
    opening = node.open("fluorescence")
    level = opening["levels"][0]
    wide, high = level["tile_width_px"], level["tile_height_px"]
    truth = node.samples["fluorescence"].levels[0]
    whole = [method(list(truth[:, channel])) for channel in range(2)]
    for row, column in ((level["rows"] - 1, level["columns"] - 1), (1, 1)):
        url = opening["tile_url"].format(level=0, plane=word, channel=1, row=row, column=column)
        answer = node.get(url, headers={"accept": "application/octet-stream"})
        expected = whole[1][row * high : (row + 1) * high, column * wide : (column + 1) * wide]
        seen = np.frombuffer(answer.content, "<u2").reshape(high, wide, 1)
        assert np.array_equal(seen[: expected.shape[0], : expected.shape[1]], expected)
    assert answer.headers["etag"] != node.get(url.replace(word, "1")).headers["etag"]
    composite = url.replace(f"/{word}/1/", f"/{word}/composite/")
    mixed = decoded(node.get(composite, params=[("c", "0-ff0000-0-4000"), ("f", "png")]))
    red = np.clip(whole[0][high : 2 * high, wide : 2 * wide, 0] / 4000.0, 0, 1) * 255
    assert np.abs(mixed[: red.shape[0], : red.shape[1], 0] - red).max() <= 1
    assert node.get(composite, params=[("c", "7-ff0000-0-4000")]).status_code == 422


def test_only_a_stack_has_computed_planes(node: Any) -> None:
    url = node.open("ycbcr")["tile_url"]
    for plane in ("extended-depth", "best-focus", "-1"):
        assert node.get(url.format(level=0, plane=plane, channel=0, row=0, column=0)).status_code == 404
    stack = node.open("fluorescence")["tile_url"]
    for plane, status in (("-1", 404), ("-2", 404), ("3", 404), ("sharpest", 422)):
        answer = node.get(stack.format(level=0, plane=plane, channel=0, row=0, column=0))
        assert answer.status_code == status


def test_a_ticket_opens_one_image_only_and_ends_with_its_session(node: Any) -> None:
    first, second = node.open("ycbcr"), node.open("rgb")
    tile = first["tile_url"].format(level=0, plane=0, channel=0, row=0, column=0)
    other = second["tile_url"].format(level=0, plane=0, channel=0, row=0, column=0)
    assert node.get(tile).content != node.get(other).content
    assert node.get(tile.replace(first["ticket"], first["ticket"][:-2] + "AA")).status_code == 401
    assert node.get(tile.replace(first["ticket"], "nothing")).status_code == 401


def test_signing_out_ends_the_openings_of_that_session(node: Any) -> None:
    with open_parts(load_settings(node.data, {})) as parts:
        code = parts.access.issue_link("student")
    with httpx.Client(base_url=node.base) as browser:
        assert browser.get(f"/enter/{code}").status_code == 303
        path = f"/api/slides/images/{node.images['ycbcr']}/openings"
        assert browser.post(path, json={}).status_code == 403
        browser.headers["x-hemalum"] = "1"
        opening = browser.post(path, json={}).json()
        url = opening["tile_url"].format(level=0, plane=0, channel=0, row=0, column=0)
        assert browser.get(url).status_code == 200
        assert node.get(url).status_code == 401
        assert browser.post("/api/access/sign-out").status_code == 200
        assert browser.get("/api/access/me").status_code == 401
        assert browser.get(url).status_code == 401


def test_many_viewers_at_once(node: Any) -> None:
    openings = [node.open(name) for name in ("ycbcr", "jpeg2000", "dicom", "deflate")]
    urls = [
        each["tile_url"].format(level=0, plane=0, channel=0, row=row, column=column)
        for each in openings
        for row in range(3)
        for column in range(4)
    ]
    with node.client() as client, ThreadPoolExecutor(16) as pool:
        expected = list(pool.map(lambda url: client.get(url).content, urls))
        again = list(pool.map(lambda url: client.get(url), urls * 5))
    assert all(answer.status_code == 200 for answer in again)
    assert [answer.content for answer in again] == expected * 5


def test_a_moved_original_is_said_to_be_so(node: Any) -> None:
    """Nothing else is shown in its place, and putting it back heals it."""
    path = node.samples["dicom-native"].path
    hidden = path.with_suffix(".hidden")
    path.rename(hidden)
    try:
        with node.client() as client:
            answer = client.get(f"/deepzoom/{node.images['dicom-native']}_files/9/0_0.png")
        assert answer.status_code == 409
        assert path.name in answer.json()["detail"]
    finally:
        hidden.rename(path)
    assert node.open("dicom-native")["ticket"]
