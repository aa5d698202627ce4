"""What searches look at of each DICOM instance."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("slides_instance", sa.Column("search_json", sa.Text, nullable=True))
