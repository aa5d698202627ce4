"""tools/hemalum-verify, which stands alone, agrees with the log and with another implementation."""

import ast
import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hemalum.runtime.db import open_database
from hemalum.runtime.log.export import export
from hemalum.runtime.log.log import Log
from hemalum.runtime.log.notes import SignatureType, SigningKey, parse_note
from hemalum.runtime.log.policy import parse_policy

TOOL = Path(__file__).parents[3] / "tools" / "hemalum-verify"
TESSERA = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
KEY = SigningKey("node.example/log", bytes(range(32)))
WITNESSES = [SigningKey(f"{name}.example", name.encode() * 32, SignatureType.WITNESS) for name in "abc"]
POLICY = "\n".join(
    [
        "# two of three",
        f"log {KEY.verifier} https://node.example/log",
        *(f"witness {key.verifier.name} {key.verifier}" for key in WITNESSES),
        f"group two 2 {' '.join(key.verifier.name for key in WITNESSES)}",
        "quorum two",
    ]
)
ENTRIES = [b"entry %d" % number for number in range(600)]


def check(*arguments: object) -> tuple[int, str]:
    """The exit code and the one line that the tool says."""
    done = subprocess.run(
        [sys.executable, "-I", str(TOOL), *(str(one) for one in arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = done.stdout + done.stderr
    assert said.count("\n") == 1, said
    return done.returncode, said.strip()


def refused(*arguments: object) -> str:
    """Why the tool refuses."""
    code, said = check(*arguments)
    assert code == 1, said
    assert said.startswith("NOT PROVEN: ")
    return said.removeprefix("NOT PROVEN: ")


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a policy, entry 300 and its proof, and an export of a log of 600 entries."""
    folder = tmp_path_factory.mktemp("proven")
    log = Log(open_database(f"sqlite:///{folder / 'log.sqlite'}"), KEY, parse_policy(POLICY))
    log._grow(ENTRIES, sign=True)
    text = parse_note(log.checkpoint()).text
    log.cosign(b"".join(key.cosign(text, 1_790_000_000).line for key in WITNESSES[:2]))
    (folder / "policy").write_text(POLICY)
    (folder / "entry").write_bytes(ENTRIES[300])
    (folder / "one.tlog-proof").write_bytes(log.proof_file(300))
    export(log, folder / "export", with_entries=True)
    log.close()
    return folder


def test_a_proof_holds(proven: Path) -> None:
    proof, entry = proven / "one.tlog-proof", proven / "entry"
    assert check("proof", proof, "--policy", proven / "policy", "--entry", entry) == (
        0,
        "This entry is number 300 of the first 600 of node.example/log, cosigned by a.example"
        " (2026-09-21 14:13Z), b.example (2026-09-21 14:13Z).",
    )
    code, said = check("proof", proof, "--log", KEY.verifier)
    assert code == 0
    assert said.startswith("The entry with the hash ")
    assert said.endswith(" is number 300 of the first 600 of node.example/log, cosigned by nobody.")


def test_another_entry_is_not_proved(proven: Path, tmp_path: Path) -> None:
    (tmp_path / "entry").write_bytes(ENTRIES[301])
    said = refused("proof", proven / "one.tlog-proof", "--log", KEY.verifier, "--entry", tmp_path / "entry")
    assert said == "This is not entry 300 of node.example/log."


def test_too_few_witnesses_are_not_enough(proven: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text(POLICY.replace("group two 2", "group two all"))
    said = refused("proof", proven / "one.tlog-proof", "--policy", policy)
    assert said == "Too few witnesses cosigned the checkpoint: a.example, b.example."


def test_the_key_of_another_log_proves_nothing(proven: Path) -> None:
    for key in (TESSERA, SigningKey("node.example/log", bytes(32)).verifier):
        said = refused("proof", proven / "one.tlog-proof", "--log", key)
        assert said == "The checkpoint is not signed by a known key of node.example/log."
    assert refused("proof", proven / "one.tlog-proof").startswith("This is not the key of a log")


@pytest.mark.parametrize(
    "damage",
    [
        lambda proof: b"",
        lambda proof: proof[:100],
        lambda proof: proof[:-10],
        lambda proof: proof.replace(b"index 300", b"index 301"),
        lambda proof: proof.replace(b"index 300", b"index 0300"),
        lambda proof: proof.replace(b"index 300", b"index 600"),
        lambda proof: proof.replace(b"tlog-proof@v1", b"tlog-proof@v2"),
        lambda proof: proof.replace(b"\n600\n", b"\n601\n"),
        lambda proof: without_line(proof, 4),
        lambda proof: with_line(proof, 4, base64.b64encode(bytes(32)).decode()),
        lambda proof: with_line(proof, 4, base64.b64encode(bytes(31)).decode()),
        lambda proof: with_line(proof, 4, "not base64"),
        lambda proof: with_line(proof, 1, "extra " + base64.b64encode(bytes(32)).decode()),
        lambda proof: without_line(proof, 1),
        lambda proof: proof.replace("— node".encode(), b"- node"),
        lambda proof: b"\xff" + proof,
        lambda proof: proof.replace(b"node.example", b"node.examplf"),
    ],
)
def test_a_damaged_proof_does_not_hold(
    proven: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    proof = (proven / "one.tlog-proof").read_bytes()
    (tmp_path / "bad.tlog-proof").write_bytes(damage(proof))
    refused("proof", tmp_path / "bad.tlog-proof", "--policy", proven / "policy")


def without_line(proof: bytes, number: int) -> bytes:
    lines = proof.split(b"\n")
    return b"\n".join(lines[:number] + lines[number + 1 :])


def with_line(proof: bytes, number: int, line: str) -> bytes:
    lines = proof.split(b"\n")
    return b"\n".join([*lines[:number], line.encode(), *lines[number + 1 :]])


def test_every_altered_byte_of_a_proof_is_noticed(proven: Path) -> None:
    """In one process, because there are hundreds; a cosignature that is lost this way is one too few."""
    tool = load_tool()
    proof, policy = (proven / "one.tlog-proof").read_bytes(), tool["Policy"](POLICY)
    path = proven / "altered.tlog-proof"
    stated = range(proof.index(b"extra"), proof.index(b"index"))
    for place in range(len(proof)):
        path.write_bytes(proof[:place] + bytes([proof[place] ^ 1]) + proof[place + 1 :])
        with pytest.raises((tool["Wrong"], UnicodeDecodeError)):
            tool["check_proof"](path, policy, None if place in stated else ENTRIES[300])


def load_tool() -> dict[str, object]:
    found: dict[str, object] = {"__name__": "hemalum_verify"}
    exec(compile(TOOL.read_text(), str(TOOL), "exec"), found)
    return found


def test_an_export_is_whole(proven: Path) -> None:
    assert check("tiles", proven / "export", "--policy", proven / "policy") == (
        0,
        "node.example/log is whole: 600 entries, 600 read; cosigned: a.example (2026-09-21 14:13Z), b.example"
        " (2026-09-21 14:13Z).",
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tile/0/001", None, "The tiles of level 0 do not hash to those of level 1."),
        ("tile/0/002.p/88", None, "The tiles do not hash to the root that the log signed."),
        ("tile/1/000.p/2", None, "The tiles of level 0 do not hash to those of level 1."),
        ("tile/0/001", b"short", "Tile 1 of level 0 is cut off."),
        ("tile/entries/001", None, "Entry 256 is not what was logged."),
        ("tile/entries/002.p/88", b"", "Entry 512 is not what was logged."),
    ],
)
def test_a_damaged_export_is_named(
    proven: Path, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    shutil.copytree(proven / "export", tmp_path / "export")
    damaged = tmp_path / "export" / name
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:5] + bytes([whole[5] ^ 1]) + whole[6:] if content is None else content)
    assert refused("tiles", tmp_path / "export", "--log", KEY.verifier) == said


def test_a_missing_tile_is_named_and_missing_entries_are_not_needed(proven: Path, tmp_path: Path) -> None:
    shutil.copytree(proven / "export", tmp_path / "export")
    (tmp_path / "export/tile/entries/001").unlink()
    code, said = check("tiles", tmp_path / "export", "--log", KEY.verifier)
    assert (code, said) == (0, "node.example/log is whole: 600 entries, 344 read; cosigned: nobody.")
    (tmp_path / "export/tile/0/001").unlink()
    assert "tile/0/001" in refused("tiles", tmp_path / "export", "--log", KEY.verifier)


def test_the_log_of_another_implementation_is_whole(tmp_path: Path, shared: Callable[[str], Path]) -> None:
    folder = shared("vectors/tlog/tessera-log")
    whole = "example.com/log/testdata is whole: 15 entries, 15 read; cosigned: nobody."
    assert check("tiles", folder, "--log", TESSERA) == (0, whole)
    for size in range(16):
        (tmp_path / f"{size}").mkdir()
        (tmp_path / f"{size}" / "tile").symlink_to(folder / "tile")
        shutil.copy(folder / f"checkpoint.{size}", tmp_path / f"{size}" / "checkpoint")
        code, said = check("tiles", tmp_path / f"{size}", "--log", TESSERA)
        assert (code, f"{size} entries, {size} read" in said) == (0, True)


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "nonsense\nquorum none",
        "quorum nobody",
        "log\nquorum none",
        f"witness a {KEY.verifier}\nquorum none",
        f"witness a {WITNESSES[0].verifier}\nwitness b {WITNESSES[0].verifier}\nquorum a",
        f"witness a {WITNESSES[0].verifier}\ngroup g 2 a\nquorum g",
        f"witness a {WITNESSES[0].verifier}\ngroup g all a a\nquorum g",
        f"witness a {WITNESSES[0].verifier}\ngroup g all none\nquorum g",
        "quorum none\nquorum none",
    ],
)
def test_a_policy_that_cannot_be_meant_proves_nothing(proven: Path, tmp_path: Path, policy: str) -> None:
    (tmp_path / "policy").write_text(policy)
    refused("proof", proven / "one.tlog-proof", "--policy", tmp_path / "policy")


def test_it_is_short_and_needs_no_new_python() -> None:
    source = TOOL.read_text()
    assert source.count("\n") < 250
    ast.parse(source, feature_version=(3, 9))
    assert os.access(TOOL, os.X_OK)
    assert "hemalum." not in source
