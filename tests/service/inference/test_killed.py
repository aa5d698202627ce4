"""A worker that is killed in the middle of a run, and another one that goes on."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hemalum.app.node import open_parts, working
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.runtime.settings import load_settings
from hemalum.testing.models import write_model
from tests.processes import Process

from .conftest import PATIENCE_S, DirectRun, make_pictures, make_slides


@contextmanager
def worker(data: Path) -> Iterator[Process]:
    with (data.parent / "worker.log").open("ab") as log:
        process = Process("worker", "--data", data, stderr=log, stdout=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def awaited(look: Callable[[], InferenceRun], wanted: Callable[[InferenceRun], bool]) -> InferenceRun:
    end = time.monotonic() + PATIENCE_S
    while not wanted(found := look()):
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return found


def test_a_run_goes_on_after_its_worker_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEMALUM_MODEL_WORKERS", "1")
    settings = load_settings(tmp_path / "node")
    path = make_slides(tmp_path, {"tissue": make_pictures()["tissue"]})["tissue"]
    model = write_model(
        tmp_path / "model", edit=lambda text: text.replace("tile_px = 32", "tile_px = 32\nstride_px = 16")
    )
    with open_parts(settings) as parts:
        parts.access.ensure_first_people()
        actor, node = parts.access.actor_for("admin"), parts.inference
        with working(parts):
            (received,) = parts.slides.take_in([path], "home")
            image = parts.slides.wait_for(received, PATIENCE_S)
        version = parts.models.add(actor, model)
        (run,) = node.start(actor, image.id, [version.id])

        def look() -> InferenceRun:
            return node.get_run(actor, run.id)

        with worker(settings.data) as first:
            awaited(look, lambda now: now.patches_done > 0)
            first.send_signal(signal.SIGKILL)
            first.wait()
        with worker(settings.data):
            ended = awaited(look, lambda now: not now.state.is_live)
        assert ended.state is RunState.DONE
        assert ended.patches_done == ended.patches
        (again,) = node.start(actor, image.id, [version.id])
        node.do(DirectRun(), again.pass_id)
        assert node.get_run(actor, again.id).digest == ended.digest
