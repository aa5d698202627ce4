"""A version of a report as PDF, with the figures rendered from their slides."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol

from hemalum.capabilities.reports.model import Figure, Language
from hemalum.capabilities.reports.printing import FIGURE_PX, Picture, Printable, lay_out, print_pdf
from hemalum.capabilities.slides.model import Image
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import HemalumError
from hemalum.kernel.geometry import PixelSize


class Rendered(Protocol):
    """An encoded picture."""

    @property
    def media_type(self) -> str:
        """`image/jpeg` or `image/png`."""

    @property
    def content(self) -> bytes:
        """The file."""


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
    find = partial(desk.find_pictured, actor)
    pictures = [
        await _picture(find, renderer, figure) or Picture(figure, is_withheld=True)
        for figure in _figures_of(printed)
    ]
    made = await asyncio.to_thread(_made, printed, pictures, language or printed.version.language)
    return printed.case.number, made


def print_for_node(
    printed: Printable,
    find_figure: Callable[[str], Image | None],
    opened: Callable[[], AbstractContextManager[Renderer]],
) -> bytes:
    """A signed version as PDF, for the systems of its hospital and in its own language.

    `opened` gives what reads slides; it is asked only where there are figures.

    Raises:
        CannotPrint: the node lacks what it takes.
    """
    figures, pictures = _figures_of(printed), list[Picture]()
    if figures:
        with opened() as renderer:
            pictures = asyncio.run(_pictures(find_figure, renderer, figures))
    return _made(printed, pictures, printed.version.language)


def _figures_of(printed: Printable) -> tuple[Figure, ...]:
    """What a version shows of slides."""
    content = printed.version.content
    return () if content is None else content.figures


def _made(printed: Printable, pictures: Sequence[Picture], language: Language) -> bytes:
    return print_pdf(lay_out(printed, pictures, language), pictures, printed.version.at)


async def _pictures(
    find: Callable[[str], Image | None], renderer: Renderer, figures: Sequence[Figure]
) -> list[Picture]:
    return [await _picture(find, renderer, figure) or Picture(figure) for figure in figures]


async def _picture(find: Callable[[str], Image | None], renderer: Renderer, figure: Figure) -> Picture | None:
    """The pixels of a figure; None where its slide is not for the reader. A report is printed without those
    that fail."""
    image = await asyncio.to_thread(find, figure.image_id)
    if image is None:
        return None
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
