"""IIIF Image API 3.0 requests: what they mean, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.capabilities.slides.routes.iiif import (
    MAX_AREA,
    MAX_SIDE,
    information,
    understand,
)
from hemalum.kernel.geometry import PixelRegion, PixelSize
from hemalum.runtime.http_errors import BadRequest, NotImplementedHere

FULL = PixelSize(6000, 4000)
sides = st.integers(1, 200_000)


@pytest.mark.parametrize(
    ("region", "size", "expected_region", "expected_size"),
    [
        ("full", "600,", (0, 0, 6000, 4000), (600, 400)),
        ("full", ",200", (0, 0, 6000, 4000), (300, 200)),
        ("full", "!500,500", (0, 0, 6000, 4000), (500, 333)),
        ("full", "pct:10", (0, 0, 6000, 4000), (600, 400)),
        ("full", "120,200", (0, 0, 6000, 4000), (120, 200)),
        ("square", "100,", (1000, 0, 4000, 4000), (100, 100)),
        ("100,200,300,400", "max", (100, 200, 300, 400), (300, 400)),
        ("5900,3900,300,400", "max", (5900, 3900, 100, 100), (100, 100)),
        ("pct:50,50,25,25", "max", (3000, 2000, 1500, 1000), (1500, 1000)),
        ("0,0,100,100", "^200,", (0, 0, 100, 100), (200, 200)),
        ("0,0,100,50", "!1000,1000", (0, 0, 100, 50), (100, 50)),
        ("0,0,100,50", "^!1000,1000", (0, 0, 100, 50), (1000, 500)),
        ("0,0,100,100", "^max", (0, 0, 100, 100), (4096, 4096)),
    ],
)
def test_region_and_size(
    region: str, size: str, expected_region: tuple[int, ...], expected_size: tuple[int, ...]
) -> None:
    asked = understand(FULL, region, size, "0", "default", "jpg")
    assert asked.region == PixelRegion(*expected_region)
    assert asked.size == PixelSize(*expected_size)


@pytest.mark.parametrize(
    ("region", "size", "rotation", "quality", "form"),
    [
        ("nothing", "max", "0", "default", "jpg"),
        ("0,0,0,10", "max", "0", "default", "jpg"),
        ("6000,0,10,10", "max", "0", "default", "jpg"),
        ("-1,0,10,10", "max", "0", "default", "jpg"),
        ("pct:101,0,10,10", "max", "0", "default", "jpg"),
        ("full", "7000,", "0", "default", "jpg"),
        ("full", ",", "0", "default", "jpg"),
        ("full", "0,0", "0", "default", "jpg"),
        ("full", "pct:0", "0", "default", "jpg"),
        ("full", "pct:200", "0", "default", "jpg"),
        ("full", "^20000,", "0", "default", "jpg"),
        ("full", "full", "0", "default", "jpg"),
        ("full", "max", "361", "default", "jpg"),
        ("full", "max", "-90", "default", "jpg"),
        ("full", "max", "0", "native", "jpg"),
        ("full", "max", "0", "default", "tif"),
    ],
)
def test_what_cannot_be_is_a_bad_request(
    region: str, size: str, rotation: str, quality: str, form: str
) -> None:
    with pytest.raises(BadRequest):
        understand(FULL, region, size, rotation, quality, form)


def test_rotation_by_quarters_with_and_without_mirror() -> None:
    assert [
        understand(FULL, "full", "10,", text, "default", "jpg").turn for text in ("0", "90", "270.0", "360")
    ] == [
        0,
        1,
        3,
        0,
    ]
    assert understand(FULL, "full", "10,", "!180", "default", "jpg").mirror
    with pytest.raises(NotImplementedHere):
        understand(FULL, "full", "10,", "22.5", "default", "jpg")


@given(width=sides, height=sides, data=st.data())
def test_a_canonical_request_means_itself(width: int, height: int, data: st.DataObject) -> None:
    full = PixelSize(width, height)
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    region = f"{left},{top},{data.draw(sides)},{data.draw(sides)}"
    size = data.draw(st.sampled_from(["max", "^max", "pct:50", "!100,100", "1,1"]))
    try:
        asked = understand(full, region, size, "!90", "gray", "png")
    except BadRequest:
        assert size in ("pct:50", "!100,100")  # a side would have no pixel, or the result is too large
        return
    assert asked.size.width_px * asked.size.height_px <= MAX_AREA
    assert max(asked.size.width_px, asked.size.height_px) <= MAX_SIDE
    parts = asked.canonical.replace(".png", "/png").split("/")
    assert understand(full, *parts) == asked


@given(width=sides, height=sides)
def test_the_tiles_offered_cover_the_image_and_can_be_asked_for(width: int, height: int) -> None:
    document = information(PixelSize(width, height), "id", [PixelSize(width, height)])
    factors = document["tiles"][0]["scaleFactors"]
    assert factors == sorted(set(factors))
    coarsest = document["tiles"][0]["width"] * factors[-1]
    assert coarsest >= max(width, height) or factors[-1] * 512 >= max(width, height)
    assert all(each["width"] * each["height"] <= document["maxArea"] for each in document["sizes"])
