"""Queries on the looks of slides. Every function works in the caller's transaction."""

from dataclasses import asdict

import sqlalchemy as sa

from hemalum.capabilities.slides.model import ChannelLook, Look
from hemalum.capabilities.slides.tables import look_table
from hemalum.kernel.ids import PersonId


def find_look(connection: sa.Connection, image_id: str) -> Look | None:
    """The look that somebody gave to an image."""
    row = connection.execute(sa.select(look_table).where(look_table.c.image_id == image_id)).first()
    if row is None:
        return None
    channels = tuple(ChannelLook(**channel) for channel in row.channels)
    return Look(channels, PersonId(row.person_id), row.person_name, row.set_at)


def put_look(connection: sa.Connection, image_id: str, look: Look) -> None:
    """Keep the look of an image in the place of the one before."""
    remove_look(connection, image_id)
    connection.execute(
        sa.insert(look_table).values(
            image_id=image_id,
            channels=[asdict(channel) for channel in look.channels],
            person_id=look.person_id,
            person_name=look.person_name,
            set_at=look.set_at,
        )
    )


def remove_look(connection: sa.Connection, image_id: str) -> bool:
    """Forget the look of an image; whether it had one."""
    return connection.execute(sa.delete(look_table).where(look_table.c.image_id == image_id)).rowcount > 0
