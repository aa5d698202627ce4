"""Queries on the tables of models. Every function works in the caller's transaction."""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.models.model import (
    Acceptance,
    LocalValidation,
    Publisher,
    StatusChange,
    Trial,
    Version,
)
from hemalum.capabilities.models.tables import (
    change_table,
    publisher_table,
    validation_table,
    version_table,
)
from hemalum.formats.model.contract import Contract, Status
from hemalum.formats.model.folder import ModelFile
from hemalum.kernel.actor import Actor
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.kernel.typed import typed


def add_version(connection: sa.Connection, version: Version, files: tuple[ModelFile, ...]) -> None:
    """Write down a version whose files are in the blob store."""
    identity = version.contract.identity
    connection.execute(
        sa.insert(version_table).values(
            id=version.id,
            organisation_id=version.organisation_id,
            model_id=identity.id,
            version=identity.version,
            address=version.address,
            contract=msgspec.to_builtins(version.contract),
            files=msgspec.to_builtins(files),
            status=version.status.value,
            size_bytes=version.size_bytes,
            golden_tiles=version.golden_tiles,
            golden_difference=version.golden_difference,
            signed_with=version.signed_with,
            added_at=version.added_at,
            added_by=version.added_by,
            added_by_name=version.added_by_name,
        )
    )


def find_version(
    connection: sa.Connection, organisation_id: str, version_id: str, *, to_write: bool = False
) -> Version | None:
    """A version of an organisation; `to_write` holds it."""
    query = sa.select(version_table).where(
        version_table.c.organisation_id == organisation_id, version_table.c.id == version_id
    )
    row = connection.execute(query.with_for_update() if to_write else query).first()
    return None if row is None else _version(row)


def find_by_name(
    connection: sa.Connection, organisation_id: str, model_id: str, version: str
) -> Version | None:
    """The version of a model with this number, if an organisation has it."""
    column = version_table.c
    row = connection.execute(
        sa.select(version_table).where(
            column.organisation_id == organisation_id, column.model_id == model_id, column.version == version
        )
    ).first()
    return None if row is None else _version(row)


def list_versions(connection: sa.Connection, organisation_id: str) -> list[Version]:
    """All versions of an organisation, by model, those added last first."""
    column = version_table.c
    query = (
        sa.select(version_table)
        .where(column.organisation_id == organisation_id)
        .order_by(column.model_id, column.added_at.desc(), column.id)
    )
    return [_version(row) for row in connection.execute(query)]


def count_statuses(connection: sa.Connection) -> dict[str, int]:
    """How many versions of all organisations have which status."""
    column = version_table.c
    query = sa.select(column.status, sa.func.count()).group_by(column.status).order_by(column.status)
    return {row[0]: row[1] for row in connection.execute(query)}


def files_of(connection: sa.Connection, version_id: str) -> tuple[ModelFile, ...]:
    """The files of a version."""
    kept = connection.execute(
        sa.select(version_table.c.files).where(version_table.c.id == version_id)
    ).scalar_one()
    return typed(kept, tuple[ModelFile, ...])


def accept_licence(connection: sa.Connection, version_id: str, actor: Actor, now: datetime) -> None:
    """Write down who accepted the licence of a version."""
    connection.execute(
        sa.update(version_table)
        .where(version_table.c.id == version_id)
        .values(accepted_at=now, accepted_by=actor.person_id, accepted_by_name=actor.called)
    )


def set_status(
    connection: sa.Connection, version: Version, after: Status, actor: Actor, reason: str, now: datetime
) -> None:
    """Give a version another status, and write down who did and why."""
    connection.execute(
        sa.update(version_table).where(version_table.c.id == version.id).values(status=after.value)
    )
    connection.execute(
        sa.insert(change_table).values(
            version_id=version.id,
            at=now,
            by_name=actor.called,
            before=version.status.value,
            after=after.value,
            reason=reason,
        )
    )


def list_changes(connection: sa.Connection, version_id: str) -> list[StatusChange]:
    """How the status of a version changed, the last change first."""
    column = change_table.c
    query = sa.select(change_table).where(column.version_id == version_id).order_by(column.number.desc())
    return [
        StatusChange(row.number, row.at, row.by_name, Status(row.before), Status(row.after), row.reason)
        for row in connection.execute(query)
    ]


def add_validation(
    connection: sa.Connection, version_id: str, trial: Trial, actor: Actor, now: datetime
) -> None:
    """Keep a trial of a version."""
    connection.execute(
        sa.insert(validation_table).values(
            version_id=version_id, at=now, by_name=actor.called, trial=msgspec.to_builtins(trial)
        )
    )


def list_validations(connection: sa.Connection, version_id: str) -> list[LocalValidation]:
    """The trials of a version by its laboratory, the last one first."""
    column = validation_table.c
    query = sa.select(validation_table).where(column.version_id == version_id).order_by(column.number.desc())
    return [
        LocalValidation(row.number, row.at, row.by_name, typed(row.trial, Trial))
        for row in connection.execute(query)
    ]


def add_publisher(
    connection: sa.Connection, organisation_id: str, public_key: str, name: str, actor: Actor, now: datetime
) -> None:
    """Trust a publisher that was not trusted yet."""
    connection.execute(
        sa.insert(publisher_table).values(
            organisation_id=organisation_id,
            public_key=public_key,
            name=name,
            added_at=now,
            added_by_name=actor.called,
        )
    )


def remove_publisher(connection: sa.Connection, organisation_id: str, public_key: str) -> bool:
    """Trust a publisher no longer; False for one that was not trusted."""
    column = publisher_table.c
    removed = connection.execute(
        sa.delete(publisher_table).where(
            column.organisation_id == organisation_id, column.public_key == public_key
        )
    )
    return removed.rowcount > 0


def list_publishers(connection: sa.Connection, organisation_id: str) -> list[Publisher]:
    """Whom an organisation trusts, by name."""
    column = publisher_table.c
    query = sa.select(publisher_table).where(column.organisation_id == organisation_id)
    return [
        Publisher(row.public_key, row.name, row.added_at, row.added_by_name)
        for row in connection.execute(query.order_by(column.name, column.public_key))
    ]


def _version(row: sa.Row[Any]) -> Version:
    accepted = None
    if row.accepted_at is not None:
        accepted = Acceptance(PersonId(row.accepted_by), row.accepted_by_name, row.accepted_at)
    return Version(
        row.id,
        OrganisationId(row.organisation_id),
        row.address,
        typed(row.contract, Contract),
        Status(row.status),
        row.size_bytes,
        row.golden_tiles,
        row.golden_difference,
        row.signed_with,
        row.added_at,
        PersonId(row.added_by),
        row.added_by_name,
        accepted,
    )
