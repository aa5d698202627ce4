"""A file that is read before its job begins has the digest that the job would find, or none."""

import hashlib
import os
from pathlib import Path

import pytest

from hemalum.capabilities.slides.digesting import EarlyDigest, FileState, open_regular, state_of
from hemalum.kernel.errors import UnreadableSlide

CONTENT = os.urandom(9 << 20)


def state(path: Path) -> FileState:
    with open_regular(path) as descriptor:
        return state_of(descriptor)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "slide.svs"
    path.write_bytes(CONTENT)
    return path


def test_the_digest_is_that_of_the_file_and_every_byte_is_counted(file: Path) -> None:
    seen: list[int] = []
    found = EarlyDigest(file).find(state(file), seen.append)
    assert found == hashlib.sha256(CONTENT).hexdigest()
    assert sum(seen) == len(CONTENT)


def test_a_file_that_became_another_has_none(file: Path) -> None:
    digest = EarlyDigest(file)
    assert digest.find(state(file), lambda _: None) is not None
    file.write_bytes(CONTENT[::-1])
    os.utime(file, ns=(1, 1))
    assert digest.find(state(file), lambda _: None) is None


def test_what_cannot_be_read_has_none(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link.svs"
    link.symlink_to(file)
    for path in (link, tmp_path / "missing.svs", tmp_path):
        assert EarlyDigest(path).find(state(file), lambda _: None) is None
        with pytest.raises(UnreadableSlide):
            open_regular(path)


def test_whoever_stops_waiting_may_and_a_dropped_one_is_none(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cancelled(Exception):
        pass

    def cancel(_count: int) -> None:
        raise Cancelled

    digest = EarlyDigest(file)
    with pytest.raises(Cancelled):
        digest.find(state(file), cancel)
    monkeypatch.setattr("hemalum.capabilities.slides.digesting._PIECE_BYTES", 1)
    dropped = EarlyDigest(file)
    dropped.drop()
    assert dropped.find(state(file), lambda _: None) is None
