"""One frame over WADO-RS: Hemalum beside Orthanc with its DICOMweb plug-in, from the same DICOM instances.

A series of VL Whole Slide Microscopy instances (JPEG baseline, 25,600, 1,600 and 100 frames of 256 px);
random frames, one at a time over a kept connection and then over four at once. Both answer the stored JPEG;
the bytes are compared.

    .venv/bin/python benchmarks/dicomweb.py
"""

import argparse
import contextlib
import http.client
import json
import random
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pydicom

import material
from hemalum_node import Node
from measure import (
    BENCH_DATA,
    Result,
    Server,
    arguments,
    cpu_seconds,
    debian_version,
    fetch,
    free_port,
    median,
    memory,
    percentile,
    program,
    quietest,
    step,
)

ACCEPT = 'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50'
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
LEVELS = {25_600: "level-1.dcm", 1_600: "level-4.dcm"}
_SEED = 11


@dataclass(frozen=True)
class Target:
    """A running DICOMweb service."""

    name: str
    base: str
    headers: dict[str, str]
    server: Server


@dataclass(frozen=True)
class Figures:
    """What asking one service for frames of one instance gave."""

    first_ms: float
    p50_ms: float
    p99_ms: float
    asked: int
    cpu_ms: float
    rss_mb: float


def start_hemalum() -> Target:
    """A node with the series taken in by link."""
    node = Node("dicomweb", [material.dicom_folder()])
    return Target("Hemalum", f"{node.base}/dicomweb", node.headers, node.server)


def start_orthanc() -> Target:
    """Orthanc with an empty store and SQLite, the instances stored over its REST interface."""
    if not PLUGIN.exists():
        raise SystemExit("This benchmark needs: apt-get install --no-install-recommends orthanc-dicomweb")
    folder = BENCH_DATA / "orthanc"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    base = f"http://127.0.0.1:{(port := free_port())}"
    settings = {
        "StorageDirectory": str(folder / "store"),
        "IndexDirectory": str(folder / "store"),
        "HttpPort": port,
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "KeepAlive": True,
        "HttpThreadsCount": 16,
        "StorageAccessOnFind": "Never",
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": False},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings, indent=1))
    command = [program("Orthanc", "orthanc"), folder / "orthanc.json"]
    server = Server("peer-orthanc", command, f"{base}/system")
    with step("Storing the series in Orthanc"):
        for path in sorted(material.dicom_folder().glob("*.dcm")):
            fetch(f"{base}/instances", {"Content-Type": "application/dicom"}, path.read_bytes())
    return Target("Orthanc", f"{base}/dicom-web", {}, server)


def frame_url(base: str, path: Path) -> Callable[[int], str]:
    """How the frames of an instance are addressed; frames count from 1 (PS3.18 section 10.4.1.1.6)."""
    header = pydicom.dcmread(path, stop_before_pixels=True)
    instance = (
        f"{urlsplit(base).path}/studies/{header.StudyInstanceUID}/series/{header.SeriesInstanceUID}"
        f"/instances/{header.SOPInstanceUID}"
    )
    return lambda frame: f"{instance}/frames/{frame}"


class Connection:
    """One kept HTTP connection to a service."""

    def __init__(self, target: Target) -> None:
        self._http = http.client.HTTPConnection(urlsplit(target.base).netloc, timeout=120)
        self._headers = {**target.headers, "Accept": ACCEPT}
        self._name = target.name

    def frame(self, url: str) -> tuple[float, bytes]:
        """Seconds until the whole answer was there, and the JPEG in it."""
        started = time.perf_counter()
        self._http.request("GET", url, headers=self._headers)
        answer = self._http.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - started
        if answer.status != 200:
            raise SystemExit(f"{self._name} answered {answer.status} to {url}: {body[:300]!r}")
        return seconds, body[body.index(b"\xff\xd8\xff") : body.rindex(b"\xff\xd9") + 2]


def measure(target: Target, frames: int, at_most_s: float) -> Figures:
    """Ask for random frames one at a time, for some seconds or 2,000 frames."""
    url = frame_url(target.base, material.dicom_folder() / LEVELS[frames])
    wanted = random.Random(_SEED).choices(range(1, frames + 1), k=2_000)
    connection = Connection(target)
    times: list[float] = []
    before, started = cpu_seconds(target.server.pid), time.monotonic()
    for frame in wanted:
        times.append(connection.frame(url(frame))[0])
        if time.monotonic() - started > at_most_s and len(times) > 3:
            break
    cpu_s = cpu_seconds(target.server.pid) - before
    later = times[1:]
    return Figures(
        first_ms=times[0] * 1e3,
        p50_ms=median(later) * 1e3,
        p99_ms=percentile(later, 0.99) * 1e3,
        asked=len(times),
        cpu_ms=cpu_s / len(times) * 1e3,
        rss_mb=memory(target.server.pid).rss_mb,
    )


def frames_per_second(target: Target, frames: int, seconds: float, connections: int = 4) -> float:
    """Frames a second over several connections, from Python threads: a lower bound for fast servers."""
    url = frame_url(target.base, material.dicom_folder() / LEVELS[frames])
    end = time.monotonic() + seconds

    def ask(seed: int) -> int:
        connection, chosen, count = Connection(target), random.Random(seed), 0
        while time.monotonic() < end:
            connection.frame(url(chosen.randrange(1, frames + 1)))
            count += 1
        return count

    started = time.monotonic()
    with ThreadPoolExecutor(connections) as pool:
        total = sum(pool.map(ask, range(connections)))
    return total / (time.monotonic() - started)


def compare(targets: list[Target]) -> str:
    """How many of some frames have the bytes of the instance, by service."""
    sentences = []
    path = material.dicom_folder() / LEVELS[1_600]
    with path.open("rb") as file:
        stored = list(pydicom.encaps.generate_frames(pydicom.dcmread(file).PixelData, number_of_frames=1_600))
    for target in targets:
        url, connection = frame_url(target.base, path), Connection(target)
        chosen = random.Random(_SEED).sample(range(1_600), 10)
        same = sum(connection.frame(url(n + 1))[1] == stored[n].rstrip(b"\x00") for n in chosen)
        sentences.append(f"{target.name} {same} of {len(chosen)}")
    return f"Frames with the very bytes of the instance: {', '.join(sentences)}."


def report(options: argparse.Namespace) -> Result:
    """Run both services and make the table."""
    with contextlib.ExitStack() as stack:
        targets = []
        for start in (start_hemalum, start_orthanc):
            if options.only.lower() in start.__name__:
                targets.append(start())
                stack.callback(targets[-1].server.close)
        comparison = compare(targets)
        shares: list[float] = []
        rows, raw, middle = [], {}, {}
        for frames in LEVELS:
            for target in targets:
                one = partial(measure, target, frames, options.seconds)
                figures, share = quietest(one, options.patience)
                shares.append(share)
                rate = frames_per_second(target, frames, options.seconds)
                middle[target.name, frames] = figures.p50_ms
                raw[f"{target.name} {frames}"] = {**vars(figures), "frames_s": rate}
                rows.append(row_of(target.name, frames, figures, rate))
                print(rows[-1], flush=True)
    ratios = [
        f"{frames:,} frames: {middle['Orthanc', frames] / middle['Hemalum', frames]:,.0f}x"
        for frames in LEVELS
        if ("Orthanc", frames) in middle and ("Hemalum", frames) in middle
    ]
    return Result(
        name="dicomweb",
        title="One frame over WADO-RS",
        command="make bench-dicomweb",
        columns=[
            "service",
            "frames in the instance",
            "first ms",
            "p50 ms",
            "p99 ms",
            "CPU ms/frame",
            "RSS MB",
            "frames/s, 4 at once",
        ],
        rows=rows,
        others=sum(shares) / len(shares),
        notes=[
            f"How much sooner Hemalum answers (medians): {'; '.join(ratios) or 'not measured'}.",
            "Random frames over one kept connection, then over four from Python threads; the client shares "
            "the processors. Orthanc is Debian's, which is older than the current one.",
            comparison,
        ],
        versions={
            "orthanc": debian_version("orthanc"),
            "orthanc-dicomweb": debian_version("orthanc-dicomweb"),
        },
        raw=raw,
    )


def row_of(name: str, frames: int, figures: Figures, rate: float) -> list[str]:
    """One line of the table."""
    return [
        name,
        f"{frames:,}",
        f"{figures.first_ms:,.1f}",
        f"{figures.p50_ms:,.1f}",
        f"{figures.p99_ms:,.1f}",
        f"{figures.cpu_ms:,.2f}",
        f"{figures.rss_mb:,.0f}",
        f"{rate:,.1f}",
    ]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="most time for each row")
    parser.add_argument("--only", default="", help="hemalum or orthanc alone")
    options = parser.parse_args()
    report(options).finish(options.publish)


if __name__ == "__main__":
    main()
