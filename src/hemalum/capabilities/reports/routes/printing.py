"""Reports as PDF, with the figures rendered from their slides."""

import asyncio
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Request, Response

from hemalum.capabilities.reports.model import Figure, Language
from hemalum.capabilities.reports.printing import FIGURE_PX, Picture, lay_out, print_pdf
from hemalum.capabilities.reports.routes.parts import Desk, Reader
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


def renderer_of(request: Request) -> Renderer:
    """That of this node."""
    renderer: Renderer = request.app.state.serving
    return renderer


router = APIRouter(tags=["reports"])


@router.get("/cases/{case_id}/versions/{number}.pdf", response_class=Response)
async def print_report(
    case_id: str,
    number: int,
    actor: Reader,
    desk: Desk,
    renderer: Annotated[Renderer, Depends(renderer_of)],
    language: Language | None = None,
) -> Response:
    """One version as PDF, labelled in the language asked for or else in its own."""
    printed = await asyncio.to_thread(desk.print, actor, case_id, number)
    content = printed.version.content
    figures = () if content is None else content.figures
    pictures = [await _picture(desk, renderer, actor, figure) for figure in figures]
    laid_out = lay_out(printed, pictures, language or printed.version.language)
    made = await asyncio.to_thread(print_pdf, laid_out, pictures, printed.version.at)
    # A name that tells nothing of the patient.
    name = f"{printed.case.number}-v{number}.pdf".replace("/", "_")
    headers = {
        "cache-control": "private, no-store",
        "content-disposition": f'inline; filename="{name}"',
    }
    return Response(made, media_type="application/pdf", headers=headers)


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
