"""Where reports come from (Provenance, R4 6.3): who signed what, made from which version, and which of its
statements a model made, by what support."""

from collections.abc import Iterator

from hemalum.capabilities.fhir.model import DIGEST, MODEL, SUPPORT, finish, key_of
from hemalum.capabilities.fhir.opened import OpenedCase
from hemalum.capabilities.fhir.reporting import document_id, observation_id, person
from hemalum.capabilities.reports.model import SignedVersion, SourceKind, Statement
from hemalum.formats.fhir import values
from hemalum.formats.fhir.values import Resource

_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_COMPLETION = "http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion"


def provenances(opened: OpenedCase) -> Iterator[Resource]:
    """Of each signed version, and of what stands in the newest one by a model or with support."""
    previous: SignedVersion | None = None
    for signed in opened.signed:
        yield _of_version(opened, signed, previous)
        previous = signed
    if previous is not None and previous.version.content is not None:
        answered = {f"element/{one.element}" for one in previous.answers}
        answered |= {f"section/{section.value}" for section in previous.headings}
        for statement in previous.version.content.statements:
            is_told = statement.supports or statement.source.kind is not SourceKind.PERSON
            if is_told and statement.subject in answered:
                yield _of_statement(opened, previous, statement)


def _of_version(opened: OpenedCase, signed: SignedVersion, previous: SignedVersion | None) -> Resource:
    version, case = signed.version, opened.case
    document = values.reference("DocumentReference", document_id(opened, version.number))
    document["identifier"] = {"system": DIGEST, "value": version.sha256}
    resource: Resource = {
        "resourceType": "Provenance",
        "id": document_id(opened, version.number),
        "target": [
            {
                "reference": f"DiagnosticReport/{case.id}/_history/{version.number}",
                "type": "DiagnosticReport",
            },
            document,
        ],
        "recorded": values.instant(version.at),
        "reason": [values.concept(version.reason)] if version.reason else [],
        "activity": values.concept("", values.coding(_COMPLETION, "LA", "legally authenticated")),
        "agent": [
            _agent("legal", person(version.author_id, version.author_name)),
            *(_agent("verifier", person(one.person_id, one.person_name)) for one in signed.cosignatures),
        ],
    }
    if version.source.kind is SourceKind.MODEL:
        resource["agent"].append(_agent("assembler", _model(version.source.name, version.source.version)))
    if previous is not None:
        before = values.reference("DocumentReference", document_id(opened, previous.version.number))
        resource["entity"] = [{"role": "revision", "what": before}]
    return finish(values.without_empty(resource), version.at, str(version.number))


def _of_statement(opened: OpenedCase, signed: SignedVersion, statement: Statement) -> Resource:
    version, source = signed.version, statement.source
    agents = [_agent("verifier", person(version.author_id, version.author_name))]
    if source.kind is not SourceKind.PERSON:
        agents.insert(0, _agent("assembler", _model(source.name, source.version)))
    resource: Resource = {
        "resourceType": "Provenance",
        "id": f"{opened.case.id}.{key_of('provenance', statement.subject)}",
        "target": [values.reference("Observation", observation_id(opened, statement.subject))],
        "recorded": values.instant(version.at),
        "agent": agents,
        "entity": [
            {
                "role": "source",
                "what": values.logical_reference(
                    f"{SUPPORT}:{one.kind.value}", one.reference or one.image_id or "-", one.said
                ),
            }
            for one in statement.supports
        ],
    }
    return finish(values.without_empty(resource), version.at, str(version.number))


def _agent(kind: str, who: Resource) -> Resource:
    return {"type": values.concept("", values.coding(_PARTICIPANT, kind)), "who": who}


def _model(name: str, version: str) -> Resource:
    said = f"{name} {version}".strip() or "-"
    return values.logical_reference(MODEL, said, said, "Device")
