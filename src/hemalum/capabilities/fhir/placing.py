"""Orders that come in: patients are written down, and a ServiceRequest with its specimens becomes a case."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hemalum.capabilities.cases.model import (
    Case,
    CaseSearch,
    Identity,
    Material,
    PatientIdentifier,
    Priority,
    Request,
    normal_text,
)
from hemalum.capabilities.cases.model import (
    Kind as MaterialKind,
)
from hemalum.capabilities.cases.service import Accession, AlsoOfCase, Cases, PartAsked
from hemalum.capabilities.fhir import policy, store
from hemalum.capabilities.fhir.model import Kind
from hemalum.capabilities.fhir.patients import identity_of
from hemalum.capabilities.orders.model import PlacedAsked
from hemalum.capabilities.orders.service import Placing as OrdersOfClinicians
from hemalum.formats.fhir.checks import require_sound, walk
from hemalum.formats.fhir.outcomes import BadResource, Fault, Issue
from hemalum.formats.fhir.reading import NumberRead, OrderRead, read_order, read_patient
from hemalum.formats.fhir.scopes import Interaction
from hemalum.formats.fhir.values import Resource, issuer_of
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.db import reading

_MOST_WORDS = 200
_PRIORITIES = {"routine": Priority.ROUTINE, "urgent": Priority.URGENT, "asap": Priority.URGENT}

type AtHand = Mapping[str, Resource]
"""Resources that came along, by what references call them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of an order or a patient."""

    kind: Kind
    id: str
    is_new: bool
    """Whether it was written down now, or before."""
    patient_id: str = ""
    part_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placing:
    """Writes down what other systems order."""

    cases: Cases
    orders: OrdersOfClinicians

    def place_patient(self, actor: Actor, resource: Resource) -> Placed:
        """Write a patient down; one whose number is known stays one.

        Raises:
            NotPermitted: the actor may not.
            BadResource: it is no sound Patient, or has no name or number.
            OtherPatient: a number belongs to somebody who is described otherwise.
        """
        policy.check(actor, Kind.PATIENT, Interaction.CREATE)
        require_sound(resource)
        identity = identity_of(read_patient(resource))
        is_known = bool(self._known(actor, identity.identifiers))
        patient_id = self.cases.patients.register(actor, identity, "", corrects=False)
        return Placed(Kind.PATIENT, patient_id, not is_known, patient_id)

    def place_order(self, actor: Actor, resource: Resource, at_hand: AtHand) -> Placed:
        """Accession an order with its patient and specimens. Raises as `place_orders` does."""
        return self.place_orders(actor, [resource], at_hand)[0]

    def place_orders(self, actor: Actor, resources: Sequence[Resource], at_hand: AtHand) -> list[Placed]:
        """Accession orders with their patient and specimens, each as a case, all of it or nothing. One that
        was placed before, by any of its numbers, stays the case that it became.

        Raises:
            NotPermitted: the actor may not.
            BadResource: something in it is wrong, what it refers to does not come along, or two of the orders
                have the same number.
            Conflict: its numbers are of different orders, or of an order for another patient.
            OtherPatient: a number of the patient belongs to somebody who is described otherwise.
        """
        policy.check(actor, Kind.SERVICE_REQUEST, Interaction.CREATE)
        read = [self._read(actor, each, at_hand) for each in resources]
        numbers = [number for order, _ in read for number in set(order.numbers)]
        if len(set(numbers)) < len(numbers):
            raise _bad("ServiceRequest.identifier", Sentence("Two orders have the same number."))
        try:
            return self._place(actor, read)
        except Conflict:
            # Another request may have placed the same orders just now.
            known = [self._find(actor, order.numbers, identity) for order, identity in read]
            placed = [each for each in known if each is not None]
            if len(placed) < len(read):
                raise
            return placed

    def _read(self, actor: Actor, resource: Resource, at_hand: AtHand) -> tuple[OrderRead, Identity]:
        """An order and whose tissue it is."""
        require_sound(resource)
        resolve = _resolver(resource, at_hand)
        for where, made in walk(resource, "ServiceRequest", "specimen"):
            _require_sound_at(where, resolve(made), "Specimen")
        return read_order(resource, resolve), self._patient(actor, resource["subject"], resolve)

    def _place(self, actor: Actor, read: Sequence[tuple[OrderRead, Identity]]) -> list[Placed]:
        known = [self._find(actor, order.numbers, identity) for order, identity in read]
        missing = [each for each, found in zip(read, known, strict=True) if found is None]
        asked = [(_accession_of(order, identity), self._noting(order)) for order, identity in missing]
        shown = self.cases.accession_all(actor, asked) if missing else []
        begun = iter([_placed(one.case, one.material, is_new=True) for one in shown])
        return [found or next(begun) for found in known]

    def _find(self, actor: Actor, numbers: Iterable[NumberRead], identity: Identity) -> Placed | None:
        """The case that an order of these numbers became."""
        with reading(self.cases.ledger.database) as connection:
            ids = store.find_orders(connection, actor.organisation_id, numbers)
        if not ids:
            return None
        if len(ids) > 1:
            raise Conflict("These numbers belong to different orders.")
        browsed, _ = self.cases.browsing.browse(actor, CaseSearch(ids=tuple(ids)))
        shown = browsed[0].shown if browsed else None
        if shown is None or shown.identity is None or not _share_number(shown.identity, identity):
            raise Conflict("An order of this number was placed for another patient.")
        return _placed(shown.case, shown.material, is_new=False)

    def _patient(self, actor: Actor, made: Resource, resolve: "_Resolve") -> Identity:
        """Whose tissue it is: the patient who came along, or one who is known here."""
        found = resolve(made)
        if found is not None:
            _require_sound_at("ServiceRequest.subject", found, "Patient")
            return identity_of(read_patient(found))
        said = made.get("identifier")
        target = str(made.get("reference", ""))
        shown = None
        if target.startswith("Patient/"):
            shown = self.cases.patients.get(actor, target.removeprefix("Patient/"))
        elif isinstance(said, dict) and isinstance(said.get("value"), str):
            issuer = issuer_of(said["system"]) if isinstance(said.get("system"), str) else None
            known = self.cases.patients.find(actor, said["value"], issuer)
            shown = known[0] if len(known) == 1 else None
        if shown is None or shown.identity is None:
            raise _bad("ServiceRequest.subject", Sentence("The patient of the order is not known here."))
        if not shown.identity.identifiers:
            sentence = Sentence("A patient without a number is not ordered for; give the patient one first.")
            raise _bad("ServiceRequest.subject", sentence)
        return shown.identity

    def _known(self, actor: Actor, numbers: Iterable[PatientIdentifier]) -> set[str]:
        patients = self.cases.patients
        with reading(self.cases.ledger.database) as connection:
            return {
                each
                for one in numbers
                for each in patients.numbered(connection, actor, one.value, one.issuer)
            }

    def _noting(self, order: OrderRead) -> AlsoOfCase:
        """Writes down which case an order became, in the transaction in which it begins."""

        def also(connection: sa.Connection, case: Case, material: Sequence[Material]) -> None:
            store.add_order(connection, case.organisation_id, order.numbers, case.id)
            # It is one order, whatever numbers it has.
            first = order.numbers[0]
            parts = tuple(one.id for one in material if one.kind is MaterialKind.PART)
            self.orders.note(connection, case, [PlacedAsked(first.issuer, first.value, parts)])

        return also


type _Resolve = Callable[[Resource], Resource | None]


def _resolver(resource: Resource, at_hand: AtHand) -> _Resolve:
    contained = {
        f"#{one['id']}": one
        for one in resource.get("contained", [])
        if isinstance(one, dict) and isinstance(one.get("id"), str)
    }

    def resolve(made: Resource) -> Resource | None:
        target = made.get("reference")
        return contained.get(target) or at_hand.get(target) if isinstance(target, str) else None

    return resolve


def _require_sound_at(where: str, found: Resource | None, kind: str) -> None:
    """Raise BadResource where what came along is not what it should be; its place is where it is named."""
    if found is None:
        return
    if found.get("resourceType") != kind:
        raise _bad(where, Sentence("{where} must refer to one of {kinds}.", {"where": where, "kinds": kind}))
    # What is contained names what contains it, which is not seen from within.
    require_sound({name: value for name, value in found.items() if name not in ("subject", "request")})


def _accession_of(order: OrderRead, identity: Identity) -> Accession:
    parts = tuple(PartAsked(_cut(one.description), _cut(one.organ)) for one in order.specimens)
    # What is too long for a label is not lost.
    told = [one.description for one in order.specimens] + [one.organ for one in order.specimens]
    histories = [order.history, *(one for one in told if len(one) > _MOST_WORDS)]
    request = Request(order.department, order.clinician, "\n".join(filter(None, histories)))
    received = [one.received_at for one in order.specimens if one.received_at is not None]
    return Accession(
        parts,
        identity,
        None if request == Request() else request,
        _PRIORITIES.get(order.priority, Priority.URGENT),
        received_at=min(received, default=None),
        foreign_numbers=tuple(PatientIdentifier(one.issuer, one.value) for one in order.numbers),
        is_expected=not received,
    )


def _placed(case: Case, material: Sequence[Material], *, is_new: bool) -> Placed:
    parts = tuple(one.id for one in material if one.kind is MaterialKind.PART)
    return Placed(Kind.SERVICE_REQUEST, case.id, is_new, case.patient_id or "", parts)


def _share_number(one: Identity, other: Identity) -> bool:
    numbers = [
        {(normal_text(each.issuer), normal_text(each.value)) for each in who.identifiers}
        for who in (one, other)
    ]
    return bool(numbers[0] & numbers[1])


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_WORDS else f"{text[: _MOST_WORDS - 1]}…"


def _bad(where: str, said: Sentence) -> BadResource:
    return BadResource.because([Issue(Fault.VALUE, where, said)])
