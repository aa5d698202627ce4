"""Reading: what was seen, the walk over the tissue, own keys, the palette, a controller, two windows."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Response, Route, expect

OpenPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]

SLIDE = "lossless colon.tiff"
MOST_FIELDS = 60


def open_slide(open_page: OpenPage, node: Any, search: str = "", name: str = SLIDE, **options: Any) -> Page:
    """The viewer on a slide, once it is on the screen and knows what was seen before."""
    page = open_page(f"/slides/{node.images[name]}{search}", **options)
    settle(page)
    return page


def settle(page: Page) -> None:
    page.wait_for_function("() => window.hemalumViews?.get('')")
    expect(page.locator(".coverage-bars").first).to_be_visible()
    wait_sharp(page)


def wait_sharp(page: Page) -> None:
    page.evaluate("() => window.hemalumViews.get('').whenSharp()")


def zoom(page: Page, um_per_px: float) -> None:
    page.evaluate(
        "z => { const v = window.hemalumViews.get(''); v.setPose({ ...v.pose(), z }, true); }", um_per_px
    )
    wait_sharp(page)


def pose(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.evaluate("() => window.hemalumViews.get('').pose()")
    return found


def shares(page: Page, node: Any, name: str = SLIDE) -> dict[float, float]:
    """What the server knows."""
    answer = page.context.request.get(f"{node.url}/api/reading/images/{node.images[name]}/coverage")
    return {one["objective"]: one["share"] for one in answer.json()["shares"]}


def is_kept(answer: Response) -> bool:
    """Whether the server was told settings."""
    return answer.url.endswith("/me/settings") and answer.request.method == "PUT"


def walk_all(page: Page, power: str) -> int:
    """Press T until all is seen; how many fields that took."""
    done = page.locator(".reading-status", has_text="all tissue seen")
    for steps in range(MOST_FIELDS):
        if done.count():
            return steps
        before = page.locator(".reading-status").inner_text()
        page.keyboard.press("t")
        wait_sharp(page)
        # Counting needs a moment of rest; a field of which nothing is left to see changes nothing.
        page.wait_for_function(
            "text => document.querySelector('.reading-status').textContent !== text", arg=before
        )
    raise AssertionError(f"{power}: {page.locator('.reading-status').inner_text()}")


def test_the_walk_covers_all_tissue_and_is_remembered_everywhere(
    open_page: OpenPage, node: Any, violations: Violations
) -> None:
    page = open_slide(open_page, node)
    zoom(page, 1.0)
    assert walk_all(page, "10x") > 1
    page.keyboard.press("t")
    expect(page.locator(".walk-message")).to_have_text("10×: all tissue seen")
    page.evaluate("() => window.hemalumViews.get('').setPose({ x: 1400, y: 1000, z: 1, r: 0 }, true)")
    wait_sharp(page)
    page.keyboard.press("Shift+T")
    expect(page.locator(".walk-message")).to_contain_text("10×: field")
    assert pose(page)["x"] < 1400
    assert violations(page) == []
    page.reload()
    settle(page)
    zoom(page, 1.0)
    expect(page.locator(".reading-status")).to_have_text("10×: all tissue seen")
    page.wait_for_function("() => !Object.keys(localStorage).some(key => key.startsWith('hemalum.seen.'))")
    known = shares(page, node)
    assert (known[1.25], known[10.0]) == (1, 1)
    assert known[20.0] < 1
    other = open_slide(open_page, node, locale="zh-CN")
    zoom(other, 1.0)
    expect(other.locator(".reading-status")).to_have_text("10×：组织已全部看过")


def test_what_was_not_seen_lies_under_a_veil(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "?x=700&y=500&z=4", name="deep pyramid.tiff")
    page.keyboard.press("s")
    expect(page.locator(".mask-legend")).to_be_visible()
    expect(page.locator("canvas.seen-mask")).to_have_count(1)
    veiled = """() => {
        const canvas = document.querySelector('canvas.seen-mask');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let at = 3; at < data.length; at += 4) if (data[at] > 0) count++;
        return count / (data.length / 4);
    }"""
    page.wait_for_function(f"() => ({veiled})() < 0.02")
    # A hidden window sees nothing, so that what comes onto the screen now stays unseen.
    page.evaluate("() => Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })")
    page.evaluate("() => window.hemalumViews.get('').setPose({ x: 1000, y: 900, z: 0.7, r: 30 }, true)")
    wait_sharp(page)
    page.wait_for_function(f"() => ({veiled})() > 0.3")
    page.reload()
    settle(page)
    expect(page.locator(".mask-legend")).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator("canvas.seen-mask")).to_have_count(0)


def test_what_was_seen_without_a_connection_is_told_later(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, name="jpeg lung.tiff", allow="ERR_INTERNET_DISCONNECTED")
    page.wait_for_function("() => !Object.keys(localStorage).some(key => key.startsWith('hemalum.seen.'))")
    before = shares(page, node, "jpeg lung.tiff")
    page.route("**/api/**", lambda route: route.abort("internetdisconnected"))
    page.evaluate("() => window.hemalumViews.get('').setPose({ x: 500, y: 300, z: 0.5, r: 0 }, true)")
    wait_sharp(page)
    expect(page.locator(".bars .notice.warn")).to_contain_text("1 thing waits to be saved.")
    assert page.evaluate("() => Object.keys(localStorage).some(key => key.startsWith('hemalum.seen.'))")
    page.unroute("**/api/**")
    page.reload()
    settle(page)
    page.wait_for_function("() => !Object.keys(localStorage).some(key => key.startsWith('hemalum.seen.'))")
    assert shares(page, node, "jpeg lung.tiff")[20.0] > before[20.0]
    expect(page.locator(".bars .notice.warn")).to_have_count(0)


def test_keys_of_ones_own(open_page: OpenPage, node: Any, violations: Violations) -> None:
    page = open_slide(open_page, node)
    page.keyboard.press("?")
    row = page.get_by_role("button", name="Mirror: F. Change the key.")
    row.click()
    expect(page.get_by_text("Press a key", exact=True)).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("alert")).to_contain_text("U is the key for “Upright”.")
    assert violations(page) == []
    page.get_by_role("button", name="Cancel", exact=True).click()
    row.click()
    page.keyboard.press("Escape")
    row.click()
    with page.expect_response(is_kept):
        page.keyboard.press("g")
    expect(page.get_by_role("button", name="Mirror: G. Change the key.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("f")
    assert not page.evaluate("() => window.hemalumViews.get('').flipped")
    page.keyboard.press("g")
    assert page.evaluate("() => window.hemalumViews.get('').flipped")
    page.get_by_role("button", name="Mirror", exact=True).focus()
    expect(page.get_by_role("tooltip")).to_have_text("MirrorG")
    page.wait_for_url("**flip=1**")
    page.reload()
    settle(page)
    page.keyboard.press("g")
    page.wait_for_function("() => !window.hemalumViews.get('').flipped")
    other = open_slide(open_page, node)
    other.keyboard.press("g")
    assert other.evaluate("() => window.hemalumViews.get('').flipped")
    other.keyboard.press("?")
    with other.expect_download() as saved:
        other.get_by_role("link", name="Save as a file").click()
    assert json.loads(saved.value.path().read_text()) == {"mirror": ["G"]}
    other.get_by_role("button", name="All keys as usual").click()
    expect(other.get_by_role("button", name="Mirror: F. Change the key.")).to_be_visible()
    given = {
        "name": "keys.json",
        "mimeType": "application/json",
        "buffer": b'{"mirror": ["J"], "nothing": ["Q"]}',
    }
    other.locator(".key-files input").set_input_files(given)
    expect(other.get_by_role("button", name="Mirror: J. Change the key.")).to_be_visible()
    expect(other.get_by_role("alert")).to_contain_text("left out")
    given["buffer"] = b"\xff{"
    other.locator(".key-files input").set_input_files(given)
    expect(other.get_by_role("alert")).to_contain_text("holds no keys")


NAMES_WHAT_IS_THERE = """() => ["aria-activedescendant", "aria-controls"].every((name) => {
    const id = document.activeElement.getAttribute(name);
    return id === null || document.getElementById(id) !== null;
})"""


def test_the_palette_finds_actions_in_both_languages_and_slides(
    open_page: OpenPage, node: Any, violations: Violations
) -> None:
    page = open_slide(open_page, node)
    page.keyboard.press("Control+k")
    field = page.get_by_role("searchbox", name="Find an action or a slide")
    expect(field).to_be_focused()
    page.keyboard.type("镜像")
    expect(page.get_by_role("menuitem")).to_have_text(["MirrorF"])
    # The field tells which entry is in hand a moment after the list has changed.
    page.wait_for_function(NAMES_WHAT_IS_THERE)
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_function("() => window.hemalumViews.get('').flipped")
    page.keyboard.press("Control+k")
    page.keyboard.type("jpeg")
    expect(page.get_by_role("menuitem", name="jpeg lung.tiff")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/slides/{node.images['jpeg lung.tiff']}*")
    settle(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("menuitem", name="lossless colon.tiff")).to_be_visible()
    page.keyboard.type("zzzz")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


ENTER_AT_ONCE = """text => {
    const field = document.activeElement;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}"""


def test_the_palette_loses_no_key_of_a_fast_typist(open_page: OpenPage, node: Any) -> None:
    late = "**/assets/Palette-*.js"
    page = open_page(None)
    held: list[Route] = []
    page.route(late, lambda route: held.append(route))
    slide = f"{node.url}/slides/{node.images['lossless colon.tiff']}"
    page.goto(slide)
    settle(page)
    before = pose(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("mirrox")
    page.keyboard.press("Backspace")
    assert held
    for route in held:
        route.continue_()
    field = page.get_by_role("searchbox", name="Find an action or a slide")
    expect(field).to_have_value("mirro")
    assert pose(page) == before
    # Typed while the field has not the keys yet: they are no keys of the slide.
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.type("r")
    expect(field).to_have_value("mirror")
    # The first key brings the focus back, and the keys after it are the field's.
    expect(field).to_be_focused()
    page.locator(".palette").focus()
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    # Enter in the very moment of the last letter: before the list has marked what it leads to.
    page.evaluate(ENTER_AT_ONCE, "mirror")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_function("() => window.hemalumViews.get('').flipped")
    # And before the list is there at all.
    held.clear()
    page.goto(slide)
    settle(page)
    assert not page.evaluate("() => window.hemalumViews.get('').flipped")
    page.keyboard.press("Control+k")
    page.keyboard.type("mirror")
    page.keyboard.press("Enter")
    for route in held:
        route.continue_()
    page.wait_for_function("() => window.hemalumViews.get('').flipped")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_enter_in_the_palette_opens_what_the_letters_name_and_not_what_was_listed_before(
    open_page: OpenPage, node: Any
) -> None:
    page = open_page("/")
    expect(page.get_by_text("jpeg lung.tiff").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("jpeg")
    expect(page.get_by_role("menuitem", name="jpeg lung.tiff")).to_be_visible()
    held: list[Route] = []
    page.route(re.compile("[?&]q=l"), lambda route: held.append(route))
    page.keyboard.press("Control+a")
    with page.expect_request(re.compile("[?&]q=lossless")):
        page.keyboard.type("lossless")
    page.keyboard.press("Enter")
    # It waits for the slides of these letters.
    expect(page.get_by_role("dialog")).to_have_count(1)
    for route in held:
        route.continue_()
    page.wait_for_url(f"**/slides/{node.images['lossless colon.tiff']}*")


PAD = """() => {
    window.pad = { connected: true, mapping: "standard", axes: [0, 0, 0, 0],
                   buttons: Array(17).fill({ pressed: false, value: 0, touched: false }) };
    navigator.getGamepads = () => [window.pad];
}"""


def test_a_game_controller_steers(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node)
    zoom(page, 0.5)
    page.evaluate(PAD)
    page.evaluate("() => window.dispatchEvent(new Event('gamepadconnected'))")
    before = pose(page)
    page.evaluate("() => { window.pad.axes = [1, 0, 0, 0]; }")
    page.wait_for_function("x => window.hemalumViews.get('').pose().x > x + 20", arg=before["x"])
    page.evaluate("() => { window.pad.axes = [0, 0, 0, 0]; }")
    for button, moved in ((7, "z < before.z"), (14, "x < before.x"), (0, "x !== before.x")):
        wait_sharp(page)
        before = pose(page)
        press = """([number, down]) => {
            window.pad.buttons[number] = { pressed: down, value: +down, touched: down };
        }"""
        page.evaluate(press, [button, True])
        page.wait_for_function(
            f"before => {{ const {{ x, z }} = window.hemalumViews.get('').pose(); return {moved}; }}",
            arg=before,
        )
        page.evaluate(press, [button, False])
    expect(page.locator(".walk-message")).not_to_be_empty()


def test_the_tray_steps_through_the_list(open_page: OpenPage, node: Any, violations: Violations) -> None:
    # Other tests add slides of their own, so the list itself says what it begins with.
    page = open_page("/?sort=name&status=available")
    answer = page.context.request.get(f"{node.url}/api/slides/images?sort=name&status=available")
    listed = answer.json()
    first, second, third = (image["name"] for image in listed["items"][:3])
    expect(page.locator(".row:not(.head)").first).to_contain_text(first)
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    settle(page)
    tray = page.get_by_role("navigation", name="Slides of the list")
    here = tray.locator("[aria-current=true] .name")
    expect(here).to_have_text(first)
    expect(tray.locator("li").first).to_have_attribute("aria-setsize", str(listed["total"]))
    page.keyboard.press("PageDown")
    expect(here).to_have_text(second)
    settle(page)
    assert violations(page) == []
    tray.locator("li", has_text=third).get_by_role("button").click()
    page.wait_for_url(f"**/slides/{listed['items'][2]['id']}*")
    expect(here).to_have_text(third)
    settle(page)
    page.keyboard.press("z")
    expect(tray).to_have_count(0)
    page.wait_for_url("**tray=0**")
    page.reload()
    settle(page)
    expect(tray).to_have_count(0)


def test_settings_hold_in_every_browser_and_the_dimmer_ends(
    open_page: OpenPage, node: Any, violations: Violations
) -> None:
    page = open_page("/")
    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("menuitem", name="Settings").click()
    dialog = page.get_by_role("dialog", name="Settings")
    dialog.get_by_role("button", name="Dark Colours").click()
    page.get_by_role("option", name="Light").click()
    dialog.get_by_role("button", name="Rows").click()
    page.get_by_role("option", name="Close together").click()
    dialog.get_by_label("Wheel the other way round").check()
    with page.expect_response(is_kept):
        dialog.get_by_label("Dim the glass until I sign out").check()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_text("Glass dimmed: colours are not as scanned")).to_be_visible()
    other = open_slide(open_page, node, "?x=700&y=500&z=1")
    expect(other.locator("html")).to_have_attribute("data-theme", "light")
    expect(other.locator("html")).to_have_attribute("data-density", "compact")
    expect(other.get_by_text("Glass dimmed")).to_have_count(0)
    box = other.locator(".slide").bounding_box()
    assert box
    other.mouse.move(box["x"] + 300, box["y"] + 300)
    other.mouse.wheel(0, -120)
    other.wait_for_function("() => window.hemalumViews.get('').pose().z > 1.1")


def test_two_windows_stay_in_step(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "?x=700&y=500&z=1")
    page.keyboard.press("Control+k")
    page.keyboard.type("second window")
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    second = opened.value
    settle(second)
    expect(second.get_by_text("Windows in step")).to_be_visible()
    page.bring_to_front()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("5")
    wait_sharp(page)
    there = pose(page)
    second.wait_for_function(
        """to => {
            const at = window.hemalumViews.get('').pose();
            return Math.abs(at.x - to.x) + Math.abs(at.z - to.z) < 0.01;
        }""",
        arg=there,
    )
    second.keyboard.press("ArrowDown")
    page.wait_for_function("y => window.hemalumViews.get('').pose().y > y + 50", arg=there["y"])
    second.keyboard.press("Control+k")
    second.keyboard.type("jpeg lung")
    expect(second.get_by_role("menuitem", name="jpeg lung.tiff")).to_be_visible()
    second.keyboard.press("Enter")
    page.wait_for_url(f"**/slides/{node.images['jpeg lung.tiff']}*")


def test_two_windows_stay_in_step_pane_by_pane(open_page: OpenPage, node: Any) -> None:
    both = "() => window.hemalumViews?.get('a.') && window.hemalumViews.get('b.')"
    poses = "() => ['a.', 'b.'].map(pane => window.hemalumViews.get(pane).pose())"
    near = """to => ['a.', 'b.'].every((pane, at) => {
        const pose = window.hemalumViews.get(pane)?.pose();
        return pose && Math.abs(pose.x - to[at].x) + Math.abs(pose.y - to[at].y) < 0.01;
    })"""
    slides = f"{node.images['lossless colon.tiff']}/{node.images['jpeg lung.tiff']}"
    page = open_page(f"/compare/{slides}?a.x=700&a.y=500&a.z=1&b.x=300&b.y=200&b.z=1")
    page.wait_for_function(both)
    page.keyboard.press("Control+k")
    page.keyboard.type("second window")
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    second = opened.value
    second.wait_for_function(both)
    page.bring_to_front()
    page.locator("[data-pane='a.']").focus()
    page.keyboard.press("ArrowRight")
    wait_sharp_panes(page)
    there = page.evaluate(poses)
    assert there[0]["x"] > 750
    assert there[1]["x"] > 350
    second.wait_for_function(near, arg=there)
    # One pane alone, and how the panes lie from then on.
    second.bring_to_front()
    second.locator("[data-pane='b.']").focus()
    box = second.locator("[data-pane='b.']").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    second.mouse.move(x, y)
    second.keyboard.down("Alt")
    second.mouse.down()
    second.mouse.move(x + 60, y - 40, steps=4)
    second.mouse.up()
    second.keyboard.up("Alt")
    wait_sharp_panes(second)
    moved = second.evaluate(poses)
    assert moved[0] == there[0]
    assert moved[1]["x"] < there[1]["x"] - 10
    page.wait_for_function(near, arg=moved)
    expect(page.locator(".pane.ring [data-pane='b.']")).to_have_count(1)
    second.locator("[data-pane='b.']").focus()
    second.keyboard.press("ArrowLeft")
    wait_sharp_panes(second)
    page.wait_for_function(near, arg=second.evaluate(poses))
    second.keyboard.press("Control+k")
    second.keyboard.type("lossless colon")
    expect(second.get_by_role("menuitem", name="lossless colon.tiff")).to_be_visible()
    second.keyboard.press("Enter")
    page.wait_for_url(f"**/slides/{node.images['lossless colon.tiff']}*")


def wait_sharp_panes(page: Page) -> None:
    page.evaluate("() => Promise.all(['a.', 'b.'].map(pane => window.hemalumViews.get(pane).whenSharp()))")
