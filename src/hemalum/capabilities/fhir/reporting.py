"""Signed reports: DiagnosticReport (R4 10.3), an Observation (10.1) for each section and answer, and the PDF
of each version (DocumentReference, 12.10)."""

from collections.abc import Iterator

from hemalum.capabilities.cases.model import Subspecialty
from hemalum.capabilities.fhir.imaging import studies_of
from hemalum.capabilities.fhir.model import DIGEST, MODEL, PERSON, finish, key_of
from hemalum.capabilities.fhir.opened import OpenedCase
from hemalum.capabilities.fhir.orders import PATHOLOGY_STUDY
from hemalum.capabilities.reports.model import (
    LOINC_OF_ANSWERS,
    LOINC_OF_SECTION,
    Answer,
    Section,
    SignedVersion,
    SourceKind,
    Statement,
    Status,
)
from hemalum.formats.fhir import values
from hemalum.formats.fhir.values import LOINC, UCUM, Resource

_REPORT_STATUS = {
    Status.FINAL: "final",
    Status.AMENDED: "amended",
    Status.CORRECTED: "corrected",
    Status.ADDENDED: "appended",
    Status.ENTERED_IN_ERROR: "entered-in-error",
}
_OBSERVED = _REPORT_STATUS | {Status.ADDENDED: "amended"}
_UCUM = {"%": "%", "ml": "mL", "mm": "mm", "µm": "um"}
_TEMPLATE = "urn:hemalum:template:"
_ANSWERS = "answers"


def person(person_id: str, name: str) -> Resource:
    return values.logical_reference(PERSON, person_id, name, "Practitioner")


def document_id(opened: OpenedCase, number: int) -> str:
    return f"{opened.case.id}.{number}"


def observation_id(opened: OpenedCase, subject: str) -> str:
    """The id of what a report says of an element or section, in whatever version."""
    return f"{opened.case.id}.{key_of(subject)}"


def report(opened: OpenedCase, signed: SignedVersion) -> Resource:
    """One signed version as the report of the case."""
    case, version = opened.case, signed.version
    is_cytology = case.subspecialty is Subspecialty.CYTOLOGY
    section = ("CP", "Cytopathology") if is_cytology else ("SP", "Surgical Pathology")
    readers = [(version.author_id, version.author_name)]
    readers += [(one.person_id, one.person_name) for one in signed.cosignatures]
    resource: Resource = {
        "resourceType": "DiagnosticReport",
        "id": case.id,
        "language": version.language.value,
        "identifier": [opened.number],
        "basedOn": opened.orders,
        "status": _REPORT_STATUS[version.status],
        "category": [
            values.concept("", values.coding("http://terminology.hl7.org/CodeSystem/v2-0074", *section))
        ],
        "code": values.concept("", PATHOLOGY_STUDY),
        "subject": opened.subject,
        "effectiveDateTime": values.instant(case.received_at),
        "issued": values.instant(version.at),
        "performer": [opened.laboratory],
        "resultsInterpreter": [person(*one) for one in readers],
        "specimen": [values.reference("Specimen", one.id) for one in opened.parts],
        "result": [_result(opened, signed, one) for one in _top_level(opened, signed)],
        "imagingStudy": [values.reference("ImagingStudy", one) for one in studies_of(opened)],
    }
    if version.status is not Status.ENTERED_IN_ERROR and version.content is not None:
        resource["conclusion"] = version.content.sections.get(Section.DIAGNOSIS, "")
        resource["presentedForm"] = [_attachment(opened, signed)]
    return finish(values.without_empty(resource), version.at, str(version.number))


def _result(opened: OpenedCase, signed: SignedVersion, resource_id: str) -> Resource:
    """What was observed; of an earlier version, what was observed then."""
    made = values.reference("Observation", resource_id)
    if signed is not opened.signed[-1]:
        made["reference"] += f"/_history/{signed.version.number}"
    return made


def _top_level(opened: OpenedCase, signed: SignedVersion) -> Iterator[str]:
    content = signed.version.content
    assert content is not None
    for section in Section:
        if content.sections.get(section):
            yield observation_id(opened, f"section/{section.value}")
    if signed.answers:
        yield observation_id(opened, _ANSWERS)


def observations(opened: OpenedCase, signed: SignedVersion) -> Iterator[Resource]:
    """What a signed version says, each thing by itself."""
    content = signed.version.content
    assert content is not None
    for section in Section:
        said = content.sections.get(section)
        if said:
            code = values.coding(LOINC, LOINC_OF_SECTION[section])
            concept = values.concept(signed.headings[section], code)
            yield _observation(opened, signed, f"section/{section.value}", concept, {"valueString": said})
    if signed.answers:
        concept = values.concept(signed.title, values.coding(LOINC, LOINC_OF_ANSWERS))
        ids = [observation_id(opened, f"element/{one.element}") for one in signed.answers]
        members = {"hasMember": [values.reference("Observation", one) for one in ids]}
        yield _observation(opened, signed, _ANSWERS, concept, members)
    for answer in signed.answers:
        concept = _element_concept(signed, answer)
        yield _observation(
            opened, signed, f"element/{answer.element}", concept, _value_of(signed, answer, concept)
        )


def documents(opened: OpenedCase) -> Iterator[Resource]:
    """The PDF of each signed version."""
    previous: SignedVersion | None = None
    for signed in opened.signed:
        is_newest = signed is opened.signed[-1]
        yield _document(opened, signed, previous, is_newest=is_newest)
        previous = signed


def statement_of(signed: SignedVersion, subject: str) -> Statement | None:
    """Where the words of an element or section come from, where that is written down."""
    content = signed.version.content
    assert content is not None
    return next((one for one in content.statements if one.subject == subject), None)


def _observation(
    opened: OpenedCase, signed: SignedVersion, subject: str, code: Resource, said: Resource
) -> Resource:
    version = signed.version
    if version.status is Status.ENTERED_IN_ERROR:
        # It was never meant for this patient, so what it said is not told again.
        said = {}
    resource: Resource = {
        "resourceType": "Observation",
        "id": observation_id(opened, subject),
        "language": version.language.value,
        "basedOn": opened.orders,
        "status": _OBSERVED[version.status],
        "category": [
            values.concept(
                "",
                values.coding("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"),
            )
        ],
        "code": code,
        "subject": opened.subject,
        "effectiveDateTime": values.instant(opened.case.received_at),
        "issued": values.instant(version.at),
        "performer": [opened.laboratory, person(version.author_id, version.author_name)],
        **said,
    }
    statement = statement_of(signed, subject)
    if statement is not None and statement.source.kind is SourceKind.MODEL:
        source = statement.source
        resource["device"] = values.logical_reference(
            MODEL, f"{source.name} {source.version}".strip(), source.name, "Device"
        )
    if statement is not None:
        looked_at = {one.image_id for one in statement.supports}
        studies = [
            study
            for study, scans in studies_of(opened).items()
            if any(scan.summary.id in looked_at for _, scan in scans)
        ]
        resource["derivedFrom"] = [values.reference("ImagingStudy", one) for one in studies]
    return finish(values.without_empty(resource), version.at, str(version.number))


def _element_concept(signed: SignedVersion, answer: Answer) -> Resource:
    return values.concept(answer.label, values.coding(_system_of(signed), answer.element, answer.label))


def _value_of(signed: SignedVersion, answer: Answer, concept: Resource) -> Resource:
    value = answer.value
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int | float):
        return {"valueQuantity": _quantity(value, answer.unit)}
    options = [_option(signed, answer, *one) for one in answer.chosen]
    if isinstance(value, tuple):
        # A value is one; several answers to one question are components.
        return {"component": [{"code": concept, "valueCodeableConcept": one} for one in options]}
    return {"valueCodeableConcept": options[0]} if options else {"valueString": value}


def _quantity(value: float, unit: str) -> Resource:
    made: Resource = {"value": value} | ({"unit": unit} if unit else {})
    return made | ({"system": UCUM, "code": _UCUM[unit]} if unit in _UCUM else {})


def _option(signed: SignedVersion, answer: Answer, option_id: str, label: str) -> Resource:
    return values.concept(label, values.coding(f"{_system_of(signed)}:{answer.element}", option_id, label))


def _system_of(signed: SignedVersion) -> str:
    assert signed.template is not None
    return f"{_TEMPLATE}{signed.template.id}"


def _attachment(opened: OpenedCase, signed: SignedVersion) -> Resource:
    version = signed.version
    return {
        "contentType": "application/pdf",
        "language": version.language.value,
        "url": f"Binary/{document_id(opened, version.number)}",
        "title": f"{opened.case.number} v{version.number}",
        "creation": values.instant(version.at),
    }


def _document(
    opened: OpenedCase, signed: SignedVersion, previous: SignedVersion | None, *, is_newest: bool
) -> Resource:
    version, case = signed.version, opened.case
    is_wrong = version.status is Status.ENTERED_IN_ERROR
    status = "entered-in-error" if is_wrong else "current" if is_newest else "superseded"
    is_first = version.status is Status.FINAL
    digest = {"system": DIGEST, "value": version.sha256}
    resource: Resource = {
        "resourceType": "DocumentReference",
        "id": document_id(opened, version.number),
        "language": version.language.value,
        "masterIdentifier": digest,
        "identifier": [digest],
        "status": status,
        "docStatus": "entered-in-error" if is_wrong else "final" if is_first else "amended",
        "type": values.concept("", PATHOLOGY_STUDY),
        "subject": opened.subject,
        "date": values.instant(version.at),
        "author": [person(version.author_id, version.author_name)],
        "custodian": opened.laboratory,
        "content": [{"attachment": _attachment(opened, signed)}],
        "context": {"related": [values.reference("DiagnosticReport", case.id)]},
    }
    if previous is not None:
        before = values.reference("DocumentReference", document_id(opened, previous.version.number))
        resource["relatesTo"] = [{"code": "replaces", "target": before}]
    return finish(values.without_empty(resource), version.at, str(version.number))
