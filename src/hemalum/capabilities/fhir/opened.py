"""A case with all that its resources are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hemalum.capabilities.cases.model import Case, Kind, Material, PatientId, Request
from hemalum.capabilities.cases.service import Browsed
from hemalum.capabilities.fhir.model import CASE_NUMBER, ORGANISATION, key_of
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
    def orders(self) -> list[Resource]:
        """What the case fulfils."""
        return [values.reference("ServiceRequest", one) for one in order_ids(self.case.id, self.placed)]

    def orders_of(self, part_id: str) -> list[Resource]:
        """The orders that a part came with; all of the case where none is known to name it."""
        named = [
            order
            for order, placed in zip(self.orders, self.placed, strict=False)
            if part_id in placed.specimen_ids
        ]
        return named or self.orders

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


def order_ids(case_id: str, placed: Sequence[PlacedOrder]) -> list[str]:
    """The ids of the orders of a case, the oldest first: that of the case, and after it case and a digest.

    So the first keeps its id when others follow, and when it was not written down yet.
    """
    return [case_id, *(f"{case_id}.{key_of(one.issuer, one.number)}" for one in placed[1:])]
