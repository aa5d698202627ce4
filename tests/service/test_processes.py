"""Commands that tests fork end as the installed command does."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import Process, run

INSTALLED = Path(sys.executable).with_name("hemalum")


@pytest.mark.parametrize("arguments", [["token", "--user", "nobody", "--data"], ["no such command"]])
def test_the_installed_command_does_what_its_fork_does(arguments: list[str], tmp_path: Path) -> None:
    words = [*arguments, str(tmp_path / "node")]
    installed = subprocess.run([INSTALLED, *words], capture_output=True, text=True, check=False)
    forked = run(*words)
    assert installed.returncode == forked.returncode != 0
    assert (installed.stdout, installed.stderr) == (forked.stdout, forked.stderr)


def test_a_command_has_the_environment_and_the_folder_of_its_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEMALUM_DATABASE_URL", "sqlite:///elsewhere.sqlite")
    assert run("token", "--data", "node").returncode == 0
    assert (tmp_path / "elsewhere.sqlite").exists()
    assert (tmp_path / "node").is_dir()


def test_one_ends_while_others_run_and_says_by_what(tmp_path: Path) -> None:
    nodes = [
        Process("serve", "--data", tmp_path / name, "--port", 0, stdout=subprocess.PIPE)
        for name in ("a", "b")
    ]
    try:
        for node in nodes:
            assert node.stdout is not None
            assert "ready at " in node.stdout.readline()
            assert node.poll() is None
            status = Path(f"/proc/{node.pid}/status").read_text()
            ignored = int(status.split("SigIgn:")[1].split()[0], 16)
            assert ignored >> signal.SIGPIPE - 1 & 1, "a client that leaves would end it"
        nodes[0].kill()
        assert nodes[0].wait(60) == -signal.SIGKILL
        assert nodes[1].poll() is None
        nodes[1].terminate()
        assert nodes[1].wait(60) == 0
        assert not Path(f"/proc/{nodes[0].pid}").exists()
    finally:
        for node in nodes:
            node.kill()
            assert node.stdout is not None
            node.stdout.close()
