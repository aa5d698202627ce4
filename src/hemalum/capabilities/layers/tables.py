"""The table of layers. Only `store` uses it."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

layer_table = sa.Table(
    "layers_layer",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column(
        "image_id",
        sa.String(40),
        sa.ForeignKey("slides_image.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("generation", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("title_zh", sa.Text),
    sa.Column("producer", sa.Text, nullable=False),
    sa.Column("producer_version", sa.Text, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("classes", Json, nullable=False),
    sa.Column("columns", Json, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("created_by", sa.String(40)),
    sa.Column("blob_key", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("computed_on", Json, nullable=False),
)
"""Rows are written once; the content of a layer is in its blob."""
