"""Exports in bulk: asked for, written by a job, taken by whoever asked, and gone."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hemalum.app.node import open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.fhir.exporting import KEPT_FOR
from hemalum.capabilities.fhir.model import ExportState, Kind
from hemalum.formats.fhir.checks import check
from hemalum.kernel.actor import Purpose
from hemalum.kernel.clock import utc_now
from hemalum.runtime.jobs import JobState
from hemalum.runtime.settings import load_settings

from .conftest import PATIENCE_S, RunningNode
from .fhir_client import FHIR, outcome

ASYNC = {"prefer": "respond-async"}


@pytest.fixture(scope="module")
def admin(node: RunningNode) -> Iterator[httpx.Client]:
    with node.client() as client:
        yield client


def begin(client: httpx.Client, path: str = "$export", **stated: str) -> str:
    answer = client.get(f"{FHIR}/{path}", params=stated, headers=ASYNC)
    assert answer.status_code == 202, answer.text
    return answer.headers["content-location"]


def manifest_of(client: httpx.Client, where: str) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        answer = client.get(where)
        if answer.status_code != 202:
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            return found
        time.sleep(0.1)
    raise AssertionError("the export was not written")


def test_all_that_there_is_is_taken_away_once_it_is_written(node: RunningNode, admin: httpx.Client) -> None:
    where = begin(admin, _type="Patient,ServiceRequest,Specimen,Task")
    manifest = manifest_of(admin, where)
    assert manifest["requiresAccessToken"]
    resources: list[dict[str, Any]] = []
    for part in manifest["output"]:
        answer = admin.get(part["url"])
        assert answer.headers["content-type"] == "application/fhir+ndjson"
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert {one["resourceType"] for one in lines} == {part["type"]}
        assert len(lines) == part["count"]
        resources += lines
    assert [one for one in resources if check(one)] == []
    told = [(one["resourceType"], one["id"]) for one in resources]
    assert len(told) == len(set(told))
    assert {("Patient", node.case["patient_id"]), ("Task", node.case["case_id"])} <= set(told)
    address = manifest["output"][0]["url"]
    with node.client("outsider") as outsider, node.client("student") as student:
        assert outsider.get(where).status_code == outsider.get(address).status_code == 404
        assert outsider.delete(where).status_code == 404
        assert student.get(where).status_code == 403
    blobs = [path for path in node.data.rglob("*.ndjson*") if path.is_file()]
    assert blobs
    assert not [path for path in blobs if b"Nobody At All" in path.read_bytes()]
    actions = [one["action"] for one in node.get("/api/audit/entries", "reviewer").json()["entries"]]
    assert {"fhir.export", "fhir.take_export"} <= set(actions)
    assert admin.delete(where).status_code == 202
    assert outcome(admin.get(where)) == outcome(admin.get(address)) == "not-found"


def test_an_export_of_patients_leaves_out_what_is_of_none(node: RunningNode, admin: httpx.Client) -> None:
    nameless = admin.post("/api/cases/cases", json={"parts": [{"organ": "Skin"}]}).json()["id"]
    where = begin(admin, "Patient/$export", _type="Task")
    (part,) = manifest_of(admin, where)["output"]
    ids = {json.loads(line)["id"] for line in admin.get(part["url"]).text.splitlines()}
    assert node.case["case_id"] in ids
    assert nameless not in ids
    later = begin(admin, _type="Task", _since=(utc_now() + timedelta(days=1)).isoformat())
    assert manifest_of(admin, later)["output"] == []
    for each in (where, later):
        assert admin.delete(each).status_code == 202


def test_an_export_expires(node: RunningNode, admin: httpx.Client) -> None:
    where = begin(admin, _type="Patient")
    manifest_of(admin, where)
    with open_parts(load_settings(node.data, {})) as parts:
        exports = parts.fhir_exports()
        later, cases = utc_now() + KEPT_FOR + timedelta(minutes=1), exports.fhir.cases
        cases = replace(cases, ledger=replace(cases.ledger, clock=lambda: later))
        replace(exports, fhir=replace(exports.fhir, cases=cases)).tidy()
    assert admin.get(where).status_code == 404


class _Queue:
    """Jobs in one state."""

    def __init__(self, state: JobState | None) -> None:
        self.state = state
        self.handed_in: list[str] = []

    def enqueue(self, _name: str, _arguments: Any, *, job_id: str, background: bool) -> None:
        assert background
        self.handed_in.append(job_id)

    def find_state(self, _job_id: str) -> JobState | None:
        return self.state


def test_no_export_is_being_written_for_ever(tmp_path: Path) -> None:
    """Two of them would keep everybody else of the organisation from asking for one."""
    with open_parts(load_settings(tmp_path / "node", {})) as parts:
        exports, queue = parts.fhir_exports(), _Queue(None)
        exports = replace(exports, queue=queue)  # type: ignore[arg-type]
        actor = replace(parts.access.actor_for("admin"), purpose=Purpose.CARE)
        begun = exports.begin(actor, [Kind.TASK], None, "", is_of_patients=False)
        exports.pick_up()
        assert queue.handed_in == [f"fhir-export-{begun.id}"] * 2
        assert exports.get(actor, begun.id).state is ExportState.RUNNING
        queue.state = JobState.FAILED
        exports.pick_up()
        failed = exports.get(actor, begun.id)
        assert (failed.state, failed.ended_at is not None) == (ExportState.FAILED, True)
        exports.end(begun.id, [])
        assert exports.get(actor, begun.id) == failed


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("$export", {}, 400),
        ("$export?_type=Encounter", ASYNC, 404),
        ("Patient/$export?_type=Provenance", ASYNC, 404),
        ("$export?_since=yesterday", ASYNC, 400),
        ("$export?_outputFormat=text/csv", ASYNC, 400),
        ("$export?_elements=id", ASYNC, 400),
        ("$export/nothing", {}, 404),
        ("$export/nothing/0", {}, 404),
        ("$export/nothing/x", {}, 400),
    ],
)
def test_what_cannot_be_exported_is_refused(
    admin: httpx.Client, path: str, headers: dict[str, str], status: int
) -> None:
    answer = admin.get(f"{FHIR}/{path}", headers=headers)
    assert answer.status_code == status
    outcome(answer)


def test_only_who_administers_and_sees_patients_exports(node: RunningNode) -> None:
    with open_parts(load_settings(node.data, {})) as parts:
        parts.access.add_person("fhir-chief", "Administers only", "home", Role.ADMINISTRATOR)
        parts.access.add_person("fhir-bench", "A technician", "home", Role.TECHNICIAN)
        tokens = [parts.access.issue_token(name) for name in ("fhir-chief", "fhir-bench")]
    for token in tokens:
        headers = ASYNC | {"authorization": f"Bearer {token}"}
        answer = httpx.get(f"{node.base}{FHIR}/$export", headers=headers, timeout=PATIENCE_S)
        assert (answer.status_code, outcome(answer)) == (403, "forbidden")
