"""What FHIR R4 (4.0.1) says of the types that are used here: elements, codes, what references may name.

From the section "Content" of each resource's page. Of bindings only those of strength *required* are listed
(Terminologies, 4.1.4): a code outside them is wrong whatever is meant by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_ANY = frozenset[str]()


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Definition:
    """One type of resource. Paths name elements, those of each item where one repeats."""

    elements: frozenset[str]
    """Besides those that every resource has."""
    lists: frozenset[str]
    """Those of the elements that repeat."""
    required: tuple[str, ...] = ()
    """A path is asked for where what holds it is there."""
    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    targets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Types that a reference may name; empty for any."""
    choices: tuple[str, ...] = ()
    """Elements of which a resource has one at most, as value[x]."""


OF_EVERY_RESOURCE = _set(
    "resourceType id meta implicitRules language text contained extension modifierExtension"
)
_PEOPLE = _set("Practitioner PractitionerRole Organization Patient RelatedPerson")
_SUBJECTS = _set("Patient Group Device Location")
_REQUEST_STATUS = _set("draft active on-hold revoked completed entered-in-error unknown")
_PRIORITY = _set("routine urgent asap stat")
_INTENT = _set("proposal plan directive order original-order reflex-order filler-order instance-order option")
_GENDER = _set("male female other unknown")
_NAME_USE = _set("usual official temp nickname anonymous old maiden")
_IDENTIFIER_USE = _set("usual official temp secondary old")

DEFINITIONS: Mapping[str, Definition] = {
    "Patient": Definition(
        _set(
            "identifier active name telecom gender birthDate deceasedBoolean deceasedDateTime address "
            "maritalStatus multipleBirthBoolean multipleBirthInteger photo contact communication "
            "generalPractitioner managingOrganization link"
        ),
        _set("identifier name telecom address photo contact communication generalPractitioner link"),
        ("link.other", "link.type", "communication.language"),
        {
            "gender": _GENDER,
            "name.use": _NAME_USE,
            "identifier.use": _IDENTIFIER_USE,
            "link.type": _set("replaced-by replaces refer seealso"),
        },
        {
            "generalPractitioner": _set("Organization Practitioner PractitionerRole"),
            "managingOrganization": _set("Organization"),
            "link.other": _set("Patient RelatedPerson"),
        },
        ("deceased", "multipleBirth"),
    ),
    "ServiceRequest": Definition(
        _set(
            "identifier instantiatesCanonical instantiatesUri basedOn replaces requisition status intent "
            "category priority doNotPerform code orderDetail quantityQuantity quantityRatio quantityRange "
            "subject encounter occurrenceDateTime occurrencePeriod occurrenceTiming asNeededBoolean "
            "asNeededCodeableConcept authoredOn requester performerType performer locationCode "
            "locationReference reasonCode reasonReference insurance supportingInfo specimen bodySite note "
            "patientInstruction relevantHistory"
        ),
        _set(
            "identifier instantiatesCanonical instantiatesUri basedOn replaces category orderDetail "
            "performer locationCode locationReference reasonCode reasonReference insurance supportingInfo "
            "specimen bodySite note relevantHistory"
        ),
        ("status", "intent", "subject", "note.text"),
        {
            "status": _REQUEST_STATUS,
            "intent": _INTENT,
            "priority": _PRIORITY,
            "identifier.use": _IDENTIFIER_USE,
        },
        {
            "subject": _SUBJECTS,
            "basedOn": _set("CarePlan ServiceRequest MedicationRequest"),
            "replaces": _set("ServiceRequest"),
            "encounter": _set("Encounter"),
            "requester": _PEOPLE | _set("Device"),
            "performer": _PEOPLE | _set("CareTeam HealthcareService Device"),
            "reasonReference": _set("Condition Observation DiagnosticReport DocumentReference"),
            "specimen": _set("Specimen"),
            "relevantHistory": _set("Provenance"),
        },
        ("quantity", "occurrence", "asNeeded"),
    ),
    "Specimen": Definition(
        _set(
            "identifier accessionIdentifier status type subject receivedTime parent request collection "
            "processing container condition note"
        ),
        _set("identifier parent request processing container condition note"),
        (),
        {
            "status": _set("available unavailable unsatisfactory entered-in-error"),
            "identifier.use": _IDENTIFIER_USE,
        },
        {
            "subject": _SUBJECTS | _set("Substance"),
            "parent": _set("Specimen"),
            "request": _set("ServiceRequest"),
            "collection.collector": _set("Practitioner PractitionerRole"),
        },
    ),
    "Task": Definition(
        _set(
            "identifier instantiatesCanonical instantiatesUri basedOn groupIdentifier partOf status "
            "statusReason businessStatus intent priority code description focus for encounter "
            "executionPeriod authoredOn lastModified requester performerType owner location reasonCode "
            "reasonReference insurance note relevantHistory restriction input output"
        ),
        _set("identifier basedOn partOf performerType insurance note relevantHistory input output"),
        ("status", "intent", "input.type", "output.type"),
        {
            "status": _set(
                "draft requested received accepted rejected ready cancelled in-progress on-hold failed "
                "completed entered-in-error"
            ),
            "intent": _INTENT - {"directive"} | {"unknown"},
            "priority": _PRIORITY,
        },
        {
            "partOf": _set("Task"),
            "for": _ANY,
            "focus": _ANY,
            "basedOn": _ANY,
            "encounter": _set("Encounter"),
            "requester": _PEOPLE | _set("Device"),
            "owner": _PEOPLE | _set("CareTeam HealthcareService Device"),
        },
    ),
    "ImagingStudy": Definition(
        _set(
            "identifier status modality subject encounter started basedOn referrer interpreter endpoint "
            "numberOfSeries numberOfInstances procedureReference procedureCode location reasonCode "
            "reasonReference note description series"
        ),
        _set(
            "identifier modality basedOn interpreter endpoint procedureCode reasonCode reasonReference "
            "note series"
        ),
        (
            "status",
            "subject",
            "series.uid",
            "series.modality",
            "series.instance.uid",
            "series.instance.sopClass",
        ),
        {"status": _set("registered available cancelled entered-in-error unknown")},
        {
            "subject": _set("Patient Device Group"),
            "basedOn": _set("CarePlan ServiceRequest Appointment AppointmentResponse Task"),
            "endpoint": _set("Endpoint"),
            "series.endpoint": _set("Endpoint"),
            "series.specimen": _set("Specimen"),
        },
    ),
    "DiagnosticReport": Definition(
        _set(
            "identifier basedOn status category code subject encounter effectiveDateTime effectivePeriod "
            "issued performer resultsInterpreter specimen result imagingStudy media conclusion "
            "conclusionCode presentedForm"
        ),
        _set(
            "identifier basedOn category performer resultsInterpreter specimen result imagingStudy media "
            "conclusionCode presentedForm"
        ),
        ("status", "code", "media.link"),
        {
            "status": _set(
                "registered partial preliminary final amended corrected appended cancelled "
                "entered-in-error unknown"
            )
        },
        {
            "basedOn": _set(
                "CarePlan ImmunizationRecommendation MedicationRequest NutritionOrder ServiceRequest"
            ),
            "subject": _SUBJECTS,
            "encounter": _set("Encounter"),
            "performer": _set("Practitioner PractitionerRole Organization CareTeam"),
            "resultsInterpreter": _set("Practitioner PractitionerRole Organization CareTeam"),
            "specimen": _set("Specimen"),
            "result": _set("Observation"),
            "imagingStudy": _set("ImagingStudy"),
            "media.link": _set("Media"),
        },
        ("effective",),
    ),
    "Observation": Definition(
        _set(
            "identifier basedOn partOf status category code subject focus encounter effectiveDateTime "
            "effectivePeriod effectiveTiming effectiveInstant issued performer valueQuantity "
            "valueCodeableConcept valueString valueBoolean valueInteger valueRange valueRatio "
            "valueSampledData valueTime valueDateTime valuePeriod dataAbsentReason interpretation note "
            "bodySite method specimen device referenceRange hasMember derivedFrom component"
        ),
        _set(
            "identifier basedOn partOf category focus performer interpretation note referenceRange "
            "hasMember derivedFrom component"
        ),
        ("status", "code", "component.code"),
        {"status": _set("registered preliminary final amended corrected cancelled entered-in-error unknown")},
        {
            "basedOn": _set(
                "CarePlan DeviceRequest ImmunizationRecommendation MedicationRequest NutritionOrder "
                "ServiceRequest"
            ),
            "subject": _SUBJECTS,
            "performer": _PEOPLE | _set("CareTeam"),
            "specimen": _set("Specimen"),
            "device": _set("Device DeviceMetric"),
            "hasMember": _set("Observation QuestionnaireResponse MolecularSequence"),
            "derivedFrom": _set(
                "DocumentReference ImagingStudy Media QuestionnaireResponse Observation MolecularSequence"
            ),
        },
        ("effective", "value"),
    ),
    "DocumentReference": Definition(
        _set(
            "masterIdentifier identifier status docStatus type category subject date author authenticator "
            "custodian relatesTo description securityLabel content context"
        ),
        _set("identifier category author relatesTo securityLabel content"),
        ("status", "content", "content.attachment", "relatesTo.code", "relatesTo.target"),
        {
            "status": _set("current superseded entered-in-error"),
            "docStatus": _set("preliminary final amended entered-in-error"),
            "relatesTo.code": _set("replaces transforms signs appends"),
        },
        {
            "subject": _set("Patient Practitioner Group Device"),
            "author": _PEOPLE | _set("Device"),
            "authenticator": _set("Practitioner PractitionerRole Organization"),
            "custodian": _set("Organization"),
            "relatesTo.target": _set("DocumentReference"),
        },
    ),
    "Subscription": Definition(
        _set("status contact end reason criteria error channel"),
        _set("contact"),
        ("status", "reason", "criteria", "channel", "channel.type"),
        {
            "status": _set("requested active error off"),
            "channel.type": _set("rest-hook websocket email sms message"),
        },
    ),
    "Provenance": Definition(
        _set(
            "target occurredPeriod occurredDateTime recorded policy location reason activity agent entity "
            "signature"
        ),
        _set("target policy reason agent entity signature"),
        ("target", "recorded", "agent", "agent.who", "entity.role", "entity.what"),
        {"entity.role": _set("derivation revision quotation source removal")},
        {
            "target": _ANY,
            "location": _set("Location"),
            "agent.who": _PEOPLE | _set("Device"),
            "agent.onBehalfOf": _PEOPLE | _set("Device"),
            "entity.what": _ANY,
        },
        ("occurred",),
    ),
}
