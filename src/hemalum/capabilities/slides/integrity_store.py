"""Queries on what is known of the integrity of slides. Every function works in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.slides.integrity import Damage, Round, RoundState, Standing
from hemalum.capabilities.slides.model import ImageStatus
from hemalum.capabilities.slides.tables import (
    HAS_DAMAGE,
    attachment_table,
    image_table,
    integrity_table,
    round_table,
    terms_table,
)
from hemalum.kernel.ids import ImageId
from hemalum.kernel.typed import typed
from hemalum.runtime.db import among, looked_up

_AVAILABLE = image_table.c.status == ImageStatus.AVAILABLE.value
_WITH_INTEGRITY = image_table.outerjoin(integrity_table, integrity_table.c.image_id == image_table.c.id)


def attach(connection: sa.Connection, image_id: str, key: str) -> None:
    """A blob that another capability wrote is a part of the slide from now on."""
    connection.execute(sa.insert(attachment_table).values(image_id=image_id, blob_key=key))


def detach(connection: sa.Connection, key: str) -> None:
    """A blob is no part of its slide any more."""
    connection.execute(sa.delete(attachment_table).where(attachment_table.c.blob_key == key))


def list_attached(connection: sa.Connection, image_id: str) -> list[str]:
    """Keys of the blobs that other capabilities keep with a slide."""
    query = sa.select(attachment_table.c.blob_key).where(attachment_table.c.image_id == image_id)
    return list(connection.execute(query.order_by(attachment_table.c.blob_key)).scalars())


def find_manifest(connection: sa.Connection, image_id: str) -> tuple[str, str] | None:
    """Blob and digest of the manifest of a slide."""
    row = connection.execute(
        sa.select(integrity_table.c.manifest_key, integrity_table.c.manifest_sha256).where(
            integrity_table.c.image_id == image_id, integrity_table.c.manifest_key != ""
        )
    ).first()
    return None if row is None else (row.manifest_key, row.manifest_sha256)


def set_manifest(connection: sa.Connection, image_id: str, key: str, sha256: str) -> None:
    """Keep where the manifest of a slide is and what it says; nothing (twice "") when it has none yet."""
    values = {"manifest_key": key, "manifest_sha256": sha256}
    changed = connection.execute(
        sa.update(integrity_table).where(integrity_table.c.image_id == image_id).values(**values)
    )
    if changed.rowcount == 0:
        connection.execute(sa.insert(integrity_table).values(image_id=image_id, **values))


def set_checked(
    connection: sa.Connection, image_id: str, round_id: str, at: datetime, damage: Sequence[Damage]
) -> None:
    """Keep what a check of a slide found."""
    connection.execute(
        sa.update(integrity_table)
        .where(integrity_table.c.image_id == image_id)
        .values(round_id=round_id, checked_at=at, damage=msgspec.to_builtins(list(damage)))
    )


def find_unchecked(connection: sa.Connection, round_id: str, after: str) -> ImageId | None:
    """The next slide in the order of ids, after one, that this round has not come to yet."""
    found = connection.execute(
        sa.select(image_table.c.id)
        .select_from(_WITH_INTEGRITY)
        .where(
            _AVAILABLE,
            image_table.c.id > after,
            integrity_table.c.round_id.is_distinct_from(round_id),
        )
        .order_by(image_table.c.id)
        .limit(1)
    ).scalar()
    return found and ImageId(found)


def first_available_at(connection: sa.Connection) -> datetime | None:
    """When the oldest slide became available."""
    image = image_table.c
    oldest = sa.select(image.available_at).where(image.available_at.is_not(None))
    found: datetime | None = connection.execute(oldest.order_by(image.created_at, image.id).limit(1)).scalar()
    return found


def list_unreplicated(connection: sa.Connection, limit: int) -> list[tuple[ImageId, str]]:
    """Slides whose replica is not what their manifest says, with the digest of the manifest."""
    columns = integrity_table.c
    rows = connection.execute(
        sa.select(columns.image_id, columns.manifest_sha256)
        .where(
            columns.replicated_sha256.is_distinct_from(columns.manifest_sha256), columns.manifest_key != ""
        )
        .limit(limit)
    )
    return [(ImageId(row.image_id), row.manifest_sha256) for row in rows]


def set_replicated(connection: sa.Connection, image_id: str, manifest_sha256: str) -> None:
    """Keep that all that this manifest lists is in the replica."""
    connection.execute(
        sa.update(integrity_table)
        .where(integrity_table.c.image_id == image_id)
        .values(replicated_sha256=manifest_sha256)
    )


def add_round(connection: sa.Connection, round_id: str, now: datetime) -> None:
    """A round that begins."""
    connection.execute(
        sa.insert(round_table).values(
            id=round_id,
            state=RoundState.RUNNING.value,
            started_at=now,
            slides=0,
            bytes=0,
            damaged=0,
            repaired=0,
        )
    )


def add_to_round(connection: sa.Connection, round_id: str, read: int, damage: Sequence[Damage]) -> None:
    """Count a slide that was checked."""
    columns = round_table.c
    connection.execute(
        sa.update(round_table)
        .where(columns.id == round_id)
        .values(
            slides=columns.slides + 1,
            bytes=columns.bytes + read,
            damaged=columns.damaged + len(damage),
            repaired=columns.repaired + sum(one.repaired for one in damage),
        )
    )


def end_round(connection: sa.Connection, round_id: str, state: RoundState, now: datetime) -> None:
    """A round that is over."""
    connection.execute(
        sa.update(round_table)
        .where(round_table.c.id == round_id, round_table.c.state == RoundState.RUNNING.value)
        .values(state=state.value, ended_at=now)
    )


def get_round(connection: sa.Connection, round_id: str) -> Round:
    """A round that there is."""
    return _round(
        connection.execute(sa.select(round_table).where(round_table.c.id == round_id)).one()._mapping
    )


def find_last_round(connection: sa.Connection) -> Round | None:
    """The round that began last."""
    row = connection.execute(
        sa.select(round_table).order_by(round_table.c.started_at.desc(), round_table.c.id.desc()).limit(1)
    ).first()
    return None if row is None else _round(row._mapping)


def count_standings(connection: sa.Connection, organisation_id: str | None) -> tuple[int, int]:
    """How many slides of an organisation, or of all, are available, and how many were never checked."""
    count = sa.select(sa.func.count(), sa.func.count(integrity_table.c.checked_at))
    query = count.select_from(_WITH_INTEGRITY).where(*_available_of(organisation_id))
    slides, checked = connection.execute(query).one()
    return slides, slides - checked


def list_damaged(connection: sa.Connection, organisation_id: str | None) -> list[Standing]:
    """The available slides of an organisation, or of all, in which damage was found, repaired or not."""
    integrity = integrity_table.c
    harmed = sa.select(integrity.image_id, integrity.checked_at, integrity.damage).where(HAS_DAMAGE)
    found = {row.image_id: row for row in connection.execute(harmed)}
    first = looked_up(sa.select(image_table).where(among(connection, image_table.c.id, found)))
    images = sa.select(image_table.c.id, image_table.c.name).where(*_available_of(organisation_id))
    rows = connection.execute(first(images.order_by(image_table.c.name, image_table.c.id)))
    return [
        Standing(
            ImageId(row.id),
            row.name,
            found[row.id].checked_at,
            tuple(typed(found[row.id].damage, list[Damage])),
        )
        for row in rows
    ]


def _available_of(organisation_id: str | None) -> list[sa.ColumnElement[bool]]:
    """That a slide is available, and one of the organisation where there is one."""
    if organisation_id is None:
        return [_AVAILABLE]
    terms = sa.select(terms_table.c.id).where(terms_table.c.organisation_id == organisation_id)
    # Asked so, SQLite takes slides in the order of their ids, in which their checks lie. By the column it
    # would take them by their terms and look each check up elsewhere: eight times the time at a million.
    return [_AVAILABLE, sa.func.coalesce(image_table.c.terms_id, "").in_(terms)]


def _round(row: sa.RowMapping | Any) -> Round:
    return Round(
        row["id"],
        RoundState(row["state"]),
        row["started_at"],
        row["ended_at"],
        row["slides"],
        row["bytes"],
        row["damaged"],
        row["repaired"],
    )
