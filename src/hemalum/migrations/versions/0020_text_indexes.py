"""Cases and slides are found by pieces of text through an index, and listed without sorting all of them."""

from alembic import op

from hemalum.runtime.text_index import TextIndex

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    TextIndex("cases_case", "id", "search_text").create(op.get_bind())
    TextIndex("slides_image", "id", "search_text").create(op.get_bind())
    op.create_index("ix_slides_image_created", "slides_image", ["created_at", "id"])
    op.execute("CREATE INDEX ix_slides_image_name ON slides_image (lower(name), id)")
    op.execute("CREATE INDEX ix_slides_image_size ON slides_image (coalesce(size_bytes, 0) DESC, id)")
