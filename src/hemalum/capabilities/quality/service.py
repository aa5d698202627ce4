"""What people do with rescreening: set plans, prove draws, look at the board; the node itself draws."""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.quality import drawing, policy, store
from hemalum.capabilities.quality.discrepancy import RuleShelf
from hemalum.capabilities.quality.model import (
    ARBITRATE,
    COMPLETED,
    MANAGE,
    OPEN,
    REREAD,
    VIEW,
    Board,
    Lot,
    Plan,
    PlanAsked,
    PlanId,
    Proof,
    Reread,
    RereadAwaitsModel,
    RereadId,
    Signed,
    State,
    check_plan,
)
from hemalum.capabilities.quality.rates import Rates
from hemalum.capabilities.quality.reading import Readings
from hemalum.capabilities.reports.service import Reports
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.kernel.ids import new_id
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction

MOST_SHOWN = 500
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan with how far it got."""

    plan: Plan
    signed: int
    """Cases of its strata since its first day."""
    drawn: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A reread as somebody may see it."""

    reread: Reread
    may_read: bool
    may_decide: bool
    is_mine: bool
    """Whether they have it now."""
    tells_people: bool
    """Whether they may know who signed: once it is completed, and a second reader never before."""
    offers_amendment: bool
    """Whether the first report does not stand, and nobody has signed another version of it since."""


@dataclass(frozen=True)
class Rescreening:
    """The use cases of rescreening on one node. May be used from several threads."""

    cases: Cases
    reports: Reports
    rules: RuleShelf

    @property
    def readings(self) -> Readings:
        """Second readings, and decisions about them."""
        return Readings(self.cases, self.reports, self.rules)

    @property
    def rates(self) -> Rates:
        """How often two readings differ."""
        return Rates(self.cases)

    # Plans ----------------------------------------------------------------------------------------------

    def list_plans(self, actor: Actor) -> list[ShownPlan]:
        """The plans of the actor's organisation, the newest first.

        Raises:
            NotPermitted: the actor may not.
        """
        asking = self.cases.ledger.ask(actor, VIEW)
        with reading(self._database) as connection:
            plans = store.list_plans(connection, asking.organisation_id)
            counts = store.count_lots(connection, [one.id for one in plans])
        return [ShownPlan(one, *counts.get(one.id, (0, 0))) for one in plans]

    def plan(self, actor: Actor, asked: PlanAsked) -> Plan:
        """Set a plan that is in force from tomorrow on. The anchor of its seeds is in the log before.

        Raises:
            Invalid: nobody could be drawn by it, or nobody would read.
            NotPermitted: the actor does not manage quality here.
        """
        asking = self.cases.ledger.ask(actor, MANAGE)
        check_plan(asked)
        last_seed = secrets.token_bytes(SEED_BYTES)
        plan = Plan(
            PlanId(new_id()),
            asking.organisation_id,
            asked.name.strip(),
            asked.share,
            asked.strata,
            asked.by_person,
            asked.by_model.strip(),
            drawing.anchor_of(last_seed),
            self.today + timedelta(days=1),
            None,
            asking.called,
            self.cases.ledger.clock(),
        )
        self._tell(
            asking,
            "plan",
            f"plan/{plan.id}",
            anchor=plan.anchor,
            share=plan.share,
            first_day=plan.first_day.isoformat(),
        )
        with transaction(self._database) as connection:
            sealed = self.cases.ledger.vault.keyring.seal(last_seed, _place(plan.id))
            store.add_plan(connection, plan, sealed)
        return plan

    def end_plan(self, actor: Actor, plan_id: str) -> Plan:
        """End a plan with this day; what was drawn is read nevertheless.

        Raises:
            NotFound: there is no such plan.
            Conflict: it ended already.
            NotPermitted: the actor does not manage quality here.
        """
        asking = self.cases.ledger.ask(actor, MANAGE)
        with transaction(self._database) as connection:
            plan, _ = store.get_plan(connection, asking.organisation_id, plan_id)
            if plan.last_day is not None:
                raise Conflict("This plan has already ended.")
            self._tell(asking, "end_plan", f"plan/{plan.id}", last_day=self.today.isoformat())
            store.end_plan(connection, plan.id, self.today)
            return replace(plan, last_day=self.today)

    def prove(self, actor: Actor, plan_id: str, day: date) -> Proof:
        """The seed of a day that is over, and the lot of every case of it. That it was told is recorded.

        Raises:
            NotFound: there is no such plan, or it was not in force.
            Conflict: the day is not over; who knew its seed could choose what to sign.
            NotPermitted: the actor does not manage quality here.
        """
        asking = self.cases.ledger.ask(actor, MANAGE)
        with reading(self._database) as connection:
            plan, sealed = store.get_plan(connection, asking.organisation_id, plan_id)
            if not plan.is_in_force(day):
                raise NotFound("This plan was not in force on {day}.", day=day.isoformat())
            if day >= self.today:
                raise Conflict("The seed of a day is disclosed once the day is over.")
            lots = tuple(store.list_lots(connection, plan.id, day))
        seed = drawing.seed_of(self._unsealed(plan, sealed), plan.first_day, day)
        self._tell(asking, "tell_seed", f"plan/{plan.id}", day=day.isoformat())
        return Proof(plan, day, seed.hex(), drawing.steps_to_anchor(plan.first_day, day), lots)

    # By the node itself ---------------------------------------------------------------------------------

    def draw(self, organisation_id: str, case_id: str, version: int) -> list[str]:
        """Draw the lot of a case that was signed for the first time, for every plan that it fits; answers
        the plans by which it is read again. Safe to repeat."""
        with transaction(self._database) as connection:
            signed = self._find_signed(connection, organisation_id, case_id, version)
            if signed is None:
                return []
            day = self._day_of(signed.signed_at)
            drawn = []
            for plan in store.list_plans(connection, organisation_id):
                fits = plan.is_in_force(day) and plan.strata.fit(signed)
                if fits and not store.has_lot(connection, plan.id, case_id):
                    drawn += self._draw(connection, plan, signed, day)
            return drawn

    def _draw(self, connection: sa.Connection, plan: Plan, signed: Signed, day: date) -> list[str]:
        _, sealed = store.get_plan(connection, plan.organisation_id, plan.id)
        seed = drawing.seed_of(self._unsealed(plan, sealed), plan.first_day, day)
        number = drawing.lot_of(seed, signed.case_id)
        lot = Lot(plan.id, signed.case_id, signed.number, day, number, number < plan.share)
        self.cases.ledger.slides.record(
            Record(
                "quality.draw",
                None,
                target=f"case/{signed.case_id}",
                organisation_id=signed.organisation_id,
                detail={"plan": plan.id, "day": day.isoformat(), "drawn": lot.is_drawn},
            )
        )
        store.add_lot(connection, lot)
        if not lot.is_drawn or store.is_reread(connection, signed.case_id):
            # Of a case that two plans draw, one second reading serves both.
            return []
        now = self.cases.ledger.clock()
        waiting = Reread(
            RereadId(new_id()),
            plan.id,
            signed,
            State.WAITING,
            plan.by_person,
            plan.by_model,
            None,
            None,
            None,
            None,
            None,
            now,
            now,
        )
        store.add_reread(connection, waiting)
        if waiting.by_model:
            place = waiting.id, signed.organisation_id, signed.case_id
            outbox.publish(connection, RereadAwaitsModel(now, *place, waiting.by_model))
        return [plan.id]

    def _find_signed(
        self, connection: sa.Connection, organisation_id: str, case_id: str, version: int
    ) -> Signed | None:
        try:
            case, _ = self.cases.reporting.find_for_node(connection, organisation_id, case_id)
        except NotFound:
            return None
        found = self.reports.rereading.find_signed(connection, case_id, version)
        if found is None or found.content is None:
            return None
        template = found.content.template
        return Signed(
            case.id,
            case.organisation_id,
            case.number,
            found.number,
            "" if template is None else template.id,
            "" if template is None else template.digest,
            case.subspecialty,
            case.priority,
            found.patient_id,
            found.author_id,
            found.author_name,
            self.reports.rereading.list_people(connection, case_id),
            found.at,
        )

    # The board ------------------------------------------------------------------------------------------

    def list_rereads(self, actor: Actor, board: Board) -> tuple[list[Shown], Mapping[Board, int]]:
        """The rereads of a list, the newest first, and how many there are on each list.

        Raises:
            NotPermitted: the actor may not.
        """
        asking = self.cases.ledger.ask(actor, VIEW)
        with reading(self._database) as connection:
            found = store.list_rereads(connection, asking.organisation_id, OPEN)
            done = (*COMPLETED, State.VOID)
            found += store.list_rereads(connection, asking.organisation_id, done, limit=MOST_SHOWN)
            # Those to amend stay on their list, however many were completed after them.
            found += store.list_not_standing(connection, asking.organisation_id, asking.person_id)
            shown = [self._shown(connection, asking, one) for one in {one.id: one for one in found}.values()]
        counts = Counter(name for one in shown for name in Board if self._is_on(asking, one, name))
        listed = [one for one in shown if self._is_on(asking, one, board)]
        listed.sort(key=lambda one: one.reread.drawn_at, reverse=True)
        return listed[:MOST_SHOWN], counts

    def get_reread(self, actor: Actor, reread_id: str) -> Shown:
        """One reread. Raises as `list_rereads` does, and NotFound."""
        asking = self.cases.ledger.ask(actor, VIEW)
        with reading(self._database) as connection:
            found = store.get_reread(connection, asking.organisation_id, reread_id)
            return self._shown(connection, asking, found)

    def _shown(self, connection: sa.Connection, asking: Actor, reread: Reread) -> Shown:
        is_mine = reread.reader_id == asking.person_id
        return Shown(
            reread,
            may_read=self._may(asking, REREAD, reread),
            may_decide=reread.state is State.DISPUTED and self._may(asking, ARBITRATE, reread),
            is_mine=is_mine,
            tells_people=reread.state in COMPLETED,
            offers_amendment=reread.offers_amendment and not self._is_amended(connection, reread),
        )

    def _is_amended(self, connection: sa.Connection, reread: Reread) -> bool:
        versions = self.reports.rereading.list_versions(connection, reread.signed.case_id)
        return any(one.is_signed and one.number > reread.signed.version for one in versions)

    def _is_on(self, asking: Actor, shown: Shown, board: Board) -> bool:
        reread = shown.reread
        match board:
            case Board.TODAY:
                return self._day_of(reread.drawn_at) == self.today
            case Board.TO_READ:
                return shown.may_read or (shown.is_mine and reread.state is State.READING)
            case Board.TO_DECIDE:
                return shown.may_decide or (shown.is_mine and reread.state is State.ARBITRATION)
            case Board.OFFERED:
                return shown.offers_amendment and reread.signed.signer_id == asking.person_id
            case Board.DONE:
                return reread.state in COMPLETED
            case Board.ALL:
                return True

    # Parts ----------------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        """The day at this node."""
        return self._day_of(self.cases.ledger.clock())

    @property
    def _database(self) -> sa.Engine:
        return self.cases.ledger.database

    def _day_of(self, at: datetime) -> date:
        return at.astimezone(self.cases.ledger.zone).date()

    def _unsealed(self, plan: Plan, sealed: bytes) -> bytes:
        return self.cases.ledger.vault.keyring.unseal(sealed, _place(plan.id))

    def _may(self, asking: Actor, action: str, reread: Reread) -> bool:
        ledger = self.cases.ledger
        place = ledger.place_of(asking.organisation_id)
        return policy.allows(ledger.gate.policies, asking, action, place, reread, ledger.clock())

    def _tell(self, actor: Actor, action: str, target: str, **detail: Any) -> None:
        self.cases.ledger.slides.record(
            Record(
                f"quality.{action}",
                actor,
                target=target,
                organisation_id=actor.organisation_id,
                detail=detail,
            )
        )


def _place(plan_id: str) -> str:
    return f"rescreening/{plan_id}"
