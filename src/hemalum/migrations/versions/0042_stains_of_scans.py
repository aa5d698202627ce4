"""Stains of scans and what made each scan, for drift and for runs of models that normalise them."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appraisal_staining",
        sa.Column(
            "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("vendor", sa.Text, nullable=False),
        sa.Column("scanner_model", sa.Text, nullable=False),
        sa.Column("scanner_serial", sa.Text, nullable=False),
        sa.Column("stain", sa.Text, nullable=False),
        sa.Column("laboratory", sa.Text, nullable=False),
        sa.Column("scanned_at", UtcTime, nullable=False),
        sa.Column("haematoxylin_strength", sa.Float),
        sa.Column("haematoxylin_degrees", sa.Float),
        sa.Column("eosin_strength", sa.Float),
        sa.Column("eosin_degrees", sa.Float),
        sa.Column("rejected", sa.String(16)),
        sa.Column("blur", sa.Float),
    )
    op.create_index("ix_appraisal_staining_time", "appraisal_staining", ["organisation_id", "scanned_at"])
    op.add_column("inference_run", sa.Column("recolouring", Json))
    # Told by a method that did not look at stains: every scan is looked at anew.
    op.execute("DELETE FROM appraisal_slide")
