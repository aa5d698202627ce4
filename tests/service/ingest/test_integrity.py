"""Every byte that is stored can be shown to be the one that was written; damage is named and repaired."""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hemalum.capabilities.layers.model import Layer, LayerDraft
from hemalum.capabilities.layers.service import Layers
from hemalum.capabilities.slides import integrity_store, manifests, replica, scrub
from hemalum.capabilities.slides.integrity import Harm, IntegrityReport, RoundState
from hemalum.capabilities.slides.model import ImageStatus, ImageSummary, ObjectKind
from hemalum.formats.layers.cells import CellChunk
from hemalum.formats.layers.model import ValueColumn, classes_named
from hemalum.kernel.audit import Record
from hemalum.runtime.db import reading
from hemalum.runtime.jobs import JobState
from hemalum.runtime.log.store import LogFull
from hemalum.runtime.settings import load_settings
from tests.processes import run

WAIT_S = 60
CHUNK = 16_400
"""A sealed chunk of 16 KiB; the first begins at byte 64."""

type MakeSlide = Callable[..., Path]


@pytest.fixture(params=["local", "s3"])
def node(request: pytest.FixtureRequest, tmp_path: Path, open_node: Callable[..., Any]) -> Iterator[Any]:
    """A node with a replica, both in folders or both in S3."""
    environment = {"HEMALUM_REPLICA_URL": f"file://{tmp_path / 'replica'}"}
    if request.param == "s3":
        environment = request.getfixturevalue("larger_node")()
        environment["HEMALUM_REPLICA_URL"] = environment["HEMALUM_BLOBS_URL"].replace("?", "-replica?")
        environment["HEMALUM_ORIGINALS"] = "link"
    opened = open_node(load_settings(tmp_path / "node", environment))
    yield opened
    opened.close()


def _available(node: Any, path: Path, *, keep: bool) -> ImageSummary:
    (summary,) = node.ingest(path, keep=keep)
    assert summary.status is ImageStatus.AVAILABLE, summary.reason
    _wait_for(lambda: manifests.find_manifest(node.slides, summary.id) is not None)
    found: ImageSummary = summary
    return found


def _wait_for(check: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not check():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _round(node: Any) -> IntegrityReport:
    begun = scrub.begin_round(node.slides, node.actor)
    assert node.slides.queue.wait(begun.job_id, WAIT_S) is JobState.DONE
    return scrub.report(node.slides, node.actor.organisation_id)


def _replicated(node: Any) -> bool:
    replica.keep_replicated(node.slides)
    with reading(node.slides.database) as connection:
        return integrity_store.list_unreplicated(connection, 10) == []


def _original(node: Any, summary: ImageSummary) -> str:
    image = node.slides.get_image(node.actor, summary.id)
    return str(next(one.location for one in image.objects if one.kind is ObjectKind.STORED))


def _overwrite(node: Any, key: str, change: Callable[[bytearray], None]) -> None:
    blob = bytearray(node.slides.blobs.store.get(key))
    change(blob)
    node.slides.blobs.store.put(key, [bytes(blob)])


def _flip(at: int) -> Callable[[bytearray], None]:
    def change(blob: bytearray) -> None:
        blob[at] ^= 1

    return change


def _cut(blob: bytearray) -> None:
    del blob[-CHUNK:]


def test_all_is_well(node: Any, make_slide: MakeSlide) -> None:
    kept = _available(node, make_slide("kept.tif", size=1500), keep=True)
    linked = _available(node, make_slide("linked.tif", seed=3), keep=False)
    before = scrub.report(node.slides, node.actor.organisation_id)
    assert (before.last_round, before.slides, before.unchecked) == (None, 2, 2)
    found = _round(node)
    assert found.last_round is not None
    assert (found.last_round.state, found.last_round.slides) == (RoundState.DONE, 2)
    assert found.last_round.bytes > make_slide("kept.tif", size=1500).stat().st_size
    assert (found.unchecked, found.damaged, found.last_round.damaged) == (0, (), 0)
    for summary in (kept, linked):
        manifest = manifests.find_manifest(node.slides, summary.id)
        assert manifest is not None
        original = manifest.entries[0]
        assert original.sha256 == summary.sha256
        # Also of the linked file, which nobody had read for that before.
        assert all(len(one.sm3 or "") == 64 for one in manifest.entries)
        assert len({one.location for one in manifest.entries}) == len(manifest.entries) >= 6


def test_a_damaged_chunk_is_named_and_repaired(node: Any, make_slide: MakeSlide) -> None:
    told: list[Record] = []
    summary = _available(node, make_slide(size=1500), keep=True)
    _wait_for(lambda: _replicated(node))
    key = _original(node, summary)
    good = node.slides.blobs.store.get(key)
    _overwrite(node, key, _flip(64 + CHUNK + 7))
    node.slides = replace(node.slides, record=told.append)
    begun = scrub.begin_round(node.slides, node.actor)
    scrub.scrub(node.slides, _Here(begun.job_id), begun.id)
    found = scrub.report(node.slides)
    ((damage,),) = [one.damage for one in found.damaged]
    assert (damage.location, damage.harm, damage.chunks) == (key, Harm.DAMAGED, (1,))
    assert damage.repaired
    assert not found.damaged[0].is_damaged
    assert node.slides.blobs.store.get(key) == good
    assert [one.action for one in told] == ["slides.repaired", "slides.scrubbed"]
    assert told[0].detail["chunks"] == [1]
    assert _round(node).damaged == ()


def _with_layer(node: Any, summary: ImageSummary) -> Layer:
    values = np.linspace(0, 1, 12).reshape(3, 4)
    column = ValueColumn("score", "", 0.0, 1.0)
    draft = LayerDraft("Score", "finder", "1")
    return Layers(node.slides).write_heatmap(summary.id, draft, values, column, pitch_px=100)


def test_a_layer_that_two_workers_write_at_once_is_written_once(node: Any, make_slide: MakeSlide) -> None:
    """As when the job of a worker that was taken for dead goes on elsewhere."""
    layers, summary = Layers(node.slides), _available(node, make_slide(), keep=True)
    draft, classes = LayerDraft("Cells", "finder", "1", id="writtentwice"), classes_named(["cell"])
    cells = CellChunk(np.array([10.0]), np.array([10.0]), np.array([0]))

    def slowly() -> Iterator[CellChunk]:
        layers.write_cells(summary.id, draft, classes, [cells])
        yield cells

    layer = layers.write_cells(summary.id, draft, classes, slowly())
    assert layer == layers.list_all(summary.id)[0]
    assert layers.open_pack(layer).manifest.count == 1
    assert _round(node).damaged == ()


def test_the_layer_of_another_worker_keeps_its_content_when_this_one_fails(
    node: Any, make_slide: MakeSlide, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers, summary = Layers(node.slides), _available(node, make_slide(), keep=True)
    draft, classes = LayerDraft("Cells", "finder", "1", id="writtenbyanother"), classes_named(["cell"])
    announce = Layers._announce

    def fail(*arguments: Any) -> None:
        announce(*arguments)
        raise LogFull("The log is full.")

    monkeypatch.setattr(Layers, "_announce", fail)
    with pytest.raises(LogFull):
        layers.write_cells(
            summary.id, draft, classes, [CellChunk(np.array([10.0]), np.array([10.0]), np.array([0]))]
        )
    assert layers.open_pack(layers.list_all(summary.id)[0]).manifest.count == 1


def test_a_layer_is_kept_as_safe_as_its_slide(node: Any, make_slide: MakeSlide) -> None:
    summary = _available(node, make_slide(), keep=True)
    layer = _with_layer(node, summary)
    good = node.slides.blobs.get(layer.blob_key)
    _wait_for(lambda: _replicated(node))
    _overwrite(node, layer.blob_key, _flip(70))
    ((damage,),) = [one.damage for one in _round(node).damaged]
    assert (damage.location, damage.repaired) == (layer.blob_key, True)
    assert node.slides.blobs.get(layer.blob_key) == good
    Layers(node.slides).remove(layer.id)
    assert _round(node).damaged == ()
    assert not node.slides.blobs.exists(layer.blob_key)


def test_a_manifest_that_a_crash_left_behind_is_made_up_for(
    node: Any, make_slide: MakeSlide, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = _available(node, make_slide(), keep=True)
    with monkeypatch.context() as crash:
        crash.setattr(manifests, "write_manifest", lambda *_: None)
        layer = _with_layer(node, summary)
    assert _round(node).damaged == ()
    manifest = manifests.find_manifest(node.slides, summary.id)
    assert manifest is not None
    assert layer.blob_key in {one.location for one in manifest.entries}


class _Here:
    """A run of a job in this thread."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id

    def step(self, name: str, function: Callable[[], Any]) -> Any:
        return function()

    def cancelled(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("change", "harm"),
    [(_flip(20), Harm.CUT_OFF), (_cut, Harm.CUT_OFF), (None, Harm.MISSING), (_flip(100), Harm.DAMAGED)],
    ids=["header", "truncated", "gone", "first chunk"],
)
def test_whatever_happened_to_a_blob(
    node: Any, make_slide: MakeSlide, change: Callable[[bytearray], None] | None, harm: Harm
) -> None:
    summary = _available(node, make_slide(size=1500), keep=True)
    _wait_for(lambda: _replicated(node))
    key = _original(node, summary)
    if change is None:
        node.slides.blobs.store.delete(key)
    else:
        _overwrite(node, key, change)
    (standing,) = _round(node).damaged
    ((damage,), checked_at) = standing.damage, standing.checked_at
    assert (damage.harm, damage.repaired, checked_at is not None) == (harm, True, True)
    assert _round(node).damaged == ()


def test_a_replica_that_is_damaged_too_replaces_nothing(node: Any, make_slide: MakeSlide) -> None:
    summary = _available(node, make_slide(size=1500), keep=True)
    _wait_for(lambda: _replicated(node))
    key = _original(node, summary)
    _overwrite(node, key, _flip(64 + CHUNK + 7))
    damaged = node.slides.blobs.store.get(key)
    copy = replica.open_blob_store(node.settings.replica_url)
    blob = bytearray(copy.get(key))
    blob[-1] ^= 1
    copy.put(key, [bytes(blob)])
    (standing,) = _round(node).damaged
    assert standing.is_damaged
    assert standing.damage[0].chunks == (1,)
    assert node.slides.blobs.store.get(key) == damaged


def test_a_lost_manifest_comes_back(node: Any, make_slide: MakeSlide) -> None:
    summary = _available(node, make_slide(), keep=True)
    _wait_for(lambda: _replicated(node))
    with reading(node.slides.database) as connection:
        found = integrity_store.find_manifest(connection, summary.id)
    assert found is not None
    _overwrite(node, found[0], _flip(70))
    (standing,) = _round(node).damaged
    assert [(one.name, one.repaired) for one in standing.damage] == [("manifest", True)]
    assert _round(node).damaged == ()


def test_linked_files_are_hashed_anew(tmp_path: Path, open_node: Any, make_slide: MakeSlide) -> None:
    node = open_node(load_settings(tmp_path / "node", {}))
    try:
        paths = [make_slide(f"{name}.tif", seed=seed) for seed, name in enumerate(("rot", "new", "gone"))]
        for path in paths:
            _available(node, path, keep=False)
        assert _round(node).damaged == ()
        rot, new, gone = paths
        before = rot.stat()
        content = bytearray(rot.read_bytes())
        content[len(content) // 2] ^= 1
        rot.write_bytes(content)
        os.utime(rot, ns=(before.st_atime_ns, before.st_mtime_ns))
        new.write_bytes(new.read_bytes() + b"more")
        gone.unlink()
        found = {each.name: each.damage[0].harm for each in _round(node).damaged}
        assert found == {"rot.tif": Harm.DAMAGED, "new.tif": Harm.CHANGED, "gone.tif": Harm.MISSING}
    finally:
        node.close()


def test_a_round_goes_on_where_it_was_cut_off(
    tmp_path: Path, open_node: Any, make_slide: MakeSlide, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = open_node(load_settings(tmp_path / "node", {}))
    try:
        for seed in range(4):
            _available(node, make_slide(f"{seed}.tif", seed=seed), keep=False)
        with monkeypatch.context() as patched:
            patched.setattr(node.slides.queue, "enqueue", lambda *_, **__: None)
            begun = scrub.begin_round(node.slides, node.actor)
        assert scrub.begin_round(node.slides, node.actor) == begun
        whole, checked = scrub._Check.run, []

        def dies(self: Any) -> None:
            if len(checked) == 2:
                raise KeyboardInterrupt
            checked.append(self._image_id)
            whole(self)

        with monkeypatch.context() as patched:
            patched.setattr(scrub._Check, "run", dies)
            with pytest.raises(KeyboardInterrupt):
                scrub.scrub(node.slides, _Here(begun.job_id), begun.id)
        assert scrub.report(node.slides).unchecked == 2
        scrub.keep_rounds_going(node.slides)  # hands in what has no job
        assert node.slides.queue.wait(begun.job_id, WAIT_S) is JobState.DONE
        last = scrub.report(node.slides).last_round
        assert last is not None
        assert (last.id, last.state, last.slides) == (begun.id, RoundState.DONE, 4)
    finally:
        node.close()


def test_rounds_begin_when_they_are_due_and_can_be_cancelled(
    tmp_path: Path, open_node: Any, make_slide: MakeSlide
) -> None:
    node = open_node(load_settings(tmp_path / "node", {"HEMALUM_SCRUB_MB_S": "1"}))
    try:
        scrub.keep_rounds_going(node.slides)
        path = make_slide(size=1500)
        with path.open("ab") as file:
            file.write(os.urandom(6_000_000))
        _available(node, path, keep=False)
        scrub.keep_rounds_going(node.slides)
        assert scrub.report(node.slides).last_round is None
        later = replace(node.slides, clock=lambda: node.slides.clock() + timedelta(days=31))
        scrub.keep_rounds_going(later)
        begun = scrub.report(node.slides).last_round
        assert begun is not None
        node.slides.queue.cancel(begun.job_id)
        _wait_for(lambda: (scrub.keep_rounds_going(node.slides), _state(node))[1] is RoundState.CANCELLED)
        assert scrub.report(node.slides).unchecked == 1
    finally:
        node.close()


def _state(node: Any) -> RoundState | None:
    last = scrub.report(node.slides).last_round
    return None if last is None else last.state


def test_the_command_and_the_doctor_say_what_is_damaged(
    tmp_path: Path, open_node: Any, make_slide: MakeSlide
) -> None:
    data = tmp_path / "node"
    node = open_node(load_settings(data, {}))
    try:
        summary = _available(node, make_slide(size=1500), keep=True)
        key = _original(node, summary)
    finally:
        node.close()
    good = run("scrub", "--data", data)
    assert good.returncode == 0, good.stderr
    assert "done: 1 slides" in good.stdout
    path = data / "blobs" / key
    blob = bytearray(path.read_bytes())
    blob[64 + CHUNK] ^= 1
    path.write_bytes(blob)
    bad = run("scrub", "--data", data, "--json")
    assert bad.returncode == 1, bad.stderr
    (slide,) = json.loads(bad.stdout)["damaged"]
    assert (slide["image_id"], slide["damage"][0]["chunks"]) == (summary.id, [1])
    checks = {
        each["name"]: each for each in json.loads(run("doctor", "--data", data, "--json").stdout)["checks"]
    }
    assert not checks["integrity"]["ready"]
    assert "1 damaged slides: slide.tif" in checks["integrity"]["detail"]
    assert checks["node key"]["ready"]
