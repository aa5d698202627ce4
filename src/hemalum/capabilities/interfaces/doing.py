"""What a message does here: patients of a register are written down, orders become cases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases.model import (
    Case,
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
from hemalum.capabilities.custody.service import Custody
from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.hearing import heard_of
from hemalum.capabilities.interfaces.model import Sender
from hemalum.capabilities.orders.model import PlacedAsked
from hemalum.capabilities.orders.service import AlsoOfOrders, Key, Orders
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
from hemalum.formats.hl7.specimens import read_specimen_events
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
    orders: Orders
    access: Access
    clock: Clock

    @property
    def cases(self) -> Cases:
        return self.orders.cases

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
            "OML^O33": self._order,
            "SSU^U03": self._hear,
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

    # Specimens ------------------------------------------------------------------------------------------

    def _hear(self, one: "_Case") -> None:
        told = [heard_of(each, one.sender) for each in read_specimen_events(one.message)]

        def also(connection: sa.Connection, case: Case | None) -> None:
            patient_id, case_id = (None, None) if case is None else (case.patient_id, case.id)
            one.mark(connection, self._accepted(one.header), patient_id, case_id)

        Custody(self.cases).hearing.hear(one.actor, told, one.reason, also)

    # Orders ---------------------------------------------------------------------------------------------

    def _order(self, one: "_Case") -> None:
        orders = read_orders(one.message)
        if len({each.control for each in orders}) > 1:
            raise BadMessage("A message does one thing to all of its orders (ORC-1).").at(
                Place("ORC", 2, 1), Fault.TABLE_VALUE
            )
        ways = {
            Control.NEW: self._place,
            Control.CANCEL: self._cancel,
            Control.CHANGE: self._change,
            Control.HOLD: self._hold,
            Control.RELEASE: self._release,
        }
        ways[orders[0].control](one, orders)

    def _place(self, one: "_Case", orders: Sequence[Order]) -> None:
        with reading(self.database) as connection:
            known = [store.find_placed(connection, one.sender.id, *_key(each)) for each in orders]
        if any(found is not None and found[1] != one.number for found in known):
            raise BadMessage("This order was placed before.").at(Place("ORC", field=2), Fault.DUPLICATE_KEY)
        if len({_key(each) for each in orders}) < len(orders):
            raise BadMessage("Two orders of this message have the same number.").at(
                Place("ORC", 2, 2), Fault.DUPLICATE_KEY
            )
        answered: list[AnsweredOrder] = []
        # What this message had done before the node was killed is not done again.
        begun = {_key(each): found[0] for each, found in zip(orders, known, strict=True) if found is not None}
        groups = _grouped(orders)
        for number, group in enumerate(groups, 1):
            case_id = begun.get(_key(group[0]))
            if case_id is None:
                self._begin(one, group, answered, is_last=number == len(groups))
                continue
            case = self.cases.get_case(one.actor, case_id).case
            with transaction(self.database) as connection:
                answered += self._answered(connection, one, OrderAnswer.ACCEPTED, group, case)
                if number == len(groups):
                    one.mark(connection, self._answer(one, answered), case.patient_id, case.id)

    def _begin(
        self, one: "_Case", group: Sequence[Order], answered: list[AnsweredOrder], *, is_last: bool
    ) -> None:
        """Begin the case of a group; with the last one the message is marked, in the same transaction."""

        def also(connection: sa.Connection, case: Case, material: Sequence[Material]) -> None:
            parts = [piece.id for piece in material if piece.kind is Kind.PART]
            placed = []
            for each in group:
                store.add_order(connection, one.sender.id, *_key(each), case.id, one.number)
                count = max(1, len(each.specimens))
                placed.append(PlacedAsked(*_named(each, one.sender), tuple(parts[:count])))
                parts = parts[count:]
            self.orders.placing.note(connection, case, placed)
            answered.extend(self._answered(connection, one, OrderAnswer.ACCEPTED, group, case))
            if is_last:
                one.mark(connection, self._answer(one, answered), case.patient_id, case.id)

        self.cases.accession(one.actor, accession_of(read_patient(one.message), group, one.sender), also)

    def _cancel(self, one: "_Case", orders: Sequence[Order]) -> None:
        answered: list[AnsweredOrder] = []
        ways = list(self._cases_of(one.sender, orders).items())
        for number, (case_id, group) in enumerate(ways, 1):
            is_last = number == len(ways)

            def also(
                connection: sa.Connection,
                case: Case,
                is_revoked: bool,
                group: Sequence[Order] = group,
                is_last: bool = is_last,
            ) -> None:
                answer = OrderAnswer.CANCELLED if is_revoked else OrderAnswer.NOT_CANCELLED
                answered.extend(self._answered(connection, one, answer, group, case))
                if is_last:
                    one.mark(connection, self._answer(one, answered), case.patient_id, case.id)

            self.orders.placing.revoke(one.actor, case_id, _names(group, one.sender), one.reason, also)

    def _change(self, one: "_Case", orders: Sequence[Order]) -> None:
        answered: list[AnsweredOrder] = []
        ways = list(self._cases_of(one.sender, orders).items())
        for number, (case_id, group) in enumerate(ways, 1):
            parts = {_named(each, one.sender): _specimens_of(each) for each in group}
            also = self._also(one, OrderAnswer.CHANGED, group, answered, is_last=number == len(ways))
            # To change the priority once more would change nothing; what marks the message comes last.
            self.cases.triage(one.actor, case_id, priority=_priority_of(group))
            self.orders.placing.add_specimens(one.actor, case_id, parts, also)

    def _hold(self, one: "_Case", orders: Sequence[Order]) -> None:
        self._bring(one, orders, OrderAnswer.HELD, self.orders.placing.hold)

    def _release(self, one: "_Case", orders: Sequence[Order]) -> None:
        self._bring(one, orders, OrderAnswer.RELEASED, self.orders.placing.release)

    def _bring(
        self,
        one: "_Case",
        orders: Sequence[Order],
        answer: OrderAnswer,
        bring: Callable[[Actor, str, Sequence[Key], str, AlsoOfOrders], None],
    ) -> None:
        answered: list[AnsweredOrder] = []
        ways = list(self._cases_of(one.sender, orders).items())
        for number, (case_id, group) in enumerate(ways, 1):
            also = self._also(one, answer, group, answered, is_last=number == len(ways))
            bring(one.actor, case_id, _names(group, one.sender), one.reason, also)

    def _also(
        self,
        one: "_Case",
        answer: OrderAnswer,
        group: Sequence[Order],
        answered: list[AnsweredOrder],
        *,
        is_last: bool,
    ) -> AlsoOfOrders:
        """Gathers what became of the orders of one case; with the last case the message is marked."""

        def also(connection: sa.Connection, case: Case) -> None:
            answered.extend(self._answered(connection, one, answer, group, case))
            if is_last:
                one.mark(connection, self._answer(one, answered), case.patient_id, case.id)

        return also

    def _cases_of(self, sender: Sender, orders: Sequence[Order]) -> dict[str, list[Order]]:
        """Orders that were placed before, by the case that they became."""
        found: dict[str, list[Order]] = {}
        with reading(self.database) as connection:
            for each in orders:
                placed = store.find_placed(connection, sender.id, *_key(each))
                if placed is None:
                    raise BadMessage("No order of this number was placed before.").at(
                        Place("ORC", field=2), Fault.UNKNOWN_KEY
                    )
                found.setdefault(placed[0], []).append(each)
        return found

    def _answered(
        self,
        connection: sa.Connection,
        one: "_Case",
        answer: OrderAnswer,
        orders: Sequence[Order],
        case: Case,
    ) -> list[AnsweredOrder]:
        """Orders of a case as they are answered: with its number, and those of their specimens."""
        specimens = self.orders.placing.specimens_of(connection, case)
        return [
            AnsweredOrder(each, answer, case.number, specimens.get(_named(each, one.sender), ()))
            for each in orders
        ]

    def _answer(self, one: "_Case", answered: Sequence[AnsweredOrder]) -> Message:
        patient = read_patient(one.message) if one.message.find("PID") else None
        return answer_orders(one.header, Ack.ACCEPT, patient, answered, now=self.clock(), control_id=new_id())


def _grouped(orders: Sequence[Order]) -> list[list[Order]]:
    """Orders by the case that they become: those of one group (ORC-4) one, every other one of its own."""
    groups: dict[object, list[Order]] = {}
    for number, each in enumerate(orders):
        groups.setdefault(each.group or number, []).append(each)
    return list(groups.values())


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


def _key(order: Order) -> tuple[str, str]:
    """By what an order of a sender is found again."""
    return order.placer.issuer, order.placer.value


def _named(order: Order, sender: Sender) -> Key:
    """The number of an order with whoever gave it, as the case has it among its numbers."""
    (number,) = numbers_of([order.placer], sender)
    return number.issuer, number.value


def _names(orders: Sequence[Order], sender: Sender) -> list[Key]:
    return [_named(each, sender) for each in orders]


def _specimens_of(order: Order) -> list[tuple[PartAsked, bool]]:
    """The specimens that an order states, each with whether it has come."""
    return [
        (PartAsked(_cut(one.description), _cut(one.organ)), one.received_at is not None)
        for one in order.specimens
    ]
