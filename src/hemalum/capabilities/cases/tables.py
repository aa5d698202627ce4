"""Tables of cases. Only the stores use them. Nothing in them names a patient but what is sealed."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

site_table = sa.Table(
    "cases_site",
    metadata,
    sa.Column("organisation_id", sa.String(40), primary_key=True),
    sa.Column("code", sa.String(8), nullable=False, unique=True),
)

series_table = sa.Table(
    "cases_series",
    metadata,
    sa.Column("site", sa.String(8), primary_key=True),
    sa.Column("series", sa.String(1), primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last_serial", sa.BigInteger, nullable=False),
)

patient_table = sa.Table(
    "cases_patient",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("merged_into", sa.String(40), index=True),
    sa.Column("changed_at", UtcTime, nullable=False),
)

patient_number_table = sa.Table(
    "cases_patient_number",
    metadata,
    sa.Column("organisation_id", sa.String(40), primary_key=True),
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("issuer_hash", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(40), nullable=False, index=True),
)
"""By which numbers a patient is found, each as a keyed hash."""

case_table = sa.Table(
    "cases_case",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("number", sa.String(40), nullable=False, unique=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("priority", sa.String(16), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("subspecialty", sa.String(24), nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("patient_id", sa.String(40), index=True),
    sa.Column("assignee_id", sa.String(40)),
    sa.Column("assignee_name", sa.Text),
    sa.Column("specimen", sa.Text, nullable=False),
    sa.Column("stains", Json, nullable=False),
    sa.Column("slides_total", sa.Integer, nullable=False),
    sa.Column("slides_scanned", sa.Integer, nullable=False),
    sa.Column("foreign_numbers", Json, nullable=False),
    sa.Column("request", sa.LargeBinary),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("search_text", sa.Text, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Column("band_order", sa.Integer, nullable=False, server_default="1", default=1),
    sa.Column("mark", sa.Text),
    sa.Index("ix_cases_case_list", "organisation_id", "is_open", "rank", "due_at", "id"),
    sa.Index("ix_cases_case_by_band", "organisation_id", "is_open", "rank", "band_order", "due_at", "id"),
    sa.Index("ix_cases_case_newest", "organisation_id", "is_open", "changed_at", "id"),
    sa.Index("ix_cases_case_assignee", "organisation_id", "assignee_id", "is_open"),
    sa.Index(
        "ix_cases_case_queues",
        "organisation_id",
        "is_open",
        "rank",
        "priority",
        "status",
        "assignee_id",
        "slides_scanned",
        "slides_total",
        "due_at",
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    ),
)

material_table = sa.Table(
    "cases_material",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), nullable=False),
    sa.Column("parent_id", sa.String(40), sa.ForeignKey("cases_material.id")),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("label", sa.String(8), nullable=False),
    sa.Column("identifier", sa.String(60), nullable=False, unique=True),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("organ", sa.Text, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Index("ix_cases_material_list", "case_id", "place", "id"),
)

link_table = sa.Table(
    "cases_link",
    metadata,
    sa.Column("image_id", sa.String(40), primary_key=True),
    sa.Column("material_id", sa.String(40), sa.ForeignKey("cases_material.id"), nullable=False),
    sa.Column("way", sa.String(8), nullable=False),
    sa.Column("linked_at", UtcTime, nullable=False),
    sa.Column("linked_by", sa.String(40)),
    sa.Index("ix_cases_link_list", "material_id", "linked_at", "image_id"),
)

claim_table = sa.Table(
    "cases_claim",
    metadata,
    sa.Column("image_id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("identifier", sa.String(60), index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("noted_at", UtcTime, nullable=False),
)
"""Which slide an image says that it is of."""

event_table = sa.Table(
    "cases_event",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), nullable=False, index=True),
    sa.Column("subject", sa.String(60), nullable=False),
    sa.Column("action", sa.String(24), nullable=False),
    sa.Column("before", sa.String(60)),
    sa.Column("after", sa.String(60)),
    sa.Column("actor_id", sa.String(40)),
    sa.Column("actor_name", sa.Text),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("occurred_at", UtcTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", Json, nullable=False),
    sa.Index("ix_cases_event_newest", "organisation_id", "number"),
    sa.Index("ix_cases_event_reached", "organisation_id", "action", "after", "occurred_at"),
)

holiday_table = sa.Table(
    "cases_holiday",
    metadata,
    sa.Column("organisation_id", sa.String(40), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
)

blinded_table = sa.Table(
    "cases_blinded",
    metadata,
    sa.Column("person_id", sa.String(40), primary_key=True),
    sa.Column("case_id", sa.String(40), primary_key=True),
)
"""Who reads which case without knowing what was said of it."""
