"""Damaged slides by the thousand: readers must refuse them with one sentence or read them, and nothing else.

Mutation `number` of a run with `seed` is always the same, so that a failure is repeated by `mutate` from the
two numbers in its report. Files are opened in a child process with little memory and time; a child that dies
or hangs is a failure like any other, and the run goes on in a new one.
"""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.colour import check_colour
from hemalum.formats.wsi.slide import Slide
from hemalum.kernel.errors import Invalid, UnreadableSlide
from hemalum.kernel.geometry import PixelRegion

_EXTREMES = (0, 1, 2, 7, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_HUGE = (1 << 40, (1 << 63) - 1, (1 << 64) - 1)
_HEAD_BYTES = 2048
_TAIL_BYTES = 2048
"""Where files that are no TIFF may have their index."""
_MAX_DIRECTORIES = 64
_PATIENCE = 15
"""Wall time allowed for one file, in multiples of its processor time: test machines are busy."""


@dataclass(frozen=True, slots=True)
class FuzzFailure:
    """A damaged file that did something else than being read or refused."""

    seed: int
    number: int
    sample: str
    what: str


@dataclass(frozen=True, slots=True)
class FuzzReport:
    """What became of all mutations."""

    opened: int
    refused: int
    failures: tuple[FuzzFailure, ...]


def run_fuzz(
    samples: Sequence[Sequence[Path]],
    mutations: int,
    seed: int,
    *,
    first: int = 0,
    memory_mib: int = 1024,
    seconds: float = 2.0,
) -> FuzzReport:
    """Open `mutations` damaged copies of the samples, in children.

    Each sample is the files of one slide. `memory_mib` is what a child may use on top of its libraries;
    `seconds` is the processor time one file may take. About 5 ms each for small samples.
    """
    opened = refused = 0
    failures: list[FuzzFailure] = []
    number, end = first, first + mutations
    with tempfile.TemporaryDirectory() as folder:
        while number < end:
            job = {
                "samples": [[str(path) for path in sample] for sample in samples],
                "seed": seed,
                "first": number,
                "end": end,
                "folder": folder,
                "memory_mib": memory_mib,
                "seconds": seconds,
            }
            for number, outcome, what in _run_child(job):
                opened += outcome == "opened"
                refused += outcome == "refused"
                if outcome == "failed":
                    name = samples[_choice(samples, seed, number)][0].name
                    failures.append(FuzzFailure(seed, number, name, what))
            number += 1
    return FuzzReport(opened, refused, tuple(failures))


def mutate(samples: Sequence[Sequence[Path]], seed: int, number: int) -> list[bytes]:
    """The files of damaged slide `number`: one of them, or more, changed in one to three ways."""
    rng = np.random.default_rng([seed, number, 1])
    files = [path.read_bytes() for path in samples[_choice(samples, seed, number)]]
    other = samples[int(rng.integers(len(samples)))][0].read_bytes()
    hit = int(rng.integers(len(files)))
    damaged = bytearray(files[hit])
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        change = _CHANGES[int(rng.integers(len(_CHANGES)))]
        damaged = change(damaged, other, rng)
    files[hit] = bytes(damaged)
    return files


def _choice(samples: Sequence[Sequence[Path]], seed: int, number: int) -> int:
    return int(np.random.default_rng([seed, number, 0]).integers(len(samples)))


def _flip_bits(data: bytearray, _: bytes, rng: np.random.Generator) -> bytearray:
    for _bit in range(int(rng.integers(1, 9))):
        if data:
            data[_place(data, rng)] ^= 1 << int(rng.integers(8))
    return data


def _set_integer(data: bytearray, _: bytes, rng: np.random.Generator) -> bytearray:
    """An extreme value in place of 1, 2, 4 or 8 bytes near the header."""
    width = int(rng.choice([1, 2, 4, 8]))
    at = _place(data, rng) if data else 0
    data[at : at + width] = _extreme(rng, width, "little" if rng.random() < 0.5 else "big")
    return data


def _set_tag(data: bytearray, _: bytes, rng: np.random.Generator) -> bytearray:
    """An extreme type, count or value in a TIFF tag."""
    tiff = _TiffPlaces(data)
    if not tiff.entries:
        return _set_integer(data, b"", rng)
    at = tiff.entries[int(rng.integers(len(tiff.entries)))]
    value = (4 + tiff.word, tiff.word)
    places = [(0, 2), (2, 2), (4, tiff.word), value, value, value]
    offset, width = places[int(rng.integers(len(places)))]
    data[at + offset : at + offset + width] = _extreme(rng, width, tiff.order)
    return data


def _link_directories(data: bytearray, _: bytes, rng: np.random.Generator) -> bytearray:
    """The link of a TIFF directory to itself, to another one, or to nowhere."""
    tiff = _TiffPlaces(data)
    if not tiff.links:
        return _set_integer(data, b"", rng)
    at = tiff.links[int(rng.integers(len(tiff.links)))]
    targets = [*tiff.directories, len(data) - 1, len(data) + 1000, 1, at]
    target = targets[int(rng.integers(len(targets)))]
    data[at : at + tiff.word] = (
        target.to_bytes(8, "little")[: tiff.word]
        if tiff.order == "little"
        else (target.to_bytes(tiff.word, "big"))
    )
    return data


def _inflate_tag_count(data: bytearray, _: bytes, rng: np.random.Generator) -> bytearray:
    tiff = _TiffPlaces(data)
    if not tiff.directories:
        return _set_integer(data, b"", rng)
    at = tiff.directories[int(rng.integers(len(tiff.directories)))]
    width = 8 if tiff.word == 8 else 2
    data[at : at + width] = _extreme(rng, width, tiff.order)
    return data


def _truncate(data: bytearray, _: bytes, rng: np.random.Generator) -> bytearray:
    end = _place(data, rng) if data else 0
    return data[:end]


def _splice(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    """The front of one file and the back of another."""
    if not data or not other:
        return data
    here, there = _place(data, rng), int(rng.integers(len(other)))
    return data[:here] + other[here if rng.random() < 0.5 else there :]


def _move(data: bytearray, _: bytes, rng: np.random.Generator) -> bytearray:
    """A few bytes more or fewer, so that all after them is displaced."""
    if not data:
        return data
    at, count = _place(data, rng), int(rng.integers(1, 40))
    if rng.random() < 0.5:
        return data[:at] + data[at + count :]
    return data[:at] + bytes(rng.integers(0, 256, count, dtype=np.uint8)) + data[at:]


def _blank_out(data: bytearray, _: bytes, rng: np.random.Generator) -> bytearray:
    at, count = (_place(data, rng) if data else 0), int(rng.integers(1, 400))
    count = min(count, len(data) - at)
    data[at : at + count] = (b"\x00" if rng.random() < 0.5 else b"\xff") * count
    return data


_CHANGES = (
    _flip_bits,
    _set_integer,
    _set_tag,
    _set_tag,
    _link_directories,
    _inflate_tag_count,
    _truncate,
    _splice,
    _move,
    _blank_out,
)


def _place(data: bytearray, rng: np.random.Generator) -> int:
    """A byte of the file: mostly where its structure is told, sometimes anywhere."""
    kind = rng.random()
    tiff = _TiffPlaces(data)
    if kind < 0.5 and tiff.directories:
        start = tiff.directories[int(rng.integers(len(tiff.directories)))]
        return min(len(data) - 1, start + int(rng.integers(0, 400)))
    if kind < 0.3:
        return len(data) - 1 - int(rng.integers(min(len(data), _TAIL_BYTES)))
    if kind < 0.8:
        return int(rng.integers(min(len(data), _HEAD_BYTES)))
    return int(rng.integers(len(data)))


def _extreme(rng: np.random.Generator, width: int, order: Literal["little", "big"]) -> bytes:
    values = _EXTREMES + (_HUGE if width == 8 else ())
    value = values[int(rng.integers(len(values)))]
    if rng.random() < 0.3:
        value = int(rng.integers(0, 1 << int(rng.integers(1, 32))))
    return (value & ((1 << 8 * width) - 1)).to_bytes(width, order)


class _TiffPlaces:
    """Where the directories of a TIFF are, as far as it still is one."""

    def __init__(self, data: bytearray) -> None:
        self.directories: list[int] = []
        self.entries: list[int] = []
        self.links: list[int] = []
        self.word = 4
        magic = bytes(data[:2])
        self.order: Literal["little", "big"] = "big" if magic == b"MM" else "little"
        if magic not in (b"II", b"MM") or len(data) < 16:
            return
        is_big = int.from_bytes(data[2:4], self.order) == 43
        self.word = 8 if is_big else 4
        link = 8 if is_big else 4
        while len(self.directories) < _MAX_DIRECTORIES:
            self.links.append(link)
            at = int.from_bytes(data[link : link + self.word], self.order)
            counted = 8 if is_big else 2
            if not 8 <= at < len(data) - counted or at in self.directories:
                return
            self.directories.append(at)
            count = min(int.from_bytes(data[at : at + counted], self.order), 200)
            size = 20 if is_big else 12
            self.entries += [at + counted + size * n for n in range(count)]
            link = at + counted + size * count
            if link + self.word > len(data):
                return


def _run_child(job: dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    """(number, outcome, what) of each mutation until the job is done or the child is."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    number = job["first"]
    with tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(
            [sys.executable, "-m", "hemalum.testing.fuzz", json.dumps(job)],
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=environment,
        )
        assert child.stdout is not None
        with child, child.stdout:
            unread = b""
            while True:
                ready, _, _ = select.select([child.stdout], [], [], 30 + _PATIENCE * job["seconds"])
                received = os.read(child.stdout.fileno(), 65536) if ready else b""
                if not received:
                    break
                *lines, unread = (unread + received).split(b"\n")
                for line in lines:
                    outcome, what = json.loads(line)
                    yield number, outcome, what
                    number += 1
            child.kill()
            code = child.wait()
        if number < job["end"]:
            yield number, "failed", _cause_of_death(code, bool(ready), complaints.read)


def _cause_of_death(code: int, ended_by_itself: bool, complaints: Any) -> str:
    if not ended_by_itself:
        return "it hung"
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    last = complaints().decode("utf-8", "replace").strip().splitlines()[-1:]
    return f"the process died: {name} {''.join(last)}".strip()


def main() -> None:
    """The child: open every damaged slide of a job, one line of JSON for each."""
    job = json.loads(sys.argv[1])
    samples = [[Path(path) for path in sample] for sample in job["samples"]]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries that print must not disturb the answers
    _import_codecs(samples)
    _limit_memory(job["memory_mib"])
    for number in range(job["first"], job["end"]):
        _limit_cpu(job["seconds"])
        files = mutate(samples, job["seed"], number)
        paths = [Path(job["folder"]) / f"damaged-{n}" for n in range(len(files))]
        for path, content in zip(paths, files, strict=True):
            path.write_bytes(content)
        began = time.process_time()
        outcome, what = _outcome(paths)
        spent = time.process_time() - began
        if spent > job["seconds"]:
            outcome, what = "failed", f"it took {spent:.1f} s"
        answers.write(json.dumps([outcome, what]) + "\n")
        answers.flush()


def _import_codecs(samples: list[list[Path]]) -> None:
    """Load every library before memory is limited and time is taken."""
    for sample in samples:
        _outcome(sample)


def _outcome(paths: list[Path]) -> tuple[str, str]:
    try:
        with open_slide(paths) as slide:
            _read_a_little(slide, paths)
    except (UnreadableSlide, Invalid) as error:
        said = str(error)
        if not said.endswith(".") or "\n" in said or len(said) > 400:
            return "failed", f"not one sentence: {said[:200]}"
        return "refused", said
    except Exception as error:
        return "failed", f"{type(error).__name__}: {error}"[:300]
    return "opened", ""


def _read_a_little(slide: Slide, paths: list[Path]) -> None:
    """A region of every level, each associated image, the colour gate and the index."""
    description = slide.description
    for number, level in enumerate(description.levels):
        x, y = level.size.width_px // 2, level.size.height_px // 2
        slide.read_level(number, PixelRegion(x, y, 64, 64))
    if slide.frame_index is not None:
        slide.frame_index.to_bytes()
        check_colour(slide, paths, samples=2)
    for kind in description.associated:
        slide.read_associated(kind)


def _limit_memory(memory_mib: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + (memory_mib << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(seconds: float) -> None:
    """Let the next file use a little more than it may, so that a loop ends by a signal."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + 2 * seconds) + 2, hard))


if __name__ == "__main__":
    main()
