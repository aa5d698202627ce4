"""Queries of institutions and who people are there."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.access import tables
from hemalum.capabilities.access.model import (
    GroupRule,
    Person,
    Provider,
    Role,
)
from hemalum.capabilities.access.store import people
from hemalum.kernel.ids import OrganisationId


def put_provider(connection: sa.Connection, row: Provider, now: datetime) -> None:
    """Add an institution, or change it with its rules."""
    table, rule = tables.provider, tables.provider_rule
    values = {
        "name": row.name,
        "issuer": row.issuer,
        "client_id": row.client_id,
        "sealed_client_secret": row.sealed_client_secret,
        "scopes": row.scopes,
        "groups_claim": row.groups_claim,
        "is_strong": row.is_strong,
        "is_enabled": row.is_enabled,
    }
    if connection.execute(table.update().where(table.c.id == row.id).values(**values)).rowcount == 0:
        connection.execute(table.insert().values(id=row.id, created_at=now, **values))
    connection.execute(rule.delete().where(rule.c.provider_id == row.id))
    rules = [
        {
            "provider_id": row.id,
            "group": each.group,
            "organisation_id": each.organisation_id,
            "role": each.role.value,
        }
        for each in row.rules
    ]
    if rules:
        connection.execute(rule.insert(), rules)


def remove_provider(connection: sa.Connection, provider_id: str) -> None:
    """Remove an institution, and the roles that its groups gave."""
    table, member = tables.provider, tables.membership
    connection.execute(member.delete().where(member.c.provider_id == provider_id))
    connection.execute(table.delete().where(table.c.id == provider_id))


def list_holders(connection: sa.Connection, provider_id: str) -> list[str]:
    """Ids of the people who have roles by an institution's groups."""
    member = tables.membership.c
    query = sa.select(member.person_id).where(member.provider_id == provider_id).distinct()
    return list(connection.execute(query.order_by(member.person_id)).scalars())


def list_providers(connection: sa.Connection) -> list[Provider]:
    table, rule = tables.provider, tables.provider_rule
    rules: dict[str, list[GroupRule]] = {}
    for row in connection.execute(rule.select().order_by(rule.c.group, rule.c.organisation_id, rule.c.role)):
        rules.setdefault(row.provider_id, []).append(
            GroupRule(row.group, OrganisationId(row.organisation_id), Role(row.role))
        )
    found = [
        Provider(
            row.id,
            row.name,
            row.issuer,
            row.client_id,
            row.sealed_client_secret,
            row.scopes,
            row.groups_claim,
            row.is_strong,
            row.is_enabled,
        )
        for row in connection.execute(table.select().order_by(table.c.name, table.c.id))
    ]
    return [replace(each, rules=tuple(rules.get(each.id, ()))) for each in found]


def find_identity(connection: sa.Connection, issuer: str, subject: str) -> Person | None:
    """Whose account this identity of an institution is."""
    table = tables.identity
    query = sa.select(table.c.person_id).where(table.c.issuer == issuer, table.c.subject == subject)
    person_id = connection.execute(query).scalar()
    return None if person_id is None else people.find_person(connection, person_id=person_id)


def add_identity(connection: sa.Connection, issuer: str, subject: str, person_id: str) -> None:
    connection.execute(tables.identity.insert().values(issuer=issuer, subject=subject, person_id=person_id))
