"""Messages over HTTP: lists, one by its segments, and what people do with dead letters."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from hemalum.capabilities.interfaces.model import (
    MANAGE,
    VIEW,
    Direction,
    Entry,
    MessageQuery,
    MessageState,
)
from hemalum.capabilities.interfaces.service import Interfaces, ShownSegment
from hemalum.kernel.actor import Actor
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http import kept_nowhere, require

MOST_MESSAGES = 200
MOST_TEXT = 1 << 20


async def _interfaces_of(request: Request) -> Interfaces:
    interfaces: Interfaces = request.app.state.interfaces
    return interfaces


router = APIRouter(tags=["interfaces"], dependencies=[Depends(kept_nowhere)])

Viewer = Annotated[Actor, Depends(require(VIEW))]
Manager = Annotated[Actor, Depends(require(MANAGE))]
Desk = Annotated[Interfaces, Depends(_interfaces_of)]
Number = Annotated[int, Path(ge=1, lt=1 << 63)]


class MessageRow(BaseModel):
    """A message as it stands in the list: nothing in it is about a patient."""

    number: int
    direction: Direction
    partner_id: str
    partner: str
    control_id: str
    kind: str
    state: MessageState
    reason: str | None
    reason_said: Sentence | None
    """The reason in a form that can be said in another language."""
    at: datetime
    done_at: datetime | None
    attempts: int
    next_attempt_at: datetime | None
    case_id: str | None
    replaces: int | None
    """The message that this one is the correction of."""
    kept: bool
    """Whether its text is still there."""


class MessagePage(BaseModel):
    """Some messages, newest first."""

    messages: list[MessageRow]
    next_before: int | None
    """The `before` of the next page; null at the end."""


class ConnectionShown(BaseModel):
    """How a connection to another system stands."""

    id: str
    name: str
    direction: Direction
    waiting: int
    dead: int
    oldest_at: datetime | None
    last_at: datetime | None
    failed_at: datetime | None
    """Since when a receiver cannot be reached."""
    failure: str | None
    failure_said: Sentence | None


class InterfacesShown(BaseModel):
    """How all connections stand."""

    connections: list[ConnectionShown]
    counts: dict[str, int]
    """By state of messages; 10 001 stands for more than ten thousand."""


class FieldShown(BaseModel):
    """A field that holds something."""

    number: int
    text: str | None
    """Null where it is masked."""


class SegmentShown(BaseModel):
    """A line of a message."""

    name: str
    fields: list[FieldShown]


class MessageShown(BaseModel):
    """A message by its segments."""

    row: MessageRow
    segments: list[SegmentShown]
    """Empty where the text is not there any more, or is no message."""
    text: str | None
    """The whole text, one line for each segment, for those who may know the patient."""
    masked: bool
    erased: bool
    answer: list[SegmentShown]


class MessageCorrection(BaseModel):
    """A message as it should have been."""

    text: str = Field(min_length=1, max_length=MOST_TEXT)


class DiscardAsked(BaseModel):
    """Why a message is not to be done."""

    reason: str = Field(max_length=500)


@router.get("/messages")
def list_messages(
    actor: Viewer,
    desk: Desk,
    direction: Direction | None = None,
    state: MessageState | None = None,
    partner: Annotated[str | None, Query(max_length=40)] = None,
    control_id: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int | None, Query(ge=1, lt=1 << 63)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_MESSAGES)] = 100,
) -> MessagePage:
    """A page of messages, newest first."""
    query = MessageQuery(direction, state, partner, control_id, before, limit)
    found = desk.list_messages(actor, query)
    more = found[-1].number if len(found) == limit else None
    return MessagePage(messages=[_row(each) for each in found], next_before=more)


@router.get("/connections")
def list_connections(actor: Viewer, desk: Desk) -> InterfacesShown:
    """How the connections to other systems stand, and how many messages are in which state."""
    connections = [
        ConnectionShown(
            id=each.id,
            name=each.name,
            direction=each.direction,
            waiting=each.waiting,
            dead=each.dead,
            oldest_at=each.oldest_at,
            last_at=each.last_at,
            failed_at=each.failed_at,
            failure=None if each.failure is None else str(each.failure),
            failure_said=each.failure,
        )
        for each in desk.standings(actor)
    ]
    counts = {state.value: count for state, count in desk.count_states(actor).items()}
    return InterfacesShown(connections=connections, counts=counts)


@router.get("/messages/{number}")
def show_message(number: Number, actor: Viewer, desk: Desk) -> MessageShown:
    """A message by its segments; what is about a patient is masked, unless one may know the patient."""
    shown = desk.show(actor, number)
    return MessageShown(
        row=_row(shown.entry),
        segments=_segments(shown.segments),
        text=shown.text and shown.text.replace("\r\n", "\r").replace("\r", "\n"),
        masked=shown.is_masked,
        erased=shown.is_erased,
        answer=_segments(shown.answer),
    )


@router.post("/messages/{number}/replay")
def replay_message(number: Number, actor: Manager, desk: Desk) -> MessageRow:
    """Do a dead letter once more, or send it once more."""
    return _row(desk.replay(actor, number))


@router.post("/messages/{number}/correction")
def correct_message(number: Number, asked: MessageCorrection, actor: Manager, desk: Desk) -> MessageRow:
    """Correct a dead letter and do or send it; answers the correction, which is a message of its own."""
    return _row(desk.edit(actor, number, asked.text))


@router.post("/messages/{number}/discard")
def discard_message(number: Number, asked: DiscardAsked, actor: Manager, desk: Desk) -> MessageRow:
    """Say that a message is not to be done or sent."""
    return _row(desk.discard(actor, number, asked.reason))


def _row(entry: Entry) -> MessageRow:
    return MessageRow(
        number=entry.number,
        direction=entry.direction,
        partner_id=entry.partner_id,
        partner=entry.partner,
        control_id=entry.control_id,
        kind=entry.kind,
        state=entry.state,
        reason=None if entry.reason is None else str(entry.reason),
        reason_said=entry.reason,
        at=entry.at,
        done_at=entry.done_at,
        attempts=entry.attempts,
        next_attempt_at=entry.next_attempt_at,
        case_id=entry.case_id,
        replaces=entry.replaces,
        kept=entry.is_kept,
    )


def _segments(segments: tuple[ShownSegment, ...]) -> list[SegmentShown]:
    return [
        SegmentShown(
            name=each.name, fields=[FieldShown(number=one.number, text=one.text) for one in each.fields]
        )
        for each in segments
    ]
