"""What is asked of the laboratory: orders of clinicians, further work; holidays, times of cases."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orders_work",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("case_number", sa.String(40), nullable=False),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("work", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.String(40)),
        sa.Column("subject", sa.String(60), nullable=False),
        sa.Column("stains", Json, nullable=False),
        sa.Column("copies", sa.Integer, nullable=False),
        sa.Column("priority", sa.String(16), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("requested_by", sa.String(40), nullable=False),
        sa.Column("requested_by_name", sa.Text, nullable=False),
        sa.Column("requested_at", UtcTime, nullable=False),
        sa.Column("decided_by_name", sa.Text),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("planned", Json, nullable=False),
        sa.Column("known_scans", Json, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.UniqueConstraint("case_id", "serial"),
    )
    op.create_index(
        "ix_orders_work_list", "orders_work", ["organisation_id", "state", "rank", "requested_at", "id"]
    )
    op.create_table(
        "orders_placed",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.String(40), nullable=False, index=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("case_number", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("specimen_ids", Json, nullable=False),
        sa.Column("wants_revocation", sa.Boolean, nullable=False),
        sa.Column("placed_at", UtcTime, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.UniqueConstraint("case_id", "issuer", "number"),
    )
    op.create_index(
        "ix_cases_event_reached", "cases_event", ["organisation_id", "action", "after", "occurred_at"]
    )
    op.create_table(
        "cases_holiday",
        sa.Column("organisation_id", sa.String(40), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
    )
