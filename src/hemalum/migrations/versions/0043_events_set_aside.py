"""An event that cannot be handed in is set aside; messages whose texts are kept stand in an index."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("failures", sa.Integer, nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("next_try_at", UtcTime))
    op.add_column("outbox", sa.Column("jobs_left", Json))
    has_text = sa.text("sealed IS NOT NULL")
    op.create_index(
        "ix_interfaces_message_texts",
        "interfaces_message",
        ["at"],
        sqlite_where=has_text,
        postgresql_where=has_text,
    )
