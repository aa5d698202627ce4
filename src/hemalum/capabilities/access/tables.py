"""Tables of access. Only `store` reads this."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

_ID = sa.String(40)


def _person_key(*, primary_key: bool = False, index: bool = False) -> sa.Column[str]:
    return sa.Column(
        "person_id",
        _ID,
        sa.ForeignKey("access_person.id"),
        primary_key=primary_key,
        nullable=False,
        index=index,
    )


organisation = sa.Table(
    "access_organisation",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("jurisdiction", sa.String(6), nullable=False),
    sa.Column("accreditation", sa.Text, nullable=False),
    sa.Column("accredited_until", sa.Date),
    sa.Column("requires_second_factor", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)

person = sa.Table(
    "access_person",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("suspended_at", UtcTime),
)

membership = sa.Table(
    "access_membership",
    metadata,
    _person_key(primary_key=True),
    sa.Column("organisation_id", _ID, sa.ForeignKey("access_organisation.id"), primary_key=True, index=True),
    sa.Column("role", sa.String(40), primary_key=True),
    sa.Column("until", UtcTime),
    sa.Column("provider_id", _ID),
    sa.Column("given_at", UtcTime, nullable=False),
)

grant = sa.Table(
    "access_grant",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("kind", sa.String(20), nullable=False),
    _person_key(index=True),
    sa.Column("organisation_id", _ID),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scopes", Json),
    sa.Column("purpose", sa.String(20)),
    sa.Column("way", sa.String(20)),
    sa.Column("is_strong", sa.Boolean, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("provider_id", _ID),
    sa.Column("provider_session", sa.Text, nullable=False),
    sa.Column("sealed_id_token", sa.LargeBinary),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
    sa.Column("expires_at", UtcTime),
    sa.Column("revoked_at", UtcTime),
)

password = sa.Table(
    "access_password",
    metadata,
    _person_key(primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
)

totp = sa.Table(
    "access_totp",
    metadata,
    _person_key(primary_key=True),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    sa.Column("confirmed_at", UtcTime),
    sa.Column("last_step", sa.BigInteger, nullable=False),
)

recovery_code = sa.Table(
    "access_recovery_code",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    _person_key(index=True),
)

passkey = sa.Table(
    "access_passkey",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _person_key(index=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
)

step = sa.Table(
    "access_step",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("person_id", _ID),
    sa.Column("detail", Json, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
)
"""A sign-in or a registration half-way: what the next request must fit to."""

lockout = sa.Table(
    "access_lockout",
    metadata,
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failed_at", UtcTime, nullable=False),
    sa.Column("until", UtcTime),
)

group = sa.Table(
    "access_group",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("organisation_id", _ID, sa.ForeignKey("access_organisation.id"), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.UniqueConstraint("organisation_id", "name"),
)

group_member = sa.Table(
    "access_group_member",
    metadata,
    sa.Column("group_id", _ID, sa.ForeignKey("access_group.id", ondelete="CASCADE"), primary_key=True),
    _person_key(primary_key=True, index=True),
)

provider = sa.Table(
    "access_provider",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("sealed_client_secret", sa.LargeBinary),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("groups_claim", sa.Text, nullable=False),
    sa.Column("is_strong", sa.Boolean, nullable=False),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)

provider_rule = sa.Table(
    "access_provider_rule",
    metadata,
    sa.Column("provider_id", _ID, sa.ForeignKey("access_provider.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("group", sa.String(200), primary_key=True),
    sa.Column("organisation_id", _ID, sa.ForeignKey("access_organisation.id"), primary_key=True),
    sa.Column("role", sa.String(40), primary_key=True),
)

identity = sa.Table(
    "access_identity",
    metadata,
    sa.Column("issuer", sa.String(500), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    _person_key(index=True),
)
"""Who somebody is at an institution: accounts are linked by issuer and subject, never by name or e-mail."""

settings = sa.Table(
    "access_settings",
    metadata,
    _person_key(primary_key=True),
    sa.Column("settings", Json, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
)
