"""What Chinese scanners write, beside an SVS: opening a file with 349,525 tiles, and tiles over HTTP.

Opening: the sparse files of `hemalum.testing.domestic_writers`, from `open_slide` to an index ready to serve,
median of several; a KFBF of six channels has 2,097,150 frames. Serving: one picture (4,096 px, 256 tiles of
level 0) as SVS and in each format, one node, the slides in turn; only the file differs.

    .venv/bin/python benchmarks/domestic.py
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import tifffile

import material
from hemalum.formats.wsi import open_slide
from hemalum.testing.domestic_writers.kfb import write_huge_kfb, write_kfb
from hemalum.testing.domestic_writers.kfbf import write_huge_kfbf
from hemalum.testing.domestic_writers.mdsx import write_huge_mdsx, write_mdsx
from hemalum.testing.domestic_writers.sdpc import write_huge_sdpc, write_sdpc
from hemalum.testing.domestic_writers.zyp import write_huge_zyp, write_zyp
from hemalum_node import Node
from measure import (
    BENCH_DATA,
    Result,
    arguments,
    cpu_seconds,
    debian_version,
    median,
    memory,
    met,
    quietest,
)
from tiles import Round, Target, middle_of, request_tiles

MOST_OPENING_S = 1.0
TABLE_TILES = 300_000
MOST_RATIO = 1.2
SVS = "SVS"
_SEED = 7
_HUGE: dict[str, Callable[[Path], object]] = {
    "KFB": write_huge_kfb,
    "KFBF, 6 channels": write_huge_kfbf,
    "SDPC": write_huge_sdpc,
    "ZYP": write_huge_zyp,
    "MDSX": write_huge_mdsx,
}


def huge(name: str) -> Path:
    """The file with the long table, written once."""
    path = BENCH_DATA / "domestic" / f"huge-{name.split(',')[0].lower()}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _HUGE[name](path)
    return path


def open_once(path: Path) -> tuple[float, float, int]:
    """Wall and processor seconds from the path to a ready index, and its frames."""
    wall, cpu = time.perf_counter(), time.process_time()
    with open_slide(path) as slide:
        index = slide.frame_index
        assert index is not None
        return time.perf_counter() - wall, time.process_time() - cpu, index.frame_count


def open_often(path: Path, rounds: int) -> list[tuple[float, float, int]]:
    """The same several times."""
    return [open_once(path) for _ in range(rounds)]


def served() -> dict[str, Path]:
    """One picture in every format."""
    folder = BENCH_DATA / "domestic"
    side = (material.TILE, material.TILE)
    writers: dict[str, Callable[[Path, Any], object]] = {
        "KFB": write_kfb,
        "SDPC": partial(write_sdpc, tile_px=side),
        "ZYP": write_zyp,
        "MDSX": write_mdsx,
    }
    found = {SVS: folder / "slide.svs"}
    if not found[SVS].exists():
        # The quality of the other writers, so that tiles are as long.
        about = "Aperio Image Library v12.0.0 \r\n|AppMag = 40|MPP = 0.25"
        options = {"compression": "jpeg", "compressionargs": {"level": 90}, "subsampling": (2, 1)}
        tifffile.imwrite(found[SVS], material.field(), tile=side, description=about, metadata=None, **options)
    for name, write in writers.items():
        found[name] = folder / f"slide.{name.lower()}"
        if not found[name].exists():
            write(found[name], material.field())
    return found


def take_turn(target: Target, options: argparse.Namespace) -> Round:
    """Warm up for a second, then load the server and read its processor time before and after."""
    tiles = [divmod(number, material.BANK) for number in range(material.BANK**2)]
    random.Random(_SEED).shuffle(tiles)
    request_tiles(target, tiles, 1, options.connections)
    before = cpu_seconds(target.server.pid)
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


def targets_of(node: Node, slides: dict[str, Path]) -> list[Target]:
    """The slides of a node as it serves them, opened once as a viewer does."""
    targets = []
    for name, image in zip(slides, node.images, strict=True):
        template = node.open(image["image_id"])["tile_url"]

        def path(row: int, column: int, template: str = template) -> str:
            return str(template.format(level=0, plane=0, channel=0, row=row, column=column))

        targets.append(Target(name, node.base, path, node.server, node.headers))
    return targets


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="length of one turn")
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    shares: list[float] = []
    opened = {}
    for name in _HUGE:
        path = huge(name)
        open_once(path)
        opened[name], share = quietest(partial(open_often, path, options.rounds), options.patience)
        shares.append(share)
    slides = served()
    rounds: dict[str, list[Round]] = {name: [] for name in slides}
    with Node("domestic", list(slides.values())) as node:
        for number in range(options.rounds):
            for target in targets_of(node, slides):
                turn, share = quietest(partial(take_turn, target, options), options.patience)
                rounds[target.name].append(turn)
                shares.append(share)
                print(
                    f"round {number + 1}: {target.name}: {turn.tiles_s:,.0f} tiles/s, {turn.cpu_us:.0f} us",
                    flush=True,
                )
    report(opened, rounds, sum(shares) / len(shares), options).finish(options.publish)


def report(
    opened: dict[str, list[tuple[float, float, int]]],
    rounds: dict[str, list[Round]],
    others: float,
    options: argparse.Namespace,
) -> Result:
    """Medians, and what was wanted."""
    middle = {name: middle_of(turns) for name, turns in rounds.items()}
    rows, wanted = [], []
    for name in {**opened, **middle}:
        took = opened.get(name)
        turn = middle.get(name)
        wall = median([one[0] for one in took]) if took else None
        rows.append([
            name,
            f"{took[0][2]:,}" if took else "",
            f"{wall:.2f}" if wall is not None else "",
            f"{median([one[1] for one in took]):.2f}" if took else "",
            f"{turn.tiles_s:,.0f}" if turn else "",
            f"{turn.p99_ms:.1f}" if turn else "",
            f"{turn.cpu_us:.0f}" if turn else "",
            f"{turn.cpu_us / middle[SVS].cpu_us:.2f}x" if turn else "",
        ])  # fmt: skip
        if wall is not None:
            wanted.append(
                (
                    f"{name} open <= {MOST_OPENING_S:g} s at {TABLE_TILES:,} tiles",
                    f"{wall:.2f} s",
                    met(wall <= MOST_OPENING_S),
                )
            )
        if turn and name != SVS:
            ratio = turn.cpu_us / middle[SVS].cpu_us
            wanted.append(
                (f"{name} tiles <= {MOST_RATIO}x the CPU of SVS", f"{ratio:.2f}x", met(ratio <= MOST_RATIO))
            )
    return Result(
        name="domestic",
        title="What Chinese scanners write",
        command="make bench-domestic",
        columns=["format", "frames", "open s", "open CPU s", "tiles/s", "p99 ms", "CPU us/tile", "of SVS"],
        rows=rows,
        wanted=wanted,
        notes=[
            f"Synthetic files; no real file was seen. {options.rounds} rounds of {options.seconds} s, "
            f"medians; {options.connections} connections from wrk.",
            "Frames are of the file that is opened: 349,525 tiles in all levels, times six channels in KFBF.",
        ],
        others=others,
        versions={"wrk": debian_version("wrk")},
        raw={
            "opened": opened,
            "rounds": {name: [asdict(turn) for turn in turns] for name, turns in rounds.items()},
        },
    )


if __name__ == "__main__":
    main()
