"""A node with a hospital system that sends messages, without a server."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.interfaces.model import Entry, MessageQuery, Sender, SenderId
from hemalum.capabilities.interfaces.service import Interfaces
from hemalum.formats.hl7.message import Message, parse
from hemalum.formats.hl7.mllp import Deframer, frame
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.settings import load_settings

HERE = "127.0.0.1"
PATIENCE_S = 30
MERGE = "ADT^A40^ADT_A39"


@dataclass
class Hospital:
    """The node, and the system that sends to it."""

    parts: Parts
    count: int = 0

    @property
    def interfaces(self) -> Interfaces:
        return self.parts.interfaces

    def who(self, name: str = "admin") -> Actor:
        return replace(self.parts.access.actor_for(name), purpose=Purpose.CARE)

    def number(self) -> str:
        """A number that nothing has yet."""
        self.count += 1
        return f"{self.count:05d}"

    def message(self, kind: str, *lines: str, control_id: str = "", **header: str) -> str:
        usual = {"application": "HIS", "processing": "P", "version": "2.5.1", "acks": "|", "charset": ""}
        stated = usual | header
        first = (
            rf"MSH|^~\&|{stated['application']}|HOSPITAL|HEMALUM|LAB|20261128093000+0800||{kind}"
            f"|{control_id or self.number()}|{stated['processing']}|{stated['version']}|||{stated['acks']}"
            f"||{stated['charset']}"
        )
        return "\r".join((first, *lines)) + "\r"

    def patient(self, number: str, name: str = "Example^Ada", born: str = "19600504") -> str:
        return f"PID|1||{number}^^^REGISTER^MR||{name}||{born}|F"

    def order(self, placer: str, control: str = "NW", priority: str = "R") -> tuple[str, ...]:
        return (
            f"ORC|{control}|{placer}^HIS||||||||||C8^Wang^Fang",
            rf"OBR|1|{placer}^HIS||GAST^Gastric biopsy^L|||||||||pain, H\T\E wanted",
            f"TQ1|1||||||||{priority}",
            "SPM|1|S1&HIS||TISS^Tissue^L||||ST^Antrum^L",
            "SPM|2|S2&HIS||TISS^Tissue^L||||ST^Corpus^L",
        )

    def tell(self, content: str | bytes, address: str = HERE) -> list[Message]:
        """All answers to a message, in their order."""
        raw = content.encode() if isinstance(content, str) else content
        taken = self.interfaces.inbox.take(raw, address)
        answers = [taken.answer]
        if taken.number is not None:
            answers.append(self.interfaces.inbox.do(taken.number))
        return [parse(each.decode()) for each in answers if each is not None]

    def ask(self, content: str | bytes) -> tuple[str, str]:
        """Code and reason of the one answer."""
        (answer,) = self.tell(content)
        errors = [each.text(8) for each in answer.all("ERR")]
        return answer.get("MSA").text(1), "; ".join(errors)

    def entries(self, **wanted: Any) -> list[Entry]:
        return self.interfaces.list_messages(self.who(), MessageQuery(**wanted))

    def dead_letter(self) -> int:
        """The number of a message that cannot be done: a merger of nobody."""
        self.ask(self.message(MERGE, self.patient("PX", "Secret^Ada"), "MRG|nobody^^^REGISTER"))
        return self.entries(limit=1)[0].number

    def find_patients(self, number: str) -> list[Any]:
        return self.parts.cases.patients.find(self.who(), number, "REGISTER")

    def cases_of(self, number: str) -> list[Any]:
        (patient,) = self.find_patients(number)
        return [self.parts.cases.get_case(self.who(), one) for one in patient.case_ids]


@pytest.fixture(scope="package")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    settings = load_settings(tmp_path_factory.mktemp("interfaces") / "node", {})
    with open_parts(settings) as parts:
        parts.access.add_person("his", "Hospital system", "home", Role.TECHNICIAN)
        parts.access.add_person("chief", "Somebody who administers", "home", Role.ADMINISTRATOR)
        parts.access.add_organisation("elsewhere", "Another hospital")
        parts.access.add_person("outsider", "An outsider", "elsewhere", Role.ADMINISTRATOR, Role.TECHNICIAN)
        made = Hospital(parts)
        made.interfaces.add_sender(
            Sender(SenderId(""), OrganisationId("home"), "his", "his", "HIS", "HOSPITAL")
        )
        yield made


class Client:
    """A hospital system that is connected."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.deframer = Deframer()

    @classmethod
    async def to(cls, port: int) -> "Client":
        return cls(*await asyncio.open_connection(HERE, port))

    async def ask(self, content: str) -> Message:
        self.writer.write(frame(content.encode()))
        await self.writer.drain()
        return await self.hear()

    async def hear(self) -> Message:
        while True:
            piece = await asyncio.wait_for(self.reader.read(4096), PATIENCE_S)
            assert piece, "the connection was closed"
            for content in self.deframer.feed(piece):
                return parse(content.decode())

    async def is_closed(self) -> bool:
        return await asyncio.wait_for(self.reader.read(1), PATIENCE_S) == b""

    def close(self) -> None:
        self.writer.close()
