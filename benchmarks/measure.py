"""What every benchmark shares: processes and their cost, the machine, the table, where results go."""

import argparse
import contextlib
import ctypes
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Self

REPOSITORY = Path(__file__).resolve().parent.parent
BENCH_DATA = REPOSITORY / "bench-data"
RESULTS = BENCH_DATA / "results"
REPORT = REPOSITORY / "docs" / "benchmarks.md"
PEER_PYTHON = REPOSITORY / ".tools" / "bench-venv" / "bin" / "python"
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


# Processes


@dataclass(frozen=True)
class Memory:
    """Memory of a process tree, MB (10^6 bytes)."""

    rss_mb: float
    """Sum of resident sizes. Pages shared by two processes count twice, mapped files count."""
    pss_mb: float
    """Sum of proportional sizes: shared pages are divided among those who map them."""
    processes: int


def tree(root: int) -> list[int]:
    """Process ids of `root` and all its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        fields = _stat_fields(int(entry.name))
        if fields is not None:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, frontier = [], [root]
    while frontier:
        pid = frontier.pop()
        if Path(f"/proc/{pid}").exists():
            found.append(pid)
        frontier.extend(children.get(pid, []))
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of the tree so far, including children that ended and were waited for."""
    total = 0
    for pid in tree(root):
        fields = _stat_fields(pid)
        if fields is not None:
            total += sum(int(value) for value in fields[11:15])
    return total / _TICKS_PER_SECOND


def memory(root: int) -> Memory:
    """Memory of the tree now."""
    pids = tree(root)
    return Memory(rss_bytes(pids) / 1e6, sum(map(pss_mb, pids)), len(pids))


def rss_bytes(pids: Sequence[int]) -> int:
    """Sum of the resident sizes of some processes."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, IndexError):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES
    return total


def _stat_fields(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat after the command name, or None when the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()


def pss_mb(pid: int) -> float:
    """Proportional size of one process, MB; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return int(found.group(1)) * 1024 / 1e6 if found else 0.0


def own_mb(pid: int) -> float:
    """The same without pages of files, such as the program's own, which other processes map as well."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.findall(r"^Pss_(?:Anon|Shmem):\s+(\d+)", text, re.MULTILINE)
    return sum(map(int, found)) * 1024 / 1e6


def peak_mb(pid: int) -> float:
    """The most that one process ever held in memory since it began its program, MB; 0 when it is gone."""
    with contextlib.suppress(OSError):
        held = re.search(r"^VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return int(held.group(1)) * 1024 / 1e6 if held else 0.0
    return 0.0


class PeakMemory:
    """Samples the memory of a process tree every few milliseconds and keeps the largest sums."""

    def __init__(self, root: int, interval_s: float = 0.01) -> None:
        self.rss_mb = 0.0
        self.pss_mb = 0.0
        self._root = root
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(self._interval_s):
            now = memory(self._root)
            self.rss_mb = max(self.rss_mb, now.rss_mb)
            self.pss_mb = max(self.pss_mb, now.pss_mb)


class Server:
    """A program that listens on a port of this machine, in its own process group, stopped at the end."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        ready_url: str,
        *,
        environment: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        folder: Path | None = None,
        wait_s: float = 60,
    ) -> None:
        """Start the program and wait until `ready_url` answers 200.

        Raises:
            SystemExit: it ended or did not answer in time; its last output is shown.
        """
        self.name = name
        self.log = BENCH_DATA / "logs" / f"{name.replace(' ', '-').replace('/', '-')}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._started = time.monotonic()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder or REPOSITORY,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        self._wait(ready_url, headers or {}, wait_s)
        self.ready_after_s = time.monotonic() - self._started

    @property
    def pid(self) -> int:
        return self._process.pid

    def _wait(self, url: str, headers: dict[str, str], wait_s: float) -> None:
        while time.monotonic() - self._started < wait_s:
            if self._process.poll() is not None:
                self._give_up("ended at once")
            with contextlib.suppress(OSError, urllib.error.HTTPError):
                request = urllib.request.Request(url, headers=headers)
                with urllib.request.urlopen(request, timeout=5) as answer:
                    if answer.status == 200:
                        return
            time.sleep(0.02)
        self._give_up(f"did not answer at {url} within {wait_s:.0f} s")

    def _give_up(self, reason: str) -> None:
        self.close()
        tail = self.log.read_text(errors="replace")[-2000:]
        raise SystemExit(f"{self.name} {reason}. Its last output ({self.log}):\n{tail}")

    def close(self) -> None:
        """Ask the program to end, then insist."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> bytes:
    """The body of an answer; a body to send makes it a POST.

    Raises:
        urllib.error.HTTPError: the answer is not a success.
    """
    request = urllib.request.Request(url, data=body, headers=headers or {})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return bytes(answer.read())


def program(name: str, package: str) -> str:
    """The path of a program of the operating system.

    Raises:
        SystemExit: it is not installed; says which Debian package has it.
    """
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        raise SystemExit(
            f"This benchmark needs {name}. On Debian: apt-get install -y --no-install-recommends {package}"
        )
    return found


def peer_python() -> Path:
    """The Python of the virtual environment that holds the peers.

    Raises:
        SystemExit: it was not made yet.
    """
    if not PEER_PYTHON.exists():
        raise SystemExit("The peers are not installed yet. Run: benchmarks/install-peers")
    return PEER_PYTHON


def hemalum_command() -> str:
    """The `hemalum` command beside the Python that runs the benchmark."""
    command = Path(sys.executable).parent / "hemalum"
    if not command.exists():
        raise SystemExit("Run the benchmarks with the project's Python: .venv/bin/python benchmarks/NAME.py")
    return str(command)


# Machine and results


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    cpuinfo = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    meminfo = re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return {
        "cores": os.cpu_count(),
        "cpu": model.group(1) if model else platform.processor(),
        "memory_gib": round(int(meminfo.group(1)) / 1024**2, 1) if meminfo else None,
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


class Others:
    """How much of the processors other programs took meanwhile: the doubt that belongs to every figure."""

    def __init__(self) -> None:
        _adopt_orphans()
        self._started_at = time.monotonic()
        self._busy_s, self._own_s = _busy_seconds(), cpu_seconds(os.getpid())

    def share(self) -> float:
        """Share of all processors, 0 to 1, taken since the start by programs that this one did not start."""
        wall_s = max(0.01, time.monotonic() - self._started_at)
        busy_s = _busy_seconds() - self._busy_s
        own_s = cpu_seconds(os.getpid()) - self._own_s
        return round(max(0.0, busy_s - own_s) / wall_s / (os.cpu_count() or 1), 3)


QUIET = 0.15
"""Share of the processors that others may take before a measurement is worth repeating."""


def quietest[T](measure: Callable[[], T], patience_s: float) -> tuple[T, float]:
    """Measure, and again while others take more than QUIET and there is patience.

    Returns the quietest measurement with the share of others. The choice looks at the other programs only,
    never at the figure.
    """
    end = time.monotonic() + patience_s
    best: tuple[T, float] | None = None
    while True:
        settle(end - time.monotonic())
        others = Others()
        found, share = measure(), others.share()
        if best is None or share < best[1]:
            best = (found, share)
        if share <= QUIET or time.monotonic() > end:
            return best


def settle(patience_s: float) -> None:
    """Wait until others leave the processors alone for a second, not longer than there is patience."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        others = Others()
        time.sleep(1)
        if others.share() <= QUIET:
            return


def _adopt_orphans() -> None:
    """Have processes that their parents left behind counted as ours, as those of a browser are.

    prctl(2), PR_SET_CHILD_SUBREAPER. Those that end stay as zombies until this process ends, so their time
    counts.
    """
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def _busy_seconds() -> float:
    """Time that all processors together did not idle, since the machine started."""
    times = [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(times) - times[3] - times[4]) / _TICKS_PER_SECOND


def version_of(distribution: str, python: Path | None = None) -> str:
    """The installed version of a Python package, here or in another environment."""
    if python is None:
        return metadata.version(distribution)
    code = f"from importlib.metadata import version; print(version({distribution!r}))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def debian_version(package: str) -> str:
    """The installed version of a Debian package, or "unknown"."""
    query = subprocess.run(
        ["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False
    )
    return query.stdout.strip() or "unknown"


def commit() -> str:
    """The commit the figures belong to."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=10"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


@dataclass
class Result:
    """What one benchmark found, ready to be printed, kept and pasted into docs/benchmarks.md."""

    name: str
    title: str
    command: str
    columns: list[str]
    rows: list[list[str]]
    wanted: list[tuple[str, str, str]] = field(default_factory=list)
    """(what was wanted, what was measured, "yes" | "no" | "not measured")."""
    notes: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    """Every single round, for those who want to look again."""
    others: float = 0.0
    """Share of the processors that other programs took while this was measured."""

    def markdown(self) -> str:
        where = machine()
        lines = [
            f"### {self.title}",
            "",
            f"`{self.command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit()}. "
            f"{where['cores']} cores {where['cpu']}, {where['memory_gib']} GiB, Linux {where['kernel']}, "
            f"Python {where['python']}. Other programs took {self.others:.0%} of the processors meanwhile "
            f"(load {os.getloadavg()[0]:.1f} at the end, ours included).",
            "",
            *table(self.columns, self.rows),
        ]
        if self.wanted:
            lines += ["", *table(["wanted", "measured", "met"], [list(row) for row in self.wanted])]
        if self.versions:
            listed = ", ".join(f"{name} {version}" for name, version in self.versions.items())
            lines += ["", f"Versions: {listed}."]
        lines += ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n".join(lines) + "\n"

    def finish(self, publish: bool) -> None:
        """Print the table, keep it as Markdown and JSON, and put it into the report when asked."""
        text = self.markdown()
        print("\n" + text)
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{self.name}.md").write_text(text)
        record = {
            "name": self.name,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": commit(),
            "machine": machine(),
            "others": self.others,
            "load": os.getloadavg(),
            "versions": self.versions,
            "columns": self.columns,
            "rows": self.rows,
            "wanted": self.wanted,
            "raw": self.raw,
        }
        (RESULTS / f"{self.name}.json").write_text(json.dumps(record, indent=1) + "\n")
        with (RESULTS / "history.jsonl").open("a") as history:
            history.write(json.dumps(record) + "\n")
        print(f"Kept as {RESULTS.relative_to(REPOSITORY)}/{self.name}.json and .md")
        if publish:
            _publish(self.name, text)


def _publish(name: str, text: str) -> None:
    """Replace the part of docs/benchmarks.md between the markers of this benchmark."""
    begin, end = f"<!-- {name}: written by the benchmark -->", f"<!-- {name}: end -->"
    report = REPORT.read_text()
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(report):
        raise SystemExit(f"{REPORT} has no place for {name}: it needs the lines {begin} and {end}")
    REPORT.write_text(pattern.sub(lambda _: f"{begin}\n{text}{end}", report))
    print(f"Put into {REPORT.relative_to(REPOSITORY)}")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table whose columns line up when read as text."""
    widths = [max(len(str(row[i])) for row in [columns, *rows]) for i in range(len(columns))]

    def line(cells: Sequence[str]) -> str:
        padded = (str(cell).ljust(width) for cell, width in zip(cells, widths, strict=True))
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [line(columns), rule, *(line(row) for row in rows)]


def median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, int(share * len(ordered) + 0.999999) - 1))]


def met(condition: bool) -> str:
    return "yes" if condition else "no"


def arguments(description: str) -> argparse.ArgumentParser:
    """The options that all benchmarks have."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--publish",
        action="store_true",
        help="put the table into docs/benchmarks.md",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=0,
        metavar="SECONDS",
        help="on a busy machine: how long to wait for, and repeat towards, a quiet moment for each figure",
    )
    return parser


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Say what goes on and how long it took."""
    print(f"{what} ...", end=" ", flush=True)
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:.1f} s", flush=True)
