"""The outside contract of `hemalum audit verify`."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hemalum.runtime.log import Log
from hemalum.runtime.log.notes import SigningKey
from hemalum.runtime.settings import Settings
from tests import processes


@pytest.fixture
def log(
    node_settings: Settings, open_node_log: Callable[[Settings], Log], monkeypatch: pytest.MonkeyPatch
) -> Log:
    """The log of a node, with three entries."""
    monkeypatch.setenv("HEMALUM_NODE_NAME", node_settings.node_name)
    log = open_node_log(node_settings)
    node_settings.log_public_key.write_text(str(log.key))
    log._grow([b"one", b"two", b"three"], sign=True)
    return log


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return processes.run("audit", "verify", *arguments)


def test_a_whole_log_is_one_line(log: Log, node_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(log.checkpoint())
    done = run("--data", node_settings.data, "--key", log.key, "--checkpoint", tmp_path / "kept")
    assert done.stderr == ""
    assert done.stdout == "The log of node.example/log is whole: 3 entries, 3 checkpoints, 0 cosignatures.\n"
    assert done.returncode == 0
    report = json.loads(run("--data", node_settings.data, "--json").stdout)
    root = log.checkpoint().decode().split("\n")[2]
    assert report == {
        "whole": True,
        "origin": "node.example/log",
        "size": 3,
        "root": root,
        "signed_size": 3,
        "checkpoints": 2,
        "cosignatures": 0,
        "finding": None,
    }


def test_what_is_wrong_is_one_line_and_an_exit_code(log: Log, node_settings: Settings) -> None:
    with log._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER log_entry_keep_values")
        connection.exec_driver_sql("""UPDATE log_entry SET entry = 'forged' WHERE "index" = 1""")
    done = run("--data", node_settings.data)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "hemalum: Entry 1 is not what was logged. (altered)\n"
    done = run("--data", node_settings.data, "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["whole"], done.stderr) == (1, False, "")
    assert report["finding"] == {
        "problem": "altered",
        "first_index": 1,
        "last_index": 1,
        "detail": "Entry 1 is not what was logged.",
    }


def test_what_cannot_be_verified_is_one_line(log: Log, node_settings: Settings, tmp_path: Path) -> None:
    absent = run("--data", tmp_path / "absent")
    assert (absent.returncode, absent.stdout) == (1, "")
    assert absent.stderr == f"hemalum: There is no log in {tmp_path / 'absent'}.\n"
    assert not (tmp_path / "absent").exists()
    stranger = SigningKey("node.example/log", bytes(32)).verifier
    other = run("--data", node_settings.data, "--key", stranger)
    assert (other.returncode, other.stderr.count("\n")) == (1, 1)
    (tmp_path / "nonsense").write_text("nonsense")
    assert run("--data", node_settings.data, "--checkpoint", tmp_path / "nonsense").returncode == 1
    assert run("--data", node_settings.data, "--key", "nonsense").stderr.count("\n") == 1
