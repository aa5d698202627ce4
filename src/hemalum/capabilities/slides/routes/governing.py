"""Who else may see a slide: its terms, sending it to others, breaking the glass and reviewing that."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.slides import model
from hemalum.capabilities.slides.governing import Governing
from hemalum.capabilities.slides.policy import BREAK_GLASS, GOVERN, SHARE
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.http import require

MOST_DAYS = 365
SHORTEST_REASON = 10

router = APIRouter(prefix="/images/{image_id}", tags=["slides"])
glass_router = APIRouter(prefix="/glass", tags=["slides"])
partners_router = APIRouter(tags=["slides"])

Governor = Annotated[Actor, Depends(require(GOVERN))]
Sharer = Annotated[Actor, Depends(require(SHARE))]
Breaker = Annotated[Actor, Depends(require(BREAK_GLASS))]
Reviewer = Annotated[Actor, Depends(require("audit.review"))]


async def governing_of(request: Request) -> Governing:
    """Who sees what, on this node."""
    return Governing(request.app.state.slides, request.app.state.endings.end)


Governed = Annotated[Governing, Depends(governing_of)]


class Terms(BaseModel):
    """What policy asks of a slide."""

    restricted: bool = False
    blinded: bool = False
    consented: list[Purpose] = []
    refused: list[Purpose] = []


class ShareAsked(BaseModel):
    """To send a slide to an organisation."""

    organisation_id: str = Field(min_length=1, max_length=40)
    days: int = Field(default=30, ge=1, le=MOST_DAYS)
    legal_basis: str | None = Field(default=None, max_length=500)


class Share(BaseModel):
    """Where a slide was sent, and until when it is read there."""

    organisation_id: str
    shared_at: datetime
    until: datetime
    legal_basis: str | None


class Partner(BaseModel):
    """An organisation that slides can be sent to."""

    id: str
    name: str


class GlassAsked(BaseModel):
    """Why somebody opens a slide in an emergency."""

    reason: str = Field(min_length=SHORTEST_REASON, max_length=1000)


class Glass(BaseModel):
    """A slide that somebody opened in an emergency."""

    id: str
    image_id: str
    image_name: str
    person_id: str
    person_name: str
    reason: str
    broken_at: datetime
    until: datetime
    verdict: model.Verdict | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    remark: str | None


class ReviewAsked(BaseModel):
    """What a reviewer found."""

    verdict: model.Verdict
    remark: str = Field(default="", max_length=1000)


@partners_router.get("/partners")
def list_partners(actor: Sharer, request: Request) -> list[Partner]:
    """The other organisations of the node, by name."""
    access: Access = request.app.state.access
    others = [each for each in access.people.list_organisations() if each.id != actor.organisation_id]
    return sorted((Partner(id=each.id, name=each.name) for each in others), key=lambda each: each.name)


@router.get("/terms")
def show_terms(image_id: str, actor: Governor, governed: Governed) -> Terms:
    """Protection, blinding, and what the patient agreed or objected to."""
    return _terms(governed.get_terms(actor, image_id))


@router.put("/terms")
def set_terms(image_id: str, wanted: Terms, actor: Governor, governed: Governed) -> Terms:
    """Put a slide under other terms."""
    terms = model.Terms(
        OrganisationId(""),
        wanted.restricted,
        wanted.blinded,
        frozenset(wanted.consented),
        frozenset(wanted.refused),
    )
    return _terms(governed.govern(actor, image_id, terms))


@router.get("/shares")
def list_shares(image_id: str, actor: Sharer, governed: Governed) -> list[Share]:
    """Where a slide was sent."""
    return [_share(one) for one in governed.list_shares(actor, image_id)]


@router.post("/shares", status_code=201)
def share(image_id: str, asked: ShareAsked, actor: Sharer, governed: Governed) -> Share:
    """Send a slide to another organisation, to be read there for a while; again, to change for how long."""
    return _share(governed.share(actor, image_id, asked.organisation_id, asked.days, asked.legal_basis))


@router.delete("/shares/{organisation_id}", status_code=204)
def end_share(image_id: str, organisation_id: str, actor: Sharer, governed: Governed) -> Response:
    """Take a slide back from an organisation."""
    governed.end_share(actor, image_id, organisation_id)
    return Response(status_code=204)


@router.post("/glass", status_code=201)
def break_glass(image_id: str, asked: GlassAsked, actor: Breaker, governed: Governed) -> Glass:
    """Open a slide in an emergency that policy keeps from one: for four hours, recorded and reviewed."""
    return _glass(governed.break_glass(actor, image_id, asked.reason))


@glass_router.get("")
def list_glass(
    actor: Reviewer, governed: Governed, only_open: Annotated[bool, Query(alias="open")] = False
) -> list[Glass]:
    """Slides of one's own organisation that were opened in an emergency, newest first."""
    return [_glass(one) for one in governed.list_glass(actor, only_open=only_open)]


@glass_router.post("/{glass_id}/review")
def review_glass(glass_id: str, asked: ReviewAsked, actor: Reviewer, governed: Governed) -> Glass:
    """Say whether that was justified."""
    return _glass(governed.review_glass(actor, glass_id, asked.verdict, asked.remark))


def _terms(terms: model.Terms) -> Terms:
    return Terms(
        restricted=terms.restricted,
        blinded=terms.blinded,
        consented=sorted(terms.consented),
        refused=sorted(terms.refused),
    )


def _share(share: model.Share) -> Share:
    return Share(
        organisation_id=share.organisation_id,
        shared_at=share.shared_at,
        until=share.until,
        legal_basis=share.legal_basis,
    )


def _glass(glass: model.BrokenGlass) -> Glass:
    return Glass(**{name: getattr(glass, name) for name in Glass.model_fields})
