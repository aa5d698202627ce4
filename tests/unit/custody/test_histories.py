"""Whatever people do in whatever order: the chain is whole, one thing is in one place, two discard."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hemalum.capabilities.cases.model import FIRST_STAGE, Kind, Stage, is_legal
from hemalum.capabilities.custody.model import (
    NOWHERE,
    Action,
    ContainerKind,
    CustodyEvent,
    DiscardState,
    Place,
    Step,
)
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from tests.budgets import examples

from .conftest import Laboratory

STEPS = [Step.GROSS, Step.EMBED, Step.CUT, Step.STAIN, Step.COVERSLIP, Step.RACK, Step.FILE, Step.PLACE]
WORKERS = st.sampled_from(["li", "tech", "other"])
PIECES = st.integers(0, 4)
THINGS = st.integers(0, 6)


def machine_of(lab: Laboratory) -> type[RuleBasedStateMachine]:
    points = [lab.point(step) for step in STEPS]

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            case = lab.case(("H&E",), ("HP",))
            boxes = lab.custody.containers
            made = [boxes.add(lab.who("tech"), ContainerKind.RACK, "rack", slots) for slots in (0, 1)]
            self.pieces = {piece.identifier: piece for piece in case.material}
            self.containers = [each.code for each in made]
            self.codes = [*self.pieces, *self.containers]
            self.places: dict[str, Place] = dict.fromkeys(self.codes, NOWHERE)
            self.proposals: list[str] = []
            self.events: list[CustodyEvent] = []

        def _try(self, act: Any) -> Any:
            """What came of it; None where it was refused by a sentence of ours."""
            try:
                return act()
            except (Conflict, NotFound, Invalid):
                return None

        def _took(self, event: CustodyEvent | None) -> None:
            if event is not None:
                self.places[event.subject.code] = event.after_place
                self.events.append(event)

        @rule(who=WORKERS, point=st.sampled_from(points), thing=THINGS, into=st.sampled_from([None, 0, 1]))
        def scan(self, who: str, point: Any, thing: int, into: int | None) -> None:
            container = "" if into is None else self.containers[into]
            found = self._try(lambda: lab.scan(point, self.codes[thing], who, container=container))
            if found is not None and not found.is_repeated:
                self._took(found.event)

        @rule(who=WORKERS, back=st.integers(1, 3))
        def correct(self, who: str, back: int) -> None:
            if len(self.events) >= back:
                number = self.events[-back].number
                self._took(self._try(lambda: lab.custody.scanning.correct(lab.who(who), number)))

        @rule(who=WORKERS, thing=THINGS, into=st.integers(0, 1))
        def put_in(self, who: str, thing: int, into: int) -> None:
            put = lab.custody.containers.put_in
            act = lambda: put(lab.who(who), self.containers[into], self.codes[thing])  # noqa: E731
            event = self._try(act)
            if event is not None and event.action is Action.PUT_IN:
                self._took(event)

        @rule(who=WORKERS, thing=THINGS, of=st.integers(0, 1))
        def take_out(self, who: str, thing: int, of: int) -> None:
            take = lab.custody.containers.take_out
            self._took(self._try(lambda: take(lab.who(who), self.containers[of], self.codes[thing])))

        @rule(who=WORKERS, piece=PIECES)
        def lend_and_take_back(self, who: str, piece: int) -> None:
            lending, due = lab.custody.lending, lab.now + timedelta(days=1)
            code = self.codes[piece]
            if self._try(lambda: lending.lend(lab.who(who), code, "Dr Wu", "teaching", due)):
                self.places[code] = Place(holder="Dr Wu")
            elif self._try(lambda: lending.take_back(lab.who(who), code)):
                self.places[code] = NOWHERE

        @rule(who=WORKERS, pieces=st.sets(PIECES, min_size=1))
        def propose(self, who: str, pieces: set[int]) -> None:
            codes = [self.codes[each] for each in pieces]
            discarding = lab.custody.discarding
            act = lambda: discarding.propose(lab.who(who), codes, "old", despite_retention=True)  # noqa: E731
            made = self._try(act)
            if made is not None:
                self.proposals.append(made.id)

        @rule(who=WORKERS, withdraw=st.booleans())
        def decide(self, who: str, withdraw: bool) -> None:
            if self.proposals:
                discarding = lab.custody.discarding
                act = discarding.withdraw if withdraw else discarding.confirm
                done = self._try(lambda: act(lab.who(who), self.proposals[-1]))
                if done is not None and done.state is DiscardState.DONE:
                    assert done.decided_by != done.proposed_by
                    self.places |= dict.fromkeys([each.code for each in done.pieces], NOWHERE)

        @rule(minutes=st.sampled_from([1, 30]))
        def wait(self, minutes: int) -> None:
            lab.later(timedelta(minutes=minutes))

        @invariant()
        def each_is_where_the_last_act_left_it(self) -> None:
            for code, place in self.places.items():
                found = lab.custody.tracing.find(lab.who("tech"), code)
                assert found.verified.is_whole, (code, found.verified.faults)
                assert (found.standing.place if found.standing else NOWHERE) == place
                if code in self.pieces:
                    self._check_stages(self.pieces[code].kind, found.stage, found.events)

        def _check_stages(self, kind: Kind, stage: Stage | None, events: tuple[CustodyEvent, ...]) -> None:
            """Every stage was reached by legal moves, or by taking one back."""
            now = FIRST_STAGE[kind]
            for event in events:
                if event.is_refused or not event.before:
                    continue
                assert event.before == now.value
                then = Stage(event.after)
                assert then is now or event.action is Action.CORRECT or is_legal(kind, now, then)
                assert then is not Stage.DISPOSED or now is then or event.action is Action.DISCARD
                now = then
            assert stage is now

        @invariant()
        def one_thing_lies_in_one_slot(self) -> None:
            for container in self.containers:
                lying = lab.custody.containers.get(lab.who("tech"), container).contents
                assert len({each.place.slot for each in lying if each.place.slot}) == sum(
                    each.place.slot is not None for each in lying
                )

        def teardown(self) -> None:
            assert lab.custody.tracing.verify(lab.who("li")).is_whole

    return Machine


def test_any_history_is_whole(lab: Laboratory) -> None:
    run_state_machine_as_test(
        machine_of(lab),
        settings=settings(
            max_examples=examples(4),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
