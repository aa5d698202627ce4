"""Where things are, what lies in containers, what nobody has seen, whether the chain is whole."""

import io
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from hemalum.capabilities.cases.service import draw_code
from hemalum.capabilities.custody.routes.answers import (
    CodeAsked,
    ContainerAsked,
    ContainerDetail,
    ContainerShown,
    CustodyEventShown,
    PutInAsked,
    TakeOutAsked,
    VerifiedShown,
    WaitingShown,
    WhereaboutsShown,
    container_detail_of,
    container_of,
    event_of,
    verified_of,
    waiting_of,
    whereabouts_of,
)
from hemalum.capabilities.custody.routes.parts import Desk, Scanner, Viewer
from hemalum.kernel.clock import utc_now
from hemalum.runtime.http import KEPT_NOWHERE, kept_nowhere

_A_DAY = 24
_CODE_BORDER = 2

router = APIRouter(tags=["custody"], dependencies=[Depends(kept_nowhere)])


@router.post("/where")
def find_whereabouts(asked: CodeAsked, actor: Viewer, desk: Desk) -> WhereaboutsShown:
    """Where the piece or container with this code is, who had it, and all that happened to it."""
    return whereabouts_of(desk.tracing.find(actor, asked.code), utc_now())


@router.get("/gaps")
def list_gaps(
    actor: Viewer, desk: Desk, hours: Annotated[float, Query(gt=0, le=8760)] = _A_DAY
) -> list[WaitingShown]:
    """Pieces on the bench that nobody scanned for so many hours, with the step where they are expected."""
    return [waiting_of(each) for each in desk.tracing.list_gaps(actor, hours)]


@router.get("/chain")
def verify_chain(actor: Viewer, desk: Desk) -> VerifiedShown:
    """Look at the organisation's chain: at every link once a day, otherwise at those that are new."""
    return verified_of(desk.tracing.verify(actor))


@router.get("/containers")
def list_containers(actor: Viewer, desk: Desk) -> list[ContainerShown]:
    """All containers, the largest kinds first."""
    lying = desk.containers.count_contents(actor)
    found = desk.containers.list_all(actor)
    return [container_of(each, lying.get(each.container.code, 0)) for each in found]


@router.post("/containers", status_code=201)
def add_container(asked: ContainerAsked, actor: Scanner, desk: Desk) -> ContainerDetail:
    """A new container, with a code to be printed on it."""
    made = desk.containers.add(actor, asked.kind, asked.name, asked.slots)
    return container_detail_of(desk.containers.get(actor, made.code))


@router.get("/containers/{container_code}")
def show_container(container_code: str, actor: Viewer, desk: Desk) -> ContainerDetail:
    """A container with what lies in it."""
    return container_detail_of(desk.containers.get(actor, container_code))


@router.get("/containers/{container_code}/code", response_class=Response)
def show_container_code(container_code: str, actor: Viewer, desk: Desk) -> Response:
    """The two-dimensional code for its label, as SVG."""
    picture = io.BytesIO()
    drawn = draw_code(desk.containers.get(actor, container_code).container.code)
    drawn.save(picture, kind="svg", border=_CODE_BORDER, xmldecl=False)
    return Response(picture.getvalue(), media_type="image/svg+xml", headers=KEPT_NOWHERE)


@router.post("/containers/{container_code}/contents", status_code=201)
def put_in(container_code: str, asked: PutInAsked, actor: Scanner, desk: Desk) -> CustodyEventShown:
    """Put a piece, or another container with all that lies in it, into a container."""
    return event_of(desk.containers.put_in(actor, container_code, asked.code, asked.slot, asked.reason))


@router.post("/containers/{container_code}/removals", status_code=201)
def take_out(container_code: str, asked: TakeOutAsked, actor: Scanner, desk: Desk) -> CustodyEventShown:
    """Take something out of a container; whoever does has it."""
    return event_of(desk.containers.take_out(actor, container_code, asked.code, asked.reason))
