"""Scans at points: what moves, what is refused and kept all the same, and what is taken back."""

from datetime import datetime, timedelta, timezone

import pytest

from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.cases.model import ByCustody, IllegalMove, Stage
from hemalum.capabilities.custody.model import (
    Action,
    CannotCorrect,
    ContainerKind,
    Mislabelled,
    NoRoom,
    NotOurs,
    OutOfSequence,
    Point,
    Step,
    UnknownCode,
    WrongStation,
)
from hemalum.kernel.errors import Conflict, HemalumError, Invalid, NotFound, NotPermitted
from hemalum.kernel.identifiers import CopiedWrongly

from .conftest import Laboratory


def codes(lab: Laboratory, *blocks: tuple[str, ...]) -> tuple[ShownCase, str, str, list[str]]:
    """A case with the codes of its part, its first block and all its slides."""
    case = lab.case(*blocks)
    part, block, *_ = (each.identifier for each in case.material)
    return case, part, block, [each.identifier for each in case.material if each.kind == "slide"]


def test_a_piece_goes_along_the_bench_and_its_place_is_known(lab: Laboratory) -> None:
    case, part, block, slides = codes(lab)
    gross, cut, stain = lab.point(Step.GROSS), lab.point(Step.CUT), lab.point(Step.STAIN)
    answer = lab.scan(gross, part.lower())
    assert (answer.event.before, answer.event.after) == ("received", "grossed")
    assert [each.identifier for each in answer.children] == [block]
    lab.scan(gross, block)
    lab.later(timedelta(hours=1))
    assert [each.identifier for each in lab.scan(cut, block).children] == slides
    for slide in slides:
        lab.scan(cut, slide)
    assert lab.stage(case, block) == "cut"
    lab.later(timedelta(hours=1))
    lab.scan(stain, slides[0], "other")
    found = lab.custody.tracing.find(lab.who("clinician"), slides[0])
    assert [place.point_id for place in found.path] == [stain.id]
    assert found.standing is not None
    assert (found.standing.person, found.stage) == ("Other", Stage.STAINED)
    assert [(each.before, each.after) for each in found.events] == [
        ("planned", "sectioned"),
        ("sectioned", "stained"),
    ]
    assert found.verified.is_whole
    told = [each for each in lab.records if each.action == "custody.scan"]
    assert [each.detail["hash"] for each in told[-1:]] == [found.events[-1].hash]


def test_the_same_scan_twice_is_one(lab: Laboratory) -> None:
    _, _, block, _ = codes(lab)
    embed = lab.point(Step.EMBED)
    first = lab.scan(embed, block)
    again = lab.scan(embed, block)
    assert (again.event, again.is_repeated) == (first.event, True)
    lab.later(timedelta(hours=1))
    later = lab.scan(embed, block)
    assert (later.is_repeated, later.event.before, later.event.after) == (False, "embedded", "embedded")


def test_out_of_sequence_says_where_it_is_and_what_is_missing(lab: Laboratory) -> None:
    case, _, block, slides = codes(lab)
    cut, stain, cover = lab.point(Step.CUT), lab.point(Step.STAIN), lab.point(Step.COVERSLIP)
    lab.scan(cut, block)
    lab.scan(cut, slides[0])
    with pytest.raises(OutOfSequence) as refused:
        lab.scan(cover, slides[0])
    assert str(refused.value) == (
        "This slide is sectioned; before it becomes coverslipped it has to be stained."
    )
    assert lab.stage(case, slides[0]) == "sectioned"
    lab.retire(stain)  # a laboratory without a station for stains says nothing of them
    lab.scan(cover, slides[0])
    with pytest.raises(OutOfSequence, match="does not become sectioned any more"):
        lab.scan(cut, slides[0])
    events = lab.custody.tracing.find(lab.who("tech"), slides[0]).events
    assert [each.refusal_code for each in events] == ["", "out-of-sequence", "", "out-of-sequence"]
    assert lab.is_whole(slides[0])


def test_a_child_belongs_to_the_parent_that_was_scanned_last(lab: Laboratory) -> None:
    _, _, first, slides = codes(lab, ("H&E",), ("H&E",))
    second = first[:-1] + "2"
    cut = lab.point(Step.CUT)
    with pytest.raises(Mislabelled, match=f"Scan {first} first"):
        lab.scan(cut, slides[0])
    lab.scan(cut, first)
    lab.scan(cut, second)
    with pytest.raises(Mislabelled) as refused:
        lab.scan(cut, slides[0])
    assert str(refused.value) == (
        f"{slides[0]} is made of {first}, but {second} was scanned here last. Check the label."
    )
    lab.scan(cut, slides[1])
    lab.scan(cut, first)  # once more, within minutes: now it is the last again
    lab.scan(cut, slides[0])
    kept = lab.custody.tracing.find(lab.who("tech"), slides[0]).events
    assert [each.refusal_code for each in kept] == ["mislabelled", "mislabelled", ""]
    assert kept[1].refusal is not None
    assert second in kept[1].refusal.values.values()


def test_a_slide_is_made_where_what_it_is_made_of_is(lab: Laboratory) -> None:
    tech = lab.who("tech")
    case, part, block, (slide,) = codes(lab, ("H&E",))
    shown, smeared = lab.cases.add_material(tech, case.case.id, case.material[0].id, "Pap", is_smear=True)
    smear = smeared.identifier
    for piece in shown.material:
        if piece.kind == "slide":
            lab.cases.move_material(tech, piece.id, Stage.LABELLED)
    gross, cut = lab.point(Step.GROSS), lab.point(Step.CUT)
    answer = lab.scan(gross, part)
    assert answer.makes == ("block", "slide")
    assert {each.identifier for each in answer.children} == {block, smear}
    # Where cassettes are filled nothing is made of a block: its slides are cut later.
    assert lab.scan(gross, block).makes == ()
    with pytest.raises(WrongStation, match="A slide of a block is not made here"):
        lab.scan(gross, slide)

    def waiting(point: Point) -> set[str]:
        return {each.material.identifier for each in lab.custody.tracing.list_waiting(tech, point.id)}

    assert {slide, smear} & waiting(gross) == {smear}
    assert {slide, smear} & waiting(cut) == {slide}
    lab.later(timedelta(hours=30))
    gaps = {each.material.identifier: each.next_step for each in lab.custody.tracing.list_gaps(tech, 24)}
    assert (gaps[slide], gaps[smear]) == (Step.CUT, Step.GROSS)
    with pytest.raises(WrongStation, match="A slide of a part is not made here"):
        lab.scan(cut, smear)
    assert lab.scan(gross, smear).event.after == "sectioned"


def test_what_was_to_come_and_what_came_differ(lab: Laboratory) -> None:
    _, _, block, slides = codes(lab)
    place = lab.point(Step.PLACE)
    with pytest.raises(Mislabelled, match="was to come"):
        lab.scan(place, slides[0], expected=slides[1])
    assert not lab.scan(place, slides[0], expected=slides[0].lower()).event.is_refused
    with pytest.raises(NotOurs):
        lab.scan(place, slides[0], expected="Nobody At All")
    assert "Nobody" not in str(lab.custody.tracing.list_scans(lab.who("tech"), place.id))
    with pytest.raises(WrongStation):
        lab.scan(lab.point(Step.STAIN), block)
    with pytest.raises(Invalid):
        lab.scan(place, block, occurred_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))))


@pytest.mark.parametrize(
    ("code", "kept", "error"),
    [
        ("P0012345 Nobody At All", "", NotOurs),
        ("", "", NotOurs),
        ("HOME-S26-000001-X/A", "HOME-S26-000001-X/A", CopiedWrongly),
        ("RK-000001-0", "RK-000001-0", CopiedWrongly),
    ],
)
def test_what_is_no_code_is_refused_and_names_nobody(
    lab: Laboratory, code: str, kept: str, error: type[HemalumError]
) -> None:
    place = lab.point(Step.PLACE)
    with pytest.raises(error):
        lab.scan(place, code)
    ((event, _),) = lab.custody.tracing.list_scans(lab.who("tech"), place.id)
    assert (event.reading, event.subject.code) == (kept, kept)
    assert "Nobody" not in str([event, *lab.records])


def test_the_codes_of_others_are_unknown(lab: Laboratory) -> None:
    _, part, _, _ = codes(lab)
    place = lab.point(Step.PLACE)
    there = lab.custody.points.add_for_operator("elsewhere", place.id, "", Step.PLACE)
    with pytest.raises(UnknownCode):
        lab.scan(there, part, "outsider")
    with pytest.raises(NotFound):
        lab.scan(place, part, "outsider")
    with pytest.raises(NotFound):
        lab.custody.tracing.find(lab.who("outsider"), part)


def test_who_may_not_scan_does_not(lab: Laboratory) -> None:
    _, part, _, _ = codes(lab)
    place = lab.point(Step.PLACE)
    for who in ("junior", "clinician", "student"):
        with pytest.raises(NotPermitted):
            lab.scan(place, part, who)
    with pytest.raises(NotPermitted):
        lab.custody.points.add(lab.who("li"), "New", "", Step.PLACE)
    assert lab.custody.tracing.list_scans(lab.who("clinician"), place.id) == []


def test_a_slide_fails_its_check_and_is_stained_again(lab: Laboratory) -> None:
    case, _, block, slides = codes(lab)
    steps = (Step.CUT, Step.STAIN, Step.COVERSLIP, Step.CHECK)
    cut, stain, cover, check = (lab.point(step) for step in steps)
    lab.scan(cut, block)
    for point in (cut, stain, cover):
        lab.scan(point, slides[0])
    with pytest.raises(WrongStation):
        lab.scan(stain, slides[0], failed="too thick")
    lab.scan(check, slides[0], failed="too thick")
    assert lab.stage(case, slides[0]) == "qc_failed"
    lab.later(timedelta(minutes=5))
    lab.scan(stain, slides[0])
    assert lab.stage(case, slides[0]) == "stained"


def test_a_mistake_is_taken_back_by_an_event_of_its_own(lab: Laboratory) -> None:
    case, part, block, _ = codes(lab)
    desk, embed = lab.point(Step.PLACE), lab.point(Step.EMBED)
    lab.scan(desk, block)
    scanned = lab.scan(embed, block).event
    corrected = lab.custody.scanning.correct(lab.who("other"), scanned.number, "wrong cassette")
    assert (corrected.action, corrected.corrects) == (Action.CORRECT, scanned.number)
    assert lab.stage(case, block) == "planned"
    found = lab.custody.tracing.find(lab.who("tech"), block)
    assert [place.point_id for place in found.path] == [desk.id]
    assert len(found.events) == 3
    assert found.verified.is_whole
    ((_, is_last_mistaken), (_, is_first_mistaken)) = lab.custody.tracing.list_scans(
        lab.who("tech"), embed.id
    )
    assert (is_last_mistaken, is_first_mistaken) == (False, True)
    for number in (scanned.number, corrected.number):
        with pytest.raises(CannotCorrect):
            lab.custody.scanning.correct(lab.who("tech"), number)
    with pytest.raises(NotFound):
        lab.custody.scanning.correct(lab.who("tech"), 10**6)
    moved = lab.scan(lab.point(Step.GROSS), part).event
    lab.custody.cases.move_material(lab.who("tech"), str(moved.subject.material_id), Stage.STORED)
    with pytest.raises(CannotCorrect, match="went on"):
        lab.custody.scanning.correct(lab.who("tech"), moved.number)


def test_a_rack_is_filled_by_scans_and_goes_along_with_all_within(lab: Laboratory) -> None:
    _, _, _, slides = codes(lab, ("a", "b", "c"))
    tech, boxes = lab.who("tech"), lab.custody.containers
    room = boxes.add(tech, ContainerKind.ROOM, "Archive")
    cabinet = boxes.add(tech, ContainerKind.CABINET, "Cabinet 3")
    rack = boxes.add(tech, ContainerKind.RACK, "Rack 12", 2)
    desk = lab.point(Step.PLACE)
    for slide, slot in ((slides[0], None), (slides[1], 2)):
        lab.scan(desk, slide, container=rack.code, slot=slot)
    for wanted in (None, 1, 7):
        with pytest.raises(NoRoom):
            lab.scan(desk, slides[2], container=rack.code, slot=wanted)
    with pytest.raises(NoRoom):
        boxes.put_in(tech, room.code, slides[2], 1)
    boxes.put_in(tech, room.code, cabinet.code)
    boxes.put_in(tech, cabinet.code, rack.code)
    found = lab.custody.tracing.find(tech, slides[1])
    assert [(place.container, place.slot) for place in found.path] == [
        (room.code, None),
        (cabinet.code, None),
        (rack.code, 2),
    ]
    for outer, inner in ((rack, rack), (rack, room), (cabinet, room)):
        with pytest.raises(Conflict, match="itself"):
            boxes.put_in(tech, outer.code, inner.code)
    assert boxes.put_in(tech, rack.code, slides[0]).number == found.events[0].number - 1
    lab.scan(desk, rack.code)  # carried away with what is in it
    found = lab.custody.tracing.find(tech, slides[1])
    assert [place.point_id or place.container for place in found.path] == [desk.id, rack.code]
    assert [each.subject.code for each in boxes.get(tech, rack.code).contents] == slides[:2]
    with pytest.raises(Conflict, match="does not lie"):
        boxes.take_out(tech, cabinet.code, slides[1])
    boxes.take_out(tech, rack.code, slides[1])
    assert lab.custody.tracing.find(tech, slides[1]).path == ()
    assert boxes.count_contents(tech)[rack.code] == 1
    for code in (slides[1], rack.code, cabinet.code):
        assert lab.is_whole(code)
    with pytest.raises(NotFound):
        boxes.get(lab.who("outsider"), rack.code)
    with pytest.raises(Invalid):
        boxes.add(tech, ContainerKind.BOX, " ")


def test_what_waits_at_a_station_and_what_nobody_has_seen(lab: Laboratory) -> None:
    case, _, block, slides = codes(lab)
    cut, stain = lab.point(Step.CUT), lab.point(Step.STAIN)
    tech, tracing = lab.who("tech"), lab.custody.tracing
    lab.scan(cut, block)
    lab.scan(cut, slides[0])

    def waiting(point: str) -> list[str]:
        found = tracing.list_waiting(tech, point)
        return [each.material.identifier for each in found if each.case.id == case.case.id]

    assert waiting(stain.id) == [slides[0]]
    assert waiting(cut.id) == []
    gaps = {each.material.identifier for each in tracing.list_gaps(tech, 24)}
    assert slides[0] not in gaps
    lab.later(timedelta(hours=25))
    late = {each.material.identifier: each for each in tracing.list_gaps(tech, 24)}
    assert late[slides[0]].next_step is Step.STAIN
    assert slides[1] not in late  # only planned
    lab.scan(stain, slides[0])
    assert slides[0] not in {each.material.identifier for each in tracing.list_gaps(tech, 24)}
    with pytest.raises(Invalid):
        tracing.list_gaps(tech, 0)


def test_lent_and_disposed_of_is_nothing_by_hand(lab: Laboratory) -> None:
    case = lab.case()
    for stage in (Stage.ON_LOAN, Stage.DISPOSED, Stage.LOST, Stage.BROKEN):
        with pytest.raises(ByCustody):
            lab.custody.cases.move_material(lab.who("tech"), case.material[1].id, stage)
    with pytest.raises(IllegalMove):
        lab.custody.lending.lend(
            lab.who("tech"),
            case.material[0].identifier,
            "Dr Wu",
            "second opinion",
            lab.now + timedelta(days=1),
        )


def test_points_have_names_and_are_retired(lab: Laboratory) -> None:
    tech, points = lab.who("tech"), lab.custody.points
    made = lab.point(Step.SCAN)
    with pytest.raises(Conflict):
        points.add(tech, made.name, "", Step.RACK)
    with pytest.raises(Invalid):
        points.change(tech, made.id, name="  ")
    points.change(lab.who("admin"), made.id, room="Room 2", is_active=False)
    assert made.id not in {each.id for each in points.list_active(tech)}
    assert made.id in {each.id for each in points.list_all(tech)}
    with pytest.raises(Conflict, match="retired"):
        lab.scan(made, lab.case().material[0].identifier)
