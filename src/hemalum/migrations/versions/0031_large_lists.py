"""Long lists are counted without counting, and what a page needs of material and scans lies in indexes."""

from alembic import op

from hemalum.runtime.tally import Tally

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    Tally("cases_case", ("organisation_id", "is_open", "subspecialty", "priority")).create(op.get_bind())
    Tally("slides_image", ("terms_id", "status")).create(op.get_bind())
    op.create_index("ix_cases_material_list", "cases_material", ["case_id", "place", "id"])
    op.drop_index("ix_cases_material_case_id", "cases_material")
    op.create_index("ix_cases_link_list", "cases_link", ["material_id", "linked_at", "image_id"])
    op.drop_index("ix_cases_link_material_id", "cases_link")
    op.create_index("ix_slides_image_terms", "slides_image", ["id", "terms_id"])
