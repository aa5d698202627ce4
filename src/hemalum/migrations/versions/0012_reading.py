"""What of a slide somebody saw, and how far they are with it."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading_seen",
        sa.Column("image_id", sa.String(40), primary_key=True),
        sa.Column("person_id", sa.String(40), primary_key=True),
        sa.Column("grid", sa.String(40), primary_key=True),
        sa.Column("cells", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "reading_progress",
        sa.Column("image_id", sa.String(40), primary_key=True),
        sa.Column("person_id", sa.String(40), primary_key=True, index=True),
        sa.Column("shares", Json, nullable=False),
        sa.Column("of_tissue", sa.Boolean, nullable=False),
        sa.Column("updated_at", UtcTime, nullable=False),
    )
    op.create_table(
        "access_settings",
        sa.Column("person_id", sa.String(40), sa.ForeignKey("access_person.id"), primary_key=True),
        sa.Column("settings", Json, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
    )
