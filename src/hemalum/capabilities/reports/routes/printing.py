"""Reports as PDF, with the figures rendered from their slides."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from hemalum.capabilities.reports.model import Language
from hemalum.capabilities.reports.printed import Renderer, make_pdf
from hemalum.capabilities.reports.routes.parts import Desk, Reader
from hemalum.runtime.http import KEPT_NOWHERE


async def renderer_of(request: Request) -> Renderer:
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
    number_of_case, made = await make_pdf(desk, renderer, actor, case_id, number, language)
    # A name that tells nothing of the patient.
    name = f"{number_of_case}-v{number}.pdf".replace("/", "_")
    headers = KEPT_NOWHERE | {"content-disposition": f'inline; filename="{name}"'}
    return Response(made, media_type="application/pdf", headers=headers)
