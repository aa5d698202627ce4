"""What a laboratory needs of patients and orders, taken out of resources that `checks` let pass."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from hemalum.formats.fhir.checks import walk
from hemalum.formats.fhir.outcomes import BadResource, Fault, Issue
from hemalum.formats.fhir.values import Resource, issuer_of
from hemalum.kernel.sentence import Sentence

type Resolve = Callable[[Resource], Resource | None]
"""The resource that a reference names, where it is at hand."""


@dataclass(frozen=True, slots=True)
class NumberRead:
    """A business identifier."""

    issuer: str
    value: str


@dataclass(frozen=True, slots=True)
class PatientRead:
    """A patient as a resource tells of them."""

    numbers: tuple[NumberRead, ...]
    name: str
    gender: str
    """male, female, other or unknown."""
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class SpecimenRead:
    """A specimen that comes with an order."""

    description: str
    organ: str
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderRead:
    """What a ServiceRequest asks for, without whose tissue it is."""

    numbers: tuple[NumberRead, ...]
    priority: str
    """routine, urgent, asap or stat."""
    service: str
    department: str
    clinician: str
    history: str
    specimens: tuple[SpecimenRead, ...]


def read_patient(resource: Resource) -> PatientRead:
    """A patient.

    Raises:
        BadResource: there is no name, or no number by which the patient is found again.
    """
    name = _name_of(resource)
    issues = []
    if not name:
        issues.append(_missing("Patient.name"))
    numbers = _numbers(resource, "Patient")
    if not numbers:
        issues.append(_missing("Patient.identifier"))
    issues += _without_system(resource, "Patient")
    if issues:
        raise BadResource.because(issues)
    return PatientRead(numbers, name, str(resource.get("gender", "unknown")), _birth_of(resource))


def read_order(resource: Resource, resolve: Resolve) -> OrderRead:
    """An order with its specimens.

    Raises:
        BadResource: it is no order that is to be done now, has no number, or names a specimen that is not
            at hand.
    """
    issues = []
    if resource.get("status") != "active":
        said = Sentence("Only an order that is active is accessioned.")
        issues.append(Issue(Fault.NOT_SUPPORTED, "ServiceRequest.status", said))
    if resource.get("intent") not in ("order", "original-order", "filler-order", "instance-order"):
        said = Sentence("Only an order is accessioned, not a plan or a proposal.")
        issues.append(Issue(Fault.NOT_SUPPORTED, "ServiceRequest.intent", said))
    if resource.get("doNotPerform"):
        said = Sentence("An order not to do something is not accessioned.")
        issues.append(Issue(Fault.NOT_SUPPORTED, "ServiceRequest.doNotPerform", said))
    numbers = _numbers(resource, "ServiceRequest")
    if not numbers:
        issues.append(_missing("ServiceRequest.identifier"))
    issues += _without_system(resource, "ServiceRequest")
    specimens = []
    for where, made in walk(resource, "ServiceRequest", "specimen"):
        found = resolve(made)
        if found is None:
            said = Sentence("{where} names a specimen that does not come with the order.", {"where": where})
            issues.append(Issue(Fault.VALUE, where, said))
        else:
            specimens.append(_specimen(found))
    if issues:
        raise BadResource.because(issues)
    service = _said(resource.get("code"))
    department, clinician = _requester(resource, resolve)
    return OrderRead(
        numbers,
        str(resource.get("priority", "routine")),
        service,
        department,
        clinician,
        _history(resource),
        tuple(specimens) or (SpecimenRead(service or numbers[0].value, _sites(resource), None),),
    )


def _numbers(resource: Resource, kind: str) -> tuple[NumberRead, ...]:
    found = [
        NumberRead(issuer_of(one["system"]), one["value"].strip())
        for _, one in walk(resource, kind, "identifier")
        if isinstance(one.get("system"), str) and one["system"].strip()
    ]
    return tuple(dict.fromkeys(found))


def _without_system(resource: Resource, kind: str) -> list[Issue]:
    """A number means nothing without whoever gave it."""
    return [
        _missing(f"{where}.system")
        for where, one in walk(resource, kind, "identifier")
        if not isinstance(one.get("system"), str) or not one["system"].strip()
    ]


def _name_of(resource: Resource) -> str:
    """The name to use: the official or usual one, else the first; as text, else given and family."""
    names = [
        one for _, one in walk(resource, "", "name") if isinstance(one, dict) and one.get("use") != "old"
    ]
    ranks = {"official": 0, "usual": 1}
    for one in sorted(names, key=lambda each: ranks.get(str(each.get("use")), len(ranks))):
        given = one.get("given", [])
        parts = [*(given if isinstance(given, list) else []), one.get("family", "")]
        said = _text(one.get("text")) or " ".join(filter(None, map(_text, parts)))
        if said:
            return said
    return ""


def _birth_of(resource: Resource) -> date | None:
    """The date of birth; of one that is known to the month or year only, none."""
    stated = resource.get("birthDate", "")
    return date.fromisoformat(stated) if len(stated) == len("2026-01-01") else None


def _specimen(resource: Resource) -> SpecimenRead:
    site = next((_said(one) for _, one in walk(resource, "Specimen", "collection.bodySite")), "")
    notes = [_text(one) for _, one in walk(resource, "Specimen", "note.text")]
    described = [_said(resource.get("type")), *notes]
    received = resource.get("receivedTime")
    return SpecimenRead(" ".join(filter(None, described)), site, _moment(received))


def _moment(stated: Any) -> datetime | None:
    if not isinstance(stated, str) or "T" not in stated:
        return None
    return datetime.fromisoformat(stated).astimezone(UTC)


def _requester(resource: Resource, resolve: Resolve) -> tuple[str, str]:
    """Department and clinician."""
    made = resource.get("requester")
    if made is None:
        return "", ""
    found = resolve(made) or {}
    kind = found.get("resourceType") or made.get("type") or str(made.get("reference", "")).partition("/")[0]
    said = _text(made.get("display"))
    if kind == "Organization":
        return said or _text(found.get("name")), ""
    if kind == "PractitionerRole":
        return _display(found.get("organization")), said or _display(found.get("practitioner"))
    return "", said or _name_of(found)


def _history(resource: Resource) -> str:
    """What is known and asked, each thing once."""
    told = [_said(one) for _, one in walk(resource, "ServiceRequest", "reasonCode")]
    told += [_said(one) for _, one in walk(resource, "ServiceRequest", "orderDetail")]
    told += [_text(one) for _, one in walk(resource, "ServiceRequest", "note.text")]
    told += [_text(one.get("display")) for _, one in walk(resource, "ServiceRequest", "reasonReference")]
    return "\n".join(dict.fromkeys(filter(None, told)))


def _sites(resource: Resource) -> str:
    return ", ".join(filter(None, (_said(one) for _, one in walk(resource, "ServiceRequest", "bodySite"))))


def _said(concept: Any) -> str:
    """What a CodeableConcept says to a person."""
    if not isinstance(concept, dict):
        return ""
    codings = [one for _, one in walk(concept, "", "coding") if isinstance(one, dict)]
    said = [_text(concept.get("text"))]
    said += [_text(one.get("display")) for one in codings]
    said += [_text(one.get("code")) for one in codings]
    return next(filter(None, said), "")


def _display(reference: Any) -> str:
    return _text(reference.get("display")) if isinstance(reference, dict) else ""


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _missing(where: str) -> Issue:
    return Issue(Fault.REQUIRED, where, Sentence("{where} is missing.", {"where": where}))
