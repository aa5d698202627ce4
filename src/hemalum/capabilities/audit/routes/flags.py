"""What rules found unusual, and what somebody says of it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from hemalum.capabilities.audit import model
from hemalum.capabilities.audit.routes.parts import Audited, Reader, Reviewer

MOST_FLAGS = 200

router = APIRouter(prefix="/flags", tags=["audit"])


class AuditFlag(BaseModel):
    """Something unusual that one person did on one day, with the numbers by which a rule found it so."""

    id: str
    kind: model.FlagKind
    person: str
    name: str | None
    day: date
    about: str
    organisation: str
    owner: str | None
    first_at: datetime
    last_at: datetime
    count: int
    numbers: dict[str, Any]
    found_at: datetime
    acknowledged_by: str | None
    acknowledged_by_name: str | None
    acknowledged_at: datetime | None
    remark: str | None


class Acknowledgement(BaseModel):
    """What became of a flag."""

    remark: str = Field(min_length=1, max_length=1000)


@router.get("")
def list_flags(
    actor: Reader,
    audit: Audited,
    only_open: Annotated[bool, Query(alias="open")] = False,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_FLAGS)] = 100,
) -> list[AuditFlag]:
    """Flags, the newest first."""
    found, names = audit.list_flags(actor, only_open=only_open, offset=offset, limit=limit)
    return [_shown(flag, names) for flag in found]


@router.post("/{flag_id}/acknowledge")
def acknowledge(flag_id: str, said: Acknowledgement, actor: Reviewer, audit: Audited) -> AuditFlag:
    """Say what became of a flag; it stands in the log."""
    return _shown(audit.acknowledge(actor, flag_id, said.remark), {actor.person_id: actor.name})


def _shown(flag: model.Flag, names: Mapping[str, str | None]) -> AuditFlag:
    found = flag.finding
    return AuditFlag(
        id=flag.id,
        kind=found.kind,
        person=found.person,
        name=names.get(found.person),
        day=date.fromisoformat(found.day),
        about=found.about,
        organisation=found.actor_organisation,
        owner=found.owner_organisation,
        first_at=found.first_at,
        last_at=found.last_at,
        count=found.count,
        numbers=dict(found.numbers),
        found_at=flag.found_at,
        acknowledged_by=flag.acknowledged_by,
        acknowledged_by_name=names.get(flag.acknowledged_by or ""),
        acknowledged_at=flag.acknowledged_at,
        remark=flag.remark,
    )
