"""Coverage over HTTP."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Protocol

import numpy as np
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.reading import exports
from hemalum.capabilities.reading.model import (
    MOST_CELLS_A_SIDE,
    MOST_RUNS,
    Cells,
    Coverage,
    Mark,
    Progress,
    Reveal,
    Tissue,
)
from hemalum.capabilities.reading.service import Reading
from hemalum.capabilities.slides.model import Image
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotFound
from hemalum.runtime.http import KEPT_NOWHERE, require

MOST_IMAGES = 100
MOST_AGO_S = 7 * 24 * 3600

router = APIRouter(tags=["reading"])

Viewer = Annotated[Actor, Depends(require("slides.view"))]
Auditor = Annotated[Actor, Depends(require("audit.read"))]
Form = Annotated[Literal["json", "geojson", "csv"], Query(alias="format")]
Cell = Annotated[int, Field(ge=0, le=MOST_CELLS_A_SIDE)]


class TissueFinder(Protocol):
    """Who can tell where the tissue of an image is."""

    async def tissue(self, image: Image) -> Cells:
        """The cells of a picture of the whole image.

        Raises:
            NotFound: nobody knows.
        """


@dataclass(frozen=True)
class Parts:
    """What these routes work with."""

    reading: Reading
    access: Access
    pixels: TissueFinder


async def parts_of(request: Request) -> Parts:
    """Those of this node."""
    state = request.app.state
    return Parts(state.reading, state.access, state.serving)


Node = Annotated[Parts, Depends(parts_of)]


class PowerShare(BaseModel):
    """How much was seen at a power or a higher one."""

    objective: float
    share: float


class Band(BaseModel):
    """The grid of a range of powers, and what of it was seen."""

    objective: float
    downsample: float
    """Pixels of level 0 on one CSS pixel at this power."""
    cell_px: float
    columns: int
    rows: int
    seen: str | None
    """Cells row by row, a bit each, the first in the highest bit; base64. Null where nothing was seen."""


class TissueKnown(BaseModel):
    """A picture of the whole image that says where the tissue is."""

    columns: int
    rows: int
    cells: str
    """As `seen` of a band."""


class CoverageShown(BaseModel):
    """What the reader saw of an image."""

    width_px: int
    height_px: int
    tissue: TissueKnown | None
    """Null where nobody knows; shares are then of the whole image."""
    bands: list[Band]
    shares: list[PowerShare]


class MarkTold(BaseModel):
    """Cells of one band that were seen."""

    objective: float
    cell_px: float
    runs: list[tuple[Cell, Cell, Cell]] = Field(max_length=MOST_RUNS)
    """Row, first column, first column after it."""


class MarksTold(BaseModel):
    """What was seen since it was last told. Telling it again changes nothing."""

    marks: list[MarkTold] = Field(max_length=12)


class ProgressShown(BaseModel):
    """How far a reader is with an image."""

    image_id: str
    shares: list[PowerShare]
    of_tissue: bool
    updated_at: datetime


class RevealTold(BaseModel):
    """That something was shown which a model found."""

    subject: str = Field(pattern=r"^(layer|measures)/[A-Za-z0-9_-]{1,60}$")
    name: str = Field(min_length=1, max_length=300)
    """Its name and the version of what made it."""
    ago_s: float = Field(default=0, ge=0, le=MOST_AGO_S, allow_inf_nan=False)
    """How long ago that was, where there was no connection meanwhile."""


class RevealShown(BaseModel):
    """When a reader first had something shown which a model found."""

    subject: str
    name: str
    revealed_at: datetime
    shares: list[PowerShare]
    """What had been seen by then, as far as the server knew."""


class Reader(BaseModel):
    """Somebody who looked at an image."""

    person_id: str
    name: str | None
    """Null where somebody of another organisation looked."""
    shares: list[PowerShare]
    of_tissue: bool
    updated_at: datetime
    revealed: list[RevealShown]
    """What of models they had shown, the first first."""


@router.get("/images/{image_id}/coverage")
async def show_coverage(image_id: str, actor: Viewer, node: Node) -> CoverageShown:
    """What I saw of an image, at which power, and where its tissue is."""
    image, coverage = await asyncio.to_thread(node.reading.get_coverage, actor, image_id)
    return _shown(coverage, await _tissue(image, node.pixels.tissue))


@router.post("/images/{image_id}/coverage")
async def mark_seen(image_id: str, told: MarksTold, actor: Viewer, node: Node) -> ProgressShown:
    """Add to what I saw of an image. Nothing seen is ever unseen."""
    image, _ = await asyncio.to_thread(node.reading.get_coverage, actor, image_id)
    tissue = await _tissue(image, node.pixels.tissue)
    marks = [Mark(one.objective, one.cell_px, tuple(one.runs)) for one in told.marks]
    _, progress = await asyncio.to_thread(node.reading.mark, actor, image, marks, tissue)
    return _progress(progress)


@router.get("/images/{image_id}/coverage/export", response_class=Response)
async def export_coverage(image_id: str, actor: Viewer, node: Node, form: Form = "json") -> Response:
    """What I saw of an image, as a file."""
    image, coverage = await asyncio.to_thread(node.reading.get_coverage, actor, image_id)
    tissue = await _tissue(image, node.pixels.tissue)
    await asyncio.to_thread(node.reading.tell_exported, actor, image)
    return _file(form, coverage, coverage.shares(tissue), of_tissue=tissue is not None)


@router.get("/images/{image_id}/reveals")
def list_reveals(image_id: str, actor: Viewer, node: Node) -> list[RevealShown]:
    """What of models I had shown on an image, the first first."""
    return [_reveal(one) for one in node.reading.list_reveals(actor, image_id)]


@router.post("/images/{image_id}/reveals")
def tell_reveal(image_id: str, told: RevealTold, actor: Viewer, node: Node) -> RevealShown:
    """Keep that I had something shown which a model found. Only the first time counts."""
    ago = timedelta(seconds=told.ago_s)
    return _reveal(node.reading.reveal(actor, image_id, told.subject, told.name, ago))


@router.get("/progress")
def list_progress(
    actor: Viewer, node: Node, image: Annotated[list[str], Query(min_length=1, max_length=MOST_IMAGES)]
) -> list[ProgressShown]:
    """How far I am with those of these images that I have looked at."""
    return [_progress(one) for one in node.reading.list_progress(actor, image)]


@router.get("/images/{image_id}/readers")
def list_readers(image_id: str, actor: Auditor, node: Node) -> list[Reader]:
    """Who looked at an image of one's organisation, and how far they got. Stands in the log."""
    found = node.reading.list_readers(actor, image_id)
    return [
        Reader(
            person_id=one.person_id,
            name=_name(node.access, actor, one),
            revealed=[_reveal(each) for each in revealed],
            **_told(one),
        )
        for one, revealed in found
    ]


@router.get("/images/{image_id}/readers/{person_id}/export", response_class=Response)
def export_reader(image_id: str, person_id: str, actor: Auditor, node: Node, form: Form = "json") -> Response:
    """What somebody saw of an image of one's organisation, as a file. Stands in the log."""
    _, coverage, progress = node.reading.review(actor, image_id, person_id)
    return _file(form, coverage, progress.shares, of_tissue=progress.of_tissue)


async def _tissue(image: Image, find: Callable[[Image], Awaitable[Cells]]) -> Tissue | None:
    try:
        return Tissue(await find(image))
    except NotFound:
        return None


def _shown(coverage: Coverage, tissue: Tissue | None) -> CoverageShown:
    known = None
    if tissue is not None:
        rows, columns = tissue.cells.shape
        known = TissueKnown(rows=rows, columns=columns, cells=_packed(tissue.cells))
    bands = [
        Band(
            objective=grid.objective,
            downsample=grid.downsample,
            cell_px=grid.cell_px,
            columns=grid.columns,
            rows=grid.rows,
            seen=_packed(coverage.seen[grid.key]) if grid.key in coverage.seen else None,
        )
        for grid in coverage.grids
    ]
    size = {"width_px": coverage.width_px, "height_px": coverage.height_px}
    return CoverageShown(**size, tissue=known, bands=bands, shares=_shares(coverage.shares(tissue)))


def _packed(cells: Cells) -> str:
    return base64.b64encode(np.packbits(cells).tobytes()).decode()


def _shares(shares: dict[float, float]) -> list[PowerShare]:
    return [PowerShare(objective=objective, share=share) for objective, share in shares.items()]


def _told(progress: Progress) -> dict[str, Any]:
    return {
        "shares": _shares(progress.shares),
        "of_tissue": progress.of_tissue,
        "updated_at": progress.updated_at,
    }


def _progress(progress: Progress) -> ProgressShown:
    return ProgressShown(image_id=progress.image_id, **_told(progress))


def _reveal(one: Reveal) -> RevealShown:
    shares = _shares(one.shares)
    return RevealShown(subject=one.subject, name=one.name, revealed_at=one.revealed_at, shares=shares)


def _name(access: Access, actor: Actor, progress: Progress) -> str | None:
    try:
        return access.people.get_person(actor, None, progress.person_id).person.display_name
    except NotFound:
        return None


def _file(form: str, coverage: Coverage, shares: dict[float, float], *, of_tissue: bool) -> Response:
    make = {"json": exports.as_json, "geojson": exports.as_geojson, "csv": exports.as_csv}[form]
    media = {"json": "application/json", "geojson": "application/geo+json", "csv": "text/csv; charset=utf-8"}
    headers = KEPT_NOWHERE | {"content-disposition": f'attachment; filename="coverage.{form}"'}
    return Response(make(coverage, shares, of_tissue=of_tissue), media_type=media[form], headers=headers)
