"""Appraisals over HTTP."""

from datetime import datetime
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from hemalum.analysis.stain import Rejected, mean_colour, rendered
from hemalum.capabilities.appraisal.model import (
    BLURRED_ABOVE,
    Appraisal,
    AppraisalState,
    Figures,
    Stain,
    Staining,
)
from hemalum.capabilities.appraisal.service import Appraising
from hemalum.kernel.actor import Actor
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http import kept_nowhere, require

VIEW_SLIDE = "slides.view"


async def _appraising_of(request: Request) -> Appraising:
    appraising: Appraising = request.app.state.appraising
    return appraising


router = APIRouter(tags=["appraisal"], dependencies=[Depends(kept_nowhere)])

Viewer = Annotated[Actor, Depends(require(VIEW_SLIDE))]
Desk = Annotated[Appraising, Depends(_appraising_of)]


class AppraisedPlace(BaseModel):
    """A square of a slide in level-0 pixels."""

    x_px: float
    y_px: float
    side_px: float
    blur: float | None
    """From 0 (sharp) to 1; null where there is no detail to tell it by."""


class AppraisedStain(BaseModel):
    """One stain of a slide, as its pixels tell."""

    colour: str
    """RRGGBB of the light that it lets through at its strength."""
    density_rgb: tuple[float, float, float]
    """Optical density in red, green and blue, of length 1."""
    strength: float
    """Density that 99 of 100 stained pixels stay below."""
    degrees: float
    """Between its colour and that of the book."""


class AppraisedStaining(BaseModel):
    """How the tissue is coloured."""

    haematoxylin: AppraisedStain | None
    """Null unless the stain is haematoxylin and eosin, and both could be told."""
    eosin: AppraisedStain | None
    condition: float | None
    """Of the matrix of both: 1 for colours at right angles, larger for colours that are alike."""
    rejected: Rejected | None
    """Why haematoxylin and eosin could not be told."""
    mean_colour: str | None
    """RRGGBB of stained tissue; null with too little of it."""
    mean_lab: tuple[float, float, float] | None
    """The same in the space l-alpha-beta of Reinhard, and its spread."""
    spread_lab: tuple[float, float, float] | None


class AppraisalFigures(BaseModel):
    """What is told of a scan. Shares are of 1."""

    tissue_mm2: float
    tissue_share: float
    """Of the whole picture."""
    ink_share: float | None
    """Of what stands out from the glass; null unless the stain is haematoxylin and eosin."""
    fold_share: float | None
    """Of the tissue; null unless the stain is haematoxylin and eosin."""
    edge_share: float
    """Of the whole picture."""
    overview_um: float
    """um per pixel of the picture that the shares were told of."""
    place_um: float
    """um per pixel of the places."""
    median_blur: float | None
    blurred_above: float
    """A place with more blur counts as out of focus."""
    blurred_places: int
    places: list[AppraisedPlace]
    staining: AppraisedStaining


class AppraisalShown(BaseModel):
    """What is told of the scan of a slide."""

    state: AppraisalState
    reason: Sentence | None
    """In a form that can be said in another language."""
    message: str
    """The same in English; empty where there is none."""
    method: int | None
    judged_at: datetime | None
    figures: AppraisalFigures | None


@router.get("/images/{image_id}")
def show_appraisal(image_id: str, actor: Viewer, desk: Desk) -> AppraisalShown:
    """Tissue, ink, folds, edges of glass and blur of a scan, or why they are not told."""
    return _shown(desk.show(actor, image_id))


def _shown(found: Appraisal | None) -> AppraisalShown:
    if found is None:
        return AppraisalShown(
            state=AppraisalState.WAITING, reason=None, message="", method=None, judged_at=None, figures=None
        )
    return AppraisalShown(
        state=found.state,
        reason=found.reason,
        message="" if found.reason is None else str(found.reason),
        method=found.method,
        judged_at=found.judged_at,
        figures=None if found.figures is None else _figures(found.figures),
    )


def _figures(figures: Figures) -> AppraisalFigures:
    return AppraisalFigures(
        tissue_mm2=figures.tissue_mm2,
        tissue_share=figures.tissue_share,
        ink_share=figures.ink_share,
        fold_share=figures.fold_share,
        edge_share=figures.edge_share,
        overview_um=figures.overview_um,
        place_um=figures.place_um,
        median_blur=figures.median_blur,
        blurred_above=BLURRED_ABOVE,
        blurred_places=figures.blurred_places,
        places=[
            AppraisedPlace(x_px=each.x_px, y_px=each.y_px, side_px=each.side_px, blur=each.blur)
            for each in figures.places
        ],
        staining=_staining(figures.staining),
    )


def _staining(staining: Staining) -> AppraisedStaining:
    kept = staining.colouring
    return AppraisedStaining(
        haematoxylin=None if staining.haematoxylin is None else _stain(staining.haematoxylin),
        eosin=None if staining.eosin is None else _stain(staining.eosin),
        condition=staining.condition,
        rejected=staining.rejected,
        mean_colour=None if kept is None else bytes(mean_colour(kept)).hex(),
        mean_lab=None if kept is None else kept.mean,
        spread_lab=None if kept is None else kept.spread,
    )


def _stain(stain: Stain) -> AppraisedStain:
    light = rendered(np.array([[stain.strength]]), np.array([stain.density_rgb]))
    return AppraisedStain(
        colour=light.tobytes().hex(),
        density_rgb=stain.density_rgb,
        strength=stain.strength,
        degrees=stain.degrees,
    )
