"""What a node costs when nobody does anything, and how soon `make demo` is ready.

Memory: a node with a library of small slides and one large one, 10 s after its start, again after a reader
has looked around, and again when that is some time ago; all processes of the node together. Start: a clean
clone of the last commit in a temporary folder, no package caches, `make demo` until `/api/health` answers;
then some more times with the package indexes out of reach.

    .venv/bin/python benchmarks/node.py
"""

import argparse
import os
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import material
from hemalum_node import Node
from measure import (
    REPOSITORY,
    Memory,
    Others,
    Result,
    Server,
    arguments,
    fetch,
    free_port,
    memory,
    met,
    program,
    step,
)

MOST_IDLE_MB = 250
MOST_FIRST_S = 300
MOST_LATER_S = 8
_SETTLE_S = 10


def look_around(node: Node) -> None:
    """Read as a person does: list, thumbnails, open a slide, some hundred tiles, a region, DICOM metadata."""
    fetch(f"{node.base}/api/slides/images?limit=500", node.headers)
    for image in node.images[:20]:
        fetch(f"{node.base}/api/slides/images/{image['image_id']}/thumbnail?width=256", node.headers)
    large = node.images[-1]
    template = node.open(large["image_id"])["tile_url"]
    for number in random.Random(5).sample(range(material.SVS_TILES**2), 500):
        row, column = divmod(number, material.SVS_TILES)
        fetch(node.base + template.format(level=0, plane=0, channel=0, row=row, column=column))
    where = "x_um=2000&y_um=2000&width_um=500&height_um=500&spacing_um=0.5&format=jpeg"
    fetch(f"{node.base}/api/slides/images/{large['image_id']}/region?{where}", node.headers)
    fetch(
        f"{node.base}/dicomweb/studies/{large['study_uid']}/metadata",
        {**node.headers, "Accept": "application/dicom+json"},
    )


def memory_report(options: argparse.Namespace) -> Result:
    """Memory of the node at rest."""
    others = Others()
    found: list[tuple[str, Memory]] = []
    with Node("idle", [material.library(options.slides), material.svs()]) as node:
        time.sleep(_SETTLE_S)
        found.append((f"{_SETTLE_S} s after the start", memory(node.server.pid)))
        with step("Looking around"):
            look_around(node)
        found.append(("just after a reader looked around", memory(node.server.pid)))
        with step(f"Waiting {options.rest} s"):
            time.sleep(options.rest)
        found.append((f"{options.rest} s later", memory(node.server.pid)))
        count, ready_s = len(node.images), node.server.ready_after_s
    idle = found[0][1]
    return Result(
        name="idle",
        title="Memory of the idle node",
        command="make bench-node",
        columns=["when", "processes", "PSS MB", "RSS MB"],
        rows=[[when, str(m.processes), f"{m.pss_mb:.0f}", f"{m.rss_mb:.0f}"] for when, m in found],
        wanted=[
            (f"idle <= {MOST_IDLE_MB} MB, PSS", f"{idle.pss_mb:.0f} MB", met(idle.pss_mb <= MOST_IDLE_MB)),
            (f"idle <= {MOST_IDLE_MB} MB, RSS", f"{idle.rss_mb:.0f} MB", met(idle.rss_mb <= MOST_IDLE_MB)),
        ],
        others=others.share(),
        notes=[
            f"`hemalum serve` with a library of {count} slides; ready {ready_s:.1f} s after the command.",
            "MB are 10^6 bytes. All processes of the node; the sum of RSS counts shared pages for each.",
        ],
        raw={when: vars(m) for when, m in found},
    )


def start_demo(clone: Path, name: str, environment: dict[str, str], wait_s: float) -> float:
    """Seconds from `make demo` to ready; stops it again."""
    port = free_port()
    command = [program("make", "make"), "demo", f"PORT={port}"]
    url = f"http://127.0.0.1:{port}/api/health"
    with Server(f"demo-{name}", command, url, environment=environment, folder=clone, wait_s=wait_s) as demo:
        return demo.ready_after_s


def demo_report(options: argparse.Namespace) -> Result:
    """First and later starts of the demo in a clean clone."""
    others = Others()
    folder = Path(tempfile.mkdtemp(prefix="hemalum-demo-"))
    clone = folder / "hemalum"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", REPOSITORY, clone], check=True)
    caches = {
        "PIP_NO_CACHE_DIR": "1",
        "npm_config_cache": str(folder / "npm"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "VIRTUAL_ENV": "",
        "PATH": os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if "/.venv/" not in p),
    }
    offline = {
        **caches,
        "PIP_NO_INDEX": "1",
        "npm_config_offline": "true",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    try:
        with step("First start of the demo in a clean clone"):
            first = start_demo(clone, "first", caches, 1800)
        with step("Later starts"):
            later = [start_demo(clone, f"later-{n}", offline, 120) for n in range(options.rounds)]
        size_mb = disk_mb(clone)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    slowest = max(later)
    return Result(
        name="demo",
        title="make demo until ready",
        command="make bench-node",
        columns=["start", "seconds"],
        rows=[
            ["first, clean clone without caches", f"{first:.0f}"],
            [f"later, slowest of {len(later)}, package indexes out of reach", f"{slowest:.1f}"],
        ],
        wanted=[
            (f"first <= {MOST_FIRST_S} s", f"{first:.0f} s", met(first <= MOST_FIRST_S)),
            (f"later <= {MOST_LATER_S} s without network", f"{slowest:.1f} s", met(slowest <= MOST_LATER_S)),
        ],
        others=others.share(),
        notes=[
            "Ready is `GET /api/health` with 200. Package indexes were near by: a slow line comes on top.",
            f"The clone with everything installed and the demo slides takes {size_mb:,.0f} MB of disk.",
        ],
        raw={"first_s": first, "later_s": later, "disk_mb": size_mb},
    )


def disk_mb(folder: Path) -> float:
    """What a folder takes on disk."""
    done = subprocess.run(["du", "-sk", folder], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[0]) * 1024 / 1e6


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--slides", type=int, default=50, help="small slides in the library")
    parser.add_argument("--rest", type=int, default=90, help="seconds to wait after looking around")
    parser.add_argument("--rounds", type=int, default=3, help="later starts of the demo")
    parser.add_argument("--keep", action="store_true", help="keep the clone")
    parser.add_argument("--only", choices=["memory", "demo"], help="one of the two tables")
    options = parser.parse_args()
    if options.only != "demo":
        memory_report(options).finish(options.publish)
    if options.only != "memory":
        demo_report(options).finish(options.publish)


if __name__ == "__main__":
    main()
