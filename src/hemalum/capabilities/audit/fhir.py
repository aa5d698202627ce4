"""Entries as FHIR R4 AuditEvent resources, and the search for them.

Shaped as IHE's Basic Audit Log Patterns ask (ITI, BALP 1.1): event type and subtype from DICOM's DCM codes,
the person as agent, the purpose from HL7 v3 PurposeOfUse. https://hl7.org/fhir/R4/auditevent.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from hemalum.capabilities.audit.model import Filter, targets_in
from hemalum.capabilities.audit.service import Page
from hemalum.kernel.audit import Outcome
from hemalum.runtime.audit import ReadEntry
from hemalum.runtime.http_errors import BadRequest

type Resource = dict[str, Any]

MEDIA_TYPE = "application/fhir+json"

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_ACTION_SYSTEM = "urn:hemalum:audit-action"
_TARGET_SYSTEM = "urn:hemalum:target"
_PERSON_SYSTEM = "urn:hemalum:person"
_ENTITY_SYSTEM = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_PERSON = ("1", "Person")
_OBJECT = ("2", "System Object")
_V3_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_MASKED = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
_OUTCOMES = {Outcome.DONE: "0", Outcome.REFUSED: "4", Outcome.FAILED: "8"}
"""Success, minor failure, serious failure (audit-event-outcome)."""
_PURPOSES = {
    "care": ("TREAT", "treatment"),
    "quality": ("HQUALIMP", "health quality improvement"),
    "research": ("HRESCH", "healthcare research"),
    "trial": ("CLINTRCH", "clinical trial research"),
    "teaching": ("TRAIN", "training"),
    "support": ("HSYSADMIN", "health system administration"),
}
_DATE = re.compile(r"(?P<prefix>eq|ge|gt|le|lt|sa|eb)?(?P<moment>\d{4}-\d\d-\d\d(?:T.+)?)")
_SEARCHED = {"date", "agent", "entity", "outcome", "subtype", "_count", "cursor", "purpose"}


@dataclass(frozen=True, slots=True)
class _Event:
    code: str
    display: str
    action: str
    """C, R, U, D or E (audit-event-action)."""
    subtype: tuple[str, str] | None = None


_ACCESSED = ("110103", "DICOM Instances Accessed")
_ALERT = ("110113", "Security Alert")
_EVENTS = {
    "access.sign_in": _Event("110114", "User Authentication", "E", ("110122", "Login")),
    "access.sign_out": _Event("110114", "User Authentication", "E", ("110123", "Logout")),
    "access.role": _Event(*_ALERT, "U", ("110136", "Security Roles Changed")),
    "access.group": _Event(*_ALERT, "U", ("110136", "Security Roles Changed")),
    "access": _Event(*_ALERT, "U", ("110137", "User Security Attributes Changed")),
    "audit.erase": _Event("110101", "Audit Log Used", "D"),
    "audit": _Event("110101", "Audit Log Used", "R"),
    "policy": _Event(*_ALERT, "U", ("110129", "Security Configuration")),
    "keys": _Event(*_ALERT, "U", ("110129", "Security Configuration")),
    "slides.ingest": _Event("110107", "Import", "C"),
    "slides.export": _Event("110106", "Export", "R"),
    "slides.break_glass": _Event(*_ALERT, "E", ("110127", "Emergency Override Started")),
    "slides.govern": _Event(*_ALERT, "U", ("110135", "Object Security Attributes Changed")),
    "slides.share": _Event(*_ALERT, "U", ("110135", "Object Security Attributes Changed")),
    "slides.end_share": _Event(*_ALERT, "U", ("110135", "Object Security Attributes Changed")),
    "slides.describe": _Event(*_ACCESSED, "U"),
    "slides.set_look": _Event(*_ACCESSED, "U"),
    "slides.forget_look": _Event(*_ACCESSED, "U"),
    "slides": _Event(*_ACCESSED, "R"),
    "": _Event("110100", "Application Activity", "E"),
}
"""By the longest beginning of an action (PS3.16 CID 400 and CID 401)."""


def audit_event(read: ReadEntry, node_name: str) -> Resource:
    """An entry as AuditEvent. What was erased is absent and marked as masked."""
    entry = read.entry
    event = _event_of(entry.action)
    resource: Resource = {
        "resourceType": "AuditEvent",
        "id": str(read.index),
        "type": _coding(_DCM, event.code, event.display),
        "subtype": _subtypes(entry.action, event),
        "action": event.action,
        "recorded": entry.at,
        "outcome": _OUTCOMES[entry.outcome],
        "agent": [_agent(read, node_name)],
        "source": {
            "observer": {"identifier": {"system": "urn:ietf:rfc:3986", "value": node_name}},
            "type": [
                _coding(
                    "http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server"
                )
            ],
        },
    }
    if entry.purpose in _PURPOSES:
        resource["purposeOfEvent"] = [{"coding": [_coding(_V3_REASON, *_PURPOSES[entry.purpose])]}]
    if entry.target or entry.detail:
        resource["entity"] = [_entity(read), *map(_listed, targets_in(entry.detail))]
    return resource


def bundle(page: Page, node_name: str, own: str, following: str | None) -> Resource:
    """A page of a search (Bundle of type searchset)."""
    links = [{"relation": "self", "url": own}]
    if following is not None:
        links.append({"relation": "next", "url": following})
    found: Resource = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": links,
        "entry": [
            {"resource": audit_event(read, node_name), "search": {"mode": "match"}} for read in page.entries
        ],
    }
    return found if page.total is None else found | {"total": page.total}


def filter_of(parameters: Iterable[tuple[str, str]]) -> Filter:
    """What a search looks for: `date`, `agent`, `entity`, `outcome`, `subtype`, and our own `purpose`.

    Raises:
        BadRequest: a parameter is unknown here or cannot be meant.
    """
    stated: dict[str, Any] = {}
    for name, value in parameters:
        if name not in _SEARCHED:
            raise BadRequest("AuditEvent is not searched by {name} here.", name=name)
        bare = value.rpartition("|")[2]
        match name:
            case "date":
                stated |= _between(value)
            case "agent":
                stated["person"] = bare
            case "entity":
                stated["target"] = bare
            case "subtype":
                stated["action"] = bare
            case "purpose":
                stated["purpose"] = bare
            case "outcome":
                by_code = {code: outcome for outcome, code in _OUTCOMES.items()}
                if bare not in by_code:
                    raise BadRequest("An outcome is one of {outcomes}.", outcomes=", ".join(by_code))
                stated["outcome"] = by_code[bare]
    return Filter(**stated)


def _between(value: str) -> Mapping[str, datetime]:
    """The bounds that a date of a search sets (https://hl7.org/fhir/R4/search.html#date)."""
    matched = _DATE.fullmatch(value)
    try:
        if matched is None:
            raise ValueError(value)
        begin = datetime.fromisoformat(matched["moment"])
        begin = begin if begin.tzinfo else begin.replace(tzinfo=UTC)
        end = begin + (timedelta(seconds=1) if "T" in value else timedelta(days=1))
    except (ValueError, OverflowError) as error:
        raise BadRequest("A date is stated as ge2026-01-31, not as {value}.", value=value) from error
    match matched["prefix"]:
        case "ge":
            return {"since": begin}
        case "gt" | "sa":
            return {"since": end}
        case "le":
            return {"until": end}
        case "lt" | "eb":
            return {"until": begin}
    return {"since": begin, "until": end}


def _event_of(action: str) -> _Event:
    beginnings = [known for known in _EVENTS if action.startswith(known)]
    return _EVENTS[max(beginnings, key=len)]


def _subtypes(action: str, event: _Event) -> Sequence[Resource]:
    own = _coding(_ACTION_SYSTEM, action, None)
    return [own] if event.subtype is None else [_coding(_DCM, *event.subtype), own]


def _agent(read: ReadEntry, node_name: str) -> Resource:
    who = read.entry.who
    if who is None:
        return {"who": {"display": node_name}, "requestor": False}
    reference: Resource = {"identifier": {"system": _PERSON_SYSTEM, "value": who.person}}
    is_about_agent = read.entry.subject == who.person
    if is_about_agent and read.is_erased:
        reference["_display"] = {"extension": _MASKED}
    elif is_about_agent and "name" in read.personal:
        reference["display"] = read.personal["name"]
    agent: Resource = {
        "type": {
            "coding": [
                _coding(
                    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                    "IRCP",
                    "information recipient",
                )
            ]
        },
        "who": reference,
        "requestor": True,
    }
    if who.roles:
        agent["role"] = [{"coding": [_coding("urn:hemalum:role", role, None)]} for role in who.roles]
    if is_about_agent and "address" in read.personal:
        agent["network"] = {"address": read.personal["address"], "type": "2"}
    return agent


def _entity(read: ReadEntry) -> Resource:
    entry = read.entry
    is_person = entry.target.startswith("person/")
    entity: Resource = {"type": _coding(_ENTITY_SYSTEM, *(_PERSON if is_person else _OBJECT))}
    if entry.target:
        entity["what"] = _what(entry.target)
    told = {name: value for name, value in entry.detail.items() if value not in (None, "")}
    if told:
        entity["detail"] = [{"type": name, "valueString": _text(value)} for name, value in told.items()]
    return entity


def _listed(target: str) -> Resource:
    """One of several targets of an entry."""
    return {"type": _coding(_ENTITY_SYSTEM, *_OBJECT), "what": _what(target)}


def _what(target: str) -> Resource:
    return {"identifier": {"system": _TARGET_SYSTEM, "value": target}}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _coding(system: str, code: str, display: str | None) -> Resource:
    coding = {"system": system, "code": code}
    return coding if display is None else coding | {"display": display}
