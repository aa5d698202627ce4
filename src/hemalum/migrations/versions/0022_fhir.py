"""Orders that came by FHIR, exports in bulk, and who is told of what."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fhir_order",
        sa.Column("organisation_id", sa.String(40), primary_key=True),
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("case_id", sa.String(40), nullable=False),
    )
    op.create_index("ix_fhir_order_case_id", "fhir_order", ["case_id"])
    op.create_table(
        "fhir_export",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("person_id", sa.String(40), nullable=False),
        sa.Column("permissions", Json, nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("is_of_patients", sa.Boolean, nullable=False),
        sa.Column("since", UtcTime),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("begun_at", UtcTime, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("parts", Json, nullable=False),
        sa.Column("failure", Json),
        sa.Column("ended_at", UtcTime),
    )
    op.create_table(
        "fhir_subscription",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("person_id", sa.String(40), nullable=False),
        sa.Column("permissions", Json, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failure", Json),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("ends_at", UtcTime),
    )
    op.create_index("ix_fhir_subscription_organisation_id", "fhir_subscription", ["organisation_id"])
