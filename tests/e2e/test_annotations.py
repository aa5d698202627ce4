"""Annotations in a real browser: two pathologists draw on slides whose pixels are known."""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import tifffile
from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Locator, Page, Route, expect

from hemalum.testing.samples import picture

SPACING_UM = 0.5
WIDTH_PX, HEIGHT_PX = 2000, 1500
DOTS = ((900.5, 650.5), (1300.5, 950.5))
"""Centres of the red dots, in pixels of level 0; 500 pixels apart."""
DOT_PX = 5

type OpenSlide = Callable[..., Page]
Violations = Callable[[Page], list[str]]


@dataclass
class People:
    """The people of these tests."""

    node: Any
    tokens: dict[str, str]

    def ask(self, who: str, method: str, path: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        answer = httpx.request(method, self.node.url + path, headers=headers, json=body, timeout=30)
        assert answer.is_success, answer.text
        return answer.json()

    def marks(self, image: str) -> list[dict[str, Any]]:
        """What the server has, in the order drawn."""
        marks = self.ask("li", "GET", f"/api/annotations/images/{image}")["annotations"]
        return sorted(marks, key=lambda mark: str(mark["created_at"]))

    def give(self, who: str, image: str, label: str, *changes: dict[str, Any]) -> None:
        command = {"id": uuid.uuid4().hex, "label": label, "changes": list(changes)}
        self.ask(who, "POST", f"/api/annotations/images/{image}/commands", command)


def square(mark: str, x: float, y: float, side: float, **more: Any) -> dict[str, Any]:
    """The change that adds a square."""
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    fixed = {"id": mark, "kind": "polygon", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    return {"op": "add", "annotation": fixed | more}


@pytest.fixture(scope="module")
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
    path = tmp_path / f"dots {uuid.uuid4().hex[:8]}.tiff"
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
        options = {"service_workers": "block"} | options
        context = browser.new_context(storage_state=sign_in(f"{who}.draws"), **options)
        contexts.append(context)
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


def look(page: Page, um_per_px: float = 1.0, turn: float = 0, flip: bool = False) -> None:
    """Centre the view on the middle of the dots."""
    page.evaluate(
        """async ([x, y, z, r, flip]) => {
            const view = window.hemalumViews.get("");
            if (view.flipped !== flip) view.setFlip(flip);
            view.setPose({ x, y, z, r }, true);
            await view.whenSharp();
        }""",
        [1100 * SPACING_UM, 800 * SPACING_UM, um_per_px, turn, flip],
    )


def screen(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the slide is in the window."""
    at: list[float] = page.evaluate(
        """([x, y]) => {
            const { a, b, c, d, e, f } = window.hemalumViews.get("").matrix();
            const box = document.querySelector(".slide").getBoundingClientRect();
            return [box.left + a * x + c * y + e, box.top + b * x + d * y + f];
        }""",
        [x, y],
    )
    return at[0], at[1]


def drag(page: Page, *places: tuple[float, float]) -> None:
    """Press at the first place of the slide, move over the others, release at the last."""
    for number, place in enumerate(places):
        page.mouse.move(*screen(page, *place), steps=4)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def click(page: Page, *places: tuple[float, float]) -> None:
    for place in places:
        page.mouse.click(*screen(page, *place))
        # Two clicks in one place and moment would be a double click.
        page.wait_for_timeout(60)


def draw_rectangle(page: Page, left: float, top: float, side: float = 200) -> None:
    page.keyboard.press("r")
    drag(page, (left, top), (left + side, top + side))
    page.keyboard.press("m")


def saved(page: Page) -> None:
    """Wait until the server has everything."""
    page.wait_for_timeout(100)
    expect(page.locator(".marks-waiting")).to_have_count(0)


def said(page: Page) -> Locator:
    return page.locator(".slide-region [role=status].visually-hidden")


def dots_on_screen(page: Page) -> list[tuple[float, float]]:
    """Centres of the red dots as the window shows them, the one further left first."""
    found: list[list[float]] = page.evaluate(
        """() => {
            const view = window.hemalumViews.get("");
            const { width, height } = view.fieldSize;
            const pixels = view.readPixels(0, 0, width, height);
            const box = document.querySelector(".slide").getBoundingClientRect();
            const dots = [];
            for (let row = 0; row < height; row++) {
                for (let column = 0; column < width; column++) {
                    const i = (row * width + column) * 4;
                    if (pixels[i] < 200 || pixels[i + 1] > 80 || pixels[i + 2] > 80) continue;
                    const [x, y] = [column + 0.5, (view.drawer === "webgl2" ? height - 1 - row : row) + 0.5];
                    const near = dots.find(dot => Math.hypot(dot.x / dot.n - x, dot.y / dot.n - y) < 40);
                    if (near) { near.x += x; near.y += y; near.n++; }
                    else dots.push({ x, y, n: 1 });
                }
            }
            return dots.map(({ x, y, n }) => [box.left + x / n, box.top + y / n]);
        }"""
    )
    assert len(found) == 2
    (ax, ay), (bx, by) = sorted(found)
    return [(ax, ay), (bx, by)]


def test_every_tool_draws_and_undo_outlives_a_reload(
    open_slide: OpenSlide, people: People, slide: str
) -> None:
    page = open_slide(slide, "?panel=1&tab=annotate")
    look(page)
    draw_rectangle(page, 400, 300)
    page.keyboard.press("o")
    drag(page, (700, 300), (900, 500))
    page.keyboard.press("p")
    click(page, (1000, 300), (1200, 300), (1200, 500), (1000, 500), (1000, 300))
    page.keyboard.press("v")
    click(page, (1300, 300), (1500, 300), (1500, 500))
    page.keyboard.press("Enter")
    page.keyboard.press("l")
    drag(page, (400, 600), (600, 700))
    page.keyboard.press("Shift+L")
    drag(page, (650, 600), (800, 700))
    page.keyboard.press("Shift+R")
    drag(page, (400, 750), (600, 850))
    page.keyboard.press("Shift+P")
    click(page, (700, 900))
    page.keyboard.press(".")
    click(page, (1100, 700), (1150, 720), (1180, 760))
    page.keyboard.press("b")
    drag(page, (400, 1000), (500, 1050), (600, 1000))
    page.keyboard.press("w")
    click(page, (1400, 1000))
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="11 annotations")).to_be_visible()
    saved(page)
    drawn = [
        "rectangle",
        "ellipse",
        "polygon",
        "polyline",
        "line",
        "arrow",
        "ruler",
        "point",
        "points",
        "brush",
        "brush",
    ]
    marks = people.marks(slide)
    assert sorted(mark["kind"] for mark in marks) == sorted(drawn)
    points = next(mark for mark in marks if mark["kind"] == "points")
    assert len(points["geometry"]["coordinates"]) == 3
    page.reload()
    expect(page.get_by_role("heading", name="11 annotations")).to_be_visible()
    page.locator(".slide-region").focus()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("heading", name="10 annotations")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("heading", name="9 annotations")).to_be_visible()
    assert len(people.marks(slide)) == 9
    page.keyboard.press("Control+Shift+z")
    expect(page.get_by_role("heading", name="10 annotations")).to_be_visible()
    page.get_by_role("button", name="History").click()
    history = page.get_by_role("dialog", name="History")
    expect(history).to_contain_text("Took back number")
    expect(history).to_contain_text("li.draws")


@pytest.mark.parametrize(("turn", "flip"), [(0, False), (37, True)])
def test_a_measured_distance_is_that_of_the_pixels(
    open_slide: OpenSlide, people: People, slide: str, turn: float, flip: bool
) -> None:
    page = open_slide(slide, "?panel=1&tab=annotate")
    look(page, 0.8 * SPACING_UM, turn, flip)
    first, second = dots_on_screen(page)
    page.keyboard.press("Shift+R")
    page.mouse.move(*first)
    page.mouse.down()
    page.mouse.move(*second, steps=5)
    page.mouse.up()
    page.keyboard.press("m")
    saved(page)
    (mark,) = people.marks(slide)
    truth = np.hypot(DOTS[1][0] - DOTS[0][0], DOTS[1][1] - DOTS[0][1]) * SPACING_UM
    assert mark["measured"]["length_um"]["value"] == pytest.approx(truth, abs=SPACING_UM)
    ends = sorted(mark["geometry"]["coordinates"])
    assert np.array(ends) == pytest.approx(np.array(DOTS), abs=1)
    expect(page.locator(".mark-detail .measures")).to_contain_text("µm")
    expect(page.locator(".mark-detail .measures")).to_contain_text("±")


def test_marks_stand_where_they_are_on_the_slide_at_every_turn(
    open_slide: OpenSlide, people: People, slide: str
) -> None:
    sides = [(x - DOT_PX / 2, y - DOT_PX / 2, float(DOT_PX)) for x, y in DOTS]
    people.give("chan", slide, "add", square("around-dot-1", *sides[0]), square("around-dot-2", *sides[1]))
    page = open_slide(slide, "?panel=1&tab=annotate")
    expect(page.get_by_role("heading", name="2 annotations")).to_be_visible()
    for turn, flip, scale in ((0, False, 0.35), (37, True, 0.4), (180, False, 0.45)):
        look(page, scale, turn, flip)
        dots = dots_on_screen(page)
        seen = []
        for row in page.get_by_role("option").all():
            row.click()
            line = page.locator(".marks-active .line.selected")
            expect(line).to_have_count(1)
            page.wait_for_timeout(100)
            seen.append(
                line.evaluate(
                    "path => { const box = path.getBoundingClientRect();"
                    " return [box.left + box.width / 2, box.top + box.height / 2]; }"
                )
            )
        assert np.array(sorted(map(tuple, seen))) == pytest.approx(np.array(dots), abs=0.75)


def test_two_people_see_each_others_marks(open_slide: OpenSlide, people: People, slide: str) -> None:
    li = open_slide(slide, "?panel=1&tab=annotate")
    chan = open_slide(slide, "?panel=1&tab=annotate", who="chan")
    look(li)
    draw_rectangle(li, 900, 600)
    saved(li)
    row = chan.get_by_role("option", name=re.compile("Rectangle"))
    expect(row).to_contain_text("li.draws")
    row.click()
    chan.locator(".mark-detail").get_by_role("button", name="Class").click()
    chan.get_by_role("option", name="Tumor").click()
    saved(chan)
    expect(li.get_by_role("option", name=re.compile("Tumor"))).to_be_visible()
    # Each takes back only what is their own: chan's class, then nothing; li's mark stays.
    chan.locator(".slide-region").focus()
    chan.keyboard.press("Control+z")
    expect(chan.get_by_role("option", name=re.compile("Rectangle"))).to_be_visible()
    chan.keyboard.press("Control+z")
    expect(said(chan)).to_have_text("There is nothing to undo.")
    assert [mark["class"] for mark in people.marks(slide)] == [None]


def test_nothing_is_lost_when_two_change_one_mark(open_slide: OpenSlide, people: People, slide: str) -> None:
    people.give("li", slide, "add", square("both-want-it", 900, 600, 200, name="first"))
    page = open_slide(slide, "?panel=1&tab=annotate", who="chan", allow="409")
    page.get_by_role("option", name=re.compile("first")).click()

    def nothing_new(route: Route) -> None:
        known = int(route.request.url.split("since=")[1])
        empty = {"annotations": [], "removed": [], "can_undo": False, "can_redo": False}
        route.fulfill(
            json={"sequence": known, "since": known, "undo_label": None, "redo_label": None} | empty
        )

    page.route("**/api/annotations/images/*?since=*", nothing_new)
    change = {"op": "change", "id": "both-want-it", "version": 1, "name": "by li"}
    people.give("li", slide, "change", change)
    name = page.get_by_role("textbox", name="Name", exact=True)
    name.fill("by chan")
    page.unroute("**/api/annotations/images/*?since=*")
    name.blur()
    trouble = page.locator(".trouble")
    expect(trouble).to_contain_text("li.draws changed this annotation before your change arrived")
    expect(page.get_by_role("option", name=re.compile("by li"))).to_be_visible()
    assert [mark["name"] for mark in people.marks(slide)] == ["by li"]
    trouble.get_by_role("button", name="Use mine").click()
    expect(trouble).to_have_count(0)
    saved(page)
    assert [mark["name"] for mark in people.marks(slide)] == ["by chan"]


def test_what_waits_for_the_server_outlives_a_reload(
    open_slide: OpenSlide, people: People, slide: str
) -> None:
    page = open_slide(slide, "?panel=1&tab=annotate", allow="ERR_")
    look(page)
    commands = "**/api/annotations/images/*/commands*"
    page.route(commands, lambda route: route.abort())
    draw_rectangle(page, 900, 600)
    expect(page.locator(".marks-waiting")).to_have_text("1 change waits for the server")
    draw_rectangle(page, 500, 600)
    expect(page.locator(".marks-waiting")).to_have_text("2 changes wait for the server")
    page.reload()
    expect(page.get_by_role("heading", name="2 annotations")).to_be_visible()
    assert people.marks(slide) == []
    page.unroute(commands)
    expect(page.locator(".marks-waiting")).to_have_count(0, timeout=60_000)
    assert [mark["kind"] for mark in people.marks(slide)] == ["rectangle", "rectangle"]


def test_a_mark_is_made_and_edited_with_the_keyboard_alone(
    open_slide: OpenSlide, people: People, slide: str
) -> None:
    page = open_slide(slide, "?panel=1&tab=annotate")
    look(page, SPACING_UM)
    page.locator(".slide-region").focus()
    page.keyboard.press("p")
    expect(said(page)).to_have_text("Tool: Polygon")
    for steps in ("", "ArrowRight " * 5, "ArrowDown " * 5):
        for key in steps.split():
            page.keyboard.press(key)
        page.keyboard.press("Enter")
    expect(said(page)).to_have_text("3 corners set")
    expect(page.locator(".marks-active .crosshair")).to_be_visible()
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Added: Polygon")
    saved(page)
    (mark,) = people.marks(slide)
    # Five steps of 20 pixels of the screen, each one pixel of the slide.
    assert mark["measured"]["area_um2"]["value"] == pytest.approx(5000 * SPACING_UM**2, rel=0.01)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Tab goes through its 3 corners")
    page.keyboard.press("Tab")
    expect(said(page)).to_contain_text("Corner 1 of 3")
    for _ in range(10):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Changed: Polygon")
    saved(page)
    (mark,) = people.marks(slide)
    assert mark["measured"]["area_um2"]["value"] == pytest.approx(10_000 * SPACING_UM**2, rel=0.01)
    page.get_by_role("listbox", name=re.compile("Annotations")).focus()
    page.keyboard.press("Home")
    page.keyboard.press("Delete")
    expect(page.get_by_role("heading", name="0 annotations")).to_be_visible()
    saved(page)
    assert people.marks(slide) == []


def test_handles_brush_and_lock(open_slide: OpenSlide, people: People, slide: str) -> None:
    page = open_slide(slide, "?panel=1&tab=annotate")
    look(page)
    draw_rectangle(page, 900, 600, 200)
    saved(page)
    drag(page, (1100, 800), (1200, 900))
    saved(page)
    (mark,) = people.marks(slide)
    assert mark["shape"]["width"] == pytest.approx(300, abs=2)
    page.locator(".slide-region").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    expect(said(page)).to_contain_text("Turned by 0°")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    saved(page)
    (mark,) = people.marks(slide)
    assert mark["shape"]["angle"] == 14
    handle = page.locator(".marks-active .handle.turn")
    box = handle.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(*screen(page, 1052, 400), steps=4)
    page.mouse.up()
    saved(page)
    (mark,) = people.marks(slide)
    assert mark["shape"]["angle"] == 0
    page.keyboard.press("b")
    drag(page, (1150, 850), (1400, 850))
    saved(page)
    (mark,) = people.marks(slide)
    assert mark["kind"] == "brush"
    grown = mark["measured"]["area_um2"]["value"]
    assert grown > 300 * 300 * SPACING_UM**2
    page.keyboard.down("Alt")
    drag(page, (1000, 700), (1001, 701))
    page.keyboard.up("Alt")
    saved(page)
    (mark,) = people.marks(slide)
    assert len(mark["geometry"]["coordinates"]) == 2
    assert mark["measured"]["area_um2"]["value"] < grown
    page.keyboard.press("m")
    page.get_by_role("button", name="Lock", exact=True).click()
    saved(page)
    page.locator(".slide-region").focus()
    page.keyboard.press("Backspace")
    expect(said(page)).to_have_text("This annotation is locked.")
    page.get_by_role("button", name="Unlock").click()
    saved(page)
    page.locator(".slide-region").focus()
    page.keyboard.press("Backspace")
    expect(page.get_by_role("heading", name="0 annotations")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("heading", name="1 annotation")).to_be_visible()


def test_the_pen_draws_while_fingers_move_the_slide(
    open_slide: OpenSlide, people: People, slide: str
) -> None:
    page = open_slide(slide, "?panel=1&tab=annotate", has_touch=True)
    look(page)
    page.keyboard.press("p")
    devices = page.context.new_cdp_session(page)
    places = [screen(page, x, y) for x, y in ((900, 600), (1000, 650), (1100, 800), (900, 800), (900, 610))]
    before = page.evaluate("() => window.hemalumViews.get('').pose()")
    for number, (x, y) in enumerate(places[:3]):
        kind = "touchMove" if number else "touchStart"
        devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    devices.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(500)
    after = page.evaluate("() => window.hemalumViews.get('').pose()")
    assert abs(after["y"] - before["y"]) > 50
    assert people.marks(slide) == []
    look(page)
    last = len(places) - 1
    for number, (x, y) in enumerate(places):
        kind = "mouseMoved" if 0 < number < last else "mousePressed" if number == 0 else "mouseReleased"
        pen = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1, "pointerType": "pen"}
        devices.send("Input.dispatchMouseEvent", pen | {"buttons": 0 if number == last else 1})
    expect(page.get_by_role("heading", name="1 annotation")).to_be_visible()
    saved(page)
    assert [mark["kind"] for mark in people.marks(slide)] == ["polygon"]
    page.keyboard.press("m")
    pinch(devices, screen(page, 1000, 700), turns=range(0, 6, 2), reach=80)
    assert page.evaluate("() => window.hemalumViews.get('').pose().r") == 0
    pinch(devices, screen(page, 1000, 700), turns=range(0, 31, 5), reach=80)
    page.wait_for_function("() => Math.abs(window.hemalumViews.get('').pose().r - 30) < 8")
    pinch(devices, screen(page, 1000, 700), turns=[0, 0], reach=80)
    expect(page.get_by_role("heading", name="0 annotations")).to_be_visible()
    expect(said(page)).to_have_text("Undone")


def pinch(devices: CDPSession, centre: tuple[float, float], turns: Iterable[float], reach: float) -> None:
    """Two fingers around a place, at these angles one after the other."""

    def send(kind: str, *angles: float) -> None:
        points = [
            {
                "x": centre[0] + side * reach * np.cos(angle),
                "y": centre[1] + side * reach * np.sin(angle),
                "id": side,
            }
            for angle in np.deg2rad(angles)
            for side in (-1, 1)
        ]
        devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    first, *others = turns
    send("touchStart", first)
    for angle in others:
        send("touchMove", angle)
    send("touchEnd")


def test_classes_are_edited_and_nothing_unsent_is_lost_by_signing_out(
    open_slide: OpenSlide, people: People, slide: str, violations: Violations
) -> None:
    page = open_slide(slide, "?panel=1&tab=annotate", allow="ERR_")
    page.get_by_role("button", name="Edit classes").click()
    editor = page.get_by_role("dialog", name="Classes of this organisation")
    before = editor.get_by_role("listitem").count()
    editor.get_by_role("button", name="Add a class").click()
    save = editor.get_by_role("button", name="Save")
    expect(save).to_be_disabled()
    name = editor.get_by_role("textbox").last
    name.fill("Mitosis")
    name.press("Alt+ArrowUp")
    expect(editor.get_by_role("textbox").nth(before - 1)).to_be_focused()
    editor.get_by_role("button", name=re.compile("Shape of Mitosis")).click()
    page.get_by_role("option", name="Star").click()
    assert violations(page) == []
    save.click()
    expect(editor).to_have_count(0)
    page.get_by_role("button", name="Class of new annotations").click()
    expect(page.get_by_role("option", name="Mitosis")).to_be_visible()
    page.keyboard.press("Escape")
    kept = people.ask("li", "GET", "/api/annotations/classes")
    assert [one["name"] for one in kept].index("Mitosis") == before - 1
    page.route("**/api/annotations/images/*/commands*", lambda route: route.abort())
    draw_rectangle(page, 900, 600)
    expect(page.locator(".marks-waiting")).to_have_text("1 change waits for the server")
    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("menuitem", name="Sign out").click()
    asks = page.get_by_role("dialog", name="Sign out")
    expect(asks).to_contain_text("1 thing that you did here has not reached the server", timeout=60_000)
    asks.get_by_role("button", name="Stay signed in").click()
    expect(asks).to_have_count(0)
    assert page.evaluate("() => Object.keys(localStorage).some(key => key.startsWith('hemalum.marks/'))")
    page.route("**/api/access/sign-out", lambda route: route.fulfill(json={"continue_at": None}))
    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("menuitem", name="Sign out").click()
    asks.get_by_role("button", name="Sign out and lose them").click()
    page.wait_for_url(f"{people.node.url}/")
    assert not page.evaluate("() => Object.keys(localStorage).some(key => key.startsWith('hemalum.marks/'))")


def test_geojson_comes_back_as_it_went_in(
    open_slide: OpenSlide, people: People, slide: str, tmp_path: Path
) -> None:
    feature: dict[str, Any] = {
        "type": "Feature",
        "id": "4f6a8b1c-0d2e-4f60-8a7b-9c0d1e2f3a4b",
        "geometry": {
            "type": "Polygon",
            "coordinates": [
                [[800, 600], [1300, 600], [1300, 900], [800, 900], [800, 600]],
                [[900, 700], [900, 800], [1000, 800], [1000, 700], [900, 700]],
            ],
        },
        "properties": {
            "objectType": "annotation",
            "name": "margin",
            "classification": {"name": "Tumor", "color": [200, 0, 0]},
        },
    }
    source = tmp_path / "marks.geojson"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    page = open_slide(slide, "?panel=1&tab=annotate", allow="422")
    page.locator("input[type=file]").set_input_files(source)
    expect(page.locator(".import-result")).to_contain_text("1 annotation was added.")
    expect(page.get_by_role("option", name=re.compile("margin"))).to_be_visible()
    page.get_by_role("button", name="Export annotations").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="GeoJSON").click()
    (back,) = json.loads(Path(download.value.path()).read_text())["features"]
    assert back["geometry"]["coordinates"] == feature["geometry"]["coordinates"]
    for key in ("objectType", "name", "classification"):
        assert back["properties"][key] == feature["properties"][key]
    # A file that is dropped on the slide is taken in as one that is chosen, and what is no such file is told.
    line = {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[900, 600], [950, 700]]}}
    drop(page, json.dumps(line | {"properties": {"name": "dropped"}}))
    expect(page.get_by_role("option", name=re.compile("dropped"))).to_be_visible()
    drop(page, "no annotations at all")
    expect(page.locator(".import-result .wrong")).to_be_visible()
    page.get_by_role("button", name="Export annotations").click()
    with page.expect_download():
        page.get_by_role("menuitem", name="ASAP").click()
    expect(page.locator(".import-result")).to_contain_text("1 annotation was left out")


def drop(page: Page, text: str) -> None:
    """Drop a file on the slide."""
    page.evaluate(
        """text => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], "marks.geojson"));
            const slide = document.querySelector(".slide");
            slide.dispatchEvent(new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true }));
            slide.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        text,
    )


@pytest.mark.parametrize(("locale", "theme"), [("en-GB", "light"), ("zh-CN", "dark")])
def test_nothing_serious_for_axe(
    open_slide: OpenSlide, people: People, slide: str, violations: Violations, locale: str, theme: str
) -> None:
    people.give("chan", slide, "add", square("by-chan-1", 900, 600, 200, name="margin"))
    page = open_slide_in(open_slide, slide, locale, theme)
    page.get_by_role("option").first.click()
    page.wait_for_timeout(300)
    assert violations(page) == []
    page.locator(".slide-region").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def open_slide_in(open_slide: OpenSlide, slide: str, locale: str, theme: str) -> Page:
    # The node keeps the theme of each person.
    who = "li" if theme == "light" else "chan"
    page = open_slide(slide, "?panel=1&tab=annotate", who=who, locale=locale)
    if theme == "light":
        page.get_by_role("button", name="Use the light theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    return page
