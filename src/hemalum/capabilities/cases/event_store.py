"""Queries of what happened to cases, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.cases.model import CaseEvent, CaseId, Material, Stage
from hemalum.capabilities.cases.tables import event_table


def add_event(connection: sa.Connection, organisation_id: str, event: CaseEvent) -> None:
    """Write one down; its number is given here."""
    connection.execute(
        sa.insert(event_table).values(
            organisation_id=organisation_id,
            case_id=event.case_id,
            subject=event.subject,
            action=event.action,
            before=event.before,
            after=event.after,
            actor_id=event.actor_id,
            actor_name=event.actor_name,
            at=event.at,
            occurred_at=event.occurred_at,
            reason=event.reason,
            detail=dict(event.detail),
        )
    )


def list_events(connection: sa.Connection, case_id: str) -> list[CaseEvent]:
    """What happened to a case, oldest first."""
    rows = connection.execute(
        sa.select(event_table).where(event_table.c.case_id == case_id).order_by(event_table.c.number)
    )
    return [
        CaseEvent(
            row.number,
            CaseId(row.case_id),
            row.subject,
            row.action,
            row.before,
            row.after,
            row.actor_id,
            row.actor_name,
            row.at,
            row.occurred_at,
            row.reason,
            row.detail,
        )
        for row in rows
    ]


def has_event(connection: sa.Connection, case_id: str, action: str) -> bool:
    """Whether this ever happened to a case."""
    event = event_table.c
    query = sa.select(event.number).where(event.case_id == case_id, event.action == action).limit(1)
    return connection.execute(query).first() is not None


def newest_moves(connection: sa.Connection, case_ids: Sequence[str], after: str) -> dict[CaseId, datetime]:
    """When each of these cases went to a status for the last time."""
    event = event_table.c
    rows = connection.execute(
        sa.select(event.case_id, sa.func.max(event.at))
        .where(event.case_id.in_(case_ids), event.action == "move_case", event.after == after)
        .group_by(event.case_id)
    )
    return {CaseId(case_id): at for case_id, at in rows}


def stage_before(connection: sa.Connection, piece: Material) -> Stage | None:
    """The stage at which a piece was when it came to the one where it is; None where nobody wrote it down."""
    event = event_table.c
    moved = sa.select(event.before).where(
        event.case_id == piece.case_id, event.subject == piece.identifier, event.after == piece.stage.value
    )
    found = connection.execute(moved.order_by(event.number.desc()).limit(1)).scalar()
    return None if found is None else Stage(found)


def newest_event(connection: sa.Connection, organisation_id: str) -> int:
    """The number of the newest event: it grows whenever a case of the organisation changes."""
    query = sa.select(sa.func.max(event_table.c.number)).where(
        event_table.c.organisation_id == organisation_id
    )
    return connection.execute(query).scalar() or 0
