"""A version of a report as PDF, with the figures rendered from their slides."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from hemalum.capabilities.grossing.model import PRINTED_PX, EnteredInError
from hemalum.capabilities.reports.model import Figure, Language, SpecimenFigure
from hemalum.capabilities.reports.printing import Picture, Printable, lay_out, print_pdf
from hemalum.capabilities.slides.model import Image
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import HemalumError, NotPermitted
from hemalum.kernel.geometry import PixelSize

_AT_ONCE = 2
"""Figures of one report that are rendered at the same time."""


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


class Pictured(Protocol):
    """Where the pixels of figures come from, as `Shown` or `Sent` has them."""

    def find_slide(self, image_id: str) -> Image | None:
        """The slide of a figure, if it may be seen."""

    def read_photograph(self, figure: SpecimenFigure) -> bytes:
        """A photograph as JPEG.

        Raises:
            HemalumError: it may not be seen, was entered in error, or cannot be had.
        """


class Desk(Protocol):
    """Where reports are, as `Reports` is."""

    def print(self, actor: Actor, case_id: str, number: int) -> Printable:
        """All that a version tells on paper."""

    def pictured(self, actor: Actor) -> Pictured:
        """The figures that the actor may see."""


async def make_pdf(
    desk: Desk, renderer: Renderer, actor: Actor, case_id: str, number: int, language: Language | None = None
) -> tuple[str, bytes]:
    """The number of the case, and one version as PDF, labelled in the language asked for or else in its own.

    Raises as `Reports.print` does.
    """
    printed = await asyncio.to_thread(desk.print, actor, case_id, number)
    pictured = desk.pictured(actor)
    photographs = await asyncio.to_thread(_photographs, pictured, printed)
    figures = _figures_of(printed)
    rendered = await _pictures(pictured, renderer, printed)
    shown = [one or Picture(figure, is_withheld=True) for figure, one in zip(figures, rendered, strict=True)]
    made = await asyncio.to_thread(_made, printed, photographs + shown, language or printed.version.language)
    return printed.case.number, made


def print_for_node(
    printed: Printable,
    pictured: Pictured,
    opened: Callable[[], AbstractContextManager[Renderer]],
) -> bytes:
    """A signed version as PDF, for the systems of its hospital and in its own language.

    `opened` gives what reads slides; it is asked only where there are figures of slides.

    Raises:
        CannotPrint: the node lacks what it takes.
    """
    figures, pictures = _figures_of(printed), _photographs(pictured, printed)
    if figures:
        with opened() as renderer:
            rendered = asyncio.run(_pictures(pictured, renderer, printed))
        pictures += [one or Picture(figure) for figure, one in zip(figures, rendered, strict=True)]
    return _made(printed, pictures, printed.version.language)


def _figures_of(printed: Printable) -> tuple[Figure, ...]:
    """What a version shows of slides."""
    content = printed.version.content
    return () if content is None else content.figures


def _made(printed: Printable, pictures: Sequence[Picture], language: Language) -> bytes:
    return print_pdf(lay_out(printed, pictures, language), pictures, printed.version.at)


def _photographs(pictured: Pictured, printed: Printable) -> list[Picture]:
    """The photographs of a version with their pixels. A report is printed without those that fail."""
    content = printed.version.content
    return [] if content is None else [_photograph(pictured, figure) for figure in content.photographs]


def _photograph(pictured: Pictured, figure: SpecimenFigure) -> Picture:
    try:
        return Picture(figure, pictured.read_photograph(figure))
    except NotPermitted:
        return Picture(figure, is_withheld=True)
    except EnteredInError:
        return Picture(figure, is_wrong=True)
    except HemalumError:
        return Picture(figure)


async def _pictures(pictured: Pictured, renderer: Renderer, printed: Printable) -> list[Picture | None]:
    """The figures in their order, None for those whose slide is not for the reader.

    A slide that is none of the case any more would be of another patient, and is not shown.
    """
    # A few at once: whoever looks at slides meanwhile is served, too.
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(figure: Figure) -> Picture | None:
        if figure.image_id not in printed.scans:
            return Picture(figure, is_wrong=True)
        async with room:
            return await _picture(pictured, renderer, figure)

    return await asyncio.gather(*map(one, _figures_of(printed)))


async def _picture(pictured: Pictured, renderer: Renderer, figure: Figure) -> Picture | None:
    """The pixels of a figure; None where its slide is not for the reader. A report is printed without those
    that fail."""
    image = await asyncio.to_thread(pictured.find_slide, figure.image_id)
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
        scale = PRINTED_PX / max(region.width_um, region.height_um)
        size = PixelSize(max(1, round(region.width_um * scale)), max(1, round(region.height_um * scale)))
        made = await renderer.render(image, box, size, to_srgb=True)
    except HemalumError:
        return Picture(figure)
    return Picture(figure, made.content, "png" if made.media_type.endswith("png") else "jpg")
