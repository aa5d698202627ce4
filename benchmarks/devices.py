"""What the way to the process of a device costs, with the processor in the place of the device.

Patches of a slide go through a network twice in turn: in the process that reads them, one by one, and in
batches through a process of their own (`capabilities/inference/on_device.py`), which uses one thread of the
same processors. A graphics processor would take the network's part away; what is left is what is told here.

    .venv/bin/python benchmarks/devices.py
"""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import material
import models_child
import networks
from hemalum.analysis.batches import prepare
from hemalum.analysis.golden import write_golden
from hemalum.analysis.inference import open_network
from hemalum.capabilities.inference import running
from hemalum.capabilities.inference.model import PROCESSOR
from hemalum.formats.model.folder import seal_folder
from hemalum.formats.model.reading import read_contract
from hemalum.runtime.sandbox import Cancelled, Limits, Workers
from hemalum.testing.models import SAMPLE_TOML, write_model
from hemalum.testing.samples import picture
from measure import BENCH_DATA, REPOSITORY, arguments, cpu_seconds, median, table

SHIPPED = REPOSITORY / "src/hemalum/models_shipped"
_PATIENCE_S = 120
_STAND_IN = {"provider": PROCESSOR, "number": 0, "name": "stand-in", "memory_mib": 4096}


@contextmanager
def served(folder: Path, at: Path) -> Iterator[dict[str, Any]]:
    """The model in a folder in a process of its own, as a reader is told of it."""
    workers, over, ready = Workers(1, Limits(memory="data")), threading.Event(), threading.Event()
    device = {"address": str(at / "socket"), "batch": 0}

    def told(stage: str, done: int, _total: int) -> None:
        if stage == "ready":
            device["batch"] = done
            ready.set()

    def serve() -> None:
        asked = {"folder": str(folder), "device": _STAND_IN, "address": device["address"], "most": 0}
        with suppress(Cancelled):
            workers.call(
                f"{running.__package__}.on_device:serve", asked, progress=told, cancelled=over.is_set
            )

    thread = threading.Thread(target=serve)
    thread.start()
    if not ready.wait(_PATIENCE_S):
        raise SystemExit("The model is not served.")
    yield device
    over.set()
    thread.join()
    workers.close()


def small_model(folder: Path) -> Path:
    """The small network as a version whose golden tile is what it gives here."""
    text = SAMPLE_TOML.replace("tile_px = 32", f"tile_px = {networks.SIDE_PX}")
    write_model(folder, edit=lambda _: text, network=networks.small(), sealed=False)
    tile, given = picture(networks.SIDE_PX, networks.SIDE_PX), read_contract(text.encode()).input
    assert given is not None
    Image.fromarray(tile).save(folder / "golden/1.png")
    found = open_network(networks.small()).run(prepare(tile[np.newaxis], given))
    write_golden(folder / "golden/1.npz", found)
    seal_folder(folder)
    return folder


def timed(recipe: dict[str, Any], model: dict[str, Any]) -> tuple[float, float]:
    """Seconds by the clock, and of all processors in this process and its children."""
    cpu_s, begun = cpu_seconds(os.getpid()), time.perf_counter()
    (answer,) = running.run_chunk(recipe, [model], lambda *_: None)
    if answer["lost"]:
        raise SystemExit("The process of the device went away.")
    return time.perf_counter() - begun, cpu_seconds(os.getpid()) - cpu_s


def compared(name: str, folder: Path, count: int, rounds: int) -> list[list[str]]:
    """Rows of one model: in this process, and through a process of its own."""
    contract = read_contract((folder / "model.toml").read_bytes())
    recipe = models_child.recipe_of(material.svs(), BENCH_DATA)
    whole = models_child.model_of(material.svs(), folder / "model.onnx", contract)
    found: dict[str, list[tuple[float, float]]] = {"here": [], "through a process": []}
    with tempfile.TemporaryDirectory() as at, served(folder, Path(at)) as device:
        ways = {"here": None, "through a process": device}
        for number in range(rounds + 1):
            for way, place in ways.items():
                part = models_child.part_of(whole, 0, count) | {"device": place}
                each = timed(recipe, part)
                # The first opens the slide and the network.
                if number:
                    found[way].append(each)
    return [
        [
            name,
            way,
            str(1 if way == "here" else device["batch"]),
            f"{count / median([wall_s for wall_s, _ in kept]):.1f}",
            f"{count / median([cpu_s for _, cpu_s in kept]):.1f}",
        ]
        for way, kept in found.items()
    ]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patches", type=int, default=128)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as at:
        folders = {
            "small": small_model(Path(at) / "small"),
            "hemalum.artefacts": SHIPPED / "hemalum.artefacts",
            "hemalum.nuclei": SHIPPED / "hemalum.nuclei",
        }
        rows = [
            row
            for name, folder in folders.items()
            for row in compared(name, folder, asked.patches, asked.rounds)
        ]
    print("\n".join(table(["network", "run", "batch", "patches/s", "patches/CPU-s"], rows)))


if __name__ == "__main__":
    main()
