"""Systems of hospitals, and the messages that go between them and the node."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interfaces_sender",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(60), nullable=False, unique=True),
        sa.Column("acts_as", sa.String(120), nullable=False),
        sa.Column("application", sa.Text, nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("charset", sa.String(20), nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("addresses", Json, nullable=False),
        sa.Column("processing_id", sa.String(1), nullable=False),
        sa.Column("added_at", UtcTime, nullable=False),
    )
    op.create_table(
        "interfaces_receiver",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(60), nullable=False, unique=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("port", sa.Integer, nullable=False),
        sa.Column("application", sa.Text, nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("charset", sa.String(20), nullable=False),
        sa.Column("added_at", UtcTime, nullable=False),
        sa.Column("last_sent_at", UtcTime),
        sa.Column("failed_at", UtcTime),
        sa.Column("failure", Json),
        sa.Column("held_by", sa.String(40)),
        sa.Column("held_until", UtcTime),
    )
    op.create_table(
        "interfaces_message",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("direction", sa.String(4), nullable=False),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("partner_id", sa.String(40), nullable=False),
        sa.Column("partner", sa.String(60), nullable=False),
        sa.Column("control_id", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("charset", sa.String(20), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", Json),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("done_at", UtcTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", UtcTime),
        sa.Column("patient_id", sa.String(40), index=True),
        sa.Column("case_id", sa.String(40)),
        sa.Column("replaces", sa.Integer),
        sa.UniqueConstraint("direction", "partner_id", "control_id", "digest"),
    )
    op.create_index(
        "ix_interfaces_message_list", "interfaces_message", ["organisation_id", "state", "number"]
    )
    op.create_index("ix_interfaces_message_queue", "interfaces_message", ["partner_id", "state", "number"])
    op.create_table(
        "interfaces_order",
        sa.Column("sender_id", sa.String(40), primary_key=True),
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("placer", sa.Text, primary_key=True),
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("message_number", sa.Integer, nullable=False),
    )
