"""Layers in a real browser: what is drawn lies where the cells are, at every power, turned and mirrored."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from scipy.ndimage import binary_dilation

from .test_viewer import SPACING_UM, SQUARE_PX, look, open_slide, screen
from .waiting import eventually

OpenPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]
Array = NDArray[Any]

SLIDE = "lossless colon.tiff"
HEIGHT, WIDTH = 2200, 3000
CELLS = 30_000
RADIUS_PX = 7.0
CORNERS = 12
HEAT_PITCH_PX = 100
BLUE, ORANGE = (0, 114, 178), (230, 159, 0)
DENSITY, POINTS, OUTLINES = 1.2, 0.9, 0.25
"""um in a pixel of the screen."""
STACK = "window.hemalumLayers.get(window.hemalumViews.get(''))"


@dataclass
class Drawn:
    """The layers on the slide and the truth about them."""

    cells: str
    heat: str
    x: Array
    y: Array
    classes: Array
    values: Array
    abstained: Array


@pytest.fixture(scope="module")
def layers(node: Any, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    folder = tmp_path_factory.mktemp("layers")
    rng = np.random.default_rng(7)
    x, y = rng.uniform(20, WIDTH - 20, CELLS), rng.uniform(20, HEIGHT - 20, CELLS)
    # The class of the first cell is the first class.
    x[0] = 100
    classes = (x > WIDTH / 2).astype(int)
    turn = np.arange(CORNERS) * 2 * np.pi / CORNERS
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1) * RADIUS_PX
    with (folder / "cells.geojson").open("w") as file:
        for at_x, at_y, number in zip(x, y, classes, strict=True):
            corners = (ring + (at_x, at_y)).round(2).tolist()  # noqa: RUF005 (an array)
            feature = {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]},
                "properties": {
                    "classification": {"name": ["tumour", "stroma"][number]},
                    "measurements": {"area [um2]": float(at_y), "none": 0.0},
                },
            }
            file.write(json.dumps(feature) + "\n")
    values = rng.uniform(0, 1, (HEIGHT // HEAT_PITCH_PX, WIDTH // HEAT_PITCH_PX))
    values[:, :3] = np.nan
    abstained = np.zeros(values.shape, bool)
    abstained[10:, 20:] = True
    np.save(folder / "heat.npy", values)
    np.save(folder / "abstained.npy", abstained)
    image = node.images[SLIDE]
    add = ("layers", "add", "--data", str(node.data))
    named = ("--title", "Nuclei", "--title-zh", "细胞核", "--producer", "finder")
    told = node.command(*add, *named, image, str(folder / "cells.geojson"))
    heat = ("--pitch-px", str(HEAT_PITCH_PX), "--value", "tumour", "--unit", "probability")
    mask = ("--abstained", str(folder / "abstained.npy"))
    scored = node.command(*add, *heat, *mask, "--title", "Scores", image, str(folder / "heat.npy"))
    return Drawn(told.split()[0], scored.split()[0], x, y, classes, values, abstained)


def settled(page: Page) -> None:
    """Wait until every part that the field needs is drawn."""
    page.wait_for_function(
        """() => {
            const stack = window.hemalumLayers?.get(window.hemalumViews.get(""));
            const layers = stack?.snapshot().layers;
            const single = ["points", "outlines"];
            const isCounted = ({ shown, inField }) => !single.includes(shown) || inField !== null;
            return layers?.every(one => !one.on || (one.manifest && !one.loading && isCounted(one)));
        }"""
    )
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_timeout(150)


def both(page: Page, key: str, x: float, y: float, z: float, turn: float = 0) -> tuple[Array, Array]:
    """The field without any layer, and with what the key shows."""
    look(page, x, y, z, turn)
    without = screen(page).astype(int)
    page.keyboard.press(key)
    page.wait_for_timeout(200)
    settled(page)
    look(page, x, y, z, turn)
    settled(page)
    return without[..., :3], screen(page).astype(int)[..., :3]


def hide(page: Page, key: str) -> None:
    """Press once more what shows a layer."""
    page.keyboard.press(key)
    expect(page.locator(".layers-shown")).to_have_count(0)


def mirror(page: Page, flip: bool) -> None:
    page.evaluate("flip => window.hemalumViews.get('').setFlip(flip)", flip)


def on_screen(page: Page, x: Array, y: Array) -> Array:
    """Where places of the slide (level-0 px) lie in the square of `screen`, (n, 2) px."""
    pose = page.evaluate("() => window.hemalumViews.get('').pose(true)")
    size = page.evaluate("() => window.hemalumViews.get('').fieldSize")
    flipped = page.evaluate("() => window.hemalumViews.get('').flipped")
    angle = np.deg2rad(pose["r"])
    dx, dy = (x * SPACING_UM - pose["x"]) / pose["z"], (y * SPACING_UM - pose["y"]) / pose["z"]
    across = (np.cos(angle) * dx - np.sin(angle) * dy) * (-1 if flipped else 1)
    down = np.sin(angle) * dx + np.cos(angle) * dy
    corner = [size[name] / 2 - (int(size[name] // 2) - SQUARE_PX // 2) for name in ("width", "height")]
    return np.stack([across + corner[0], down + corner[1]], axis=1)


def inside(places: Array, margin: float = 8) -> Array:
    return ((places > margin) & (places < SQUARE_PX - margin)).all(axis=1)


def near(places: Array, reach: int) -> Array:
    """True within `reach` px of a place, also of one beside the square, (SQUARE_PX, SQUARE_PX)."""
    edge = 2 * reach
    mask = np.zeros((SQUARE_PX + 2 * edge,) * 2, bool)
    kept = places[((places >= -edge) & (places < SQUARE_PX + edge)).all(axis=1)]
    column, row = np.floor(kept + edge).astype(int).T
    mask[row, column] = True
    grown = binary_dilation(mask, np.ones((3, 3)), iterations=reach)
    return grown[edge:-edge, edge:-edge]


def test_points_lie_where_the_cells_are(open_page: OpenPage, node: Any, layers: Drawn) -> None:
    page = open_slide(open_page, node, SLIDE)
    for turn, flip in ((0, False), (37, False), (37, True)):
        mirror(page, flip)
        without, seen = both(page, "h", 1500, 1100, POINTS, turn)
        expect(page.locator(".layers-shown")).to_contain_text("points")
        places = on_screen(page, layers.x, layers.y)
        changed = np.abs(seen - without).max(axis=2) > 12
        assert not changed[~near(places, 4)].any()
        drawn = places[inside(places)].astype(int)
        assert changed[drawn[:, 1], drawn[:, 0]].mean() > 0.97
        # The middle of a cell has the colour of its class over the slide.
        for number, colour in enumerate((BLUE, ORANGE)):
            at = places[inside(places) & (layers.classes == number)].astype(int)
            mixed = 0.8 * np.array(colour) + 0.2 * without[at[:, 1], at[:, 0]]
            assert np.median(np.abs(seen[at[:, 1], at[:, 0]] - mixed)) < 4
        hide(page, "h")


def test_outlines_lie_around_the_cells(open_page: OpenPage, node: Any, layers: Drawn) -> None:
    page = open_slide(open_page, node, SLIDE)
    around = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    # Between two corners of a ring the line lies a little within the circle.
    rim_x = (layers.x[:, None] + np.cos(around) * RADIUS_PX * 0.985).ravel()
    rim_y = (layers.y[:, None] + np.sin(around) * RADIUS_PX * 0.985).ravel()
    for turn, flip in ((0, False), (37, True)):
        mirror(page, flip)
        without, seen = both(page, "h", 1500, 1100, OUTLINES, turn)
        expect(page.locator(".layers-shown")).to_contain_text("outlines")
        rims = on_screen(page, rim_x, rim_y)
        changed = np.abs(seen - without).max(axis=2) > 12
        assert not changed[~near(rims, 2)].any()
        on_rim = near(rims[inside(rims)], 1)
        # A dashed line of one pixel: some of the band around it, by no means all.
        assert 0.1 < changed[on_rim].mean() < 0.6
        hide(page, "h")


def test_the_count_in_the_field_is_exact(open_page: OpenPage, node: Any, layers: Drawn) -> None:
    page = open_slide(open_page, node, SLIDE)
    both(page, "h", 1500, 1100, POINTS)
    pose = page.evaluate("() => window.hemalumViews.get('').pose(true)")
    size = page.evaluate("() => window.hemalumViews.get('').fieldSize")
    across = np.abs(layers.x * SPACING_UM - pose["x"]) / pose["z"] <= size["width"] / 2
    down = np.abs(layers.y * SPACING_UM - pose["y"]) / pose["z"] <= size["height"] / 2
    told = page.evaluate(f"() => {STACK}.snapshot().layers.find(one => one.on).inField")
    # Places are kept in steps of 1/65,536 of a tile: a cell on the very edge may fall on the other side.
    assert abs(told - int((across & down).sum())) <= 3
    expect(page.locator(".layers-shown")).to_contain_text(f"{told:,} of 30,000 cells in the field")


def test_density_shows_exact_counts_and_says_so(open_page: OpenPage, node: Any, layers: Drawn) -> None:
    page = open_slide(open_page, node, SLIDE)
    without, seen = both(page, "h", 1500, 1100, DENSITY)
    expect(page.locator(".layers-shown")).to_contain_text("density, 30,000 cells")
    expect(page.locator(".layers-shown .legend")).to_contain_text("cells in 16 µm × 16 µm")
    counts = np.zeros((HEIGHT // 32 + 1, WIDTH // 32 + 1), int)
    np.add.at(counts, ((layers.y // 32).astype(int), (layers.x // 32).astype(int)), 1)
    most = float(page.locator(".layers-shown .ticks span").last.inner_text())
    assert most == counts.max()
    rows, columns = np.mgrid[0 : counts.shape[0], 0 : counts.shape[1]]
    places = on_screen(page, (columns.ravel() + 0.5) * 32, (rows.ravel() + 0.5) * 32)
    kept = inside(places)
    at, number = places[kept].astype(int), counts.ravel()[kept]
    there, before = seen[at[:, 1], at[:, 0]], without[at[:, 1], at[:, 0]]
    assert np.array_equal(there[number == 0], before[number == 0])
    light = there[number > 0].sum(axis=1) - 0.44 * before[number > 0].sum(axis=1)
    # Cividis grows lighter with the count, the slide under it taken away.
    assert np.corrcoef(light, number[number > 0])[0, 1] > 0.97


def test_a_class_can_be_left_out(open_page: OpenPage, node: Any, layers: Drawn) -> None:
    page = open_slide(open_page, node, SLIDE, "?panel=1")
    without, _ = both(page, "h", 1500, 1100, POINTS)
    page.get_by_role("tab", name="Layers").click()
    page.get_by_role("checkbox", name="tumour").uncheck()
    elsewhere = ~near(on_screen(page, layers.x, layers.y)[layers.classes == 1], 4)

    def changed() -> Array:
        return np.abs(screen(page).astype(int)[..., :3] - without).max(axis=2) > 12

    assert eventually(page, lambda: not changed()[elsewhere].any())
    assert changed().any()
    total = int((layers.classes == 1).sum())
    expect(page.locator(".layers-shown")).to_contain_text(f"of {total:,} cells")


def test_recolouring_asks_for_one_column(open_page: OpenPage, node: Any, layers: Drawn) -> None:
    page = open_slide(open_page, node, SLIDE, "?panel=1")
    _, by_class = both(page, "h", 1500, 1100, POINTS)
    page.get_by_role("tab", name="Layers").click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/layer-tiles/" in request.url else None)
    page.get_by_role("button", name="Colour by").click()
    with page.expect_request(lambda request: "/column/0/" in request.url):
        page.get_by_role("option", name="area").click()
    settled(page)
    expect(page.locator(".layers-shown .legend")).to_contain_text("area")
    assert eventually(page, lambda: np.abs(screen(page).astype(int)[..., :3] - by_class).max() > 60)
    assert all("/column/0/" in url for url in asked)


def test_a_heatmap_is_unsmoothed_and_hatched_where_it_abstains(
    open_page: OpenPage, node: Any, layers: Drawn
) -> None:
    page = open_slide(open_page, node, SLIDE)
    without, seen = both(page, "c", 2000, 1000, 1.0)
    legend = page.locator(".layers-shown .legend")
    expect(legend).to_contain_text("tumour")
    expect(legend.locator(".ticks")).to_have_text("00.51")
    expect(legend).to_contain_text("no value on purpose")
    pitch = HEAT_PITCH_PX
    row, column = 8, 19
    left, right = on_screen(page, np.array([column, column + 1]) * pitch, np.full(2, (row + 0.5) * pitch))
    one = slice(int(left[1]) - 10, int(left[1]) + 10), slice(int(left[0]) + 2, int(right[0]) - 2)
    drawn = seen[one] - 0.65 * without[one]
    # One colour from edge to edge, at 0.35 of opacity.
    assert drawn.std(axis=(0, 1)).max() < 1.5
    at = on_screen(page, np.array([22.5]) * pitch, np.array([12.5]) * pitch)[0].astype(int)
    hatched = np.abs(seen - without)[at[1] - 20 : at[1] + 20, at[0] - 20 : at[0] + 20].max(axis=2) > 8
    assert 0.15 < hatched.mean() < 0.45


def test_nothing_is_shown_until_asked_for_and_a_peek_ends(
    open_page: OpenPage, node: Any, layers: Drawn
) -> None:
    page = open_slide(open_page, node, SLIDE)
    look(page, 1500, 1100, POINTS)
    before = screen(page)
    expect(page.locator(".layers-shown")).to_have_count(0)
    page.keyboard.down("i")
    expect(page.locator(".layers-shown")).to_contain_text("Nuclei")
    assert eventually(page, lambda: not np.array_equal(screen(page), before))
    page.keyboard.up("i")
    expect(page.locator(".layers-shown")).to_have_count(0)
    assert eventually(page, lambda: np.array_equal(screen(page), before))
    page.keyboard.press("i")
    expect(page.locator(".layers-shown")).to_contain_text("Nuclei")
    # A link shows what its sender saw, and the reading says since when the model's cells were seen.
    page.wait_for_url(lambda url: "layers=" in url and layers.cells in url)
    page.reload()
    expect(page.locator(".layers-shown")).to_contain_text("Nuclei")
    reveals = page.context.request.get(f"{node.url}/api/reading/images/{node.images[SLIDE]}/reveals").json()
    assert f"layer/{layers.cells}" in [one["subject"] for one in reveals]
    page.keyboard.press("i")
    expect(page.locator(".layers-shown")).to_have_count(0)
    page.wait_for_url(lambda url: "layers=" not in url)


def test_a_press_says_what_is_there(open_page: OpenPage, node: Any, layers: Drawn) -> None:
    page = open_slide(open_page, node, SLIDE, "?panel=1")
    number = int(np.argmin(np.hypot(layers.x - 1400, layers.y - 1000)))
    both(page, "h", round(layers.x[number]), round(layers.y[number]), OUTLINES)
    page.get_by_role("tab", name="Layers").click()
    page.get_by_role("button", name="What is in the middle").click()
    picked = page.locator(".picked")
    expect(picked).to_contain_text(f"tumour, cell {number + 1:,}")
    expect(picked).to_contain_text("area")


def test_a_lost_context_draws_layers_again(open_page: OpenPage, node: Any, layers: Drawn) -> None:
    page = open_slide(open_page, node, SLIDE)
    _, before = both(page, "h", 1500, 1100, POINTS)
    page.evaluate(
        """async () => {
            const gl = document.querySelector(".slide canvas").getContext("webgl2");
            const lose = gl.getExtension("WEBGL_lose_context");
            lose.loseContext();
            await new Promise(done => setTimeout(done, 300));
            lose.restoreContext();
        }"""
    )
    assert eventually(page, lambda: np.array_equal(screen(page).astype(int)[..., :3], before))


def test_the_2d_fallback_draws_the_same_cells(
    open_page: OpenPage, node: Any, layers: Drawn, tmp_path: Path
) -> None:
    page = open_slide(open_page, node, SLIDE, "?drawer=canvas")
    look(page, 1500, 1100, POINTS, 37)
    page.keyboard.press("h")
    expect(page.locator(".layers-shown")).to_contain_text("points")
    settled(page)
    page.wait_for_function(
        """() => {
            const canvas = document.querySelector(".layer-overlay");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.some((value, i) => i % 4 === 3 && value > 0);
        }"""
    )
    drawn = page.evaluate(
        """size => {
            const canvas = document.querySelector(".layer-overlay");
            const { width, height } = window.hemalumViews.get("").fieldSize;
            const [x, y] = [Math.floor(width / 2) - size / 2, Math.floor(height / 2) - size / 2];
            const { data } = canvas.getContext("2d").getImageData(x, y, size, size);
            return [...data.filter((_, i) => i % 4 === 3)];
        }""",
        SQUARE_PX,
    )
    alpha = np.array(drawn).reshape(SQUARE_PX, SQUARE_PX)
    places = on_screen(page, layers.x, layers.y)
    assert not (alpha[~near(places, 4)] > 0).any()
    at = places[inside(places)].astype(int)
    assert (alpha[at[:, 1], at[:, 0]] > 0).mean() > 0.97


@pytest.mark.parametrize(("language", "theme"), [("en-GB", "dark"), ("zh-CN", "light")])
def test_the_panel_is_accessible(
    open_page: OpenPage, node: Any, layers: Drawn, violations: Violations, language: str, theme: str
) -> None:
    page = open_slide(open_page, node, SLIDE, "?panel=1", locale=language, theme=theme)
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    look(page, 1500, 1100, POINTS)
    page.get_by_role("tab", name="图层" if language == "zh-CN" else "Layers").click()
    name = "显示细胞核" if language == "zh-CN" else "Show Nuclei"
    page.get_by_role("checkbox", name=name).check()
    settled(page)
    expect(page.locator(".layers-shown")).to_contain_text("细胞核" if language == "zh-CN" else "Nuclei")
    assert violations(page) == []
