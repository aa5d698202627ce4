"""`hemalum audit` for the operator of the machine."""

import csv
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hemalum.app.cli import hemalum, open_node
from hemalum.app.node import open_parts
from hemalum.runtime.log.notes import SignatureType, SigningKey
from hemalum.runtime.settings import load_settings

from .conftest import LI, Life

VERIFIER = Path(__file__).parents[3] / "tools" / "hemalum-verify"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data directory of a node with one opening in its log."""
    folder = tmp_path / "node"
    with open_parts(load_settings(folder, {})) as parts:
        parts.access.ensure_first_people()
        Life(parts).record(LI)
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hemalum, [str(one) for one in arguments], obj=open_node)


def audit(command: str, data: Path, *arguments: object) -> str:
    done = run("audit", command, "--data", data, *arguments)
    assert done.exit_code == 0, done.output + repr(done.exception)
    return done.output


def entry_of(data: Path, action: str) -> int:
    """The number of the newest entry of an action."""
    with open_parts(load_settings(data, {})) as parts:
        entries = [json.loads(raw) for raw in parts.log.read(0, 1000)]
    return max(index for index, entry in enumerate(entries) if entry["action"] == action)


def test_a_proof_for_a_third_party(data: Path, tmp_path: Path) -> None:
    index = entry_of(data, "slides.open")
    proof, raw = tmp_path / "out.tlog-proof", tmp_path / "out.json"
    said = audit("proof", data, "-o", proof, "--entry", raw, index)
    key = said.split()[-1]
    command = [sys.executable, VERIFIER, "proof", proof, "--log", key, "--entry", raw]
    assert subprocess.run(command, check=False).returncode == 0
    assert "no entry" in str(run("audit", "proof", "--data", data, "-o", proof, 99_999).exception)


def test_an_export_is_recorded_in_the_name_of_the_operator(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "audit.csv"
    audit("export", data, "-o", file, "--action", "slides")
    with file.open(encoding="utf-8-sig", newline="") as text:
        assert [row["person"] for row in csv.DictReader(text)] == ["p-li"]
    audit("export", data, "-o", file, "--action", "audit", "--from", "2026-01-01")
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert [row["name"] for row in rows] == ["admin", "admin"]
    audit("export", data, "-o", file, "--to", "2026-01-01")
    assert len(file.read_text().splitlines()) == 1


def test_erasing_asks_before(data: Path) -> None:
    refused = CliRunner().invoke(
        hemalum, ["audit", "erase", "--data", str(data), "p-li"], obj=open_node, input="n\n"
    )
    assert refused.exit_code == 1
    assert "p-li" in audit("erase", data, "--yes", "p-li")
    assert "nothing of this person" in str(run("audit", "erase", "--data", data, "--yes", "p-li").exception)


def test_the_index_is_built_anew(data: Path) -> None:
    assert "entries are in the index" in audit("reindex", data)


def test_witnesses_are_told_and_asked(data: Path) -> None:
    key = SigningKey("witness.example/w", b"w" * 32, SignatureType.WITNESS).verifier
    policy = load_settings(data, {}).log_policy
    policy.write_text(f"witness w {key} http://127.0.0.1:9/\nquorum w\n")
    told = json.loads(audit("witnesses", data, "--json"))
    assert told["witnesses"] == [{"name": "w", "key": str(key), "url": "http://127.0.0.1:9/", "cosigned": 0}]
    assert told["keys"]["log"].startswith("hemalum.local+")
    assert told["keys"]["witness"].startswith("hemalum.local/witness+")
    asked = run("audit", "witnesses", "--data", data, "--ask")
    assert asked.exit_code == 1
    assert "It does not answer." in asked.output
    policy.write_text("quorum none\n")
    assert "cosigned" not in audit("witnesses", data, "--ask")


def test_verify_keeps_its_contract(data: Path) -> None:
    told = json.loads(audit("verify", data, "--json"))
    assert (told["whole"], told["origin"]) == (True, "hemalum.local")
    assert "is whole" in audit("verify", data)


def test_evidence_of_a_year(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "evidence.zip"
    assert "holds the evidence of 2037" in audit("evidence", data, "--year", 2037, "-o", file)
    with zipfile.ZipFile(file) as archive:
        assert "evidence-2037/findings.json" in archive.namelist()
    assert run("audit", "evidence", "--data", data, "--year", "soon", "-o", file).exit_code == 2
