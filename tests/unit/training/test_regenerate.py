"""`make train`: steps in order, done once, gone on with after a stop, and told on one line."""

import json
import sys
from pathlib import Path

import pytest

import regenerate
from progress import Progress, bar, told
from regenerate import NetworkRun, Run, Step

_LEARNS = """
import sys
from pathlib import Path
out = Path(sys.argv[sys.argv.index("--out") + 1])
(out / "net.checkpoint").touch()
print("net 1/2 loss 0.500")
print("net 2/2 loss 0.400")
"""
_TRIES = """
import sys
from pathlib import Path
out = Path(sys.argv[sys.argv.index("--out") + 1])
assert (out / "net.checkpoint").exists()
with (out / "tries").open("a") as tries:
    tries.write("|")
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs of one network, which learns and is tried, and its data."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "learns.py").write_text(_LEARNS)
    (folder / "tries.py").write_text(_TRIES)
    (tmp_path / "data/cells").mkdir(parents=True)
    (tmp_path / "data/cells/one.png").write_bytes(b"1")
    python = Path(sys.executable)
    steps = (Step("learns.py", python, ("cells",), 30, learns=2), Step("tries.py", python, (), 10))
    monkeypatch.setattr(regenerate, "_HERE", folder)
    monkeypatch.setattr(regenerate, "NETWORKS", {"cells": steps})
    return folder


def run(tmp_path: Path) -> NetworkRun:
    return NetworkRun("cells", tmp_path / "data", tmp_path / "out")


def test_steps_are_done_in_order_and_once(programs: Path, tmp_path: Path) -> None:
    network = run(tmp_path)
    assert network.done_cpu_s == 0
    network.through()
    assert [spent.done for spent in network.spent] == [True, True]
    assert network.done_cpu_s == network.cpu_s == 40
    again = run(tmp_path)
    again.through()
    assert (tmp_path / "out/tries").read_text() == "|"
    assert [spent.starts for spent in again.spent] == [1, 1]


@pytest.mark.parametrize("changed", ["programs/learns.py", "data/cells/one.png"])
def test_other_code_or_data_does_away_with_what_was_learnt(
    changed: str, programs: Path, tmp_path: Path
) -> None:
    run(tmp_path).through()
    with (tmp_path / changed).open("a") as file:
        file.write("\n")
    network = run(tmp_path)
    assert [spent.done for spent in network.spent] == [False, False]
    assert not (tmp_path / "out/net.checkpoint").exists()


def test_another_trial_keeps_what_was_learnt(programs: Path, tmp_path: Path) -> None:
    run(tmp_path).through()
    (programs / "tries.py").write_text(_TRIES + "# otherwise\n")
    network = run(tmp_path)
    assert [spent.done for spent in network.spent] == [True, False]
    network.through()
    assert (tmp_path / "out/tries").read_text() == "||"


def test_a_module_that_a_program_imports_is_part_of_its_code(programs: Path, tmp_path: Path) -> None:
    (programs / "near.py").write_text("x = 1\n")
    (programs / "learns.py").write_text("from near import x\n" + _LEARNS)
    run(tmp_path).through()
    (programs / "near.py").write_text("x = 2\n")
    assert not run(tmp_path).spent[0].done


def test_a_step_that_fails_ends_its_network_and_is_done_again(programs: Path, tmp_path: Path) -> None:
    (programs / "learns.py").write_text("raise SystemExit(3)\n")
    network = run(tmp_path)
    network.through()
    assert network.failed
    assert [spent.starts for spent in network.spent] == [1, 0]
    (programs / "learns.py").write_text(_LEARNS)
    network = run(tmp_path)
    network.through()
    assert not network.failed
    assert all(spent.done for spent in network.spent)


def test_time_nobody_saw_the_end_of_is_told_as_the_least(programs: Path, tmp_path: Path) -> None:
    network = run(tmp_path)
    network.through()
    ledger = tmp_path / "out/spent.json"
    kept = json.loads(ledger.read_text())
    kept[0]["starts"] += 1
    ledger.write_text(json.dumps(kept))
    assert str(run(tmp_path).spent[0]).startswith("at least ")
    assert not str(network.spent[0]).startswith("at least ")


def test_one_bar_and_an_account_of_all(
    programs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regenerate.signal, "signal", lambda *_: None)
    assert Run([run(tmp_path)]).through(at_once=2) == 0
    bar_, *account = capsys.readouterr().out.splitlines()
    assert bar_.startswith(f"{bar(1.0)} 100 %")
    assert [line.split()[:3] for line in account[:2]] == [
        ["cells", "learns.py", "done"],
        ["cells", "tries.py", "done"],
    ]
    assert account[2].startswith("together ")


def test_what_a_checkpoint_held_does_not_count_as_speed(programs: Path, tmp_path: Path) -> None:
    (programs / "learns.py").write_text(_LEARNS.replace("net 1/2 loss 0.500", "net 1/2"))
    network = run(tmp_path)
    network.through()
    assert network.resumed_cpu_s == 15


def test_missing_data_are_named(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "data/cells/one.png").unlink()
    with pytest.raises(SystemExit, match="cells: no such data set"):
        run(tmp_path)


def test_every_network_names_programs_that_exist_and_can_be_shipped() -> None:
    folder = Path(regenerate.__file__).parent
    for name, steps in regenerate.NETWORKS.items():
        assert all((folder / step.program).exists() for step in steps)
        assert steps[-1].options == ("--network", name)


def test_progress_is_read_as_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("net-1", 10, done=4)
    progress.step(10, 0.5)
    assert [told(line) for line in capsys.readouterr().out.splitlines()] == [("net-1", 4), ("net-1", 10)]
    assert told("trained on 3 cells in 5 CPU-s") is None
