"""Orders that come by FHIR: one case for each, however often and however broken they come."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from hemalum.app.node import open_parts
from hemalum.capabilities.fhir.batches import Batches
from hemalum.capabilities.fhir.model import Kind
from hemalum.formats.fhir.outcomes import BadResource
from hemalum.kernel.actor import Purpose
from hemalum.runtime.settings import load_settings

from .conftest import RunningNode
from .fhir_client import FHIR, REGISTER, FhirClient, order_of, outcome


@pytest.fixture(scope="module")
def desk(node: RunningNode) -> Iterator[FhirClient]:
    with node.client() as client:
        yield FhirClient(client)


def patient_of(number: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": REGISTER, "value": number}],
        "name": [{"family": "Placed", "given": ["Ada"]}],
        "gender": "female",
        "birthDate": "1960-05-04",
    } | more


def bundle_of(order: str, patient: str, kind: str = "transaction") -> dict[str, Any]:
    subject = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"
    specimens = [f"urn:uuid:05efabf0-4be2-4561-91ce-5154842591{n:02}" for n in range(2)]
    made = [(subject, patient_of(patient))]
    for full_url, site in zip(specimens, ("Antrum", "Corpus"), strict=True):
        specimen = {
            "resourceType": "Specimen",
            "type": {"text": "biopsy"},
            "subject": {"reference": subject},
            "receivedTime": "2026-11-27T09:30:00+08:00",
            "collection": {"bodySite": {"text": site}},
        }
        made.append((full_url, specimen))
    references = [{"reference": one} for one in specimens]
    made.append(("urn:uuid:order", order_of(order, {"reference": subject}, specimen=references)))
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [
            {
                "fullUrl": full_url,
                "resource": resource,
                "request": {"method": "POST", "url": resource["resourceType"]},
            }
            for full_url, resource in made
        ],
    }


def test_a_transaction_becomes_one_case_however_often_it_comes(desk: FhirClient) -> None:
    answers = [desk.browser.post(FHIR, json=bundle_of("T-1", "P-T1")) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200], answers[0].text
    first, again = (one.json()["entry"] for one in answers)
    assert {one["response"]["status"] for one in first} == {"201 Created"}
    assert {one["response"]["status"] for one in again} == {"200 OK"}
    places = [one["response"]["location"] for one in first]
    assert places == [one["response"]["location"] for one in again]
    (order,) = desk.search("ServiceRequest", identifier="urn:oid:1.2.3|T-1")
    assert (f"ServiceRequest/{order['id']}", order["priority"]) == (places[3], "urgent")
    assert order["requester"]["display"] == "Dr Wang"
    sites = [one["collection"]["bodySite"]["text"] for one in map(desk.get, places[1:3])]
    assert sites == ["Antrum", "Corpus"]
    assert desk.get(places[0])["birthDate"] == "1960-05-04"
    (task,) = desk.search("Task", focus=order["id"])
    assert (task["status"], task["authoredOn"]) == ("received", "2026-11-27T01:30:00.000Z")


def test_entries_are_answered_whatever_their_order(desk: FhirClient) -> None:
    bundle = bundle_of("T-5", "P-T5")
    bundle["entry"].reverse()
    answer = desk.browser.post(FHIR, json=bundle)
    assert answer.status_code == 200, answer.text
    places = [one["response"]["location"] for one in answer.json()["entry"]]
    sites = [one["collection"]["bodySite"]["text"] for one in map(desk.get, places[1:3])]
    assert sites == ["Corpus", "Antrum"]
    less = bundle_of("T-5", "P-T5")
    less["entry"][1]["fullUrl"] = "urn:uuid:another"
    less["entry"][3]["resource"]["specimen"].append({"reference": "urn:uuid:another"})
    less["entry"][3]["resource"]["specimen"].pop(0)
    again = desk.browser.post(FHIR, json=less)
    assert [one["response"]["status"] for one in again.json()["entry"]] == ["200 OK"] * 4
    named = bundle_of("T-6", "P-T5")
    named["entry"][3]["request"]["ifNoneExist"] = "identifier=urn:oid:1.2.3|T-5"
    kept = desk.browser.post(FHIR, json=named).json()["entry"]
    assert kept[3]["response"] == {"status": "200 OK", "location": places[0]}
    assert desk.search("ServiceRequest", identifier="T-6") == []


def test_a_patient_and_an_order_without_names_are_not_taken_for_each_other(tmp_path: Path) -> None:
    with open_parts(load_settings(tmp_path / "node", {})) as parts:
        actor = replace(parts.access.actor_for("admin"), purpose=Purpose.CARE)
        batches = Batches(parts.fhir_subscriptions().fhir, actor, "")
        known, _ = batches.create(Kind.PATIENT, patient_of("P-T9"), None)
        entries = [
            ("Patient", patient_of("P-T9"), {"ifNoneExist": f"identifier={REGISTER}|P-T9"}),
            ("ServiceRequest", order_of("T-9", {"reference": f"Patient/{known.id}"}), {}),
        ]
        bundle = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {"resource": resource, "request": {"method": "POST", "url": kind} | more}
                for kind, resource, more in entries
            ],
        }
        with pytest.raises(BadResource, match="are those that its orders name"):
            batches.answer(bundle)


def several_of(patient: str, *orders: str) -> dict[str, Any]:
    """A transaction of orders for one patient, each with a specimen of its own."""
    whole = bundle_of(orders[0], patient)
    made = whole["entry"][:1]
    subject = {"reference": made[0]["fullUrl"]}
    for order in orders:
        specimen = whole["entry"][1] | {"fullUrl": f"urn:uuid:specimen-{order}"}
        resource = order_of(order, subject, specimen=[{"reference": specimen["fullUrl"]}])
        asked = {"method": "POST", "url": "ServiceRequest"}
        made += [specimen, {"fullUrl": f"urn:uuid:{order}", "resource": resource, "request": asked}]
    return whole | {"entry": made}


def test_several_orders_of_a_transaction_become_a_case_each(desk: FhirClient) -> None:
    assert desk.browser.post(FHIR, json=several_of("P-T7", "T-7a")).status_code == 200
    answers = [desk.browser.post(FHIR, json=several_of("P-T7", "T-7a", "T-7b", "T-7c")) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200], answers[0].text
    first, again = ([each["response"] for each in one.json()["entry"]] for one in answers)
    assert [one["location"] for one in first] == [one["location"] for one in again]
    assert [one["status"] for one in first[1:]] == ["200 OK"] * 2 + ["201 Created"] * 4
    assert {one["status"] for one in again} == {"200 OK"}
    orders = [desk.get(one["location"]) for one in first[2::2]]
    assert len({one["id"] for one in orders}) == 3
    assert {one["subject"]["reference"] for one in orders} == {first[0]["location"]}
    for order, specimen in zip(orders, first[1::2], strict=True):
        assert [one["reference"] for one in order["specimen"]] == [specimen["location"]]


def test_of_several_orders_all_are_placed_or_none(desk: FhirClient) -> None:
    def refused(bundle: dict[str, Any], number: str) -> str:
        answer = desk.browser.post(FHIR, json=bundle)
        assert answer.status_code >= 400, answer.text
        assert desk.search("ServiceRequest", identifier=f"urn:oid:1.2.3|{number}") == []
        return str(answer.json()["issue"][0]["diagnostics"])

    assert desk.browser.post(FHIR, json=bundle_of("T-8x", "P-T8")).status_code == 200
    # The second order was placed for somebody else.
    assert "another patient" in refused(several_of("P-T9", "T-8a", "T-8x"), "T-8a")
    twice = several_of("P-T9", "T-8b", "T-8c")
    twice["entry"][4]["resource"]["identifier"] = twice["entry"][2]["resource"]["identifier"]
    assert "same number" in refused(twice, "T-8b")
    nameless = several_of("P-T9", "T-8f", "T-8g")
    nameless["entry"][4]["fullUrl"] = nameless["entry"][2]["fullUrl"]
    assert "fullUrl of its own" in refused(nameless, "T-8f")
    shared = several_of("P-T9", "T-8d", "T-8e")
    shared["entry"][4]["resource"]["specimen"] = shared["entry"][2]["resource"]["specimen"]
    shared["entry"].pop(3)
    assert "belongs to one order" in refused(shared, "T-8d")


def test_an_order_of_another_patient_under_the_same_number_is_refused(desk: FhirClient) -> None:
    assert desk.browser.post(FHIR, json=bundle_of("T-2", "P-T2")).status_code == 200
    answer = desk.browser.post(FHIR, json=bundle_of("T-2", "P-T3"))
    assert (answer.status_code, outcome(answer)) == (409, "conflict")
    assert desk.search("Patient", identifier="P-T3") == []


def break_specimen(bundle: dict[str, Any]) -> None:
    bundle["entry"][1]["resource"]["status"] = "banana"


def break_subject(bundle: dict[str, Any]) -> None:
    bundle["entry"][3]["resource"]["subject"] = bundle["entry"][3]["resource"]["specimen"][0]


def break_reference(bundle: dict[str, Any]) -> None:
    bundle["entry"][3]["resource"]["specimen"][0] = {"reference": "urn:uuid:nothing"}


def break_name(bundle: dict[str, Any]) -> None:
    del bundle["entry"][0]["resource"]["name"]


def break_method(bundle: dict[str, Any]) -> None:
    bundle["entry"][0]["request"]["method"] = "DELETE"


def break_shape(bundle: dict[str, Any]) -> None:
    bundle["entry"][2] = 7


@pytest.mark.parametrize(
    "breaks", [break_specimen, break_subject, break_reference, break_name, break_method, break_shape]
)
def test_of_a_broken_transaction_nothing_is_done(desk: FhirClient, breaks: Any) -> None:
    number = f"B-{breaks.__name__}"
    bundle = bundle_of(number, number)
    breaks(bundle)
    answer = desk.browser.post(FHIR, json=bundle)
    assert answer.status_code == 422
    outcome(answer)
    assert answer.json()["issue"][0]["expression"][0].startswith(
        ("ServiceRequest", "Specimen", "Patient", "Bundle")
    )
    assert desk.search("Patient", identifier=number) == []
    assert desk.search("ServiceRequest", identifier=number) == []


def test_a_batch_does_each_by_itself(desk: FhirClient, node: RunningNode) -> None:
    case_id, patient_id = node.case["case_id"], node.case["patient_id"]
    entries = [
        {"request": {"method": "GET", "url": f"Patient/{patient_id}"}},
        {"request": {"method": "GET", "url": f"ServiceRequest?_id={case_id}"}},
        {"request": {"method": "GET", "url": "Patient/nobody"}},
        {"request": {"method": "POST", "url": "Patient"}, "resource": patient_of("P-B1")},
        {"request": {"method": "POST", "url": "Patient"}, "resource": {"resourceType": "Patient"}},
        {"request": {"method": "DELETE", "url": "Patient/1"}},
    ]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    answer = desk.browser.post(FHIR, json=bundle).json()
    get_fhir_model_class("Bundle").model_validate(answer)
    statuses = [one["response"]["status"][:3] for one in answer["entry"]]
    assert statuses == ["200", "200", "404", "201", "422", "405"]
    assert answer["entry"][1]["resource"]["entry"][0]["resource"]["id"] == case_id


def test_what_is_there_already_is_not_made_again(desk: FhirClient) -> None:
    path = f"{FHIR}/Patient"
    made = desk.browser.post(path, json=patient_of("P-C1"))
    assert made.status_code == 201, made.text
    assert made.headers["location"].split("/_history")[0].endswith(made.json()["id"])
    again = desk.browser.post(path, json=patient_of("P-C1"))
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    condition = {"if-none-exist": f"identifier={REGISTER}|P-C1"}
    other = desk.browser.post(path, json=patient_of("P-C2"), headers=condition)
    assert (other.status_code, other.json()["id"]) == (200, made.json()["id"])
    assert desk.search("Patient", identifier="P-C2") == []
    contradicts = desk.browser.post(path, json=patient_of("P-C1", gender="male"))
    assert (contradicts.status_code, outcome(contradicts)) == (409, "conflict")
    subject = {"reference": f"Patient/{made.json()['id']}"}
    order = desk.browser.post(f"{FHIR}/ServiceRequest", json=order_of("C-1", subject))
    assert (order.status_code, order.json()["subject"]["reference"]) == (201, subject["reference"])
    by_number = {"identifier": {"system": REGISTER, "value": "P-C1"}}
    same = desk.browser.post(f"{FHIR}/ServiceRequest", json=order_of("C-1", by_number))
    assert (same.status_code, same.json()["id"]) == (200, order.json()["id"])
    (part,) = order.json()["specimen"]
    assert desk.get(part["reference"])["status"] == "unavailable"  # it is expected


def changed(desk: FhirClient, order: dict[str, Any], known: str | None = "newest", **stated: Any) -> Any:
    """What the node answers to an update of an order by somebody who knows it in this version."""
    version = order["meta"]["versionId"] if known == "newest" else known
    headers = {} if version is None else {"if-match": f'W/"{version}"'}
    return desk.browser.put(f"{FHIR}/ServiceRequest/{order['id']}", json=order | stated, headers=headers)


def placed(desk: FhirClient, number: str) -> dict[str, Any]:
    assert desk.browser.post(FHIR, json=bundle_of(number, f"P-{number}")).status_code == 200
    (order,) = desk.search("ServiceRequest", identifier=f"urn:oid:1.2.3|{number}")
    return order


def test_resources_of_others_go_through_or_are_told_why_not(
    desk: FhirClient, shared: Callable[[str], Path]
) -> None:
    """Those of another maker, in R4, in STU3 and in no FHIR at all."""
    answered: dict[str, int] = {}
    for path in sorted(
        [*shared("clinical/fhir").glob("*.json"), *shared("clinical/fhir-stu3").glob("*.json")]
    ):
        stated = json.loads(path.read_text(encoding="utf-8-sig"))
        inside = [one["resource"] for one in stated.get("entry", []) if "resource" in one]
        for resource in inside or [stated]:
            kind = resource.get("resourceType", "Patient")
            answer = desk.browser.post(f"{FHIR}/{kind}", json=resource)
            answered[f"{path.name} {kind}"] = answer.status_code
            if answer.status_code >= 400:
                outcome(answer)
    assert answered.pop("ObservationBundle.json Patient") == 201, answered
    assert set(answered.values()) <= {404, 405, 422}, answered


def test_an_order_is_held_let_go_on_and_revoked(desk: FhirClient) -> None:
    order = placed(desk, "U-1")
    case_id = order["id"]
    held = changed(desk, order, status="on-hold", note=[{"text": "patient asks for time"}])
    assert held.status_code == 200, held.text
    get_fhir_model_class("ServiceRequest").model_validate(held.json())
    assert (held.json()["status"], held.json()["id"]) == ("on-hold", case_id)
    assert held.headers["etag"] == f'W/"{held.json()["meta"]["versionId"]}"'
    assert desk.get(f"ServiceRequest/{case_id}") == held.json()
    assert case_id in [one["id"] for one in desk.search("ServiceRequest", status="on-hold")]
    since = held.json()["meta"]["lastUpdated"]
    assert since > order["meta"]["lastUpdated"]
    assert case_id in [one["id"] for one in desk.search("ServiceRequest", _lastUpdated=f"ge{since}")]
    events = desk.browser.get(f"/api/cases/cases/{case_id}/events").json()
    assert [one["reason"] for one in events if one["action"] == "hold_order"] == ["patient asks for time"]
    active = changed(desk, held.json(), status="active").json()
    assert active["status"] == "active"
    same = changed(desk, active)
    assert (same.status_code, same.json()) == (200, active)
    revoked = changed(desk, active, status="revoked")
    assert revoked.json()["status"] == "revoked"
    assert desk.get(f"Task/{case_id}")["status"] == "cancelled"
    again = changed(desk, revoked.json(), status="active")
    assert (again.status_code, outcome(again)) == (409, "conflict")


def test_of_a_case_that_was_begun_people_decide(desk: FhirClient) -> None:
    order = placed(desk, "U-2")
    moved = desk.browser.post(f"/api/cases/cases/{order['id']}/status", json={"status": "ready"})
    assert moved.status_code == 200, moved.text
    order = desk.get(f"ServiceRequest/{order['id']}")
    answer = changed(desk, order, status="revoked", note=[{"text": "moved away"}])
    assert (answer.status_code, answer.json()["status"]) == (200, "active")
    (waits,) = desk.browser.get(f"/api/orders/cases/{order['id']}/placed").json()
    assert waits["wants_revocation"]


def test_an_update_names_the_version_that_is_known(desk: FhirClient) -> None:
    order = placed(desk, "U-3")
    unnamed = changed(desk, order, known=None, status="on-hold")
    assert (unnamed.status_code, outcome(unnamed)) == (428, "required")
    assert changed(desk, order, status="on-hold").status_code == 200
    stale = changed(desk, order, status="revoked")
    assert (stale.status_code, outcome(stale)) == (412, "conflict")
    assert desk.get(f"ServiceRequest/{order['id']}")["status"] == "on-hold"


def test_nothing_but_the_status_of_an_order_is_changed(desk: FhirClient, node: RunningNode) -> None:
    order = placed(desk, "U-4")
    for stated in (
        {"priority": "routine"},
        {"subject": {"reference": "Patient/another"}},
        {"identifier": order["identifier"][:1]},
        {"specimen": []},
        {"reasonCode": [{"text": "something else"}]},
        {"status": "completed"},
        {"id": "another"},
        {"status": "no-status"},
    ):
        path = f"{FHIR}/ServiceRequest/{order['id']}"
        headers = {"if-match": f'W/"{order["meta"]["versionId"]}"'}
        answer = desk.browser.put(path, json=order | {"status": "on-hold"} | stated, headers=headers)
        assert answer.status_code == 422, (stated, answer.text)
    (issue,) = changed(desk, order, priority="routine").json()["issue"]
    assert issue["expression"] == ["ServiceRequest.priority"]
    assert desk.get(f"ServiceRequest/{order['id']}") == order
    for path in (f"Patient/{order['subject']['reference'].rpartition('/')[2]}", f"Task/{order['id']}"):
        resource = desk.get(path)
        headers = {"if-match": f'W/"{resource["meta"]["versionId"]}"'}
        assert desk.browser.put(f"{FHIR}/{path}", json=resource, headers=headers).status_code == 405
    headers = {"if-match": f'W/"{order["meta"]["versionId"]}"'}
    with node.client("outsider") as elsewhere:
        path = f"{FHIR}/ServiceRequest/{order['id']}"
        assert elsewhere.put(path, json=order | {"status": "on-hold"}, headers=headers).status_code == 404
    with node.client("student") as student:
        assert student.put(path, json=order | {"status": "on-hold"}, headers=headers).status_code == 403
    missing = desk.browser.put(f"{FHIR}/ServiceRequest/none", json=order | {"id": "none"}, headers=headers)
    assert missing.status_code == 404


def test_the_statement_says_that_orders_are_updated(desk: FhirClient) -> None:
    (stated,) = [
        one for one in desk.get("metadata")["rest"][0]["resource"] if one["type"] == "ServiceRequest"
    ]
    assert {"code": "update"} in stated["interaction"]
    assert (stated["versioning"], stated["updateCreate"]) == ("versioned-update", False)
