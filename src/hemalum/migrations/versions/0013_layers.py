"""Layers, whose contents are blobs attached to slides; and endings, told to all servers of a node."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ending",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("at", UtcTime, nullable=False, index=True),
    )
    op.create_table(
        "slides_attachment",
        sa.Column("blob_key", sa.Text, primary_key=True),
        sa.Column(
            "image_id",
            sa.String(40),
            sa.ForeignKey("slides_image.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
    )
    op.create_table(
        "layers_layer",
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
    )
