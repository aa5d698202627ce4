"""Trains the networks and ships what beats its baseline: `python training/regenerate.py --help`.

Each network has a folder in which all that it is made of is kept, and steps that are done in order. A step
that is done is not done again while its code, its data and all before it are the same; one that was stopped
goes on from its checkpoint.
"""

import argparse
import ast
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from progress import bar, minutes, told

_HERE = Path(__file__).parent
_BETWEEN_S = 1.0
_BETWEEN_LINES_S = 30.0
_TORCH, _NODE = Path(".train-venv/bin/python"), Path(".venv/bin/python")


@dataclass(frozen=True, slots=True)
class Step:
    """One program of this folder, run as `PROGRAM --data FOLDER --out FOLDER`."""

    program: str
    python: Path
    """Of the environment with PyTorch, or of the node, which reads slides."""
    reads: tuple[str, ...]
    """Folders of the data sets: what is in them decides whether it has to be done again."""
    cpu_s: int
    """About how long it takes; the bar is weighed by it."""
    learns: int = 0
    """Steps of all trainings in it, as they are told by `Progress`."""
    options: tuple[str, ...] = ()


def _trial(network: str, cpu_s: int, *reads: str) -> Step:
    return Step("ship.py", _NODE, reads, cpu_s, options=("--network", network))


_PAINTED_ON = ("slides", "registration", "artefacts")
NETWORKS = {
    "nuclei": (
        Step("nuclei_windows.py", _NODE, (), 80),
        Step("nuclei.py", _TORCH, ("nuclei-dsb2018",), 400, 1300),
        _trial("nuclei", 100, "nuclei-dsb2018"),
    ),
    "lung-tiles": (
        Step("lung_tiles.py", _TORCH, ("lung-tiles-lc25000",), 467, 5 * 600),
        _trial("lung-tiles", 19, "lung-tiles-lc25000"),
    ),
    "white-cells": (
        Step("white_cells.py", _TORCH, ("blood-pbc",), 407, 5 * 700),
        _trial("white-cells", 60, "blood-pbc"),
    ),
    "tile-trunk": (
        Step("trunk_tiles.py", _NODE, ("slides", "artefacts/histoprep"), 59),
        Step("tile_trunk.py", _TORCH, (), 159, 400),
        _trial("tile-trunk", 65, "lung-tiles-lc25000"),
    ),
    "artefacts": (
        Step("artefacts_windows.py", _NODE, _PAINTED_ON, 104),
        Step("artefacts.py", _TORCH, (), 169, 900),
        _trial("artefacts", 90, "artefacts"),
    ),
}
"""The longest first: with two at a time, none is left for the end alone."""


@dataclass(slots=True)
class Spent:
    """What a step took, over all its starts."""

    key: str
    done: bool = False
    cpu_s: float = 0.0
    wall_s: float = 0.0
    starts: int = 0
    ends: int = 0

    def __str__(self) -> str:
        # A start without an end was killed with all of this program, and nobody saw what it took.
        least = "at least " if self.starts != self.ends else ""
        return f"{least}{self.cpu_s:.0f} CPU-s, {minutes(self.wall_s)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets")
    parser.add_argument("--out", type=Path, default=Path("bench-data/trained"))
    parser.add_argument("--only", choices=sorted(NETWORKS), help="one network; all by default")
    parser.add_argument("--at-once", type=int, default=2, help="networks at a time, each with one thread")
    arguments = parser.parse_args()
    names = [arguments.only] if arguments.only else list(NETWORKS)
    run = Run([NetworkRun(name, arguments.data, arguments.out / name) for name in names])
    sys.exit(run.through(arguments.at_once))


class NetworkRun:
    """The steps of one network."""

    def __init__(self, name: str, data: Path, folder: Path) -> None:
        self.name, self.steps = name, NETWORKS[name]
        self._data, self._folder = data, folder
        self._ledger = folder / "spent.json"
        self.failed = self._stopped = False
        self.now = ""
        self.resumed_cpu_s = 0.0
        """Of `done_cpu_s`: what an earlier start of the steps of this one had done."""
        self._process: subprocess.Popen[str] | None = None
        self._learnt: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.spent = self._read()

    def _read(self) -> list[Spent]:
        """What is known of each step; from the first that is not as it was, nothing is."""
        kept = json.loads(self._ledger.read_text()) if self._ledger.exists() else []
        spent, key = [], ""
        for number, step in enumerate(self.steps):
            key = _key(step, self._data, key)
            known = kept[number] if number < len(kept) and kept[number]["key"] == key else {"key": key}
            spent.append(Spent(**known))
            if step.learns and not spent[-1].starts:
                # Of other code or other data, or of nobody knows what.
                for checkpoint in self._folder.glob("*.checkpoint"):
                    checkpoint.unlink()
        return spent

    def _write(self) -> None:
        fields = Spent.__dataclass_fields__
        told_ = [{name: getattr(each, name) for name in fields} for each in self.spent]
        self._ledger.with_suffix(".part").write_text(json.dumps(told_, indent=1))
        self._ledger.with_suffix(".part").rename(self._ledger)

    @property
    def cpu_s(self) -> float:
        return sum(step.cpu_s for step in self.steps)

    @property
    def done_cpu_s(self) -> float:
        """Of `cpu_s`: what is behind."""
        done = 0.0
        for step, spent in zip(self.steps, self.spent, strict=True):
            if spent.done:
                done += step.cpu_s
            elif step.program == self.now and step.learns:
                done += step.cpu_s * min(1.0, sum(self._learnt.values()) / step.learns)
        return done

    def through(self) -> None:
        for step, spent in zip(self.steps, self.spent, strict=True):
            if not spent.done and not self._stopped and not self.failed:
                self._run(step, spent)
        self.now = ""

    def _run(self, step: Step, spent: Spent) -> None:
        self.now, self._learnt = step.program, {}
        spent.starts += 1
        self._write()
        command = [str(step.python), str(_HERE / step.program), *step.options]
        command += ["--data", str(self._data), "--out", str(self._folder)]
        begun = time.monotonic()
        with (self._folder / f"{step.program}.log").open("a") as log:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
            )
            if self._stopped:
                self._process.terminate()
            assert self._process.stdout
            with self._process.stdout as lines:
                for line in lines:
                    log.write(line)
                    if learnt := told(line):
                        self._note(step, *learnt)
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        spent.done = self._process.returncode == 0
        spent.ends += 1
        spent.cpu_s += usage.ru_utime + usage.ru_stime
        spent.wall_s += time.monotonic() - begun
        self.failed = not spent.done and not self._stopped
        self._write()

    def _note(self, step: Step, what: str, done: int) -> None:
        if what not in self._learnt:
            # Told first is where a checkpoint was taken up, or the first seconds of a new training.
            self.resumed_cpu_s += step.cpu_s * done / step.learns
        self._learnt[what] = done

    def stop(self) -> None:
        self._stopped = True
        if self._process and self._process.returncode is None:
            self._process.terminate()

    def __str__(self) -> str:
        learnt = sum(self._learnt.values())
        total = next((step.learns for step in self.steps if step.program == self.now), 0)
        return f"{self.name} {self.now} {learnt}/{total}" if total else f"{self.name} {self.now}"


class Run:
    """Several networks, with one bar for all."""

    def __init__(self, networks: list[NetworkRun]) -> None:
        self._networks = networks
        self._stopped = threading.Event()
        self._begun = self._told = time.monotonic()
        self._first_s = self._done_s

    @property
    def _done_s(self) -> float:
        return sum(network.done_cpu_s for network in self._networks)

    def through(self, at_once: int) -> int:
        """Exit status: 0 if all is done."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        with ThreadPoolExecutor(at_once) as pool:
            going = [pool.submit(network.through) for network in self._networks]
            while not all(each.done() for each in going):
                self._tell()
                time.sleep(_BETWEEN_S)
        self._tell(at_last=True)
        for each in going:
            each.result()
        self._account()
        return 0 if all(spent.done for network in self._networks for spent in network.spent) else 1

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        for network in self._networks:
            network.stop()

    def _tell(self, at_last: bool = False) -> None:
        is_screen, now = sys.stdout.isatty(), time.monotonic()
        if not is_screen and now - self._told < _BETWEEN_LINES_S and not at_last:
            return
        self._told = now
        done_s, total_s = self._done_s, sum(network.cpu_s for network in self._networks)
        line = f"{bar(done_s / total_s)} {100 * done_s / total_s:3.0f} %"
        own_s = done_s - self._first_s - sum(network.resumed_cpu_s for network in self._networks)
        if own_s > 0:
            line += f", {minutes((now - self._begun) / own_s * (total_s - done_s))} left"
        line += "".join(f"; {network}" for network in self._networks if network.now)
        if is_screen:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{line[:width]:<{width}}", end="\n" if at_last else "", flush=True)
        else:
            print(line, flush=True)

    def _account(self) -> None:
        for network in self._networks:
            for step, spent in zip(network.steps, network.spent, strict=True):
                state = "done" if spent.done else "failed" if network.failed and spent.starts else "not done"
                print(f"{network.name:12} {step.program:22} {state:9} {spent}")
        total = sum(spent.cpu_s for network in self._networks for spent in network.spent)
        print(f"together {total:.0f} CPU-s; logs lie beside what was trained")


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": "src", "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}


def _key(step: Step, data: Path, before: str) -> str:
    """A digest of the code of a step here, of names and sizes of its data, and of all before it."""
    parts = [before, step.program, *step.options]
    parts += [path.read_text("utf-8") for path in sorted(_imported(_HERE / step.program))]
    for folder in step.reads:
        files = sorted(each for each in (data / folder).rglob("*") if each.is_file())
        if not files:
            sys.exit(f"{data / folder}: no such data set (see training/README.md)")
        parts += [f"{each.relative_to(data)} {each.stat().st_size}" for each in files]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _imported(program: Path) -> set[Path]:
    """A program of this folder and all modules of it that it imports."""
    found, open_ = set(), [program]
    while open_:
        path = open_.pop()
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            near = [_HERE / f"{name}.py" for name in names]
            open_ += [each for each in near if each.exists() and each not in found]
    return found


if __name__ == "__main__":
    main()
