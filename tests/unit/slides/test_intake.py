"""Names, states and watched files."""

import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.capabilities.slides import watch
from hemalum.capabilities.slides.intake import clean_name
from hemalum.capabilities.slides.model import ImageStatus, check_transition
from hemalum.capabilities.slides.watch import STABLE_S, Stamp, Waiting, opened_file, stamp_of
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.runtime.settings import WatchedFolder
from hemalum.testing.vendors import hamamatsu_vms, mirax_mrxs


@given(st.text(max_size=400))
def test_clean_names_are_single_short_and_visible(name: str) -> None:
    clean = clean_name(name)
    assert 0 < len(clean) <= 200
    assert clean.isprintable()
    assert clean not in (".", "..")
    assert not set(clean) & {"/", "\\", "\x00"}
    assert clean_name(clean) == clean


def test_states_only_change_as_they_may() -> None:
    road = [
        ImageStatus.RECEIVING,
        ImageStatus.HASHED,
        ImageStatus.AVAILABLE,
        ImageStatus.HASHED,
        ImageStatus.QUARANTINED,
        ImageStatus.RECEIVING,
    ]
    for now, then in pairwise(road):
        check_transition(now, then)
    with pytest.raises(Conflict, match="receiving and cannot become available"):
        check_transition(ImageStatus.RECEIVING, ImageStatus.AVAILABLE)


def test_a_file_is_ready_when_it_and_its_neighbours_rest() -> None:
    now = 0.0
    stamps: dict[Path, Stamp] = {Path("/a/1"): ((10, 1),), Path("/a/2"): ((20, 1),), Path("/b/3"): ((30, 1),)}
    waiting = Waiting(lambda: now)
    for path, stamp in stamps.items():
        waiting.see(path, stamp)
    now = STABLE_S - 1
    stamps[Path("/a/2")] = ((25, 2),)
    assert waiting.take_ready(stamps.get) == {}
    now = STABLE_S + 0.1
    assert waiting.take_ready(stamps.get) == {Path("/b/3"): ((30, 1),)}
    now = 2 * STABLE_S
    assert set(waiting.take_ready(stamps.get)) == {Path("/a/1"), Path("/a/2")}
    assert waiting.take_ready(stamps.get) == {}
    waiting.see(Path("/c/4"), ((1, 1),))
    now = 4 * STABLE_S
    assert waiting.take_ready(stamps.get) == {}


class _Takes:
    """Slides that cannot take a file of this name in at first."""

    def __init__(self, fails: str = "") -> None:
        self.fails = fails
        self.taken: list[str] = []
        self.is_taken = threading.Event()

    def list_linked_files(self, _folder: Path) -> dict[Path, tuple[int, int]]:
        return {}

    def take_in(self, paths: Sequence[Path], _organisation_id: str) -> None:
        if any(path.name == self.fails for path in paths):
            self.fails = ""
            raise NotFound("There is no file {path}.", path="slide.svs")
        self.taken += [path.name for path in paths]
        self.is_taken.set()


def test_what_cannot_be_taken_in_is_tried_again_and_holds_up_no_other(tmp_path: Path) -> None:
    now, slides = 0.0, _Takes(fails="a.svs")
    waiting = Waiting(lambda: now)
    for name in ("one/a.svs", "two/b.svs"):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_bytes(b"x")
        found = stamp_of(path)
        assert found is not None
        waiting.see(path, found)
    watching = watch.FolderWatch(slides, (), "home")  # type: ignore[arg-type]
    taken: dict[Path, tuple[int, int]] = {}
    now = STABLE_S + 1
    watching._take_in(WatchedFolder(tmp_path), waiting, taken)
    assert slides.taken == ["b.svs"]
    now = 2 * STABLE_S + 2
    watching._take_in(WatchedFolder(tmp_path), waiting, taken)
    assert slides.taken == ["b.svs", "a.svs"]
    assert {path.name for path in taken} == {"a.svs", "b.svs"}


def test_a_folder_that_was_away_is_watched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a share is that was not reachable for a while."""
    monkeypatch.setattr(watch, "STABLE_S", 0.0)
    folder, slides = tmp_path / "scans", _Takes()
    folder.mkdir()
    watching = watch.FolderWatch(slides, (WatchedFolder(folder),), "home")  # type: ignore[arg-type]
    watching.start()
    try:
        (folder / "first.svs").write_bytes(b"x")
        assert slides.is_taken.wait(30)
        slides.is_taken.clear()
        folder.rename(tmp_path / "away")
        folder.mkdir()
        (folder / "second.svs").write_bytes(b"x")
        assert slides.is_taken.wait(30)
    finally:
        watching.stop()
    assert slides.taken == ["first.svs", "second.svs"]


def test_only_regular_files_worth_trying_are_watched(tmp_path: Path) -> None:
    (tmp_path / "slide.svs").write_bytes(b"x")
    (tmp_path / "empty.svs").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"x")
    (tmp_path / ".part.svs").write_bytes(b"x")
    (tmp_path / "link.svs").symlink_to(tmp_path / "slide.svs")
    (tmp_path / "folder.svs").mkdir()
    seen = {path.name for path in tmp_path.iterdir() if stamp_of(path) is not None}
    assert seen == {"slide.svs"}
    assert watch.stamp_of(tmp_path / "absent") is None


def test_a_slide_of_several_files_is_waited_for_as_one(tmp_path: Path) -> None:
    for sample in (mirax_mrxs(tmp_path), hamamatsu_vms(tmp_path)):
        before = stamp_of(sample.path)
        assert before is not None
        assert len(before) == len(sample.paths)
        with sample.paths[-1].open("ab") as file:
            file.write(b"more")
        after = stamp_of(sample.path)
        assert after is not None
        assert after[:-1] == before[:-1]
        assert after[-1] != before[-1]


def test_what_changes_in_the_folder_of_a_mirax_slide_concerns_the_slide(tmp_path: Path) -> None:
    sample = mirax_mrxs(tmp_path)
    assert {opened_file(path) for path in sample.paths} == {sample.path}
    other = tmp_path / "other" / "slide.svs"
    assert opened_file(other) == other
