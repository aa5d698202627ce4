"""Tables of apps. Only the store uses them."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

app_table = sa.Table(
    "apps_app",
    metadata,
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

pending_table = sa.Table(
    "apps_pending",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("detail", Json, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
)
"""What is half-way: launches, requests that wait for consent; and assertions that were shown already."""

authorisation_table = sa.Table(
    "apps_authorisation",
    metadata,
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

token_table = sa.Table(
    "apps_token",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(40), nullable=False, unique=True),
    sa.Column(
        "authorisation_id", sa.String(40), sa.ForeignKey("apps_authorisation.id"), nullable=False, index=True
    ),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False, index=True),
    sa.Column("spent_at", UtcTime),
)

key_table = sa.Table(
    "apps_key",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
)
"""By which tokens that say who somebody is are signed."""
