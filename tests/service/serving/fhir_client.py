"""A system that speaks FHIR with a node."""

from typing import Any

import httpx
from fhir.resources.R4B import get_fhir_model_class

from hemalum.formats.fhir.values import MEDIA_TYPE

FHIR = "/fhir/R4"
REGISTER = "urn:oid:2.16.840.1.113883.19.5"


class FhirClient:
    """What somebody asks of a node by FHIR, and that it answers in the form that it should."""

    def __init__(self, browser: httpx.Client) -> None:
        self.browser = browser

    def get(self, path: str, **options: Any) -> dict[str, Any]:
        answer = self.browser.get(f"{FHIR}/{path}", **options)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == MEDIA_TYPE
        found: dict[str, Any] = answer.json()
        return found

    def search(self, kind: str, **stated: str) -> list[dict[str, Any]]:
        bundle = self.get(kind, params=stated)
        get_fhir_model_class("Bundle").model_validate(bundle)
        return [one["resource"] for one in bundle.get("entry", []) if one["search"]["mode"] == "match"]


def outcome(answer: httpx.Response) -> str:
    """What kind of issue an answer tells of."""
    assert answer.headers["content-type"] == MEDIA_TYPE, answer.text
    get_fhir_model_class("OperationOutcome").model_validate(answer.json())
    code: str = answer.json()["issue"][0]["code"]
    return code


def order_of(number: str, subject: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": "urn:oid:1.2.3", "value": number}],
        "status": "active",
        "intent": "order",
        "priority": "urgent",
        "code": {"text": "Gastric biopsy"},
        "subject": subject,
        "requester": {"display": "Dr Wang"},
        "reasonCode": [{"text": "pain"}],
    } | more
