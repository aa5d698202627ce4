"""Further work and what happens to specimens, told to the systems that are set so: once to each of them."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hemalum.capabilities.cases.model import Case, Identity, Kind, Material, MaterialMoved, Priority, Stage
from hemalum.capabilities.custody.model import ContainerKind, Located, PieceWasPutAway
from hemalum.capabilities.custody.service import Custody
from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.model import Receiver, Sent
from hemalum.capabilities.interfaces.outbox import Outbox
from hemalum.capabilities.interfaces.publishing import APPLICATION, OWN_CONTROL_ID, patient_of
from hemalum.capabilities.orders.model import ToldWork, WorkState
from hemalum.capabilities.orders.service import Orders
from hemalum.formats.hl7 import working
from hemalum.formats.hl7.message import Message
from hemalum.formats.hl7.reading import Urgency
from hemalum.formats.hl7.writing import Ends
from hemalum.kernel.audit import Record, Recorder
from hemalum.runtime.db import reading

_S = Stage
_KINDS = {
    Kind.PART: working.Coded("TISS", "Tissue", "HL70487"),
    Kind.BLOCK: working.Coded("block", "Tissue block"),
    Kind.SLIDE: working.Coded("slide", "Slide"),
}
_CASE = working.Coded("TISS", "Tissue", "HL70487")
_STATES: Mapping[WorkState, tuple[str, str]] = {
    WorkState.REQUESTED: ("NW", ""),
    WorkState.ACCEPTED: ("SC", "SC"),
    WorkState.IN_PROGRESS: ("SC", "IP"),
    WorkState.DONE: ("SC", "CM"),
    WorkState.REJECTED: ("OC", "CA"),
    WorkState.CANCELLED: ("CA", "CA"),
}
"""ORC-1 and ORC-5: the laboratory rejects (OC), whoever asked cancels (CA)."""
_URGENCIES = {
    Priority.ROUTINE: Urgency.ROUTINE,
    Priority.URGENT: Urgency.STAT,
    Priority.INTRAOPERATIVE: Urgency.STAT,
}


def _event(code: str, text: str) -> working.Coded:
    return working.Coded(code, text, "HL70003")


_COLLECTED = _event("S39", "Specimen Collection Successful")
_DEPARTED = _event("S41", "Specimen Departed")
_ARRIVED = _event("S42", "Specimen Arrived")
_ACCEPTED = _event("S43", "Specimen Accepted")
_REJECTED = _event("S44", "Specimen Rejected")
_IDENTIFIED = _event("S45", "Specimen Re-identified")
_ARCHIVED = _event("S47", "Specimen Sent to Archive")
_RETRIEVED = _event("S48", "Specimen Retrieved from Archive")
_DISPOSED = _event("S49", "Specimen Disposed of")
_DERIVED = _event("S50", "Specimen Procedure Step Successful, with Derived Specimen(s)")
_STEPPED = _event("S51", "Specimen Procedure Step Successful, no Derived Specimen(s)")
_FAILED = _event("S52", "Specimen Procedure Step Unsuccessful")
_EVENTS: Mapping[Stage, working.Coded] = {
    _S.COLLECTED: _COLLECTED,
    _S.IN_TRANSIT: _DEPARTED,
    _S.ON_LOAN: _DEPARTED,
    _S.RECEIVED: _ARRIVED,
    _S.ACCEPTED: _ACCEPTED,
    _S.REJECTED: _REJECTED,
    _S.PRINTED: _IDENTIFIED,
    _S.LABELLED: _IDENTIFIED,
    _S.STORED: _ARCHIVED,
    _S.FILED: _ARCHIVED,
    _S.DISPOSED: _DISPOSED,
    _S.GROSSED: _DERIVED,
    _S.CUT: _DERIVED,
    **dict.fromkeys(
        (
            _S.FILLED,
            _S.PROCESSED,
            _S.EMBEDDED,
            _S.SECTIONED,
            _S.STAINED,
            _S.COVERSLIPPED,
            _S.QC_PASSED,
            _S.RACKED,
            _S.SCANNED,
        ),
        _STEPPED,
    ),
    **dict.fromkeys((_S.QC_FAILED, _S.LOST, _S.BROKEN), _FAILED),
}
"""What came of a piece. What is planned, or will not be made, is no specimen yet and no event."""
_SHELVED = frozenset({_S.STORED, _S.FILED})
"""What goes on from there was fetched."""
_PUT_IN = working.Coded("put_in", "Put into a container")
_TAKEN_OUT = working.Coded("take_out", "Taken out of a container")
"""Of what is on its way through the laboratory: the events of the profile have none for that."""
_CARRIERS = {kind: working.Coded(kind.value, kind.value) for kind in ContainerKind}
_IN_PROCESS = "O"
_CONTAINERS: Mapping[Stage, str] = {
    _S.LABELLED: "I",
    _S.PRINTED: "I",
    _S.IN_TRANSIT: "L",
    _S.ON_LOAN: "L",
    _S.STORED: "R",
    _S.FILED: "R",
    _S.SCANNED: "R",
    _S.LOST: "M",
    _S.BROKEN: "X",
    _S.REJECTED: "X",
    _S.DISPOSED: "X",
}
"""HL7 table 0370: identified, left, process completed, missing, unavailable; else in process."""


@dataclass(frozen=True, slots=True)
class _Happened:
    """When something happened to a piece, and by which number it is told."""

    control_id: str
    at: datetime
    is_correction: bool


@dataclass(frozen=True)
class Telling:
    """Writes down for every receiver what was asked of the laboratory, and what happened to material."""

    orders: Orders
    outbox: Outbox
    record: Recorder

    def tell_work(self, organisation_id: str, order_id: str, state: WorkState) -> int:
        """Have receivers told that a work order came to a state; answers how many messages it took.

        Whoever was not told that it was asked for is told so first, whatever order the jobs run in.
        """
        receivers = self._receivers(organisation_id, Sent.WORK)
        if not receivers:
            return 0
        told = self.orders.find_for_node(organisation_id, order_id)
        if _is_erased(told.case, told.identity):
            return 0
        states = dict.fromkeys((WorkState.REQUESTED, state))
        return sum(self._tell_work(receiver, told, each) for receiver in receivers for each in states)

    def tell_move(self, moved: MaterialMoved) -> int:
        """Have receivers told that a piece of material went on; answers how many messages it took."""
        event = _event_of(moved)
        if event is None:
            return 0
        happened = _Happened(
            _control_id(moved.material_id, moved.after, moved.occurred_at.isoformat()),
            moved.happened_at,
            moved.is_correction,
        )
        return self._tell_piece(
            moved.organisation_id,
            moved.case_id,
            moved.material_id,
            lambda _stage: event,
            happened,
            moved.after,
        )

    def tell_place(self, moved: PieceWasPutAway) -> int:
        """Have receivers told that a piece was put into a container, or taken out of one; answers how many
        messages it took."""
        happened = _Happened(
            _control_id(moved.material_id, "place", str(moved.number)), moved.occurred_at, moved.is_correction
        )

        def event_at(stage: Stage) -> working.Coded:
            if stage in _SHELVED:
                return _ARCHIVED if moved.is_in else _RETRIEVED
            return _PUT_IN if moved.is_in else _TAKEN_OUT

        return self._tell_piece(moved.organisation_id, moved.case_id, moved.material_id, event_at, happened)

    def _tell_piece(
        self,
        organisation_id: str,
        case_id: str,
        material_id: str,
        event_at: Callable[[Stage], working.Coded],
        happened: _Happened,
        stage: Stage | None = None,
    ) -> int:
        """Tell what happened to a piece at a stage, by default that where it is, and where it lies now."""
        receivers = self._receivers(organisation_id, Sent.SPECIMENS)
        if not receivers:
            return 0
        with reading(self.outbox.database) as connection:
            cases = self.orders.cases
            case, identity = cases.reporting.find_for_node(connection, organisation_id, case_id)
            _, piece, parent = cases.bench.find_for_node(connection, organisation_id, material_id)
            located = Custody(cases).tracing.locate_for_node(connection, organisation_id, piece.identifier)
        if _is_erased(case, identity):
            return 0
        at = piece.stage if stage is None else stage
        event = event_at(at)

        def written(receiver: Receiver) -> Message:
            told = working.SpecimenMessage(
                self._ends(receiver),
                happened.control_id,
                self.outbox.clock(),
                case.number,
                _piece(piece, parent),
                event,
                working.Coded(at.value, at.value.replace("_", " ")),
                _CONTAINERS.get(at, _IN_PROCESS),
                happened.at,
                happened.is_correction,
                _location(located),
            )
            return working.tell_specimen(told)

        detail = {"subject": piece.identifier, "event": event.code}
        return sum(self._send(one, written(one), case, "send_specimen", detail) for one in receivers)

    def _tell_work(self, receiver: Receiver, told: ToldWork, state: WorkState) -> bool:
        message = working.order_work(self._work_message(receiver, told, state))
        detail = {"subject": told.order.called, "state": state.value}
        return self._send(receiver, message, told.case, "send_work", detail)

    def _work_message(self, receiver: Receiver, told: ToldWork, state: WorkState) -> working.WorkMessage:
        order, is_new = told.order, state is WorkState.REQUESTED
        control, status = _STATES[state]
        group = f"{order.case_number}.{order.called}"
        whole = working.Piece(order.case_number, _CASE)
        return working.WorkMessage(
            self._ends(receiver),
            _control_id(order.id, state),
            self.outbox.clock(),
            patient_of(told.identity, told.case),
            order.case_number,
            group,
            control,
            status,
            working.Coded(order.work.value, order.work.value.replace("_", " ")),
            whole if told.subject is None else _piece(told.subject, told.parent),
            _steps(group, told, with_planned=not is_new),
            order.copies,
            _URGENCIES[order.priority],
            order.requested_by,
            order.requested_by_name,
            order.requested_at,
            order.reason if is_new else order.said,
            (order.words,) if is_new and order.words else (),
        )

    def _receivers(self, organisation_id: str, sent: Sent) -> list[Receiver]:
        with reading(self.outbox.database) as connection:
            found = store.list_receivers(connection, organisation_id)
        return [one for one in found if sent in one.sends]

    def _ends(self, receiver: Receiver) -> Ends:
        return Ends(APPLICATION, receiver.organisation_id, receiver.application, receiver.facility)

    def _send(
        self, receiver: Receiver, message: Message, case: Case, action: str, detail: dict[str, str]
    ) -> bool:
        record = Record(
            f"interfaces.{action}",
            None,
            target=f"case/{case.id}",
            organisation_id=case.organisation_id,
            detail={"receiver": receiver.id, **detail},
        )
        return self.outbox.add_once(
            receiver,
            message,
            lambda: self.record(record),
            patient_id=case.patient_id,
            case_id=case.id,
        )


def _is_erased(case: Case, identity: Identity | None) -> bool:
    """Whether there was a patient, who was erased: of them nothing is told any more."""
    return case.patient_id is not None and identity is None


def _event_of(moved: MaterialMoved) -> working.Coded | None:
    found = _EVENTS.get(moved.after)
    is_back = moved.before in _SHELVED and found in (_STEPPED, _DERIVED)
    return _RETRIEVED if is_back else found


def _piece(piece: Material, parent: Material | None) -> working.Piece:
    above = "" if parent is None else parent.identifier
    return working.Piece(piece.identifier, _KINDS[piece.kind], above, piece.description)


def _location(located: Located) -> working.Location:
    """What a piece lies in, then what is around that, then the station."""
    own, around = located.containers[:1], located.containers[1:]
    places = [working.Coded(one.code, one.name) for one in around]
    if located.point:
        places.append(working.Coded(located.point_id, located.point))
    return working.Location(
        _CARRIERS[own[0].kind] if own else None, own[0].code if own else "", located.slot, tuple(places)
    )


def _steps(group: str, told: ToldWork, *, with_planned: bool) -> tuple[working.Step, ...]:
    """One for each stain, with the slides that were planned for it."""
    planned = told.planned if with_planned else ()
    return tuple(
        working.Step(
            f"{group}.{number}",
            stain,
            tuple(one.identifier for one in planned if not stain or one.description == stain),
        )
        for number, stain in enumerate(told.order.stains or ("",), 1)
    )


def _control_id(*parts: str) -> str:
    """The same for the same event, so that it goes out once."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:OWN_CONTROL_ID]
