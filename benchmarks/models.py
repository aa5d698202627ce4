"""Models over a slide: the engine beside bare onnxruntime on patches that were decoded before.

Each network looks at patches at 0.5 um/px of a slide of 0.25 um/px. The engine reads, decodes, shrinks and
runs them as it does in the node, one thread for the network and one that reads ahead; bare onnxruntime runs
the same network with one thread on the same patches, decoded and normalised before the clock starts. Both are
given the same processors: all of them, of which bare onnxruntime uses one, and then one for everything,
which is what each of several processes at work gets. After that, `models_slide.py` runs over a large slide.

    .venv/bin/python benchmarks/models.py
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import material
import models_slide
import networks
from hemalum.testing.models import SAMPLE_TOML
from measure import BENCH_DATA, REPOSITORY, Others, Result, arguments, median, met, version_of

WANTED_SHARE = 0.85
MOST_MB = 600
CHILD = Path(__file__).with_name("models_child.py")
SHIPPED = REPOSITORY / "src/hemalum/models_shipped"
_CONFINED = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""As `hemalum.runtime.sandbox` starts the processes of models."""


@dataclass(frozen=True)
class Measured:
    """A network, its contract, and how many patches of it make a round."""

    name: str
    network: Path
    contract: Path
    patches: int


def all_measured(scale: float) -> list[Measured]:
    """The networks; `scale` multiplies the patches of a round."""
    contract = BENCH_DATA / "bench-model.toml"
    contract.write_text(SAMPLE_TOML.replace("tile_px = 32", f"tile_px = {networks.SIDE_PX}"))
    artefacts, nuclei = SHIPPED / "hemalum.artefacts", SHIPPED / "hemalum.nuclei"
    known = [
        ("small", networks.written("small", networks.small()), contract, 512),
        ("hemalum.artefacts", artefacts / "model.onnx", artefacts / "model.toml", 128),
        ("ResNet-50", networks.written("resnet50", networks.resnet50()), contract, 48),
        ("hemalum.nuclei, cells measured", nuclei / "model.onnx", nuclei / "model.toml", 48),
    ]
    return [Measured(name, onnx, toml, max(8, round(count * scale))) for name, onnx, toml, count in known]


def measured(way: str, one: Measured, cores: int) -> dict[str, Any]:
    """One round in a process of its own."""
    told = [way, one.network, one.contract, material.svs(), BENCH_DATA, one.patches, cores]
    command = [sys.executable, str(CHILD), *map(str, told)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | _CONFINED)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report(rounds: int, scale: float) -> Result:
    """The engine beside bare onnxruntime."""
    watch = Others()
    rows: list[list[str]] = []
    wanted: list[tuple[str, str, str]] = []
    raw: dict[str, Any] = {}
    peaks: list[float] = []
    every = len(os.sched_getaffinity(0))
    for one in all_measured(scale):
        for cores in sorted({every, 1}, reverse=True):
            kept: dict[str, list[dict[str, Any]]] = {"engine": [], "onnxruntime": []}
            for _ in range(rounds):
                for way, found in kept.items():
                    found.append(measured(way, one, cores))
            raw[f"{one.name}, {cores}"] = kept
            rates = {}
            for way, found in kept.items():
                rates[way] = median([each["patches"] / each["wall_s"] for each in found])
                by_cpu = median([each["patches"] / each["cpu_s"] for each in found])
                peak = max(each["peak_mb"] for each in found)
                rows.append([one.name, str(cores), way, f"{rates[way]:.1f}", f"{by_cpu:.1f}", f"{peak:.0f}"])
            peaks.append(max(each["peak_mb"] for each in kept["engine"]))
            share = rates["engine"] / rates["onnxruntime"]
            what = f"{one.name}, {cores} core{'s' if cores > 1 else ''}: {WANTED_SHARE} of bare onnxruntime"
            wanted.append((what, f"{share:.2f}", met(share >= WANTED_SHARE)))
    peak = max(peaks)
    wanted.append((f"at most {MOST_MB} MB in the process of a model", f"{peak:.0f} MB", met(peak <= MOST_MB)))
    return Result(
        name="models",
        title="Models over a slide",
        command="make bench-models",
        columns=["network", "cores", "", "patches/s", "patches/CPU-s", "peak MB"],
        rows=rows,
        wanted=wanted,
        notes=[
            f"Patches of 224 px at 0.5 um/px (artefacts: 192 px at 2 um/px, nuclei: 256 px), read from "
            f"{material.svs().name}, JPEG 4:2:2 of 0.25 um/px; medians of {rounds} rounds in turn, the slide "
            "and the network open. Bare onnxruntime holds all its patches in memory. One thread for a "
            "network in both; what several processes on several cores get is the row with one core.",
            "Of nuclei the engine also parts, outlines and measures each, which bare onnxruntime does not.",
            "TIAToolbox is not measured: release 2.1.3 asks for torch below 2.13, of which there was no "
            "build without CUDA at hand, and with torch 2.13 for processors torchvision does not load.",
        ],
        versions={"onnxruntime": version_of("onnxruntime")},
        raw=raw,
        others=watch.share(),
    )


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the patches of a round")
    parser.add_argument("--pieces", type=int, default=3, help="of tissue on the large slide, 16.8 mm2 each")
    options = parser.parse_args()
    report(options.rounds, options.scale).finish(options.publish)
    models_slide.report(options.pieces).finish(options.publish)


if __name__ == "__main__":
    main()
