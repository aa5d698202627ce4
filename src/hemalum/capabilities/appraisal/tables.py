"""Table of appraisals. Only `store` uses it."""

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
