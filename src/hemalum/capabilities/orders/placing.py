"""Orders of clinicians: cases begin with them; they are held, released, changed, revoked, completed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.cases.model import (
    CLOSED,
    ON_THE_BENCH,
    Case,
    CaseStatus,
    Kind,
    MaterialId,
)
from hemalum.capabilities.cases.service import Cases, Further, PartAsked, check_reason
from hemalum.capabilities.orders import store
from hemalum.capabilities.orders.model import (
    BY_PEOPLE,
    STANDING,
    PlacedAsked,
    PlacedOrder,
    PlacedOrderId,
    PlacedState,
    check_placed_move,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import reading, transaction

VIEW_CASE = "cases.view"
ACCESSION = "cases.accession"
"""Whoever accessions orders deals with what becomes of them."""

_EVENTS = {
    PlacedState.ACTIVE: "release_order",
    PlacedState.ON_HOLD: "hold_order",
    PlacedState.REVOKED: "revoke_order",
    PlacedState.COMPLETED: "complete_order",
}
_NOT_BEGUN = frozenset({CaseStatus.REGISTERED, CaseStatus.ACCESSIONED})

type Key = tuple[str, str]
"""Who gave the number of an order, and the number."""
type AlsoOfOrders = Callable[[sa.Connection, Case], None]
"""Writes down more in the transaction of what was done."""


class OrderChanged(Conflict):
    """An order, or its case, is not any more what somebody saw."""

    code = "order-changed"


@dataclass(frozen=True, slots=True)
class Seen:
    """An order as somebody saw it."""

    order: PlacedOrder
    case_changed_at: datetime


@dataclass(frozen=True)
class Placing:
    """What becomes of the orders of clinicians on one node."""

    cases: Cases

    @property
    def _database(self) -> sa.Engine:
        return self.cases.ledger.database

    @property
    def _further(self) -> Further:
        return self.cases.further

    # As a case begins -----------------------------------------------------------------------------------

    def note(self, connection: sa.Connection, case: Case, orders: Sequence[PlacedAsked]) -> None:
        """Write down which orders a case fulfils, in the transaction in which it begins."""
        now = self.cases.ledger.clock()
        for each in orders:
            order = PlacedOrder(
                PlacedOrderId(new_id()),
                case.organisation_id,
                case.id,
                each.issuer,
                each.number,
                case.number,
                PlacedState.ACTIVE,
                each.specimen_ids,
                False,
                now,
                now,
            )
            store.add_placed(connection, order)

    def ensure_noted(self, organisation_id: str, case_id: str) -> bool:
        """Give a case that was typed in its order; answers whether there was none. Safe to repeat."""
        with transaction(self._database) as connection:
            try:
                case = self._further.hold(connection, organisation_id, case_id)
            except NotFound:
                return False
            if store.list_placed(connection, case.id):
                return False
            self._note_old(connection, case)
            self._follow(connection, case)
            return True

    def _note_old(self, connection: sa.Connection, case: Case) -> None:
        stated = [PlacedAsked(one.issuer, one.value) for one in case.foreign_numbers]
        parts = self._parts(connection, case)
        self.note(
            connection, case, [replace(one, specimen_ids=parts) for one in stated or [PlacedAsked("", "")]]
        )

    def _parts(self, connection: sa.Connection, case: Case) -> tuple[MaterialId, ...]:
        pieces = self._further.list_material(connection, case)
        return tuple(piece.id for piece in pieces if piece.kind is Kind.PART)

    def specimens_of(self, connection: sa.Connection, case: Case) -> dict[Key, tuple[str, ...]]:
        """Identifiers of the specimens of each order of a case."""
        called = {piece.id: piece.identifier for piece in self._further.list_material(connection, case)}
        return {
            (one.issuer, one.number): tuple(called[each] for each in one.specimen_ids)
            for one in store.list_placed(connection, case.id)
        }

    # By people ------------------------------------------------------------------------------------------

    def list_of_case(self, actor: Actor, case_id: str) -> list[PlacedOrder]:
        """The orders that a case fulfils.

        Raises:
            NotFound: there is no such case in the actor's organisation.
            NotPermitted: the actor sees no cases, or not for this purpose.
        """
        asking = self.cases.ledger.ask(actor, VIEW_CASE)
        with reading(self._database) as connection:
            self._further.find(connection, asking.organisation_id, case_id)
            return store.list_placed(connection, case_id)

    def list_of_cases(self, actor: Actor, case_ids: Collection[str]) -> dict[str, tuple[PlacedOrder, ...]]:
        """The orders that each of these cases fulfils; a case of another organisation has none.

        Raises:
            NotPermitted: the actor sees no cases, or not for this purpose.
        """
        asking = self.cases.ledger.ask(actor, VIEW_CASE)
        found: dict[str, tuple[PlacedOrder, ...]] = dict.fromkeys(case_ids, ())
        with reading(self._database) as connection:
            for each in store.list_placed_of(connection, asking.organisation_id, case_ids):
                found[each.case_id] += (each,)
        return found

    def see(self, actor: Actor, case_id: str) -> list[Seen]:
        """The orders of a case, as of one moment. Raises as `list_of_case` does."""
        asking = self.cases.ledger.ask(actor, VIEW_CASE)
        with reading(self._database) as connection:
            case = self._further.find(connection, asking.organisation_id, case_id)
            return [Seen(one, case.changed_at) for one in store.list_placed(connection, case.id)]

    def move_placed(self, actor: Actor, order_id: str, then: PlacedState, reason: str) -> PlacedOrder:
        """Hold an order, release it, or revoke it; with the last one a case that was not begun ends.

        That its placer took it back is dealt with by that, whatever was decided.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such order in the actor's organisation.
            AlreadyDecided: it cannot go there from where it is.
            Invalid: there is no reason, or people do not bring an order there.
        """
        asking = self.cases.ledger.ask(actor, ACCESSION)
        said = check_reason(reason, needed=True)
        if then not in BY_PEOPLE:
            raise Invalid("An order is completed by the report of its case.")
        with transaction(self._database) as connection:
            found = store.get_placed(connection, asking.organisation_id, order_id)
            case = self._further.hold(connection, asking.organisation_id, found.case_id)
            order = store.get_placed(connection, asking.organisation_id, order_id)
            if order.wants_revocation and then is order.state:
                return self._change(
                    connection, asking, case, order, "keep_order", said, wants_revocation=False
                )
            order = self._move(connection, asking, case, order, then, said)
            if then is PlacedState.REVOKED:
                self._end_unless_wanted(connection, asking, case, said)
            return order

    # As the systems of hospitals ask --------------------------------------------------------------------

    def hold(self, actor: Actor, case_id: str, keys: Sequence[Key], reason: str, also: AlsoOfOrders) -> None:
        """Put orders of a case on hold. Those that are stay so.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such case.
            AlreadyDecided: an order was revoked or completed.
        """
        self._bring(actor, case_id, keys, PlacedState.ON_HOLD, reason, also)

    def release(
        self, actor: Actor, case_id: str, keys: Sequence[Key], reason: str, also: AlsoOfOrders
    ) -> None:
        """Let orders of a case go on. Raises as `hold` does."""
        self._bring(actor, case_id, keys, PlacedState.ACTIVE, reason, also)

    def _bring(
        self,
        actor: Actor,
        case_id: str,
        keys: Sequence[Key],
        then: PlacedState,
        reason: str,
        also: AlsoOfOrders,
    ) -> None:
        asking = self.cases.ledger.ask(actor, ACCESSION)
        with transaction(self._database) as connection:
            case = self._further.hold(connection, asking.organisation_id, case_id)
            self._bring_all(connection, asking, case, self._named(connection, case, keys), then, reason)
            also(connection, case)

    def _bring_all(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        orders: Sequence[PlacedOrder],
        then: PlacedState,
        reason: str,
    ) -> None:
        for order in orders:
            if order.state is not then:
                self._move(connection, actor, case, order, then, reason)

    def revoke(
        self,
        actor: Actor,
        case_id: str,
        keys: Sequence[Key],
        reason: str,
        also: Callable[[sa.Connection, Case, bool], None],
    ) -> None:
        """Take orders of a case back. With the last one the case ends.

        Of a case that was begun, people are told instead, and decide. `also` hears whether the orders were
        taken back.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such case.
        """
        asking = self.cases.ledger.ask(actor, ACCESSION)
        with transaction(self._database) as connection:
            case = self._further.hold(connection, asking.organisation_id, case_id)
            orders = self._named(connection, case, keys)
            case, are_revoked = self._revoke_all(connection, asking, case, orders, reason)
            also(connection, case, are_revoked)

    def move_seen(self, actor: Actor, seen: Seen, then: PlacedState, reason: str) -> None:
        """Hold, release or take back an order as the system of its placer asks who saw it so, if it still is.

        Raises:
            OrderChanged: the order or its case was changed since.
            NotPermitted, NotFound, AlreadyDecided: as `hold`.
        """
        asking = self.cases.ledger.ask(actor, ACCESSION)
        with transaction(self._database) as connection:
            case = self._further.hold(connection, asking.organisation_id, seen.order.case_id)
            order = store.get_placed(connection, asking.organisation_id, seen.order.id)
            if Seen(order, case.changed_at) != seen:
                raise OrderChanged("This order was changed meanwhile.")
            # What was revoked stays so: the rules of orders say why it goes nowhere.
            if then is PlacedState.REVOKED and order.state is not then:
                self._revoke_all(connection, asking, case, [order], reason)
            else:
                self._bring_all(connection, asking, case, [order], then, reason)

    def _revoke_all(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        orders: Sequence[PlacedOrder],
        reason: str,
    ) -> tuple[Case, bool]:
        """The case afterwards, and whether they were taken back: of a case that was begun people are told."""
        was_begun = case.status not in _NOT_BEGUN and case.status is not CaseStatus.ENDED
        for order in orders:
            if order.state is PlacedState.REVOKED:
                continue
            if not was_begun:
                self._move(connection, actor, case, order, PlacedState.REVOKED, reason)
            elif not order.wants_revocation and order.state in STANDING:
                self._change(connection, actor, case, order, "want_revocation", reason, wants_revocation=True)
        if not was_begun:
            case = self._end_unless_wanted(connection, actor, case, reason)
        return case, not was_begun

    def add_specimens(
        self,
        actor: Actor,
        case_id: str,
        parts: Mapping[Key, Sequence[tuple[PartAsked, bool]]],
        also: AlsoOfOrders,
    ) -> None:
        """Let orders have these specimens, each with whether it has come: those that are new become parts.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such case.
            Conflict: an order has more specimens already, or the case is on the bench no more.
        """
        asking = self.cases.ledger.ask(actor, ACCESSION)
        with transaction(self._database) as connection:
            case = self._further.hold(connection, asking.organisation_id, case_id)
            for order in self._named(connection, case, list(parts)):
                stated = parts[order.issuer, order.number]
                known = len(order.specimen_ids)
                if stated and len(stated) < known:
                    raise Conflict(
                        "The changed order has other specimens than the case; change the case by hand."
                    )
                if len(stated) > known and case.status not in ON_THE_BENCH:
                    raise Conflict("The case is on the bench no more; add what came later by hand.")
                added = [
                    self._further.add_part(
                        connection, asking, case, part.description, part.organ, has_come=has_come
                    ).id
                    for part, has_come in stated[known:]
                ]
                if added:
                    changed = replace(order, specimen_ids=(*order.specimen_ids, *added))
                    store.change_placed(connection, changed)
                    case = self._further.follow(connection, case)
            also(connection, case)

    # By the node itself ---------------------------------------------------------------------------------

    def follow(self, organisation_id: str, case_id: str) -> int:
        """Complete the orders of a case that is final, revoke those of one that ended; answers how many."""
        with transaction(self._database) as connection:
            try:
                case = self._further.hold(connection, organisation_id, case_id)
            except NotFound:
                return 0
            return self._follow(connection, case)

    def has_to_follow(self, organisation_id: str, case_id: str) -> bool:
        """Whether there is anything that `follow` would do."""
        with reading(self._database) as connection:
            if not any(one.state in STANDING for one in store.list_placed(connection, case_id)):
                return False
            try:
                return self._further.find(connection, organisation_id, case_id).status in CLOSED
            except NotFound:
                return False

    def has_to_note(self, case_id: str) -> bool:
        """Whether a case has no order yet, which is what `ensure_noted` is for."""
        with reading(self._database) as connection:
            return not store.list_placed(connection, case_id)

    def _follow(self, connection: sa.Connection, case: Case) -> int:
        if case.status not in CLOSED:
            return 0
        then = PlacedState.COMPLETED if case.status is CaseStatus.FINAL else PlacedState.REVOKED
        found = [one for one in store.list_placed(connection, case.id) if one.state in STANDING]
        for order in found:
            self._move(connection, None, case, order, then, "")
        return len(found)

    # ----------------------------------------------------------------------------------------------------

    def _named(self, connection: sa.Connection, case: Case, keys: Sequence[Key]) -> list[PlacedOrder]:
        """Orders of a case by their numbers; one that came before orders were kept is written down now."""
        known = {(one.issuer, one.number): one for one in store.list_placed(connection, case.id)}
        if missing := [key for key in dict.fromkeys(keys) if key not in known]:
            parts = self._parts(connection, case) if len(known) + len(missing) == 1 else ()
            self.note(connection, case, [PlacedAsked(*key, parts) for key in missing])
            known = {(one.issuer, one.number): one for one in store.list_placed(connection, case.id)}
        return [known[key] for key in dict.fromkeys(keys)]

    def _end_unless_wanted(self, connection: sa.Connection, actor: Actor, case: Case, reason: str) -> Case:
        if case.status not in _NOT_BEGUN:
            return case
        if any(one.state in STANDING for one in store.list_placed(connection, case.id)):
            return case
        return self._further.end(connection, actor, case, reason)

    def _move(
        self,
        connection: sa.Connection,
        actor: Actor | None,
        case: Case,
        order: PlacedOrder,
        then: PlacedState,
        reason: str,
    ) -> PlacedOrder:
        check_placed_move(order.state, then)
        return self._change(
            connection, actor, case, order, _EVENTS[then], reason, state=then, wants_revocation=False
        )

    def _change(
        self,
        connection: sa.Connection,
        actor: Actor | None,
        case: Case,
        order: PlacedOrder,
        event: str,
        reason: str,
        *,
        wants_revocation: bool,
        state: PlacedState | None = None,
    ) -> PlacedOrder:
        then = state or order.state
        self._further.note(
            connection,
            case,
            actor,
            event,
            subject="order",
            before=order.state.value,
            after=then.value,
            reason=reason,
            detail={"issuer": order.issuer, "number": order.number},
        )
        changed = replace(
            order, state=then, wants_revocation=wants_revocation, changed_at=self.cases.ledger.clock()
        )
        store.change_placed(connection, changed)
        self._further.touch(connection, case)
        return changed
