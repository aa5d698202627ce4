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

progress = sa.Table(
    "reading_progress",
    metadata,
    sa.Column("image_id", sa.String(40), primary_key=True),
    sa.Column("person_id", sa.String(40), primary_key=True, index=True),
    sa.Column("shares", Json, nullable=False),
    sa.Column("of_tissue", sa.Boolean, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
)
