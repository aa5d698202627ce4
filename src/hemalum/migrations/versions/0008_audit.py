"""The index of the log, and flags."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "audit_entry",
        sa.Column("index", number, primary_key=True, autoincrement=False),
        sa.Column("at", UtcTime, nullable=False, index=True),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("person", sa.String(40)),
        sa.Column("session", sa.String(60)),
        sa.Column("actor_organisation", sa.String(40)),
        sa.Column("owner_organisation", sa.String(40)),
        sa.Column("target", sa.String(80), nullable=False),
        sa.Column("purpose", sa.String(20)),
        sa.Column("opening", sa.String(40)),
        sa.Column("subject", sa.String(40)),
        sa.Index("ix_audit_entry_action_index", "action", "index"),
        sa.Index("ix_audit_entry_person_index", "person", "index"),
        sa.Index("ix_audit_entry_target_index", "target", "index"),
    )
    op.create_table(
        "audit_progress",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("indexed", number, nullable=False),
        sa.Column("judged", number, nullable=False),
    )
    op.execute(sa.text("INSERT INTO audit_progress (id, indexed, judged) VALUES (1, 0, 0)"))
    op.create_table(
        "audit_flag",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("actor_organisation", sa.String(40), nullable=False),
        sa.Column("owner_organisation", sa.String(40)),
        sa.Column("first_index", number, nullable=False),
        sa.Column("last_index", number, nullable=False),
        sa.Column("first_at", UtcTime, nullable=False),
        sa.Column("last_at", UtcTime, nullable=False, index=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("numbers", Json, nullable=False),
        sa.Column("found_at", UtcTime, nullable=False),
        sa.Column("acknowledged_by", sa.String(40)),
        sa.Column("acknowledged_at", UtcTime),
        sa.Column("remark", sa.Text),
        sa.UniqueConstraint("kind", "person", "day", "about"),
    )
