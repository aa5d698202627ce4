"""What a message does here: patients of a register are written down, orders become cases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases.model import (
    Case,
    CaseStatus,
    Identity,
    Kind,
    Material,
    PatientId,
    PatientIdentifier,
    Priority,
    Request,
    Sex,
)
from hemalum.capabilities.cases.service import Accession, Cases, PartAsked
from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.model import Sender
from hemalum.formats.hl7.acknowledging import Ack, AnsweredOrder, OrderAnswer, acknowledge, answer_orders
from hemalum.formats.hl7.faults import BadMessage, Fault, Place
from hemalum.formats.hl7.message import Message
from hemalum.formats.hl7.reading import (
    AdministrativeSex,
    Control,
    Header,
    Number,
    Order,
    Patient,
    Specimen,
    Urgency,
    read_orders,
    read_patient,
    read_prior_numbers,
)
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.clock import Clock
from hemalum.kernel.errors import Conflict
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import reading, transaction

_MOST_DESCRIPTION = 200
_MOST_SESSION = 40

_SEXES = {
    AdministrativeSex.FEMALE: Sex.FEMALE,
    AdministrativeSex.MALE: Sex.MALE,
    AdministrativeSex.OTHER: Sex.OTHER,
    AdministrativeSex.AMBIGUOUS: Sex.OTHER,
    AdministrativeSex.UNKNOWN: Sex.UNKNOWN,
    AdministrativeSex.NOT_APPLICABLE: Sex.UNKNOWN,
}
_PRIORITIES = {
    Urgency.STAT: Priority.URGENT,
    Urgency.ASAP: Priority.URGENT,
    Urgency.ROUTINE: Priority.ROUTINE,
}


class Mark(Protocol):
    """Writes down, in the transaction of what a message did, that it is done and how it is answered."""

    def __call__(
        self, connection: sa.Connection, answer: Message, patient_id: str | None, case_id: str | None
    ) -> None: ...


@dataclass(frozen=True)
class Doing:
    """Does what messages say, for the account of their sender."""

    database: sa.Engine
    cases: Cases
    access: Access
    clock: Clock

    @property
    def spoken(self) -> frozenset[str]:
        """Kinds of messages that are done here."""
        return frozenset(self._ways)

    def do(self, message: Message, header: Header, sender: Sender, number: int, mark: Mark) -> None:
        """Do what a message says, and mark it.

        Raises:
            BadMessage: it does not say what it has to.
            HemalumError: what it says cannot be; nothing was done then.
        """
        self._ways[header.kind](_Case(message, header, sender, self._actor(sender), number, mark))

    @property
    def _ways(self) -> dict[str, "Callable[[_Case], None]"]:
        return {
            "ADT^A01": self._register,
            "ADT^A04": self._register,
            "ADT^A08": self._correct,
            "ADT^A31": self._correct,
            "ADT^A40": self._merge,
            "OML^O21": self._order,
        }

    def _actor(self, sender: Sender) -> Actor:
        actor = self.access.actor_for(sender.acts_as)
        if actor.organisation_id != sender.organisation_id:
            raise Conflict("The account {name} has no role where its sender belongs to.", name=sender.acts_as)
        return replace(actor, session_id=f"hl7 {sender.name}"[:_MOST_SESSION], purpose=Purpose.CARE)

    # Patients -------------------------------------------------------------------------------------------

    def _register(self, one: "_Case") -> None:
        self._write_down(one, corrects=False)

    def _correct(self, one: "_Case") -> None:
        self._write_down(one, corrects=True)

    def _write_down(self, one: "_Case", *, corrects: bool) -> None:
        identity = identity_of(read_patient(one.message), one.sender)

        def also(connection: sa.Connection, patient_id: PatientId) -> None:
            one.mark(connection, self._accepted(one.header), patient_id, None)

        self.cases.patients.register(one.actor, identity, one.reason, corrects=corrects, also=also)

    def _merge(self, one: "_Case") -> None:
        identity = identity_of(read_patient(one.message), one.sender)
        before = numbers_of(read_prior_numbers(one.message), one.sender)

        def also(connection: sa.Connection, patient_id: PatientId) -> None:
            one.mark(connection, self._accepted(one.header), patient_id, None)

        self.cases.patients.merge_registered(one.actor, identity, before, one.reason, also)

    def _accepted(self, header: Header) -> Message:
        return acknowledge(header, Ack.ACCEPT, now=self.clock(), control_id=new_id())

    # Orders ---------------------------------------------------------------------------------------------

    def _order(self, one: "_Case") -> None:
        orders = read_orders(one.message)
        if len({each.control for each in orders}) > 1:
            raise BadMessage("A message either places orders, or changes them, or cancels them.").at(
                Place("ORC", 2, 1), Fault.TABLE_VALUE
            )
        if len({each.group for each in orders}) > 1 or (len(orders) > 1 and orders[0].group is None):
            raise BadMessage(
                "The orders of a message are of one group (ORC-4), and become one case; send others in "
                "messages of their own."
            ).at(Place("ORC", 2, 4), Fault.TABLE_VALUE)
        ways = {Control.NEW: self._place, Control.CANCEL: self._cancel, Control.CHANGE: self._change}
        ways[orders[0].control](one, orders)

    def _place(self, one: "_Case", orders: Sequence[Order]) -> None:
        with reading(self.database) as connection:
            if any(_find(connection, one.sender, each) is not None for each in orders):
                raise BadMessage("This order was placed before.").at(
                    Place("ORC", field=2), Fault.DUPLICATE_KEY
                )
        asked = accession_of(read_patient(one.message), orders, one.sender)

        def also(connection: sa.Connection, case: Case, material: Sequence[Material]) -> None:
            for each in orders:
                issuer = each.placer.issuer
                store.add_order(connection, one.sender.id, issuer, each.placer.value, case.id, one.number)
            answer = self._answer(one, OrderAnswer.ACCEPTED, orders, case, material)
            one.mark(connection, answer, case.patient_id, case.id)

        self.cases.accession(one.actor, asked, also)

    def _cancel(self, one: "_Case", orders: Sequence[Order]) -> None:
        case_id = self._case_of(one.sender, orders)
        shown = self.cases.get_case(one.actor, case_id)
        if shown.case.status is not CaseStatus.ENDED:
            shown = self.cases.move_case(one.actor, case_id, CaseStatus.ENDED, one.reason)
        self._mark_case(one, OrderAnswer.CANCELLED, orders, shown.case, shown.material)

    def _change(self, one: "_Case", orders: Sequence[Order]) -> None:
        case_id = self._case_of(one.sender, orders)
        shown = self.cases.get_case(one.actor, case_id)
        specimens = sum(len(each.specimens) for each in orders)
        parts = [piece for piece in shown.material if piece.kind is Kind.PART]
        if specimens and specimens != len(parts):
            raise BadMessage(
                "The changed order has other specimens than the case; change the case by hand."
            ).at(Place("SPM"), Fault.TABLE_VALUE)
        shown = self.cases.triage(one.actor, case_id, priority=_priority_of(orders))
        self._mark_case(one, OrderAnswer.CHANGED, orders, shown.case, shown.material)

    def _mark_case(
        self,
        one: "_Case",
        answer: OrderAnswer,
        orders: Sequence[Order],
        case: Case,
        material: Sequence[Material],
    ) -> None:
        # In a transaction of its own: to cancel or change once more would change nothing.
        said = self._answer(one, answer, orders, case, material)
        with transaction(self.database) as connection:
            one.mark(connection, said, case.patient_id, case.id)

    def _case_of(self, sender: Sender, orders: Sequence[Order]) -> str:
        with reading(self.database) as connection:
            found = {_find(connection, sender, each) for each in orders}
        case_id = next(iter(found))
        if case_id is None or len(found) > 1:
            raise BadMessage("No order of this number was placed before.").at(
                Place("ORC", field=2), Fault.UNKNOWN_KEY
            )
        return case_id

    def _answer(
        self,
        one: "_Case",
        answer: OrderAnswer,
        orders: Sequence[Order],
        case: Case,
        material: Sequence[Material],
    ) -> Message:
        parts = [piece.identifier for piece in material if piece.kind is Kind.PART]
        answered = []
        for each in orders:
            count = max(1, len(each.specimens))
            answered.append(AnsweredOrder(each, answer, case.number, tuple(parts[:count])))
            parts = parts[count:]
        patient = read_patient(one.message) if one.message.find("PID") else None
        return answer_orders(one.header, Ack.ACCEPT, patient, answered, now=self.clock(), control_id=new_id())


@dataclass(frozen=True)
class _Case:
    """A message that is being done."""

    message: Message
    header: Header
    sender: Sender
    actor: Actor
    number: int
    mark: Mark

    @property
    def reason(self) -> str:
        """What stands in the history of a case. It names nobody."""
        return f"{self.header.kind}, {self.sender.name}, {self.header.control_id}"


def identity_of(patient: Patient, sender: Sender) -> Identity:
    """A patient as cases know them."""
    return Identity(
        patient.name,
        _SEXES[patient.sex],
        patient.birth_date,
        numbers_of(patient.numbers, sender),
    )


def numbers_of(numbers: Sequence[Number], sender: Sender) -> tuple[PatientIdentifier, ...]:
    """Numbers with whoever gave them: the sender's facility, where a message does not say."""
    issuer = sender.facility or sender.application
    found = (PatientIdentifier(one.issuer or issuer, one.value) for one in numbers)
    return tuple(dict.fromkeys(found))


def accession_of(patient: Patient, orders: Sequence[Order], sender: Sender) -> Accession:
    """Orders of one case as they are accessioned: each specimen becomes a part."""
    parts: list[PartAsked] = []
    histories = [each.history for each in orders]
    for each in orders:
        for specimen in each.specimens or (_unnamed(each),):
            parts.append(PartAsked(_cut(specimen.description), _cut(specimen.organ)))
            # What is too long for a label is not lost.
            histories += [
                text for text in (specimen.description, specimen.organ) if len(text) > _MOST_DESCRIPTION
            ]
    first = orders[0]
    request = Request(first.department, first.clinician, "\n".join(dict.fromkeys(filter(None, histories))))
    zone = ZoneInfo(sender.time_zone)
    received = [one.received_at.at(zone) for each in orders for one in each.specimens if one.received_at]
    return Accession(
        tuple(parts),
        identity_of(patient, sender),
        None if request == Request() else request,
        _priority_of(orders),
        received_at=min(received, default=None),
        foreign_numbers=numbers_of([each.placer for each in orders], sender),
        is_expected=not received,
    )


def _unnamed(order: Order) -> Specimen:
    """The one specimen of an order that states none."""
    return Specimen("", "", order.service or order.placer.value, "", None)


def _priority_of(orders: Sequence[Order]) -> Priority:
    """The most pressing of all."""
    return min((_PRIORITIES[each.urgency] for each in orders), key=lambda one: one.rank)


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _MOST_DESCRIPTION else f"{flat[: _MOST_DESCRIPTION - 1]}…"


def _find(connection: sa.Connection, sender: Sender, order: Order) -> str | None:
    return store.find_order(connection, sender.id, order.placer.issuer, order.placer.value)
