"""Reports over HTTP: from the template to the signed PDF, and what is refused on the way."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from hemalum.app.node import open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import CaseStatus
from hemalum.capabilities.reports.model import Content, Language, Section
from hemalum.capabilities.reports.showing import Draft
from hemalum.runtime.settings import load_settings
from tests.processes import run

from .conftest import PATIENCE_S, RunningNode

PASSWORD = "seven wooden microscopes"
VALUES = {
    "specimen": "needle",
    "finding": "acinar",
    "primary_pattern": "pattern_4",
    "secondary_pattern": "pattern_3",
    "cores_total": 12,
    "cores_positive": 2,
}
ORDER = {
    "parts": [{"organ": "Prostate", "description": "needle biopsy", "blocks": [["H&E"]]}],
    "patient": {"name": "Nobody Whatever", "sex": "male"},
}


@pytest.fixture(scope="module")
def browser(node: RunningNode) -> Iterator[httpx.Client]:
    """A pathologist who is signed in and has a password."""
    with open_parts(load_settings(node.data, {})) as parts:
        parts.access.add_person("signer", "A signer", "home", Role.PATHOLOGIST, Role.TECHNICIAN)
        code = parts.access.issue_link("signer")
    with httpx.Client(base_url=node.base, headers={"x-hemalum": "1"}, timeout=PATIENCE_S) as client:
        assert client.post("/api/access/sign-in/link", json={"code": code}).status_code == 200
        assert client.put("/api/access/account/password", json={"password": PASSWORD}).status_code < 300
        yield client


def ready_case(client: httpx.Client) -> str:
    case: dict[str, Any] = client.post("/api/cases/cases", json=ORDER).json()
    moved = client.post(f"/api/cases/cases/{case['id']}/status", json={"status": "ready"})
    assert moved.status_code == 200, moved.text
    return str(case["id"])


def test_from_the_template_to_the_signed_pdf(
    node: RunningNode, browser: httpx.Client, request: pytest.FixtureRequest
) -> None:
    case_id = ready_case(browser)
    path = f"/api/reports/cases/{case_id}"
    listed = browser.get("/api/reports/templates").json()
    assert {"prostate", "breast", "cytology"} <= {one["id"] for one in listed}
    shown = browser.get(path)
    assert shown.headers["cache-control"] == "private, no-store"
    assert (shown.json()["suggested_templates"], shown.json()["current"]) == (["prostate"], None)
    asked = browser.get("/api/reports/templates/prostate").json()
    (group,) = [one for one in asked["elements"] if one["id"] == "grade_group"]
    assert group["computed_from"] == ["primary_pattern", "secondary_pattern"]
    material = browser.get(f"/api/cases/cases/{case_id}").json()["material"]
    slide = next(one["identifier"] for one in material if one["kind"] == "slide")
    image = f"/api/cases/images/{node.images['ycbcr']}"
    linked = browser.put(image, json={"identifier": slide})
    assert linked.status_code == 200, linked.text
    request.addfinalizer(lambda: browser.post(f"{image}/unlink", json={"reason": "the test is over"}))
    region = {"x_um": 0, "y_um": 0, "width_um": 100, "height_um": 80}
    figure = {"image_id": node.images["ycbcr"], "region": region, "caption": "Glands"}
    content = {"template": {"id": "prostate"}, "values": VALUES, "figures": [figure]}
    checked = browser.post(f"{path}/check", json={"content": content}).json()
    assert checked["values"]["grade_group"] == "group_3"
    assert [one["subject"] for one in checked["problems"]] == ["element/perineural", "section/diagnosis"]
    content["sections"] = checked["composed"]["en"]
    drafted = browser.post(f"{path}/versions", json={"content": content})
    assert drafted.status_code == 201, drafted.text
    stale = browser.post(f"{path}/versions", json={"content": content | {"values": {}}})
    assert (stale.status_code, stale.json()["code"]) == (409, "saved-meanwhile")
    assert stale.json()["values"]["number"] == 1
    named = {"version": 1, "sha256": drafted.json()["sha256"], "password": PASSWORD}
    refused = browser.post(f"{path}/sign", json=named)
    assert (refused.status_code, refused.json()["code"]) == (422, "incomplete")
    assert "Perineural invasion" in refused.json()["detail"]
    content["values"] = VALUES | {"perineural": False}
    second = browser.post(f"{path}/versions", json={"based_on": 1, "content": content}).json()
    named = {"version": 2, "sha256": second["sha256"]}
    wrong = browser.post(f"{path}/sign", json=named | {"password": "wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong-credentials")
    assert browser.get(path).json()["may"]["confirmation"] == "password"
    with node.client() as by_token:
        answer = by_token.post(f"{path}/sign", json=named | {"password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (403, "needs-session")
    signed = browser.post(f"{path}/sign", json=named | {"password": PASSWORD})
    assert signed.status_code == 201, signed.text
    after = browser.get(path).json()
    assert (after["case_status"], after["current"]["status"], after["may"]["edit"]) == (
        "final",
        "final",
        False,
    )
    for language, word in (("en", "Gradegroup"), ("zh", "分级分组")):
        pdf = browser.get(f"{path}/versions/3.pdf", params={"language": language})
        assert pdf.headers["content-type"] == "application/pdf", pdf.text[:500]
        pages = PdfReader(io.BytesIO(pdf.content)).pages
        text = "".join("".join(page.extract_text() for page in pages).split())
        assert word in text
        assert signed.json()["sha256"] in text
        assert sum(len(page.images) for page in pages) == 1
    difference = browser.get(f"{path}/difference", params={"before": 1, "after": 3}).json()
    assert [one["element"] for one in difference["answers"]] == ["perineural"]
    amended = browser.post(f"{path}/amend", json={"kind": "addended", "reason": "further levels"}).json()
    assert (amended["number"], amended["amends"]) == (4, "addended")
    named = {"version": 4, "sha256": amended["sha256"]}
    unexplained = browser.post(f"{path}/amendment/withdraw", json=named | {"reason": " "})
    assert unexplained.status_code == 422
    withdrawn = browser.post(f"{path}/amendment/withdraw", json=named | {"reason": "by mistake"})
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (201, "withdrawn"), withdrawn.text
    stands = browser.get(path).json()
    assert (stands["case_status"], stands["current"]["number"], len(stands["versions"])) == ("final", 3, 5)
    assert (stands["may"]["withdraw"], stands["may"]["amend"]) == (False, True)
    with open_parts(load_settings(node.data, {})) as parts:
        written = [json.loads(raw) for raw in parts.log.read(0, 100_000)]
    proofs = [one["detail"]["sha256"] for one in written if one["action"] == "reports.sign"]
    assert signed.json()["sha256"] in proofs
    assert not [one for one in written if "Nobody Whatever" in json.dumps(one)]


def test_a_photograph_as_large_as_cameras_make_them_stands_in_the_report(browser: httpx.Client) -> None:
    case_id = ready_case(browser)
    pixels = np.random.default_rng(0).integers(0, 255, (1200, 1600, 3), np.uint8)
    made = io.BytesIO()
    Image.fromarray(pixels).save(made, "JPEG", quality=95)
    assert made.tell() > 1 << 20
    shown = browser.get(f"/api/cases/cases/{case_id}").json()
    part = next(one["id"] for one in shown["material"] if one["kind"] == "part")
    added = browser.post(f"/api/grossing/material/{part}/photographs", content=made.getvalue())
    assert added.status_code == 201, added.text
    figure = {"photograph_id": added.json()["id"], "caption": "The specimen", "um_per_px": 3}
    path = f"/api/reports/cases/{case_id}"
    written = browser.post(f"{path}/versions", json={"content": {"photographs": [figure]}})
    assert written.status_code == 201, written.text
    (kept,) = written.json()["content"]["photographs"]
    assert (kept["width_px"], kept["um_per_px"], kept["caption"]) == (1600, None, "The specimen")
    pdf = browser.get(f"{path}/versions/1.pdf")
    (page,) = PdfReader(io.BytesIO(pdf.content)).pages
    assert [image.image.size for image in page.images if image.image is not None] == [(900, 675)]


def test_a_recording_may_be_larger_than_a_form(browser: httpx.Client) -> None:
    case_id = ready_case(browser)
    assert browser.get("/api/reports/dictation").json() == {"is_available": False, "most_seconds": 300}
    recording = b"OggS" + bytes(2 << 20)
    answer = browser.post(f"/api/reports/cases/{case_id}/dictation", content=recording)
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "This node is set up without a speech model.",
    )


def test_what_makes_no_sense_is_refused(browser: httpx.Client) -> None:
    case_id = ready_case(browser)
    path = f"/api/reports/cases/{case_id}"
    region = {"x_um": 0, "y_um": 0, "width_um": 0, "height_um": 80}
    for content in (
        {"values": {"x": "y"}},
        {"template": {"id": "prostate"}, "values": {"specimen": "autopsy"}},
        {"template": {"id": "prostate"}, "values": {"nothing": True}},
        {"sections": {"prognosis": "good"}},
        {"sections": {"diagnosis": "x" * 50_000}},
        {"sections": {"diagnosis": "a\0b"}},
        {"figures": [{"image_id": "some", "region": region}]},
        {"statements": [{"subject": "element/x", "certainty": 2}]},
    ):
        answer = browser.post(f"{path}/versions", json={"content": content})
        assert answer.status_code == 422, (content, answer.text)
    missing = browser.post(f"{path}/versions", json={"content": {"template": {"id": "nothing"}}})
    assert missing.status_code == 404
    assert browser.get(path).json()["versions"] == []
    assert browser.get(f"{path}/versions/1.pdf").status_code == 404
    assert browser.post(f"{path}/amend", json={"kind": "amended", "reason": ""}).status_code == 422


def test_a_program_hands_in_what_it_found(node: RunningNode, browser: httpx.Client) -> None:
    path = f"/api/reports/cases/{ready_case(browser)}/findings"
    finder = {"name": "gleason-net", "version": "1"}
    one = {"id": "f1", "name": "cores_examined", "kind": "count", "number": 12, "model": finder}
    silent = {"id": "f2", "name": "perineural_invasion", "kind": "presence", "model": finder}
    handed = {"id": "run-1", "language": "zh", "findings": [one, silent | {"has_abstained": True}]}
    with node.client() as program:
        made = program.post(path, json=handed)
        assert made.status_code == 201, made.text
        assert made.headers["cache-control"] == "private, no-store"
        assert [each["outcome"] for each in made.json()["became"]] == ["not_asked", "not_asked"]
        assert program.post(path, json=handed).json() == made.json()
        other = program.post(path, json=handed | {"findings": [one]})
        assert (other.status_code, other.json()["code"]) == (409, "conflict")
        for wrong in (
            {"form": 2},
            {"id": "../1"},
            {"findings": []},
            {"findings": [one | {"unit": "mm"}]},
            {"findings": [one | {"name": "nothing"}]},
            {"findings": [one, one]},
            {"findings": [one | {"colour": "red"}]},
        ):
            answer = program.post(path, json=handed | {"id": "run-2"} | wrong)
            assert answer.status_code == 422, (wrong, answer.text)
        assert [each["id"] for each in program.get(path).json()] == ["run-1"]
        refused = program.post(f"{path}/run-1/cancel")
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    shown = browser.get(path.removesuffix("/findings")).json()
    assert (shown["current"]["source"]["kind"], shown["current"]["language"]) == ("model", "zh")


KILLED = """
import os, sys
from pathlib import Path
from hemalum.app.node import open_parts
from hemalum.capabilities.cases import ledger
from hemalum.capabilities.reports import service, store
from hemalum.runtime.settings import load_settings
data, case_id, number, sha256, where = sys.argv[1:]
def dies_after(module, name):
    before = getattr(module, name)
    def dies(*arguments, **named):
        before(*arguments, **named)
        os._exit(9)
    setattr(module, name, dies)
if where == "version":
    dies_after(store, "add_version")
if where == "status":
    dies_after(ledger.store, "change_case")
if where == "event":
    dies_after(service.outbox, "publish")
with open_parts(load_settings(Path(data), {})) as parts:
    parts.reports.sign(parts.access.ensure_demo_person(), case_id, int(number), sha256)
"""


def test_a_process_killed_at_a_signature_leaves_all_or_nothing(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "node", {})
    with open_parts(settings) as parts:
        visitor = parts.access.ensure_demo_person()
        case = parts.cases.accession(visitor, Accession((PartAsked("biopsy", "Stomach"),))).case
        parts.cases.move_case(visitor, case.id, CaseStatus.READY)
        content = Content(sections={Section.DIAGNOSIS: "Chronic gastritis."})
        draft = parts.reports.write(visitor, case.id, Draft(None, content, Language.EN))
    for where, killed in (("version", True), ("status", True), ("event", True), ("nowhere", False)):
        done = run(settings.data, case.id, 1, draft.sha256, where, code=KILLED)
        assert done.returncode == (9 if killed else 0), done.stderr
        with open_parts(settings) as parts:
            shown = parts.reports.show(visitor, case.id)
        assert len(shown.versions) == (1 if killed else 2), where
        assert shown.case.status is (CaseStatus.DRAFT if killed else CaseStatus.FINAL), where
