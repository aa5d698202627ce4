"""Tables of modalities. Only the store uses them."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

scanner_table = sa.Table(
    "modalities_scanner",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("title", sa.String(16), nullable=False, unique=True),
    sa.Column("acts_as", sa.String(120), nullable=False),
    sa.Column("addresses", Json, nullable=False),
    sa.Column("charset", sa.String(20), nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.Column("asked_at", UtcTime),
)
