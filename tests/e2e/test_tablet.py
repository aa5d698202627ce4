"""Tablets: strip, sheet and its heights, targets for fingers; and the app that opens without a server."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]

TARGET_PX = 44


def heights(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.evaluate(
        """() => Object.fromEntries(["viewer", "sheet", "tray", "slide-region"].map((name) =>
            [name, document.querySelector("." + name)?.getBoundingClientRect().height ?? 0]))"""
    )
    return found


def crossing(page: Page) -> list[str]:
    """Names of what stands in the header and lies over its neighbour, or out of it."""
    found: list[str] = page.evaluate(
        """() => {
            const shown = [...document.querySelectorAll(".header a, .header button")].filter((one) =>
                one.checkVisibility() && one.getBoundingClientRect().width > 0);
            const places = shown.map((one) => one.getBoundingClientRect());
            const meet = (one, other) => other.left < one.right - 0.5 && one.left < other.right - 0.5;
            return shown.filter((_, at) => places[at].right > window.innerWidth + 0.5
                || places.some((other, beside) => beside !== at && meet(places[at], other)))
                .map((one) => one.ariaLabel ?? one.textContent);
        }"""
    )
    return found


def small_targets(page: Page) -> list[str]:
    """Names of what one presses that is smaller than a finger wants it."""
    found: list[str] = page.evaluate(
        """(least) => [...document.querySelectorAll(
                "button, [role=tab], [role=menuitem], [role=separator], select, summary")]
            .filter((element) => element.checkVisibility())
            .filter((element) => !element.closest("dl, .overview, [aria-hidden=true]"))
            // What is there for screen readers alone.
            .filter((element) => !element.closest("[style*=clip-path]"))
            .filter((element) => {
                const { width, height } = element.getBoundingClientRect();
                return width > 0 && Math.min(width, height) < least;
            })
            .map((element) => `${element.className} ${element.ariaLabel ?? element.textContent}`)""",
        TARGET_PX,
    )
    return found


@pytest.mark.parametrize(("width", "height", "locale"), [(768, 1024, "en-GB"), (1024, 768, "zh-CN")])
def test_a_tablet_has_a_strip_and_a_sheet_of_three_heights(
    open_page: OpenPage, node: Any, violations: Violations, width: int, height: int, locale: str
) -> None:
    size = {"width": width, "height": height}
    search = "?sort=name&at=1&panel=1&tab=annotate"
    page = open_page(
        f"/slides/{node.images['lossless colon.tiff']}{search}",
        viewport=size,
        locale=locale,
        has_touch=True,
        is_mobile=True,
    )
    page.wait_for_function("() => window.hemalumViews?.get('')")
    expect(page.locator(".tray.strip .tray-item").first).to_be_visible()
    grip = page.get_by_role("separator")
    expect(grip).to_have_attribute("aria-valuenow", "1")
    half = heights(page)
    assert half["sheet"] == pytest.approx(0.42 * half["viewer"], abs=2)
    assert crossing(page) == []
    assert small_targets(page) == []
    assert violations(page) == []
    grip.focus()
    page.keyboard.press("End")
    page.wait_for_url(lambda url: "sheet=2" in url)
    tall = heights(page)
    assert tall["sheet"] > 1.5 * half["sheet"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_url(lambda url: "sheet=0" in url)
    low = heights(page)
    assert low["sheet"] < half["sheet"] / 2
    assert low["slide-region"] > half["slide-region"]
    # Up with the finger, and let go nearest to the middle.
    box = grip.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 20 - 0.22 * low["viewer"], steps=5)
    page.mouse.up()
    expect(grip).to_have_attribute("aria-valuenow", "1")
    assert heights(page)["sheet"] == pytest.approx(half["sheet"], abs=2)
    page.locator(".sheet-head button").last.click()
    expect(page.locator(".sheet")).to_have_count(0)
    # Where the header has no room for the pages, the menu of the person leads to them.
    page.locator(".header > .button.icon").last.click()
    expect(page.get_by_role("menuitem").first).to_be_visible()
    assert small_targets(page) == []
    page.get_by_role("menuitem", name={"en-GB": "Work orders", "zh-CN": "病理医嘱"}[locale]).click()
    page.wait_for_url("**/orders*")


def test_the_app_opens_without_a_server_and_keeps_nothing_of_patients(
    open_page: OpenPage, node: Any, violations: Violations
) -> None:
    page = open_page(f"/slides/{node.images['jpeg lung.tiff']}", allow="ERR_", service_workers="allow")
    page.wait_for_function("() => window.hemalumViews?.get('')")
    manifest = page.context.request.get(f"{node.url}/manifest.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    for icon in manifest.json()["icons"]:
        assert page.context.request.get(node.url + icon["src"]).headers["content-type"] == icon["type"]
    worker = page.context.request.get(f"{node.url}/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.reload()
    page.wait_for_function("() => window.hemalumViews?.get('')")
    kept = page.evaluate(
        """async () => {
            const found = [];
            for (const name of await caches.keys())
                for (const request of await (await caches.open(name)).keys())
                    found.push(new URL(request.url).pathname);
            return found;
        }"""
    )
    assert "/index.html" in kept
    listed = json.loads(worker.text().split("const RELEASE=", 1)[1].split(";", 1)[0])
    assert sorted(kept) == sorted(listed["files"])
    assert all(path.startswith(("/assets/", "/icon", "/index.html", "/manifest")) for path in kept)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="No connection to the server")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="No connection to the server")).to_be_visible()
    # It comes back by itself, so that whoever presses the button now may find it gone.
    page.context.set_offline(False)
    page.wait_for_function("() => window.hemalumViews?.get('')")
