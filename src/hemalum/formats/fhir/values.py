"""The data types of FHIR R4 (section 2.24) that are written here, and what identifies whom."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, unquote

type Resource = dict[str, Any]
"""A resource or a part of one, as JSON has it."""

MEDIA_TYPE = "application/fhir+json"
VERSION = "4.0.1"

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
DICOM_UID = "urn:dicom:uid"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

_ISSUER = "urn:hemalum:issuer:"


def coding(system: str, code: str, display: str = "") -> Resource:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def concept(text: str, *codings: Resource) -> Resource:
    """A CodeableConcept; what is empty is left out."""
    made: Resource = {"coding": list(codings)} if codings else {}
    return made | ({"text": text} if text else {})


def reference(kind: str, resource_id: str, display: str = "") -> Resource:
    """A relative reference to a resource of this server."""
    made = {"reference": f"{kind}/{resource_id}", "type": kind}
    return made | ({"display": display} if display else {})


def logical_reference(system: str, value: str, display: str = "", kind: str = "") -> Resource:
    """A reference to what this server does not serve, by an identifier (2.3.0.1)."""
    made: Resource = {"type": kind} if kind else {}
    made["identifier"] = {"system": system, "value": value}
    return made | ({"display": display} if display else {})


def absent(reason: str) -> Resource:
    """An element whose value is missing, by a code of data-absent-reason."""
    return {"extension": [{"url": ABSENT, "valueCode": reason}]}


def instant(at: datetime) -> str:
    """A moment to the millisecond, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day(on: date) -> str:
    return on.isoformat()


def identifier(issuer: str, value: str, use: str = "", kind: Resource | None = None) -> Resource:
    """A business identifier and whoever gave it."""
    made: Resource = {"use": use} if use else {}
    if kind is not None:
        made["type"] = kind
    made |= {"system": system_of(issuer), "value": value}
    if not _is_uri(issuer):
        made["assigner"] = {"display": issuer}
    return made


def system_of(issuer: str) -> str:
    """The URI by which an issuer of numbers is known: its own, or one of ours where it has a name only."""
    return issuer if _is_uri(issuer) else _ISSUER + quote(issuer, safe="")


def issuer_of(system: str) -> str:
    """Whom `system_of` named."""
    return unquote(system.removeprefix(_ISSUER)) if system.startswith(_ISSUER) else system


def without_empty(resource: Resource) -> Resource:
    """The same without elements that hold nothing: FHIR knows no empty element (2.1.0.3)."""
    return {name: value for name, value in resource.items() if value not in (None, "", [], {})}


def _is_uri(text: str) -> bool:
    scheme, colon, rest = text.partition(":")
    is_named = (
        scheme.isascii() and scheme[:1].isalpha() and scheme.replace("-", "").replace("+", "").isalnum()
    )
    return bool(colon and rest) and is_named and not any(one.isspace() for one in text)
