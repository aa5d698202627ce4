"""Cases and slides are found by three characters at once: pairs of figures are all too common."""

from alembic import op

from hemalum.runtime.text_index import TextIndex

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    TextIndex("cases_case", "id", "search_text").create_anew(op.get_bind())
    TextIndex("slides_image", "id", "search_text").create_anew(op.get_bind())
