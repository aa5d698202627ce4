"""Patients (R4, 8.1), out and in."""

from hemalum.capabilities.cases.model import Identity, PatientIdentifier, Sex
from hemalum.capabilities.cases.service import ShownPatient
from hemalum.capabilities.fhir.model import Gone, finish
from hemalum.formats.fhir import values
from hemalum.formats.fhir.reading import PatientRead
from hemalum.formats.fhir.values import Resource

_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE, "other": Sex.OTHER, "unknown": Sex.UNKNOWN}


def patient(shown: ShownPatient) -> Resource:
    """A patient; one who was merged says into whom.

    Raises:
        Gone: the patient was erased.
    """
    identity = shown.identity
    if identity is None:
        raise Gone("This patient was erased.")
    resource: Resource = {
        "resourceType": "Patient",
        "id": shown.id,
        "identifier": [values.identifier(one.issuer, one.value, "usual") for one in identity.identifiers],
        "active": shown.merged_into is None,
        "name": [{"text": identity.name}],
        "gender": identity.sex.value,
    }
    if identity.birth_date is not None:
        resource["birthDate"] = values.day(identity.birth_date)
    if shown.merged_into is not None:
        into = values.reference("Patient", shown.merged_into)
        resource["link"] = [{"other": into, "type": "replaced-by"}]
    return finish(values.without_empty(resource), shown.changed_at)


def identity_of(read: PatientRead) -> Identity:
    """A patient as cases know them."""
    numbers = tuple(PatientIdentifier(one.issuer, one.value) for one in read.numbers)
    return Identity(read.name, _SEXES[read.gender], read.birth_date, numbers)
