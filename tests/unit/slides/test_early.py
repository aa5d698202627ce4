"""What a command begins before the node is open is used, or stopped."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from hemalum.capabilities.slides.early import NOTHING_EARLY, begin
from hemalum.capabilities.slides.model import ImageObject, ObjectKind
from hemalum.kernel.errors import UnreadableSlide
from hemalum.runtime.settings import load_settings
from hemalum.runtime.worker_lock import take_worker_lock


def test_the_first_file_is_hashed_and_examined_once(tmp_path: Path) -> None:
    files = [tmp_path / "a.svs", tmp_path / "b.svs"]
    for file in files:
        file.write_bytes(b"slide")
    early = begin(load_settings(tmp_path / "node"), files)
    try:
        assert list(early.digests) == [str(files[0])]
        state = files[0].stat()
        lying = ImageObject(
            0, ObjectKind.LINKED, str(files[0]), "a.svs", state.st_size, None, state.st_mtime_ns
        )
        assert early.take_examination([replace(lying, size=6)], lambda: False) is None
        taken = early.take_examination([lying], lambda: False)
        assert taken is not None
        with pytest.raises(UnreadableSlide, match=r"^a\.svs"):
            taken.result(lambda *_: None)
        taken.drop()
        assert early.take_examination([lying], lambda: False) is None
    finally:
        early.drop()


def test_what_no_job_took_over_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "a.svs"
    file.write_bytes(b"slide")
    settings = load_settings(tmp_path / "node")
    early = begin(settings, [file])
    early.drop()
    assert list(settings.scratch.iterdir()) == []


def test_nothing_is_begun_for_a_node_that_runs(tmp_path: Path) -> None:
    file = tmp_path / "a.svs"
    file.write_bytes(b"slide")
    settings = load_settings(tmp_path)
    lock = take_worker_lock(settings)
    assert lock is not None
    try:
        assert begin(settings, [file]) == NOTHING_EARLY
    finally:
        os.close(lock)
