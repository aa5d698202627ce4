"""The integrity report, and checking now."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from hemalum.capabilities.slides.integrity import Harm, IntegrityReport, Round, RoundState
from hemalum.capabilities.slides.routes.library import Library
from hemalum.capabilities.slides.routes.parts import Administrator
from hemalum.capabilities.slides.scrub import begin_round, report

router = APIRouter(prefix="/integrity", tags=["slides"])


class IntegrityRound(BaseModel):
    """One walk over all slides of the node."""

    id: str
    state: RoundState
    started_at: datetime
    ended_at: datetime | None
    slides: int
    bytes: int
    damaged: int
    repaired: int


class DamagedObject(BaseModel):
    """One file or blob that was not what it should be; chunks are counted from 0, 16 KiB of content each."""

    name: str
    harm: Harm
    chunks: list[int]
    repaired: bool


class DamagedSlide(BaseModel):
    """A slide with damage, repaired or not, as of its last check."""

    image_id: str
    name: str
    checked_at: datetime | None
    objects: list[DamagedObject]


class Integrity(BaseModel):
    """The last round, and how the slides of one's own organisation stand."""

    last_round: IntegrityRound | None
    slides: int
    unchecked: int
    damaged: list[DamagedSlide]


@router.get("")
def show_integrity(library: Library, actor: Administrator) -> Integrity:
    """When slides were last checked, and what was found."""
    return _answer(report(library, actor.organisation_id))


@router.post("", status_code=202)
def check_integrity(library: Library, actor: Administrator) -> IntegrityRound:
    """Begin to check all slides of the node now; answers the round at work."""
    return _round(begin_round(library, actor))


def _answer(found: IntegrityReport) -> Integrity:
    return Integrity(
        last_round=None if found.last_round is None else _round(found.last_round),
        slides=found.slides,
        unchecked=found.unchecked,
        damaged=[
            DamagedSlide(
                image_id=each.image_id,
                name=each.name,
                checked_at=each.checked_at,
                objects=[
                    DamagedObject(
                        name=one.name, harm=one.harm, chunks=list(one.chunks), repaired=one.repaired
                    )
                    for one in each.damage
                ],
            )
            for each in found.damaged
        ],
    )


def _round(found: Round) -> IntegrityRound:
    return IntegrityRound(
        id=found.id,
        state=found.state,
        started_at=found.started_at,
        ended_at=found.ended_at,
        slides=found.slides,
        bytes=found.bytes,
        damaged=found.damaged,
        repaired=found.repaired,
    )
