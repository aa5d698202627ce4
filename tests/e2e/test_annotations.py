"""Annotations in a real browser: two pathologists draw on slides whose pixels are known."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from .drawing import (
    DOT_PX,
    DOTS,
    SPACING_UM,
    OpenSlide,
    People,
    Violations,
    click,
    dots_on_screen,
    drag,
    draw_rectangle,
    look,
    said,
    saved,
    screen,
    square,
)


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
    # What li did is not told before the change is sent, however busy the machine is.
    name.blur()
    page.unroute("**/api/annotations/images/*?since=*")
    trouble = page.locator(".trouble")
    expect(trouble).to_contain_text("li.draws changed this annotation before your change arrived")
    expect(page.get_by_role("option", name=re.compile("by li"))).to_be_visible()
    assert [mark["name"] for mark in people.marks(slide)] == ["by li"]
    trouble.get_by_role("button", name="Use mine").click()
    expect(trouble).to_have_count(0)
    saved(page)
    assert [mark["name"] for mark in people.marks(slide)] == ["by chan"]


def test_what_is_typed_stays_when_somebody_else_changes_the_mark(
    open_slide: OpenSlide, people: People, slide: str, violations: Violations
) -> None:
    people.give("li", slide, "add", square("both-write", 900, 600, 200, name="first"))
    page = open_slide(slide, "?panel=1&tab=annotate", who="chan")
    page.get_by_role("option", name=re.compile("first")).click()
    note = page.get_by_role("textbox", name="Note", exact=True)
    note.fill("by chan")
    people.give("li", slide, "change", {"op": "change", "id": "both-write", "version": 1, "note": "by li"})
    asked = page.get_by_role("alert").filter(has_text="Note: li.draws changed this meanwhile to")
    expect(asked).to_contain_text("by li")
    expect(note).to_have_value("by chan")
    expect(note).to_be_focused()
    assert violations(page) == []
    # Leaving the field saves nothing over what somebody else wrote; the next thing is to decide.
    page.keyboard.press("Tab")
    expect(asked.get_by_role("button", name="Keep theirs")).to_be_focused()
    page.keyboard.press("Tab")
    assert [mark["note"] for mark in people.marks(slide)] == ["by li"]
    page.keyboard.press("Enter")
    expect(asked).to_have_count(0)
    expect(note).to_be_focused()
    saved(page)
    assert [mark["note"] for mark in people.marks(slide)] == ["by chan"]
    note.fill("by chan, once more")
    people.give("li", slide, "remove", {"op": "remove", "id": "both-write", "version": 3})
    lost = page.get_by_role("alert").filter(has_text="Somebody removed the annotation")
    expect(lost).to_contain_text("by chan, once more")
    lost.get_by_role("button", name="Drop the text").click()
    expect(lost).to_have_count(0)


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
