"""Annotations in a real browser: pen and fingers, files in and out, classes, and what signing out leaves."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, Page, expect

from .drawing import (
    OpenSlide,
    People,
    Violations,
    draw_rectangle,
    look,
    saved,
    screen,
)
from .waiting import eventually


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
    pose = "() => window.hemalumViews.get('').pose()"
    assert eventually(page, lambda: abs(page.evaluate(pose)["y"] - before["y"]) > 50)
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
    pinch(devices, screen(page, 1000, 700), turns=range(0, 6, 2), reach=200)
    assert page.evaluate("() => window.hemalumViews.get('').pose().r") == 0
    pinch(devices, screen(page, 1000, 700), turns=range(0, 31, 5), reach=200)
    page.wait_for_function("() => Math.abs(window.hemalumViews.get('').pose().r - 30) < 8")
    # A tap must be quick, which a busy machine is not always.
    for _ in range(8):
        pinch(devices, screen(page, 1000, 700), turns=[0], reach=80)
        page.wait_for_timeout(500)
        if page.get_by_role("heading", name="0 annotations").count():
            break
    expect(page.get_by_role("heading", name="0 annotations")).to_be_visible()
    saved(page)
    assert people.marks(slide) == []


def pinch(devices: CDPSession, centre: tuple[float, float], turns: Iterable[float], reach: float) -> None:
    """Two fingers around a place, at these angles one after the other."""

    def send(kind: str, *angles: float) -> None:
        points = [
            {
                "x": centre[0] + side * reach * np.cos(angle),
                "y": centre[1] + side * reach * np.sin(angle),
                "id": (side + 1) // 2,
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
    expect(editor.get_by_role("textbox").first).to_have_value("Tumor")
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
    # What was seen meanwhile may wait as well.
    expect(asks).to_contain_text(re.compile(r"\d things? that you did here ha"), timeout=60_000)
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
