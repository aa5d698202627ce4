"""A version of a report as PDF, with the figures rendered from their slides."""

import asyncio
from typing import Any, Protocol

from hemalum.capabilities.reports.model import Figure, Language
from hemalum.capabilities.reports.printing import FIGURE_PX, Picture, Printable, lay_out, print_pdf
from hemalum.capabilities.slides.model import Image
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import HemalumError
from hemalum.kernel.geometry import PixelSize


class Rendered(Protocol):
    """An encoded picture."""

    media_type: str
    content: bytes


class Renderer(Protocol):
    """Reads slides, as the frame server does."""

    async def render(self, image: Image, box: Any, size: PixelSize, *, to_srgb: bool) -> Rendered:
        """A rectangle of an image, scaled.

        Raises:
            HemalumError: it cannot be had.
        """


class Desk(Protocol):
    """Where reports are, as `Reports` is."""

    def print(self, actor: Actor, case_id: str, number: int) -> Printable:
        """All that a version tells on paper."""

    def find_pictured(self, actor: Actor, image_id: str) -> Image | None:
        """The slide of a figure, if the actor may see it."""


async def make_pdf(
    desk: Desk, renderer: Renderer, actor: Actor, case_id: str, number: int, language: Language | None = None
) -> tuple[str, bytes]:
    """The number of the case, and one version as PDF, labelled in the language asked for or else in its own.

    Raises as `Reports.print` does.
    """
    printed = await asyncio.to_thread(desk.print, actor, case_id, number)
    content = printed.version.content
    figures = () if content is None else content.figures
    pictures = [await _picture(desk, renderer, actor, figure) for figure in figures]
    laid_out = lay_out(printed, pictures, language or printed.version.language)
    made = await asyncio.to_thread(print_pdf, laid_out, pictures, printed.version.at)
    return printed.case.number, made


async def _picture(desk: Desk, renderer: Renderer, actor: Actor, figure: Figure) -> Picture:
    """The pixels of a figure, if the reader may see them; a report is printed without those that fail."""
    image = await asyncio.to_thread(desk.find_pictured, actor, figure.image_id)
    if image is None:
        return Picture(figure, is_withheld=True)
    region, description = figure.region, image.description
    try:
        if description is None:
            return Picture(figure)
        native = description.get_measurable_um()
        box = (
            region.x_um / native.x_um,
            region.y_um / native.y_um,
            region.width_um / native.x_um,
            region.height_um / native.y_um,
        )
        scale = FIGURE_PX / max(region.width_um, region.height_um)
        size = PixelSize(max(1, round(region.width_um * scale)), max(1, round(region.height_um * scale)))
        made = await renderer.render(image, box, size, to_srgb=True)
    except HemalumError:
        return Picture(figure)
    return Picture(figure, made.content, "png" if made.media_type.endswith("png") else "jpg")
