"""Orders that came by FHIR."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"
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
