"""Photographs and cassettes over HTTP, kept by no cache on the way."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from hemalum.capabilities.cases.service import MOST_REASON
from hemalum.capabilities.grossing.describing import Describing
from hemalum.capabilities.grossing.model import (
    MOST_PIECES,
    MOST_TEXT,
    Cassette,
    Contents,
    Photograph,
    Ruler,
    describe_cassette,
)
from hemalum.capabilities.grossing.service import PROCESS, VIEW_CASE, Grossing
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import KEPT_NOWHERE, kept_nowhere, require

_PHOTOGRAPH = "/photographs/{photograph_id}"


router = APIRouter(tags=["grossing"], dependencies=[Depends(kept_nowhere)])


class PhotographShown(BaseModel):
    """A photograph, without its pixels."""

    id: str
    case_id: str
    material_id: str
    identifier: str
    width_px: int
    height_px: int
    taken_at: str | None
    at: datetime
    by: str
    um_per_px: float | None
    wrong_because: str | None


class RulerRead(BaseModel):
    """What somebody read off the ruler in a photograph."""

    x1_px: float
    y1_px: float
    x2_px: float
    y2_px: float
    length_mm: float


class ScaleAsked(BaseModel):
    """The scale of a photograph; without a ruler it is taken back."""

    ruler: RulerRead | None = None


class WithdrawalAsked(BaseModel):
    """Why a photograph was entered in error."""

    reason: Annotated[str, Field(max_length=MOST_REASON)]


class CassetteShown(BaseModel):
    """A block of a case with what was put into it."""

    material_id: str
    identifier: str
    version: int
    """How often it was described; 0 where nobody did."""
    text: str
    pieces: int | None
    dimensions_mm: list[float]
    """The greatest first."""
    line_en: str
    """As a line of a gross description; empty where nobody described it."""
    line_zh: str
    at: datetime | None
    by: str


class ContentsStated(BaseModel):
    """What was put into a cassette."""

    based_on: int = Field(ge=0)
    """The version that one knows; 0 where one knows of none."""
    text: Annotated[str, Field(max_length=MOST_TEXT)] = ""
    pieces: int | None = Field(default=None, ge=1, le=MOST_PIECES)
    dimensions_mm: list[Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]] = Field(
        default=[], max_length=3
    )


async def grossing_of(request: Request) -> Grossing:
    """The grossing of this node."""
    grossing: Grossing = request.app.state.grossing
    return grossing


Viewer = Annotated[Actor, Depends(require(VIEW_CASE))]
Processor = Annotated[Actor, Depends(require(PROCESS))]
Desk = Annotated[Grossing, Depends(grossing_of)]


@router.get("/cases/{case_id}/photographs")
def list_photographs(case_id: str, actor: Viewer, desk: Desk) -> list[PhotographShown]:
    """The photographs of a case, by the piece that they show."""
    return [_shown(each) for each in desk.list_of_case(actor, case_id)]


@router.post("/material/{material_id}/photographs", status_code=201)
async def add_photograph(material_id: str, actor: Processor, desk: Desk, request: Request) -> PhotographShown:
    """Keep the picture in the body (JPEG, PNG or WebP) as a photograph of a part or block."""
    content = await request.body()
    return _shown(await asyncio.to_thread(desk.add, actor, material_id, content))


@router.get(_PHOTOGRAPH, response_class=Response)
def show_photograph(photograph_id: str, actor: Viewer, desk: Desk, small: bool = False) -> Response:
    """A photograph as JPEG; `small` for a list."""
    return _jpeg(desk.read(actor, photograph_id, small=small))


@router.put(_PHOTOGRAPH + "/scale")
def set_scale(photograph_id: str, asked: ScaleAsked, actor: Processor, desk: Desk) -> PhotographShown:
    """State the scale of a photograph by the ruler in it, or take it back."""
    ruler = None if asked.ruler is None else Ruler(**asked.ruler.model_dump())
    return _shown(desk.set_scale(actor, photograph_id, ruler))


@router.post(_PHOTOGRAPH + "/withdrawal")
def withdraw_photograph(
    photograph_id: str, asked: WithdrawalAsked, actor: Processor, desk: Desk
) -> PhotographShown:
    """Say that a photograph was entered in error."""
    return _shown(desk.withdraw(actor, photograph_id, asked.reason))


@router.get("/cases/{case_id}/cassettes")
def list_cassettes(case_id: str, actor: Viewer, desk: Desk) -> list[CassetteShown]:
    """The cassettes of a case, with what was put into each."""
    return [_cassette(each) for each in Describing(desk.cases).list_of_case(actor, case_id)]


@router.put("/material/{material_id}/contents")
def describe_contents(
    material_id: str, stated: ContentsStated, actor: Processor, desk: Desk
) -> CassetteShown:
    """State what was put into a cassette; what was said before stays kept."""
    contents = Contents(stated.text, stated.pieces, tuple(stated.dimensions_mm))
    return _cassette(Describing(desk.cases).describe(actor, material_id, stated.based_on, contents))


def _cassette(cassette: Cassette) -> CassetteShown:
    english, chinese = describe_cassette(cassette)
    contents = cassette.contents
    return CassetteShown(
        material_id=cassette.material_id,
        identifier=cassette.identifier,
        version=cassette.version,
        text=contents.text,
        pieces=contents.pieces,
        dimensions_mm=list(contents.dimensions_mm),
        line_en=english,
        line_zh=chinese,
        at=cassette.at,
        by=cassette.by_name,
    )


def _jpeg(content: bytes) -> Response:
    return Response(content, media_type="image/jpeg", headers=KEPT_NOWHERE)


def _shown(photograph: Photograph) -> PhotographShown:
    return PhotographShown(
        id=photograph.id,
        case_id=photograph.case_id,
        material_id=photograph.material_id,
        identifier=photograph.identifier,
        width_px=photograph.width_px,
        height_px=photograph.height_px,
        taken_at=photograph.taken_at,
        at=photograph.at,
        by=photograph.by_name,
        um_per_px=photograph.um_per_px,
        wrong_because=photograph.wrong_because,
    )
