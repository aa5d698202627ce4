"""Transforms between slides over HTTP: kept, shown, refused; nothing of slides that one may not open."""

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from hemalum.app.node import open_parts
from hemalum.formats.displacements import DisplacementGrid, encode_displacements
from hemalum.runtime.db import reading
from hemalum.runtime.outbox import outbox_table
from hemalum.runtime.settings import load_settings

from .test_audit import about

TURN = [0.0, 1.0, -1.0, 0.0, 300.0, 5.0]
LANDMARKS = [{"start": [10, 20], "end": [280, 15]}, {"start": [100, 50], "end": [250, 108]}]
BODY: dict[str, Any] = {"kind": "rigid", "matrix": TURN, "landmarks": LANDMARKS}


def address(node: Any, first: str = "rgb", second: str = "jpeg2000", rest: str = "") -> str:
    return f"/api/registration/images/{node.images[first]}/to/{node.images[second]}{rest}"


def put(node: Any, body: dict[str, Any], *names: str, who: str = "administrator") -> Any:
    with node.client(who) as client:
        return client.put(address(node, *names), json=body)


def grid(values: Any, step: float = 50.0) -> str:
    bent = DisplacementGrid(0.0, 0.0, step, step, np.asarray(values, np.float32))
    return base64.b64encode(encode_displacements(bent)).decode()


@pytest.fixture(autouse=True)
def nothing_is_left(node: Any) -> Iterator[None]:
    yield
    with node.client() as client:
        assert client.delete(address(node)).status_code == 204


def test_a_transform_is_kept_with_who_made_it_and_how_well_it_fits(node: Any) -> None:
    assert node.get(address(node)).json() == {"transform": None}
    saved = put(node, BODY)
    assert saved.status_code == 200, saved.text
    transform = saved.json()
    # The second landmark comes to lie at (250, 105), 3 um from where it should.
    assert transform["residual_um"] == pytest.approx(np.sqrt(9 / 2))
    assert transform["created_by"]["name"] == "Administrator"
    assert (transform["matrix"], transform["method"], transform["stale"]) == (TURN, "landmarks", False)
    assert [each["start"] for each in transform["landmarks"]] == [[10, 20], [100, 50]]
    backwards = node.get(address(node, "jpeg2000", "rgb")).json()["transform"]
    assert backwards == node.get(address(node)).json()["transform"] == transform
    assert backwards["from_image_id"] == node.images["rgb"]
    for name in ("rgb", "jpeg2000"):
        assert node.get(f"/api/registration/images/{node.images[name]}").json() == [transform]


def test_both_slides_tell_of_it_and_so_does_an_event(node: Any) -> None:
    transform = put(node, BODY).json()
    with node.client() as client:
        assert client.delete(address(node, "jpeg2000", "rgb")).status_code == 204
    assert node.get(address(node)).json() == {"transform": None}
    for name, other in (("rgb", "jpeg2000"), ("jpeg2000", "rgb")):
        saved = about(node, name, "registration.save")[-1]
        assert saved["detail"]["other"] == node.images[other]
        assert saved["detail"]["residual_um"] == pytest.approx(2.121)
        assert about(node, name, "registration.remove")
    with open_parts(load_settings(node.data, {})) as parts, reading(parts.database) as connection:
        query = sa.select(outbox_table.c.payload).where(outbox_table.c.type == "SlidesWereRegistered")
        told = [payload["transform_id"] for payload in connection.execute(query).scalars()]
    assert told.count(transform["id"]) == 2


def test_nobody_replaces_what_they_do_not_know_of(node: Any) -> None:
    first = put(node, BODY).json()
    refused = put(node, BODY)
    assert (refused.status_code, refused.json()["code"]) == (409, "changed-meanwhile")
    refused = put(node, BODY | {"replaces": "another"}, "jpeg2000", "rgb")
    assert refused.status_code == 409
    swapped = put(node, BODY | {"replaces": first["id"], "landmarks": LANDMARKS[:2]}, "rgb", "jpeg2000")
    assert swapped.status_code == 200
    assert node.get(address(node)).json()["transform"]["id"] == swapped.json()["id"] != first["id"]


def test_displacements_come_back_as_they_were(node: Any) -> None:
    values = np.zeros((3, 4, 2))
    values[1, 1] = (3, -2)
    body = BODY | {"method": "elastic 1.0", "displacements": grid(values), "landmarks": LANDMARKS[:1]}
    saved = put(node, body)
    assert saved.status_code == 200, saved.text
    assert saved.json()["has_displacements"] is True
    # At (10, 20) the grid adds 0.08 of (3, -2).
    assert saved.json()["residual_um"] == pytest.approx(0.08 * np.sqrt(13))
    content = node.get(address(node, rest="/displacements"))
    assert content.headers["content-type"] == "application/octet-stream"
    assert base64.b64encode(content.content).decode() == body["displacements"]
    assert node.get(address(node, "rgb", "deflate", rest="/displacements")).status_code == 204
    # Whoever knows of another transform would lay its matrix under a grid that is not its own.
    same, other = (f"/displacements?transform={each}" for each in (saved.json()["id"], "another"))
    assert node.get(address(node, rest=same)).content == content.content
    assert node.get(address(node, rest=other)).status_code == 204


FOLD = np.zeros((3, 3, 2))
FOLD[1, 1] = (120, 0)
NOT_A_NUMBER = np.zeros((2, 2, 2))
NOT_A_NUMBER[0, 0, 0] = np.nan
OUTSIDE = [{"start": [10, 20], "end": [280, 15]}, {"start": [1e6, 50], "end": [250, 105]}]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"matrix": [0, 0, 0, 0, 0, 0]}, "at most 20"),
        ({"matrix": [1, 2, 2, 4, 0, 0], "kind": "affine"}, "at most 20"),
        ({"matrix": [1e300, 0, 0, 1, 0, 0], "kind": "affine"}, "at most 20"),
        ({"matrix": [1, 0, 0, 1, 1e9, 0]}, "shifts by at most"),
        ({"matrix": [1.2, 0, 0, 1.2, 0, 0]}, "more than a rigid transform"),
        ({"matrix": [1.2, 0, 0, 1.1, 0, 0], "kind": "similarity"}, "more than a similarity transform"),
        ({"landmarks": LANDMARKS[:1]}, "2 to 500 pairs"),
        ({"kind": "affine"}, "3 to 500 pairs"),
        ({"landmarks": OUTSIDE}, "Landmark 2 lies outside"),
        ({"displacements": "not base64!"}, "not base64"),
        ({"displacements": "位移"}, "not base64"),
        ({"displacements": "AAAA"}, "no grid"),
        ({"displacements": grid(np.zeros((2, 2, 2)))[:-8]}, "cut off"),
        ({"displacements": grid(np.zeros((1, 2, 2)))}, "at least 2 by 2"),
        ({"displacements": grid(NOT_A_NUMBER)}, "not a number"),
        ({"displacements": grid(np.full((2, 2, 2), 2e4))}, "longer than"),
        ({"displacements": grid(np.zeros((2, 2, 2)), step=-1)}, "lies nowhere"),
        ({"displacements": grid(FOLD)}, "fold"),
    ],
)
def test_what_can_be_no_transform_is_refused(node: Any, change: dict[str, Any], said: str) -> None:
    answer = put(node, BODY | change)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]
    assert node.get(address(node)).json() == {"transform": None}


@pytest.mark.parametrize("figure", ["NaN", "Infinity", "1e999"])
def test_figures_that_are_none_are_refused(node: Any, figure: str) -> None:
    text = f'{{"kind": "rigid", "matrix": [{figure}, 0, 0, 1, 0, 0], "method": "program"}}'
    with node.client() as client:
        answer = client.put(address(node), content=text, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")


def test_a_slide_lies_on_itself_and_one_without_scale_nowhere(node: Any) -> None:
    assert put(node, BODY, "rgb", "rgb").json()["detail"] == "A slide lies on itself as it is."
    without = put(node, BODY, "rgb", "strips")
    assert (without.status_code, without.json()["code"]) == (409, "no-physical-scale")


def test_slides_of_others_are_not_there(node: Any) -> None:
    put(node, BODY)
    assert put(node, BODY, who="outsider").status_code == 404
    assert node.get(address(node), "outsider").status_code == 404
    with node.client("outsider") as client:
        assert client.delete(address(node)).status_code == 404
    assert node.get(address(node)).json()["transform"]
    # Who may look may see how slides lie on each other, and not change it.
    assert node.get(address(node), "student").json()["transform"]
    assert put(node, BODY, who="student").status_code == 403


def test_a_list_names_no_slide_that_one_may_not_see(node: Any) -> None:
    put(node, BODY)
    terms = f"/api/slides/images/{node.images['jpeg2000']}/terms"
    plain = {"restricted": False, "blinded": False, "consented": [], "refused": []}
    listed = f"/api/registration/images/{node.images['rgb']}"
    with node.client() as client:
        assert client.put(terms, json=plain | {"refused": ["teaching"]}).status_code == 200
        try:
            teaching = {"headers": {"x-hemalum-purpose": "teaching"}}
            assert node.get(listed, "student", **teaching).json() == []
            assert node.get(address(node), "student", **teaching).status_code == 404
            assert len(node.get(listed).json()) == 1
        finally:
            assert client.put(terms, json=plain).status_code == 200
