"""Random level-0 tiles over HTTP: Hemalum beside OpenSlide DeepZoom, large_image and nginx with static files.

One slide (40,960 x 40,960 px SVS, 25,600 tiles of 256 px, JPEG 4:2:2 quality 80), 16 connections, the same
seeded order of tiles for every server. The servers take turns, one at a time, for several rounds; the table
gives medians over the rounds. wrk shares the processors with the server, nothing is pinned.

    .venv/bin/python benchmarks/tiles.py
"""

import argparse
import contextlib
import io
import json
import random
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from typing import Any

from PIL import Image

import material
from hemalum_node import Node
from measure import (
    BENCH_DATA,
    REPOSITORY,
    Result,
    Server,
    arguments,
    cpu_seconds,
    debian_version,
    fetch,
    free_port,
    median,
    memory,
    met,
    peer_python,
    program,
    quietest,
    version_of,
)

HEMALUM = "Hemalum, file in place"
RATIOS = {"OpenSlide DeepZoom": 20.0, "large_image, tiff source": 6.0, "nginx, static files": 0.5}
"""Least tiles/s wanted of Hemalum, as a multiple of theirs."""
MOST_CPU_US = 75
_SEED = 7
_CHECKED = 20


@dataclass(frozen=True)
class Target:
    """A running server, and how it names a tile."""

    name: str
    base: str
    path: Callable[[int, int], str]
    server: Server
    headers: dict[str, str] = field(default_factory=dict)
    """What shows a node that the ticket in the path is the asker's own."""


@dataclass(frozen=True)
class Round:
    """What one turn of one server gave."""

    tiles_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    rss_mb: float


# Servers


def start_hemalum() -> Target:
    """A node with the slide taken in by link and opened once, as a viewer does."""
    node = Node("tiles", [material.svs()])
    template = node.open(node.images[0]["image_id"])["tile_url"]

    def path(row: int, column: int) -> str:
        return str(template.format(level=0, plane=0, channel=0, row=row, column=column))

    return Target(HEMALUM, node.base, path, node.server, node.headers)


def start_python_peer(name: str, kind: str) -> Target:
    """A Python peer behind the bare ASGI server of peers/tile_server.py."""
    script = REPOSITORY / "benchmarks" / "peers" / "tile_server.py"
    base = f"http://127.0.0.1:{(port := free_port())}"
    command = [peer_python(), script, kind, material.svs(), str(port)]
    return Target(name, base, _jpg, Server(f"peer-{kind}", command, f"{base}/"))


def start_nginx(name: str, workers: str) -> Target:
    """nginx over the extracted tiles, as Debian sets it up, without its access log."""
    base = f"http://127.0.0.1:{(port := free_port())}"
    folder = BENCH_DATA / f"nginx-{workers}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nginx.conf").write_text(f"""
daemon off; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
  types {{ image/jpeg jpg; }}
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {material.static_tiles()}; }}
}}
""")
    command = [program("nginx", "nginx-light"), "-c", folder / "nginx.conf", "-p", folder]
    return Target(name, base, _jpg, Server(f"peer-nginx-{workers}", command, f"{base}/0/0.jpg"))


def _jpg(row: int, column: int) -> str:
    return f"/{row}/{column}.jpg"


STARTS: dict[str, Callable[[], Target]] = {
    HEMALUM: start_hemalum,
    "nginx, static files": lambda: start_nginx("nginx, static files", "auto"),
    "nginx, one worker": lambda: start_nginx("nginx, one worker", "1"),
    "large_image, tiff source": lambda: start_python_peer("large_image, tiff source", "large-image"),
    "large_image, openslide source": lambda: start_python_peer(
        "large_image, openslide source", "large-image-openslide"
    ),
    "OpenSlide DeepZoom": lambda: start_python_peer("OpenSlide DeepZoom", "openslide"),
}


# Turns


def shuffled_tiles(turns: int, turn: int) -> list[tuple[int, int]]:
    """All tiles in a seeded order, begun at another place in each turn so that no cache is asked twice."""
    tiles = [divmod(number, material.SVS_TILES) for number in range(material.SVS_TILES**2)]
    random.Random(_SEED).shuffle(tiles)
    start = turn * len(tiles) // turns
    return tiles[start:] + tiles[:start]


def take_turn(target: Target, number: int, options: argparse.Namespace) -> Round:
    """Warm up for a second, then load the server and read its processor time before and after."""
    turns = 2 * options.rounds
    request_tiles(target, shuffled_tiles(turns, 2 * number), 1, options.connections)
    before = cpu_seconds(target.server.pid)
    tiles = shuffled_tiles(turns, 2 * number + 1)
    found = request_tiles(target, tiles, options.seconds, options.connections)
    cpu_s = cpu_seconds(target.server.pid) - before
    if found["errors"]:
        raise SystemExit(f"{target.name} failed {found['errors']} of {found['requests']} requests.")
    return Round(
        tiles_s=found["requests"] / found["duration_us"] * 1e6,
        p50_ms=found["p50_us"] / 1e3,
        p99_ms=found["p99_us"] / 1e3,
        cpu_us=cpu_s / found["requests"] * 1e6,
        rss_mb=memory(target.server.pid).rss_mb,
    )


def request_tiles(
    target: Target, tiles: list[tuple[int, int]], seconds: int, connections: int
) -> dict[str, Any]:
    """Ask for the tiles one after the other with wrk, from the start again when the list ends."""
    listing = BENCH_DATA / "requests.txt"
    listing.write_text("".join(f"{target.path(row, column)}\n" for row, column in tiles))
    script = REPOSITORY / "benchmarks" / "requests.lua"
    how = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script)]
    how += [f"-H{name}: {value}" for name, value in target.headers.items()]
    done = subprocess.run(
        [program("wrk", "wrk"), *how, target.base, "--", str(listing)],
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare_answers(targets: list[Target]) -> str:
    """How many tiles of each server have the pixels, and the bytes, that the file holds.

    Raises:
        SystemExit: a server answered something that is not a whole tile.
    """
    tiles = shuffled_tiles(1, 0)[:_CHECKED]
    sentences = []
    for target in targets:
        same_bytes = same_pixels = 0
        for row, column in tiles:
            stored = (material.static_tiles() / str(row) / f"{column}.jpg").read_bytes()
            answer = fetch(target.base + target.path(row, column), target.headers)
            pixels = _pixels(answer)
            if len(pixels) != material.TILE**2 * 3:
                raise SystemExit(f"{target.name} did not answer a whole tile.")
            same_bytes += answer == stored
            same_pixels += pixels == _pixels(stored)
        sentences.append(f"{target.name} {same_pixels} pixels and {same_bytes} bytes")
    found = "; ".join(sentences)
    return f"Of {_CHECKED} tiles, those with the very pixels and bytes of the static file: {found}."


def _pixels(jpeg: bytes) -> bytes:
    return Image.open(io.BytesIO(jpeg)).convert("RGB").tobytes()


# Report


def report(
    rounds: dict[str, list[Round]], others: list[float], comparison: str, options: argparse.Namespace
) -> Result:
    """The table of medians over all rounds, and what was wanted."""
    middle = {name: middle_of(turns) for name, turns in rounds.items()}
    ours = middle.get(HEMALUM)
    rows = [
        [
            name,
            f"{turn.tiles_s:,.0f}",
            f"{turn.p50_ms:.1f}",
            f"{turn.p99_ms:.1f}",
            f"{turn.cpu_us:,.0f}",
            f"{turn.rss_mb:.0f}",
            f"{ours.tiles_s / turn.tiles_s:.2f}x" if ours else "",
            f"{turn.cpu_us / ours.cpu_us:.2f}x" if ours else "",
        ]
        for name, turn in middle.items()
    ]
    return Result(
        name="tiles",
        title="Random level-0 tiles over HTTP",
        command="make bench-tiles",
        columns=["server", "tiles/s", "p50 ms", "p99 ms", "CPU us/tile", "RSS MB", "Hemalum has", "by CPU"],
        rows=rows,
        others=sum(others) / len(others),
        wanted=wanted(ours, middle) if ours else [],
        notes=[
            f"{options.rounds} rounds of {options.seconds} s for each server in turn, medians; "
            f"{options.connections} connections from wrk on the same processors, nothing pinned.",
            "CPU is user and system time of the server and its children over the turn, without wrk. "
            '"Hemalum has" is its tiles/s as a multiple of theirs; "by CPU" the same in tiles per CPU '
            "second, which other programs on the machine disturb less.",
            comparison,
        ],
        versions=versions(),
        raw={name: [asdict(turn) for turn in turns] for name, turns in rounds.items()},
    )


def middle_of(turns: list[Round]) -> Round:
    """The median of each figure."""
    return Round(**{f.name: median([getattr(turn, f.name) for turn in turns]) for f in fields(Round)})


def wanted(ours: Round, middle: dict[str, Round]) -> list[tuple[str, str, str]]:
    """The targets of this project against what was measured."""
    lines = []
    for name, least in RATIOS.items():
        if name in middle:
            ratio = ours.tiles_s / middle[name].tiles_s
            lines.append((f">= {least:g}x the tiles/s of {name}", f"{ratio:.2f}x", met(ratio >= least)))
    lines.append(
        (f"<= {MOST_CPU_US} us of CPU a tile", f"{ours.cpu_us:.0f} us", met(ours.cpu_us <= MOST_CPU_US))
    )
    for name in RATIOS:
        if name in middle:
            theirs = middle[name].p99_ms
            what = f"{ours.p99_ms:.1f} against {theirs:.1f} ms"
            lines.append((f"p99 below {name}", what, met(ours.p99_ms < theirs)))
    return lines


def versions() -> dict[str, str]:
    """What was measured, by version."""
    peers = peer_python()
    return {
        "openslide-python": version_of("openslide-python", peers),
        "openslide-bin": version_of("openslide-bin", peers),
        "large-image": version_of("large-image", peers),
        "uvicorn": f"{version_of('uvicorn')} (peers {version_of('uvicorn', peers)})",
        "nginx": debian_version("nginx"),
        "wrk": debian_version("wrk"),
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="length of one turn")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--only", default="", help="only the servers whose name contains this")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        targets = []
        for name, start in STARTS.items():
            if options.only.lower() in name.lower():
                targets.append(start())
                stack.callback(targets[-1].server.close)
        comparison = compare_answers(targets)
        rounds: dict[str, list[Round]] = {target.name: [] for target in targets}
        others: list[float] = []
        for number in range(options.rounds):
            for target in targets:
                turn, share = quietest(partial(take_turn, target, number, options), options.patience)
                rounds[target.name].append(turn)
                others.append(share)
                print(
                    f"round {number + 1}: {target.name}: {turn.tiles_s:,.0f} tiles/s, "
                    f"{turn.cpu_us:.0f} us, others {share:.0%}",
                    flush=True,
                )
        result = report(rounds, others, comparison, options)
    result.finish(options.publish)


if __name__ == "__main__":
    main()
