"""Applications of others, what people let them do, and the tokens of it; receivers of messages over TLS."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "apps_app",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False, index=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("redirects", Json, nullable=False),
        sa.Column("launch_at", sa.Text, nullable=False),
        sa.Column("keys", Json),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("secret_digest", sa.String(64)),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("removed_at", UtcTime),
    )
    op.create_table(
        "apps_pending",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
    )
    op.create_table(
        "apps_authorisation",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("app_id", sa.String(40), sa.ForeignKey("apps_app.id"), nullable=False),
        sa.Column("person_id", sa.String(40), nullable=False, index=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("session_id", sa.String(40), nullable=False),
        sa.Column("patient_id", sa.String(40), nullable=False),
        sa.Column("is_strong", sa.Boolean, nullable=False),
        sa.Column("redirect", sa.Text, nullable=False),
        sa.Column("challenge", sa.String(128), nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("ended_at", UtcTime),
    )
    op.create_table(
        "apps_token",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        sa.Column(
            "authorisation_id",
            sa.String(40),
            sa.ForeignKey("apps_authorisation.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False, index=True),
        sa.Column("spent_at", UtcTime),
    )
    op.create_table(
        "apps_key",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
    )
    op.add_column(
        "interfaces_receiver",
        sa.Column("is_tls", sa.Boolean, nullable=False, server_default=sa.false()),
    )
