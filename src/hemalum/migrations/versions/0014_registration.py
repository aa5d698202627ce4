"""Transforms between slides."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registration_transform",
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
