"""Further work and what happens to material are told to the systems that are set so, each once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hl7apy.validation import Validator

from hemalum.app.node import _work
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.cases.model import Material, Stage
from hemalum.capabilities.custody.model import ContainerKind
from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.model import MessageState, Receiver, ReceiverId, Sent
from hemalum.capabilities.orders.model import Work, WorkAsked, WorkState
from hemalum.formats.hl7.message import Message, parse
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime import outbox
from hemalum.runtime.db import transaction

from .conftest import HERE, Hospital


class Run:
    """A job that is done at once."""

    def step(self, _name: str, act: Any) -> Any:
        return act()


class Receiving:
    """A system that is set to hear of something, and what it was told."""

    def __init__(self, hospital: Hospital, name: str, *sends: Sent) -> None:
        self.hospital = hospital
        stated = Receiver(ReceiverId(""), OrganisationId("home"), name, HERE, 9, "LIS", "LAB", sends=sends)
        self.receiver = hospital.interfaces.add_receiver(stated)

    def take(self) -> list[Message]:
        """All that waits for it; another implementation finds it right, too."""
        pending, found = self.hospital.interfaces.outbox, []
        while (due := pending.find_due(self.receiver)) is not None:
            found.append(parse(due.content.decode()))
            for one in apart(found[-1]):
                accepted: Any = parse_message(str(one), validation_level=VALIDATION_LEVEL.TOLERANT)
                assert Validator.validate(accepted)
            with transaction(self.hospital.parts.database) as connection:
                store.move_message(connection, due.number, [MessageState.WAITING], MessageState.DONE)
        return found


def apart(message: Message) -> list[Message]:
    """One message for each order: hl7apy 1.3.5 takes a second order of OML_O33 for a prior one."""
    starts = [number for number, each in enumerate(message.segments) if each.name == "ORC"]
    if not starts:
        return [message]
    head, ends = message.segments[: starts[0]], [*starts[1:], len(message.segments)]
    return [Message((*head, *message.segments[one:end])) for one, end in zip(starts, ends, strict=True)]


def deliver(hospital: Hospital, *, times: int = 1) -> None:
    """Do the jobs of interfaces for what happened since; more than once, as after a crash."""
    work, wanted = _work(hospital.parts), []
    outbox.deliver(
        hospital.parts.database,
        work.subscribers,
        lambda job, _id, told: wanted.append((job, told)),
        work.wanted,
    )
    for job, told in wanted:
        for _ in range(times if job.startswith("interfaces.") else 0):
            work.jobs[job](Run(), told)  # type: ignore[arg-type]


@contextmanager
def hearing(hospital: Hospital, *sends: Sent) -> Iterator[Receiving]:
    deliver(hospital)
    made = Receiving(hospital, f"told-{hospital.number()}", *sends)
    try:
        yield made
    finally:
        hospital.interfaces.change_receiver(made.receiver.name, (), with_pdf=None)


@pytest.fixture(scope="module")
def reader(hospital: Hospital) -> str:
    hospital.parts.access.add_person("reader", "Somebody who reads", "home", Role.PATHOLOGIST)
    return "reader"


def case_with_block(hospital: Hospital) -> tuple[ShownCase, Material]:
    """A case of an order, whose first part came, with a block of it."""
    number = f"W{hospital.number()}"
    order = hospital.message("OML^O21^OML_O21", hospital.patient(number), *hospital.order(number))
    assert hospital.ask(order)[0] == "AA"
    (shown,) = hospital.cases_of(number)
    cases, tech = hospital.parts.cases, hospital.who("his")
    cases.move_material(tech, shown.material[0].id, Stage.RECEIVED)
    found: tuple[ShownCase, Material] = cases.add_material(tech, shown.case.id, shown.material[0].id)
    return found


def test_further_work_goes_out_as_it_is_asked_for_and_decided(hospital: Hospital, reader: str) -> None:
    shown, block = case_with_block(hospital)
    orders, tech = hospital.parts.orders, hospital.who("his")
    with hearing(hospital, Sent.WORK) as lis:
        asked = WorkAsked(
            Work.IHC, (block.id,), ("p63", "CK5/6 & HMWK"), 2, reason="basal cells?", words="thin"
        )
        (order,) = orders.request_work(hospital.who(reader), shown.case.id, asked)
        deliver(hospital, times=2)
        (placed,) = lis.take()
        assert [placed.header.text(9, part) for part in (1, 2, 3)] == ["OML", "O33", "OML_O33"]
        assert placed.get("PID").text(5) == "Example"
        specimen = placed.get("SPM")
        assert (specimen.text(2, 2), specimen.text(3, 2)) == (
            block.identifier,
            shown.material[0].identifier,
        )
        assert [each.text(1) for each in placed.all("ORC")] == ["NW", "NW"]
        group = f"{shown.case.number}.W1"
        assert [each.text(2) for each in placed.all("ORC")] == [f"{group}.1", f"{group}.2"]
        assert {each.text(4) for each in placed.all("ORC")} == {group}
        assert [each.text(4, 5) for each in placed.all("OBR")] == ["p63", "CK5/6 & HMWK"]
        assert {each.text(2) for each in placed.all("TQ1")} == {"2"}
        assert (placed.get("ORC").text(16, 2), placed.get("NTE").text(3)) == ("basal cells?", "thin")

        orders.move_work(tech, order.id, WorkState.ACCEPTED)
        orders.move_work(tech, order.id, WorkState.CANCELLED, "asked for by mistake")
        deliver(hospital, times=2)
        accepted, cancelled = lis.take()
        first = accepted.get("ORC")
        assert (first.text(1), first.text(5)) == ("SC", "SC")
        slides = hospital.parts.cases.get_case(tech, shown.case.id).material
        planned = [each.identifier for each in slides if each.parent_id == block.id]
        assert [each.text(5) for each in accepted.all("OBX")] == planned
        assert len(planned) == 4
        assert (cancelled.get("ORC").text(1), cancelled.get("ORC").text(5)) == ("CA", "CA")
        assert cancelled.get("ORC").text(16, 2) == "asked for by mistake"


def test_who_was_never_told_of_an_order_is_told_so_first(hospital: Hospital, reader: str) -> None:
    shown, _ = case_with_block(hospital)
    part = shown.material[0]
    orders, tech = hospital.parts.orders, hospital.who("his")
    asked = WorkAsked(Work.MOLECULAR, (), ("EGFR",))
    (order,) = orders.request_work(hospital.who(reader), shown.case.id, asked)
    with hearing(hospital, Sent.WORK) as lis:
        orders.move_work(tech, order.id, WorkState.REJECTED, "no tissue left")
        deliver(hospital)
        placed, rejected = lis.take()
    assert placed.get("SPM").text(2, 2) == shown.case.number != part.identifier
    assert [each.get("ORC").text(1) for each in (placed, rejected)] == ["NW", "OC"]


def test_what_happens_to_material_is_told_by_the_events_of_the_profile(hospital: Hospital) -> None:
    with hearing(hospital, Sent.SPECIMENS) as tracker:
        shown, _ = case_with_block(hospital)
        part = shown.material[0]
        cases, tech = hospital.parts.cases, hospital.who("his")
        cases.move_material(tech, part.id, Stage.REJECTED, "leaking")
        cases.move_material(tech, part.id, Stage.ACCEPTED)
        cases.move_material(tech, part.id, Stage.GROSSED)
        deliver(hospital, times=2)
        told = tracker.take()
    assert {each.header.text(9, 3) for each in told} == {"SSU_U03"}
    events = [[each.text(5) for each in message.all("OBX")] for message in told]
    assert events == [
        ["S42", "received"],
        ["S44", "rejected"],
        ["S43", "accepted"],
        ["S50", "grossed"],
    ]
    container = told[1].get("SAC")
    assert (container.text(1), container.text(3)) == (shown.case.number, part.identifier)
    assert [each.get("SAC").text(8) for each in told] == ["O", "X", "O", "O"]
    assert "Example" not in str(told)
    actions = [one.case_id for one in hospital.entries(partner_id=tracker.receiver.id)]
    assert set(actions) == {shown.case.id}


def test_boxes_and_shelves_are_told_with_every_event(hospital: Hospital) -> None:
    custody, tech = hospital.parts.custody, hospital.who("his")
    containers = custody.containers
    room = containers.add(tech, ContainerKind.ROOM, "Archive & cellar")
    cabinet = containers.add(tech, ContainerKind.CABINET, "Cabinet 3")
    box = containers.add(tech, ContainerKind.BOX, "Blocks 2026 | 11", slots=50)
    containers.put_in(tech, cabinet.code, box.code)
    containers.put_in(tech, room.code, cabinet.code)
    with hearing(hospital, Sent.SPECIMENS) as tracker:
        shown, block = case_with_block(hospital)
        deliver(hospital)
        tracker.take()
        containers.put_in(tech, box.code, block.identifier, 7)
        deliver(hospital, times=2)
        (put,) = tracker.take()
        containers.put_in(tech, box.code, block.identifier, 7)
        deliver(hospital)
        assert tracker.take() == [], "it lies there already"
        hospital.parts.cases.move_material(tech, block.id, Stage.FILLED)
        deliver(hospital)
        (moved,) = tracker.take()
        containers.take_out(tech, box.code, block.identifier)
        deliver(hospital, times=2)
        (taken,) = tracker.take()
    lies = put.get("SAC")
    assert (lies.text(3), lies.text(9), lies.text(9, 3)) == (block.identifier, "box", "99HEMALUM")
    assert (lies.text(10), lies.text(11)) == (box.code, "7")
    assert lies.fields[14] == (
        rf"{cabinet.code}^Cabinet 3^99HEMALUM~{room.code}^Archive \T\ cellar^99HEMALUM"
    )
    assert [each.text(5) for each in put.all("OBX")] == ["put_in", block.stage.value]
    assert next(put.all("OBX")).text(5, 3) == "99HEMALUM"
    assert [each.text(5) for each in moved.all("OBX")] == ["S51", "filled"]
    assert (moved.get("SAC").text(10), moved.get("SAC").text(11)) == (box.code, "7")
    assert [each.text(5) for each in taken.all("OBX")] == ["take_out", "filled"]
    assert taken.get("SAC").text(10) == ""
    assert shown.case.number == put.get("SAC").text(1)


def test_what_is_filed_is_archived_and_fetched_by_its_box(hospital: Hospital) -> None:
    custody, tech = hospital.parts.custody, hospital.who("his")
    box = custody.containers.add(tech, ContainerKind.BOX, "Wet tissue")
    with hearing(hospital, Sent.SPECIMENS) as tracker:
        shown, _ = case_with_block(hospital)
        part = shown.material[0]
        for stage in (Stage.ACCEPTED, Stage.GROSSED, Stage.STORED):
            hospital.parts.cases.move_material(tech, part.id, stage)
        deliver(hospital)
        tracker.take()
        custody.containers.put_in(tech, box.code, part.identifier)
        custody.containers.take_out(tech, box.code, part.identifier)
        deliver(hospital)
        told = tracker.take()
    assert [next(each.all("OBX")).text(5) for each in told] == ["S47", "S48"]
    assert [each.get("SAC").text(8) for each in told] == ["R", "R"]
    assert told[0].get("SAC").text(11) == ""


def test_a_receiver_of_results_hears_of_nothing_else(hospital: Hospital, reader: str) -> None:
    with hearing(hospital, Sent.RESULTS) as his:
        shown, _ = case_with_block(hospital)
        orders = hospital.parts.orders
        orders.request_work(hospital.who(reader), shown.case.id, WorkAsked(Work.MOLECULAR, (), ("EGFR",)))
        deliver(hospital)
        assert his.take() == []
