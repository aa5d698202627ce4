"""Entries of the log: look for them, prove them, take them away, erase whom they name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from hemalum.capabilities.audit.routes.parts import Audited, Eraser, Exporter, Reader, Wanted
from hemalum.capabilities.audit.spreadsheet import as_csv
from hemalum.kernel.audit import Outcome
from hemalum.runtime.audit import ReadEntry

MOST_ENTRIES = 200
_PRIVATE = {"cache-control": "no-store"}
_BULKY = "read"
"""Which tiles were read in an opening: kilobytes that no list shows."""

router = APIRouter(tags=["audit"])

Index = Annotated[int, Path(ge=0, lt=1 << 63)]


class AuditEntry(BaseModel):
    """One entry of the log, with what names a person as far as that can still be read."""

    index: int
    at: datetime
    action: str
    outcome: Outcome
    person: str | None
    """Who did it; null when nobody was signed in, or the node did it by itself."""
    session: str | None
    organisation: str | None
    """Where that person acted."""
    roles: list[str]
    strong: bool
    purpose: str | None
    target: str
    owner: str | None
    """The organisation whose the target is."""
    subject: str | None
    """Whom `personal` is about."""
    personal: dict[str, str]
    erased: bool
    """Whether `personal` was erased."""
    detail: dict[str, Any]


class EntryPage(BaseModel):
    """Some entries, newest first."""

    entries: list[AuditEntry]
    names: dict[str, str | None]
    """Of people, as far as the log still tells them."""
    total: int | None
    """At most 10,000, where there are more; told with the first page only."""
    next_before: int | None
    """The `before` of the next page; null at the end."""


class AuditChoices(BaseModel):
    """What there is to choose from when looking for entries."""

    actions: list[str]
    purposes: list[str]
    organisations: list[str]
    people: dict[str, str | None]
    """Names by identifier, whoever did something last first."""


class SlideViewer(BaseModel):
    """Somebody who opened a slide."""

    person: str
    name: str | None
    openings: int
    last_at: datetime


class SlideLife(BaseModel):
    """What happened to a slide."""

    actions: dict[str, int]
    refused: int
    viewers: list[SlideViewer]


@router.get("/entries")
def list_entries(
    actor: Reader,
    audit: Audited,
    wanted: Wanted,
    before: Annotated[int | None, Query(ge=0, lt=1 << 63)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 100,
) -> EntryPage:
    """Entries, newest first. What is added meanwhile does not move the pages that follow."""
    page = audit.list_entries(actor, wanted, before, limit)
    return EntryPage(
        entries=[shown(read, leave_out=_BULKY) for read in page.entries],
        names=dict(page.names),
        total=page.total,
        next_before=page.next_before,
    )


@router.get("/entries/{index}")
def show_entry(index: Index, actor: Reader, audit: Audited) -> AuditEntry:
    """One entry with all its detail."""
    return shown(audit.get(actor, index))


@router.get("/entries/{index}/proof", response_class=Response)
def prove_entry(index: Index, actor: Reader, audit: Audited) -> Response:
    """The proof that an entry is in the log (C2SP tlog-proof), for `hemalum-verify` or any other program."""
    return _file(audit.prove(actor, index), f"entry-{index}.tlog-proof", "text/plain; charset=utf-8")


@router.get("/entries/{index}/raw", response_class=Response)
def raw_entry(index: Index, actor: Exporter, audit: Audited) -> Response:
    """The bytes of an entry as they lie in the log: SHA-256 of a zero byte and them is its leaf hash."""
    return _file(audit.raw(actor, index), f"entry-{index}.json", "application/octet-stream")


@router.get("/export.csv", response_class=StreamingResponse)
def export_csv(actor: Exporter, audit: Audited, wanted: Wanted) -> StreamingResponse:
    """All entries that are asked for, oldest first."""
    headers = _PRIVATE | {"content-disposition": 'attachment; filename="audit.csv"'}
    lines = as_csv(audit.export(actor, wanted))
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/choices")
def choices(actor: Reader, audit: Audited) -> AuditChoices:
    """What there is to choose from when looking for entries."""
    found = audit.choices(actor)
    return AuditChoices(
        actions=found.actions,
        purposes=found.purposes,
        organisations=found.organisations,
        people=found.people,
    )


@router.get("/slides/{image_id}")
def follow_slide(image_id: str, actor: Reader, audit: Audited) -> SlideLife:
    """What happened to a slide, and who saw it; its entries are listed by `target`."""
    life = audit.follow(actor, image_id)
    viewers = [
        SlideViewer(
            person=one.person, name=life.names[one.person], openings=one.openings, last_at=one.last_at
        )
        for one in life.viewers
    ]
    return SlideLife(actions=dict(life.actions), refused=life.refused, viewers=viewers)


@router.post("/erasures/{subject}", status_code=204)
def erase(subject: str, actor: Eraser, audit: Audited) -> Response:
    """Make what the log tells of a person unreadable for good. Entries and proofs stay as they are."""
    audit.erase(actor, subject)
    return Response(status_code=204)


def shown(read: ReadEntry, leave_out: str = "") -> AuditEntry:
    """An entry as it is answered."""
    entry, who = read.entry, read.entry.who
    detail: Mapping[str, Any] = {name: value for name, value in entry.detail.items() if name != leave_out}
    return AuditEntry(
        index=read.index,
        at=entry.moment,
        action=entry.action,
        outcome=entry.outcome,
        person=who.person if who else None,
        session=who.session if who else None,
        organisation=who.organisation if who else None,
        roles=who.roles if who else [],
        strong=who.strong if who else False,
        purpose=entry.purpose,
        target=entry.target,
        owner=entry.organisation,
        subject=entry.subject,
        personal=dict(read.personal),
        erased=read.is_erased,
        detail=dict(detail),
    )


def _file(content: bytes, name: str, media_type: str) -> Response:
    headers = _PRIVATE | {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
