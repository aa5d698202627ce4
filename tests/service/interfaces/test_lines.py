"""Lines to other systems: many at once, cut, slow, too long; and what waits is sent in order, once."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hemalum.app.node import _work
from hemalum.capabilities.interfaces.commands import NotAccepted, hl7
from hemalum.capabilities.interfaces.jobs import SEND_REPORT_JOB
from hemalum.capabilities.interfaces.listening import Listener, Patience
from hemalum.capabilities.interfaces.model import MessageState, Receiver, ReceiverId
from hemalum.capabilities.interfaces.outbox import Outbox
from hemalum.capabilities.interfaces.sending import Courier, Line, NotSent
from hemalum.formats.hl7.charsets import UTF_8
from hemalum.formats.hl7.message import parse
from hemalum.formats.hl7.mllp import Deframer, frame
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.tls import calling, mutual
from hemalum.testing.certificates import write_certificate

from .conftest import HERE, PATIENCE_S, Client, Hospital

ADMIT = "ADT^A04^ADT_A01"


def listening(hospital: Hospital, **options: Any) -> Any:
    @asynccontextmanager
    async def run() -> Any:
        listener = Listener(hospital.interfaces.inbox, f"{HERE}:0", **options)
        await listener.start()
        try:
            yield listener
        finally:
            await listener.close()

    return run()


def test_twenty_systems_send_at_once(hospital: Hospital) -> None:
    contents = [
        [hospital.message(ADMIT, hospital.patient(f"P{hospital.number()}")) for _ in range(3)]
        for _ in range(20)
    ]

    async def one(port: int, mine: list[str]) -> list[str]:
        client = await Client.to(port)
        said = [(await client.ask(content)).get("MSA") for content in mine]
        client.close()
        return [f"{each.text(1)} {each.text(2)}" for each in said]

    async def run() -> list[list[str]]:
        async with listening(hospital) as listener:
            return await asyncio.gather(*(one(listener.port, mine) for mine in contents))

    wanted = [[f"AA {parse(each).header.text(10)}" for each in mine] for mine in contents]
    assert asyncio.run(run()) == wanted


def test_a_message_that_is_cut_off_leaves_nothing(hospital: Hospital) -> None:
    number = f"P{hospital.number()}"
    content = hospital.message(ADMIT, hospital.patient(number))

    async def run() -> str:
        async with listening(hospital) as listener:
            cut = await Client.to(listener.port)
            cut.writer.write(frame(content.encode())[:-20])
            await cut.writer.drain()
            cut.close()
            assert hospital.entries(control_id=parse(content).header.text(10)) == []
            client = await Client.to(listener.port)
            code = (await client.ask(content)).get("MSA").text(1)
            client.close()
            return code

    assert asyncio.run(run()) == "AA"
    assert len(hospital.find_patients(number)) == 1


def test_who_is_slow_or_says_too_much_is_cut_off_and_others_are_served(hospital: Hospital) -> None:
    async def run() -> None:
        patience = Patience(frame_s=0.2)
        async with listening(hospital, patience=patience, most_bytes=5000) as listener:
            slow, long = await Client.to(listener.port), await Client.to(listener.port)
            slow.writer.write(b"\x0bMSH|")
            content = hospital.message(ADMIT, "NTE|1||" + "x" * 6000)
            answer = await long.ask(content)
            assert (answer.get("MSA").text(1), answer.get("MSA").text(2)) == (
                "AR",
                parse(content).header.text(10),
            )
            assert answer.get("ERR").text(8) == "A message has at most 5000 bytes."
            assert await long.is_closed()
            assert await slow.is_closed()
            other = await Client.to(listener.port)
            good = hospital.message(ADMIT, hospital.patient(f"P{hospital.number()}"))
            assert (await other.ask(good)).get("MSA").text(1) == "AA"
            for client in (slow, long, other):
                client.close()

    asyncio.run(run())


def test_who_takes_no_answers_is_cut_off(hospital: Hospital) -> None:
    """A system that sends and never reads: the node does not gather answers for it."""
    answer = b"x" * (1 << 20)

    class Talkative:
        def take(self, content: bytes, address: str) -> Any:
            del content, address
            return type("Taken", (), {"answer": answer, "number": None})()

        def resume(self) -> int:
            return 0

    async def run() -> bool:
        listener = Listener(Talkative(), f"{HERE}:0", Patience(answer_s=0.2))  # type: ignore[arg-type]
        await listener.start()
        client = await Client.to(listener.port)
        client.writer.write(frame(b"x") * 40)
        async with asyncio.timeout(PATIENCE_S):
            while not client.writer.is_closing() and listener._connections:
                await asyncio.sleep(0.05)
        is_cut = not listener._connections
        client.close()
        await listener.close()
        return is_cut

    assert asyncio.run(run())


def test_an_address_that_cannot_be_used_is_named(hospital: Hospital) -> None:
    for address, why in (
        ("nowhere", "is not an address"),
        ("192.0.2.1:1", "cannot be taken in at 192.0.2.1:1"),
    ):
        with pytest.raises(Invalid, match=why):
            asyncio.run(Listener(hospital.interfaces.inbox, address).start())


# Sending --------------------------------------------------------------------------------------------------


@dataclass
class Hearing:
    """A hospital system that messages are sent to, and how it behaves."""

    behave: Callable[[str, int], str | None]
    """From control id and how often it came to the code of the answer; None to hang up."""
    heard: list[str] = field(default_factory=list)
    _open: list[asyncio.StreamWriter] = field(default_factory=list)

    @asynccontextmanager
    async def open(self) -> Any:
        server = await asyncio.start_server(self._serve, HERE, 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for writer in self._open:
                writer.close()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        deframer = Deframer()
        self._open.append(writer)
        with suppress(ConnectionError):
            while piece := await reader.read(4096):
                for content in deframer.feed(piece):
                    control_id = parse(content.decode()).header.text(10)
                    self.heard.append(control_id)
                    code = self.behave(control_id, self.heard.count(control_id))
                    if code is None:
                        writer.close()
                        return
                    stray = "MSH|^~\\&|HIS||||||ACK|1|P|2.5.1\rMSA|AA|somebody-elses\r"
                    said = f"MSH|^~\\&|HIS||||||ACK|2|P|2.5.1\rMSA|{code}|{control_id}|why\r"
                    writer.write(frame(stray.encode()) + frame(said.encode()))
        writer.close()


def send_all(hospital: Hospital, hearing: Hearing, name: str, count: int) -> list[str]:
    """Have messages sent until nothing waits; answers their control ids in order."""

    async def run() -> list[str]:
        async with hearing.open() as port:
            receiver = hospital.interfaces.add_receiver(
                Receiver(ReceiverId(""), OrganisationId("home"), name, HERE, port, "HIS", "HOSPITAL")
            )
            control_ids = []
            for number in range(count):
                control_ids.append(f"{name}-{number}")
                content = hospital.message("ORU^R01^ORU_R01", "PID|1||7", control_id=control_ids[-1])
                hospital.interfaces.send(receiver, parse(content))
            with pytest.raises(Conflict, match="kept for this receiver before"):
                hospital.interfaces.send(receiver, parse(content))
            courier = asyncio.create_task(
                Courier(hospital.interfaces.outbox, look_every_s=0.01, receivers_every_s=0.1).run()
            )
            async with asyncio.timeout(PATIENCE_S):
                while hospital.entries(partner_id=receiver.id, state=MessageState.WAITING):
                    await asyncio.sleep(0.02)
            courier.cancel()
            await asyncio.gather(courier, return_exceptions=True)
            return control_ids

    return asyncio.run(run())


def test_messages_go_out_in_order_and_again_until_they_are_answered(hospital: Hospital) -> None:
    hearing = Hearing(lambda control_id, times: None if control_id.endswith("-1") and times == 1 else "AA")
    sent = send_all(hospital, hearing, "steady", 4)
    assert hearing.heard == [sent[0], sent[1], sent[1], sent[2], sent[3]]
    entries = hospital.entries(control_id=sent[1])
    assert [(one.state, one.attempts) for one in entries] == [(MessageState.DONE, 1)]
    standing = next(one for one in hospital.interfaces.standings(hospital.who()) if one.name == "steady")
    assert (standing.waiting, standing.failure, standing.last_at is not None) == (0, None, True)


def test_what_is_not_accepted_is_a_dead_letter_and_the_rest_goes_on(hospital: Hospital) -> None:
    hearing = Hearing(lambda control_id, _: "AE" if control_id.endswith("-0") else "CA")
    sent = send_all(hospital, hearing, "strict", 2)
    assert hearing.heard == sent
    dead, done = (hospital.entries(control_id=one)[0] for one in sent)
    assert (dead.state, done.state) == (MessageState.DEAD, MessageState.DONE)
    assert str(dead.reason) == "The receiver did not accept this: AE, -."
    again = hospital.interfaces.replay(hospital.who(), dead.number)
    assert (again.state, again.control_id) == (MessageState.WAITING, sent[0])
    assert hospital.interfaces.discard(hospital.who(), dead.number, "by telephone").state is (
        MessageState.DISCARDED
    )


def test_a_node_that_dies_before_the_answer_sends_the_same_once_more(hospital: Hospital) -> None:
    """The receiver has it already and drops it by its control id: nothing is lost and nothing is twice."""
    interfaces = hospital.interfaces

    async def run() -> list[str]:
        silent = Hearing(lambda *_: "XX")
        async with silent.open() as port:
            receiver = interfaces.add_receiver(
                Receiver(ReceiverId(""), OrganisationId("home"), "silent", HERE, port, "", "")
            )
            interfaces.send(receiver, parse(hospital.message("ORU^R01", "PID|1", control_id="silent-0")))
            for _ in range(2):
                due = interfaces.outbox.find_due(receiver)
                assert due is not None
                client = await Client.to(port)
                client.writer.write(frame(due.content))
                await client.hear()
                client.close()
            return silent.heard

    assert asyncio.run(run()) == ["silent-0", "silent-0"]


def test_a_receiver_that_cannot_be_called_is_named_and_others_hear(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a host that can be none nor a fault of the node ends the sending to anybody."""
    wrong = hospital.interfaces.add_receiver(
        Receiver(ReceiverId(""), OrganisationId("home"), "wrong host", "his..example", 2575, "", "")
    )
    hospital.interfaces.send(wrong, parse(hospital.message("ORU^R01", "PID|1")))
    faults, find_due = [ValueError("a fault of the node")], Outbox.find_due

    def find_due_later(self: Outbox, receiver: Receiver) -> Any:
        if receiver.name == "steadfast" and faults:
            raise faults.pop()
        return find_due(self, receiver)

    monkeypatch.setattr(Outbox, "find_due", find_due_later)
    hearing = Hearing(lambda *_: "AA")
    assert send_all(hospital, hearing, "steadfast", 1) == hearing.heard
    assert faults == []
    standing = next(one for one in hospital.interfaces.standings(hospital.who()) if one.id == wrong.id)
    assert (standing.waiting, str(standing.failure)[:22]) == (1, "The connection failed:")


def test_one_process_at_a_time_sends_to_a_receiver(hospital: Hospital) -> None:
    receiver = hospital.interfaces.add_receiver(
        Receiver(ReceiverId(""), OrganisationId("home"), "held", HERE, 9, "", "")
    )
    outbox = hospital.interfaces.outbox
    assert outbox.hold(receiver.id, "first") == receiver
    assert outbox.hold(receiver.id, "first") == receiver
    assert outbox.hold(receiver.id, "second") is None
    outbox.release("first")
    assert outbox.hold(receiver.id, "second") == receiver
    for change in ({"port": 0}, {"host": " "}, {"charset": "X"}, {"name": "held"}):
        with pytest.raises((Invalid, Conflict)):
            hospital.interfaces.add_receiver(replace(receiver, **change))  # type: ignore[arg-type]


def test_every_event_that_somebody_waits_for_finds_its_job(hospital: Hospital) -> None:
    work = _work(hospital.parts)
    assert {job for jobs in work.subscribers.values() for job in jobs} <= set(work.jobs)
    assert SEND_REPORT_JOB in work.subscribers["ReportSigned"]


# TLS ------------------------------------------------------------------------------------------------------


def test_over_tls_both_sides_show_a_certificate(hospital: Hospital, tmp_path: Path) -> None:
    """The node sends a message to itself: what calls and what is called are both its own."""
    node, other, stranger = (
        tuple(map(str, write_certificate(tmp_path / name, "localhost")))
        for name in ("node", "other", "stranger")
    )
    number = f"P{hospital.number()}"
    content = hospital.message(ADMIT, hospital.patient(number))

    async def run() -> MessageState:
        async with listening(hospital, tls=mutual(*node, other[0])) as listener:
            for context in (None, calling(*stranger, node[0]), calling(*other, stranger[0])):
                line = Line("localhost", listener.port, UTF_8, PATIENCE_S, context)
                with pytest.raises(NotSent):
                    await line.send(content.encode(), "none")
            stated = Receiver(
                ReceiverId(""), OrganisationId("home"), "tls", "localhost", listener.port, "", "", is_tls=True
            )
            receiver = hospital.interfaces.add_receiver(stated)
            entry = hospital.interfaces.send(receiver, parse(content))
            tls = partial(calling, *other, node[0])
            courier = Courier(hospital.interfaces.outbox, tls, look_every_s=0.01, receivers_every_s=0.1)
            sending = asyncio.create_task(courier.run())
            async with asyncio.timeout(PATIENCE_S):
                while hospital.entries(partner_id=receiver.id, state=MessageState.WAITING):
                    await asyncio.sleep(0.02)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            (sent,) = hospital.entries(partner_id=receiver.id)
            assert sent.number == entry
            return sent.state

    assert asyncio.run(run()) is MessageState.DONE
    assert len(hospital.find_patients(number)) == 1
    with pytest.raises(Invalid):
        calling("", "", str(tmp_path / "missing.pem"))


def test_the_command_sends_over_tls_and_shows_a_certificate(hospital: Hospital, tmp_path: Path) -> None:
    node, other = (
        tuple(map(str, write_certificate(tmp_path / name, "localhost"))) for name in ("node", "other")
    )
    number = f"P{hospital.number()}"
    file = tmp_path / "message.hl7"
    file.write_text(hospital.message(ADMIT, hospital.patient(number)))

    async def run(*options: str) -> Result:
        async with listening(hospital, tls=mutual(*node, other[0])) as listener:
            words = ["send", "--to", f"localhost:{listener.port}", *options, str(file)]
            return await asyncio.to_thread(CliRunner().invoke, hl7, words)

    shown = ("--certificate", other[0], "--key", other[1])
    silent = asyncio.run(run("--tls", "--ca", node[0]))
    assert isinstance(silent.exception, NotAccepted)
    stranger = asyncio.run(run("--tls", "--ca", other[0], *shown))
    assert isinstance(stranger.exception, NotAccepted)
    assert hospital.find_patients(number) == []
    sent = asyncio.run(run("--tls", "--ca", node[0], *shown))
    assert (sent.exit_code, "MSA|AA" in sent.output) == (0, True)
    assert len(hospital.find_patients(number)) == 1
    for options in (shown, ("--tls", "--key", other[1])):
        assert asyncio.run(run(*options)).exit_code == 2
