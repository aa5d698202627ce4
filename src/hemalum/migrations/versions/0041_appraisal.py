"""Appraisals: what is told of tissue, artefacts and focus of every scan."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appraisal_slide",
        sa.Column(
            "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("method", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", Json),
        sa.Column("figures", Json),
        sa.Column("judged_at", UtcTime, nullable=False),
    )
