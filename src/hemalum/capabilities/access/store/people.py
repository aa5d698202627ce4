"""Queries of organisations, people, their roles and groups."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.access import tables
from hemalum.capabilities.access.model import (
    GrantKind,
    Group,
    Membership,
    Organisation,
    OrganisationKind,
    Person,
    PersonKind,
    Role,
)
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.runtime.db import inserted


def add_organisation(connection: sa.Connection, row: Organisation, now: datetime) -> None:
    connection.execute(tables.organisation.insert().values(id=row.id, created_at=now, **_plain(row)))


def change_organisation(connection: sa.Connection, row: Organisation) -> None:
    table = tables.organisation
    connection.execute(table.update().where(table.c.id == row.id).values(**_plain(row)))


def find_organisation(connection: sa.Connection, organisation_id: str) -> Organisation | None:
    table = tables.organisation
    row = connection.execute(table.select().where(table.c.id == organisation_id)).first()
    return None if row is None else _organisation(row)


def list_organisations(connection: sa.Connection) -> list[Organisation]:
    """All of the node, the oldest first."""
    table = tables.organisation
    return [
        _organisation(row)
        for row in connection.execute(table.select().order_by(table.c.created_at, table.c.id))
    ]


def _plain(row: Organisation) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind.value,
        "jurisdiction": row.jurisdiction,
        "accreditation": row.accreditation,
        "accredited_until": row.accredited_until,
        "requires_second_factor": row.requires_second_factor,
    }


def _organisation(row: Any) -> Organisation:
    return Organisation(
        OrganisationId(row.id),
        row.name,
        OrganisationKind(row.kind),
        row.jurisdiction,
        row.accreditation,
        row.accredited_until,
        row.requires_second_factor,
    )


def add_person(connection: sa.Connection, row: Person, now: datetime) -> None:
    connection.execute(
        tables.person.insert().values(
            id=row.id, name=row.name, display_name=row.display_name, kind=row.kind.value, created_at=now
        )
    )


def change_person(connection: sa.Connection, row: Person) -> None:
    table = tables.person
    connection.execute(
        table.update()
        .where(table.c.id == row.id)
        .values(display_name=row.display_name, suspended_at=row.suspended_at)
    )


def find_person(
    connection: sa.Connection, *, name: str | None = None, person_id: str | None = None
) -> Person | None:
    table = tables.person
    wanted = table.c.name == name if person_id is None else table.c.id == person_id
    row = connection.execute(table.select().where(wanted)).first()
    return None if row is None else _person(row)


def find_settings(connection: sa.Connection, person_id: str) -> dict[str, Any] | None:
    """How somebody wants their screens."""
    table = tables.settings
    return connection.execute(sa.select(table.c.settings).where(table.c.person_id == person_id)).scalar()


def put_settings(connection: sa.Connection, person_id: str, settings: dict[str, Any], now: datetime) -> None:
    values = {"settings": settings, "changed_at": now}
    statement = inserted(connection, tables.settings).values(person_id=person_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))


def list_people(
    connection: sa.Connection, organisation_id: str, words: Sequence[str], offset: int, limit: int
) -> tuple[int, list[Person]]:
    """How many people have or had a role in the organisation, and a page of them by display name."""
    table, member = tables.person, tables.membership
    wanted = [
        table.c.id.in_(sa.select(member.c.person_id).where(member.c.organisation_id == organisation_id)),
        *(
            sa.or_(
                table.c.name.contains(word, autoescape=True),
                sa.func.lower(table.c.display_name).contains(word, autoescape=True),
            )
            for word in words
        ),
    ]
    total = connection.execute(sa.select(sa.func.count()).select_from(table).where(*wanted)).scalar_one()
    query = table.select().where(*wanted).order_by(sa.func.lower(table.c.display_name), table.c.id)
    return total, [_person(row) for row in connection.execute(query.offset(offset).limit(limit))]


def memberships_of(connection: sa.Connection, people: Iterable[str]) -> list[Membership]:
    """Every role of these people, those that ended too, in the order in which they were given."""
    table = tables.membership
    query = (
        table.select()
        .where(table.c.person_id.in_(list(people)))
        .order_by(table.c.given_at, table.c.organisation_id, table.c.role)
    )
    return [
        Membership(
            PersonId(row.person_id),
            OrganisationId(row.organisation_id),
            Role(row.role),
            row.until,
            row.provider_id,
        )
        for row in connection.execute(query)
    ]


def put_membership(connection: sa.Connection, row: Membership, now: datetime) -> None:
    """Give a role, or change until when it is held."""
    take_membership(connection, row)
    connection.execute(
        tables.membership.insert().values(
            person_id=row.person_id,
            organisation_id=row.organisation_id,
            role=row.role.value,
            until=row.until,
            provider_id=row.provider_id,
            given_at=now,
        )
    )


def take_membership(connection: sa.Connection, row: Membership) -> None:
    table = tables.membership
    connection.execute(
        table.delete().where(
            table.c.person_id == row.person_id,
            table.c.organisation_id == row.organisation_id,
            table.c.role == row.role.value,
        )
    )


def somebody_has(connection: sa.Connection, role: Role, now: datetime) -> bool:
    """Whether anybody who is not suspended holds a role now."""
    table, holder = tables.membership, tables.person
    query = (
        sa.select(table.c.person_id)
        .join(holder, holder.c.id == table.c.person_id)
        .where(
            table.c.role == role.value,
            sa.or_(table.c.until.is_(None), table.c.until > now),
            holder.c.suspended_at.is_(None),
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def list_holders(
    connection: sa.Connection, organisation_id: str, roles: Iterable[Role], now: datetime
) -> list[Person]:
    """Who holds one of these roles in the organisation now and is not suspended, by display name."""
    table, member = tables.person, tables.membership
    holding = sa.select(member.c.person_id).where(
        member.c.organisation_id == organisation_id,
        member.c.role.in_([role.value for role in roles]),
        sa.or_(member.c.until.is_(None), member.c.until > now),
    )
    query = table.select().where(table.c.id.in_(holding), table.c.suspended_at.is_(None))
    by_name = query.order_by(sa.func.lower(table.c.display_name), table.c.id)
    return [_person(row) for row in connection.execute(by_name)]


def last_seen(connection: sa.Connection, people: Iterable[str]) -> dict[str, datetime]:
    """When each of these people last asked for something."""
    table = tables.grant
    moment = sa.func.max(sa.func.coalesce(table.c.used_at, table.c.created_at), type_=table.c.created_at.type)
    query = (
        sa.select(table.c.person_id, moment)
        .where(table.c.person_id.in_(list(people)), table.c.kind != GrantKind.LINK.value)
        .group_by(table.c.person_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _person(row: Any) -> Person:
    return Person(PersonId(row.id), row.name, row.display_name, PersonKind(row.kind), row.suspended_at)


def put_group(connection: sa.Connection, row: Group) -> None:
    """Add a group, or change its name and members."""
    table, member = tables.group, tables.group_member
    if connection.execute(table.update().where(table.c.id == row.id).values(name=row.name)).rowcount == 0:
        connection.execute(
            table.insert().values(id=row.id, organisation_id=row.organisation_id, name=row.name)
        )
    connection.execute(member.delete().where(member.c.group_id == row.id))
    rows = [{"group_id": row.id, "person_id": person_id} for person_id in row.members]
    if rows:
        connection.execute(member.insert(), rows)


def remove_group(connection: sa.Connection, group_id: str) -> None:
    table = tables.group
    connection.execute(table.delete().where(table.c.id == group_id))


def list_groups(connection: sa.Connection, organisation_id: str) -> list[Group]:
    table, member = tables.group, tables.group_member
    members: dict[str, list[PersonId]] = {}
    query = (
        sa.select(member)
        .join(table, table.c.id == member.c.group_id)
        .where(table.c.organisation_id == organisation_id)
        .order_by(member.c.person_id)
    )
    for row in connection.execute(query):
        members.setdefault(row.group_id, []).append(PersonId(row.person_id))
    query = table.select().where(table.c.organisation_id == organisation_id).order_by(table.c.name)
    return [
        Group(row.id, OrganisationId(row.organisation_id), row.name, tuple(members.get(row.id, ())))
        for row in connection.execute(query)
    ]


def groups_of(connection: sa.Connection, person_id: str, organisation_id: str) -> frozenset[str]:
    """The ids of the groups that a person is in at an organisation."""
    table, member = tables.group, tables.group_member
    query = (
        sa.select(table.c.id)
        .join(member, member.c.group_id == table.c.id)
        .where(member.c.person_id == person_id, table.c.organisation_id == organisation_id)
    )
    return frozenset(connection.execute(query).scalars())
