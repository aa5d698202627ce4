"""What a file says of the patient has a blob of its own, beside the label."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("slides_image", sa.Column("clinical_key", sa.Text(), nullable=True))
