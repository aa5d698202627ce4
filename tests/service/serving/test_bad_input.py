"""No request breaks the node: what people think of."""

from typing import Any

import httpx
import pytest

from .conftest import names_of_slide

LONG, HUGE = "9" * 5000, "9" * 400
"""More digits than Python makes a number of, and a number larger than any float."""

_IMAGE = "/api/slides/images/{image_id}"
_REGION = f"{_IMAGE}/region?x_um=0&y_um=0&height_um=10&spacing_um=1"
_INSTANCE = "/dicomweb/studies/{study}/series/{series}/instances/{instance}"

BAD_PATHS = {
    f"{_REGION}&width_um=inf": 422,
    f"{_REGION}&width_um=nan": 422,
    f"{_REGION}&width_um=1e300": 422,
    f"{_IMAGE}/region?x_um=0&y_um=0&width_um=5&height_um=5&spacing_um=5e-324": 422,
    f"{_IMAGE}/original?number={HUGE}": 404,
    f"/api/slides/images?offset={2**63}": 422,
    f"/api/slides/images?offset={HUGE}": 422,
    f"/api/access/people?offset={2**63}": 422,
    "/api/slides/images?q=%00": 422,
    "/api/slides/images/%00": 422,
    f"/api/slides/images/{LONG}": 404,
    "/api/slides/uploads/..%2f..": 404,
    f"/iiif/3/{{image_id}}/{LONG},0,1,1/max/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/pct:0,0,{HUGE},1/max/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/full/{LONG},/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/full/^{HUGE},/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/full/^!{HUGE},{HUGE}/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/full/pct:{HUGE}/0/default.jpg": 400,
    f"/iiif/3/{{image_id}}/full/max/{HUGE}/default.jpg": 400,
    f"/deepzoom/{{image_id}}_files/{LONG}/0_0.jpg": 422,
    f"{_INSTANCE}/frames/{LONG}": 400,
    f"{_INSTANCE}/rendered?viewport=nan,nan": 400,
    f"{_INSTANCE}/rendered?viewport=10,10,-inf,0,inf,1": 400,
    f"{_INSTANCE}/thumbnail?viewport=inf,5": 400,
    f"{_INSTANCE}/rendered?quality=²": 400,
    f"{_INSTANCE}/rendered?quality={LONG}": 400,
    f"{_INSTANCE}/bulkdata/00480105/²/00282000": 404,
    "/dicomweb/studies?StudyDescription=%00": 200,
    f"/tiles/{{ticket}}/{LONG}/0/0/0/0": 422,
    f"/tiles/{{ticket}}/0/0/composite/0/0?c={LONG}-ff0000-0-1": 422,
    "/tiles/{ticket}/0/0/composite/0/0?c=0-ff0000-0-1e999": 422,
    "/enter/%00": 401,
}
"""Addresses that once broke something, or might, and what they get."""

BAD_RANGES = [f"bytes={LONG}-", f"bytes=-{LONG}", f"bytes=0-{LONG}", "bytes=²-"]

BAD_BODIES = {
    r'{"stain": "\ud800"}': 422,
    r'{"\ud800": 1}': 422,
    '{"stain": {"a": [1]}, "organ": []}': 422,
    '{"focus_method": []}': 422,
    '{"objective_power": 1' + "0" * 400 + "}": 422,
    '{"objective_power": 1' + "0" * 5000 + "}": 400,
    '{"objective_power": NaN}': 422,
    '{"spacing_um": {"x": [], "y": {}}}': 422,
    "[" * 100_000: 400,
    "[]": 422,
    "\xff\xfe": 422,
}
"""What somebody states of a slide that no slide can be."""


@pytest.fixture(scope="module")
def places(node: Any) -> dict[str, str]:
    """Values for the parameters of paths."""
    names = {name: values[0] for name, values in names_of_slide(node, "dicom-label").items()}
    ticket = node.open("fluorescence")["ticket"]
    return names | {"image_id": node.images["ycbcr"], "ticket": ticket}


def check_refused(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize("path", BAD_PATHS, ids=range(len(BAD_PATHS)))
def test_no_address_breaks_the_node(node: Any, places: dict[str, str], path: str) -> None:
    check_refused(node.get(path.format(**places)), BAD_PATHS[path])


@pytest.mark.parametrize("asked", BAD_RANGES, ids=range(len(BAD_RANGES)))
def test_a_range_that_is_none_asks_for_everything(node: Any, asked: str) -> None:
    path = f"/api/slides/images/{node.images['rgb']}/original"
    assert node.get(path, headers={"range": asked.encode("latin-1")}).status_code == 200


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_no_statement_breaks_the_node(node: Any, body: str) -> None:
    path = f"/api/slides/images/{node.images['rgb']}/metadata"
    with node.client() as client:
        answer = client.patch(path, content=body, headers={"content-type": "application/json"})
    check_refused(answer, BAD_BODIES[body])


@pytest.mark.parametrize(
    "until", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2030-01-01T00:00"]
)
def test_a_time_that_is_none_is_refused(node: Any, until: str) -> None:
    with node.client() as client:
        student = client.get("/api/access/people", params={"q": "student"}).json()["items"][0]["id"]
        asked = {"roles": [{"role": "student", "until": until}]}
        check_refused(client.put(f"/api/access/people/{student}/roles", json=asked), 422)


def test_a_host_that_is_none_breaks_nothing(node: Any) -> None:
    for host in ("[", "a b", "h\xe9"):
        answer = node.get("/api/access/me", headers={"host": host.encode("latin-1")})
        assert answer.status_code == 200
