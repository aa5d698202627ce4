"""How many cases are past their target stands in the index of the counts."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_cases_case_queues", "cases_case")
    op.create_index(
        "ix_cases_case_queues",
        "cases_case",
        [
            "organisation_id",
            "is_open",
            "rank",
            "priority",
            "status",
            "assignee_id",
            "slides_scanned",
            "slides_total",
            "due_at",
        ],
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
