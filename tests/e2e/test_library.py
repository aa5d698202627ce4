"""The library in a real browser."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from hemalum.testing.samples import picture, svs_ycbcr

OpenPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]


def rows(page: Page) -> Locator:
    """Rows of the list without its head."""
    return page.locator(".row:not(.head)")


def drop(page: Page, name: str, content: bytes) -> None:
    """Drag a file from the desktop into the page."""
    page.evaluate(
        """([name, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name));
            const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
            for (const type of ["dragenter", "dragover", "drop"])
                window.dispatchEvent(new DragEvent(type, options));
        }""",
        [name, list(content)],
    )


def test_lists_slides_and_opens_one_by_keyboard(open_page: OpenPage, node: Any) -> None:
    page = open_page()
    expect(rows(page).filter(has_text="lossless colon.tiff")).to_have_count(1)
    expect(page).to_have_title("Slides · Hemalum")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(rows(page).first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("/")
    page.keyboard.type("lossless")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("complementary", name="Selected slide")).to_contain_text("lossless colon.tiff")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/slides/{node.images['lossless colon.tiff']}**")


def test_search_and_filter_live_in_the_address(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("searchbox", name="Search slides").fill("lung")
    expect(rows(page)).to_have_count(1)
    page.wait_for_url("**/?q=lung")
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("lung")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("searchbox").fill("nothing of the kind")
    page.get_by_role("button", name="Clear search and filter").click()
    expect(rows(page).filter(has_text="jpeg lung.tiff")).to_have_count(1)
    page.wait_for_url(lambda url: "q=" not in url)


def test_a_list_that_is_pressed_before_it_has_come_opens_once_it_is_there(open_page: OpenPage) -> None:
    page = open_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/assets/overlays-*.js", hold)
    page.reload()
    language = page.get_by_role("button", name="Language")
    language.click()
    expect(language).to_have_attribute("aria-busy", "true")
    for route in held:
        route.continue_()
    page.get_by_role("option", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_language_and_theme_are_kept(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Language").click()
    page.get_by_role("option", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page).to_have_title("切片 · Hemalum")
    page.get_by_role("button", name="切换到浅色").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.get_by_role("columnheader", name="状态")).to_be_visible()


def test_a_dropped_slide_is_verified_and_becomes_available(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    expect(rows(page).first).to_be_visible()
    buffer = io.BytesIO()
    Image.fromarray(picture(300, 420, seed=77)).save(buffer, "PNG")
    drop(page, "dropped.png", buffer.getvalue())
    uploads = page.get_by_role("region", name="Uploads")
    expect(uploads).to_contain_text("SHA-256 verified")
    row = rows(page).filter(has_text="dropped.png")
    expect(row).to_contain_text("Available", timeout=60_000)
    expect(row).to_contain_text("420 × 300")


def test_a_dropped_file_that_is_no_slide_says_why(open_page: OpenPage) -> None:
    page = open_page()
    expect(rows(page).first).to_be_visible()
    drop(page, "letter.svs", b"Dear colleague, this is not a slide.")
    row = rows(page).filter(has_text="letter.svs")
    expect(row).to_contain_text("Quarantined", timeout=60_000)
    row.click()
    expect(page.locator(".quarantine")).to_contain_text("is not a slide")
    expect(page.get_by_role("button", name="Take through ingest again")).to_be_enabled()


def test_a_chinese_reader_is_told_in_chinese(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN", allow="422")
    expect(rows(page).first).to_be_visible()
    drop(page, "简报.svs", "各位同事：这不是切片。".encode())
    row = rows(page).filter(has_text="简报.svs")
    expect(row).to_contain_text("已隔离", timeout=60_000)
    row.click()
    expect(page.locator(".quarantine")).to_contain_text("简报.svs 不是切片：这是文本文件。")
    rows(page).filter(has_text="jpeg lung.tiff").click()
    expect(page.locator(".findings")).to_contain_text("缺失：染色")
    drop(page, "empty.svs", b"")
    expect(page.get_by_role("region", name="上传")).to_contain_text("文件为空。")


def test_a_scanner_of_which_only_the_maker_is_known_is_told_alike_everywhere(
    open_page: OpenPage, node: Any, tmp_path: Path
) -> None:
    node.ingest(svs_ycbcr(tmp_path).path)
    page = open_page()
    row = rows(page).filter(has_text="ycbcr.svs")
    expect(row).to_contain_text("Aperio, model unknown")
    row.click()
    preview = page.get_by_role("complementary", name="Selected slide")
    expect(preview).to_contain_text("Missing: Scanner model")
    expect(preview.locator(".facts > div").filter(has_text="Scanner maker")).to_contain_text("Aperio")
    expect(preview.locator(".facts > div").filter(has_text="Scanner model")).to_contain_text("Missing")


def test_without_a_session_the_way_in_is_told(open_page: OpenPage, violations: Violations) -> None:
    page = open_page(signed_in=False, allow="401")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert violations(page) == []
    page.get_by_text("I cannot sign in").click()
    expect(page.get_by_text("hemalum link")).to_be_visible()
    assert violations(page) == []


def test_a_silent_server_shows_the_amber_bar_until_it_is_back(open_page: OpenPage) -> None:
    page = open_page(allow="ERR_")
    expect(rows(page).first).to_be_visible()
    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("menuitem", name="My account").click()
    change = page.get_by_role("button", name="Set up an app")
    expect(change).to_be_enabled()
    page.context.set_offline(True)
    expect(page.get_by_text("No connection to the server.")).to_be_visible()
    expect(change).to_be_disabled()
    page.context.set_offline(False)
    expect(page.get_by_text("No connection to the server.")).to_be_hidden()
    expect(change).to_be_enabled()


@pytest.mark.parametrize(("locale", "theme"), [("en-GB", "dark"), ("zh-CN", "light")])
def test_nothing_serious_for_axe(
    open_page: OpenPage, violations: Violations, theme: str, locale: str
) -> None:
    page = open_page(locale=locale, theme=theme)
    rows(page).filter(has_text="lossless colon.tiff").click()
    expect(page.locator(".facts")).to_be_visible()
    assert violations(page) == []


def test_twelve_thousand_slides_scroll_and_select(open_page: OpenPage) -> None:
    page = open_page()
    expect(rows(page).first).to_be_visible()
    shown = first_item(page)
    read = "id => fetch(`/api/slides/images/${id}`).then(answer => answer.json())"
    detail = page.evaluate(read, shown["id"])
    total = 12_000

    def answer(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        offset, limit = int(asked["offset"][0]), int(asked["limit"][0])
        items = [
            shown | {"id": f"made-up-{n}", "name": f"Slide {n}.svs", "status": "hashed", "progress": None}
            for n in range(offset, min(offset + limit, total))
        ]
        route.fulfill(json={"total": total, "offset": offset, "revision": 1, "items": items})

    page.route("**/api/slides/images?**", answer)
    page.route("**/api/slides/images/made-up-*", lambda route: route.fulfill(json=detail))
    page.reload()
    expect(rows(page).first).to_contain_text("Slide 0.svs")
    assert rows(page).count() < 80
    page.keyboard.press("End")
    last = rows(page).filter(has_text="Slide 11999.svs")
    expect(last).to_be_in_viewport()
    expect(last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("k")
    expect(rows(page).filter(has_text="Slide 11998.svs")).to_have_attribute("aria-selected", "true")
    assert rows(page).count() < 80
    page.keyboard.press("Home")
    expect(rows(page).first).to_contain_text("Slide 0.svs")


def test_an_ingest_in_progress_can_be_cancelled(open_page: OpenPage) -> None:
    page = open_page()
    expect(rows(page).first).to_be_visible()
    on_its_way = first_item(page) | {
        "id": "made-up",
        "name": "On its way.svs",
        "status": "hashed",
        "progress": {"stage": "convert", "done": 3, "total": 10},
    }
    shown = [on_its_way]

    def cancel(route: Route) -> None:
        reason = {"reason": "Cancelled.", "reason_said": {"template": "Cancelled.", "values": {}}}
        shown[0] = on_its_way | {"status": "quarantined", "progress": None} | reason
        route.fulfill(status=202)

    page.route(
        "**/api/slides/images?**",
        lambda route: route.fulfill(
            status=200, json={"total": 1, "offset": 0, "revision": len(shown), "items": shown}
        ),
    )
    page.route(
        "**/api/slides/images/made-up",
        lambda route: route.fulfill(
            status=200, json=shown[0] | {key: [] for key in ("elements", "findings", "levels", "channels")}
        ),
    )
    page.route("**/api/slides/images/made-up/cancel", cancel)
    page.route("**/made-up/thumbnail**", lambda route: route.fulfill(status=204))
    page.reload()
    rows(page).click()
    preview = page.get_by_role("complementary", name="Selected slide")
    expect(preview).to_contain_text("3 of 10")
    preview.get_by_role("button", name="Cancel ingest").click()
    expect(preview).to_contain_text("Cancelled.")
    expect(preview.get_by_role("button", name="Take through ingest again")).to_be_enabled()


def first_item(page: Page) -> dict[str, Any]:
    """A row as the server gives it."""
    item: dict[str, Any] = page.evaluate(
        "async () => (await (await fetch('/api/slides/images?status=available&limit=1')).json()).items[0]"
    )
    return item


SENDS_TO_THE_END = """async () => {
    const me = await (await fetch('/api/access/me')).json();
    const key = `hemalum.uploads/${me.person_id}//1`;
    window.addEventListener('beforeunload', () => localStorage.setItem(key, '{"name": "Nobody, Ann.svs"}'));
}"""


def test_signing_out_ends_the_session(open_page: OpenPage, node: Any) -> None:
    page = open_page(signed_in=False, allow="401")
    page.goto(node.entrance())
    expect(rows(page).first).to_be_visible()
    purpose = page.get_by_role("button", name="Purpose")
    purpose.click()
    page.get_by_role("option", name="Teaching").click()
    # Until the page goes, a file that is being sent writes down how far it is. Its name may name a patient.
    page.evaluate(SENDS_TO_THE_END)
    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Nobody" not in page.evaluate("() => JSON.stringify(localStorage)")
    # Whoever comes next states a purpose of their own.
    page.goto(node.entrance())
    expect(purpose).to_contain_text("Care")
