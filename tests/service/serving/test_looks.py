"""What every reader of a slide of several channels begins with."""

from collections.abc import Iterator
from typing import Any

import pytest

LOOK = [
    {"number": 0, "colour": "ff0000", "low": 100, "high": 900, "gamma": 0.5, "visible": False},
    {"number": 1, "colour": "00ff00", "low": 0, "high": 4000.5, "gamma": 1, "visible": True},
]


@pytest.fixture
def look(node: Any) -> Iterator[str]:
    """Where the look of the slide of two channels is; it has none again afterwards."""
    path = f"/api/slides/images/{node.images['fluorescence']}/look"
    yield path
    with node.client() as client:
        client.delete(path)


def test_every_reader_begins_with_the_look_that_somebody_gave_to_the_slide(node: Any, look: str) -> None:
    assert node.open("fluorescence")["look"] is None
    with node.client() as client:
        given = client.put(look, json={"channels": LOOK})
        assert given.status_code == 200, given.text
    assert given.json()["channels"] == LOOK
    with node.client("student") as student:
        opened = student.post(look.replace("/look", "/openings"), json={"purpose": "teaching"})
    assert opened.status_code == 201, opened.text
    seen = opened.json()["look"]
    assert seen == given.json()
    assert seen["set_by"]
    with node.client() as client:
        narrower = [LOOK[0] | {"visible": True}, LOOK[1]]
        assert client.put(look, json={"channels": narrower}).status_code == 200
        assert node.open("fluorescence")["look"]["channels"] == narrower
        assert client.delete(look).status_code == 204
        assert client.delete(look).status_code == 404
    assert node.open("fluorescence")["look"] is None


def test_a_look_that_makes_no_sense_changes_nothing(node: Any, look: str) -> None:
    wrong = [
        LOOK[:1],
        LOOK[::-1],
        [LOOK[0], LOOK[1] | {"number": 7}],
        [LOOK[0], LOOK[1] | {"visible": False}],
        [LOOK[0], LOOK[1] | {"low": 5000}],
        [LOOK[0], LOOK[1] | {"gamma": 0}],
        [LOOK[0], LOOK[1] | {"colour": "green"}],
        [],
    ]
    with node.client() as client:
        for channels in wrong:
            assert client.put(look, json={"channels": channels}).status_code == 422
    assert node.open("fluorescence")["look"] is None


def test_who_may_not_describe_a_slide_gives_it_no_look(node: Any, look: str) -> None:
    for who, status in (("student", 403), ("outsider", 404)):
        with node.client(who) as client:
            assert client.put(look, json={"channels": LOOK}).status_code == status
