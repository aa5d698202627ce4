"""A model over a slide of 100,096 x 100,096 px in a node: memory, time, and a worker that is killed.

The slide is taken in by link, tissue is found on it, and a worker runs the small network of `networks.py`
over it at 0.5 um/px. Half of the way through the worker is killed, and another one goes on.
Then the same version runs once more without being disturbed; its digest has to be the same.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hemalum_node
import material
import networks
from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing.models import without_golden, write_model
from measure import (
    BENCH_DATA,
    Others,
    PeakMemory,
    Result,
    hemalum_command,
    met,
    peak_mb,
    step,
    tree,
    version_of,
)

MOST_MB = 600
_PATIENCE_S = 3600


class Worker:
    """`hemalum worker` in a group of its own, with the most that its processes ever held."""

    def __init__(self, data: Path) -> None:
        with (data.parent / "models-worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [hemalum_command(), "worker", "--data", str(data)],
                stdout=log,
                stderr=log,
                env=os.environ | {"HEMALUM_MODEL_WORKERS": "1"},
                start_new_session=True,
            )
        self.peak_mb: dict[int, float] = {}
        self.together = PeakMemory(self.process.pid, 0.05)
        self.together.__enter__()

    def look(self) -> None:
        """Note the most that each of its processes held so far."""
        for pid in tree(self.process.pid):
            self.peak_mb[pid] = max(self.peak_mb.get(pid, 0.0), peak_mb(pid))

    def kill(self) -> None:
        """With SIGKILL, as a machine that fails does."""
        self.together.__exit__()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def most_of_a_model_mb(self) -> float:
        """The most that a process held which is not the worker itself."""
        return max(held for pid, held in self.peak_mb.items() if pid != self.process.pid)


def report(pieces: int) -> Result:
    """Run over the slide twice; see the module."""
    watch = Others()
    data = BENCH_DATA / "node-models"
    shutil.rmtree(data, ignore_errors=True)
    shutil.rmtree(BENCH_DATA / "bench-model", ignore_errors=True)
    data.mkdir(parents=True)
    slide = material.sparse(pieces)
    with step("Taking in"):
        begun = time.monotonic()
        (image,) = hemalum_node.ingest(data, slide)
        taken_in_s = time.monotonic() - begun
    model = write_model(
        BENCH_DATA / "bench-model",
        edit=lambda text: without_golden(text).replace("tile_px = 32", f"tile_px = {networks.SIDE_PX}"),
        network=networks.small(),
    )
    with open_parts(load_settings(data, {"HEMALUM_MODEL_WORKERS": "1"})) as parts:
        actor, node = parts.access.actor_for("admin"), parts.inference
        version = parts.models.add(actor, model)

        def run(killed: bool) -> tuple[Any, float, list[Worker]]:
            (begun,) = node.start(actor, image["image_id"], [version.id])
            workers, started = [Worker(data)], time.monotonic()
            if killed:
                _await(lambda: node.get_run(actor, begun.id), workers[0], half=True)
                workers[0].kill()
                workers.append(Worker(data))
            ended = _await(lambda: node.get_run(actor, begun.id), workers[-1], half=False)
            wall_s = time.monotonic() - started
            workers[-1].kill()
            return ended, wall_s, workers

        with step("Running, killed on the way"):
            first, first_s, killed = run(True)
        with step("Running, undisturbed"):
            second, second_s, undisturbed = run(False)
    workers = [*killed, *undisturbed]
    peak = max(each.most_of_a_model_mb for each in workers)
    together = max(each.together.pss_mb for each in workers)
    is_same = first.digest == second.digest and first.state == second.state == "done"
    rows = [
        [what, f"{one.patches_done}", f"{wall_s:.1f}", f"{one.patches / wall_s:.0f}"]
        for what, one, wall_s in (("killed on the way", first, first_s), ("undisturbed", second, second_s))
    ]
    return Result(
        name="models-slide",
        title="A model over a slide of 100,096 x 100,096 px",
        command="make bench-models",
        columns=["run", "patches", "s", "patches/s"],
        rows=rows,
        wanted=[
            (f"at most {MOST_MB} MB in the process of a model", f"{peak:.0f} MB", met(peak <= MOST_MB)),
            ("the same digest, killed or not", "the same" if is_same else "another", met(is_same)),
        ],
        notes=[
            f"{pieces} pieces of tissue of 16.8 mm2 on glass; 152,881 tiles in level 0, of which equal ones "
            f"share their bytes. Taken in by link in {taken_in_s:.1f} s. Seconds are from the start of the "
            "worker to the end of the run: starting it, finding tissue, all patches, drawing the layer.",
            f"The worker and its processes together held at most {together:.0f} MB (PSS).",
        ],
        versions={"onnxruntime": version_of("onnxruntime")},
        raw={"peaks_mb": [each.peak_mb for each in workers], "seconds": [first_s, second_s]},
        others=watch.share(),
    )


def _await(look: Callable[[], Any], worker: Worker, *, half: bool) -> Any:
    """The run once it has ended, or half of its patches are done."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        now = look()
        worker.look()
        if not now.state.is_live or (half and now.patches and now.patches_done * 2 >= now.patches):
            return now
        time.sleep(0.1)
    raise SystemExit("The model took more than an hour.")
