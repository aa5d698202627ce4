"""The viewer in headless Chromium: first full view, jumps, and the cost of a frame while panning.

The web app beside plain OpenSeadragon with its canvas drawer and with its own WebGL drawer, on the same node,
the same slide (40,960 x 40,960 px SVS), in a picture of the same size. Peers get the very tiles that the app
gets, one by one where the app asks for those of a row at once, except in the row that says DeepZoom. A view
is whole when the viewer says that all its tiles are loaded, two frames have passed and a pixel was read back.
The first full view is measured twice: of a page that is loaded from its address by a browser that has nothing
of it, and of a slide opened in a page that is there, by a key for the app and by a call for the peers.
Requests are those for tiles during the three jumps. Each viewer starts in a new browser, in turn.

    .venv/bin/python benchmarks/viewer.py
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from playwright.sync_api import Page, Route, sync_playwright

import material
from hemalum_node import Node
from measure import (
    REPOSITORY,
    Others,
    Result,
    arguments,
    debian_version,
    median,
    met,
    percentile,
    program,
    settle,
)

WINDOW = {"width": 1280, "height": 800}
SPACING_UM = 0.25
JUMPS = [(0.22, 0.31, 0.5), (0.71, 0.62, 0.25), (0.48, 0.83, 1.0)]
"""Places as shares of the image width, and um per pixel of the screen: about 20x, 40x and 10x."""
PANS = {"overview": (0.5, 0.5, 6.0), "20x": (0.3, 0.4, 0.5), "40x": (0.6, 0.3, 0.25)}
APP = "Hemalum app"
APP_WEBGL = "Hemalum app, told to use WebGL2"
MOST_JUMP = 0.6
"""Of time and requests of either of OpenSeadragon's drawers as it comes."""
MOST_OPENING = 0.6
"""Of the time of either of OpenSeadragon's drawers as it comes, in a page that is there."""
MOST_PAN = 0.25
"""Of a frame of OpenSeadragon's WebGL drawer."""
PAN_STEP_PX = 8
PAN_FRAMES = 60
_TUNED = {"maxTilesPerFrame": 32, "imageLoaderLimit": 16}
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu-vsync",
    "--disable-frame-rate-limit",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]


@dataclass(frozen=True)
class Viewer:
    """One row of the table."""

    name: str
    options: dict[str, Any] | None = None
    """OpenSeadragon options of a peer; None for the app."""
    deepzoom: bool = False
    query: str = ""
    """Added to the address of the app."""


VIEWERS = [
    Viewer(APP),
    Viewer(APP_WEBGL, query="?drawer=webgl2"),
    Viewer("OpenSeadragon canvas, as it comes", {"drawer": "canvas"}),
    Viewer("OpenSeadragon canvas, 32 tiles a frame", {"drawer": "canvas", **_TUNED}),
    Viewer("OpenSeadragon WebGL, as it comes", {"drawer": "webgl"}),
    Viewer("OpenSeadragon WebGL, 32 tiles a frame", {"drawer": "webgl", **_TUNED}),
    Viewer("OpenSeadragon canvas, 32 tiles a frame, DeepZoom", {"drawer": "canvas", **_TUNED}, deepzoom=True),
]


@dataclass
class Figures:
    """Milliseconds, one entry for each round; pans have one for each frame."""

    first: list[float] = field(default_factory=list)
    """Of the page, loaded from its address."""
    reopened: list[float] = field(default_factory=list)
    """Of the slide, opened anew in the page."""
    jumps: list[list[float]] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    """For tiles, of the three jumps of a round."""
    pans: dict[str, list[float]] = field(default_factory=dict)
    drawer: str = ""


class Screen:
    """A node and browsers that look at one of its slides."""

    def __init__(self, node: Node, playwright: Any) -> None:
        self._node = node
        self._playwright = playwright
        self._image_id = node.images[0]["image_id"]
        self.size = WINDOW
        """Of the picture in the app; set when the app was shown first."""

    @contextlib.contextmanager
    def page(self) -> Iterator[Page]:
        """A page in a new browser, signed in."""
        browser = self._playwright.chromium.launch(
            executable_path=program("chromium", "chromium"), args=CHROMIUM
        )
        try:
            context = browser.new_context(viewport=WINDOW, extra_http_headers=self._node.headers)
            page = context.new_page()
            page.add_init_script(path=REPOSITORY / "benchmarks" / "peers" / "viewer_probe.js")
            page.on("pageerror", lambda error: print(f"  page: {error}"))
            yield page
        finally:
            browser.close()

    def show(self, page: Page, viewer: Viewer) -> None:
        """Go to the slide."""
        if viewer.options is None:
            page.goto(f"{self._node.base}/slides/{self._image_id}{viewer.query}", wait_until="commit")
            return
        setup = {
            "opening": self._node.open(self._image_id),
            "deepzoom": f"/deepzoom/{self._image_id}.dzi" if viewer.deepzoom else None,
            "options": viewer.options,
            **self.size,
        }
        page.add_init_script(f"window.benchmark = {json.dumps(setup)};")
        page.route("**/bench/*", _serve_peer)
        page.goto(f"{self._node.base}/bench/viewer.html", wait_until="commit")

    def reopen(self, page: Page, viewer: Viewer) -> float | None:
        """Open the slide in a page that shows it; milliseconds until whole.

        The app goes to its library and opens the selected slide by Enter, the peers make another viewer.
        """
        if viewer.options is not None:
            return page.evaluate("(opening) => probe.reopen(opening)", self._node.open(self._image_id))
        page.keyboard.press("Escape")
        page.wait_for_selector(f'[aria-selected="true"] [src*="{self._image_id}"]')
        page.evaluate("() => { window.opened = probe.opened(); }")
        page.keyboard.press("Enter")
        return page.evaluate("() => window.opened")


def _serve_peer(route: Route) -> None:
    """The page of the peers and its library, from the disk under the address of the node."""
    if route.request.url.endswith(".js"):
        library = REPOSITORY / "web/node_modules/openseadragon/build/openseadragon/openseadragon.min.js"
        route.fulfill(path=library, content_type="text/javascript")
    else:
        page = REPOSITORY / "benchmarks" / "peers" / "viewer.html"
        route.fulfill(path=page, content_type="text/html")


def measure(screen: Screen, viewer: Viewer, into: Figures) -> None:
    """One round of one viewer."""
    with screen.page() as page:
        screen.show(page, viewer)
        into.first.append(_ms(page.evaluate("() => probe.whole(180000)"), viewer))
        into.drawer = page.evaluate("() => probe.drawer()")
        if viewer.options is None:
            width, height = page.evaluate("() => probe.size()")
            screen.size = {"width": round(width), "height": round(height)}
        jump = "([x, y, z, spacing]) => probe.jump(x, y, z, spacing)"
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        into.jumps.append([_ms(page.evaluate(jump, [*place, SPACING_UM]), viewer) for place in JUMPS])
        into.requests.append(sum("/tiles/" in url or "_files/" in url for url in asked))
        for name, place in PANS.items():
            page.evaluate(jump, [*place, SPACING_UM])
            times = page.evaluate("([step, count]) => probe.pan(step, count)", [PAN_STEP_PX, PAN_FRAMES])
            into.pans.setdefault(name, []).extend(times)
        if not viewer.query:
            into.reopened.append(_ms(screen.reopen(page, viewer), viewer))


def _ms(found: float | None, viewer: Viewer) -> float:
    if found is None:
        raise SystemExit(f"{viewer.name} did not show the whole view in time.")
    return found


def report(figures: dict[str, Figures], screen: Screen, others: Others, rounds: int) -> Result:
    """The table of medians."""
    rows = []
    for name, found in figures.items():
        jumps = [median([round_[n] for round_ in found.jumps]) for n in range(len(JUMPS))]
        pans = [f"{median(times):.0f} / {percentile(times, 0.95):.0f}" for times in found.pans.values()]
        spelled = ", ".join(f"{ms:,.0f}" for ms in jumps)
        # What the address says of the app goes with it: opened anew, it would take another drawer.
        reopened = f"{median(found.reopened):,.0f}" if found.reopened else ""
        views = [f"{median(found.first):,.0f}", reopened]
        rows.append([name, *views, spelled, f"{median(found.requests):.0f}", *pans])
    return Result(
        name="viewer",
        title="Viewer in headless Chromium",
        command="make bench-viewer",
        columns=[
            "viewer",
            "page from its address, first full view ms",
            "slide opened in a loaded page, full view ms",
            "three jumps ms",
            "requests",
            *(f"pan frame at {name}, median / p95 ms" for name in PANS),
        ],
        rows=rows,
        wanted=[*_openings_wanted(figures), *_jumps_wanted(figures), *_pans_wanted(figures)],
        others=others.share(),
        notes=[
            f"{rounds} rounds, each viewer in a new browser, in turn; medians. Picture of "
            f"{screen.size['width']} x {screen.size['height']} px.",
            "No graphics processor: Chromium draws WebGL in software on the same processors, so frames cost "
            "far more than on a desk, and ratios of WebGL to canvas do not carry over to one.",
            "Page from its address: a browser that was just started and has nothing kept. The app loads "
            "itself, asks who is there and opens the slide; the peers' page is a bare one with one script, "
            "whose slide was opened beforehand.",
            "Slide opened in a loaded page: the app from the key Enter in its library, with the request that "
            "opens the slide and all that stands around it; the peers from the call `OpenSeadragon({...})`, "
            "for a slide opened beforehand, in a page with nothing else.",
            "Every viewer shows the same tiles. The app asks for those of a row in one request, the peers "
            "for each; where no graphics processor draws, the app takes a canvas unless told otherwise.",
            "Pan: 8 px a frame over tiles in memory, no fixed frame rate, a pixel read back each frame.",
            "Drawers: " + ", ".join(f"{name}: {found.drawer}" for name, found in figures.items()) + ".",
        ],
        versions={"chromium": debian_version("chromium"), "openseadragon": _openseadragon_version()},
        raw={name: vars(found) for name, found in figures.items()},
    )


def _openings_wanted(figures: dict[str, Figures]) -> list[tuple[str, str, str]]:
    """A slide opened in a loaded page, alone and with the jumps, against OpenSeadragon as it comes."""
    rows = []
    for kind in ("canvas", "WebGL"):
        ours, theirs = figures.get(APP), figures.get(f"OpenSeadragon {kind}, as it comes")
        if ours is None or theirs is None:
            continue
        for what, taken in (
            ("open a slide in a loaded page and jump thrice", _opened_and_jumped),
            ("open a slide in a loaded page", lambda one: median(one.reopened)),
        ):
            ratio = taken(ours) / taken(theirs)
            wanted = f"{APP}: <= {MOST_OPENING}x the time of OpenSeadragon {kind} to {what}"
            rows.append((wanted, f"{ratio:.2f}x", met(ratio <= MOST_OPENING)))
    return rows


def _opened_and_jumped(found: Figures) -> float:
    return median(found.reopened) + _jump_time(found)


def _jumps_wanted(figures: dict[str, Figures]) -> list[tuple[str, str, str]]:
    """Time and requests of the three jumps together, against OpenSeadragon as it comes."""
    rows = []
    for name, kind in product((APP, APP_WEBGL), ("canvas", "WebGL")):
        ours, theirs = figures.get(name), figures.get(f"OpenSeadragon {kind}, as it comes")
        if ours is None or theirs is None:
            continue
        for what, taken in (("time", _jump_time), ("requests", lambda one: median(one.requests))):
            ratio = taken(ours) / taken(theirs)
            wanted = f"{name}: <= {MOST_JUMP}x the {what} of jumps of OpenSeadragon {kind}"
            rows.append((wanted, f"{ratio:.2f}x", met(ratio <= MOST_JUMP)))
    return rows


def _jump_time(found: Figures) -> float:
    return median([sum(round_) for round_ in found.jumps])


def _pans_wanted(figures: dict[str, Figures]) -> list[tuple[str, str, str]]:
    """Frames of a pan against OpenSeadragon's WebGL drawer."""
    rows = []
    for name in (APP, APP_WEBGL):
        ours, theirs = figures.get(name), figures.get("OpenSeadragon WebGL, as it comes")
        if ours is None or theirs is None:
            continue
        ratios = [median(ours.pans[pan]) / median(theirs.pans[pan]) for pan in PANS]
        spelled = ", ".join(f"{ratio:.2f}x" for ratio in ratios)
        wanted = f"{name}: <= {MOST_PAN}x a frame of OpenSeadragon WebGL"
        rows.append((wanted, spelled, met(max(ratios) <= MOST_PAN)))
    return rows


def _openseadragon_version() -> str:
    package = REPOSITORY / "web/node_modules/openseadragon/package.json"
    return str(json.loads(package.read_text())["version"])


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="only the viewers whose name contains this")
    options = parser.parse_args()
    chosen = [viewer for viewer in VIEWERS if options.only.lower() in viewer.name.lower()]
    with Node("viewer", [material.svs()]) as node, sync_playwright() as playwright:
        screen, others = Screen(node, playwright), Others()
        figures = {viewer.name: Figures() for viewer in chosen}
        for number in range(options.rounds):
            for viewer in chosen:
                settle(options.patience)
                measure(screen, viewer, figures[viewer.name])
                first = figures[viewer.name].first[-1]
                print(f"round {number + 1}: {viewer.name}: first view {first:,.0f} ms", flush=True)
        result = report(figures, screen, others, options.rounds)
    result.finish(options.publish)


if __name__ == "__main__":
    main()
