"""What the browser tests of annotations share: people, a slide whose pixels are known, hands that draw."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

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
