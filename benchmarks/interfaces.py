"""Messages of hospital systems: so many a minute in and out at once, and the time to the answer.

A node as `hemalum serve` makes it, on SQLite. In: four systems send admissions, updates and orders over MLLP,
each message at its time whether the one before was answered or not; the wait counts from that time. In
original mode the answer says that it was done (patient or case written, log synced), in enhanced mode that
it was kept. Out: messages are written down at the same rate and sent to a system that answers at once. There
is no peer: what others do between message and answer is not the same work.

    .venv/bin/python benchmarks/interfaces.py
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.interfaces.model import MessageQuery, Receiver, ReceiverId
from hemalum.capabilities.interfaces.service import Interfaces
from hemalum.formats.hl7.message import parse
from hemalum.formats.hl7.mllp import Deframer, frame
from hemalum.kernel.actor import Actor
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.settings import load_settings
from hemalum_node import Node, run
from measure import Others, Result, arguments, free_port, memory, met, percentile, step

SYSTEMS = 4
MIX = (0, 0, 2, 0, 1, 2, 0, 1, 2, 0)
"""Of ten messages which admit, correct and order."""
MOST_P95_MS = 200
_ANSWERED_WITHIN_S = 60
_ENHANCED = "AL|NE"


@dataclass
class Exchange:
    """What one direction came to."""

    waits_ms: list[float] = field(default_factory=list)
    refused: int = 0
    wall_s: float = 0

    @property
    def per_minute(self) -> float:
        return 60 * len(self.waits_ms) / self.wall_s

    def row(self, name: str) -> list[str]:
        p50, p95, p99 = (percentile(self.waits_ms, share) for share in (0.5, 0.95, 0.99))
        count = f"{len(self.waits_ms):,}"
        return [name, count, f"{self.per_minute:,.0f}", *(f"{one:.0f}" for one in (p50, p95, p99))]


def message(number: int, acks: str, tag: str) -> str:
    """Of ten messages five admit, two correct and three order; invented patients, none twice a minute."""
    kinds = ("ADT^A04^ADT_A01", "ADT^A08^ADT_A01", "OML^O21^OML_O21")
    kind, name = kinds[MIX[number % len(MIX)]], f"{tag}{number}"
    head = r"MSH|^~\&|HIS|HOSPITAL|HEMALUM|LAB|20261128093000+0800"
    lines = [
        f"{head}||{kind}|{name}|P|2.5.1|||{acks}",
        f"PID|1||{name}^^^REGISTER^MR||Example^Ada{name}||19600504|F",
    ]
    if kind.startswith("OML"):
        lines += [
            f"ORC|NW|{name}^HIS||||||||||C8^Wang^Fang",
            f"OBR|1|{name}^HIS||GAST^Gastric biopsy^L|||||||||pain",
            "SPM|1|S1&HIS||TISS^Tissue^L||||ST^Antrum^L",
            "SPM|2|S2&HIS||TISS^Tissue^L||||ST^Corpus^L",
        ]
    return "\r".join(lines) + "\r"


async def send_in(port: int, per_minute: int, minutes: float, tag: str, acks: str = "|") -> Exchange:
    """Messages at their times over several connections."""
    begin, made = time.perf_counter(), Exchange()
    total = round(per_minute * minutes)

    async def system(first: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        deframer = Deframer()
        for number in range(first, total, SYSTEMS):
            due = begin + number * 60 / per_minute
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(frame(message(number, acks, tag).encode()))
            answer = b""
            while not answer:
                piece = await asyncio.wait_for(reader.read(65_536), _ANSWERED_WITHIN_S)
                answer = next(iter(list(deframer.feed(piece))), b"")
            made.waits_ms.append((time.perf_counter() - due) * 1000)
            made.refused += b"\rMSA|AA|" not in answer and b"\rMSA|CA|" not in answer
        writer.close()

    await asyncio.gather(*(system(first) for first in range(SYSTEMS)))
    made.wall_s = time.perf_counter() - begin
    return made


async def answer_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A system that takes whatever is sent to it."""
    deframer = Deframer()
    with suppress(ConnectionError, asyncio.CancelledError):
        while piece := await reader.read(65_536):
            for content in deframer.feed(piece):
                control_id = parse(content.decode()).header.text(10)
                said = f"MSH|^~\\&|HIS||||||ACK|A{control_id}|P|2.5.1\rMSA|AA|{control_id}\r"
                writer.write(frame(said.encode()))


async def send_out(parts: Parts, port: int, per_minute: int, minutes: float) -> Exchange:
    """Messages are written down at their times; the wait is from there to the receiver's answer."""
    interfaces, total = parts.interfaces, round(per_minute * minutes)
    receiver = interfaces.add_receiver(
        Receiver(ReceiverId(""), OrganisationId("home"), "his", "127.0.0.1", port, "HIS", "HOSPITAL")
    )
    server = await asyncio.start_server(answer_all, "127.0.0.1", port)
    # The node looks for new receivers every ten seconds.
    await asyncio.sleep(11)
    begin, made = time.perf_counter(), Exchange()
    for number in range(total):
        await asyncio.sleep(max(0.0, begin + number * 60 / per_minute - time.perf_counter()))
        text = "MSH|^~\\&|HEMALUM|LAB|HIS|HOSPITAL|20261128093000+0800||ORU^R01^ORU_R01"
        result = f"PID|1||{number}^^^REGISTER\rOBX|1|FT|DX^Diagnosis^L||{'text ' * 200}"
        report = f"{text}|O{number}|P|2.5.1\r{result}"
        await asyncio.to_thread(interfaces.send, receiver, parse(report))
    made.wall_s = time.perf_counter() - begin
    # In a thread: what comes in meanwhile goes on being answered.
    await asyncio.to_thread(_await_and_count, interfaces, parts.access.actor_for("admin"), receiver, made)
    server.close()
    return made


def _await_and_count(interfaces: Interfaces, actor: Actor, receiver: Receiver, made: Exchange) -> None:
    """Give the queue a minute to be emptied; then how long each message took."""
    end = time.monotonic() + _ANSWERED_WITHIN_S
    while interfaces.standings(actor)[-1].waiting and time.monotonic() < end:
        time.sleep(0.2)
    before = None
    while page := interfaces.list_messages(
        actor, MessageQuery(partner_id=receiver.id, before=before, limit=200)
    ):
        for each in page:
            done = each.done_at or datetime.max.replace(tzinfo=UTC)
            made.waits_ms.append((done - each.at).total_seconds() * 1000)
            made.refused += each.state != "done"
        before = page[-1].number


async def both(
    parts: Parts, ports: tuple[int, int], per_minute: int, minutes: float
) -> tuple[Exchange, Exchange]:
    """In, in original mode, and out at the same time."""
    coming = send_in(ports[0], per_minute, minutes, "D")
    return await asyncio.gather(coming, send_out(parts, ports[1], per_minute, minutes))


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--per-minute", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=3.0)
    asked = parser.parse_args()
    port, receiving = free_port(), free_port()
    others = Others()
    with Node("interfaces", [], settings=f'hl7_listen = "127.0.0.1:{port}"\n') as node:
        data = Path(node.data)
        run("person", "--data", data, "--role", "technician", "his")
        run("hl7", "senders", "add", "--data", data, "--application", "HIS", "--acts-as", "his", "his")
        with step("warming up"):
            asyncio.run(send_in(port, asked.per_minute, 0.2, "W"))
        before = memory(node.server.pid)
        with open_parts(load_settings(data, {})) as parts, step("in and out at once"):
            done, sent = asyncio.run(both(parts, (port, receiving), asked.per_minute, asked.minutes))
        with step("in, enhanced mode"):
            kept = asyncio.run(send_in(port, asked.per_minute, asked.minutes, "K", _ENHANCED))
        after = memory(node.server.pid)
    ways = {"in, done": done, "in, kept": kept}
    p95 = {name: percentile(one.waits_ms, 0.95) for name, one in ways.items()}
    refused = done.refused + kept.refused + sent.refused
    Result(
        name="interfaces",
        title="Messages of hospital systems",
        command="make bench-interfaces",
        columns=["", "messages", "a minute", "p50 ms", "p95 ms", "p99 ms"],
        rows=[
            done.row("in, answered when done; meanwhile out"),
            sent.row("out, until answered; meanwhile in"),
            kept.row("in, answered when kept"),
        ],
        others=others.share(),
        wanted=[
            *(
                (f"{name}: p95 <= {MOST_P95_MS} ms", f"{one:.0f} ms", met(one <= MOST_P95_MS))
                for name, one in p95.items()
            ),
            ("none refused or lost", f"{refused} refused", met(refused == 0)),
        ],
        notes=[
            "Of ten messages in, five admit a patient, two correct one, three order (a case of two parts).",
            f"{SYSTEMS} connections in, one out; what goes out waits half a second at most until it is "
            "looked for. Sender, receiver and node share the processors.",
            f"Memory of the node: {before.rss_mb:.0f} MB when it had just started, {after.rss_mb:.0f} MB at "
            "the end. Whether it stays flat once warm is measured by `make bench-interfaces-memory`.",
        ],
        raw={"done": done.waits_ms, "kept": kept.waits_ms, "sent": sent.waits_ms},
    ).finish(asked.publish)


if __name__ == "__main__":
    main()
