"""Of a case: the order (ServiceRequest, R4 12.3), its material (Specimen, 10.7), and that it is to be read
(Task, 8.15; status as IHE PaLM DPOW has it)."""

from collections.abc import Iterator
from itertools import zip_longest

from hemalum.capabilities.cases.model import CaseStatus, Kind, Material, Priority, Stage
from hemalum.capabilities.fhir.model import LABEL, MATERIAL, PERSON, STAGE, STATUS, finish
from hemalum.capabilities.fhir.opened import OpenedCase, order_ids
from hemalum.capabilities.orders.model import PlacedOrder, PlacedState
from hemalum.formats.fhir import values
from hemalum.formats.fhir.values import LOINC, Resource

PATHOLOGY_STUDY = values.coding(LOINC, "11526-1", "Pathology study")
TASK_STATUS = {
    CaseStatus.REGISTERED: "requested",
    CaseStatus.ACCESSIONED: "received",
    CaseStatus.IN_PROCESS: "accepted",
    CaseStatus.READY: "ready",
    CaseStatus.ASSIGNED: "ready",
    CaseStatus.DRAFT: "in-progress",
    CaseStatus.PRELIMINARY: "in-progress",
    CaseStatus.AMENDED: "in-progress",
    CaseStatus.FINAL: "completed",
    CaseStatus.ENDED: "completed",
}
ORDER_STATUS = dict.fromkeys(CaseStatus, "active") | {
    CaseStatus.FINAL: "completed",
    CaseStatus.ENDED: "completed",
}
_PLACED_STATUS = {
    PlacedState.ACTIVE: "active",
    PlacedState.ON_HOLD: "on-hold",
    PlacedState.DRAFT: "draft",
    PlacedState.COMPLETED: "completed",
    PlacedState.REVOKED: "revoked",
}
_PRIORITY = {Priority.ROUTINE: "routine", Priority.URGENT: "urgent", Priority.INTRAOPERATIVE: "stat"}
_NOT_THERE = frozenset(
    {
        Stage.EXPECTED,
        Stage.COLLECTED,
        Stage.IN_TRANSIT,
        Stage.PLANNED,
        Stage.LOST,
        Stage.BROKEN,
        Stage.DISPOSED,
    }
)
_ON_THE_WAY = frozenset({Stage.EXPECTED, Stage.COLLECTED, Stage.IN_TRANSIT})
_UNFIT = frozenset({Stage.REJECTED, Stage.QC_FAILED})


def service_requests(opened: OpenedCase) -> Iterator[Resource]:
    """What was asked for: an order each, or one where none was written down yet."""
    ids = order_ids(opened.case.id, opened.placed)
    for order_id, placed in zip_longest(ids, opened.placed):
        yield _service_request(opened, order_id, placed)


def _service_request(opened: OpenedCase, order_id: str, placed: PlacedOrder | None) -> Resource:
    case, request = opened.case, opened.request
    placer = values.concept("", values.coding("http://terminology.hl7.org/CodeSystem/v2-0203", "PLAC"))
    numbers = [values.identifier(*one, kind=placer) for one in _numbers(opened, placed)]
    resource: Resource = {
        "resourceType": "ServiceRequest",
        "id": order_id,
        "identifier": [opened.number, *numbers],
        "status": _status_of_order(opened, placed),
        "intent": "order",
        "priority": _PRIORITY[case.priority],
        "code": values.concept("", PATHOLOGY_STUDY),
        "subject": opened.subject,
        "authoredOn": _begun_at(opened, placed),
        "performer": [opened.laboratory],
        "specimen": [values.reference("Specimen", one) for one in _specimens_of(opened, placed)],
    }
    if request is not None:
        who = ", ".join(filter(None, (request.clinician, request.department)))
        resource["requester"] = {"display": who} if who else None
        resource["reasonCode"] = [values.concept(request.history)] if request.history else []
    return finish(values.without_empty(resource), case.changed_at)


def specimens(opened: OpenedCase) -> Iterator[Resource]:
    """Parts, blocks and slides, each with what it was made of."""
    for piece in opened.material:
        yield finish(values.without_empty(_specimen(opened, piece)), opened.case.changed_at)


def task(opened: OpenedCase) -> Resource:
    """The case as work for whoever reads it."""
    case = opened.case
    resource: Resource = {
        "resourceType": "Task",
        "id": case.id,
        "identifier": [opened.number],
        "basedOn": opened.orders,
        "status": "cancelled" if opened.browsed.was_cancelled else TASK_STATUS[case.status],
        "businessStatus": values.concept("", values.coding(STATUS, case.status.value)),
        "intent": "order",
        "priority": _PRIORITY[case.priority],
        "code": values.concept("Read the case", PATHOLOGY_STUDY),
        "focus": opened.orders[0],
        "for": opened.subject,
        "authoredOn": _begun_at(opened, next(iter(opened.placed), None)),
        "lastModified": values.instant(case.changed_at),
        "owner": _owner(opened),
        "restriction": {"period": {"end": values.instant(case.due_at)}},
    }
    return finish(values.without_empty(resource), case.changed_at)


def _begun_at(opened: OpenedCase, placed: PlacedOrder | None) -> str:
    """When an order came here; with tissue that had come before, when that did."""
    known = [opened.case.received_at] if placed is None else [opened.case.received_at, placed.placed_at]
    return values.instant(min(known))


def _numbers(opened: OpenedCase, placed: PlacedOrder | None) -> list[tuple[str, str]]:
    """What others call an order. Numbers that are of no other order are the first one's."""
    stated = [(one.issuer, one.value) for one in opened.case.foreign_numbers]
    if placed is None or placed == opened.placed[0]:
        others = {(one.issuer, one.number) for one in opened.placed[1:]}
        return [one for one in stated if one not in others]
    return [(placed.issuer, placed.number)]


def _specimens_of(opened: OpenedCase, placed: PlacedOrder | None) -> list[str]:
    """The parts that an order is for; without a word on that, all of a case that has no other order."""
    ids: list[str] = [one.id for one in opened.parts]
    if placed is None or (len(opened.placed) == 1 and not placed.specimen_ids):
        return ids
    return [one for one in ids if one in placed.specimen_ids]


def _status_of_order(opened: OpenedCase, placed: PlacedOrder | None) -> str:
    if placed is not None:
        return _PLACED_STATUS[placed.state]
    return "revoked" if opened.browsed.was_cancelled else ORDER_STATUS[opened.case.status]


def _owner(opened: OpenedCase) -> Resource:
    case = opened.case
    if case.assignee_id is None:
        return opened.laboratory
    return values.logical_reference(PERSON, case.assignee_id, case.assignee_name or "", "Practitioner")


def _specimen(opened: OpenedCase, piece: Material) -> Resource:
    case = opened.case
    resource: Resource = {
        "resourceType": "Specimen",
        "id": piece.id,
        "identifier": [{"system": LABEL, "value": piece.identifier}],
        "accessionIdentifier": opened.number,
        "status": _status_of(piece.stage),
        "type": values.concept(piece.description, values.coding(MATERIAL, piece.kind.value)),
        "subject": opened.subject,
        "request": opened.orders_of(piece.id) if piece.kind is Kind.PART else opened.orders,
        "condition": [values.concept("", values.coding(STAGE, piece.stage.value))],
    }
    if piece.parent_id is not None:
        resource["parent"] = [values.reference("Specimen", piece.parent_id)]
    # What was lost may have been lost on its way.
    if piece.kind is Kind.PART and piece.stage not in {*_ON_THE_WAY, Stage.LOST}:
        resource["receivedTime"] = values.instant(case.received_at)
    if piece.organ:
        resource["collection"] = {"bodySite": values.concept(piece.organ)}
    return resource


def _status_of(stage: Stage) -> str:
    if stage in _UNFIT:
        return "unsatisfactory"
    return "unavailable" if stage in _NOT_THERE else "available"
