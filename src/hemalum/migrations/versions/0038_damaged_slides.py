"""The report on integrity reads indexes: of the slides of an organisation, and of those that are damaged."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_slides_image_status", "slides_image")
    op.create_index("ix_slides_image_status", "slides_image", ["status", "id", "terms_id"])
    has_damage = sa.text("damage <> '[]'")
    op.create_index(
        "ix_slides_integrity_damaged",
        "slides_integrity",
        ["image_id"],
        sqlite_where=has_damage,
        postgresql_where=has_damage,
    )
