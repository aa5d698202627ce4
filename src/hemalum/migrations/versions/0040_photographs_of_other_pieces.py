"""A photograph may be of several pieces of a case, and be handed in again after it was entered in error."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_TABLE = "grossing_photograph"


def upgrade() -> None:
    with op.batch_alter_table(_TABLE) as table:
        table.drop_constraint("uq_grossing_photograph_case_id_sha256", type_="unique")
    is_good = sa.text("wrong_because IS NULL")
    op.create_index(
        "ix_grossing_photograph_once",
        _TABLE,
        ["material_id", "sha256"],
        unique=True,
        sqlite_where=is_good,
        postgresql_where=is_good,
    )
