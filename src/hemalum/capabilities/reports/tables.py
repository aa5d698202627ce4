"""Tables of reports. Only the store uses them. What they hold of a patient is sealed."""

import sqlalchemy as sa

from hemalum.runtime.db import UtcTime, metadata

template_table = sa.Table(
    "reports_template",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
"""Templates as reports were filled into them: what becomes of the files later changes no report."""

version_table = sa.Table(
    "reports_version",
    metadata,
    sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("amends", sa.String(16)),
    sa.Column("source_kind", sa.String(16), nullable=False),
    sa.Column("source_name", sa.Text, nullable=False),
    sa.Column("source_version", sa.Text, nullable=False),
    sa.Column("author_id", sa.String(40), nullable=False),
    sa.Column("author_name", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("patient_id", sa.String(40)),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("previous_sha256", sa.String(64)),
)

cosignature_table = sa.Table(
    "reports_cosignature",
    metadata,
    sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.String(40), primary_key=True),
    sa.Column("person_name", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
)

critical_table = sa.Table(
    "reports_critical",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), nullable=False, index=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("patient_id", sa.String(40)),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("flagged_by", sa.Text, nullable=False),
    sa.Column("flagged_at", UtcTime, nullable=False),
    sa.Column("acknowledged_at", UtcTime),
    sa.Index("ix_reports_critical_open", "organisation_id", "acknowledged_at"),
)

findings_table = sa.Table(
    "reports_findings",
    metadata,
    sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("author_id", sa.String(40), nullable=False),
    sa.Column("author_name", sa.Text, nullable=False),
    sa.Column("patient_id", sa.String(40)),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("wording", sa.String(16), nullable=False),
    sa.Column("writer", sa.Text, nullable=False),
    sa.Column("worded_at", UtcTime),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""What programs handed in, by the id that they chose; how its draft is worded may still change."""
