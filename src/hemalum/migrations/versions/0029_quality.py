"""Rescreening: plans, lots, rereads and second readings; who reads a case blinded."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_plan",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("strata", Json, nullable=False),
        sa.Column("by_person", sa.Boolean, nullable=False),
        sa.Column("by_model", sa.Text, nullable=False),
        sa.Column("anchor", sa.String(64), nullable=False),
        sa.Column("last_seed", sa.LargeBinary, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date),
        sa.Column("made_by_name", sa.Text, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
    )
    op.create_table(
        "quality_lot",
        sa.Column("plan_id", sa.String(40), primary_key=True),
        sa.Column("case_id", sa.String(40), primary_key=True),
        sa.Column("case_number", sa.String(40), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("lot", sa.Float, nullable=False),
        sa.Column("is_drawn", sa.Boolean, nullable=False),
    )
    op.create_index("ix_quality_lot_day", "quality_lot", ["plan_id", "day"])
    op.create_table(
        "quality_reread",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("plan_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.String(40), nullable=False, index=True),
        sa.Column("case_number", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("template_id", sa.String(40), nullable=False),
        sa.Column("template_digest", sa.String(64), nullable=False),
        sa.Column("field", sa.String(24), nullable=False),
        sa.Column("priority", sa.String(16), nullable=False),
        sa.Column("patient_id", sa.String(40)),
        sa.Column("signer_id", sa.String(40), nullable=False),
        sa.Column("signer_name", sa.Text, nullable=False),
        sa.Column("involved", Json, nullable=False),
        sa.Column("signed_at", UtcTime, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("by_person", sa.Boolean, nullable=False),
        sa.Column("by_model", sa.Text, nullable=False),
        sa.Column("gravity", sa.String(8)),
        sa.Column("reader_id", sa.String(40)),
        sa.Column("standing", sa.String(8)),
        sa.Column("defect", sa.String(20)),
        sa.Column("words", sa.LargeBinary),
        sa.Column("decided_by_name", sa.Text),
        sa.Column("drawn_at", UtcTime, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.UniqueConstraint("plan_id", "case_id"),
    )
    op.create_index("ix_quality_reread_list", "quality_reread", ["organisation_id", "state", "drawn_at"])
    op.create_table(
        "quality_reading",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("reread_id", sa.String(40), nullable=False, index=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("gravity", sa.String(8), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.UniqueConstraint("reread_id", "kind"),
    )
    op.create_table(
        "cases_blinded",
        sa.Column("person_id", sa.String(40), primary_key=True),
        sa.Column("case_id", sa.String(40), primary_key=True),
    )
