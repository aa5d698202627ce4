"""Queries of what people sign in with."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.access import tables
from hemalum.capabilities.access.model import (
    Credentials,
    Passkey,
    Totp,
)
from hemalum.kernel.ids import PersonId


def password_hash(connection: sa.Connection, person_id: str) -> str | None:
    table = tables.password
    found: str | None = connection.execute(
        sa.select(table.c.hash).where(table.c.person_id == person_id)
    ).scalar()
    return found


def put_password(connection: sa.Connection, person_id: str, hashed: str, now: datetime) -> None:
    remove_password(connection, person_id)
    table = tables.password
    connection.execute(table.insert().values(person_id=person_id, hash=hashed, changed_at=now))


def remove_password(connection: sa.Connection, person_id: str) -> None:
    table = tables.password
    connection.execute(table.delete().where(table.c.person_id == person_id))


def find_totp(connection: sa.Connection, person_id: str) -> Totp | None:
    table = tables.totp
    row = connection.execute(table.select().where(table.c.person_id == person_id)).first()
    if row is None:
        return None
    return Totp(PersonId(row.person_id), row.sealed_secret, row.confirmed_at, row.last_step)


def put_totp(connection: sa.Connection, row: Totp) -> None:
    remove_totp(connection, row.person_id)
    connection.execute(
        tables.totp.insert().values(
            person_id=row.person_id,
            sealed_secret=row.sealed_secret,
            confirmed_at=row.confirmed_at,
            last_step=row.last_step,
        )
    )


def take_totp_step(connection: sa.Connection, person_id: str, step: int) -> bool:
    """Remember that the code of this time step was used. False when it, or a later one, was used before."""
    table = tables.totp
    changed = connection.execute(
        table.update().where(table.c.person_id == person_id, table.c.last_step < step).values(last_step=step)
    )
    return changed.rowcount == 1


def remove_totp(connection: sa.Connection, person_id: str) -> None:
    table = tables.totp
    connection.execute(table.delete().where(table.c.person_id == person_id))


def put_recovery_codes(connection: sa.Connection, person_id: str, digests: Iterable[str]) -> None:
    """Replace all recovery codes of a person."""
    table = tables.recovery_code
    connection.execute(table.delete().where(table.c.person_id == person_id))
    rows = [{"digest": digest, "person_id": person_id} for digest in digests]
    if rows:
        connection.execute(table.insert(), rows)


def spend_recovery_code(connection: sa.Connection, person_id: str, digest: str) -> bool:
    table = tables.recovery_code
    spent = connection.execute(table.delete().where(table.c.digest == digest, table.c.person_id == person_id))
    return spent.rowcount == 1


def add_passkey(connection: sa.Connection, row: Passkey) -> None:
    connection.execute(
        tables.passkey.insert().values(
            id=row.id,
            person_id=row.person_id,
            public_key=row.public_key,
            sign_count=row.sign_count,
            name=row.name,
            created_at=row.created_at,
        )
    )


def find_passkey(connection: sa.Connection, passkey_id: str) -> Passkey | None:
    table = tables.passkey
    row = connection.execute(table.select().where(table.c.id == passkey_id)).first()
    return None if row is None else _passkey(row)


def passkeys_of(connection: sa.Connection, person_id: str) -> tuple[Passkey, ...]:
    table = tables.passkey
    query = table.select().where(table.c.person_id == person_id).order_by(table.c.created_at, table.c.id)
    return tuple(_passkey(row) for row in connection.execute(query))


def use_passkey(connection: sa.Connection, passkey_id: str, sign_count: int, now: datetime) -> None:
    table = tables.passkey
    connection.execute(
        table.update().where(table.c.id == passkey_id).values(sign_count=sign_count, used_at=now)
    )


def remove_passkeys(connection: sa.Connection, person_id: str, passkey_id: str | None = None) -> bool:
    """Remove one passkey of a person, or all. False when there was none."""
    table = tables.passkey
    query = table.delete().where(table.c.person_id == person_id)
    if passkey_id is not None:
        query = query.where(table.c.id == passkey_id)
    return connection.execute(query).rowcount > 0


def credentials_of(connection: sa.Connection, person_id: str) -> Credentials:
    password, codes = tables.password, tables.recovery_code
    found = find_totp(connection, person_id)
    return Credentials(
        connection.execute(
            sa.select(password.c.changed_at).where(password.c.person_id == person_id)
        ).scalar(),
        found is not None and found.confirmed_at is not None,
        connection.execute(
            sa.select(sa.func.count()).select_from(codes).where(codes.c.person_id == person_id)
        ).scalar_one(),
        passkeys_of(connection, person_id),
    )


def with_credentials(connection: sa.Connection, people: Iterable[str]) -> tuple[set[str], set[str]]:
    """Which of these people can sign in by themselves, and which have a second factor."""
    wanted = list(people)

    def among(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> set[str]:
        query = sa.select(table.c.person_id).where(table.c.person_id.in_(wanted), *conditions)
        return set(connection.execute(query).scalars())

    passkeys = among(tables.passkey)
    ways = among(tables.password) | passkeys | among(tables.identity)
    return ways, passkeys | among(tables.totp, tables.totp.c.confirmed_at.is_not(None))


def _passkey(row: Any) -> Passkey:
    return Passkey(
        row.id,
        PersonId(row.person_id),
        row.public_key,
        row.sign_count,
        row.name,
        row.created_at,
        row.used_at,
    )
