"""A case with all that its resources are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hemalum.capabilities.cases.model import Case, Kind, Material, PatientId, Request
from hemalum.capabilities.cases.service import Browsed
from hemalum.capabilities.fhir.model import CASE_NUMBER, ORGANISATION
from hemalum.capabilities.orders.model import PlacedOrder
from hemalum.capabilities.reports.model import SignedVersion
from hemalum.capabilities.slides.model import ImageSummary, Instance
from hemalum.formats.fhir import values
from hemalum.formats.fhir.values import Resource


@dataclass(frozen=True, slots=True)
class Scan:
    """An image of a slide with its DICOM instances."""

    summary: ImageSummary
    instances: Sequence[Instance]


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case as its resources tell it; what a kind does not need is not looked up."""

    browsed: Browsed
    organisation: str
    """What it is called."""
    base: str
    """Address of the node."""
    scans: Mapping[str, Scan] = field(default_factory=dict)
    """By image."""
    signed: tuple[SignedVersion, ...] = ()
    placed: tuple[PlacedOrder, ...] = ()
    """The orders that the case fulfils; empty for one from before they were kept."""

    @property
    def case(self) -> Case:
        return self.browsed.shown.case

    @property
    def material(self) -> tuple[Material, ...]:
        return self.browsed.shown.material

    @property
    def parts(self) -> list[Material]:
        return [one for one in self.material if one.kind is Kind.PART]

    @property
    def request(self) -> Request | None:
        return self.browsed.request

    @property
    def patient_id(self) -> PatientId | None:
        return self.browsed.patient_id

    @property
    def subject(self) -> Resource:
        """Whose tissue it is: a patient, or why none is named."""
        if self.patient_id is not None:
            return values.reference("Patient", self.patient_id)
        return values.absent("masked" if self.browsed.shown.is_withheld else "unknown")

    @property
    def order(self) -> Resource:
        return values.reference("ServiceRequest", self.case.id)

    @property
    def laboratory(self) -> Resource:
        return values.logical_reference(
            ORGANISATION, self.case.organisation_id, self.organisation, "Organization"
        )

    @property
    def number(self) -> Resource:
        """The number of the case as identifier."""
        kind = values.concept("", values.coding("http://terminology.hl7.org/CodeSystem/v2-0203", "FILL"))
        return {"type": kind, "system": CASE_NUMBER, "value": self.case.number}
