"""Queues are counted, and slides found by their status, in indexes and not by reading whole tables."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_slides_image_status", "slides_image", ["status", "id"])
    newest = ["terms_id", "status", "created_at", "id"]
    op.create_index("ix_slides_image_newest_of_status", "slides_image", newest)
    columns = ["organisation_id", "is_open", "rank", "priority", "status", "assignee_id"]
    op.create_index(
        "ix_cases_case_queues",
        "cases_case",
        [*columns, "slides_scanned", "slides_total"],
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
