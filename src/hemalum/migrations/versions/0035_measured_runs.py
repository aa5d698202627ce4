"""What runs of models measured on their slides."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inference_run") as table:
        table.add_column(sa.Column("measured", Json))
