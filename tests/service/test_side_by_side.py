"""What forks tell of tests is what became of them, also of those that end the fork itself."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WELL = """
import warnings

import pytest

def test_well(tmp_path):
    warnings.warn("this will go")
    assert list(tmp_path.iterdir()) == []

def test_not_here():
    pytest.skip("there is no such thing")
"""
WRONG = """
def test_wrong():
    print("said before it failed")
    assert 1 == 2
"""
DEADLY = """
import os
import signal

def test_deadly():
    os.kill(os.getpid(), signal.SIGSEGV)

def test_after():
    pass
"""
LATE = """
import atexit
import os

def test_leaves_what_goes_wrong_later():
    atexit.register(os._exit, 7)
"""


def run(folder: Path, files: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "tests.side_by_side", "-p", "no:cacheprovider", "-ra"]
    words = [*command, f"--rootdir={folder}", "--forks=2", *options, folder]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_every_report_is_that_of_one_process(tmp_path: Path) -> None:
    done = run(tmp_path, {"well": WELL, "wrong": WRONG})
    assert done.returncode == 1
    assert "said before it failed" in done.stdout
    assert "there is no such thing" in done.stdout
    assert "this will go" in done.stdout
    assert re.search("1 failed, 1 passed, 1 skipped, 1 warning in", done.stdout)
    assert run(tmp_path, {"wrong": WELL}).returncode == 0


def test_a_test_that_ends_its_process_has_failed_and_so_has_what_was_to_follow(tmp_path: Path) -> None:
    files = {"well": WELL} | {f"deadly_{number}": DEADLY for number in range(3)}
    done = run(tmp_path, files, "-p", "no:randomly")
    assert done.returncode == 1
    # Units that wait go to new forks.
    assert re.search("6 failed, 1 passed, 1 skipped, 1 warning in", done.stdout)
    assert "The process that ran this test ended (-11) before the test did." in done.stdout


def test_a_process_that_ends_with_an_error_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, {"late": LATE})
    assert done.returncode == 1
    assert "ended with 7 and not with 0" in done.stdout
