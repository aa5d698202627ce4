"""IIIF, DeepZoom and regions over HTTP show the pixels of the slide."""

import io
from typing import Any
from xml.etree import ElementTree

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from hemalum.testing.samples import HEIGHT_PX, LOSSY_TOLERANCE, SPACING_UM, WIDTH_PX


def decoded(answer: httpx.Response) -> NDArray[Any]:
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def truth_of(node: Any, name: str) -> NDArray[Any]:
    pixels: NDArray[Any] = node.samples[name].levels[0][0, 0]
    return pixels


def shrunk(pixels: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


# IIIF ---------------------------------------------------------------------------------------------------


def test_iiif_information(node: Any) -> None:
    image = node.images["ycbcr"]
    answer = node.get(f"/iiif/3/{image}/info.json", headers={"accept": "application/ld+json"})
    document = answer.json()
    assert answer.headers["content-type"].startswith("application/ld+json;profile=")
    assert document["@context"] == "http://iiif.io/api/image/3/context.json"
    assert document["id"] == f"{node.base}/iiif/3/{image}"
    assert (document["type"], document["profile"]) == ("ImageService3", "level2")
    assert (document["width"], document["height"]) == (WIDTH_PX, HEIGHT_PX)
    base = node.get(f"/iiif/3/{image}")
    assert base.status_code == 303
    assert (
        httpx.URL(f"{node.base}/iiif/3/{image}").join(base.headers["location"])
        == f"{document['id']}/info.json"
    )


@pytest.mark.parametrize("name", ["deflate", "dicom-native"])
def test_iiif_regions_are_exact_in_png(node: Any, name: str) -> None:
    url = f"/iiif/3/{node.images[name]}"
    truth = truth_of(node, name)
    assert np.array_equal(decoded(node.get(f"{url}/full/max/0/default.png")), truth)
    assert np.array_equal(decoded(node.get(f"{url}/100,50,300,200/max/0/color.png")), truth[50:250, 100:400])
    turned = decoded(node.get(f"{url}/100,50,300,200/max/!90/default.png"))
    assert np.array_equal(turned, np.rot90(truth[50:250, 100:400][:, ::-1], -1))
    grey = decoded(node.get(f"{url}/square/max/180/gray.png"))
    assert grey.shape == (HEIGHT_PX, HEIGHT_PX)
    small = decoded(node.get(f"{url}/full/153,109/0/default.jpg")).astype(float)
    assert np.abs(small - shrunk(truth, 153, 109)).mean() < LOSSY_TOLERANCE


def test_iiif_headers_and_errors(node: Any) -> None:
    url = f"/iiif/3/{node.images['ycbcr']}"
    answer = node.get(f"{url}/pct:0,0,50,50/153,/0/default.jpg")
    assert f'<{node.base}{url}/0,0,306,218/153,109/0/default.jpg>;rel="canonical"' in answer.headers["link"]
    again = node.get(
        f"{url}/pct:0,0,50,50/153,/0/default.jpg", headers={"if-none-match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    for tail, status in [
        ("full/max/0/default.gif", 400),
        ("full/700,/0/default.jpg", 400),
        ("9000,0,5,5/max/0/default.jpg", 400),
        ("full/max/45/default.jpg", 501),
        ("full/max/x/default.jpg", 400),
    ]:
        refused = node.get(f"{url}/{tail}")
        assert refused.status_code == status
        assert refused.headers["content-type"] == "application/problem+json"
    assert node.get("/iiif/3/nothing/info.json").status_code == 404


def test_other_origins_may_read_iiif_with_a_token_only(node: Any) -> None:
    url = f"/iiif/3/{node.images['ycbcr']}/info.json"
    assert node.get(url).headers["access-control-allow-origin"] == "*"
    with node.client(None) as client:
        asked = {"origin": "https://viewer.example", "access-control-request-method": "GET"}
        allowed = client.options(url, headers=asked | {"access-control-request-headers": "authorization"})
        assert allowed.status_code == 204
        assert "authorization" in allowed.headers["access-control-allow-headers"]
        assert client.get(url).status_code == 401
    assert "access-control-allow-origin" not in node.get("/api/access/me").headers


# DeepZoom -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["deflate", "jpeg2000"])
def test_deepzoom_tiles_put_together_are_the_image(node: Any, name: str) -> None:
    image = node.images[name]
    described = ElementTree.fromstring(node.get(f"/deepzoom/{image}.dzi").text)
    tile, overlap = int(described.get("TileSize", 0)), int(described.get("Overlap", 0))
    size = described[0].attrib
    assert (int(size["Width"]), int(size["Height"])) == (WIDTH_PX, HEIGHT_PX)
    truth = truth_of(node, name)
    seen = np.zeros_like(truth)
    with node.client() as client:
        for row in range(-(-HEIGHT_PX // tile)):
            for column in range(-(-WIDTH_PX // tile)):
                pixels = decoded(client.get(f"/deepzoom/{image}_files/10/{column}_{row}.png"))
                top, left = max(0, row * tile - overlap), max(0, column * tile - overlap)
                seen[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
        coarse = decoded(client.get(f"/deepzoom/{image}_files/7/0_0.jpeg")).astype(float)
        assert decoded(client.get(f"/deepzoom/{image}_files/0/0_0.jpeg")).shape == (1, 1, 3)
        assert client.get(f"/deepzoom/{image}_files/10/3_0.png").status_code == 404
        assert client.get(f"/deepzoom/{image}_files/11/0_0.png").status_code == 404
    assert np.abs(seen.astype(float) - truth).mean() <= node.samples[name].tolerance
    assert np.abs(coarse - shrunk(truth, coarse.shape[1], coarse.shape[0])).mean() < LOSSY_TOLERANCE


# Regions in micrometres ---------------------------------------------------------------------------------


def region(node: Any, name: str, **asked: Any) -> httpx.Response:
    answer: httpx.Response = node.get(f"/api/slides/images/{node.images[name]}/region", params=asked)
    return answer


def test_a_region_in_micrometres(node: Any) -> None:
    place = {"x_um": 50, "y_um": 30, "width_um": 100, "height_um": 80}
    truth = truth_of(node, "deflate")[60:220, 100:300]
    same = decoded(region(node, "deflate", **place, spacing_um=SPACING_UM, format="png"))
    assert np.array_equal(same, truth)
    half = decoded(region(node, "deflate", **place, spacing_um=2 * SPACING_UM, format="png"))
    assert half.shape == (80, 100, 3)
    assert np.abs(half.astype(float) - shrunk(truth, 100, 80)).mean() < LOSSY_TOLERANCE


def test_a_region_of_one_channel_keeps_its_sixteen_bits(node: Any) -> None:
    place = {"x_um": 5, "y_um": 3, "width_um": 100, "height_um": 80, "spacing_um": SPACING_UM}
    asked = place | {"plane": 2, "channel": 1, "format": "png"}
    pixels = decoded(region(node, "fluorescence", **asked))
    assert np.array_equal(pixels, node.samples["fluorescence"].levels[0][2, 1, 6:166, 10:210, 0])
    assert decoded(region(node, "fluorescence", **asked | {"format": "jpeg"})).shape == (160, 200, 3)
    assert decoded(region(node, "fluorescence", **place)).shape == (160, 200, 3)
    assert region(node, "fluorescence", **asked | {"channel": 2}).status_code == 422
    assert region(node, "fluorescence", **asked | {"plane": 3}).status_code == 422


def test_without_scale_nothing_is_measured(node: Any) -> None:
    answer = region(node, "strips", x_um=0, y_um=0, width_um=10, height_um=10, spacing_um=1)
    assert (answer.status_code, answer.json()["code"]) == (409, "no-physical-scale")


def test_too_large_a_region_is_refused(node: Any) -> None:
    answer = region(node, "deflate", x_um=0, y_um=0, width_um=300, height_um=200, spacing_um=0.001)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert region(node, "deflate", x_um=0, y_um=0, width_um=-1, height_um=2, spacing_um=1).status_code == 422
