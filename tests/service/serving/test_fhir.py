"""FHIR over HTTP: what a signed case looks like to another system, and what other systems may ask for."""

import base64
import io
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class
from pypdf import PdfReader

from hemalum.app.node import open_parts
from hemalum.capabilities.access.model import Role
from hemalum.formats.fhir.checks import check
from hemalum.formats.fhir.values import MEDIA_TYPE
from hemalum.runtime.settings import load_settings

from .conftest import PATIENCE_S, RunningNode
from .fhir_client import FHIR, REGISTER, FhirClient, order_of, outcome

ROOT = Path(__file__).parents[3]
PASSWORD = "nine paper lanterns burning"
VALUES = {
    "specimen": "needle",
    "finding": "acinar",
    "primary_pattern": "pattern_4",
    "secondary_pattern": "pattern_3",
    "cores_total": 12,
    "cores_positive": 2,
    "perineural": False,
}
KINDS = (
    "Patient",
    "ServiceRequest",
    "Specimen",
    "Task",
    "ImagingStudy",
    "DiagnosticReport",
    "Observation",
    "DocumentReference",
    "Provenance",
)


class Signed(FhirClient):
    """A case with a scan and a report that was signed twice, and its pathologist's client."""

    def __init__(self, node: RunningNode, browser: httpx.Client) -> None:
        super().__init__(browser)
        self.node = node
        number = {"issuer": REGISTER, "value": "F-0001"}
        case = browser.post(
            "/api/cases/cases",
            json={
                "parts": [{"organ": "Prostate", "description": "needle biopsy", "blocks": [["H&E"]]}],
                "patient": {"name": "Nobody Seenbyfhir", "sex": "male", "identifiers": [number]},
                "request": {"clinician": "Dr Asker", "history": "PSA risen"},
                "foreign_numbers": [{"issuer": "HIS", "value": "ORDER-F1"}],
            },
        ).json()
        self.case_id, self.number = case["id"], case["number"]
        slide = case["material"][-1]
        self.slide_id = slide["id"]
        self.image_id = node.images["dicom-native"]
        linked = browser.put(f"/api/cases/images/{self.image_id}", json={"identifier": slide["identifier"]})
        assert linked.status_code == 200, linked.text
        moved = browser.post(f"/api/cases/cases/{self.case_id}/status", json={"status": "ready"})
        assert moved.status_code in (200, 409), moved.text
        path = f"/api/reports/cases/{self.case_id}"
        region = {"x_um": 0, "y_um": 0, "width_um": 50, "height_um": 50}
        support = {
            "kind": "layer",
            "reference": "layer-1",
            "image_id": self.image_id,
            "region": region,
            "said": "7",
        }
        model = {"kind": "model", "name": "grader", "version": "3"}
        statement = {
            "subject": "element/primary_pattern",
            "source": model,
            "certainty": 0.8,
            "is_accepted": True,
            "supports": [support],
        }
        content = {
            "template": {"id": "prostate"},
            "values": VALUES,
            "sections": {"diagnosis": "Adenocarcinoma, grade group 3.", "comment": "To be discussed."},
            "statements": [statement],
        }
        self.write(path, content, None)
        amended = browser.post(f"{path}/amend", json={"kind": "corrected", "reason": "the count was wrong"})
        assert amended.status_code == 201, amended.text
        content = content | {"values": VALUES | {"cores_positive": 3}}
        content["sections"] = {"diagnosis": "Adenocarcinoma, grade group 3."}
        self.write(path, content, amended.json()["number"])
        self.wait_until_followed()

    def wait_until_followed(self) -> None:
        """The order is completed by the node itself, after the signature."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if self.get(f"ServiceRequest/{self.case_id}")["status"] == "completed":
                return
            time.sleep(0.1)
        raise AssertionError("the order was not completed")

    def write(self, path: str, content: dict[str, Any], based_on: int | None) -> None:
        asked = {"content": content} | ({} if based_on is None else {"based_on": based_on})
        drafted = self.browser.post(f"{path}/versions", json=asked)
        assert drafted.status_code == 201, drafted.text
        named = {
            "version": drafted.json()["number"],
            "sha256": drafted.json()["sha256"],
            "password": PASSWORD,
        }
        signed = self.browser.post(f"{path}/sign", json=named)
        assert signed.status_code == 201, signed.text

    @property
    def patient(self) -> dict[str, Any]:
        (found,) = self.search("Patient", identifier=f"{REGISTER}|F-0001")
        return found


@pytest.fixture(scope="module")
def signed(node: RunningNode) -> Iterator[Signed]:
    with open_parts(load_settings(node.data, {})) as parts:
        parts.access.add_person("fhir-signer", "A signer", "home", Role.PATHOLOGIST, Role.TECHNICIAN)
        code = parts.access.issue_link("fhir-signer")
    with httpx.Client(base_url=node.base, headers={"x-hemalum": "1"}, timeout=PATIENCE_S) as client:
        assert client.post("/api/access/sign-in/link", json={"code": code}).status_code == 200
        assert client.put("/api/access/account/password", json={"password": PASSWORD}).status_code < 300
        yield Signed(node, client)


def every_resource(signed: Signed) -> list[dict[str, Any]]:
    """All that is served of the case."""
    patient = signed.patient
    found = [patient]
    for kind in KINDS[1:]:
        if kind == "Provenance":
            target = f"DiagnosticReport/{signed.case_id}"
            more = [one for one in signed.search(kind, _count="200") if one["id"].startswith(signed.case_id)]
            assert signed.search(kind, target=target), kind
        else:
            more = signed.search(kind, patient=patient["id"])
        assert more, kind
        found += more
    return found


def test_what_is_served_is_sound(signed: Signed) -> None:
    for resource in every_resource(signed):
        assert check(resource) == []
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        again = signed.get(f"{resource['resourceType']}/{resource['id']}")
        assert again == resource


def test_a_checker_of_another_maker_accepts_it(signed: Signed, tmp_path: Path) -> None:
    """npm: fhir, which knows the definitions of R4 proper."""
    served = every_resource(signed)
    served.append(signed.get("DiagnosticReport", params={"_include": "DiagnosticReport:result"}))
    served.append(signed.get("metadata"))
    refused = [each | {"status": "banana"} for each in served if each["resourceType"] == "DiagnosticReport"]
    path = tmp_path / "served.json"
    path.write_text(json.dumps({"good": served, "bad": refused}))
    found = shutil.which("node", path=f"{ROOT / '.venv' / 'node-bin'}:{os.environ['PATH']}")
    assert found is not None
    program = Path(__file__).with_name("check_fhir.mjs")
    done = subprocess.run(
        [found, program, path], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["good"] == []
    assert len(answer["bad"]) == len(refused)


def test_a_report_is_read_in_its_versions_with_where_they_came_from(signed: Signed) -> None:
    (report,) = signed.search("DiagnosticReport", patient=signed.patient["id"], status="corrected")
    assert (report["id"], report["status"]) == (signed.case_id, "corrected")
    history = signed.get(f"DiagnosticReport/{signed.case_id}/_history")
    statuses = [one["resource"]["status"] for one in history["entry"]]
    assert statuses == ["corrected", "final"]
    first = history["entry"][1]["resource"]
    number = first["meta"]["versionId"].partition("-")[0]
    assert signed.get(f"DiagnosticReport/{signed.case_id}/_history/{number}") == first
    cores = {}
    for one in signed.search("Observation", patient=signed.patient["id"]):
        code = one["code"]["coding"][0]
        if code["code"] == "cores_positive":
            cores["now"] = one["valueQuantity"]["value"]
            then = signed.get(f"Observation/{one['id']}/_history/{number}")
            cores["then"] = then["valueQuantity"]["value"]
    assert cores == {"now": 3, "then": 2}
    # What was taken out of the report is still found where the earlier version names it.
    said = [signed.get(one["reference"]).get("valueString") for one in first["result"]]
    assert "To be discussed." in said
    assert all("/_history/" in one["reference"] for one in first["result"])
    of_model = [
        one
        for one in signed.search("Provenance", _count="200")
        if any(agent["who"].get("display") == "grader 3" for agent in one["agent"])
    ]
    assert [one["entity"][0]["what"]["display"] for one in of_model] == ["7"]
    target = f"DiagnosticReport/{signed.case_id}"
    origins = signed.search("Provenance", target=target)
    assert [len(one.get("entity", [])) for one in origins] == [0, 1]


def test_the_pdf_is_there_and_so_are_the_pixels(signed: Signed) -> None:
    (report,) = signed.search("DiagnosticReport", identifier=signed.number)
    url = report["presentedForm"][0]["url"]
    pdf = signed.browser.get(f"{FHIR}/{url}")
    assert pdf.headers["content-type"] == "application/pdf"
    assert "Adenocarcinoma" in "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages
    )
    binary = signed.get(url, headers={"accept": MEDIA_TYPE})
    get_fhir_model_class("Binary").model_validate(binary)
    assert base64.b64decode(binary["data"]).startswith(b"%PDF")
    assert signed.browser.get(f"{FHIR}/Binary/{signed.case_id}.1").status_code == 404  # a draft
    (study,) = signed.search("ImagingStudy", patient=signed.patient["id"])
    address = study["contained"][0]["address"]
    asked = f"{address}/studies/{study['id']}/series/{study['series'][0]['uid']}/instances"
    found = signed.browser.get(asked).json()
    uids = {one["00080018"]["Value"][0] for one in found}
    assert {one["uid"] for one in study["series"][0]["instance"]} <= uids
    assert signed.search("ImagingStudy", identifier=f"urn:dicom:uid|urn:oid:{study['id']}") == [study]
    assert study["series"][0]["specimen"][0]["reference"] == f"Specimen/{signed.slide_id}"


@pytest.mark.parametrize(
    ("kind", "stated", "fits"),
    [
        ("ServiceRequest", {"identifier": "ORDER-F1"}, True),
        ("ServiceRequest", {"identifier": "urn:hemalum:issuer:HIS|ORDER-F1"}, True),
        ("ServiceRequest", {"identifier": "urn:other|ORDER-F1"}, False),
        ("ServiceRequest", {"identifier": "ORDER-F1", "status": "completed"}, True),
        ("ServiceRequest", {"identifier": "ORDER-F1", "status": "active,revoked"}, False),
        ("Task", {"status": "completed", "business-status": "final"}, True),
        ("Task", {"status": "ready"}, False),
        ("Specimen", {"type": "slide", "accession": "{number}"}, True),
        ("Specimen", {"identifier": "{number}/A/1/1"}, True),
        ("Specimen", {"identifier": "{number}/A/9/9"}, False),
        ("DiagnosticReport", {"category": "SP", "based-on": "{case}"}, True),
        ("DiagnosticReport", {"based-on": "ServiceRequest/{case}", "_lastUpdated": "ge2000"}, True),
        ("DiagnosticReport", {"based-on": "{case}", "issued": "lt2000-01-01"}, False),
        ("Observation", {"based-on": "{case}", "code": "http://loinc.org|22637-3"}, True),
        ("Observation", {"based-on": "{case}", "code": "|22637-3"}, False),
        ("DocumentReference", {"status": "superseded", "patient": "Patient/{patient}"}, True),
        ("Patient", {"_id": "{patient},nobody"}, True),
        ("Patient", {"identifier": "f-0001"}, True),
        ("Patient", {"identifier": "F-0002"}, False),
    ],
)
def test_a_search_finds_what_fits(signed: Signed, kind: str, stated: dict[str, str], fits: bool) -> None:
    values = {"number": signed.number, "case": signed.case_id, "patient": signed.patient["id"]}
    found = signed.search(kind, **{name: value.format(**values) for name, value in stated.items()})
    own = [
        one
        for one in found
        if one["id"].startswith((signed.case_id, signed.patient["id"])) or kind == "Specimen"
    ]
    assert bool(own) == fits


def test_pages_tell_all_of_it_once_and_no_address_names_a_patient(signed: Signed) -> None:
    asked = {"patient": signed.patient["id"], "_count": "3"}
    page = signed.browser.post(f"{FHIR}/Observation/_search", data=asked).json()
    assert "total" not in page
    told = []
    while True:
        told += [one["resource"]["id"] for one in page["entry"]]
        assert len(page["entry"]) <= 3
        links = {one["relation"]: one["url"] for one in page["link"]}
        assert signed.patient["id"] not in json.dumps(links)
        if "next" not in links:
            break
        page = signed.browser.get(links["next"]).json()
    everything = signed.search("Observation", patient=signed.patient["id"])
    assert told == [one["id"] for one in everything]
    assert len(told) == len(set(told)) > 6
    number = signed.browser.post(f"{FHIR}/Patient/_search", data={"identifier": "F-0001"})
    assert [one["resource"]["id"] for one in number.json()["entry"]] == [signed.patient["id"]]
    assert "F-0001" not in json.dumps(number.json()["link"])


def test_what_comes_along_is_marked_as_such(signed: Signed) -> None:
    stated = [("identifier", signed.number), ("_include", "DiagnosticReport:patient")]
    bundle = signed.browser.get(
        f"{FHIR}/DiagnosticReport", params=[*stated, ("_include", "DiagnosticReport:result")]
    ).json()
    modes = [(one["resource"]["resourceType"], one["search"]["mode"]) for one in bundle["entry"]]
    assert modes[:2] == [("DiagnosticReport", "match"), ("Patient", "include")]
    assert {("Observation", "include")} == set(modes[2:])
    assert bundle["total"] == 1


def test_what_did_not_change_is_not_sent_again(signed: Signed) -> None:
    path = f"{FHIR}/DiagnosticReport/{signed.case_id}"
    answer = signed.browser.get(path)
    etag = answer.headers["etag"]
    assert etag == f'W/"{answer.json()["meta"]["versionId"]}"'
    assert answer.headers["cache-control"] == "private, no-store"
    again = signed.browser.get(path, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert signed.browser.get(path, headers={"if-none-match": 'W/"1"'}).status_code == 200


# Who may ------------------------------------------------------------------------------------------------

ENDPOINTS = (
    *(("GET", f"/{kind}") for kind in KINDS),
    *(("GET", f"/{kind}/nothing") for kind in KINDS),
    ("GET", "/DiagnosticReport/nothing/_history"),
    ("GET", "/DiagnosticReport/nothing/_history/1"),
    ("GET", "/Binary/nothing.1"),
    ("POST", "/Patient/_search"),
    ("POST", "/Patient"),
    ("POST", "/ServiceRequest"),
    ("POST", ""),
)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_nobody_gets_in(node: RunningNode, method: str, path: str) -> None:
    with node.client(None) as client:
        answer = client.request(method, f"{FHIR}{path}", json={})
    assert (answer.status_code, outcome(answer)) == (401, "login")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_a_student_is_refused(node: RunningNode, method: str, path: str) -> None:
    with node.client("student") as client:
        answer = client.request(method, f"{FHIR}{path}", json={})
    assert (answer.status_code, outcome(answer)) == (403, "forbidden")


def test_an_outsider_cannot_tell_that_it_exists(signed: Signed) -> None:
    served = every_resource(signed)
    with signed.node.client("outsider") as client:
        for one in served:
            there = client.get(f"{FHIR}/{one['resourceType']}/{one['id']}")
            nowhere = client.get(f"{FHIR}/{one['resourceType']}/nothing")
            assert (there.status_code, there.json()) == (404, nowhere.json())
        for kind in KINDS:
            assert "entry" not in client.get(f"{FHIR}/{kind}").json()
        named = client.get(f"{FHIR}/Patient", params={"identifier": "F-0001"}).json()
        assert "entry" not in named
        by_patient = client.get(f"{FHIR}/Task", params={"patient": signed.patient["id"]}).json()
        assert "entry" not in by_patient
        binary = client.get(f"{FHIR}/Binary/{signed.case_id}.2")
        assert binary.status_code == 404
        order = order_of("X1", {"reference": f"Patient/{signed.patient['id']}"})
        assert client.post(f"{FHIR}/ServiceRequest", json=order).status_code == 404


def test_a_token_reaches_no_further_than_its_scopes(signed: Signed) -> None:
    asked = {"name": "fhir cases", "scopes": ["cases.view"], "days": 1}
    secret = signed.browser.post("/api/access/account/tokens", json=asked).json()["secret"]
    headers = {"authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=signed.node.base, headers=headers, timeout=PATIENCE_S) as client:
        order = client.get(f"{FHIR}/ServiceRequest/{signed.case_id}")
        assert order.status_code == 200
        assert "Dr Asker" not in order.text
        assert order.json()["subject"]["extension"][0]["valueCode"] == "masked"
        for path in (f"DiagnosticReport/{signed.case_id}", "Observation", "Patient", "Provenance"):
            assert client.get(f"{FHIR}/{path}").status_code == 403
        assert "entry" not in client.get(f"{FHIR}/Task", params={"patient": signed.patient["id"]}).json()
        assert client.post(f"{FHIR}/Patient", json={}).status_code == 403


def test_looks_are_in_the_log_and_name_nobody(signed: Signed) -> None:
    signed.get(f"Patient/{signed.patient['id']}")
    signed.get(f"DiagnosticReport/{signed.case_id}")
    with open_parts(load_settings(signed.node.data, {})) as parts:
        written = [json.loads(raw) for raw in parts.log.read(0, 100_000)]
    targets = {(one["action"], one.get("target")) for one in written}
    assert ("cases.view_patient", f"patient/{signed.patient['id']}") in targets
    assert ("reports.view", f"case/{signed.case_id}") in targets
    assert "Seenbyfhir" not in json.dumps(written)
    assert "F-0001" not in json.dumps(written)


# What makes no sense ------------------------------------------------------------------------------------


def test_the_statement_says_what_there_is(node: RunningNode) -> None:
    answer = node.get(f"{FHIR}/metadata", None)
    statement = get_fhir_model_class("CapabilityStatement").model_validate(answer.json())
    told = statement.rest[0]
    assert [one.type for one in told.resource] == [*KINDS, "Subscription", "Binary", "Practitioner"]
    operations = [*told.operation, *told.resource[0].operation]
    assert [one.definition.rpartition("/")[2] for one in operations] == ["export", "patient-export"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/Patient?name=Nobody", 400, "not-supported"),
        ("/Patient?_count=many", 400, "value"),
        ("/DiagnosticReport?issued=yesterday", 400, "value"),
        ("/DiagnosticReport?issued=ge0000-99-99", 400, "value"),
        ("/DiagnosticReport?status=", 400, "value"),
        ("/DiagnosticReport?_include=Patient:link", 400, "not-supported"),
        ("/DiagnosticReport?_page=nonsense", 400, "invalid"),
        ("/DiagnosticReport?_format=xml", 406, "not-supported"),
        ("/Encounter", 404, "not-found"),
        ("/Encounter/1", 404, "not-found"),
        ("/Patient/nobody", 404, "not-found"),
        ("/Patient/1/2/3", 405, "not-supported"),
        ("/Nothing/1/2/3", 404, "not-found"),
        ("/Binary/1.x", 404, "not-found"),
    ],
)
def test_what_cannot_be_meant_is_refused(node: RunningNode, path: str, status: int, code: str) -> None:
    answer = node.get(FHIR + path)
    assert (answer.status_code, outcome(answer)) == (status, code)


def test_other_methods_and_media_types_are_refused(node: RunningNode) -> None:
    with node.client() as client:
        assert outcome(client.put(f"{FHIR}/Patient/1", json={})) == "not-supported"
        assert client.delete(f"{FHIR}/Patient/1").status_code == 405
        xml = {"content-type": "application/fhir+xml"}
        answer = client.post(f"{FHIR}/Patient", content="<Patient/>", headers=xml)
        assert (answer.status_code, outcome(answer)) == (415, "not-supported")
        answer = client.post(f"{FHIR}/Patient/_search", json={})
        assert answer.status_code == 415
        answer = client.post(f"{FHIR}/Patient", content="{", headers={"content-type": MEDIA_TYPE})
        assert (answer.status_code, outcome(answer)) == (400, "invalid")
        deep = "[" * 200_000
        answer = client.post(f"{FHIR}/Patient", content=deep, headers={"content-type": MEDIA_TYPE})
        assert answer.status_code == 400
        answer = client.get(f"{FHIR}/Patient/1", headers={"accept": "application/fhir+xml"})
        assert (answer.status_code, outcome(answer)) == (406, "not-supported")
