"""What sealing costs: tiles from sealed and plain blobs over HTTP, and sealing as such beside age.

One slide (40,960 x 40,960 px SVS) is kept by three nodes: as it is, sealed with AES-256-GCM, and sealed with
SM4-GCM. They take turns and are asked for the same tiles in the same seeded order, as in tiles.py. And the
file of the slide is sealed to another file and opened again, by us and by age (pyrage), each in one thread of
a process of its own.

    .venv/bin/python benchmarks/trust_sealing.py
"""

import argparse
import contextlib
import json
import subprocess
import sys
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path

import material
from hemalum_node import Node
from measure import (
    BENCH_DATA,
    Others,
    Result,
    arguments,
    cpu_seconds,
    median,
    met,
    peer_python,
    quietest,
    version_of,
)
from tiles import Target, request_tiles, shuffled_tiles

PLAIN, AES, SM4 = "plain", "AES-256-GCM", "SM4-GCM"
SETTINGS = {PLAIN: "off", AES: "aes-256-gcm", SM4: "sm4-gcm"}
MOST_EXTRA_US = {AES: 50, SM4: 600}
MOST_OF_P95 = 0.05
AGE_NAME = "age (pyrage)"
OURS = """
import sys, time
from pathlib import Path
from hemalum.runtime.blobs import PIECE_BYTES, Digests, file_pieces
from hemalum.runtime.crypto.sealed import DataKey, Suite, seal_pieces
from hemalum.runtime.crypto.source import SealedSource
from hemalum.formats.wsi.source import FileSource
source, target = Path(sys.argv[1]), Path(sys.argv[2])
key = DataKey("slide", Suite(sys.argv[3]), bytes(range(32)))
def seal():
    pieces = file_pieces(source)
    with target.open("wb") as file:
        file.writelines(seal_pieces(key, "place", Digests().passing(pieces) if DIGESTS else pieces))
def unseal():
    sealed = SealedSource(FileSource(target), key, "place")
    with target.with_suffix(".opened").open("wb") as file:
        for at in range(0, sealed.size, PIECE_BYTES):
            file.write(sealed.read(at, min(PIECE_BYTES, sealed.size - at)))
"""
AGE = """
import sys, time
from pathlib import Path
from pyrage import decrypt_file, encrypt_file, x25519
source, target = Path(sys.argv[1]), Path(sys.argv[2])
identity = x25519.Identity.generate()
def seal():
    encrypt_file(str(source), str(target), [identity.to_public()])
def unseal():
    decrypt_file(str(target), str(target.with_suffix(".opened")), [identity])
"""
TIMED = """
import json
def seconds(work):
    started = time.process_time()
    work()
    return time.process_time() - started
print(json.dumps([seconds(seal), seconds(unseal)]))
assert target.with_suffix(".opened").read_bytes() == source.read_bytes()
"""


@dataclass(frozen=True)
class Round:
    """What one turn of one node gave."""

    tiles_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_us: float


def start(name: str) -> Target:
    """A node that keeps the slide in its own way, opened once as a viewer does."""
    settings = f'originals = "store"\nencryption = "{SETTINGS[name]}"\n'
    node = Node(f"sealing-{SETTINGS[name]}", [material.svs()], settings=settings)
    template = node.open(node.images[0]["image_id"])["tile_url"]

    def path(row: int, column: int) -> str:
        return str(template.format(level=0, plane=0, channel=0, row=row, column=column))

    return Target(name, node.base, path, node.server, node.headers)


def take_turn(target: Target, number: int, options: argparse.Namespace) -> Round:
    """Warm up for a second, then load the node and read its processor time before and after."""
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
        p95_ms=found["p95_us"] / 1e3,
        p99_ms=found["p99_us"] / 1e3,
        cpu_us=cpu_s / found["requests"] * 1e6,
    )


def serving(options: argparse.Namespace) -> Result:
    """Sealed against plain tile serving."""
    rounds: dict[str, list[Round]] = {name: [] for name in SETTINGS}
    others: list[float] = []
    with contextlib.ExitStack() as stack:
        targets = []
        for name in SETTINGS:
            targets.append(start(name))
            stack.callback(targets[-1].server.close)
        for number in range(options.rounds):
            for target in targets:
                turn, share = quietest(partial(take_turn, target, number, options), options.patience)
                rounds[target.name].append(turn)
                others.append(share)
                print(
                    f"round {number + 1}: {target.name}: {turn.cpu_us:.0f} us, others {share:.0%}", flush=True
                )
    middle = {
        name: Round(**{f.name: median([getattr(one, f.name) for one in turns]) for f in fields(Round)})
        for name, turns in rounds.items()
    }
    plain = middle[PLAIN]
    wanted = []
    for name, most in MOST_EXTRA_US.items():
        extra = middle[name].cpu_us - plain.cpu_us
        wanted.append((f"{name}: <= {most} us more of CPU a tile", f"{extra:.0f} us", met(extra <= most)))
        share = extra / 1e3 / plain.p95_ms
        wanted.append(
            (f"{name}: that is <= {MOST_OF_P95:.0%} of p95", f"{share:.1%}", met(share <= MOST_OF_P95))
        )
    return Result(
        name="trust-sealing-tiles",
        title="Tiles from sealed blobs over HTTP",
        command="make bench-trust-sealing",
        columns=["the original is kept", "tiles/s", "p50 ms", "p95 ms", "p99 ms", "CPU us/tile", "more"],
        rows=[
            [
                name,
                f"{one.tiles_s:,.0f}",
                f"{one.p50_ms:.2f}",
                f"{one.p95_ms:.2f}",
                f"{one.p99_ms:.2f}",
                f"{one.cpu_us:.0f}",
                f"{one.cpu_us - plain.cpu_us:+.0f}",
            ]
            for name, one in middle.items()
        ],
        wanted=wanted,
        notes=[
            f"{options.rounds} rounds of {options.seconds} s for each node in turn, medians; "
            f"{options.connections} connections from wrk on the same processors, each asking as fast as it "
            "is answered. CPU is user and system time of the node.",
            "The extra CPU is set against the p95 of the plain node under this load. It is a full load: more "
            "CPU a tile means fewer tiles a second then, and every percentile grows with it. Programs that "
            "take the processors meanwhile make p95 larger and the share smaller than on a quiet machine.",
        ],
        raw={name: [asdict(turn) for turn in turns] for name, turns in rounds.items()},
        others=sum(others) / len(others),
    )


def sealing(options: argparse.Namespace) -> Result:
    """Sealing and opening a file, beside age."""
    ways = {
        AES: (sys.executable, "DIGESTS = False" + OURS, "aes-256-gcm"),
        f"{AES}, with SHA-256 and SM3 of the content": (
            sys.executable,
            "DIGESTS = True" + OURS,
            "aes-256-gcm",
        ),
        SM4: (sys.executable, "DIGESTS = False" + OURS, "sm4-gcm"),
        AGE_NAME: (peer_python(), AGE, ""),
    }
    watch = Others()
    found: dict[str, list[list[float]]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            found[name].append(seconds_of(*way))
    size_gb = material.svs().stat().st_size / 1e9
    rates = {
        name: [size_gb / median([one[what] for one in times]) for what in (0, 1)]
        for name, times in found.items()
    }
    age = rates[AGE_NAME]
    return Result(
        name="trust-sealing",
        title="Sealing a slide beside age",
        command="make bench-trust-sealing",
        columns=["", "seal GB a CPU second", "open GB a CPU second", "seal, of age", "open, of age"],
        rows=[
            [name, f"{one[0]:.2f}", f"{one[1]:.2f}", f"{one[0] / age[0]:.2f}x", f"{one[1] / age[1]:.2f}x"]
            for name, one in rates.items()
        ],
        notes=[
            f"From file to file, {size_gb * 1e3:.0f} MB in the page cache, reading and writing included; "
            f"{options.rounds} rounds, medians of user and system time. Ours opens any 16 KiB alone."
        ],
        versions={"cryptography": version_of("cryptography"), "pyrage": version_of("pyrage", peer_python())},
        raw=dict(found),
        others=watch.share(),
    )


def seconds_of(python: str | Path, script: str, suite: str) -> list[float]:
    """CPU seconds to seal and to open, in a process of its own."""
    target = BENCH_DATA / "sealed"
    command = [str(python), "-c", script + TIMED, str(material.svs()), str(target), suite]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        for path in (target, target.with_suffix(".opened")):
            path.unlink(missing_ok=True)
    return [float(each) for each in json.loads(done.stdout)]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="length of one turn")
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    sealing(options).finish(options.publish)
    serving(options).finish(options.publish)


if __name__ == "__main__":
    main()
