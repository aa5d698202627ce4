"""Further work: who asks, what is planned of it, what follows by itself, and of two who decide one wins."""

from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.cases.model import CaseStatus, Kind, Material, Priority, Stage
from hemalum.capabilities.custody.model import Mishap
from hemalum.capabilities.custody.service import Custody
from hemalum.capabilities.orders.model import (
    AlreadyDecided,
    Work,
    WorkAsked,
    WorkOrder,
    WorkQuery,
    WorkState,
    next_states,
)
from hemalum.capabilities.orders.panels import load_panels, read_panels
from hemalum.capabilities.orders.service import Orders
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.sentence import Sentence
from tests.budgets import examples
from tests.hospital import HOME

from .conftest import World

ACCEPTED, DONE, CANCELLED = WorkState.ACCEPTED, WorkState.DONE, WorkState.CANCELLED


@pytest.fixture(scope="module")
def orders(world: World) -> Orders:
    return Orders(world.cases, load_panels(Path("/nowhere")))


def of_kind(shown: ShownCase, kind: Kind) -> list[Material]:
    return [piece for piece in shown.material if piece.kind is kind]


def scan(world: World, identifier: str) -> str:
    image = world.new_image()
    world.cases.linking.link(world.who("tech"), image, identifier)
    return image


def ready(world: World) -> ShownCase:
    """A case whose only slide is scanned."""
    shown = world.case(("H&E",))
    world.cases.move_material(world.who("tech"), of_kind(shown, Kind.SLIDE)[0].id, Stage.LABELLED)
    scan(world, world.slide(shown))
    return world.cases.get_case(world.who("li"), shown.case.id)


def ask(world: World, orders: Orders, shown: ShownCase, work: Work, kind: Kind, **asked: object) -> WorkOrder:
    subject = of_kind(shown, kind)[0].id
    wanted = WorkAsked(work, (subject,), **asked)  # type: ignore[arg-type]
    return orders.request_work(world.who("li"), shown.case.id, wanted)[-1]


def test_accepted_stains_are_planned_in_the_case_and_done_when_scanned(world: World, orders: Orders) -> None:
    shown = ready(world)
    assert shown.case.status is CaseStatus.READY
    order = ask(world, orders, shown, Work.IHC, Kind.SLIDE, stains=("CK7", "CK20"), reason="type?")
    block = of_kind(shown, Kind.BLOCK)[0]
    assert (order.subject, order.state, order.called) == (block.identifier, WorkState.REQUESTED, "W1")
    accepted = orders.move_work(world.who("tech"), order.id, ACCEPTED)
    case = world.cases.get_case(world.who("li"), shown.case.id)
    made = [piece for piece in case.material if piece.id in accepted.planned]
    assert [(one.identifier, one.description) for one in made] == [
        (f"{block.identifier}/2", "CK7"),
        (f"{block.identifier}/3", "CK20"),
    ]
    assert (case.case.status, case.case.slides_total, case.case.slides_scanned) == (
        CaseStatus.IN_PROCESS,
        3,
        1,
    )
    scan(world, made[0].identifier)
    assert orders.follow(HOME, case.case.id) == []
    scan(world, made[1].identifier)
    assert world.cases.get_case(world.who("li"), case.case.id).case.status is CaseStatus.READY
    assert orders.has_to_follow(HOME, case.case.id)
    assert orders.follow(HOME, case.case.id) == ["W1"]
    assert not orders.has_to_follow(HOME, case.case.id)
    assert orders.follow(HOME, case.case.id) == []
    (found,) = orders.list_of_case(world.who("li"), case.case.id)
    assert (found.state, found.decided_by_name) == (DONE, "Tech")
    told = [one for one in world.cases.list_events(world.who("li"), case.case.id) if one.subject == "W1"]
    assert [(one.action, one.actor_name) for one in told] == [
        ("request_work", "Li"),
        ("accept_work", "Tech"),
        ("finish_work", None),
    ]
    assert told[0].reason == "type?"


def test_whoever_had_the_case_has_it_again_when_the_work_is_done(world: World, orders: Orders) -> None:
    shown = ready(world)
    world.cases.assigning.assign(world.who("li"), shown.case.id, world.who("li").person_id)
    order = ask(world, orders, shown, Work.DEEPER_LEVELS, Kind.BLOCK, copies=2)
    accepted = orders.move_work(world.who("tech"), order.id, ACCEPTED)
    case = world.cases.get_case(world.who("li"), shown.case.id)
    assert (case.case.status, case.case.assignee_name) == (CaseStatus.IN_PROCESS, "Li")
    for piece in case.material:
        if piece.id in accepted.planned:
            assert piece.description == "H&E"
            scan(world, piece.identifier)
    assert world.cases.get_case(world.who("li"), shown.case.id).case.status is CaseStatus.ASSIGNED


def test_a_case_that_is_being_reported_stays_with_its_reader(world: World, orders: Orders) -> None:
    shown = ready(world)
    world.cases.assigning.assign(world.who("li"), shown.case.id, world.who("li").person_id)
    world.cases.move_case(world.who("li"), shown.case.id, CaseStatus.DRAFT)
    order = ask(world, orders, shown, Work.RECUT, Kind.BLOCK)
    orders.move_work(world.who("tech"), order.id, ACCEPTED)
    case = world.cases.get_case(world.who("li"), shown.case.id).case
    assert (case.status, case.slides_total) == (CaseStatus.DRAFT, 2)


def test_a_further_block_brings_its_slides(world: World, orders: Orders) -> None:
    shown = world.case(("H&E",))
    order = ask(world, orders, shown, Work.FURTHER_BLOCK, Kind.PART, copies=2)
    accepted = orders.move_work(world.who("tech"), order.id, ACCEPTED)
    case = world.cases.get_case(world.who("li"), shown.case.id)
    made = [piece.identifier.removeprefix(case.case.number) for piece in case.material]
    assert made == ["/A", "/A/1", "/A/1/1", "/A/2", "/A/2/1", "/A/3", "/A/3/1"]
    assert len(accepted.planned) == 4


def test_a_new_scan_is_done_when_there_is_another_image(world: World, orders: Orders) -> None:
    shown = ready(world)
    order = ask(world, orders, shown, Work.RE_SCAN, Kind.SLIDE, reason="out of focus")
    orders.move_work(world.who("tech"), order.id, ACCEPTED)
    case = world.cases.get_case(world.who("li"), shown.case.id)
    assert of_kind(case, Kind.SLIDE)[0].stage is Stage.RACKED
    assert orders.follow(HOME, shown.case.id) == []
    scan(world, world.slide(shown))
    assert orders.follow(HOME, shown.case.id) == ["W1"]


def test_a_slide_waits_for_no_new_scan_that_was_cancelled(world: World, orders: Orders) -> None:
    shown = ready(world)
    order = ask(world, orders, shown, Work.RE_SCAN, Kind.SLIDE, reason="out of focus")
    orders.move_work(world.who("tech"), order.id, ACCEPTED)
    orders.move_work(world.who("li"), order.id, CANCELLED, "another slide shows it")
    case = world.cases.get_case(world.who("li"), shown.case.id)
    assert of_kind(case, Kind.SLIDE)[0].stage is Stage.SCANNED
    assert case.case.status is CaseStatus.READY


def test_a_slide_without_a_scan_still_waits_for_one_when_another_was_cancelled(
    world: World, orders: Orders
) -> None:
    shown = world.case(("H&E",))
    world.cases.move_material(world.who("tech"), of_kind(shown, Kind.SLIDE)[0].id, Stage.STAINED)
    order = ask(world, orders, shown, Work.RE_SCAN, Kind.SLIDE, reason="asked too early")
    orders.move_work(world.who("tech"), order.id, ACCEPTED)
    orders.move_work(world.who("li"), order.id, CANCELLED, "it comes anyway")
    case = world.cases.get_case(world.who("li"), shown.case.id)
    assert of_kind(case, Kind.SLIDE)[0].stage is Stage.RACKED
    waiting = world.cases.scheduling.list_slides(world.who("tech"), 1000)
    assert world.slide(shown) in [one.slide.identifier for one in waiting]


def test_a_slide_waits_for_the_other_of_two_new_scans(world: World, orders: Orders) -> None:
    shown = ready(world)
    both = [ask(world, orders, shown, Work.RE_SCAN, Kind.SLIDE, reason=why) for why in ("blur", "a fold")]
    for order in both:
        orders.move_work(world.who("tech"), order.id, ACCEPTED)
    stages = []
    for order in both:
        orders.move_work(world.who("li"), order.id, CANCELLED, "seen elsewhere")
        case = world.cases.get_case(world.who("li"), shown.case.id)
        stages.append(of_kind(case, Kind.SLIDE)[0].stage)
    assert stages == [Stage.RACKED, Stage.SCANNED]


def test_what_is_cancelled_is_not_made_and_what_was_made_is_not_cancelled(
    world: World, orders: Orders
) -> None:
    shown = ready(world)
    first = ask(world, orders, shown, Work.IHC, Kind.BLOCK, stains=("p40",))
    orders.move_work(world.who("tech"), first.id, ACCEPTED)
    orders.move_work(world.who("li"), first.id, CANCELLED, "clear on levels")
    case = world.cases.get_case(world.who("li"), shown.case.id)
    assert (case.case.status, case.case.stains) == (CaseStatus.READY, ("H&E",))
    assert of_kind(case, Kind.SLIDE)[-1].stage is Stage.CANCELLED
    second = ask(world, orders, shown, Work.IHC, Kind.BLOCK, stains=("p40",))
    (piece,) = orders.move_work(world.who("tech"), second.id, ACCEPTED).planned
    world.cases.move_material(world.who("tech"), piece, Stage.STAINED)
    with pytest.raises(Conflict, match="made already"):
        orders.move_work(world.who("li"), second.id, CANCELLED, "no more")
    assert orders.list_of_case(world.who("li"), shown.case.id)[-1].state is ACCEPTED


def fell(world: World, slide: Material) -> None:
    Custody(world.cases).mishaps.tell(world.who("tech"), slide.identifier, Mishap.BROKEN, "fell")


def test_a_slide_that_was_lost_is_not_waited_for(world: World, orders: Orders) -> None:
    shown = ready(world)
    order = ask(world, orders, shown, Work.IHC, Kind.BLOCK, stains=("ER", "PR"))
    one, other = orders.move_work(world.who("tech"), order.id, ACCEPTED).planned
    pieces = {piece.id: piece for piece in world.cases.get_case(world.who("li"), shown.case.id).material}
    scan(world, pieces[one].identifier)
    world.cases.move_material(world.who("tech"), other, Stage.STAINED)
    fell(world, pieces[other])
    assert orders.follow(HOME, shown.case.id) == ["W1"]


def test_of_two_who_decide_at_once_one_is_told_so(world: World, orders: Orders) -> None:
    order = ask(world, orders, world.case(("H&E",)), Work.IHC, Kind.BLOCK, stains=("S100",))
    together, refused = Barrier(2), []

    def decide(then: WorkState) -> None:
        together.wait()
        try:
            orders.move_work(world.who("tech"), order.id, then, "no tissue left")
        except AlreadyDecided as error:
            refused.append(str(error))

    people = [Thread(target=decide, args=(then,)) for then in (ACCEPTED, WorkState.REJECTED)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    (found,) = orders.list_of_case(world.who("li"), order.case_id)
    assert len(refused) == 1
    assert refused[0].startswith(f"This order is {found.state} already")
    assert len(found.planned) == (1 if found.state is ACCEPTED else 0)


def test_who_may(world: World, orders: Orders) -> None:
    shown = ready(world)
    wanted = WorkAsked(Work.MOLECULAR, stains=("EGFR",))
    for name in ("tech", "clinician", "quality"):
        with pytest.raises(NotPermitted):
            orders.request_work(world.who(name), shown.case.id, wanted)
    with pytest.raises(NotFound):
        orders.request_work(world.who("outsider"), shown.case.id, wanted)
    (order,) = orders.request_work(world.who("junior"), shown.case.id, wanted)
    assert order.subject == shown.case.number
    with pytest.raises(NotPermitted):
        orders.move_work(world.who("li"), order.id, ACCEPTED)
    with pytest.raises(NotFound):
        orders.move_work(world.who("outsider"), order.id, CANCELLED, "mine")
    with pytest.raises(Invalid, match="reason"):
        orders.move_work(world.who("tech"), order.id, WorkState.REJECTED)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (WorkAsked(Work.IHC, ("block",)), "Say which stains"),
        (WorkAsked(Work.RECUT), "Say on which"),
        (WorkAsked(Work.RECUT, ("part",)), "which is a part"),
        (WorkAsked(Work.RE_SCAN, ("block",)), "which is a block"),
        (WorkAsked(Work.RECUT, ("block",), copies=21), "1 to 20"),
        (WorkAsked(Work.IHC, ("block",), tuple(map(str, range(21)))), "at most 20"),
        (WorkAsked(Work.IHC, ("nothing",), ("ER",)), "no such"),
    ],
)
def test_what_cannot_be_asked_for(world: World, orders: Orders, asked: WorkAsked, why: str) -> None:
    shown = world.case(("H&E",))
    ids = {piece.kind.value: piece.id for piece in shown.material}
    subjects = tuple(ids.get(one, one) for one in asked.subject_ids)
    wanted = WorkAsked(asked.work, subjects, asked.stains, asked.copies)
    with pytest.raises((Invalid, NotFound), match=why):
        orders.request_work(world.who("li"), shown.case.id, wanted)
    assert orders.list_of_case(world.who("li"), shown.case.id) == []


def test_nothing_is_asked_for_on_what_is_gone_or_closed(world: World, orders: Orders) -> None:
    shown = ready(world)
    slide = of_kind(shown, Kind.SLIDE)[0]
    fell(world, slide)
    with pytest.raises(Conflict, match="is gone: it is broken") as refused:
        ask(world, orders, shown, Work.RE_SCAN, Kind.SLIDE)
    assert refused.value.sentence.values["stage"] == Sentence("broken")
    ended = world.case(("H&E",))
    order = ask(world, orders, ended, Work.RECUT, Kind.BLOCK)
    world.cases.move_case(world.who("tech"), ended.case.id, CaseStatus.ENDED, "sent by mistake")
    with pytest.raises(Conflict, match="closed"):
        ask(world, orders, ended, Work.RECUT, Kind.BLOCK)
    with pytest.raises(Conflict, match="closed"):
        orders.move_work(world.who("tech"), order.id, ACCEPTED)
    assert orders.follow(HOME, ended.case.id) == ["W1"]
    assert orders.list_of_case(world.who("li"), ended.case.id)[0].state is CANCELLED


def test_the_bench_sees_the_most_pressing_first_and_only_its_own(world: World, orders: Orders) -> None:
    shown = world.case(("H&E",))
    routine = ask(world, orders, shown, Work.RE_EMBED, Kind.BLOCK)
    urgent = ask(world, orders, shown, Work.RE_EMBED, Kind.BLOCK, priority=Priority.URGENT)
    total, found = orders.list_work(world.who("tech"), WorkQuery(work=Work.RE_EMBED, limit=200))
    mine = [one.id for one in found if one.case_id == shown.case.id]
    assert mine == [urgent.id, routine.id]
    assert total >= 2
    assert orders.list_work(world.who("outsider"), WorkQuery())[0] == 0
    assert orders.count_open(world.who("tech"))[shown.case.id, WorkState.REQUESTED] == 2
    orders.move_work(world.who("tech"), routine.id, ACCEPTED)
    orders.move_work(world.who("tech"), routine.id, WorkState.IN_PROGRESS)
    orders.move_work(world.who("tech"), routine.id, DONE)
    _, found = orders.list_work(world.who("tech"), WorkQuery(work=Work.RE_EMBED, limit=200))
    assert routine.id not in [one.id for one in found]


@settings(
    deadline=None, max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=st.lists(st.sampled_from(list(WorkState)), max_size=6))
def test_any_history_goes_only_legal_ways(world: World, orders: Orders, moves: list[WorkState]) -> None:
    shown = world.case(("H&E",))
    order = ask(world, orders, shown, Work.RECUT, Kind.BLOCK)
    state = order.state
    for then in moves:
        if then in next_states(state):
            state = orders.move_work(world.who("tech"), order.id, then, "so").state
        else:
            with pytest.raises(AlreadyDecided):
                orders.move_work(world.who("tech"), order.id, then, "so")
    assert orders.list_of_case(world.who("li"), shown.case.id)[0].state is state


def test_panels_are_data_and_a_site_may_have_its_own(tmp_path: Path) -> None:
    shipped = load_panels(tmp_path)
    for panel in shipped.panels:
        assert {"en", "zh"} == set(panel.names)
        assert panel.stains
    (tmp_path / "panels.toml").write_text('[stains]\nihc = ["Own"]\n', "utf-8")
    assert load_panels(tmp_path).stains == {Work.IHC: ("Own",)}
    for text in ("[stains", "[stains]\nrecut = ['x']", "[stains]\nnothing = ['x']", "other = 1"):
        with pytest.raises(Invalid):
            read_panels(text, "panels.toml")
