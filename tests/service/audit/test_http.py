"""Audit over HTTP, tried as everybody."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.bundle import Bundle

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.access.model import Role
from hemalum.kernel.audit import Outcome, Record
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.log.notes import Checkpoint, Note, SigningKey, open_checkpoint
from hemalum.runtime.settings import load_settings
from tests.processes import Process

from .conftest import LI, WANG, ZHAO

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60
OTHER_LOG = SigningKey("other.example/log", b"o" * 32)

ROLES = {
    "auditor": (Role.AUDITOR,),
    "quality": (Role.QUALITY_MANAGER,),
    "node": (Role.AUDITOR, Role.NODE_ADMINISTRATOR),
    "chief": (Role.ADMINISTRATOR,),
    "student": (Role.STUDENT,),
}
PATHS = {
    ("GET", "/api/audit/entries"): {"auditor", "quality", "node", "outsider"},
    ("GET", "/api/audit/entries/{entry}"): {"auditor", "quality", "node"},
    ("GET", "/api/audit/entries/{entry}/proof"): {"auditor", "quality", "node"},
    ("GET", "/api/audit/entries/{entry}/raw"): {"auditor", "node"},
    ("GET", "/api/audit/export.csv"): {"auditor", "node", "outsider"},
    ("GET", "/api/audit/choices"): {"auditor", "quality", "node", "outsider"},
    ("GET", "/api/audit/slides/x"): {"auditor", "quality", "node", "outsider"},
    ("GET", "/api/audit/flags"): {"auditor", "quality", "node", "outsider"},
    ("POST", "/api/audit/flags/{flag}/acknowledge"): {"auditor", "quality", "node"},
    ("POST", "/api/audit/erasures/{person}"): {"auditor", "node"},
    ("GET", "/api/audit/fhir/AuditEvent"): {"auditor", "node", "outsider"},
    ("GET", "/api/audit/fhir/AuditEvent/{entry}"): {"auditor", "node"},
}
"""Who gets an answer; for a resource of the home hospital an auditor from elsewhere is told that it is not
there, and everybody else that their role does not include it."""


@dataclass
class RunningNode:
    parts: Parts
    base: str
    tokens: dict[str, str]

    def client(self, who: str | None = "auditor") -> httpx.Client:
        headers = {} if who is None else {"authorization": f"Bearer {self.tokens[who]}"}
        return httpx.Client(base_url=self.base, headers=headers, timeout=PATIENCE_S)

    def ask(
        self, path: str, who: str | None = "auditor", method: str = "GET", **options: Any
    ) -> httpx.Response:
        with self.client(who) as client:
            return client.request(method, path, **options)

    def record(self, action: str = "slides.open", image: str = "x", actor: Any = LI, **more: Any) -> int:
        stated = {"organisation_id": OrganisationId("home"), "target": f"image/{image}"}
        self.parts.trail.record(Record(action, actor, **stated | more))
        return self.parts.log.size() - 1


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    settings = load_settings(tmp_path_factory.mktemp("audit") / "node", {})
    settings.log.mkdir(parents=True)
    settings.log_policy.write_text(f"log {OTHER_LOG.verifier}\nquorum none\n")
    with open_parts(settings) as parts:
        access = parts.access
        access.add_organisation("county", "County hospital")
        for name, roles in ROLES.items():
            access.add_person(name, f"{name} of the tests", "home", *roles)
        access.add_person("outsider", "An auditor elsewhere", "county", Role.AUDITOR)
        tokens = {name: access.issue_token(name) for name in (*ROLES, "outsider")}
        with (settings.data / "server.log").open("w") as log:
            arguments = ("serve", "--data", settings.data, "--port", 0)
            process = Process(*arguments, stdout=subprocess.PIPE, stderr=log)
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert "ready at " in line, line
            yield RunningNode(parts, line.split("ready at ")[1].strip().rstrip("/"), tokens)
        finally:
            process.terminate()
            assert process.wait(20) == 0
            process.stdout.close()
        assert "Traceback" not in (settings.data / "server.log").read_text()


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_who_is_answered(node: RunningNode, method: str, path: str) -> None:
    person = f"p-{abs(hash((method, path))) % 10**9}"
    somebody = replace(LI, person_id=person, session_id=person, name="Somebody")
    for who in (None, *ROLES, "outsider"):
        entry = node.record(actor=somebody)
        node.record("slides.break_glass", actor=somebody, image=f"glass-{who}")
        [flag, *_] = node.ask("/api/audit/flags", "node").json()
        asked = path.format(entry=entry, flag=flag["id"], person=person)
        answer = node.ask(asked, who, method, json={"remark": "Asked"} if method == "POST" else None)
        if who is None:
            expected = {401}
        elif who in PATHS[method, path]:
            # The auditor has erased the person before the auditor of the node does.
            expected = {200, 204} if who == "auditor" or "erasures" not in path else {404}
        else:
            expected = {404} if who == "outsider" else {403}
        assert answer.status_code in expected, (who, answer.text)


def test_every_path_is_tried_by_everybody(node: RunningNode) -> None:
    described = node.ask("/api/openapi.json", None).json()["paths"]
    found = {
        (method.upper(), path)
        for path, item in described.items()
        if path.startswith("/api/audit/")
        for method in item
    }
    names = {"image_id": "x", "flag_id": "{flag}", "subject": "{person}", "index": "{entry}"}
    known = set()
    for method, path in found:
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", value)
        known.add((method, path))
    assert known == {(method, path) for method, path in PATHS if "fhir" not in path}


def test_entries_are_paged_with_names(node: RunningNode) -> None:
    first = node.record(image="paged")
    second = node.record(image="paged", actor=WANG, outcome=Outcome.REFUSED)
    asked = {"target": "image/paged", "limit": 1}
    page = node.ask("/api/audit/entries", params=asked).json()
    assert page["total"] == 2
    assert [one["index"] for one in page["entries"]] == [second]
    assert page["names"] == {"p-wang": "Wang"}
    assert page["next_before"] == second
    following = node.ask("/api/audit/entries", params=asked | {"before": second}).json()
    [entry] = following["entries"]
    assert (entry["index"], following["next_before"], following["total"]) == (first, None, None)
    assert entry["personal"] == {"name": "Li", "address": "192.0.2.7"}
    assert entry["at"].endswith("Z")


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "yesterday"},
        {"from": "2026-01-01T00:00:00"},
        {"outcome": "perhaps"},
        {"before": -1},
        {"limit": 1000},
        {"limit": 0},
        {"action": "x" * 81},
    ],
)
def test_what_cannot_be_meant_is_refused(node: RunningNode, asked: dict[str, Any]) -> None:
    answer = node.ask("/api/audit/entries", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_an_entry_is_taken_away_with_its_proof(node: RunningNode, tmp_path: Path) -> None:
    index = node.record(image="proved")
    proof, raw = (node.ask(f"/api/audit/entries/{index}/{what}") for what in ("proof", "raw"))
    assert proof.headers["content-disposition"] == f'attachment; filename="entry-{index}.tlog-proof"'
    assert raw.headers["cache-control"] == "no-store"
    (tmp_path / "proof").write_bytes(proof.content)
    (tmp_path / "raw").write_bytes(raw.content)
    verifier = ROOT / "tools" / "hemalum-verify"
    command = [sys.executable, verifier, "proof", tmp_path / "proof", "--entry", tmp_path / "raw"]
    done = subprocess.run(
        [*command, "--log", str(node.parts.log.key)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert node.ask("/api/audit/entries/99999999/proof").status_code == 404


def test_csv_holds_what_is_asked_for(node: RunningNode) -> None:
    index = node.record("slides.describe", "listed", replace(LI, name="=cmd"), detail={"elements": ["organ"]})
    answer = node.ask("/api/audit/export.csv", params={"target": "image/listed"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["index"], row["name"], row["detail"]) == (str(index), "'=cmd", '{"elements":["organ"]}')


def test_a_flag_is_acknowledged_once_with_a_remark(node: RunningNode) -> None:
    node.record("slides.break_glass", "flagged", personal={"reason": "No one else was there"})
    [flag] = [one for one in node.ask("/api/audit/flags").json() if one["about"] == "image/flagged"]
    assert (flag["kind"], flag["name"], flag["count"]) == ("glass", "Li", 1)
    entries = node.ask("/api/audit/entries", params={"flag": flag["id"]}).json()["entries"]
    assert [one["target"] for one in entries] == ["image/flagged"]
    path = f"/api/audit/flags/{flag['id']}/acknowledge"
    assert node.ask(path, method="POST", json={"remark": ""}).status_code == 422
    said = node.ask(path, method="POST", json={"remark": "Justified"}).json()
    assert (said["remark"], said["acknowledged_by_name"]) == ("Justified", "auditor")
    assert node.ask(path, method="POST", json={"remark": "Again"}).status_code == 409
    still_open = node.ask("/api/audit/flags", params={"open": True}).json()
    assert flag["id"] not in [one["id"] for one in still_open]
    [entry] = node.ask("/api/audit/entries", params={"action": "audit.acknowledge", "person": "p-li"}).json()[
        "entries"
    ][:1]
    assert entry["personal"]["remark"] == "Justified"


def test_erasing_over_http(node: RunningNode) -> None:
    index = node.record(actor=replace(LI, person_id="p-leaver", name="Leaver"))
    assert node.ask("/api/audit/erasures/p-leaver", method="POST").status_code == 204
    entry = node.ask(f"/api/audit/entries/{index}").json()
    assert (entry["erased"], entry["personal"], entry["person"]) == (True, {}, "p-leaver")
    again = node.ask("/api/audit/erasures/p-leaver", method="POST")
    assert (again.status_code, again.json()["code"]) == (404, "not-found")


# FHIR


def test_audit_events_are_valid_fhir(node: RunningNode) -> None:
    actions = ("slides.open", "slides.viewed", "slides.export", "slides.break_glass", "slides.share")
    actions += ("access.sign_in", "access.role_given", "keys.rotated", "policy.changed", "other.thing")
    for action in actions:
        node.record(action, "fhir", detail={"opening": "o", "rules": ["a", "b"], "none": None, "n": 1})
    node.record("slides.ingest", "fhir", None, detail={"sha256": "00"})
    node.record(image="fhir", actor=ZHAO, outcome=Outcome.FAILED)
    answer = node.ask("/api/audit/fhir/AuditEvent", params={"entity": "image/fhir", "_count": 5})
    assert answer.headers["content-type"] == "application/fhir+json"
    seen = 0
    while True:
        found = answer.json()
        bundle = Bundle.model_validate(found)
        assert bundle.type == "searchset"
        for entry in found["entry"]:
            AuditEvent.model_validate(entry["resource"])
            seen += 1
        links = {link["relation"]: link["url"] for link in found["link"]}
        if "next" not in links:
            break
        answer = node.ask(links["next"])
    assert seen == len(actions) + 2
    everything = node.ask("/api/audit/fhir/AuditEvent", "node", params={"_count": 200}).json()
    Bundle.model_validate(everything)


def test_an_opening_as_fhir(node: RunningNode) -> None:
    index = node.record(image="one", detail={"via": "viewer"})
    event = node.ask(f"/api/audit/fhir/AuditEvent/{index}").json()
    assert event["type"]["code"] == "110103"
    assert event["subtype"] == [{"system": "urn:hemalum:audit-action", "code": "slides.open"}]
    assert (event["action"], event["outcome"]) == ("R", "0")
    assert event["purposeOfEvent"][0]["coding"][0]["code"] == "TREAT"
    [agent] = event["agent"]
    assert agent["who"] == {
        "identifier": {"system": "urn:hemalum:person", "value": "p-li"},
        "display": "Li",
    }
    assert agent["network"] == {"address": "192.0.2.7", "type": "2"}
    assert event["entity"][0]["detail"] == [{"type": "via", "valueString": "viewer"}]


def test_a_search_of_audit_events(node: RunningNode) -> None:
    node.record("slides.describe", "searched", outcome=Outcome.REFUSED)

    def search(**asked: str) -> int:
        answer = node.ask("/api/audit/fhir/AuditEvent", params={"entity": "image/searched"} | asked)
        assert answer.status_code == 200, answer.text
        total: int = answer.json()["total"]
        return total

    assert search() == search(agent="urn:hemalum:person|p-li") == search(outcome="4") == 1
    assert search(subtype="slides.describe") == search(date="ge2026-01-01") == 1
    assert search(date="lt2026-01-01") == search(outcome="0") == search(purpose="research") == 0
    assert search(date="sa9999-01-01") == 0


@pytest.mark.parametrize(
    "asked",
    [{"patient": "x"}, {"date": "soon"}, {"date": "ge2026-13-01"}, {"date": "9999-12-31"}, {"outcome": "1"}],
)
def test_a_search_that_is_not_offered_is_refused(node: RunningNode, asked: dict[str, str]) -> None:
    answer = node.ask("/api/audit/fhir/AuditEvent", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")


# What is public


def test_checkpoint_and_tiles_are_public_and_entries_are_not(node: RunningNode) -> None:
    node.record()
    answer = node.ask("/log/checkpoint", None)
    assert answer.headers["cache-control"] == "no-cache"
    checkpoint = open_checkpoint(answer.content, node.parts.log.key)
    width = checkpoint.size % 256
    tile = node.ask(f"/log/tile/0/{checkpoint.size // 256:03}.p/{width}", None)
    assert tile.content == node.parts.log.tile(0, checkpoint.size // 256, width)
    assert "immutable" in tile.headers["cache-control"]
    for closed in (f"/log/tile/entries/000.p/{width}", "/log/tile/0/999", "/log/log.sqlite", "/log"):
        assert node.ask(closed, None).status_code == 404, closed
    assert node.ask("/log/tile/0/0", None).status_code == 422


def test_the_node_is_a_witness_of_the_logs_that_it_knows(node: RunningNode) -> None:
    def ask(old: int, key: SigningKey, root: bytes) -> httpx.Response:
        text = Checkpoint(key.verifier.name, 1, root).text
        note = bytes(Note(text, [key.sign(text)]))
        return add(b"old %d\n\n%b" % (old, note))

    def add(body: bytes) -> httpx.Response:
        return node.ask("/log/witness/add-checkpoint", None, "POST", content=body)

    answer = ask(0, OTHER_LOG, b"r" * 32)
    assert answer.status_code == 200, answer.text
    assert answer.text.startswith("— hemalum.local/witness ")
    assert ask(1, OTHER_LOG, b"s" * 32).status_code == 409
    assert ask(0, SigningKey("unknown.example", b"u" * 32), b"r" * 32).status_code == 404
    assert add(b"nonsense").status_code == 400
    assert add(b"x" * 200_000).status_code == 413


def test_the_policies_of_a_started_node_stand_in_the_log(node: RunningNode) -> None:
    changed = {"action": "policy.changed"}
    *_, entry = node.ask("/api/audit/entries", "node", params=changed).json()["entries"]
    assert entry["detail"]["old"] is None
    assert entry["detail"]["new"] == node.parts.audit.policies.digest
    assert set(entry["detail"]["files"]) >= {"slides.cedar", "people.cedar"}
    seen = node.ask("/api/audit/entries", params=changed).json()["entries"]
    assert entry["index"] not in [one["index"] for one in seen]
