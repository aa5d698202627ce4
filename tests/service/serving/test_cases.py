"""Cases over HTTP and by command: a scan finds its case, its file is held beside it, nothing leaks."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing.domestic_writers.sdpc import write_sdpc
from hemalum.testing.samples import picture
from tests.processes import run

from .conftest import PATIENCE_S, RunningNode, make_people, serving, wait_until_available

ORDER = {
    "parts": [{"organ": "Stomach", "description": "biopsy", "blocks": [["H&E"]]}],
    "priority": "urgent",
}
NAME = "张伟(虚构)"
"""What `write_sdpc` writes."""


@pytest.fixture(scope="module")
def sqray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningNode, dict[str, Any]]]:
    """A node with a case, and with an SDPC file named as the case's slide is."""
    folder = tmp_path_factory.mktemp("cases")
    settings = load_settings(folder / "node", {})
    with open_parts(settings) as parts:
        running = RunningNode(settings.data, "", make_people(parts.access))
        with serving(settings) as running.base:
            with running.client() as client:
                made = client.post("/api/cases/cases", json=ORDER)
            assert made.status_code == 201, made.text
            slide = made.json()["material"][-1]["identifier"]
            path = folder / f"{slide.replace('/', '_')}.sdpc"
            (received,) = parts.slides.take_in([write_sdpc(path, picture(400, 500)).path], "home")
            running.images["scan"] = received.image_id
            wait_until_available(parts.slides, running)
            yield running, made.json()


def wait_until_linked(node: RunningNode) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        answer = node.get(f"/api/cases/images/{node.images['scan']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        if found["case"] is not None:
            return found
        time.sleep(0.1)
    raise AssertionError("the image found no case")


def command(*arguments: object, order: str = "") -> subprocess.CompletedProcess[str]:
    return run("cases", *arguments, say=order)


def test_a_scan_finds_its_case_and_its_file_is_taken_over(
    sqray: tuple[RunningNode, dict[str, Any]],
) -> None:
    node, case = sqray
    found = wait_until_linked(node)
    assert (found["case"]["id"], found["identifier"]) == (case["id"], case["material"][-1]["identifier"])
    assert (found["case"]["status"], found["case"]["slides_scanned"]) == ("ready", 1)
    path = f"/api/cases/images/{node.images['scan']}"
    answer = node.get(f"{path}/comparison")
    assert answer.headers["cache-control"] == "private, no-store"
    offered = [one["field"] for one in answer.json() if one["may_take_over"]]
    assert {"name", "age", "number", "history"} <= set(offered)
    with node.client() as client:
        taken = client.post(f"{path}/take-over", json={"fields": offered})
        again = client.post(f"{path}/take-over", json={"fields": ["name"]})
    assert all(one["agreement"] == "agrees" for one in taken.json() if one["field"] in offered)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    shown = node.get(f"/api/cases/cases/{case['id']}")
    assert shown.json()["patient"]["name"] == NAME
    for purpose, withheld in (("care", False), ("quality", True)):
        headers = {"x-hemalum-purpose": purpose}
        answer = node.get(f"/api/cases/cases/{case['id']}", headers=headers)
        assert answer.json()["patient_withheld"] is withheld
        assert (NAME in answer.text) is not withheld
    with open_parts(load_settings(node.data, {})) as parts:
        written = [raw.decode() for raw in parts.log.read(0, 100_000)]
    assert not [entry for entry in written if NAME in entry]
    said = [json.loads(entry)["action"] for entry in written]
    for action in ("accession", "link_image", "move_case", "take_over_patient", "view_patient"):
        assert f"cases.{action}" in said
    assert NAME not in (node.data / "server.log").read_text()


def test_a_code_carries_the_identifier_as_svg(sqray: tuple[RunningNode, dict[str, Any]]) -> None:
    node, case = sqray
    answer = node.get(f"/api/cases/material/{case['material'][0]['id']}/code")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg")


def test_what_makes_no_sense_is_refused(sqray: tuple[RunningNode, dict[str, Any]]) -> None:
    node, case = sqray
    path = f"/api/cases/cases/{case['id']}"
    with node.client() as client:
        for body in (
            {},
            {"parts": []},
            {"parts": [{}]},
            ORDER | {"patient": {"name": ""}},
            ORDER | {"received_at": "2926-01-01T00:00:00Z"},
            ORDER | {"received_at": "2026-01-01T00:00:00"},
            ORDER | {"patient": {"name": "x", "birth_date": "1066-10-14"}},
            ORDER | {"patient": {"name": "x", "identifiers": [{"issuer": " ", "value": "1"}]}},
        ):
            assert client.post("/api/cases/cases", json=body).status_code == 422, body
        refused = client.post(f"{path}/status", json={"status": "draft"})
        assert refused.json()["code"] == "illegal-move"
        assert client.patch(path, json={"due_at": "0001-01-01T00:00:00+14:00"}).status_code == 422


def test_the_operator_works_with_cases(sqray: tuple[RunningNode, dict[str, Any]], tmp_path: Path) -> None:
    node, case = sqray
    data = ("--data", node.data)
    assert command("site", *data, "cn01").stdout == "CN01\n"
    order = ORDER | {"patient": {"name": "Fictional Person"}}
    made = command("accession", *data, "-", order=json.dumps(order))
    assert made.returncode == 0, made.stderr
    number = made.stdout.splitlines()[0]
    assert number.startswith("CN01-S")
    assert made.stdout.splitlines()[1:] == [f"{number}/A", f"{number}/A/1", f"{number}/A/1/1"]
    listed = command("list", *data).stdout
    assert number in listed
    assert "Fictional" not in listed
    assert "Fictional" not in command("show", *data, number).stdout
    assert "Fictional Person" in command("show", *data, "--patient", f"{number}/A/1/1").stdout
    refused = command("link", *data, node.images["scan"], f"{number}/A/1/1")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    (tmp_path / "order.json").write_text("{")
    for wrong in (tmp_path / "order.json", "-"):
        refused = command("accession", *data, wrong, order="[]")
        assert refused.returncode == 1
        assert "cannot be read" in refused.stderr
    assert case["number"] in command("list", *data, "stomach").stdout
