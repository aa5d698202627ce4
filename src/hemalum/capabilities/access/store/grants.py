"""Queries of sessions, tokens, links, what is half-way, and failed attempts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.access import tables
from hemalum.capabilities.access.model import (
    Grant,
    GrantKind,
    LinkPurpose,
    Origin,
    Way,
)
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.runtime.db import inserted


def add_grant(
    connection: sa.Connection, row: Grant, digest: str, sealed_id_token: bytes | None = None
) -> None:
    connection.execute(
        tables.grant.insert().values(
            id=row.id,
            digest=digest,
            kind=row.kind.value,
            person_id=row.person_id,
            organisation_id=row.organisation_id,
            name=row.name,
            scopes=None if row.scopes is None else sorted(row.scopes),
            purpose=row.purpose,
            way=row.way,
            is_strong=row.is_strong,
            address=row.origin.address,
            device=row.origin.device,
            provider_id=row.provider_id,
            provider_session=row.provider_session,
            sealed_id_token=sealed_id_token,
            created_at=row.created_at,
            used_at=row.used_at,
            expires_at=row.expires_at,
        )
    )


def find_grant(
    connection: sa.Connection, *, digest: str | None = None, grant_id: str | None = None
) -> Grant | None:
    table = tables.grant
    wanted = table.c.digest == digest if grant_id is None else table.c.id == grant_id
    row = connection.execute(table.select().where(wanted)).first()
    return None if row is None else _grant(row)


def list_grants(
    connection: sa.Connection,
    kind: GrantKind,
    *,
    people: Iterable[str] | None = None,
    provider: tuple[str, str] | None = None,
) -> list[Grant]:
    """Grants that nobody revoked, the newest first: of these people, or of an institution's session."""
    table = tables.grant
    query = table.select().where(table.c.kind == kind.value, table.c.revoked_at.is_(None))
    if people is not None:
        query = query.where(table.c.person_id.in_(list(people)))
    if provider is not None:
        query = query.where(table.c.provider_id == provider[0], table.c.provider_session == provider[1])
    return [_grant(row) for row in connection.execute(query.order_by(table.c.created_at.desc(), table.c.id))]


def touch_grant(connection: sa.Connection, grant_id: str, now: datetime) -> None:
    table = tables.grant
    connection.execute(table.update().where(table.c.id == grant_id).values(used_at=now))


def strengthen_grant(connection: sa.Connection, grant_id: str) -> None:
    """A second factor was shown in this session."""
    table = tables.grant
    connection.execute(table.update().where(table.c.id == grant_id).values(is_strong=True))


def revoke_grant(connection: sa.Connection, grant_id: str, now: datetime) -> bool:
    """Mark a grant as no longer good. False when it already was: of two that race, one wins."""
    table = tables.grant
    changed = connection.execute(
        table.update().where(table.c.id == grant_id, table.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return changed.rowcount == 1


def sealed_id_token(connection: sa.Connection, grant_id: str) -> bytes | None:
    table = tables.grant
    found: bytes | None = connection.execute(
        sa.select(table.c.sealed_id_token).where(table.c.id == grant_id)
    ).scalar()
    return found


def has_signed_in(connection: sa.Connection, person_id: str) -> bool:
    """Whether the person ever had a session."""
    table = tables.grant
    query = table.select().where(table.c.person_id == person_id, table.c.kind == GrantKind.SESSION.value)
    return connection.execute(query.limit(1)).first() is not None


def last_organisation(connection: sa.Connection, person_id: str) -> str | None:
    """Where the person acted in their last session."""
    table = tables.grant
    query = (
        sa.select(table.c.organisation_id)
        .where(table.c.person_id == person_id, table.c.kind == GrantKind.SESSION.value)
        .order_by(sa.func.coalesce(table.c.used_at, table.c.created_at).desc())
    )
    found: str | None = connection.execute(query.limit(1)).scalar()
    return found


def _grant(row: Any) -> Grant:
    return Grant(
        id=row.id,
        kind=GrantKind(row.kind),
        person_id=PersonId(row.person_id),
        created_at=row.created_at,
        expires_at=row.expires_at,
        organisation_id=None if row.organisation_id is None else OrganisationId(row.organisation_id),
        name=row.name,
        scopes=None if row.scopes is None else frozenset(row.scopes),
        purpose=None if row.purpose is None else LinkPurpose(row.purpose),
        way=None if row.way is None else Way(row.way),
        is_strong=row.is_strong,
        origin=Origin(row.address, row.device),
        provider_id=row.provider_id,
        provider_session=row.provider_session,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )


def add_step(
    connection: sa.Connection,
    digest: str,
    kind: str,
    person_id: str | None,
    detail: Mapping[str, Any],
    expires_at: datetime,
    now: datetime,
) -> None:
    """Remember something half-way, and forget what expired."""
    table = tables.step
    connection.execute(table.delete().where(table.c.expires_at <= now))
    connection.execute(
        table.insert().values(
            digest=digest, kind=kind, person_id=person_id, detail=dict(detail), expires_at=expires_at
        )
    )


def find_step(
    connection: sa.Connection, digest: str, kind: str, now: datetime
) -> tuple[str | None, dict[str, Any]] | None:
    """Whose step it is, and its detail."""
    table = tables.step
    row = connection.execute(
        table.select().where(table.c.digest == digest, table.c.kind == kind, table.c.expires_at > now)
    ).first()
    return None if row is None else (row.person_id, row.detail)


def spend_step(connection: sa.Connection, digest: str) -> bool:
    """Take a step. False when somebody else just did."""
    table = tables.step
    return connection.execute(table.delete().where(table.c.digest == digest)).rowcount == 1


def lock_lockout(connection: sa.Connection, key: str, now: datetime) -> tuple[int, datetime | None]:
    """Failures so far and until when nothing more is tried; others wait until this transaction ends."""
    table = tables.lockout
    fresh = {"key": key, "failures": 0, "failed_at": now}
    connection.execute(inserted(connection, table).values(fresh).on_conflict_do_nothing())
    row = connection.execute(table.select().where(table.c.key == key).with_for_update()).one()
    return row.failures, row.until


def set_lockout(
    connection: sa.Connection, key: str, failures: int, failed_at: datetime, until: datetime | None
) -> None:
    table = tables.lockout
    values = {"failures": failures, "failed_at": failed_at, "until": until}
    connection.execute(table.update().where(table.c.key == key).values(values))


def forget_lockouts(connection: sa.Connection, before: datetime) -> None:
    """Forget those who did not fail since."""
    table = tables.lockout
    connection.execute(table.delete().where(table.c.failed_at < before))
