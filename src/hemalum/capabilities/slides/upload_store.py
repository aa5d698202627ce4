"""Queries on the table of uploads. Every function works in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.slides.model import Upload, UploadState
from hemalum.capabilities.slides.tables import upload_table
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId, UploadId


def add_upload(connection: sa.Connection, upload: Upload) -> None:
    """A new upload."""
    connection.execute(
        sa.insert(upload_table).values(
            id=upload.id,
            organisation_id=upload.organisation_id,
            created_by=upload.created_by,
            filename=upload.filename,
            length=upload.length,
            offset=upload.offset,
            sha256=upload.sha256,
            expires_at=upload.expires_at,
            state=upload.state.value,
            image_id=upload.image_id,
        )
    )


def get_upload(connection: sa.Connection, upload_id: str, organisation_id: str) -> Upload:
    """An upload of an organisation.

    Raises:
        NotFound: there is no such upload.
    """
    row = connection.execute(
        sa.select(upload_table).where(
            upload_table.c.id == upload_id, upload_table.c.organisation_id == organisation_id
        )
    ).first()
    if row is None:
        raise NotFound("There is no such upload.")
    return _upload(row._mapping)


def update_upload(connection: sa.Connection, upload_id: str, **values: Any) -> None:
    """Set columns of an upload."""
    connection.execute(sa.update(upload_table).where(upload_table.c.id == upload_id).values(**values))


def move_uploads(connection: sa.Connection, from_image: str, to_image: str) -> None:
    """Point uploads that made one image to the image it turned out to be."""
    connection.execute(
        sa.update(upload_table).where(upload_table.c.image_id == from_image).values(image_id=to_image)
    )


def list_uploads(connection: sa.Connection) -> list[Upload]:
    """Open uploads."""
    rows = connection.execute(sa.select(upload_table).where(upload_table.c.state == UploadState.OPEN.value))
    return [_upload(row._mapping) for row in rows]


def delete_closed_uploads(connection: sa.Connection, expired_at: datetime) -> None:
    """Forget uploads that are complete or failed and would have run out by then."""
    connection.execute(
        sa.delete(upload_table).where(
            upload_table.c.state != UploadState.OPEN.value, upload_table.c.expires_at < expired_at
        )
    )


def delete_upload(connection: sa.Connection, upload_id: str) -> None:
    """Forget an upload; its bytes are the caller's."""
    connection.execute(sa.delete(upload_table).where(upload_table.c.id == upload_id))


def _upload(row: Mapping[str, Any] | sa.RowMapping) -> Upload:
    return Upload(
        id=UploadId(row["id"]),
        organisation_id=OrganisationId(row["organisation_id"]),
        created_by=PersonId(row["created_by"]),
        filename=row["filename"],
        length=row["length"],
        offset=row["offset"],
        sha256=row["sha256"],
        expires_at=row["expires_at"],
        state=UploadState(row["state"]),
        image_id=row["image_id"] and ImageId(row["image_id"]),
    )
