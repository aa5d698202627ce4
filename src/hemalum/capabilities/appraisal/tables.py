"""Tables of appraisals. Only `store` uses them."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

slide_table = sa.Table(
    "appraisal_slide",
    metadata,
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

staining_table = sa.Table(
    "appraisal_staining",
    metadata,
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
    sa.Index("ix_appraisal_staining_time", "organisation_id", "scanned_at"),
)
"""What drift is told from: a row for each scan of which figures were told."""
