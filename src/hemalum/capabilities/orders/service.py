"""What people do with orders: ask for further work, accept it, reject it, do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from hemalum.capabilities.cases.model import (
    CLOSED,
    GONE,
    Case,
    CaseStatus,
    Kind,
    Material,
    MaterialId,
    Stage,
    word_of,
)
from hemalum.capabilities.cases.service import Cases, Further, check_reason
from hemalum.capabilities.orders import store
from hemalum.capabilities.orders.model import (
    CUT_FROM_BLOCKS,
    EXPLAINED,
    OPEN,
    PROCESS,
    REQUEST,
    Panels,
    ToldWork,
    Work,
    WorkAsked,
    WorkOrder,
    WorkOrderId,
    WorkOrderMoved,
    WorkQuery,
    WorkState,
    check_asked,
    check_work_move,
    is_done_on,
)
from hemalum.capabilities.orders.placing import VIEW_CASE as VIEW_CASE
from hemalum.capabilities.orders.placing import AlsoOfOrders as AlsoOfOrders
from hemalum.capabilities.orders.placing import Key as Key
from hemalum.capabilities.orders.placing import OrderChanged as OrderChanged
from hemalum.capabilities.orders.placing import Placing as Placing
from hemalum.capabilities.orders.placing import Seen as Seen
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.ids import new_id
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction

_EVENTS = {
    WorkState.ACCEPTED: "accept_work",
    WorkState.REJECTED: "reject_work",
    WorkState.IN_PROGRESS: "begin_work",
    WorkState.DONE: "finish_work",
    WorkState.CANCELLED: "cancel_work",
}


@dataclass(frozen=True)
class Orders:
    """The use cases of orders on one node. May be used from several threads."""

    cases: Cases
    panels: Panels

    @property
    def placing(self) -> Placing:
        """The orders that cases begin with."""
        return Placing(self.cases)

    @property
    def _database(self) -> sa.Engine:
        return self.cases.ledger.database

    @property
    def _further(self) -> Further:
        return self.cases.further

    # Looking --------------------------------------------------------------------------------------------

    def list_of_case(self, actor: Actor, case_id: str) -> list[WorkOrder]:
        """The work orders of a case, oldest first.

        Raises:
            NotFound: there is no such case in the actor's organisation.
            NotPermitted: the actor sees no cases, or not for this purpose.
        """
        asking = self.cases.ledger.ask(actor, VIEW_CASE)
        with reading(self._database) as connection:
            self._further.find(connection, asking.organisation_id, case_id)
            return store.list_of_case(connection, case_id)

    def list_work(self, actor: Actor, query: WorkQuery) -> tuple[int, list[WorkOrder]]:
        """How many work orders of the actor's organisation a query finds, and a page of them.

        Raises:
            NotPermitted: the actor sees no cases, or not for this purpose.
        """
        asking = self.cases.ledger.ask(actor, VIEW_CASE)
        with reading(self._database) as connection:
            return store.list_work(connection, asking.organisation_id, query)

    def count_open(self, actor: Actor) -> dict[tuple[str, WorkState], int]:
        """How many open work orders each case has, by state. Raises as `list_work` does."""
        asking = self.cases.ledger.ask(actor, VIEW_CASE)
        with reading(self._database) as connection:
            return store.count_open(connection, asking.organisation_id)

    # Asking ---------------------------------------------------------------------------------------------

    def request_work(self, actor: Actor, case_id: str, asked: WorkAsked) -> list[WorkOrder]:
        """Ask for further work, the same on each piece; answers all work orders of the case.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such case or piece.
            Conflict: the case is closed, or a piece is gone.
            Invalid: such work is not done on such a piece, or something is missing.
        """
        asking = self.cases.ledger.ask(actor, REQUEST)
        asked = check_asked(asked)
        check_reason(asked.reason)
        with transaction(self._database) as connection:
            case = self._further.hold(connection, asking.organisation_id, case_id)
            if case.status in CLOSED:
                raise Conflict("This case is closed.")
            pieces = {piece.id: piece for piece in self._further.list_material(connection, case)}
            subjects: list[Material | None] = [None]
            if asked.subject_ids:
                chosen = [_subject(pieces, one, asked.work) for one in asked.subject_ids]
                subjects = list(dict.fromkeys(chosen))
            known = store.list_of_case(connection, case.id)
            for serial, subject in enumerate(subjects, len(known) + 1):
                self._request(connection, asking, case, asked, subject, serial)
            return store.list_of_case(connection, case.id)

    def _request(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        asked: WorkAsked,
        subject: Material | None,
        serial: int,
    ) -> None:
        now = self.cases.ledger.clock()
        order = WorkOrder(
            WorkOrderId(new_id()),
            case.organisation_id,
            case.id,
            case.number,
            serial,
            asked.work,
            None if subject is None else subject.id,
            case.number if subject is None else subject.identifier,
            asked.stains,
            asked.copies,
            asked.priority,
            asked.reason,
            asked.words,
            WorkState.REQUESTED,
            actor.person_id,
            actor.called,
            now,
            None,
            "",
            (),
            (),
            now,
        )
        store.add_work(connection, order)
        self._tell(connection, order)
        detail = {"work": asked.work.value, "of": order.subject, "stains": list(asked.stains)}
        self._further.note(
            connection,
            case,
            actor,
            "request_work",
            subject=order.called,
            after=order.state.value,
            reason=order.reason,
            detail=detail,
        )

    # Deciding and doing ---------------------------------------------------------------------------------

    def move_work(self, actor: Actor, order_id: str, then: WorkState, reason: str = "") -> WorkOrder:
        """Bring an order on.

        What is accepted is planned in the case: its slides get identifiers, labels and a place among those
        that await their scan. What is cancelled is not made any more.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such work order in the actor's organisation.
            AlreadyDecided: it cannot go there from where it is; of two who decide at once, one is told so.
            Conflict: the case is closed, or what is to be cancelled was made already.
            Invalid: to reject or cancel without a reason.
        """
        asking = self.cases.ledger.ask(actor, VIEW_CASE)
        if not (then is WorkState.CANCELLED and self.cases.ledger.may(asking, REQUEST)):
            self.cases.ledger.ask(asking, PROCESS)
        said = check_reason(reason, needed=then in EXPLAINED)
        with transaction(self._database) as connection:
            found = store.get_work(connection, asking.organisation_id, order_id)
            case = self._further.hold(connection, asking.organisation_id, found.case_id)
            order = store.get_work(connection, asking.organisation_id, order_id)
            check_work_move(order.state, then)
            if then is WorkState.ACCEPTED:
                order = self._accept(connection, asking, case, order)
            if then is WorkState.CANCELLED:
                self._withdraw(connection, asking, case, order)
            order = self._move(connection, asking, case, order, then, said)
            self._further.follow(connection, self._further.hold(connection, case.organisation_id, case.id))
            return order

    def _move(
        self,
        connection: sa.Connection,
        actor: Actor | None,
        case: Case,
        order: WorkOrder,
        then: WorkState,
        said: str = "",
    ) -> WorkOrder:
        self._further.note(
            connection,
            case,
            actor,
            _EVENTS[then],
            subject=order.called,
            before=order.state.value,
            after=then.value,
            reason=said,
        )
        decides = actor is not None and order.state is WorkState.REQUESTED
        moved = replace(
            order,
            state=then,
            said=said or order.said,
            decided_by_name=actor.called if actor is not None and decides else order.decided_by_name,
            changed_at=self.cases.ledger.clock(),
        )
        store.change_work(connection, moved)
        self._tell(connection, moved)
        return moved

    def _tell(self, connection: sa.Connection, order: WorkOrder) -> None:
        event = WorkOrderMoved(order.changed_at, order.id, order.organisation_id, order.case_id, order.state)
        outbox.publish(connection, event)

    def _accept(self, connection: sa.Connection, actor: Actor, case: Case, order: WorkOrder) -> WorkOrder:
        if case.status in CLOSED:
            raise Conflict("This case is closed.")
        if order.subject_id is None:
            return order
        pieces = {piece.id: piece for piece in self._further.list_material(connection, case)}
        subject = _subject(pieces, order.subject_id, order.work)
        if order.work is Work.RE_SCAN:
            self._further.move(connection, actor, case, subject, Stage.RACKED)
            return replace(order, known_scans=subject.image_ids)
        planned: list[Material] = []
        if order.work in CUT_FROM_BLOCKS:
            case = self._further.back_to_the_bench(connection, case)
            planned = [
                self._further.plan(connection, actor, case, subject.id, stain)
                for stain in order.stains
                for _ in range(order.copies)
            ]
        if order.work is Work.FURTHER_BLOCK:
            case = self._further.back_to_the_bench(connection, case)
            for _ in range(order.copies):
                block = self._further.plan(connection, actor, case, subject.id)
                slides = [
                    self._further.plan(connection, actor, case, block.id, stain) for stain in order.stains
                ]
                planned += [block, *slides]
        return replace(order, planned=tuple(piece.id for piece in planned))

    def _withdraw(self, connection: sa.Connection, actor: Actor, case: Case, order: WorkOrder) -> None:
        pieces = {piece.id: piece for piece in self._further.list_material(connection, case)}
        if order.work is Work.RE_SCAN and order.state is not WorkState.REQUESTED:
            slide = pieces[MaterialId(order.subject_id or "")]
            awaiting = [one for one in store.list_of_case(connection, case.id) if _awaits_scan(one, slide)]
            if slide.stage is Stage.RACKED and slide.image_ids and len(awaiting) == 1:
                # It waits for no scanner any more; the scan that it had stands.
                self._further.move(connection, actor, case, slide, Stage.SCANNED)
        planned = [pieces[one] for one in order.planned if pieces[one].stage not in GONE]
        for piece in reversed(planned):
            if not self._further.move(connection, actor, case, piece, Stage.CANCELLED):
                raise Conflict(
                    "{identifier} was made already; what is made is done, not cancelled.",
                    identifier=piece.identifier,
                )

    # By the node itself ---------------------------------------------------------------------------------

    def find_for_node(self, organisation_id: str, order_id: str) -> ToldWork:
        """A work order with its case and its material.

        Raises:
            NotFound: there is no such work order in the organisation.
        """
        with reading(self._database) as connection:
            order = store.get_work(connection, organisation_id, order_id)
            case, identity = self.cases.reporting.find_for_node(connection, organisation_id, order.case_id)
            pieces = {piece.id: piece for piece in self._further.list_material(connection, case)}
        subject = pieces.get(MaterialId(order.subject_id or ""))
        parent = None if subject is None else pieces.get(MaterialId(subject.parent_id or ""))
        planned = tuple(pieces[one] for one in order.planned if one in pieces)
        return ToldWork(order, case, identity, subject, parent, planned)

    def follow(self, organisation_id: str, case_id: str) -> list[str]:
        """Bring the open work orders of a case after its material; answers those that went on.

        Work is done once all that was planned for it is scanned; of a case that ended, nobody does more.
        Safe to repeat.
        """
        with transaction(self._database) as connection:
            try:
                case = self._further.hold(connection, organisation_id, case_id)
            except NotFound:
                return []
            going = [one for one in store.list_of_case(connection, case_id) if one.state in OPEN]
            if not going:
                return []
            pieces = {piece.id: piece for piece in self._further.list_material(connection, case)}
            moved = []
            for order in going:
                if order.state is not WorkState.REQUESTED and _is_done(order, pieces):
                    moved.append(self._move(connection, None, case, order, WorkState.DONE).called)
                elif case.status is CaseStatus.ENDED:
                    moved.append(self._move(connection, None, case, order, WorkState.CANCELLED).called)
            return moved

    def has_to_follow(self, organisation_id: str, case_id: str) -> bool:
        """Whether there is anything that `follow`, or that of placed orders, could bring after a case."""
        with reading(self._database) as connection:
            if any(one.state in OPEN for one in store.list_of_case(connection, case_id)):
                return True
        return self.placing.has_to_follow(organisation_id, case_id)


def _subject(pieces: Mapping[MaterialId, Material], subject_id: str, work: Work) -> Material:
    """The piece that work is done on: of a slide its block, where blocks are cut."""
    piece = pieces.get(MaterialId(subject_id))
    if piece is None:
        raise NotFound("There is no such part, block or slide.")
    parent = pieces.get(MaterialId(piece.parent_id or ""))
    if piece.kind is Kind.SLIDE and not is_done_on(work, Kind.SLIDE) and parent is not None:
        piece = parent
    if not is_done_on(work, piece.kind):
        raise Invalid(
            "This cannot be asked for on {identifier}, which is a {kind}.",
            identifier=piece.identifier,
            kind=word_of(piece.kind),
        )
    if piece.stage in GONE:
        raise Conflict(
            "{identifier} is gone: it is {stage}.", identifier=piece.identifier, stage=word_of(piece.stage)
        )
    return piece


def _awaits_scan(order: WorkOrder, slide: Material) -> bool:
    """Whether an order that was accepted waits for another scan of a slide."""
    is_of_it = order.work is Work.RE_SCAN and order.subject_id == slide.id
    return is_of_it and order.state in OPEN and order.state is not WorkState.REQUESTED


def _is_done(order: WorkOrder, pieces: Mapping[MaterialId, Material]) -> bool:
    """Whether the scans that were asked for are there."""
    if order.work is Work.RE_SCAN:
        piece = pieces.get(MaterialId(order.subject_id or ""))
        return piece is not None and bool(set(piece.image_ids) - set(order.known_scans))
    slides = _awaited([pieces[one] for one in order.planned])
    return bool(slides) and all(piece.image_ids for piece in slides)


def _awaited(planned: Sequence[Material]) -> list[Material]:
    """Slides among what was planned, without those that are gone unscanned."""
    return [
        piece
        for piece in planned
        if piece.kind is Kind.SLIDE and (piece.image_ids or piece.stage not in GONE)
    ]
