"""A running node with a few slides, and the system's Chromium signed in to it."""

import asyncio
import json
import os
import re
import shutil
import struct
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from hemalum.testing.domestic_writers.sdpc import write_sdpc
from hemalum.testing.samples import halved, ome_tiff, picture
from tests.processes import READY, Process, run

from .drawing import DOT_PX, DOTS, HEIGHT_PX, WIDTH_PX, OpenSlide, People

ROOT = Path(__file__).parents[2]
SPACING_UM = 0.5
WITHOUT = (
    # The list of Chromium's address bar, which nobody sees: a page of its own, made for every window.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # What Playwright does without (chromiumSwitches.ts): Chromium listens to the last such list alone.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
    "msEdgeUpdateLaunchServicesPreferredVersion",
    "msForceBrowserSignIn",
)
"""Features of Chromium that are off."""
PROGRAMS = ("chromium", "google-chrome")
"""The first that is there."""
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    # The processor draws what WebGL draws, and puts pages together without imitating a card.
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--force-color-profile=srgb",
    f"--disable-features={','.join(WITHOUT)}",
]


PROCESSOR_DRAWS = """
const said = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
    return name === 0x9246 ? "A graphics processor" : said.call(this, name);
};
"""
"""Chromium imitates a graphics processor here; in these tests the app takes it for one."""
LINK_IS_FAST = "PerformanceObserver.prototype.observe = () => {};"
"""A busy machine is no slow link: in these tests nobody measures it."""

QUIET = {"service_workers": "block", "reduced_motion": "reduce"}
"""What fetches the app ahead, and what moves for the eye alone, costs the processor most of a test."""

# Software rendering on busy machines is slow; a wait that is met early costs nothing.
expect.set_options(timeout=30_000)


@dataclass
class Node:
    """A served node. `images` maps the name of a slide to its id, `pixels` to its true level 0."""

    data: Path
    url: str
    images: dict[str, str] = field(default_factory=dict)
    pixels: dict[str, NDArray[np.uint8]] = field(default_factory=dict)

    def command(self, *arguments: str) -> str:
        """Standard output of a `hemalum` command on this node."""
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ingest(self, *paths: Path) -> None:
        """Take files in and wait until they are available."""
        lines = self.command("ingest", "--data", str(self.data), "--json", *map(str, paths)).splitlines()
        for line in lines:
            outcome = json.loads(line)
            assert outcome["status"] == "available", outcome
            self.images[Path(outcome["path"]).name] = outcome["image_id"]

    def entrance(self, user: str = "admin") -> str:
        """A fresh one-time link of somebody."""
        return self.command("link", "--data", str(self.data), "--base", self.url, "--user", user).strip()


def write_pyramid(path: Path, levels: list[NDArray[np.uint8]], **options: Any) -> None:
    """A tiled pyramid of 256 px tiles with its physical scale."""
    with tifffile.TiffWriter(path) as writer:
        for number, level in enumerate(levels):
            writer.write(
                level,
                tile=(256, 256),
                photometric="rgb",
                subfiletype=int(number > 0),
                resolution=(1e4 / SPACING_UM / 4**number, 1e4 / SPACING_UM / 4**number),
                resolutionunit="CENTIMETER",
                metadata=None,
                **options,
            )


@pytest.fixture(scope="package")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with a lossless slide, a JPEG slide and a fluorescence stack."""
    if not (ROOT / "src/hemalum/app/web/index.html").exists():
        pytest.fail("The web app is not built: run scripts/setup test.")
    folder = tmp_path_factory.mktemp("e2e")
    data = folder / "node"
    with (folder / "serve.log").open("w") as log:
        process = Process("serve", "--data", data, "--port", 0, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert READY in line, (folder / "serve.log").read_text()
        served = Node(data, line.split(READY)[1].strip().rstrip("/"))
        _fill(served, folder)
        yield served
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def _fill(node: Node, folder: Path) -> None:
    finest = picture(2200, 3000, seed=1)
    lossless = folder / "lossless colon.tiff"
    write_pyramid(lossless, [finest, halved(finest, 4).astype(np.uint8)], compression="deflate")
    node.pixels[lossless.name] = finest
    other = picture(1500, 2100, seed=2)
    jpeg = folder / "jpeg lung.tiff"
    options = {"compression": "jpeg", "compressionargs": {"level": 92}}
    write_pyramid(jpeg, [other, halved(other, 4).astype(np.uint8)], **options)
    node.pixels[jpeg.name] = tifffile.imread(jpeg, series=0, level=0)
    deep = folder / "deep pyramid.tiff"
    ground = np.tile(picture(512, 512, seed=3), (8, 8, 1))
    write_pyramid(deep, [ground[:: 2**n, :: 2**n] for n in range(4)], compression="deflate")
    stack = ome_tiff(folder)
    node.ingest(lossless, jpeg, deep, stack.path)
    node.images["stack"] = node.images.pop(stack.path.name)


@pytest.fixture
def unscaled(node: Node, tmp_path: Path) -> str:
    """The id of a slide that does not say how large a pixel is."""
    path = tmp_path / "unscaled.png"
    Image.fromarray(picture(500, 700, seed=9)).save(path)
    node.ingest(path)
    return node.images[path.name]


@pytest.fixture
def unverified(node: Node, tmp_path: Path) -> str:
    """The id of a slide that states two scales."""
    written = write_sdpc(tmp_path / "two_scales.sdpc", picture(500, 700, seed=11), spacing_um=0.25)
    content = bytearray(written.path.read_bytes())
    struct.pack_into("<d", content, 0x4C, 0.5)
    # The same bytes would be the same slide, for which another test may have stated the scale.
    written.path.write_bytes(content + os.urandom(8))
    node.ingest(written.path)
    return node.images[written.path.name]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium, that of `HEMALUM_CHROMIUM` first of all; none is ever downloaded.

    One for this folder and not for the whole run: while it lives, Playwright's event loop counts as running,
    and tests of other folders could not run loops of their own.
    """
    found = os.environ.get("HEMALUM_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        pytest.fail("The browser tests need Chromium: install it with scripts/system-packages.")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        assert _without_what_playwright_is(launched)
        yield launched
        launched.close()
    assert asyncio._get_running_loop() is None


def _without_what_playwright_is(browser: Browser) -> bool:
    """Whether every feature that Playwright turns off is off, now that our list stands for its own."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    number = next(one["id"] for one in processes if one["type"] == "browser")
    told = Path(f"/proc/{number}/cmdline").read_text().split("\0")
    lists = [one.partition("=")[2].split(",") for one in told if one.startswith("--disable-features=")]
    return len(lists) == 2 and set(lists[0]) <= set(WITHOUT)


@pytest.fixture(scope="package")
def sign_in(node: Node, browser: Browser) -> Callable[[str], Any]:
    """What a browser keeps of somebody who came in by a one-time link."""
    known: dict[str, Any] = {}

    def enter(name: str) -> Any:
        if name not in known:
            context = browser.new_context(service_workers="block")
            context.new_page().goto(node.entrance(name))
            known[name] = context.storage_state()
            context.close()
        return known[name]

    return enter


@pytest.fixture(scope="package")
def session_state(sign_in: Callable[[str], Any]) -> Any:
    """What a browser keeps of the administrator."""
    return sign_in("admin")


@pytest.fixture
def open_page(node: Node, browser: Browser, session_state: Any) -> Iterator[Callable[..., Page]]:
    """Opens a path of the app, or of None nothing, in a fresh window; no error may show up in its console."""
    contexts = []
    troubles: list[str] = []

    def open_(
        path: str | None = "/",
        *,
        signed_in: bool = True,
        allow: str = "\0",
        theme: str | None = None,
        graphics: bool = True,
        **options: Any,
    ) -> Page:
        options = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"} | options
        options = QUIET | options
        context = browser.new_context(storage_state=session_state if signed_in else None, **options)
        contexts.append(context)
        context.add_init_script(LINK_IS_FAST)
        if graphics:
            context.add_init_script(PROCESSOR_DRAWS)
        if theme is not None:
            # At every load: what the node keeps of settings comes later, and may come at any moment.
            context.add_init_script(f"localStorage.setItem('hemalum.theme', '{theme}')")
        page = context.new_page()
        page.set_default_timeout(30_000)

        def note(message: ConsoleMessage) -> None:
            if message.type == "error" and allow not in message.text:
                troubles.append(f"{message.text} {message.location['url']}")

        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        if path is not None:
            page.goto(node.url + path)
        return page

    yield open_
    for page in [page for context in contexts for page in context.pages]:
        # Or it would send what was chosen last after what follows.
        page.close()
    for context in contexts:
        # Settings follow a person to every browser, and so would to every other test.
        path = f"{node.url}/api/access/me/settings"
        context.request.put(path, data={}, headers={"x-hemalum": "1"})
        context.close()
    assert troubles == []


@pytest.fixture(scope="session")
def violations() -> Callable[[Page], list[str]]:
    """What axe-core calls serious or critical on a page, by WCAG 2.2 A and AA."""
    axe = (ROOT / "web/node_modules/axe-core/axe.min.js").read_text()

    def find(page: Page) -> list[str]:
        page.evaluate(axe)
        found: dict[str, Any] = page.evaluate(
            """() => axe.run(document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
                // Of what is well, no node need be described.
                resultTypes: ["violations"],
            })"""
        )
        return [
            f"{violation['id']}: {json.dumps([node['html'][:200] for node in violation['nodes']])}"
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
        ]

    return find


@pytest.fixture(scope="package")
def people(node: Any) -> People:
    def token(name: str) -> str:
        node.command("person", "--data", str(node.data), "--role", "pathologist", name)
        return str(node.command("token", "--data", str(node.data), "--user", name)).strip()

    return People(node, {"li": token("li.draws"), "chan": token("chan.draws")})


@pytest.fixture
def slide(node: Any, tmp_path: Path) -> str:
    """The id of a fresh slide with two red dots on tissue."""
    pixels = picture(HEIGHT_PX, WIDTH_PX, seed=uuid.uuid4().int % 2**32)
    for x, y in DOTS:
        left, top = int(x) - DOT_PX // 2, int(y) - DOT_PX // 2
        pixels[top : top + DOT_PX, left : left + DOT_PX] = (255, 0, 0)
    path = tmp_path / f"spots {uuid.uuid4().hex[:8]}.tiff"
    resolution = (1e4 / SPACING_UM, 1e4 / SPACING_UM)
    with tifffile.TiffWriter(path) as writer:
        for number, level in enumerate((pixels, pixels[::4, ::4])):
            writer.write(
                np.ascontiguousarray(level),
                tile=(256, 256),
                photometric="rgb",
                compression="deflate",
                subfiletype=int(number > 0),
                resolution=(resolution[0] / 4**number, resolution[1] / 4**number),
                resolutionunit="CENTIMETER",
                metadata=None,
            )
    node.ingest(path)
    return str(node.images[path.name])


@pytest.fixture
def open_slide(people: People, browser: Browser, sign_in: Callable[[str], Any]) -> Iterator[OpenSlide]:
    """Opens a slide as one of the people; no error may show up in its console."""
    contexts, troubles = [], []

    def open_(image: str, search: str = "", who: str = "li", allow: str = "\0", **options: Any) -> Page:
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"} | options
        options = QUIET | options
        context = browser.new_context(storage_state=sign_in(f"{who}.draws"), **options)
        contexts.append(context)
        context.add_init_script(LINK_IS_FAST)
        context.add_init_script(PROCESSOR_DRAWS)
        page = context.new_page()
        page.set_default_timeout(30_000)

        def note(message: ConsoleMessage) -> None:
            if message.type == "error" and not re.search(allow, message.text):
                troubles.append(f"{message.text} {message.location['url']}")

        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(f"{people.node.url}/slides/{image}{search}")
        page.wait_for_function("() => window.hemalumViews?.get('')")
        expect(page.locator(".drawing-tools button").first).to_be_visible()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []
