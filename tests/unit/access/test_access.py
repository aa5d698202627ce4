"""Who an incoming secret belongs to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hemalum.capabilities.access.model import (
    FIRST_ORGANISATION,
    LINK_LASTS,
    PERMISSIONS_OF,
    SESSION_LASTS,
    Role,
)
from hemalum.capabilities.access.service import ADMINISTRATOR_NAME, Access
from hemalum.kernel.errors import Conflict, NotFound, NotSignedIn
from hemalum.runtime.db import migrate, open_database

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def access(tmp_path: Path) -> Iterator[Access]:
    database = open_database(f"sqlite:///{tmp_path / 'node.sqlite'}")
    migrate(database)
    fresh = Access(database, clock=lambda: NOON)
    fresh.ensure_first_people()
    yield fresh
    database.dispose()


def later(access: Access, by: timedelta) -> Access:
    return replace(access, clock=lambda: NOON + by)


def test_a_fresh_node_has_one_administrator_and_no_secret(access: Access) -> None:
    access.ensure_first_people()
    administrator = access.get_person(ADMINISTRATOR_NAME)
    assert administrator.organisation_id == FIRST_ORGANISATION
    with access.database.connect() as connection:
        assert connection.execute(sa.text("select count(*) from access_person")).scalar() == 1
        assert connection.execute(sa.text("select count(*) from access_grant")).scalar() == 0


def test_a_token_is_its_holder_and_nothing_else(access: Access) -> None:
    token = access.issue_token(ADMINISTRATOR_NAME)
    actor = access.authenticate(token)
    assert actor is not None
    assert actor.name == ADMINISTRATOR_NAME
    assert actor.permissions == PERMISSIONS_OF[Role.ADMINISTRATOR]
    assert access.authenticate(token + "x") is None
    with pytest.raises(NotSignedIn):
        access.sign_in(token)


def test_secrets_are_not_in_the_database(access: Access, tmp_path: Path) -> None:
    token = access.issue_token(ADMINISTRATOR_NAME)
    access.database.dispose()
    assert all(token.encode() not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_link_works_once(access: Access) -> None:
    code = access.issue_link(ADMINISTRATOR_NAME)
    assert access.authenticate(code) is None
    session = access.sign_in(code)
    assert access.authenticate(session) is not None
    with pytest.raises(NotSignedIn):
        access.sign_in(code)


def test_links_and_sessions_grow_old(access: Access) -> None:
    code = access.issue_link(ADMINISTRATOR_NAME)
    with pytest.raises(NotSignedIn):
        later(access, LINK_LASTS).sign_in(code)
    session = access.sign_in(code)
    assert later(access, SESSION_LASTS - timedelta(seconds=1)).authenticate(session)
    assert later(access, SESSION_LASTS).authenticate(session) is None


def test_signing_out_ends_the_session(access: Access) -> None:
    session = access.sign_in(access.issue_link(ADMINISTRATOR_NAME))
    actor = access.authenticate(session)
    assert actor is not None
    access.sign_out(actor.session_id)
    access.sign_out(actor.session_id)
    assert access.authenticate(session) is None


def test_the_first_link_is_offered_until_it_was_used(access: Access) -> None:
    code = access.first_link()
    assert code is not None
    assert access.first_link() is not None
    access.sign_in(code)
    assert access.first_link() is None


def test_people_belong_to_organisations_that_exist(access: Access) -> None:
    access.add_organisation("county", "County hospital")
    li = access.add_person("li", "Li Na", "county", Role.STUDENT)
    assert access.actor_for("li").organisation_id == li.organisation_id == "county"
    assert access.actor_for("li").permissions == {"slides.view"}
    with pytest.raises(Conflict):
        access.add_person("li", "Another Li", "county", Role.STUDENT)
    with pytest.raises(Conflict):
        access.add_organisation("county", "Again")
    with pytest.raises(NotFound):
        access.add_person("wang", "Wang", "nowhere", Role.STUDENT)
    with pytest.raises(NotFound):
        access.actor_for("wang")


def test_the_demo_visitor_administers_nobody(access: Access) -> None:
    visitor = access.ensure_demo_person()
    assert access.ensure_demo_person().person_id == visitor.person_id
    assert "slides.ingest" in visitor.permissions
    assert "access.administer" not in visitor.permissions
