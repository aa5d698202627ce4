"""Tables of reading. Only `store` reads this."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

seen = sa.Table(
    "reading_seen",
    metadata,
    sa.Column("image_id", sa.String(40), primary_key=True),
    sa.Column("person_id", sa.String(40), primary_key=True),
    sa.Column("grid", sa.String(40), primary_key=True),
    sa.Column("cells", sa.LargeBinary, nullable=False),
)

reveals = sa.Table(
    "reading_reveal",
    metadata,
    sa.Column("image_id", sa.String(40), primary_key=True),
    sa.Column("person_id", sa.String(40), primary_key=True),
    sa.Column("subject", sa.String(80), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("revealed_at", UtcTime, nullable=False),
    sa.Column("shares", Json, nullable=False),
)

progress = sa.Table(
    "reading_progress",
    metadata,
    sa.Column("image_id", sa.String(40), primary_key=True),
    sa.Column("person_id", sa.String(40), primary_key=True, index=True),
    sa.Column("shares", Json, nullable=False),
    sa.Column("of_tissue", sa.Boolean, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
)
