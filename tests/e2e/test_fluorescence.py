"""Fluorescence and focus stacks in a real browser: the screen follows from the samples of the file."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from hemalum.analysis import focus
from hemalum.testing.samples import SPACING_UM, TILE_PX, ome_tiff

from .waiting import eventually

OpenPage = Callable[..., Page]

SIDE_PX = 200
X_PX, Y_PX = 300, 220
"""A place where four tiles meet."""
ORANGE, BLUE = np.array([255.0, 128.0, 0.0]), np.array([0.0, 114.0, 178.0])
MIX = "c=0-ff8000-500-2500_1-0072b2-100-3900-0.5"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> NDArray[Any]:
    """The samples of the slide "stack" of the node: planes, channels, rows, columns."""
    path: Path = tmp_path_factory.mktemp("stack")
    samples: NDArray[Any] = ome_tiff(path).levels[0][..., 0]
    return samples


def around(samples: NDArray[Any]) -> NDArray[Any]:
    half = SIDE_PX // 2
    return samples[..., Y_PX - half : Y_PX + half, X_PX - half : X_PX + half].astype(float)


def signal(samples: NDArray[Any], low: float, high: float, gamma: float = 1) -> NDArray[Any]:
    shown: NDArray[Any] = np.clip((samples - low) / (high - low), 0, 1) ** gamma
    return shown[..., None]


def look(page: Page) -> None:
    """One pixel of the slide on each of the screen, around a corner of tiles."""
    page.evaluate(
        """([x, y, um]) => {
            const view = window.hemalumViews.get("");
            const { width, height } = view.fieldSize;
            const half = (size) => (size % 2) / 2;
            view.setPose({ x: (x + half(width)) * um, y: (y + half(height)) * um, z: um, r: 0 }, true);
        }""",
        [X_PX, Y_PX, SPACING_UM],
    )
    sharp(page)


def sharp(page: Page) -> None:
    page.evaluate("() => window.hemalumViews.get('').whenSharp()")


def screen(page: Page) -> NDArray[Any]:
    encoded: str = page.evaluate(
        """size => {
            const view = window.hemalumViews.get("");
            const { width, height } = view.fieldSize;
            const corner = [width, height].map(length => Math.floor(length / 2) - size / 2);
            const pixels = view.readPixels(...corner, size, size);
            return btoa(Array.from(pixels, value => String.fromCharCode(value)).join(""));
        }""",
        SIDE_PX,
    )
    pixels = np.frombuffer(base64.b64decode(encoded), np.uint8).reshape(SIDE_PX, SIDE_PX, 4)
    bottom_up = page.evaluate("() => window.hemalumViews.get('').drawer === 'webgl2'")
    return (pixels[::-1] if bottom_up else pixels)[..., :3].astype(float)


def cell(page: Page, channel: int) -> NDArray[Any]:
    """The middle of a channel's own cell."""
    encoded: str = page.evaluate(
        """([channel, size]) => {
            const canvas = document.querySelector(`.channel-cells canvas[data-channel="${channel}"]`);
            const corner = [canvas.width, canvas.height].map(length => Math.floor(length / 2) - size / 2);
            const { data } = canvas.getContext("2d").getImageData(...corner, size, size);
            return btoa(Array.from(data, value => String.fromCharCode(value)).join(""));
        }""",
        [channel, 100],
    )
    return np.frombuffer(base64.b64decode(encoded), np.uint8).reshape(100, 100, 4)[..., :3].astype(float)


def opened(open_page: OpenPage, node: Any, search: str) -> Page:
    page = open_page(f"/slides/{node.images['stack']}?{search}")
    page.wait_for_function("() => window.hemalumViews?.get('')")
    look(page)
    return page


def test_samples_of_sixteen_bits_are_mixed_where_they_are_seen(
    open_page: OpenPage, node: Any, stack: NDArray[Any]
) -> None:
    assert X_PX // TILE_PX != (X_PX - SIDE_PX // 2) // TILE_PX
    page = opened(open_page, node, f"panel=1&plane=1&{MIX}")
    first, second = around(stack[1])
    orange, blue = signal(first, 500, 2500) * ORANGE, signal(second, 100, 3900, 0.5) * BLUE
    assert np.abs(screen(page) - np.clip(orange + blue, 0, 255)).max() <= 1

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/tiles/" in request.url else None)
    white = page.get_by_role("textbox", name="White point of DAPI")
    white.fill("1800")
    white.press("Enter")
    handle = page.get_by_role("slider", name="Black point of DAPI")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "c=0-ff8000-501-1800" in url)
    orange = signal(first, 501, 1800) * ORANGE
    assert np.abs(screen(page) - np.clip(orange + blue, 0, 255)).max() <= 1
    page.locator(".slide-region").focus()
    page.keyboard.press("2")
    page.wait_for_url(lambda url: "c=0-ff8000-501-1800&" in url + "&")
    assert np.abs(screen(page) - orange).max() <= 1
    page.keyboard.press("2")
    page.get_by_role("button", name="CD3 alone").click()
    page.wait_for_url(lambda url: "solo=1" in url)
    assert np.abs(screen(page) - blue).max() <= 1
    page.get_by_role("button", name="CD3 alone").click()
    page.get_by_role("button", name="Auto: range of DAPI from its samples").click()
    low, high = np.percentile(stack[1, 0], (1, 99.8), method="inverted_cdf").astype(int)
    page.wait_for_url(lambda url: f"c=0-ff8000-{low}-{high}" in url)
    assert asked == []

    page.evaluate(
        """async () => {
            const gl = document.querySelector(".slide canvas").getContext("webgl2");
            const lose = gl.getExtension("WEBGL_lose_context");
            lose.loseContext();
            await new Promise(done => setTimeout(done, 300));
            lose.restoreContext();
        }"""
    )
    orange = signal(first, float(low), float(high)) * ORANGE
    mixed = np.clip(orange + blue, 0, 255)
    assert eventually(page, lambda: np.abs(screen(page) - mixed).max() <= 1)
    assert asked == []

    page.locator(".slide-region").focus()
    page.keyboard.press("Shift+X")
    expect(page.locator(".channel-cells figcaption")).to_have_text(["DAPI", "CD3"])
    look(page)
    inner = slice(SIDE_PX // 2 - 50, SIDE_PX // 2 + 50)
    # A cell of an odd number of pixels has the place between two of them.
    for number, alone in enumerate((orange[inner, inner], blue[inner, inner])):
        assert eventually(page, lambda n=number, alone=alone: np.abs(cell(page, n) - alone).mean() < 12)
    assert not cell(page, 1)[..., 0].any()
    page.keyboard.press("Shift+X")
    look(page)

    page.get_by_text("Let the server mix").click()
    expect(page.locator(".status-bar")).to_contain_text("Mixed by the server, JPEG")
    page.wait_for_url(lambda url: "mix=server" in url)
    sharp(page)
    assert any("composite" in url for url in asked)
    assert np.abs(screen(page) - mixed).mean() < 3


def test_a_computed_plane_says_that_it_is_none_of_the_scanned(
    open_page: OpenPage, node: Any, stack: NDArray[Any]
) -> None:
    page = opened(open_page, node, MIX)
    page.locator(".slide-region").focus()
    page.keyboard.press("}")
    page.wait_for_url(lambda url: "plane=extended-depth" in url)
    expect(page.locator(".computed-plane")).to_contain_text("Computed from 3 planes")
    expect(page.locator(".computed-plane")).to_contain_text("Not a scanned plane")
    expect(page.locator(".planes")).to_contain_text("Extended depth, computed from 3 planes")
    sharp(page)
    first, second = (
        around(focus.extended_depth(list(stack[:, channel, ..., None]))[..., 0]) for channel in (0, 1)
    )
    mixed = np.clip(signal(first, 500, 2500) * ORANGE + signal(second, 100, 3900, 0.5) * BLUE, 0, 255)
    assert np.abs(screen(page) - mixed).max() <= 1
    page.get_by_role("button", name="Best focus").click()
    page.wait_for_url(lambda url: "plane=best-focus" in url)
    page.locator(".slide-region").focus()
    page.keyboard.press("]")
    expect(page.locator(".computed-plane")).to_have_count(0)
    expect(page.locator(".planes")).to_contain_text("Plane 3 of 3")


def test_without_webgl_the_server_mixes_and_the_screen_says_so(
    open_page: OpenPage, node: Any, stack: NDArray[Any]
) -> None:
    page = opened(open_page, node, f"drawer=canvas&{MIX}")
    expect(page.locator(".status-bar")).to_contain_text("Mixed by the server, JPEG")
    first, second = around(stack[0])
    mixed = np.clip(signal(first, 500, 2500) * ORANGE + signal(second, 100, 3900, 0.5) * BLUE, 0, 255)
    assert np.abs(screen(page) - mixed).mean() < 6


def test_on_a_slow_link_samples_come_at_half_their_resolution_first_and_end_whole(
    open_page: OpenPage, node: Any, stack: NDArray[Any]
) -> None:
    page = open_page(None, allow="ERR_FAILED")
    settings = {"slow_link": "on"}
    page.context.request.put(f"{node.url}/api/access/me/settings", data=settings, headers={"x-hemalum": "1"})
    page.goto(node.url)
    expect(page.locator(".row:not(.head)").first).to_be_visible()
    # Of the finest level nothing but reduced tiles comes through for now.
    whole = re.compile(r"/tiles/[^?]*/0/1/\d+/\d+/\d+$")
    page.route(whole, lambda route: route.abort())
    x, y = X_PX * SPACING_UM, Y_PX * SPACING_UM
    page.goto(f"{node.url}/slides/{node.images['stack']}?plane=1&x={x}&y={y}&z={SPACING_UM}&{MIX}")
    bar = page.locator(".status-bar")
    expect(bar).to_contain_text("Half resolution: all of it follows when the view rests")
    first, second = around(stack[1])
    truth = np.clip(signal(first, 500, 2500) * ORANGE + signal(second, 100, 3900, 0.5) * BLUE, 0, 255)
    page.wait_for_function("() => window.hemalumViews?.get('')")
    assert not page.evaluate("() => window.hemalumViews.get('').isSharp")
    page.unroute(whole)
    look(page)
    expect(page.locator(".sharpness.sharp")).to_have_count(1)
    assert np.abs(screen(page) - truth).max() <= 1


def test_every_reader_begins_with_the_look_that_was_chosen(
    open_page: OpenPage, node: Any, stack: NDArray[Any]
) -> None:
    page = opened(open_page, node, "panel=1&plane=1&c=0-ff8000-500-2500")
    orange = signal(around(stack[1])[0], 500, 2500) * ORANGE
    page.get_by_role("button", name="Show this first to every reader").click()
    chosen = page.get_by_text("chose what every reader sees first")
    expect(chosen).to_be_visible()

    other = opened(open_page, node, "panel=1&plane=1")
    expect(other.get_by_text("chose what every reader sees first")).to_be_visible()
    assert "c=" not in other.url.partition("?")[2]
    assert np.abs(screen(other) - orange).max() <= 1
    other.get_by_role("button", name="Back to the image's own settings").click()
    other.wait_for_url(lambda url: "c=0-" in url)
    other.get_by_role("button", name="Back to the first look").click()
    sharp(other)
    assert eventually(other, lambda: np.abs(screen(other) - orange).max() <= 1)

    page.get_by_role("button", name="Take that back").click()
    expect(chosen).to_have_count(0)
