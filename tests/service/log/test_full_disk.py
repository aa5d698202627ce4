"""A full disk: one clear sentence, nothing acknowledged is lost, and it goes on when there is room."""

import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemalum.runtime.log import LogFailed, LogFull, open_log
from hemalum.runtime.log.verify import verify_node_log
from hemalum.runtime.settings import load_settings
from tests.processes import run

MIB = 1 << 20
ENTRY = bytes(range(256)) * 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_refuses_and_recovers(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(MIB))
    settings = load_settings(small_disk / "node", {})
    log = open_log(settings)
    acknowledged = 0
    with pytest.raises(LogFull, match="There is no room left for the log"):  # noqa: PT012 (until it is full)
        while True:
            log.append(ENTRY)
            acknowledged += 1
    assert acknowledged > 10
    with pytest.raises(LogFull):
        log.append(ENTRY)
    assert log.read(0, 1000) == [ENTRY] * acknowledged
    (small_disk / "ballast").unlink()
    assert log.append(b"room").index == acknowledged
    log.close()
    report = verify_node_log(settings)
    assert report.finding is None
    assert report.size == acknowledged + 1


# A limit on the size of files stands for a disk where none can be mounted.
LIMITED = """
import resource, sys
from pathlib import Path
from hemalum.runtime.log import LogFailed, open_log
from hemalum.runtime.settings import load_settings
log = open_log(load_settings(Path(sys.argv[1])))
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
acknowledged = 0
try:
    while True:
        log.append(bytes(50_000))
        acknowledged += 1
except LogFailed as error:
    print(acknowledged, type(error).__name__, error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert log.append(b"room").index == acknowledged
log.close()
"""


def test_files_that_may_not_grow_refuse_and_recover(tmp_path: Path) -> None:
    done = run(tmp_path, code=LIMITED)
    assert done.returncode == 0, done.stderr
    acknowledged, error, sentence = done.stdout.strip().split(" ", 2)
    assert error in {LogFull.__name__, LogFailed.__name__}
    assert sentence.count(".") == 1
    report = verify_node_log(load_settings(tmp_path, {}))
    assert report.finding is None
    assert report.size == int(acknowledged) + 1
    assert resource.RLIM_INFINITY == -1
