"""Models over a slide: the engine beside bare onnxruntime on decoded patches, and beside TIAToolbox.

Each network looks at patches at 0.5 um/px of a slide of 0.25 um/px. The engine reads, decodes, shrinks and
runs them as it does in the node, one thread for the network and one that reads ahead; bare onnxruntime runs
the same network with one thread on the same patches, decoded and normalised before the clock starts. Both are
given the same processors: all of them, of which bare onnxruntime uses one, and then one for everything,
which is what each of several processes at work gets. TIAToolbox's patch engine reads patches of the same
places from the same slide itself and runs the same weights in PyTorch, with as many threads as it is given
processors. After that, `models_slide.py` runs over a large slide.

    .venv/bin/python benchmarks/models.py
"""

import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import material
import models_child
import models_slide
import models_tiatoolbox
import networks
from hemalum.formats.model.reading import read_contract
from hemalum.testing.models import SAMPLE_TOML
from measure import BENCH_DATA, REPOSITORY, Others, Result, arguments, median, met, version_of

OWN = ("engine", "onnxruntime", "decoding")
WANTED_SHARE = 0.85
WANTED_TIMES = 3
MOST_MB = 600
_MOST_OFF = 1e-4
"""Between the scores of PyTorch and of onnxruntime for the same patches."""
_COMPARED = 8
"""Patches that are looked at for it."""
CHILD = Path(__file__).with_name("models_child.py")
SHIPPED = REPOSITORY / "src/hemalum/models_shipped"
_CONFINED = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""As `hemalum.runtime.sandbox` starts the processes of models."""


@dataclass(frozen=True)
class Measured:
    """A network, its contract, and how many patches make a round: seconds of work, so that the start and the
    end do not weigh."""

    name: str
    network: Path
    contract: Path
    patches: int
    for_peer: int = 0
    """Patches that make a round of TIAToolbox; 0 for networks of which PyTorch has no equal."""


def all_measured(scale: float) -> list[Measured]:
    """The networks; `scale` multiplies the patches of a round."""
    contract = BENCH_DATA / "bench-model.toml"
    contract.write_text(SAMPLE_TOML.replace("tile_px = 32", f"tile_px = {networks.SIDE_PX}"))
    artefacts, nuclei = SHIPPED / "hemalum.artefacts", SHIPPED / "hemalum.nuclei"
    known = [
        ("small", networks.written("small", networks.small()), contract, 2048, 256),
        ("hemalum.artefacts", artefacts / "model.onnx", artefacts / "model.toml", 512, 0),
        ("ResNet-50", networks.written("resnet50", networks.resnet50()), contract, 48, 96),
        ("hemalum.nuclei, cells measured", nuclei / "model.onnx", nuclei / "model.toml", 96, 0),
    ]
    return [
        Measured(
            name,
            onnx,
            toml,
            max(8, round(count * scale)),
            for_peer and max(models_tiatoolbox.FEWEST_PATCHES, round(for_peer * scale)),
        )
        for name, onnx, toml, count, for_peer in known
    ]


def measured(way: str, one: Measured, cores: int) -> dict[str, Any]:
    """One round in a process of its own."""
    told = [way, one.network, one.contract, material.svs(), BENCH_DATA, one.patches, cores]
    command = [sys.executable, str(CHILD), *map(str, told)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | _CONFINED)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class Peer:
    """TIAToolbox, one process for each number of cores; where it cannot be measured, `missing` says why."""

    def __init__(self) -> None:
        self.missing = ""
        self.versions: dict[str, str] = {}
        self.furthest = 0.0
        """The most that a score of PyTorch was off that of onnxruntime."""
        self._engines: dict[int, models_tiatoolbox.PatchEngine] = {}
        self._asked: dict[str, dict[str, Any]] = {}

    def rounds(self, one: Measured, cores: int, found: dict[str, list[dict[str, Any]]]) -> None:
        """One round of each setting, put to those of before."""
        if self.missing or not one.for_peer:
            return
        try:
            engine = self._engine(cores)
            if one.name not in self._asked:
                self._asked[one.name] = self._request(one, engine)
            for setting in models_tiatoolbox.settings(cores):
                found.setdefault(str(setting), []).append(engine.round(setting, self._asked[one.name]))
        except models_tiatoolbox.NotAtHand as error:
            self.missing = str(error)

    def _engine(self, cores: int) -> models_tiatoolbox.PatchEngine:
        if cores not in self._engines:
            self._engines[cores] = models_tiatoolbox.PatchEngine(cores)
            self.versions = self._engines[cores].versions
        return self._engines[cores]

    def _request(self, one: Measured, engine: models_tiatoolbox.PatchEngine) -> dict[str, Any]:
        """What a round is asked with, after a look whether PyTorch gives the scores of onnxruntime."""
        contract, weights = read_contract(one.contract.read_bytes()), networks.weights_of(one.network)
        assert contract.input is not None
        recipe = models_child.recipe_of(material.svs(), BENCH_DATA)
        whole = models_child.model_of(material.svs(), one.network, contract)
        batches = models_child.read_batches(recipe, models_child.part_of(whole, 0, _COMPARED))
        network = models_child.running.opened(whole)
        expected = np.concatenate([network.run(batch)["scores"] for batch in batches])
        scores = engine.scores(one.name, weights, np.concatenate(batches))
        self.furthest = max(self.furthest, float(np.abs(scores - expected).max()))
        if self.furthest > _MOST_OFF:
            raise models_tiatoolbox.NotAtHand(f"its scores are off those of onnxruntime by {self.furthest}")
        first, side = models_child.FIRST, material.SVS_TILES * material.TILE
        places = np.frombuffer(whole["places"], "<i4").reshape(-1, 2)[first : first + one.for_peer]
        return {
            "network": one.name,
            "weights": str(weights),
            "slide": str(material.svs()),
            "slide_px": [round(side / scale) for scale in reversed(whole["scale"])],
            "side_px": contract.input.tile_px,
            "um_per_px": contract.input.um_per_px,
            "places": places.tolist(),
        }

    def close(self) -> None:
        for engine in self._engines.values():
            engine.close()


def times(what: str, kept: dict[str, list[dict[str, Any]]], missing: str) -> tuple[str, str, str]:
    """How many times as fast as TIAToolbox in its best setting the engine is."""
    wanted = f"{what}: {WANTED_TIMES} x {models_tiatoolbox.NAME} or more"
    peers = [found for way, found in kept.items() if way.startswith(models_tiatoolbox.NAME)]
    if missing or not peers:
        return wanted, "–", "not measured"
    by_clock, by_cpu = (each(kept["engine"]) / max(map(each, peers)) for each in (rate, rate_by_cpu))
    return wanted, f"{by_clock:.1f} x its best, {by_cpu:.1f} x by CPU", met(by_clock >= WANTED_TIMES)


def report(rounds: int, scale: float) -> Result:
    """The engine beside bare onnxruntime and TIAToolbox."""
    watch = Others()
    rows: list[list[str]] = []
    wanted: list[tuple[str, str, str]] = []
    raw: dict[str, Any] = {}
    peaks: list[float] = []
    every = len(os.sched_getaffinity(0))
    with closing(Peer()) as peer:
        for one in all_measured(scale):
            for cores in sorted({every, 1}, reverse=True):
                kept: dict[str, list[dict[str, Any]]] = {way: [] for way in OWN}
                for _ in range(rounds):
                    for way in OWN:
                        kept[way].append(measured(way, one, cores))
                    peer.rounds(one, cores, kept)
                raw[f"{one.name}, {cores}"] = kept
                rows += [row_of(one, cores, way, found) for way, found in kept.items()]
                peaks.append(max(each["peak_mb"] for each in kept["engine"]))
                share = rate(kept["engine"]) / rate(kept["onnxruntime"])
                what = f"{one.name}, {cores} core{'s' if cores > 1 else ''}"
                told = f"{what}: {WANTED_SHARE} of bare onnxruntime"
                wanted.append((told, f"{share:.2f}", met(share >= WANTED_SHARE)))
                if one.for_peer:
                    wanted.append(times(what, kept, peer.missing))
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
            "Decoding is each stored tile of these patches read and decoded once, by libjpeg-turbo and in "
            "the size that is needed, and nothing else: no engine that decodes them itself takes less "
            "processor time for a patch than this and onnxruntime together.",
            "Of nuclei the engine also parts, outlines and measures each, which bare onnxruntime does not.",
            told_of(peer),
        ],
        versions={"onnxruntime": version_of("onnxruntime"), **peer.versions},
        raw=raw,
        others=watch.share(),
    )


def rate(found: list[dict[str, Any]]) -> float:
    """Patches a second, the median of rounds."""
    return median([each["patches"] / each["wall_s"] for each in found])


def rate_by_cpu(found: list[dict[str, Any]]) -> float:
    """Patches a second of processor time, the median of rounds."""
    return median([each["patches"] / each["cpu_s"] for each in found])


def row_of(one: Measured, cores: int, way: str, found: list[dict[str, Any]]) -> list[str]:
    peak = max(each["peak_mb"] for each in found)
    return [one.name, str(cores), way, f"{rate(found):.1f}", f"{rate_by_cpu(found):.1f}", f"{peak:.0f}"]


def told_of(peer: Peer) -> str:
    """What TIAToolbox was given, or why it was not measured."""
    if peer.missing:
        return f"{models_tiatoolbox.NAME} is not measured: {peer.missing}."
    return (
        f"{models_tiatoolbox.NAME}: `PatchPredictor` over patches of the same places, from reading to "
        "classes, without imports, plan and saving; the weights of the ONNX files in PyTorch, where no "
        f"normalisation layers are left, with scores within {peer.furthest:.0e} of those of onnxruntime. "
        "Batches of 8 and no reader process are how it comes; PyTorch has as many threads as cores. Each "
        "setting saw its patches once before the clock started. Its peak is with what reader processes have "
        "of their own."
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
