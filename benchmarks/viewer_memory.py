"""Memory of the browser and of the node while somebody reads for half an hour.

A slide of 40,960 px and a few small ones, read by a script in headless Chromium: jumps between fields at
several powers, pans, turns, the next slide, the panel; a step every two seconds, as a reader makes them. Once
a minute the reader leaves the slide and comes back to the whole of the large one, so that all samples are of
one picture; rubbish is collected and memory is read: the JavaScript heap, the whole browser, the node. Flat
is: the last five minutes take no more than a tenth more than minutes five to ten did.

    .venv/bin/python benchmarks/viewer_memory.py
"""

import json
import random
import time
from dataclasses import asdict, dataclass
from http.cookies import SimpleCookie
from urllib.request import Request, urlopen

import material
from chromium import Chromium
from hemalum_node import Node, run
from measure import REPOSITORY, Others, Result, arguments, debian_version, median, memory, met, own_mb, tree
from viewer import CHROMIUM, SPACING_UM, WINDOW

MOST_GROWTH = 1.1
STEP_S = 2.0
SMALL_SLIDES = 6
POWERS_UM = (0.25, 0.5, 1.0, 2.0, 8.0)
_SEEN_WITHIN_S = 60
_EARLY, _LATE = (5, 10), 5
"""Minutes that are compared: from, to; the last so many."""
_READY = "() => Boolean(window.hemalumViews?.get(''))"
_SHOWS = "width => window.hemalumViews?.get('')?.viewer.world.getItemAt(0)?.source.dimensions.x === width"
_TURN = """turn => {
    const view = window.hemalumViews.get('');
    view.setPose({ ...view.pose(), r: turn }, true);
}"""


@dataclass(frozen=True)
class Sample:
    """Memory at one moment, MB (10^6 bytes)."""

    minute: float
    heap_mb: float
    """Of JavaScript in the page, after a collection."""
    browser_mb: float
    """Proportional size (PSS) of all processes of the browser, without files that they only map."""
    node_mb: float
    steps: int


class Reading:
    """Somebody at a browser."""

    def __init__(self, browser: Chromium, node: Node, seed: int) -> None:
        self._browser = browser
        self._node = node
        self._random = random.Random(seed)
        self._first = f"/slides/{node.images[0]['image_id']}"
        self.steps = 0

    def begin(self) -> None:
        """Sign in, and open the large slide, which is the last by name."""
        base = self._node.base
        cookies = [{"name": name, "value": value, "url": base} for name, value in _signed_in(self._node)]
        self._browser.ask("Storage.setCookies", cookies=cookies)
        probe = (REPOSITORY / "benchmarks" / "peers" / "viewer_probe.js").read_text()
        self._browser.ask("Page.addScriptToEvaluateOnNewDocument", source=probe)
        self._browser.ask("Page.navigate", url=f"{base}{self._first}?sort=name")
        self._browser.wait(_READY)

    def step(self) -> None:
        """One thing that a reader does."""
        self.steps += 1
        chance = self._random.random()
        if chance < 0.7:
            x, y = self._random.uniform(0.1, 0.9), self._random.uniform(0.1, 0.9)
            self._browser.call("window.probe.jump", x, y, self._random.choice(POWERS_UM), SPACING_UM)
        elif chance < 0.85:
            self._browser.press(self._random.choice(("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown")))
        elif chance < 0.9:
            self._browser.call(_TURN, self._random.choice((0, 37, 90, 213)))
        elif chance < 0.95:
            self._browser.press("d")
        else:
            self._turn_page(self._random.choice(("PageDown", "PageUp")))

    def come_back(self) -> None:
        """Leave the slide, and come back to the large one until it is whole."""
        self._turn_page("PageUp")
        while self._browser.call("() => location.pathname") != self._first:
            self._turn_page("PageDown")
        self._browser.wait(_SHOWS, material.SVS_TILES * material.TILE)
        self._browser.call("window.probe.whole", 1000 * _SEEN_WITHIN_S)

    def _turn_page(self, key: str) -> None:
        self._browser.press(key)
        self._browser.wait(_READY)

    def sample(self, minute: float) -> Sample:
        """Memory now, once rubbish was collected."""
        self._browser.ask("HeapProfiler.collectGarbage")
        heap_mb = self._browser.ask("Runtime.getHeapUsage")["usedSize"] / 1e6
        browser_mb = sum(map(own_mb, tree(self._browser.process.pid)))
        return Sample(minute, heap_mb, browser_mb, memory(self._node.server.pid).pss_mb, self.steps)


def _signed_in(node: Node) -> list[tuple[str, str]]:
    """Names and values of the cookies of somebody who has signed in."""
    code = run("link", "--data", node.data).strip().rpartition("/")[2]
    headers = {"x-hemalum": "1", "content-type": "application/json"}
    url = f"{node.base}/api/access/sign-in/link"
    asked = Request(url, json.dumps({"code": code}).encode(), headers)
    with urlopen(asked, timeout=60) as answer:
        cookies = SimpleCookie("; ".join(answer.headers.get_all("set-cookie")))
    return [(name, one.value) for name, one in cookies.items()]


def read(node: Node, minutes: float) -> list[Sample]:
    """Read for so long; a sample each minute."""
    samples = []
    with Chromium(CHROMIUM, WINDOW["width"], WINDOW["height"]) as browser:
        reading = Reading(browser, node, seed=1)
        reading.begin()
        started = time.monotonic()
        for minute in range(1, max(1, round(minutes)) + 1):
            while time.monotonic() < started + 60 * minute:
                began = time.monotonic()
                reading.step()
                time.sleep(max(0.0, STEP_S - (time.monotonic() - began)))
            reading.come_back()
            samples.append(reading.sample(minute))
            print(f"minute {minute}: {samples[-1]}", flush=True)
    return samples


def _row(one: Sample) -> list[str]:
    sizes = [f"{one.heap_mb:,.1f}", f"{one.browser_mb:,.0f}", f"{one.node_mb:,.0f}"]
    return [f"{one.minute:.0f}", *sizes, f"{one.steps:,}"]


def report(samples: list[Sample], others: Others, minutes: float) -> Result:
    """The table of every fifth minute."""
    early = [one for one in samples if _EARLY[0] <= one.minute <= _EARLY[1]] or samples
    wanted = []
    for name in ("heap_mb", "browser_mb", "node_mb"):
        first, last = (median([getattr(one, name) for one in part]) for part in (early, samples[-_LATE:]))
        said = f"{first:,.0f} to {last:,.0f} MB, {last / first:.2f}x"
        is_flat = met(last <= MOST_GROWTH * first)
        wanted.append((f"flat: {name.removesuffix('_mb')} <= {MOST_GROWTH}x", said, is_flat))
    shown = [one for one in samples if one.minute == 1 or one.minute % 5 == 0]
    return Result(
        name="viewer-memory",
        title="Memory while somebody reads for half an hour",
        command="make bench-viewer-memory",
        columns=[
            "minute",
            "JavaScript heap MB",
            "browser MB (PSS, no files)",
            "node MB (PSS)",
            "steps so far",
        ],
        rows=[_row(one) for one in shown],
        wanted=wanted,
        others=others.share(),
        notes=[
            f"{minutes:.0f} minutes, a step every {STEP_S:.0f} s: jumps, pans, turns, next slide, panel; "
            f"over one slide of 40,960 px and {SMALL_SLIDES} of 2,048 px. Memory is read with the whole of "
            "the large one on the screen. "
            f"Flat compares minutes {_EARLY[0]} to {_EARLY[1]} with the last {_LATE}.",
            "Of the browser the proportional size (PSS) of all its processes, without files that they map. "
            "No graphics processor: textures lie in the memory of the browser's processes and are counted.",
        ],
        versions={"chromium": debian_version("chromium")},
        raw={"samples": [asdict(one) for one in samples]},
    )


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    options = parser.parse_args()
    slides = [material.svs(), material.library(SMALL_SLIDES)]
    with Node("viewer-memory", slides) as node:
        others = Others()
        samples = read(node, options.minutes)
        result = report(samples, others, options.minutes)
    result.finish(options.publish)


if __name__ == "__main__":
    main()
