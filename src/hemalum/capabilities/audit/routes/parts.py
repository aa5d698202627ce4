"""What the routes of audit share: who may do what, and which entries are asked for."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request

from hemalum.capabilities.audit.model import ERASE, EXPORT, READ, REVIEW, Filter
from hemalum.capabilities.audit.service import Audit
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome
from hemalum.kernel.errors import Invalid
from hemalum.runtime.http import require


async def audit_of(request: Request) -> Audit:
    """Audit of this node."""
    audit: Audit = request.app.state.audit
    return audit


async def _filter(
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    action: Annotated[str | None, Query(max_length=80)] = None,
    outcome: Outcome | None = None,
    person: Annotated[str | None, Query(max_length=40)] = None,
    target: Annotated[str | None, Query(max_length=80)] = None,
    purpose: Annotated[str | None, Query(alias="for", max_length=20)] = None,
    organisation: Annotated[str | None, Query(max_length=40)] = None,
    opening: Annotated[str | None, Query(max_length=40)] = None,
    flag: Annotated[str | None, Query(max_length=40)] = None,
) -> Filter:
    """Which entries are asked for. The purpose of an entry is `for`: `purpose` says why one asks oneself."""
    if any(moment is not None and moment.tzinfo is None for moment in (since, until)):
        raise Invalid("A time needs its zone, as in 2026-01-31T08:00:00Z.")
    return Filter(since, until, action, outcome, person, target, purpose, organisation, opening, flag)


Audited = Annotated[Audit, Depends(audit_of)]
Wanted = Annotated[Filter, Depends(_filter)]
Reader = Annotated[Actor, Depends(require(READ))]
Exporter = Annotated[Actor, Depends(require(EXPORT))]
Reviewer = Annotated[Actor, Depends(require(REVIEW))]
Eraser = Annotated[Actor, Depends(require(ERASE))]
