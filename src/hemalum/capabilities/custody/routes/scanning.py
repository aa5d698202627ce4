"""Points, scans at them, and their correction."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from hemalum.capabilities.custody.routes.answers import (
    CustodyEventShown,
    CustodyScan,
    PointAsked,
    PointChange,
    PointShown,
    ScanAnswer,
    ScanCorrection,
    WaitingShown,
    event_of,
    point_of,
    scan_of,
    waiting_of,
)
from hemalum.capabilities.custody.routes.parts import Desk, Manager, Scanner, Viewer
from hemalum.capabilities.custody.scanning import ScanAsked
from hemalum.runtime.http import kept_nowhere

router = APIRouter(tags=["custody"], dependencies=[Depends(kept_nowhere)])

Number = Annotated[int, Path(ge=1, lt=1 << 31)]


@router.get("/points")
def list_points(actor: Viewer, desk: Desk) -> list[PointShown]:
    """The stations where codes are scanned, in the order of the bench."""
    return [point_of(each) for each in desk.points.list_active(actor)]


@router.get("/points/all")
def list_all_points(actor: Manager, desk: Desk) -> list[PointShown]:
    """The same with those that are retired, for who manages them."""
    return [point_of(each) for each in desk.points.list_all(actor)]


@router.post("/points", status_code=201)
def add_point(asked: PointAsked, actor: Manager, desk: Desk) -> PointShown:
    """A new station."""
    return point_of(desk.points.add(actor, asked.name, asked.room, asked.step))


@router.patch("/points/{point_id}")
def change_point(point_id: str, asked: PointChange, actor: Manager, desk: Desk) -> PointShown:
    """Call a station otherwise, retire it, or use it again."""
    changed = desk.points.change(actor, point_id, name=asked.name, room=asked.room, is_active=asked.is_active)
    return point_of(changed)


@router.get("/points/{point_id}/scans")
def list_scans(point_id: str, actor: Viewer, desk: Desk) -> list[CustodyEventShown]:
    """What happened at a station lately, the newest first, with what was refused."""
    found = desk.tracing.list_scans(actor, point_id)
    return [event_of(each, is_corrected=is_corrected) for each, is_corrected in found]


@router.get("/points/{point_id}/waiting")
def list_waiting(point_id: str, actor: Viewer, desk: Desk) -> list[WaitingShown]:
    """The pieces that should come to a station next, the most pressing first."""
    return [waiting_of(each) for each in desk.tracing.list_waiting(actor, point_id)]


@router.post("/scans")
def scan_code(asked: CustodyScan, actor: Scanner, desk: Desk) -> ScanAnswer:
    """A code was read at a station. What is refused is written down, too."""
    taken = ScanAsked(
        asked.point,
        asked.code,
        asked.container,
        asked.slot,
        asked.expected,
        asked.failed,
        asked.occurred_at,
    )
    return scan_of(desk.scanning.scan(actor, taken))


@router.post("/events/{number}/correction", status_code=201)
def correct_event(number: Number, asked: ScanCorrection, actor: Scanner, desk: Desk) -> CustodyEventShown:
    """Say that the last that happened to a piece was a mistake; both stay in the chain."""
    return event_of(desk.scanning.correct(actor, number, asked.reason))
