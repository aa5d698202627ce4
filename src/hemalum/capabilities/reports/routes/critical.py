"""Critical results: flagged, called through, acknowledged."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from hemalum.capabilities.reports.critical import (
    MOST_STATEMENT,
    Acknowledgement,
    CriticalResults,
    ShownCritical,
)
from hemalum.capabilities.reports.routes.parts import Desk, Reader, Writer
from hemalum.runtime.http import kept_nowhere

Said = Annotated[str, Field(min_length=1, max_length=MOST_STATEMENT)]


class CriticalCall(BaseModel):
    """An attempt to tell somebody."""

    to: str
    was_reached: bool
    by_name: str
    at: datetime


class CriticalAcknowledgement(BaseModel):
    """That who was called understood."""

    by: str
    read_back: str
    at: datetime
    written_by: str

    @classmethod
    def of(cls, given: Acknowledgement) -> Self:
        return cls(by=given.by, read_back=given.read_back, at=given.at, written_by=given.written_by)


class CriticalShown(BaseModel):
    """A result that must not wait for a report."""

    id: str
    case_id: str
    case_number: str
    statement: str | None
    """Null where the patient was erased."""
    flagged_by: str
    flagged_at: datetime
    calls: list[CriticalCall]
    acknowledgement: CriticalAcknowledgement | None

    @classmethod
    def of(cls, shown: ShownCritical) -> Self:
        critical = shown.critical
        calls = () if critical is None else critical.calls
        given = None if critical is None else critical.acknowledgement
        return cls(
            id=shown.id,
            case_id=shown.case.id,
            case_number=shown.case.number,
            statement=None if critical is None else critical.statement,
            flagged_by=shown.flagged_by,
            flagged_at=shown.flagged_at,
            calls=[
                CriticalCall(to=one.to, was_reached=one.was_reached, by_name=one.by_name, at=one.at)
                for one in calls
            ],
            acknowledgement=None if given is None else CriticalAcknowledgement.of(given),
        )


class CriticalAsked(BaseModel):
    """What somebody has to hear at once."""

    statement: Said


class CallAsked(BaseModel):
    """Who was called."""

    to: Said
    """Name and function."""
    was_reached: bool
    at: datetime | None = None


class AcknowledgementAsked(BaseModel):
    """What whoever was called repeated."""

    by: Said
    read_back: Said
    at: datetime | None = None


async def critical_of(desk: Desk) -> CriticalResults:
    """The critical results of this node."""
    return desk.critical


Results = Annotated[CriticalResults, Depends(critical_of)]

router = APIRouter(tags=["reports"], dependencies=[Depends(kept_nowhere)])


@router.get("/critical")
def list_open_critical(actor: Reader, results: Results) -> list[CriticalShown]:
    """Critical results that nobody acknowledged yet, the oldest first."""
    return [CriticalShown.of(one) for one in results.list_open(actor)]


@router.get("/cases/{case_id}/critical")
def list_critical(case_id: str, actor: Reader, results: Results) -> list[CriticalShown]:
    """The critical results of a case."""
    return [CriticalShown.of(one) for one in results.list_of(actor, case_id)]


@router.post("/cases/{case_id}/critical", status_code=201)
def flag_critical(case_id: str, asked: CriticalAsked, actor: Writer, results: Results) -> CriticalShown:
    """Say that somebody has to hear this at once."""
    return CriticalShown.of(results.flag(actor, case_id, asked.statement))


@router.post("/critical/{critical_id}/calls", status_code=201)
def call_critical(critical_id: str, asked: CallAsked, actor: Writer, results: Results) -> CriticalShown:
    """Write down that somebody was called."""
    called = results.call(actor, critical_id, asked.to, was_reached=asked.was_reached, at=asked.at)
    return CriticalShown.of(called)


@router.post("/critical/{critical_id}/acknowledgement", status_code=201)
def acknowledge_critical(
    critical_id: str, asked: AcknowledgementAsked, actor: Writer, results: Results
) -> CriticalShown:
    """Write down that whoever was called repeated it rightly."""
    return CriticalShown.of(results.acknowledge(actor, critical_id, asked.by, asked.read_back, asked.at))
