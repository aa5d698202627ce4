"""Any history of moves equals a simple model: nothing becomes final without a pathologist."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hemalum.capabilities.cases.model import (
    ByCustody,
    CaseStatus,
    IllegalMove,
    Kind,
    Stage,
    is_legal,
    next_stages,
)
from hemalum.kernel.errors import Conflict, HemalumError, Invalid, NotPermitted
from tests.budgets import examples

from .conftest import World

# The model is written from the domain model (docs/capabilities/cases.md), not from the code.

FORWARD = {
    "part": "expected collected in_transit received accepted grossed stored disposed",
    "block": "planned printed filled processed embedded cut filed disposed",
    "slide": "planned labelled sectioned stained coverslipped qc_passed racked scanned filed disposed",
}
ASIDE = {
    "part": {"received>rejected", "rejected>accepted", "rejected>disposed"},
    "block": {"filed>on_loan", "on_loan>filed", "filed>cut"},
    "slide": {
        "coverslipped>qc_failed",
        "qc_failed>stained",
        "qc_failed>qc_passed",
        "scanned>racked",
        "filed>racked",
        "filed>on_loan",
        "on_loan>filed",
    },
}
STAGES = {
    kind: {*FORWARD[kind].split(), *(stage for move in ASIDE[kind] for stage in move.split(">")), "lost"}
    for kind in FORWARD
}
NO_PIECE = {"expected", "planned", "printed", "cancelled", "broken", "disposed"}
NOT_MADE_YET = {"part": "", "block": "planned printed", "slide": "planned labelled"}
CASE = {
    "registered": "accessioned ended",
    "accessioned": "in_process ready ended",
    "in_process": "ready ended",
    "ready": "in_process",
    "assigned": "draft",
    "draft": "assigned preliminary final",
    "preliminary": "draft final",
    "final": "amended ended",
    "amended": "final",
    "ended": "",
}
"""Without ready and assigned, which follow from who has the case."""
BY_CUSTODY = ("disposed", "on_loan", "lost", "broken")
"""Acts of their own (docs/capabilities/custody.md)."""
PATHOLOGISTS = {"li"}
PEOPLE = ["li", "junior", "tech", "clinician"]


def may_go(kind: str, now: str, then: str) -> bool:
    path = FORWARD[kind].split()
    if now in path and then in path and path.index(then) > path.index(now):
        return True
    if then in ("lost", "broken"):
        return now in STAGES[kind] - NO_PIECE - {then}
    if then == "cancelled":
        return now in NOT_MADE_YET[kind].split()
    return f"{now}>{then}" in ASIDE[kind]


@pytest.mark.parametrize("kind", list(Kind))
def test_the_stages_are_those_of_the_domain_model(kind: Kind) -> None:
    for now in Stage:
        allowed = {then.value for then in Stage if may_go(kind.value, now.value, then.value)}
        assert {then.value for then in Stage if is_legal(kind, now, then)} == allowed
        assert {then.value for then in next_stages(kind, now)} == allowed


@dataclass
class Model:
    """What an honest person with paper would keep of one case with one slide."""

    status: str = "accessioned"
    reader: str | None = None
    stages: dict[str, str] = field(
        default_factory=lambda: {"part": "received", "block": "planned", "slide": "planned"}
    )
    final_by: list[str] = field(default_factory=list)
    moves: int = 0

    def follow(self) -> None:
        worked = self.stages["part"] in ("grossed", "stored") or any(
            self.stages[kind] not in ("planned", "cancelled") for kind in ("block", "slide")
        )
        if self.status == "accessioned" and worked:
            self.status = "in_process"
            self.moves += 1

    def set(self, then: str) -> None:
        self.status = then
        self.moves += 1


def machine_of(world: World) -> type[RuleBasedStateMachine]:
    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            shown = world.case(("H&E",))
            self.id = shown.case.id
            self.pieces = {piece.kind.value: piece.id for piece in shown.material}
            self.model = Model()

        @rule(
            who=st.sampled_from(PEOPLE),
            kind=st.sampled_from(list(FORWARD)),
            stage=st.sampled_from(list(Stage)),
        )
        def move_material(self, who: str, kind: str, stage: Stage) -> None:
            allowed = may_go(kind, self.model.stages[kind], stage.value)
            expected: Any = None if allowed else IllegalMove
            if stage.value in BY_CUSTODY:
                expected = ByCustody
            if who not in ("li", "tech"):
                expected = NotPermitted
            act = lambda: world.cases.move_material(  # noqa: E731 - one act, with or without an error
                world.who(who), self.pieces[kind], stage, "as told"
            )
            if self._refused(act, expected):
                return
            self.model.stages[kind] = stage.value
            self.model.follow()

        @rule(who=st.sampled_from(PEOPLE), status=st.sampled_from(list(CaseStatus)), reason=st.booleans())
        def move_case(self, who: str, status: CaseStatus, reason: bool) -> None:
            now, then = self.model.status, status.value
            expected: Any = None if then in CASE[now].split() else IllegalMove
            if not self._may_move(who, now, then):
                expected = NotPermitted
            if then in ("final", "amended", "ended") and not reason and who != "nobody":
                expected = Invalid
            said = "because" if reason else ""
            if self._refused(lambda: world.cases.move_case(world.who(who), self.id, status, said), expected):
                return
            self.model.set(then)
            if then == "final":
                self.model.final_by.append(who)
            if then == "ready" and self.model.reader is not None:
                self.model.set("assigned")

        def _may_move(self, who: str, now: str, then: str) -> bool:
            if then in ("final", "amended") or now == "final":
                return who in PATHOLOGISTS
            if then in ("draft", "preliminary", "assigned"):
                return who in ("li", "junior")
            return who in ("li", "tech")

        @rule(who=st.sampled_from(["li", "junior", "tech"]), to=st.sampled_from(["li", "junior", None]))
        def assign(self, who: str, to: str | None) -> None:
            model = self.model
            expected: Any = None
            begun = model.status in ("draft", "preliminary", "amended")
            if model.status in ("final", "ended") or (to is None and begun and model.reader is not None):
                expected = Conflict
            if who == "junior" and to != "junior":
                expected = NotPermitted
            person = None if to is None else world.who(to).person_id
            act = lambda: world.cases.assigning.assign(world.who(who), self.id, person, "so it is")  # noqa: E731
            if self._refused(act, expected):
                return
            before, model.reader = model.reader, to
            if before == to:
                return
            if model.status == "ready" and to is not None:
                model.set("assigned")
            elif model.status == "assigned" and to is None:
                model.set("ready")

        def _refused(self, act: Any, expected: type[HemalumError] | None) -> bool:
            if expected is None:
                act()
                return False
            with pytest.raises(expected):
                act()
            return True

        @invariant()
        def nothing_else_happened(self) -> None:
            shown = world.cases.get_case(world.who("li"), self.id)
            assert shown.case.status.value == self.model.status
            assert {piece.kind.value: piece.stage.value for piece in shown.material} == self.model.stages
            reader = shown.case.assignee_id
            assert reader == (None if self.model.reader is None else world.who(self.model.reader).person_id)
            assert set(self.model.final_by) <= PATHOLOGISTS
            events = world.cases.list_events(world.who("li"), self.id)
            moves = [event for event in events if event.action == "move_case"]
            assert len(moves) == self.model.moves
            for event, following in pairwise(moves):
                assert event.after == following.before

    return Machine


def test_any_history_equals_the_model(world: World) -> None:
    run_state_machine_as_test(
        machine_of(world),
        settings=settings(
            max_examples=examples(5),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
