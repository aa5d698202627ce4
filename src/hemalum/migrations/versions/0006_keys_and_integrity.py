"""Keys of slides, and what is known of the integrity of their bytes."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("suite", sa.String(20), nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("node_key", sa.String(300), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("destroyed_at", UtcTime),
    )
