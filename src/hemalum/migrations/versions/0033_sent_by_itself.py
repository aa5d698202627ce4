"""What is sent to a receiver of messages by itself."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("interfaces_receiver") as table:
        # Until now every receiver heard of signed reports.
        table.add_column(sa.Column("sends", Json, nullable=False, server_default='["results"]'))
        table.add_column(sa.Column("with_pdf", sa.Boolean, nullable=False, server_default=sa.false()))
