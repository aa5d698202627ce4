"""Tables and queries of access. Only `service` reads this."""

from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.access.model import Grant, GrantKind, Organisation, Person, Role
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.runtime.db import UtcTime, metadata

organisation = sa.Table(
    "access_organisation",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)

person = sa.Table(
    "access_person",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("organisation_id", sa.String(40), sa.ForeignKey("access_organisation.id"), nullable=False),
    sa.Column("role", sa.String(40), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)

grant = sa.Table(
    "access_grant",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("person_id", sa.String(40), sa.ForeignKey("access_person.id"), nullable=False, index=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime),
    sa.Column("revoked_at", UtcTime),
)


def add_organisation(connection: sa.Connection, row: Organisation, now: datetime) -> None:
    connection.execute(organisation.insert().values(id=row.id, name=row.name, created_at=now))


def add_person(connection: sa.Connection, row: Person, now: datetime) -> None:
    connection.execute(
        person.insert().values(
            id=row.id,
            name=row.name,
            display_name=row.display_name,
            organisation_id=row.organisation_id,
            role=row.role.value,
            created_at=now,
        )
    )


def add_grant(connection: sa.Connection, row: Grant, digest: str) -> None:
    connection.execute(
        grant.insert().values(
            id=row.id,
            digest=digest,
            kind=row.kind.value,
            person_id=row.person_id,
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
    )


def find_organisation(connection: sa.Connection, organisation_id: str) -> Organisation | None:
    row = connection.execute(organisation.select().where(organisation.c.id == organisation_id)).first()
    return None if row is None else Organisation(OrganisationId(row.id), row.name)


def first_organisation(connection: sa.Connection) -> Organisation | None:
    query = organisation.select().order_by(organisation.c.created_at, organisation.c.id).limit(1)
    row = connection.execute(query).first()
    return None if row is None else Organisation(OrganisationId(row.id), row.name)


def find_person(connection: sa.Connection, *, name: str) -> Person | None:
    return _person(connection.execute(person.select().where(person.c.name == name)).first())


def find_holder(connection: sa.Connection, digest: str) -> tuple[Grant, Person] | None:
    """The grant with this secret's digest, and who holds it."""
    found = connection.execute(grant.select().where(grant.c.digest == digest)).first()
    if found is None:
        return None
    holder = _person(connection.execute(person.select().where(person.c.id == found.person_id)).first())
    if holder is None:
        return None
    return (
        Grant(
            found.id,
            GrantKind(found.kind),
            PersonId(found.person_id),
            found.created_at,
            found.expires_at,
            found.revoked_at,
        ),
        holder,
    )


def revoke_grant(connection: sa.Connection, grant_id: str, now: datetime) -> bool:
    """Mark a grant as no longer good. False when it already was: of two that race, one wins."""
    changed = connection.execute(
        grant.update().where(grant.c.id == grant_id, grant.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return changed.rowcount == 1


def has_signed_in(connection: sa.Connection, person_id: str) -> bool:
    """Whether the person ever had a session."""
    query = grant.select().where(grant.c.person_id == person_id, grant.c.kind == GrantKind.SESSION.value)
    return connection.execute(query.limit(1)).first() is not None


def _person(row: sa.Row[tuple[object, ...]] | None) -> Person | None:
    if row is None:
        return None
    return Person(
        PersonId(row.id), row.name, row.display_name, OrganisationId(row.organisation_id), Role(row.role)
    )
