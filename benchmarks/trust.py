"""What it costs that every opening is decided by policy, and that every tile is guarded by a ticket.

Policy: the decisions of one opening (may view, may see the label) in this process, by the shipped rules and
by 200 rules with those that a site might add. Openings over HTTP: two nodes in turn, one with the shipped
rules, one with 200. Tiles: the same two nodes in turn, of which one checks no ticket and no holder and keeps
no note of what is read (peers/unguarded_node.py); and the guard alone. What runs in this process is measured
in processor time, which other programs disturb less.

    .venv/bin/python benchmarks/trust.py
"""

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx

import material
from hemalum.capabilities.slides.model import Relation, Standing, Terms
from hemalum.capabilities.slides.policy import DESCRIBE, EXPORT, GOVERN, SHARE, VIEW, VIEW_LABEL, Gate
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.runtime.frames import ServedLevel, TileAddress, TileServer
from hemalum.runtime.policy import Place, Policies, load_policies
from hemalum.runtime.reads import TileReads
from hemalum.runtime.tickets import Tickets, holder_of
from hemalum_node import Node
from measure import (
    BENCH_DATA,
    Others,
    Result,
    arguments,
    debian_version,
    median,
    met,
    percentile,
    step,
    version_of,
)
from tiles import Round, Target, middle_of, take_turn

RULES = 200
SIX = (VIEW, VIEW_LABEL, DESCRIBE, EXPORT, SHARE, GOVERN)
MOST_DECISION_MS, MOST_GUARD_US, MOST_RATIO = 1.0, 20.0, 1.2
GUARDED, BARE = "Hemalum", "Hemalum without ticket, holder and note"
UNGUARDED = Path(__file__).parent / "peers" / "unguarded_node.py"
REPEATS = 100
GUARDED_TILES = 20_000

_people = count()


def site_rules(how_many: int, actions: tuple[str, ...] = (VIEW,)) -> str:
    """Rules as a site might add them: who may not use slides of which country in trials."""
    return "\n".join(
        f"""@id("site.rule-{number}")
forbid (principal, action == Action::"{actions[number % len(actions)]}", resource is Slide)
when {{ context.purpose == "trial" && principal.country == "X{number}" && resource.country != "Y{number}" }};
"""
        for number in range(how_many)
    )


def policies_of(actions: tuple[str, ...]) -> Policies:
    """As many rules as are measured, the shipped ones among them."""
    shipped = load_policies()
    added = site_rules(RULES - len(shipped.rules), actions)
    return Policies(shipped.texts | {"site/many.cedar": added}, shipped.schema)


# Decisions


def decisions(policies: Policies, repeats: int) -> list[float]:
    """The decisions of one opening, each time of somebody who was not seen before."""
    gate = Gate(policies, lambda name: Place(name, country="CN", accredited=True), frozenset(Purpose))
    permissions = frozenset({VIEW, VIEW_LABEL})
    own = Standing(Terms(OrganisationId("home")), frozenset({Relation.OWN}))
    times = []
    for _ in range(repeats):
        person = PersonId(f"p{next(_people)}")
        roles = frozenset({"pathologist"})
        actor = Actor(person, "", OrganisationId("home"), permissions, "s", roles=roles, purpose=Purpose.CARE)
        now = datetime.now(UTC)
        started = time.process_time()
        gate.check(actor, VIEW, own, now)
        gate.decide(actor, VIEW_LABEL, own, now)
        times.append(time.process_time() - started)
    return times


def openings(node: Node, repeats: int) -> list[float]:
    """The whole opening over HTTP, one after the other on one connection."""
    path = f"/api/slides/images/{node.images[0]['image_id']}/openings"
    times = []
    with httpx.Client(base_url=node.base, headers=node.headers, timeout=60) as client:
        for _ in range(repeats):
            started = time.perf_counter()
            answer = client.post(path, json={"purpose": "care"})
            times.append(time.perf_counter() - started)
            if answer.status_code != 201:
                raise SystemExit(answer.text)
    return times


# Tiles


def guard(tiles: int) -> float:
    """Processor seconds a tile for the ticket, its holder and the note, as a browser asks."""
    tickets, reads, unused = Tickets(b"k" * 32), TileReads(), cast(Any, None)
    server = TileServer(tickets, unused, unused, reads)
    secret, level = "s" * 43, cast(ServedLevel, SimpleNamespace(columns=160))
    text, _ = tickets.issue(
        ImageId("i" * 20),
        PersonId("p" * 20),
        "s" * 20,
        may_view_label=True,
        opening_id="o",
        holder=holder_of(secret),
    )
    reads.begin("o", None)
    headers = [(b"x-header", b"v" * 40)] * 12 + [(b"cookie", b"hemalum_session=" + secret.encode())]
    addresses = [TileAddress(0, 0, 0, *divmod(number, 160)) for number in range(tiles)]
    started = time.process_time()
    for address in addresses:
        ticket = tickets.check(text)
        server._check_holder(ticket, headers)
        server._note(ticket, level, address)
    return (time.process_time() - started) / tiles


def target_of(name: str, node: Node) -> Target:
    """The tiles of a node's one slide, opened once."""
    template = node.open(node.images[0]["image_id"])["tile_url"]

    def path(row: int, column: int) -> str:
        small = {"row": row % material.LIBRARY_TILES, "column": column % material.LIBRARY_TILES}
        return str(template.format(level=0, plane=0, channel=0, **small))

    return Target(name, node.base, path, node.server, node.headers)


# Report


def start(name: str, rules: str, command: Sequence[str | Path] = ()) -> Node:
    """A fresh node with one small slide and these rules of its site."""
    data = BENCH_DATA / f"node-{name}"
    shutil.rmtree(data, ignore_errors=True)
    (data / "policies").mkdir(parents=True)
    (data / "policies" / "many.cedar").write_text(rules)
    return Node(name, [material.library(1)], keep=True, command=command)


def policy_report(rounds: list[dict[str, list[float]]], share: float) -> Result:
    """Decisions and openings."""
    names = list(rounds[0])
    middle = {name: 1000 * median([median(one[name]) for one in rounds]) for name in names}
    slow = {name: 1000 * median([percentile(one[name], 0.95) for one in rounds]) for name in names}
    decided = [name for name in names if name.startswith("decisions")]
    return Result(
        name="trust-policy",
        title="Policy in an opening",
        command="make bench-trust",
        columns=["what", "p50 ms", "p95 ms"],
        rows=[[name, f"{middle[name]:.2f}", f"{slow[name]:.2f}"] for name in names],
        wanted=[
            (
                f"<= {MOST_DECISION_MS:g} ms, {name}",
                f"{middle[name]:.2f} ms",
                met(middle[name] <= MOST_DECISION_MS),
            )
            for name in decided
        ],
        others=share,
        notes=[
            f"{len(rounds)} rounds in turn, medians. The decisions of an opening are two, may view and may"
            " see the label, each time for somebody not seen before; in processor time.",
            *[
                "Over HTTP, by the clock: an opening also looks the image up, writes its entry to the log"
                " durably, and makes the ticket."
            ]
            * (len(decided) < len(names)),
        ],
        versions={"cedarpy": version_of("cedarpy")},
        raw={"rounds": rounds},
    )


def tile_report(turns: dict[str, list[Round]], guards: list[float], share: float) -> Result:
    """Tiles with the guard and without."""
    middle = {name: middle_of(found) for name, found in turns.items()}
    pairs = list(zip(turns[GUARDED], turns[BARE], strict=True))
    by_rate = median([bare.tiles_s / ours.tiles_s for ours, bare in pairs])
    by_cpu = median([ours.cpu_us / bare.cpu_us for ours, bare in pairs])
    guard_us = 1e6 * median(guards)
    rows = [
        [name, f"{turn.tiles_s:,.0f}", f"{turn.p50_ms:.1f}", f"{turn.p99_ms:.1f}", f"{turn.cpu_us:.0f}"]
        for name, turn in middle.items()
    ]
    return Result(
        name="trust-tiles",
        title="Guarded tiles",
        command="make bench-trust",
        columns=["server", "tiles/s", "p50 ms", "p99 ms", "CPU us/tile"],
        rows=rows,
        wanted=[
            (f"time a tile <= {MOST_RATIO:g}x of unguarded", f"{by_rate:.2f}x", met(by_rate <= MOST_RATIO)),
            (f"CPU a tile <= {MOST_RATIO:g}x of unguarded", f"{by_cpu:.2f}x", met(by_cpu <= MOST_RATIO)),
            (
                f"ticket, holder and note <= {MOST_GUARD_US:g} us",
                f"{guard_us:.1f} us",
                met(guard_us <= MOST_GUARD_US),
            ),
        ],
        others=share,
        notes=[
            f"{len(pairs)} rounds of both servers in turn; ratios are medians of the ratios of each round.",
            "Without the guard: the same server, whose ticket check, holder check and note do nothing.",
        ],
        versions={"wrk": debian_version("wrk"), "uvicorn": version_of("uvicorn")},
        raw={name: [asdict(turn) for turn in found] for name, found in turns.items()} | {"guard_s": guards},
    )


def timed_decisions() -> dict[str, Callable[[], list[float]]]:
    """The rounds of decisions, by what they are called."""
    return {
        "decisions, shipped rules": partial(decisions, load_policies(), REPEATS),
        f"decisions, {RULES} rules, all about viewing": partial(decisions, policies_of((VIEW,)), REPEATS),
        f"decisions, {RULES} rules about six actions": partial(decisions, policies_of(SIX), REPEATS),
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=int, default=1, help="length of one turn of tiles")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--only-decisions", action="store_true", help="what needs no node; seconds")
    options = parser.parse_args()
    if options.only_decisions:
        others = Others()
        found = [{name: run() for name, run in timed_decisions().items()} for _ in range(options.rounds)]
        policy_report(found, others.share()).finish(publish=False)
        return
    added = site_rules(RULES - len(load_policies().rules))
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(start("trust", added))
        bare = stack.enter_context(start("trust-unguarded", "", (sys.executable, UNGUARDED)))
        timed = timed_decisions() | {
            "opening over HTTP, shipped rules": partial(openings, bare, REPEATS),
            f"opening over HTTP, {RULES} rules": partial(openings, ours, REPEATS),
        }
        targets = [target_of(GUARDED, ours), target_of(BARE, bare)]
        turns: dict[str, list[Round]] = {target.name: [] for target in targets}
        rounds, guards, others = [], [], Others()
        for number in range(options.rounds):
            with step(f"round {number + 1}"):
                rounds.append({name: run() for name, run in timed.items()})
                guards.append(guard(GUARDED_TILES))
                # Each goes first as often as the other, so that a drift of the machine favours neither.
                for target in targets if number % 2 else reversed(targets):
                    turns[target.name].append(take_turn(target, number, options))
        share = others.share()
    policy_report(rounds, share).finish(options.publish)
    tile_report(turns, guards, share).finish(options.publish)


if __name__ == "__main__":
    main()
