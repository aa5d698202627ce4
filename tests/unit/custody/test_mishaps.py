"""Pieces of every kind are lost, found again and broken, and the chain tells of it."""

from datetime import timedelta
from typing import Any

import pytest

from hemalum.capabilities.cases.model import ByCustody, CaseStatus, IllegalMove, Material, Stage
from hemalum.capabilities.custody.model import (
    Action,
    ContainerKind,
    Mishap,
    NotOurs,
    OutOfSequence,
    Step,
)
from hemalum.kernel.errors import Conflict, Invalid, NotPermitted

from .conftest import Laboratory


@pytest.fixture
def pieces(lab: Laboratory) -> list[Material]:
    """A part, a block and a slide of one case, each made and worked on."""
    case = lab.case(("H&E",))
    for piece, stage in zip(case.material, (Stage.GROSSED, Stage.EMBEDDED, Stage.STAINED), strict=True):
        lab.cases.move_material(lab.who("tech"), piece.id, stage)
    return list(lab.cases.get_case(lab.who("tech"), case.case.id).material)


def stage_of(lab: Laboratory, piece: Material) -> Stage:
    shown = lab.cases.get_case(lab.who("tech"), piece.case_id)
    return next(each.stage for each in shown.material if each.id == piece.id)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_is_lost_is_found_where_it_was_on_the_bench(
    lab: Laboratory, pieces: list[Material], number: int
) -> None:
    tech, piece = lab.who("tech"), pieces[number]
    desk, code = lab.point(Step.PLACE), piece.identifier
    rack = lab.custody.containers.add(tech, ContainerKind.RACK, "Rack 1", 0)
    lab.scan(desk, code, container=rack.code)
    lost = lab.custody.mishaps.tell(tech, code, Mishap.LOST, "not in its rack")
    assert (lost.action, lost.before, lost.after) == (Action.LOSE, piece.stage.value, "lost")
    assert (lost.before_place.container, lost.after_place.container) == (rack.code, "")
    assert [each.material.identifier for each in lab.custody.mishaps.list_lost(tech)] == [code]
    for then in (Stage.STORED, Stage.FILED):
        with pytest.raises(ByCustody):
            lab.cases.move_material(tech, piece.id, then)
    with pytest.raises(OutOfSequence, match="is lost"):
        lab.custody.containers.put_in(tech, rack.code, code)
    found = lab.custody.mishaps.find(tech, code, "under the bench")
    assert (found.action, found.before, found.after) == (Action.FIND, "lost", piece.stage.value)
    assert stage_of(lab, piece) is piece.stage
    assert lab.custody.mishaps.list_lost(tech) == []
    assert lab.is_whole(code)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_is_broken_stays_so_unless_that_was_a_mistake(
    lab: Laboratory, pieces: list[Material], number: int
) -> None:
    tech, piece = lab.who("tech"), pieces[number]
    broken = lab.custody.mishaps.tell(tech, piece.identifier, Mishap.BROKEN, "fell")
    assert (broken.action, stage_of(lab, piece)) == (Action.BREAK, Stage.BROKEN)
    assert lab.custody.tracing.find(tech, piece.identifier).events[-1].reason == "fell"
    with pytest.raises(IllegalMove):
        lab.custody.mishaps.tell(tech, piece.identifier, Mishap.LOST, "swept away")
    with pytest.raises(Conflict, match="is not lost"):
        lab.custody.mishaps.find(tech, piece.identifier)
    lab.custody.scanning.correct(tech, broken.number, "it was another one")
    assert stage_of(lab, piece) is piece.stage


def test_who_scans_what_was_lost_has_found_it(lab: Laboratory, pieces: list[Material]) -> None:
    tech, slide = lab.who("tech"), pieces[2]
    place, cover, file = lab.point(Step.PLACE), lab.point(Step.COVERSLIP), lab.point(Step.FILE)
    lab.point(Step.RACK)

    def lose() -> None:
        lab.custody.mishaps.tell(tech, slide.identifier, Mishap.LOST, "not in its rack")

    lose()
    assert lab.scan(place, slide.identifier).event.after == "stained"
    lose()
    with pytest.raises(OutOfSequence, match="has to be racked"):
        lab.scan(file, slide.identifier)
    assert stage_of(lab, slide) is Stage.LOST
    assert lab.scan(cover, slide.identifier).event.after == "coverslipped"
    lab.later(timedelta(hours=1))
    lose()
    assert lab.scan(cover, slide.identifier).event.after == "coverslipped"
    assert lab.is_whole(slide.identifier)


def test_what_was_lent_and_lost_comes_back_to_be_filed(lab: Laboratory, pieces: list[Material]) -> None:
    tech, block = lab.who("tech"), pieces[1]
    lab.cases.move_material(tech, block.id, Stage.FILED)
    lab.custody.lending.lend(tech, block.identifier, "Dr Wu", "molecular test", lab.now + timedelta(days=7))
    lab.custody.mishaps.tell(tech, block.identifier, Mishap.LOST, "did not arrive")
    assert lab.custody.mishaps.find(tech, block.identifier).after == "filed"
    assert lab.custody.lending.take_back(tech, block.identifier).returned_at == lab.now


def test_what_was_lost_on_its_way_has_not_come(lab: Laboratory) -> None:
    tech, case = lab.who("tech"), lab.case(("H&E",), is_expected=True)
    part = case.material[0]
    with pytest.raises(IllegalMove):
        lab.custody.mishaps.tell(tech, part.identifier, Mishap.LOST, "nobody has it yet")
    lab.cases.move_material(tech, part.id, Stage.IN_TRANSIT)
    lab.custody.mishaps.tell(tech, part.identifier, Mishap.LOST, "the courier has it not")
    assert lab.cases.get_case(tech, case.case.id).case.status is CaseStatus.REGISTERED
    lab.custody.mishaps.find(tech, part.identifier)
    assert stage_of(lab, part) is Stage.IN_TRANSIT


@pytest.mark.parametrize(("number", "stage"), [(1, Stage.PLANNED), (1, Stage.PRINTED), (2, Stage.PLANNED)])
def test_what_is_not_there_yet_is_not_lost(lab: Laboratory, number: int, stage: Stage) -> None:
    tech, case = lab.who("tech"), lab.case()
    piece = case.material[number]
    if stage is Stage.PRINTED:
        lab.cases.move_material(tech, piece.id, stage)
    for mishap in Mishap:
        with pytest.raises(IllegalMove):
            lab.custody.mishaps.tell(tech, piece.identifier, mishap, "gone")


def test_a_mishap_has_a_reason_and_is_told_by_who_may(lab: Laboratory, pieces: list[Material]) -> None:
    tech, code = lab.who("tech"), pieces[0].identifier
    rack = lab.custody.containers.add(tech, ContainerKind.RACK, "Rack 2", 0)
    tell = lab.custody.mishaps.tell
    refused: list[tuple[Any, type[Exception]]] = [
        (lambda: tell(tech, code, Mishap.LOST, " "), Invalid),
        (lambda: tell(tech, rack.code, Mishap.LOST, "gone"), Invalid),
        (lambda: tell(tech, "no code", Mishap.LOST, "gone"), NotOurs),
        (lambda: tell(lab.who("clinician"), code, Mishap.LOST, "gone"), NotPermitted),
        (lambda: lab.custody.mishaps.find(lab.who("clinician"), code), NotPermitted),
        (lambda: lab.custody.mishaps.list_lost(lab.who("student")), NotPermitted),
    ]
    for act, expected in refused:
        with pytest.raises(expected):
            act()
