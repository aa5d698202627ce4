"""Taking a slide in by link beside `sha256sum` of the same file, and how soon a large slide's index is ready.

Ingest must read the file once to know its checksum; everything else should cost little more. Each round runs
`sha256sum FILE` and `hemalum ingest --data DIR --json FILE` one after the other, with the file in the page
cache; once more without a clock to watch the memory of the command and its children. The index is timed in a
fresh process, imports left out: open the file, know every frame's place, read the last frame by it.

    .venv/bin/python benchmarks/ingest.py
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import material
from hemalum_node import Node, ingest
from measure import (
    BENCH_DATA,
    Others,
    PeakMemory,
    Result,
    arguments,
    hemalum_command,
    median,
    met,
    program,
    quietest,
    step,
    version_of,
)

MOST_RATIO = 1.5
MOST_MEMORY_MB = 200
MOST_INDEX_S = 1.0
SETTLED_S = 6
"""A node has read its settings, made its tables and started its reader by then."""

OPENERS = {
    "Hemalum": """
from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.frame_index import read_frame
from pathlib import Path
def opened(path):
    slide = open_slide(Path(path))
    level = slide.frame_index.levels[0]
    assert len(read_frame(level, slide.sources, 0, 0, level.rows - 1, level.columns - 1)) > 1000
    return level.rows * level.columns
""",
    "wsidicom": """
from wsidicom import WsiDicom
def opened(path):
    slide = WsiDicom.open(path)
    size = slide.levels[0].default_instance.image_data.tiled_size
    assert len(slide.read_encoded_tile(0, (size.width - 1, size.height - 1))) > 1000
    return size.area
""",
    "tifffile": """
import tifffile
def opened(path):
    tiff = tifffile.TiffFile(path)
    page = tiff.pages[0]
    tiff.filehandle.seek(page.dataoffsets[-1])
    assert len(tiff.filehandle.read(page.databytecounts[-1])) > 1000
    return len(page.dataoffsets)
""",
}
READS = {".svs": ("Hemalum", "tifffile"), ".dcm": ("Hemalum", "wsidicom")}
_TIMED = """
import json, resource, sys, time
started = time.perf_counter()
count = opened(sys.argv[1])
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "frames": count,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}))
"""


@dataclass(frozen=True)
class Peak:
    """Most memory of ingest, MB."""

    rss_mb: float
    pss_mb: float


def seconds_of(command: list[str]) -> float:
    """Wall time of a command that must succeed."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return seconds


def warm(path: Path) -> None:
    """Bring the file into the page cache."""
    subprocess.run([program("cat", "coreutils"), path], stdout=subprocess.DEVNULL, check=True)


def fresh(name: str) -> Path:
    """A data directory that exists as a node's, without slides."""
    data = BENCH_DATA / f"node-{name}"
    shutil.rmtree(data, ignore_errors=True)
    seconds_of([hemalum_command(), "token", "--data", str(data), "--user", "admin"])
    return data


def ingest_command(data: Path, path: Path) -> list[str]:
    """Take one file in, by link."""
    return [hemalum_command(), "ingest", "--data", str(data), "--json", str(path)]


def time_alone(path: Path) -> float:
    """Ingest by a command that runs the jobs itself."""
    data = fresh("ingest")
    started = time.perf_counter()
    ingest(data, path)
    return time.perf_counter() - started


def time_with_server(path: Path) -> tuple[float, float]:
    """Ingest into a running node, which does the job; and the most memory (PSS, MB) of that node."""
    with Node("ingest-served", []) as node, PeakMemory(node.server.pid, 0.05) as peak:
        time.sleep(SETTLED_S)
        started = time.perf_counter()
        ingest(node.data, path)
        return time.perf_counter() - started, peak.pss_mb


def peak_alone(path: Path) -> Peak:
    """Most memory of the ingest command with all its children, sampled."""
    data = fresh("ingest")
    process = subprocess.Popen(ingest_command(data, path), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with PeakMemory(process.pid, 0.005) as peak:
        _, errors = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"Ingest failed: {errors.decode()[-2000:]}")
    return Peak(peak.rss_mb, peak.pss_mb)


def index_time(opener: str, path: Path, rounds: int) -> dict[str, Any] | None:
    """Median seconds to open and read the last frame, and peak memory; None when refused."""
    found = []
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, "-c", OPENERS[opener] + _TIMED, str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            print(f"{opener} on {path.name}: {done.stderr.strip().splitlines()[-1]}")
            return None
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return {
        "seconds": median([one["seconds"] for one in found]),
        "frames": found[0]["frames"],
        "peak_mb": median([one["peak_mb"] for one in found]),
    }


def measure_ingest(path: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All figures of one file."""
    warm(path)
    rounds, shares = [], []
    for number in range(options.rounds):
        with step(f"{path.name}, round {number + 1}"):
            found, share = quietest(partial(take_round, path), options.patience)
            rounds.append(found)
            shares.append(share)
    with step(f"{path.name}, memory"):
        peak = peak_alone(path)
    return {
        "mb": path.stat().st_size / 1e6,
        **{name: median([one[name] for one in rounds]) for name in rounds[0]},
        "peak_rss_mb": peak.rss_mb,
        "peak_pss_mb": peak.pss_mb,
        "others": sum(shares) / len(shares),
        "rounds": rounds,
    }


def take_round(path: Path) -> dict[str, float]:
    """Seconds of each way, one after the other."""
    hashing = seconds_of([program("sha256sum", "coreutils"), str(path)])
    openssl = seconds_of([program("openssl", "openssl"), "dgst", "-sha256", str(path)])
    alone = time_alone(path)
    served, pss_mb = time_with_server(path)
    return {
        "sha256sum_s": hashing,
        "openssl_s": openssl,
        "ingest_s": alone,
        "served_s": served,
        "served_pss_mb": pss_mb,
    }


def ingest_report(options: argparse.Namespace) -> Result:
    """Ingest by link against sha256sum."""
    files = [material.svs(), material.large_svs()]
    found = {path.name: measure_ingest(path, options) for path in files}
    rows = [
        [
            name,
            f"{f['mb']:,.0f}",
            f"{f['sha256sum_s']:.2f}",
            f"{f['openssl_s']:.2f}",
            f"{f['ingest_s']:.2f}",
            f"{f['ingest_s'] / f['sha256sum_s']:.2f}x",
            f"{f['served_s']:.2f}",
            f"{f['served_s'] / f['sha256sum_s']:.2f}x",
            f"{f['peak_pss_mb']:.0f} / {f['peak_rss_mb']:.0f}",
        ]
        for name, f in found.items()
    ]
    most = max(f["peak_pss_mb"] for f in found.values())
    return Result(
        name="ingest",
        title="Ingest by link beside sha256sum",
        command="make bench-ingest",
        columns=[
            "file",
            "MB",
            "sha256sum s",
            "openssl sha256 s",
            "ingest s",
            "ratio",
            "ingest into a running node s",
            "ratio",
            "peak PSS / RSS MB",
        ],
        rows=rows,
        wanted=[
            *(ratio_wanted(f) for f in found.values()),
            (
                f"peak memory <= {MOST_MEMORY_MB} MB at any size",
                f"{most:.0f} MB",
                met(most <= MOST_MEMORY_MB),
            ),
        ],
        others=sum(f["others"] for f in found.values()) / len(found),
        notes=[
            "Whole commands, interpreter start included; the file lies in the page cache. "
            f"Medians of {options.rounds} rounds.",
            "Debian's sha256sum does not use the SHA instructions of the processor, openssl does.",
            "Peak memory is of the ingest command and all its children, sampled every few milliseconds. "
            "PSS divides shared pages among those who map them; the sum of RSS counts them for each process.",
        ],
        raw=found,
    )


def ratio_wanted(found: dict[str, Any]) -> tuple[str, str, str]:
    """The target for one file, against the slower of the two ways."""
    ratio = max(found["ingest_s"], found["served_s"]) / found["sha256sum_s"]
    what = f"<= {MOST_RATIO}x the time of sha256sum, {found['mb']:,.0f} MB"
    return what, f"{ratio:.2f}x", met(ratio <= MOST_RATIO)


def index_report(options: argparse.Namespace) -> Result:
    """How soon the index of a large slide is ready."""
    others = Others()
    rows, raw, worst = [], {}, 0.0
    for path in (material.large_svs(), material.large_dicom()):
        for opener in READS[path.suffix]:
            found = index_time(opener, path, options.rounds)
            if found is None:
                rows.append([path.name, opener, "", "refused", ""])
                continue
            raw[f"{path.name}: {opener}"] = found
            rows.append(
                [
                    path.name,
                    opener,
                    f"{found['frames']:,}",
                    f"{found['seconds']:.3f}",
                    f"{found['peak_mb']:.0f}",
                ]
            )
            if opener == "Hemalum":
                worst = max(worst, found["seconds"])
    return Result(
        name="index",
        title="Slide open to index ready, 300,000 frames",
        command="make bench-ingest",
        columns=["file", "reader", "frames in level 0", "seconds", "peak RSS MB"],
        rows=rows,
        wanted=[(f"<= {MOST_INDEX_S:g} s", f"{worst:.2f} s", met(0 < worst <= MOST_INDEX_S))],
        others=others.share(),
        notes=[
            f"A fresh process each time, imports left out, file in the page cache; {options.rounds} rounds."
        ],
        versions={name: version_of(name) for name in ("tifffile", "wsidicom")},
        raw=raw,
    )


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["ingest", "index"], help="one of the two tables")
    options = parser.parse_args()
    if options.only != "ingest":
        index_report(options).finish(options.publish)
    if options.only != "index":
        ingest_report(options).finish(options.publish)


if __name__ == "__main__":
    main()
