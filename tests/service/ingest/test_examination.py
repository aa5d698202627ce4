"""Linked files are examined while they are hashed; what that finds is used only where it is certain."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hemalum.capabilities.slides import ingest
from hemalum.capabilities.slides.model import ImageObject, ImageStatus

type MakeSlide = Callable[..., Path]
type RunningNode = Any
"""`conftest.RunningNode`: test modules cannot import each other."""

INSPECT = "hemalum.formats.wsi.inspection:inspect"


@pytest.fixture
def examined(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first file of every examination that began."""
    begun: list[str] = []
    call = node.slides.workers.call

    def noted(function: str, arguments: dict[str, Any], **options: Any) -> Any:
        if function == INSPECT:
            begun.append(Path(arguments["paths"][0]).name)
        return call(function, arguments, **options)

    monkeypatch.setattr(node.slides.workers, "call", noted)
    return begun


def _before_hashing(monkeypatch: pytest.MonkeyPatch, happens: Callable[[ingest.Ingest], None]) -> None:
    """Something happens once, after an examination began and before the file is hashed."""
    hashed = ingest.Ingest._hashed
    happened: list[bool] = []

    def first(self: ingest.Ingest, one: ImageObject, done: int, total: int) -> ImageObject:
        if not happened:
            happened.append(True)
            happens(self)
        return hashed(self, one, done, total)

    monkeypatch.setattr(ingest.Ingest, "_hashed", first)


def test_a_slide_is_examined_once(node: RunningNode, make_slide: MakeSlide, examined: list[str]) -> None:
    (summary,) = node.ingest(make_slide("one.tif"))
    assert summary.status is ImageStatus.AVAILABLE
    assert examined == ["one.tif"]


def test_the_same_bytes_are_not_examined_again(
    node: RunningNode, make_slide: MakeSlide, examined: list[str]
) -> None:
    first, second = make_slide("one.tif"), make_slide("two.tif")
    assert first.stat().st_size == second.stat().st_size
    (before,), (after,) = node.ingest(first), node.ingest(second)
    assert after.id == before.id
    assert examined == ["one.tif"]


def test_as_long_as_another_is_not_the_same(
    node: RunningNode, make_slide: MakeSlide, examined: list[str]
) -> None:
    first, second = make_slide("one.tif"), make_slide("two.tif", seed=5)
    longer = max(first.stat().st_size, second.stat().st_size)
    for path in (first, second):
        os.truncate(path, longer)
    (before,), (after,) = node.ingest(first), node.ingest(second)
    assert after.id != before.id
    assert after.status is ImageStatus.AVAILABLE
    assert examined == ["one.tif", "two.tif"]


def test_what_was_found_before_a_change_is_thrown_away(
    node: RunningNode, make_slide: MakeSlide, examined: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_slide(size=700)

    def replace(running: ingest.Ingest) -> None:
        assert running._ahead is not None
        running._ahead.result(lambda *_: None)
        make_slide(seed=1, size=900)

    _before_hashing(monkeypatch, replace)
    (summary,) = node.ingest(path)
    assert summary.status is ImageStatus.AVAILABLE, summary.reason
    assert summary.width_px == 900
    assert summary.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(examined) == 2
    assert list(node.settings.scratch.iterdir()) == []


def test_a_change_after_hashing_sets_the_slide_aside(
    node: RunningNode, make_slide: MakeSlide, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_slide()
    keep = ingest.Ingest._keep

    def change(self: ingest.Ingest) -> ingest.Outcome:
        os.utime(path, ns=(0, 0))
        return keep(self)

    monkeypatch.setattr(ingest.Ingest, "_keep", change)
    (summary,) = node.ingest(path)
    assert summary.status is ImageStatus.QUARANTINED
    assert str(summary.reason) == "The file slide.tif was changed while it was taken in."
    assert list(node.settings.scratch.iterdir()) == []


@pytest.mark.parametrize("why", ["cancelled", "gone"])
def test_an_examination_that_nobody_needs_any_more_stops(
    node: RunningNode, make_slide: MakeSlide, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    path, call = make_slide(), node.slides.workers.call

    def endless(_function: str, _arguments: dict[str, Any], **options: Any) -> Any:
        return call("signal:pause", {}, **options)

    def stop(running: ingest.Ingest) -> None:
        if why == "gone":
            path.unlink()
        else:
            node.slides.cancel(node.actor, running._image_id)

    monkeypatch.setattr(node.slides.workers, "call", endless)
    _before_hashing(monkeypatch, stop)
    (summary,) = node.ingest(path)
    assert summary.status is ImageStatus.QUARANTINED
    assert (why == "gone") == ("cannot be read" in str(summary.reason))
    end = time.monotonic() + 30
    while list(node.settings.scratch.iterdir()):
        assert time.monotonic() < end, "the examination goes on"
        time.sleep(0.05)
