"""Transforms between slides over HTTP."""

import base64
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from hemalum.analysis.registration import Affine, Landmark
from hemalum.capabilities.registration import policy
from hemalum.capabilities.registration.model import (
    LANDMARKS,
    MOST_LANDMARKS,
    Transform,
    TransformDraft,
    TransformKind,
)
from hemalum.capabilities.registration.service import Registration
from hemalum.formats.displacements import MOST_BYTES
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid
from hemalum.runtime.http import require

router = APIRouter(prefix="/images/{image_id}", tags=["registration"])

Viewer = Annotated[Actor, Depends(require(policy.VIEW))]
Aligner = Annotated[Actor, Depends(require(policy.ALIGN))]


async def registration_of(request: Request) -> Registration:
    """The transforms of this node."""
    registration: Registration = request.app.state.registration
    return registration


Node = Annotated[Registration, Depends(registration_of)]
Figure = Annotated[float, Field(allow_inf_nan=False)]
Place = tuple[Figure, Figure]
TransformId = Annotated[str | None, Query(max_length=40)]
"""Which transform the caller knows of."""


class LandmarkPair(BaseModel):
    """The same place on both slides, um from the top left corner of each."""

    start: Place
    end: Place


class TransformAsked(BaseModel):
    """A transform from the first slide of the address to the second."""

    kind: TransformKind
    matrix: tuple[Figure, Figure, Figure, Figure, Figure, Figure]
    """a, b, c, d, e, f: x' = a x + c y + e, y' = b x + d y + f, in um."""
    landmarks: list[LandmarkPair] = Field(default=[], max_length=MOST_LANDMARKS)
    method: str = Field(default=LANDMARKS, pattern=r"^[a-z0-9][a-z0-9 ._-]{0,99}$")
    displacements: str | None = Field(default=None, max_length=-(-MOST_BYTES // 3) * 4)
    """A grid, docs/reference/registration.md, as base64."""
    replaces: str | None = Field(default=None, max_length=40)
    """The id of the transform that is known to be there."""


class AlignedBy(BaseModel):
    """Somebody as others see them."""

    id: str
    name: str


class TransformShown(BaseModel):
    """A transform between two slides."""

    id: str
    from_image_id: str
    to_image_id: str
    kind: TransformKind
    matrix: tuple[float, float, float, float, float, float]
    method: str
    landmarks: list[LandmarkPair]
    residual_um: float | None
    has_displacements: bool
    stale: bool
    """A slide was scanned, or its scale stated, anew since."""
    created_at: datetime
    created_by: AlignedBy


class TransformFound(BaseModel):
    """The transform between two slides, if there is one."""

    transform: TransformShown | None


@router.get("")
def list_transforms(image_id: str, node: Node, actor: Viewer) -> list[TransformShown]:
    """The transforms between a slide and others that one may see."""
    return [_shown(each, stale=stale) for each, stale in node.list_transforms(actor, image_id)]


@router.get("/to/{other_id}")
def show_transform(image_id: str, other_id: str, node: Node, actor: Viewer) -> TransformFound:
    """The transform between two slides, whichever way round it was saved."""
    found = node.find_transform(actor, image_id, other_id)
    return TransformFound(transform=None if found is None else _shown(found[0], stale=found[1]))


@router.put("/to/{other_id}")
def save_transform(
    image_id: str, other_id: str, asked: TransformAsked, node: Node, actor: Aligner
) -> TransformShown:
    """Keep a transform between two slides in the place of the one that is known to be there."""
    draft = TransformDraft(
        asked.kind,
        Affine(*asked.matrix),
        tuple(Landmark(each.start, each.end) for each in asked.landmarks),
        asked.method,
        None if asked.displacements is None else _decoded(asked.displacements),
    )
    return _shown(node.save(actor, image_id, other_id, draft, asked.replaces), stale=False)


@router.delete("/to/{other_id}", status_code=204)
def remove_transform(image_id: str, other_id: str, node: Node, actor: Aligner) -> None:
    """Remove the transform between two slides, if there is one."""
    node.remove(actor, image_id, other_id)


@router.get("/to/{other_id}/displacements", response_class=Response)
def read_displacements(
    image_id: str, other_id: str, node: Node, actor: Viewer, transform: TransformId = None
) -> Response:
    """The grid of the transform between two slides; 204 when there is none, or of another transform."""
    content = node.find_displacements(actor, image_id, other_id, transform)
    if content is None:
        return Response(status_code=204)
    return Response(content, media_type="application/octet-stream", headers={"cache-control": "no-store"})


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:  # binascii.Error is one, too; letters beyond ASCII are another
        raise Invalid("The displacements are not base64.") from error


def _shown(transform: Transform, *, stale: bool) -> TransformShown:
    matrix = transform.matrix
    return TransformShown(
        id=transform.id,
        from_image_id=transform.from_image_id,
        to_image_id=transform.to_image_id,
        kind=transform.kind,
        matrix=(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f),
        method=transform.method,
        landmarks=[LandmarkPair(start=each.start, end=each.end) for each in transform.landmarks],
        residual_um=transform.residual_um,
        has_displacements=transform.has_displacements,
        stale=stale,
        created_at=transform.created_at,
        created_by=AlignedBy(id=transform.created_by, name=transform.created_by_name),
    )
