"""Signed reports are written down for the systems of their hospital, once for each."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message

from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.jobs import SEND_REPORT_JOB, jobs_of
from hemalum.capabilities.interfaces.model import MessageState, Receiver, ReceiverId
from hemalum.capabilities.interfaces.publishing import Publishing
from hemalum.capabilities.interfaces.service import open_interfaces
from hemalum.capabilities.orders.model import Panels
from hemalum.capabilities.orders.service import Orders
from hemalum.capabilities.reports.model import Amendment
from hemalum.formats.hl7.message import Message, parse
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.db import transaction
from tests.hospital import ELSEWHERE, HOME

from .conftest import World

HIS = Receiver(ReceiverId(""), HOME, "his", "127.0.0.1", 2575, "HIS", "HOSPITAL")

NO_PANELS = Panels({}, ())


@pytest.fixture(scope="module")
def sent_to(world: World) -> tuple[Publishing, Receiver]:
    """What sends reports, and the one system that hears of those of this hospital."""
    interfaces = open_interfaces(
        Orders(world.cases, NO_PANELS), world.keyring, timedelta(days=30), lambda: world.now
    )
    receiver = interfaces.add_receiver(HIS)
    interfaces.add_receiver(replace(HIS, name="other", organisation_id=OrganisationId(ELSEWHERE), port=2576))
    return Publishing(world.reports, interfaces.outbox), receiver


def take_next(publishing: Publishing, receiver: Receiver) -> Message:
    """The message that is sent next, taken from the queue."""
    due = publishing.outbox.find_due(receiver)
    assert due is not None
    content = due.content.decode()
    accepted = parse_message(content, validation_level=VALIDATION_LEVEL.TOLERANT)
    assert accepted.msh.msh_9.msh_9_1.value == "ORU"
    with transaction(publishing.outbox.database) as connection:
        store.move_message(connection, due.number, [MessageState.WAITING], MessageState.DONE)
    return parse(content)


def test_a_signed_report_goes_out_once_and_says_what_it_says(
    world: World, sent_to: tuple[Publishing, Receiver]
) -> None:
    publishing, receiver = sent_to
    case_id = world.case_id()
    signed = world.sign(case_id, world.write(case_id, content=world.content("Adenocarcinoma, H&E & p63.")))
    assert publishing.send_report(HOME, case_id, signed.number) == 1
    assert publishing.send_report(HOME, case_id, signed.number) == 0
    message = take_next(publishing, receiver)
    assert publishing.outbox.find_due(receiver) is None
    assert message.header.text(5) == "HIS"
    assert message.header.text(10) == signed.sha256[:20]
    assert message.get("PID").text(3) == f"P{world.count:06d}"
    request = message.get("OBR")
    assert (request.text(3), request.text(25)) == (
        world.reports.show(world.who("li"), case_id).case.number,
        "F",
    )
    results = {each.text(3): each.text(5) for each in message.all("OBX")}
    assert results["22637-3"] == "Adenocarcinoma, H&E & p63."
    assert "Perineural invasion: no" in results["60572-5"]


def test_what_was_changed_goes_out_as_corrected_and_what_was_withdrawn_says_so(
    world: World, sent_to: tuple[Publishing, Receiver]
) -> None:
    publishing, receiver = sent_to
    case_id = world.case_id()
    world.sign(case_id, world.write(case_id))
    li = world.who("li")
    reopened = world.reports.reopen(li, case_id, Amendment.CORRECTED, "wrong side")
    draft = world.write(case_id, content=world.content("Left, not right."), based_on=reopened.number)
    corrected = world.sign(case_id, draft)
    publishing.send_report(HOME, case_id, corrected.number)
    message = take_next(publishing, receiver)
    assert message.get("OBR").text(25) == "C"
    assert "Left, not right." in str(message)
    withdrawn = world.sign(
        case_id, world.reports.reopen(li, case_id, Amendment.ENTERED_IN_ERROR, "another patient's")
    )
    publishing.send_report(HOME, case_id, withdrawn.number)
    message = take_next(publishing, receiver)
    assert [each.text(3) for each in message.all("OBX")] == ["22638-1"]
    assert "Left, not right." not in str(message)


def test_the_job_of_a_signature_sends(world: World, sent_to: tuple[Publishing, Receiver]) -> None:
    publishing, receiver = sent_to
    case_id = world.case_id(named=False)
    signed = world.sign(case_id, world.write(case_id))

    class Run:
        def step(self, _name: str, act: object) -> object:
            return act()  # type: ignore[operator]

    arguments = {
        "organisation_id": HOME,
        "case_id": case_id,
        "number": signed.number,
        "sha256": signed.sha256,
    }
    assert jobs_of(publishing)[SEND_REPORT_JOB](Run(), arguments) == 1  # type: ignore[arg-type]
    assert take_next(publishing, receiver).get("PID").text(3) == ""
