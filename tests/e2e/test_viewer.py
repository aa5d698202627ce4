"""The viewer in a real browser: the pixels on the screen are those of the slide."""

import base64
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, Request, Route, expect
from scipy.ndimage import map_coordinates

from .waiting import eventually

OpenPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]

SPACING_UM = 0.5
SQUARE_PX = 400
JPEG_TOLERANCE = 2.0
"""Mean difference, of 255, between two correct JPEG decoders."""


@pytest.fixture
def open_page(open_page: OpenPage) -> OpenPage:
    """Opens a path of the app for somebody who wants what moves to be seen moving."""
    return partial(open_page, reduced_motion="no-preference")


def open_slide(open_page: OpenPage, node: Any, name: str, search: str = "", **options: Any) -> Page:
    """The viewer on a slide, once it is on the screen."""
    page = open_page(f"/slides/{node.images[name]}{search}", **options)
    page.wait_for_function("() => window.hemalumViews?.get('')")
    return page


def wait_sharp(page: Page) -> None:
    """Wait until the view rests with full resolution on the screen."""
    page.evaluate("() => window.hemalumViews.get('').whenSharp()")
    expect(page.locator(".sharpness.sharp")).to_have_count(1)


def wait_still(page: Page) -> None:
    """Wait until every view has arrived where it was heading."""
    page.wait_for_function(
        """() => [...window.hemalumViews.values()].every(view => {
            const [at, to] = [view.pose(true), view.pose()];
            return Math.hypot(at.x - to.x, at.y - to.y) < 1e-3 && Math.abs(at.z / to.z - 1) < 1e-6;
        })"""
    )
    page.wait_for_timeout(100)


def look(page: Page, x_px: float, y_px: float, um_per_px: float = SPACING_UM, turn: float = 0) -> None:
    """Centre the view on level-0 pixels, so that at full resolution both grids of pixels coincide."""
    page.evaluate(
        """([x, y, z, r, um]) => {
            const view = window.hemalumViews.get("");
            const { width, height } = view.fieldSize;
            const half = (size) => (size % 2) / 2;
            view.setPose({ x: (x + half(width)) * um, y: (y + half(height)) * um, z, r }, true);
        }""",
        [x_px, y_px, um_per_px, turn, SPACING_UM],
    )
    wait_sharp(page)


def screen(page: Page, size: int = SQUARE_PX) -> NDArray[np.uint8]:
    """RGBA of a square around the centre of the view, (size, size, 4), top row first."""
    encoded: str = page.evaluate(
        """size => {
            const view = window.hemalumViews.get("");
            const { width, height } = view.fieldSize;
            const [x, y] = [Math.floor(width / 2) - size / 2, Math.floor(height / 2) - size / 2];
            const pixels = view.readPixels(x, y, size, size);
            let text = "";
            for (let i = 0; i < pixels.length; i += 8192)
                text += String.fromCharCode(...pixels.subarray(i, i + 8192));
            return btoa(text);
        }""",
        size,
    )
    pixels = np.frombuffer(base64.b64decode(encoded), np.uint8).reshape(size, size, 4)
    bottom_up = page.evaluate("() => window.hemalumViews.get('').drawer === 'webgl2'")
    return pixels[::-1] if bottom_up else pixels


def around(pixels: NDArray[np.uint8], x: int, y: int, size: int = SQUARE_PX) -> NDArray[np.uint8]:
    """The square of the slide that should be on the screen."""
    return pixels[y - size // 2 : y + size // 2, x - size // 2 : x + size // 2]


@pytest.mark.parametrize("drawer", ["webgl2", "canvas"])
def test_pixels_on_the_screen_are_those_of_the_slide(open_page: OpenPage, node: Any, drawer: str) -> None:
    search = "?drawer=canvas" if drawer == "canvas" else ""
    page = open_slide(open_page, node, "lossless colon.tiff", search)
    assert page.evaluate("() => window.hemalumViews.get('').drawer") == drawer
    truth = node.pixels["lossless colon.tiff"]
    for x, y in ((512, 512), (1733, 901)):
        look(page, x, y)
        seen = screen(page)
        assert (seen[..., 3] == 255).all()
        # The canvas drawer stretches tiles by a pixel against seams; wrong colour or place is 40 and more.
        limit = 0.0 if drawer == "webgl2" else 4.0
        difference = np.abs(seen[..., :3].astype(int) - around(truth, x, y))
        assert difference.mean() <= limit


def test_jpeg_slides_have_the_right_colour(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "jpeg lung.tiff")
    look(page, 1000, 700)
    difference = np.abs(screen(page)[..., :3].astype(int) - around(node.pixels["jpeg lung.tiff"], 1000, 700))
    assert difference.mean() <= JPEG_TOLERANCE


def test_turned_and_mirrored_pixels_are_still_those_of_the_slide(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "lossless colon.tiff")
    truth = around(node.pixels["lossless colon.tiff"], 1500, 1100)
    page.evaluate("() => window.hemalumViews.get('').setFlip(true)")
    for quarter in range(4):
        look(page, 1500, 1100, turn=90 * quarter)
        expected = np.fliplr(np.rot90(truth, -quarter))
        assert np.array_equal(screen(page)[..., :3], expected)
    expect(page.locator(".status-bar")).to_contain_text("mirrored")


def test_no_seam_opens_at_any_zoom_or_turn(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "lossless colon.tiff")
    truth = node.pixels["lossless colon.tiff"].astype(np.float32)
    for um_per_px, turn in ((0.5, 17.3), (0.3713, 0), (0.61, 45), (0.0611, 3)):
        look(page, 1024.37, 768.61, um_per_px, turn)
        seen = screen(page)
        assert (seen[..., 3] == 255).all()
        pose = page.evaluate("() => window.hemalumViews.get('').pose(true)")
        size = page.evaluate("() => window.hemalumViews.get('').fieldSize")
        expected = resampled(truth, pose, size)
        # Only within half an image pixel of a tile's edge does the drawer not interpolate.
        assert np.mean(np.abs(seen[..., :3] - expected).max(axis=2) > 40) < 0.01
        assert np.abs(seen[..., :3] - expected).mean() < 1.0


def resampled(truth: NDArray[np.float32], pose: Any, size: Any, side: int = SQUARE_PX) -> NDArray[np.float32]:
    """What `screen` should show of the slide, by linear interpolation."""
    centre = [(length // 2 - side // 2) + np.arange(side) + 0.5 - length / 2 for length in size.values()]
    across, down = np.meshgrid(*centre)
    angle, scale = np.deg2rad(pose["r"]), pose["z"] / SPACING_UM
    x = pose["x"] / SPACING_UM + scale * (np.cos(angle) * across + np.sin(angle) * down) - 0.5
    y = pose["y"] / SPACING_UM + scale * (-np.sin(angle) * across + np.cos(angle) * down) - 0.5
    bands = [map_coordinates(truth[..., band], [y, x], order=1, mode="nearest") for band in range(3)]
    return np.stack(bands, axis=-1)


def test_nothing_is_drawn_past_the_edge_of_the_slide(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "lossless colon.tiff")
    truth = node.pixels["lossless colon.tiff"]
    height, width = truth.shape[:2]
    look(page, width, height)
    seen = screen(page)
    half = SQUARE_PX // 2
    assert np.array_equal(seen[:half, :half, :3], truth[-half:, -half:])
    assert (seen[half:, :, 3] == 0).all()
    assert (seen[:, half:, 3] == 0).all()


def test_a_lost_graphics_context_comes_back(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "lossless colon.tiff")
    look(page, 900, 900)
    before = screen(page)
    page.evaluate(
        """async () => {
            const gl = document.querySelector(".slide canvas").getContext("webgl2");
            const lose = gl.getExtension("WEBGL_lose_context");
            lose.loseContext();
            await new Promise(done => setTimeout(done, 300));
            lose.restoreContext();
        }"""
    )
    assert eventually(page, lambda: np.array_equal(screen(page), before))


def test_an_expired_ticket_is_renewed_unseen(open_page: OpenPage, node: Any) -> None:
    page = open_page(None, allow="401")
    openings: list[str] = []
    page.on("request", lambda request: openings.append(request.url) if "/openings" in request.url else None)
    expired: set[str] = set()

    def expire(route: Route) -> None:
        ticket = route.request.url.split("/tiles/")[1].split("/")[0]
        if not expired:
            expired.add(ticket)
        if ticket in expired:
            route.fulfill(status=401)
        else:
            route.continue_()

    page.route("**/tiles/**", expire)
    page.goto(f"{node.url}/slides/{node.images['jpeg lung.tiff']}")
    page.wait_for_function("() => window.hemalumViews?.get('')")
    wait_sharp(page)
    assert len(openings) == 2
    expect(page.locator(".status-bar .failed")).to_have_count(0)


def test_a_failed_tile_is_hatched_and_can_be_tried_again(open_page: OpenPage, node: Any) -> None:
    page = open_page(None, allow="status of 404")
    page.route("**/tiles/*/0/0/0/2/3", lambda route: route.fulfill(status=404))
    page.goto(f"{node.url}/slides/{node.images['lossless colon.tiff']}")
    page.wait_for_function("() => window.hemalumViews?.get('')")
    truth = around(node.pixels["lossless colon.tiff"], 900, 640)
    look(page, 900, 640)
    expect(page.locator(".status-bar")).to_contain_text("1 tile failed")
    assert np.abs(screen(page)[..., :3].astype(int) - truth).max() > 60
    page.unroute("**/tiles/*/0/0/0/2/3")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".status-bar .failed")).to_have_count(0)
    wait_sharp(page)
    assert np.array_equal(screen(page)[..., :3], truth)


def test_without_a_graphics_processor_a_canvas_draws(open_page: OpenPage, node: Any) -> None:
    drawer = "() => window.hemalumViews.get('').drawer"
    page = open_slide(open_page, node, "jpeg lung.tiff", graphics=False)
    assert page.evaluate(drawer) == "canvas"
    expect(page.locator(".status-bar .drawer")).to_be_visible()
    page = open_slide(open_page, node, "jpeg lung.tiff", "?drawer=webgl2", graphics=False)
    assert page.evaluate(drawer) == "webgl2"


def test_stored_tiles_of_a_row_come_in_one_request(open_page: OpenPage, node: Any) -> None:
    page = open_page(None)
    asked: list[list[str]] = []
    page.on("request", lambda r: asked.append(r.url.split("/")[-5:]) if "/tiles/" in r.url else None)
    page.goto(f"{node.url}/slides/{node.images['jpeg lung.tiff']}?x=500&y=400&z=0.5")
    page.wait_for_function("() => window.hemalumViews?.get('')")
    wait_sharp(page)
    finest = [(row, columns) for level, _, _, row, columns in asked if level == "0"]
    # The ring around the field follows, of which other columns are missing.
    across = finest[0][1]
    assert "-" in across
    assert sorted(row for row, columns in finest if columns == across) == ["1", "2", "3", "4"]


def test_tiles_that_hold_nothing_are_forgotten(open_page: OpenPage, node: Any) -> None:
    """Or a reader's heap would grow with every place that was ever looked at."""
    page = open_slide(open_page, node, "deep pyramid.tiff")
    wait_sharp(page)
    for x, y in ((700, 700), (2400, 900), (1500, 3000)):
        look(page, x, y)
    counted = """() => {
        const image = window.hemalumViews.get("").viewer.world.getItemAt(0);
        const rows = Object.values(image.tilesMatrix).flatMap(columns => Object.values(columns));
        const tiles = rows.flatMap(row => Object.values(row));
        return [tiles.length, tiles.filter(tile => !tile.loaded && !tile.loading).length];
    }"""
    assert eventually(page, lambda: page.evaluate(counted)[1] == 0)
    assert page.evaluate(counted)[0] > 0


def levels_asked(page: Page) -> list[int]:
    """Levels of the tiles that the page asks the server for, from now on."""
    asked: list[int] = []

    def note(request: Request) -> None:
        if "/tiles/" in request.url:
            asked.append(int(request.url.split("/tiles/")[1].split("/")[1]))

    page.on("request", note)
    return asked


def test_a_jump_loads_no_level_between(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "deep pyramid.tiff")
    wait_sharp(page)
    page.wait_for_timeout(600)
    asked = levels_asked(page)
    page.locator(".slide-region").focus()
    page.keyboard.press("5")
    wait_still(page)
    wait_sharp(page)
    assert set(asked) == {0}
    page.wait_for_timeout(600)
    asked.clear()
    page.keyboard.press("0")
    wait_still(page)
    wait_sharp(page)
    assert asked == []


def test_a_ring_of_tiles_is_there_before_one_pans(open_page: OpenPage, node: Any) -> None:
    page = open_page(f"/slides/{node.images['deep pyramid.tiff']}", allow="ERR_FAILED")
    page.wait_for_function("() => window.hemalumViews?.get('')")
    asked = levels_asked(page)
    look(page, 2048, 2048)
    before = -1
    while before != len(asked):
        before = len(asked)
        page.wait_for_timeout(1000)
    page.route("**/tiles/**", lambda route: route.abort())
    page.locator(".slide-region").focus()
    page.keyboard.press("Shift+ArrowRight")
    wait_still(page)
    wait_sharp(page)
    expect(page.locator(".status-bar .failed")).to_have_count(0)


def test_a_slow_link_shows_half_the_resolution_says_so_and_ends_sharp(open_page: OpenPage, node: Any) -> None:
    page = open_page(None, allow="ERR_FAILED")
    settings = {"slow_link": "on"}
    page.context.request.put(f"{node.url}/api/access/me/settings", data=settings, headers={"x-hemalum": "1"})
    page.goto(node.url)
    expect(page.locator(".row:not(.head)").first).to_be_visible()
    # Nothing but reduced tiles comes through for now.
    whole = re.compile(r"/tiles/[^?]*/0/0/0/\d+/\d+$")
    page.route(whole, lambda route: route.abort())
    page.goto(f"{node.url}/slides/{node.images['lossless colon.tiff']}?x=600&y=500&z=0.5")
    page.wait_for_function("() => window.hemalumViews?.get('')")
    bar = page.locator(".status-bar")
    expect(bar).to_contain_text("Slow link")
    page.wait_for_function("() => document.querySelector('.slide canvas') && window.hemalumViews.get('')")
    expect(bar).to_contain_text("Half resolution: all of it follows when the view rests")
    page.wait_for_timeout(1200)
    assert not page.evaluate("() => window.hemalumViews.get('').isSharp")
    truth = around(node.pixels["lossless colon.tiff"], 1200, 1000)
    page.unroute(whole)
    look(page, 1200, 1000)
    expect(page.locator(".sharpness.sharp")).to_have_count(1)
    assert np.array_equal(screen(page)[..., :3], truth)


def test_every_view_has_an_address(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "lossless colon.tiff")
    wait_sharp(page)
    page.keyboard.press("5")
    expect(page.locator(".status-bar .power")).to_contain_text("20×")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("f")
    page.keyboard.press("d")
    page.wait_for_url(lambda url: "z=0.5&r=90&flip=1&panel=1" in url or ("panel=1" in url and "r=90" in url))
    wait_sharp(page)
    page.wait_for_timeout(400)
    pose = "() => { const view = window.hemalumViews.get(''); return [view.pose(), view.flipped]; }"
    before, mirrored = page.evaluate(pose)
    page.reload()
    page.wait_for_function("() => window.hemalumViews?.get('')")
    wait_sharp(page)
    after, mirrored_after = page.evaluate(pose)
    assert mirrored
    assert mirrored_after
    assert after == pytest.approx(before, abs=0.02)
    assert after["z"] == pytest.approx(0.5)
    expect(page.get_by_role("complementary", name="Panel")).to_contain_text("Pixel size")
    expect(page.locator(".scale-bar")).to_contain_text("µm")


def test_page_keys_walk_through_the_list_one_came_from(open_page: OpenPage, node: Any) -> None:
    page = open_page("/?q=tiff&sort=name")
    # Other tests add slides of their own, which come after these.
    total = page.context.request.get(f"{node.url}/api/slides/images?q=tiff").json()["total"]
    openings: list[str] = []
    page.on("request", lambda request: openings.append(request.url) if "/openings" in request.url else None)
    names = ["deep pyramid.tiff", "jpeg lung.tiff", "lossless colon.tiff"]
    row = page.locator(".row:not(.head)").filter(has_text=names[1])
    row.click()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: node.images[names[1]] in url and "q=tiff" in url)
    page.wait_for_function("() => window.hemalumViews?.get('')")
    wait_sharp(page)
    heading = page.locator(".identity strong")
    expect(heading).to_have_text(names[1])
    page.keyboard.press("5")
    page.keyboard.press("d")
    # The next slide is opened ahead, and not again when it is shown.
    assert eventually(page, lambda: any(node.images[names[2]] in url for url in openings))
    ahead = [url for url in openings if node.images[names[2]] in url]
    assert len(ahead) == 1
    page.keyboard.press("PageDown")
    expect(heading).to_have_text(names[2])
    page.wait_for_url(lambda url: node.images[names[2]] in url and "panel=1" in url)
    page.wait_for_function("() => window.hemalumViews?.get('')")
    wait_sharp(page)
    assert page.evaluate("() => window.hemalumViews.get('').pose().z") > 1
    expect(page.locator(".place-in-list")).to_have_text(f"3 of {total}")
    assert [url for url in openings if node.images[names[2]] in url] == ahead
    page.keyboard.press("PageUp")
    expect(heading).to_have_text(names[1])
    page.get_by_role("button", name="Previous slide of the list").click()
    expect(heading).to_have_text(names[0])
    expect(page.get_by_role("button", name="Previous slide of the list")).to_be_disabled()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "q=tiff" in url and "sort=name" in url)
    expect(page.locator(".row[aria-selected=true]")).to_contain_text(names[0])


def test_planes_and_channels_of_a_fluorescence_stack(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "stack", "?panel=1")
    wait_sharp(page)
    first = screen(page, 200)
    page.locator(".slide-region").focus()
    page.keyboard.press("]")
    page.wait_for_url(lambda url: "plane=1" in url)
    expect(page.locator(".planes")).to_contain_text("Plane 2 of 3")
    wait_sharp(page)
    page.get_by_role("checkbox").first.uncheck()
    page.wait_for_url(lambda url: "c=1-" in url)
    wait_sharp(page)
    assert not np.array_equal(screen(page, 200), first)


def test_two_slides_move_together_at_one_scale(open_page: OpenPage, node: Any) -> None:
    first, second = node.images["lossless colon.tiff"], node.images["jpeg lung.tiff"]
    page = open_page(f"/compare/{first}/{second}")
    page.wait_for_function("() => window.hemalumViews?.get('a.') && window.hemalumViews?.get('b.')")
    poses = "() => ['a.', 'b.'].map(pane => window.hemalumViews.get(pane).pose(true))"
    assert eventually(page, lambda: len({pose["z"] for pose in page.evaluate(poses)}) == 1)
    wait_still(page)
    left, right = page.evaluate(poses)
    assert left["z"] == right["z"]
    page.locator("[data-pane='a.']").focus()
    page.keyboard.press("4")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_url(lambda url: "a.z=1&" in url and "b.z=1" in url)
    wait_still(page)
    moved_left, moved_right = page.evaluate(poses)
    assert moved_left["z"] == pytest.approx(1.0, rel=1e-3)
    assert moved_right["z"] == pytest.approx(1.0, rel=1e-3)
    shift = [moved["x"] - was["x"] for moved, was in ((moved_left, left), (moved_right, right))]
    assert shift[0] == pytest.approx(shift[1], abs=0.5)
    assert shift[0] > 0
    page.keyboard.press("y")
    page.wait_for_url(lambda url: "link=0" in url)
    page.keyboard.press("Shift+ArrowRight")
    wait_still(page)
    alone_left, alone_right = page.evaluate(poses)
    assert alone_left["x"] > moved_left["x"] + 1
    assert alone_right["x"] == pytest.approx(moved_right["x"], abs=0.01)


def test_without_a_scale_nothing_is_measured_until_a_person_states_one(
    open_page: OpenPage, node: Any, unscaled: str
) -> None:
    page = open_page(f"/slides/{unscaled}")
    expect(page.get_by_text("No physical scale")).to_be_visible()
    notice, tools = page.locator(".no-scale").bounding_box(), page.locator(".tools").bounding_box()
    assert notice is not None
    assert tools is not None
    assert tools["y"] >= notice["y"] + notice["height"], "the tools cover the notice"
    expect(page.locator(".scale-bar")).to_have_count(0)
    page.get_by_role("button", name="State the pixel size").click()
    page.get_by_role("textbox", name="µm per pixel").fill("0.25")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("No physical scale")).to_have_count(0)
    expect(page.locator(".scale-bar")).to_contain_text("µm")


@pytest.mark.parametrize(("locale", "word"), [("en-GB", "unverified"), ("zh-CN", "未核实")])
def test_an_unverified_scale_says_so_beside_the_scale_bar(
    open_page: OpenPage, node: Any, unverified: str, locale: str, word: str
) -> None:
    page = open_page(f"/slides/{unverified}", locale=locale)
    expect(page.locator(".scale-bar")).to_contain_text(word)
    expect(page.locator(".scale-bar")).to_contain_text("µm")
    expect(page.locator(".no-scale")).to_be_visible()
    if locale == "zh-CN":
        return
    page.get_by_role("button", name="State the pixel size").click()
    page.get_by_role("textbox", name="µm per pixel").fill("0.25")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".no-scale")).to_have_count(0)
    expect(page.locator(".scale-bar")).not_to_contain_text(word)


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_nothing_serious_for_axe(open_page: OpenPage, node: Any, violations: Violations, locale: str) -> None:
    page = open_slide(open_page, node, "stack", "?panel=1", locale=locale)
    wait_sharp(page)
    assert violations(page) == []
    page.locator(".slide-region").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


DOTTED = """() => {
    const canvas = document.querySelector('canvas.unscanned');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const at = (x, y) => data[4 * (Math.round(y) * canvas.width + Math.round(x)) + 3] > 0;
    const [width, height] = [canvas.width, canvas.height];
    return [at(width / 4, height / 2), at(3 * width / 4, height / 2)];
}"""


def test_what_is_not_scanned_yet_is_dotted(open_page: OpenPage, node: Any) -> None:
    page = open_slide(open_page, node, "lossless colon.tiff")
    dotted = f"(wanted) => JSON.stringify(({DOTTED})()) === wanted"
    for turn, left_half in ((0, "[false,true]"), (180, "[true,false]")):
        look(page, 1400, 1000, turn=turn)
        page.evaluate(
            "() => window.hemalumViews.get('').showScanned([{ x: 0, y: 0, width: 700, height: 1000 }])"
        )
        page.wait_for_function(dotted, arg=left_half)
        page.evaluate(
            """() => window.hemalumViews.get('').showScanned(
                [0, 700].map(x => ({ x, y: 0, width: 700, height: 1000 })))"""
        )
        page.wait_for_function(dotted, arg="[false,false]")
        page.evaluate("() => window.hemalumViews.get('').showScanned(null)")
        expect(page.locator("canvas.unscanned")).to_have_count(0)


def test_a_slide_is_opened_once_for_each_time_it_is_shown(open_page: OpenPage, node: Any) -> None:
    """What begins ahead of the page is what the page shows: each opening is an entry in the log."""
    image = node.images["jpeg lung.tiff"]
    opened: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/openings"):
            opened.append(request.url.split("/")[-2])

    page = open_page("/")
    page.on("request", note)
    page.goto(f"{node.url}/slides/{image}")
    page.wait_for_function("() => window.hemalumViews?.get('')")
    wait_sharp(page)
    assert opened == [image]
    for shown in (2, 3):
        page.keyboard.press("Escape")
        expect(page.locator(f'[aria-selected="true"] [src*="{image}"]')).to_be_visible()
        page.keyboard.press("Enter")
        page.wait_for_function("() => window.hemalumViews?.get('')")
        wait_sharp(page)
        # Whoever came from the list has the next slide opened ahead.
        assert opened.count(image) == shown
    page.close()


def test_the_field_has_its_room_before_the_panel_beside_it_has_anything_to_say(
    open_page: OpenPage, node: Any
) -> None:
    image = node.images["jpeg lung.tiff"]
    held: list[Route] = []
    page = open_page("/")
    page.route(f"**/api/slides/images/{image}", lambda route: held.append(route))
    page.goto(f"{node.url}/slides/{image}?panel=1")
    page.wait_for_function("() => window.hemalumViews?.get('')")
    width = "() => window.hemalumViews.get('').fieldSize.width"
    before = page.evaluate(width)
    assert held
    for route in held:
        route.continue_()
    expect(page.locator(".panel .block").first).to_be_visible()
    assert page.evaluate(width) == before


def test_of_a_slide_that_is_not_there_the_panel_says_so_and_nothing_is_said_to_load(
    open_page: OpenPage,
) -> None:
    page = open_page("/slides/aaaaaaaaaaaaaaaaaaaa?panel=1", allow="404")
    expect(page.get_by_role("complementary", name="Panel")).to_contain_text("This does not exist")
    expect(page.get_by_text("Resolution still loading")).to_have_count(0)
