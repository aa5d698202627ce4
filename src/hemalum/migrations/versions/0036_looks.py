"""The look of channels that every reader of a slide begins with."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "slides_look",
        sa.Column(
            "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("channels", Json, nullable=False),
        sa.Column("person_id", sa.String(40), nullable=False),
        sa.Column("person_name", sa.Text, nullable=False),
        sa.Column("set_at", UtcTime, nullable=False),
    )
