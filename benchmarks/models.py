"""A model over a slide: the engine beside bare onnxruntime on tiles that were decoded before.

A small convolutional network looks at patches of 224 px at 0.5 um/px. The engine reads, decodes, scales and
runs them as it does in the node, in one process with one thread for the network; bare onnxruntime runs the
same network on the same patches, decoded and normalised before the clock starts.

    .venv/bin/python benchmarks/models.py
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import material
from measure import BENCH_DATA, Others, Result, arguments, median, met, version_of

WANTED_SHARE = 0.85
MOST_MB = 600
CHILD = Path(__file__).with_name("models_child.py")


def measured(way: str, count: int) -> dict[str, Any]:
    """One round in a process of its own."""
    command = [sys.executable, str(CHILD), way, str(material.svs()), str(BENCH_DATA), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patches", type=int, default=512)
    options = parser.parse_args()
    rounds: dict[str, list[dict[str, Any]]] = {"engine": [], "onnxruntime": []}
    watch = Others()
    for _ in range(options.rounds):
        for way, kept in rounds.items():
            kept.append(measured(way, options.patches))
    rates = {
        way: (
            median([one["patches"] / one["wall_s"] for one in kept]),
            median([one["patches"] / one["cpu_s"] for one in kept]),
            max(one["peak_mb"] for one in kept),
        )
        for way, kept in rounds.items()
    }
    share = rates["engine"][0] / rates["onnxruntime"][0]
    peak = rates["engine"][2]
    Result(
        name="models",
        title="A model over a slide",
        command="make bench-models",
        columns=["", "patches/s", "patches/CPU-s", "peak MB"],
        rows=[[way, f"{one[0]:.1f}", f"{one[1]:.1f}", f"{one[2]:.0f}"] for way, one in rates.items()],
        wanted=[
            (
                f"engine at {WANTED_SHARE} of bare onnxruntime or more",
                f"{share:.2f}",
                met(share >= WANTED_SHARE),
            ),
            (f"at most {MOST_MB} MB in the process of a model", f"{peak:.0f} MB", met(peak <= MOST_MB)),
        ],
        notes=[
            f"{options.patches} patches of 224 px at 0.5 um/px, read from {material.svs().name}; medians of "
            f"{options.rounds} rounds in turn. Bare onnxruntime holds all its patches in memory.",
            "TIAToolbox is not measured: it needs torch, which the peers' environment does not hold.",
        ],
        versions={"onnxruntime": version_of("onnxruntime")},
        raw=dict(rounds),
        others=watch.share(),
    ).finish(options.publish)


if __name__ == "__main__":
    main()
