"""Draws the icons of the installed app: what `public/icon.svg` shows, in the sizes that devices ask for.

python web/scripts/icons.py
"""

from pathlib import Path

from PIL import Image, ImageDraw

PUBLIC = Path(__file__).parents[1] / "public"
GROUND, RING, LETTER = "#1A1B1C", "#7FB2E5", "#E8E8E6"
GRID = 32
"""Units of the drawing along each side."""
OVERSAMPLED = 8
COLOURS = 64
SAFE = 0.75
"""Share of a maskable icon that the drawing fills: devices cut such icons into circles."""


def draw(size: int, *, maskable: bool = False) -> Image.Image:
    """The icon, `size` pixels wide and high; one that is to be cut fills its whole square."""
    side = size * OVERSAMPLED
    scale = side / GRID * (SAFE if maskable else 1)
    margin = (side - GRID * scale) / 2
    image = Image.new("RGBA", (side, side), GROUND if maskable else "#00000000")
    pen = ImageDraw.Draw(image)
    if not maskable:
        pen.rounded_rectangle((0, 0, side - 1, side - 1), 6 * scale, GROUND)

    def at(x: float, y: float) -> tuple[float, float]:
        return margin + x * scale, margin + y * scale

    pen.ellipse((*at(5.5, 5.5), *at(26.5, 26.5)), outline=RING, width=round(2 * scale))
    for line in (((12, 10.5), (12, 21.5)), ((20, 10.5), (20, 21.5)), ((12, 16), (20, 16))):
        pen.line([at(*end) for end in line], LETTER, round(2.5 * scale))
        for x, y in line:
            pen.ellipse((*at(x - 1.25, y - 1.25), *at(x + 1.25, y + 1.25)), LETTER)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def keep(image: Image.Image, name: str) -> None:
    """Few colours are enough for three of them and their edges."""
    image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        PUBLIC / name, optimize=True
    )


def main() -> None:
    for size in (192, 512):
        keep(draw(size), f"icon-{size}.png")
    keep(draw(512, maskable=True), "icon-maskable-512.png")


if __name__ == "__main__":
    main()
