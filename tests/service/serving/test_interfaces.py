"""Messages to a running node: over the line, by command and over HTTP; killed at any moment, none is lost."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hemalum.app.node import open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.interfaces.model import Sender, SenderId
from hemalum.formats.hl7.message import parse
from hemalum.formats.hl7.mllp import Deframer, frame
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.settings import Settings, load_settings
from tests.processes import Process, free_port, run

from .conftest import PATIENCE_S, READY, RunningNode, make_people, serving, start, url_of

FINDSCU = shutil.which("findscu", path=os.defpath)
"""Of DCMTK; pynetdicom has one of the same name, which comes first where the environment is active."""
HEADER = r"MSH|^~\&|HIS|HOSPITAL|HEMALUM|LAB|20261128093000+0800"
PATIENT = "PID|1||{number}^^^REGISTER^MR||Secret^Ada||19600504|F"


def admission(number: str) -> str:
    return f"{HEADER}||ADT^A04^ADT_A01|A{number}|P|2.5.1\r{PATIENT.format(number=number)}\r"


def order(number: str) -> str:
    lines = (
        f"{HEADER}||OML^O21^OML_O21|O{number}|P|2.5.1",
        PATIENT.format(number=number),
        f"ORC|NW|{number}",
        "OBR|1|||GAST^Gastric biopsy^L",
        "SPM|1|||TISS^Tissue^L",
    )
    return "\r".join(lines) + "\r"


def prepared(folder: Path) -> Settings:
    folder.mkdir()
    listening = (f'{name}_listen = "127.0.0.1:{free_port()}"\n' for name in ("hl7", "dicom"))
    (folder / "hemalum.toml").write_text("".join(listening))
    settings = load_settings(folder, {})
    with open_parts(settings) as parts:
        parts.access.add_person("his", "Hospital system", "home", Role.TECHNICIAN)
        parts.interfaces.add_sender(
            Sender(SenderId(""), OrganisationId("home"), "his", "his", "HIS", "HOSPITAL")
        )
    return settings


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningNode, Settings]]:
    settings = prepared(tmp_path_factory.mktemp("interfaces") / "node")
    with open_parts(settings) as parts:
        people = make_people(parts.access)
        parts.access.add_person("chief", "Somebody who administers", "home", Role.ADMINISTRATOR)
        people["chief"] = parts.access.issue_token("chief")
    running = RunningNode(settings.data, "", people)
    with serving(settings) as running.base:
        yield running, settings


def command(*words: str, message: str = "") -> subprocess.CompletedProcess[str]:
    return run("hl7", *words, say=message)


def test_a_message_is_sent_by_command_and_repaired_over_http(exchange: tuple[RunningNode, Settings]) -> None:
    node, settings = exchange
    merger = admission("M1").replace("ADT^A04^ADT_A01", "ADT^A40^ADT_A39") + "MRG|M0^^^REGISTER\r"
    sent = command("send", "--to", settings.hl7_listen, "-", message=admission("H1"))
    assert (sent.returncode, sent.stderr) == (0, "")
    assert "MSA|AA|AH1" in sent.stdout
    refused = command("send", "--to", settings.hl7_listen, "-", message=merger)
    assert refused.returncode == 1
    assert refused.stderr == "hemalum: The message was not accepted: AE.\n"
    assert "Nobody is known here" in refused.stdout

    page = node.get("/api/interfaces/messages", params={"state": "dead", "limit": 1}).json()
    (row,) = page["messages"]
    assert (row["kind"], row["partner"], row["reason_said"]["template"]) == ("ADT^A40", "his", row["reason"])
    assert page["next_before"] == row["number"]
    path = f"/api/interfaces/messages/{row['number']}"
    whole, masked = node.get(path), node.get(path, "chief")
    assert whole.headers["cache-control"] == "private, no-store"
    assert "Secret^Ada" in whole.json()["text"]
    assert "Secret" not in masked.text
    assert (masked.json()["text"], masked.json()["masked"]) == (None, True)
    assert node.get(path, "outsider").status_code == 404
    with node.client("chief") as chief, node.client() as admin:
        assert chief.post(f"{path}/correction", json={"text": merger}).status_code == 403
        assert chief.post(f"{path}/replay", json={}).json()["state"] == "dead"
        assert admin.post(f"{path}/correction", json={"text": "PID|1"}).json()["code"] == "bad-message"
        command("send", "--to", settings.hl7_listen, "-", message=admission("M0"))
        corrected = admin.post(f"{path}/correction", json={"text": merger.replace("AM1", "AM2")})
        assert (corrected.json()["state"], corrected.json()["replaces"]) == ("done", row["number"])
        again = admin.post(f"{path}/discard", json={"reason": "it was corrected"})
        assert (again.status_code, again.json()["code"]) == (409, "not-repairable")
    shown = node.get("/api/interfaces/connections").json()
    inbound = [(one["name"], one["dead"]) for one in shown["connections"] if one["direction"] == "in"]
    assert inbound == [("his", 0)]
    assert shown["counts"]["replaced"] == 1
    actions = [one["action"] for one in node.get("/api/audit/entries", "reviewer").json()["entries"]]
    assert {"interfaces.view_message", "interfaces.edit_message", "interfaces.replay_message"} <= set(actions)


@pytest.mark.skipif(FINDSCU is None, reason="DCMTK is not installed")
def test_a_scanner_that_was_added_by_command_is_answered(exchange: tuple[RunningNode, Settings]) -> None:
    _, settings = exchange

    def scanners(*words: str) -> subprocess.CompletedProcess[str]:
        return run("scanners", words[0], "--data", settings.data, *words[1:])

    assert scanners("add", "--acts-as", "his", "SCANNER1").returncode == 0
    assert scanners("list").stdout.split()[:2] == ["SCANNER1", "home"]
    assert scanners("list").stdout.split()[-1] == "never"
    host, _, port = settings.dicom_listen.rpartition(":")
    ask = [str(FINDSCU), "-W", "-aet", "SCANNER1", "-aec", "HEMALUM", "-k", "AccessionNumber", host, port]
    answered = subprocess.run(ask, capture_output=True, timeout=PATIENCE_S, check=False)
    assert (answered.returncode, answered.stderr) == (0, b"")
    assert scanners("list").stdout.split()[-1] != "never"
    assert scanners("remove", "SCANNER1").returncode == 0
    assert "There is no scanner called SCANNER1." in scanners("remove", "SCANNER1").stderr


def test_commands_say_what_cannot_be(exchange: tuple[RunningNode, Settings], tmp_path: Path) -> None:
    _, settings = exchange
    data = ["--data", str(settings.data)]
    named = command("senders", "add", *data, "--acts-as", "his", "another")
    assert named.stderr.startswith("hemalum: A sender is known by its application")
    listed = command("senders", "list", *data)
    assert listed.stdout == "his  home  HIS|HOSPITAL  UNICODE UTF-8  127.0.0.1/32,::1/128  his\n"
    nowhere = f"127.0.0.1:{free_port()}"
    assert command("receivers", "add", *data, "results", nowhere).returncode == 0
    assert command("queue", *data, "--receiver", "results", "-", message=admission("Q1")).returncode == 0
    twice = command("queue", *data, "--receiver", "results", "-", message=admission("Q1"))
    assert twice.stderr == "hemalum: This message was kept for this receiver before.\n"
    assert command("receivers", "list", *data).stdout.startswith(f"results  home  {nowhere}  results  ")
    changed = command(
        "receivers", "change", *data, "--sends", "documents", "--sends", "work", "--pdf", "results"
    )
    assert changed.stdout.startswith(f"results  home  {nowhere}  documents,work,pdf  ")
    assert command("receivers", "change", *data, "--sends", "nothing", "--no-pdf", "results").returncode == 0
    assert "  nothing  " in command("receivers", "list", *data).stdout
    assert "no receiver called" in command("receivers", "change", *data, "nobody").stderr
    silent = command("send", "--to", nowhere, "-", message=admission("Q2"))
    assert (silent.returncode, silent.stdout) == (1, "")
    assert silent.stderr.startswith("hemalum: The connection failed")
    assert "no segment" in command("send", "-", message=HEADER + "\rnonsense").stderr


def test_an_address_in_use_is_one_clear_line(exchange: tuple[RunningNode, Settings], tmp_path: Path) -> None:
    _, settings = exchange
    (tmp_path / "hemalum.toml").write_text(f'hl7_listen = "{settings.hl7_listen}"\n')
    ended = run("serve", "--data", tmp_path, "--port", 0)
    assert ended.returncode != 0
    assert READY not in ended.stdout
    assert f"Messages cannot be taken in at {settings.hl7_listen}" in ended.stderr


async def send_until_cut(port: int, contents: list[str], kill: int, process: Process) -> set[str]:
    """Send one after the other, and kill the node while it is at one; answers which were acknowledged."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    deframer, acknowledged = Deframer(), set[str]()
    try:
        for number, content in enumerate(contents):
            writer.write(frame(content.encode()))
            if number == kill:
                process.send_signal(signal.SIGKILL)
            answers: list[bytes] = []
            while not answers:
                piece = await asyncio.wait_for(reader.read(4096), PATIENCE_S)
                if not piece:
                    return acknowledged
                answers = list(deframer.feed(piece))
            said = parse(answers[0].decode()).get("MSA")
            assert said.text(1) == "AA"
            acknowledged.add(said.text(2))
    except OSError:
        pass
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return acknowledged


def test_a_node_killed_at_any_moment_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    settings = prepared(tmp_path / "node")
    port = int(settings.hl7_listen.rpartition(":")[2])
    contents = [order(f"K{number}") for number in range(12)]
    acknowledged = set[str]()
    for kill in (2, 5, len(contents)):
        process = start(settings)
        url_of(process)
        acknowledged |= asyncio.run(send_until_cut(port, contents, kill, process))
        process.kill()
        process.wait(PATIENCE_S)
        assert process.stdout is not None
        process.stdout.close()
    assert acknowledged == {f"OK{number}" for number in range(12)}
    with open_parts(settings) as parts:
        admin = parts.access.actor_for("admin")
        for number in range(12):
            (patient,) = parts.cases.patients.find(admin, f"K{number}", "REGISTER")
            assert len(patient.case_ids) == 1
