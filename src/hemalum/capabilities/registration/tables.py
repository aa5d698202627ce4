"""The table of transforms. Only `store` uses it."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

transform_table = sa.Table(
    "registration_transform",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("pair", sa.String(81), nullable=False, unique=True),
    sa.Column(
        "from_image_id",
        sa.String(40),
        sa.ForeignKey("slides_image.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column(
        "to_image_id",
        sa.String(40),
        sa.ForeignKey("slides_image.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("from_scan", sa.String(120), nullable=False),
    sa.Column("to_scan", sa.String(120), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("matrix", Json, nullable=False),
    sa.Column("method", sa.String(100), nullable=False),
    sa.Column("landmarks", Json, nullable=False),
    sa.Column("residual_um", sa.Float),
    sa.Column("displacements", sa.LargeBinary),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("created_by", sa.String(40), nullable=False),
    sa.Column("created_by_name", sa.Text, nullable=False),
)
"""`pair` names the two slides whichever way round, so that there is one transform between them."""
