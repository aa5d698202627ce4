"""Signed reports are written down for the systems of their hospital, once for each."""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hl7apy.validation import Validator
from PIL import Image as Picturing
from pypdf import PdfReader

from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.jobs import SEND_REPORT_JOB, jobs_of
from hemalum.capabilities.interfaces.model import MessageState, Receiver, ReceiverId, Sent
from hemalum.capabilities.interfaces.publishing import Publishing
from hemalum.capabilities.interfaces.service import Interfaces, open_interfaces
from hemalum.capabilities.interfaces.telling import Telling
from hemalum.capabilities.orders.model import Panels
from hemalum.capabilities.orders.service import Orders
from hemalum.capabilities.reports.model import Amendment, Figure, Region, Version
from hemalum.capabilities.reports.service import print_for_node
from hemalum.capabilities.slides import store as slide_store
from hemalum.capabilities.slides.model import ImageStatus, Terms
from hemalum.formats.hl7.message import Message, parse
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime import typesetting
from hemalum.runtime.db import transaction
from hemalum.runtime.typesetting import CannotPrint
from tests.hospital import ELSEWHERE, HOME

from .conftest import World

HIS = Receiver(ReceiverId(""), HOME, "his", "127.0.0.1", 2575, "HIS", "HOSPITAL")

NO_PANELS = Panels({}, ())


class Pixels:
    """Reads slides, all of which are grey."""

    media_type = "image/jpeg"

    def __init__(self) -> None:
        file = io.BytesIO()
        Picturing.fromarray(np.full((30, 40, 3), 128, np.uint8)).save(file, "jpeg")
        self.content = file.getvalue()

    async def render(self, *_: Any, **__: Any) -> "Pixels":
        return self


@pytest.fixture(scope="module")
def interfaces(world: World) -> Interfaces:
    return open_interfaces(
        Orders(world.cases, NO_PANELS), world.keyring, timedelta(days=30), lambda: world.now
    )


@pytest.fixture(scope="module")
def sent_to(world: World, interfaces: Interfaces) -> tuple[Publishing, Receiver]:
    """What sends reports, and the one system that hears of those of this hospital."""
    receiver = interfaces.add_receiver(HIS)
    interfaces.add_receiver(replace(HIS, name="other", organisation_id=OrganisationId(ELSEWHERE), port=2576))
    leaving = world.reports.leaving

    @contextmanager
    def opened() -> Iterator[Pixels]:
        yield Pixels()

    def print_pdf(organisation_id: str, case_id: str, number: int) -> bytes:
        printed = leaving.read_printable(organisation_id, case_id, number)
        assert printed is not None
        return print_for_node(printed, leaving.pictured, opened)

    return Publishing(world.reports, interfaces.outbox, world.cases.ledger.slides.record, print_pdf), receiver


@contextmanager
def sending(interfaces: Interfaces, *sends: Sent, with_pdf: bool = False) -> Iterator[None]:
    """Meanwhile the receiver is sent other things."""
    interfaces.change_receiver("his", sends, with_pdf)
    try:
        yield
    finally:
        interfaces.change_receiver("his", (Sent.RESULTS,), with_pdf=False)


def take_next(publishing: Publishing, receiver: Receiver, kind: str = "ORU^R01") -> Message:
    """The message that is sent next, taken from the queue; another implementation takes it, too."""
    due = publishing.outbox.find_due(receiver)
    assert due is not None
    content = due.content.decode()
    accepted: Any = parse_message(content, validation_level=VALIDATION_LEVEL.TOLERANT)
    assert Validator.validate(accepted)
    assert content.split("|")[8].startswith(kind)
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
    telling = Telling(Orders(world.cases, NO_PANELS), publishing.outbox, publishing.record)
    assert jobs_of(publishing, telling)[SEND_REPORT_JOB](Run(), arguments) == 1  # type: ignore[arg-type]
    patient = take_next(publishing, receiver).get("PID")
    assert patient.text(3) == world.reports.show(world.who("li"), case_id).case.number
    assert (patient.text(3, 5), patient.text(5)) == ("ANON", "")


def document_of(message: Message) -> str:
    """What the PDF in a message says."""
    (document,) = [each for each in message.all("OBX") if each.text(2) == "ED"]
    assert [document.text(5, part) for part in (2, 3, 4)] == ["application", "pdf", "Base64"]
    pages = PdfReader(io.BytesIO(base64.b64decode(document.text(5, 5)))).pages
    return " ".join(page.extract_text() for page in pages)


def test_the_signed_document_goes_out_with_its_figures_where_it_is_wanted(
    world: World, interfaces: Interfaces, sent_to: tuple[Publishing, Receiver]
) -> None:
    publishing, receiver = sent_to
    case_id = world.case_id()
    image_id = world.image_of(case_id, Terms(HOME))
    with transaction(world.database) as connection:
        slide_store.update_image(connection, image_id, status=ImageStatus.AVAILABLE.value)
    figure = Figure(image_id, Region(0.0, 0.0, 100.0, 80.0), "Glands")
    damaged = replace(figure, image_id=world.image_of(case_id, Terms(HOME)))
    content = replace(world.content("Adenocarcinoma."), figures=(figure, damaged))
    signed = world.sign(case_id, world.write(case_id, content=content))
    world.told()
    with sending(interfaces, Sent.RESULTS, Sent.DOCUMENTS, with_pdf=True):
        assert publishing.send_report(HOME, case_id, signed.number) == 2
        assert publishing.send_report(HOME, case_id, signed.number) == 0
    result, document = take_next(publishing, receiver), take_next(publishing, receiver, "MDM^T02")
    assert result.header.text(10) != document.header.text(10)
    for message in (result, document):
        said = document_of(message)
        assert "Ada Secretname" in said
        assert "Glands" in said
        assert said.count("This figure cannot be shown now.") == 1
    told = world.told()
    assert told.count("interfaces.send_report") == 2
    assert "slides.print" in told


def test_what_is_signed_again_takes_the_place_of_the_document_before(
    world: World, interfaces: Interfaces, sent_to: tuple[Publishing, Receiver]
) -> None:
    publishing, receiver = sent_to
    case_id, first = world.signed()
    li = world.who("li")
    reopened = world.reports.reopen(li, case_id, Amendment.ADDENDED, "a stain came in")
    second = world.sign(case_id, reopened)
    third = world.sign(case_id, world.reports.reopen(li, case_id, Amendment.ENTERED_IN_ERROR, "not hers"))
    with sending(interfaces, Sent.DOCUMENTS, with_pdf=True):
        for version in (first, second, third):
            assert publishing.send_report(HOME, case_id, version.number) == 1
    number = world.reports.show(li, case_id).case.number

    def place(message: Message) -> list[str]:
        return [message.get("TXA").text(field) for field in (12, 13, 17, 19)]

    def named(version: Version) -> str:
        return f"{number}.{version.number}"

    original = take_next(publishing, receiver, "MDM^T02")
    assert place(original) == [named(first), "", "LA", "AV"]
    assert "SUPERSEDED" in document_of(original)
    assert place(take_next(publishing, receiver, "MDM^T10")) == [named(second), named(first), "LA", "AV"]
    withdrawn = take_next(publishing, receiver, "MDM^T10")
    assert place(withdrawn) == [named(third), named(second), "LA", "AV"]
    (notice,) = withdrawn.all("OBX")
    assert notice.text(5).startswith("Entered in error")


def test_the_words_go_out_where_the_document_cannot_be_made(
    world: World,
    interfaces: Interfaces,
    sent_to: tuple[Publishing, Receiver],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publishing, receiver = sent_to
    case_id, signed = world.signed(diagnosis="Benign.")
    with sending(interfaces, Sent.RESULTS, with_pdf=True):
        monkeypatch.setattr(typesetting, "find_spec", lambda _: None)
        with pytest.raises(CannotPrint, match="typst"):
            interfaces.change_receiver("his", None, with_pdf=True)
        assert publishing.send_report(HOME, case_id, signed.number) == 1
    message = take_next(publishing, receiver)
    assert "Benign." in [each.text(5) for each in message.all("OBX")]
    assert "ED" not in [each.text(2) for each in message.all("OBX")]


def test_a_receiver_is_sent_what_was_chosen_for_it(
    world: World, interfaces: Interfaces, sent_to: tuple[Publishing, Receiver]
) -> None:
    publishing, receiver = sent_to
    case_id, signed = world.signed()
    with sending(interfaces):
        assert publishing.send_report(HOME, case_id, signed.number) == 0
    assert publishing.outbox.find_due(receiver) is None
    world.told()
    with sending(interfaces, Sent.DOCUMENTS):
        assert interfaces.find_receiver("his").sends == (Sent.DOCUMENTS,)
    assert world.told() == ["interfaces.change_receiver"] * 2
    with pytest.raises(NotFound):
        interfaces.change_receiver("nobody", None, with_pdf=None)
