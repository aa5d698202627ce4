"""Rules about the tree that no linter knows."""

import ast
import importlib
import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_LINES = 600


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.fixture(scope="module")
def files() -> list[Path]:
    found = [path for path in tracked() if path.is_file()]
    assert found
    return found


def test_python_files_stay_readable(files: list[Path]) -> None:
    long = [path for path in files if path.suffix == ".py" and path.read_text().count("\n") > MAX_LINES]
    assert not long


def test_nothing_names_a_registry(files: list[Path]) -> None:
    """Lock files and settings install from whatever index the machine has."""
    hosts = re.compile(
        "|".join(["py" + r"pi\.org", "python" + r"hosted", "npm" + r"js\.(org|com)", "debian" + r"\.org"])
    )
    offenders = [path for path in files if hosts.search(path.read_text(errors="ignore"))]
    assert not offenders


def test_architecture_decisions_are_numbered_without_gaps(files: list[Path]) -> None:
    numbers = sorted(
        int(path.name[:4]) for path in files if path.parent.name == "adr" and path.suffix == ".md"
    )
    assert numbers == list(range(1, len(numbers) + 1))


def test_what_a_route_only_looks_up_takes_no_thread(files: list[Path]) -> None:
    """FastAPI runs a plain function that a route depends on in a thread, and each such trip waits for whoever
    computes. Those that read the database are named here."""
    waiting = {"asking", "image_of"}
    ours = [path for path in files if path.suffix == ".py" and path.is_relative_to(ROOT / "src")]
    texts = [path.read_text() for path in ours if "routes" in path.as_posix()]
    needed = {name for text in texts for name in re.findall(r"Depends\((\w+)\)", text)}
    plain = {name for text in texts for name in re.findall(r"^def (\w+)\(", text, re.MULTILINE)}
    assert needed
    assert needed & plain <= waiting


def test_what_benchmarks_and_training_take_of_the_package_is_there(files: list[Path]) -> None:
    """Types are checked of the package alone, and these run seldom."""
    beside = [ROOT / "benchmarks", ROOT / "training"]
    ours = [path for path in files if path.suffix == ".py" and path.parent in beside]
    taken = {name for path in ours for name in _taken_of_package(path)}
    assert taken
    assert [name for name in sorted(taken) if not _is_there(*name)] == []


def _taken_of_package(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("hemalum."):
            yield from ((node.module, each.name) for each in node.names)


def _is_there(module: str, name: str) -> bool:
    found = importlib.import_module(module)
    is_package = hasattr(found, "__path__")
    return hasattr(found, name) or (is_package and importlib.util.find_spec(f"{module}.{name}") is not None)
