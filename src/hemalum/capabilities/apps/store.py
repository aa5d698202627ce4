"""Queries of apps, in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.apps.model import App, AppId, AppKind, Authorisation, Token, TokenKind
from hemalum.capabilities.apps.tables import (
    app_table,
    authorisation_table,
    key_table,
    pending_table,
    token_table,
)
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import OrganisationId, PersonId

# Apps ---------------------------------------------------------------------------------------------------


def add_app(connection: sa.Connection, app: App, secret_digest: str | None, now: datetime) -> None:
    values = _values(app)
    connection.execute(app_table.insert().values(**values, secret_digest=secret_digest, made_at=now))


def change_app(connection: sa.Connection, app: App) -> None:
    """What stands of an app in the place of what stood; its secret stays."""
    connection.execute(app_table.update().where(app_table.c.id == app.id).values(**_values(app)))


def set_secret(connection: sa.Connection, app_id: str, secret_digest: str) -> None:
    connection.execute(app_table.update().where(app_table.c.id == app_id).values(secret_digest=secret_digest))


def remove_app(connection: sa.Connection, app_id: str, now: datetime) -> None:
    """End an app with all that it was let do. Its row stays for what was done by it."""
    connection.execute(app_table.update().where(app_table.c.id == app_id).values(removed_at=now))
    end_all(connection, app_id, now)


def find_app(connection: sa.Connection, app_id: str) -> App | None:
    row = connection.execute(
        sa.select(app_table).where(app_table.c.id == app_id, app_table.c.removed_at.is_(None))
    ).first()
    return None if row is None else _app(row)


def get_app(connection: sa.Connection, organisation_id: str, app_id: str) -> App:
    """Raise NotFound where the organisation has none of this id."""
    app = find_app(connection, app_id)
    if app is None or app.organisation_id != organisation_id:
        raise NotFound("There is no such application.")
    return app


def list_apps(connection: sa.Connection, organisation_id: str | None = None) -> list[App]:
    """Those of an organisation, or all of the node, by name."""
    query = sa.select(app_table).where(app_table.c.removed_at.is_(None))
    if organisation_id is not None:
        query = query.where(app_table.c.organisation_id == organisation_id)
    return [_app(row) for row in connection.execute(query.order_by(app_table.c.name, app_table.c.id))]


def secret_digest(connection: sa.Connection, app_id: str) -> str | None:
    query = sa.select(app_table.c.secret_digest).where(app_table.c.id == app_id)
    found: str | None = connection.execute(query).scalar()
    return found


def _values(app: App) -> dict[str, Any]:
    values = asdict(app)
    del values["has_secret"]
    return values


def _app(row: Any) -> App:
    return App(
        AppId(row.id),
        OrganisationId(row.organisation_id),
        row.name,
        AppKind(row.kind),
        tuple(row.scopes),
        tuple(row.redirects),
        row.launch_at,
        row.keys,
        row.account,
        row.secret_digest is not None,
    )


# What is half-way ---------------------------------------------------------------------------------------


def add_pending(
    connection: sa.Connection,
    digest: str,
    kind: str,
    detail: Mapping[str, Any],
    expires_at: datetime,
    now: datetime,
) -> bool:
    """Remember something, and forget what expired. False where it is remembered already."""
    table = pending_table
    connection.execute(table.delete().where(table.c.expires_at <= now))
    if connection.execute(sa.select(table.c.digest).where(table.c.digest == digest)).first() is not None:
        return False
    connection.execute(
        table.insert().values(digest=digest, kind=kind, detail=dict(detail), expires_at=expires_at)
    )
    return True


def find_pending(connection: sa.Connection, digest: str, kind: str, now: datetime) -> dict[str, Any] | None:
    table = pending_table.c
    query = sa.select(table.detail).where(table.digest == digest, table.kind == kind, table.expires_at > now)
    found: dict[str, Any] | None = connection.execute(query).scalar()
    return found


def spend_pending(connection: sa.Connection, digest: str) -> bool:
    """False when somebody else just did."""
    return connection.execute(pending_table.delete().where(pending_table.c.digest == digest)).rowcount == 1


# Authorisations -----------------------------------------------------------------------------------------


def add_authorisation(connection: sa.Connection, made: Authorisation) -> None:
    values = asdict(made) | {"scopes": sorted(made.scopes)}
    connection.execute(authorisation_table.insert().values(**values))


def get_authorisation(connection: sa.Connection, authorisation_id: str) -> Authorisation:
    """Raise NotFound where there is none."""
    query = sa.select(authorisation_table).where(authorisation_table.c.id == authorisation_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such authorisation.")
    return _authorisation(row)


def list_authorisations(connection: sa.Connection, person_id: str) -> list[tuple[Authorisation, App]]:
    """What a person let apps do, as far as nobody ended it, the newest first."""
    table = authorisation_table
    query = sa.select(table).where(table.c.person_id == person_id, table.c.ended_at.is_(None))
    made = [_authorisation(row) for row in connection.execute(query.order_by(table.c.made_at.desc()))]
    apps = {one.app_id: find_app(connection, one.app_id) for one in made}
    return [(one, app) for one in made if (app := apps[one.app_id]) is not None]


def end_all(connection: sa.Connection, app_id: str, now: datetime) -> None:
    """End all that an app was let do, and its tokens with it."""
    table = authorisation_table
    connection.execute(
        table.update().where(table.c.app_id == app_id, table.c.ended_at.is_(None)).values(ended_at=now)
    )


def end_authorisation(connection: sa.Connection, authorisation_id: str, now: datetime) -> None:
    """End what an app was let do, and its tokens with it."""
    table = authorisation_table
    connection.execute(
        table.update().where(table.c.id == authorisation_id, table.c.ended_at.is_(None)).values(ended_at=now)
    )


def _authorisation(row: Any) -> Authorisation:
    return Authorisation(
        row.id,
        AppId(row.app_id),
        PersonId(row.person_id),
        OrganisationId(row.organisation_id),
        frozenset(row.scopes),
        row.made_at,
        row.session_id,
        row.patient_id,
        row.is_strong,
        row.redirect,
        row.challenge,
        row.nonce,
        row.ended_at,
    )


# Tokens -------------------------------------------------------------------------------------------------


def add_token(connection: sa.Connection, token: Token, digest: str) -> None:
    values = asdict(token) | {"scopes": sorted(token.scopes)}
    connection.execute(token_table.insert().values(**values, digest=digest))


def find_token(connection: sa.Connection, digest: str) -> Token | None:
    row = connection.execute(sa.select(token_table).where(token_table.c.digest == digest)).first()
    if row is None:
        return None
    return Token(
        row.id,
        row.authorisation_id,
        TokenKind(row.kind),
        frozenset(row.scopes),
        row.made_at,
        row.expires_at,
        row.spent_at,
    )


def spend_token(connection: sa.Connection, token_id: str, now: datetime) -> bool:
    """False when it was spent: of two that race, one wins."""
    table = token_table
    changed = connection.execute(
        table.update().where(table.c.id == token_id, table.c.spent_at.is_(None)).values(spent_at=now)
    )
    return changed.rowcount == 1


def spend_access(connection: sa.Connection, authorisation_id: str, now: datetime) -> None:
    """End the access tokens of an authorisation."""
    table = token_table
    connection.execute(
        table.update()
        .where(
            table.c.authorisation_id == authorisation_id,
            table.c.kind == TokenKind.ACCESS.value,
            table.c.spent_at.is_(None),
        )
        .values(spent_at=now)
    )


def forget_tokens(connection: sa.Connection, expired_before: datetime) -> None:
    """Forget tokens that expired so long ago that nobody brings them back."""
    connection.execute(token_table.delete().where(token_table.c.expires_at < expired_before))


# Keys ---------------------------------------------------------------------------------------------------


def list_keys(connection: sa.Connection) -> list[tuple[str, bytes]]:
    """Sealed keys by id, the oldest first."""
    rows = connection.execute(sa.select(key_table).order_by(key_table.c.made_at, key_table.c.id))
    return [(row.id, row.sealed) for row in rows]


def add_key(connection: sa.Connection, key_id: str, sealed: bytes, now: datetime) -> None:
    connection.execute(key_table.insert().values(id=key_id, sealed=sealed, made_at=now))
