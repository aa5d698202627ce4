"""Originals are found by their length: a new one that is as long as another may be the same."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_slides_object_size", "slides_object", ["size"])
