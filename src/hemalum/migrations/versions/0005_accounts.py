"""Accounts: roles in many organisations, passwords, factors, institutions."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.String(40)


def _person(*, primary_key: bool = False, index: bool = False) -> sa.Column[str]:
    return sa.Column(
        "person_id",
        _ID,
        sa.ForeignKey("access_person.id"),
        primary_key=primary_key,
        nullable=False,
        index=index,
    )


def upgrade() -> None:
    _organisations()
    _people_and_grants()
    _credentials()
    _half_way()
    _groups()
    _institutions()


def _organisations() -> None:
    for column in (
        sa.Column("kind", sa.String(20), nullable=False, server_default="hospital"),
        sa.Column("jurisdiction", sa.String(6), nullable=False, server_default=""),
        sa.Column("accreditation", sa.Text, nullable=False, server_default=""),
        sa.Column("accredited_until", sa.Date, nullable=True),
        sa.Column("requires_second_factor", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("access_organisation", column)


def _people_and_grants() -> None:
    # SQLite makes a table anew to drop a column with a foreign key, which nothing may point to meanwhile.
    op.execute("CREATE TABLE people_before AS SELECT * FROM access_person")
    op.execute("CREATE TABLE grants_before AS SELECT * FROM access_grant")
    op.drop_table("access_grant")
    with op.batch_alter_table("access_person") as table:
        table.add_column(sa.Column("kind", sa.String(20), nullable=False, server_default="person"))
        table.add_column(sa.Column("suspended_at", UtcTime, nullable=True))
        table.drop_column("organisation_id")
        table.drop_column("role")
    op.create_table(
        "access_membership",
        _person(primary_key=True),
        sa.Column(
            "organisation_id", _ID, sa.ForeignKey("access_organisation.id"), primary_key=True, index=True
        ),
        sa.Column("role", sa.String(40), primary_key=True),
        sa.Column("until", UtcTime),
        sa.Column("provider_id", _ID),
        sa.Column("given_at", UtcTime, nullable=False),
    )
    op.execute(
        "INSERT INTO access_membership (person_id, organisation_id, role, given_at) "
        "SELECT id, organisation_id, role, created_at FROM people_before"
    )
    # The first administrator was the node's, and saw its slides.
    op.execute(
        "INSERT INTO access_membership (person_id, organisation_id, role, given_at) "
        "SELECT id, organisation_id, given.role, created_at FROM people_before CROSS JOIN "
        "(SELECT 'node_administrator' AS role UNION SELECT 'pathologist' UNION SELECT 'technician') given "
        "WHERE people_before.role = 'administrator' AND organisation_id = 'home'"
    )
    op.create_table(
        "access_grant",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(20), nullable=False),
        _person(index=True),
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
    op.execute(
        "INSERT INTO access_grant (id, digest, kind, person_id, name, is_strong, address, device, "
        "provider_session, created_at, expires_at, revoked_at) "
        "SELECT id, digest, kind, person_id, '', false, '', '', '', created_at, expires_at, revoked_at "
        "FROM grants_before WHERE kind <> 'link'"
    )
    op.drop_table("grants_before")
    op.drop_table("people_before")


def _credentials() -> None:
    op.create_table(
        "access_password",
        _person(primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
    )
    op.create_table(
        "access_totp",
        _person(primary_key=True),
        sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
        sa.Column("confirmed_at", UtcTime),
        sa.Column("last_step", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "access_recovery_code",
        sa.Column("digest", sa.String(64), primary_key=True),
        _person(index=True),
    )
    op.create_table(
        "access_passkey",
        sa.Column("id", sa.Text, primary_key=True),
        _person(index=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("used_at", UtcTime),
    )


def _half_way() -> None:
    op.create_table(
        "access_step",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("person_id", _ID),
        sa.Column("detail", Json, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
    )
    op.create_table(
        "access_lockout",
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", UtcTime, nullable=False),
        sa.Column("until", UtcTime),
    )


def _groups() -> None:
    op.create_table(
        "access_group",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("organisation_id", _ID, sa.ForeignKey("access_organisation.id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.UniqueConstraint("organisation_id", "name"),
    )
    op.create_table(
        "access_group_member",
        sa.Column("group_id", _ID, sa.ForeignKey("access_group.id", ondelete="CASCADE"), primary_key=True),
        _person(primary_key=True, index=True),
    )


def _institutions() -> None:
    op.create_table(
        "access_provider",
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
    op.create_table(
        "access_provider_rule",
        sa.Column(
            "provider_id", _ID, sa.ForeignKey("access_provider.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("group", sa.String(200), primary_key=True),
        sa.Column("organisation_id", _ID, sa.ForeignKey("access_organisation.id"), primary_key=True),
        sa.Column("role", sa.String(40), primary_key=True),
    )
    op.create_table(
        "access_identity",
        sa.Column("issuer", sa.String(500), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        _person(index=True),
    )
