"""Who an incoming secret belongs to, and what it allows."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import hemalum.migrations
from hemalum.app.registry import permissions_by
from hemalum.capabilities.access.model import (
    FIRST_ORGANISATION,
    LINK_LASTS,
    SESSION_IDLES,
    SESSION_LASTS,
    LinkPurpose,
    LinkSpent,
    Membership,
    NoRole,
    Origin,
    Role,
)
from hemalum.capabilities.access.service import ADMINISTRATOR_NAME, Access
from hemalum.capabilities.access.sign_in import SignedIn
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.runtime.db import migrate, open_database, transaction
from hemalum.runtime.policy import load_policies

OF_STUDENTS = {"annotations.draw", "annotations.view", "slides.view"}
OF_ADMINISTRATORS = {
    "access.administer",
    "annotations.define_classes",
    "apps.manage",
    "conformity.manage",
    "conformity.view",
    "custody.manage",
    "fhir.export",
    "fhir.subscribe",
    "inference.run",
    "inference.view_shadow",
    "interfaces.manage",
    "interfaces.view",
    "models.manage",
    "models.view",
    "slides.govern",
    "triage.view",
}


def enter(access: Access, name: str = ADMINISTRATOR_NAME) -> str:
    """The secret of a session that an operator's link began."""
    outcome = access.sign_in.by_link(access.issue_link(name), Origin("192.0.2.1", "a browser"))
    assert isinstance(outcome, SignedIn)
    return outcome.secret


def test_a_fresh_node_has_one_administrator_and_no_secret(access: Access) -> None:
    access.ensure_first_people()
    actor = access.actor_for(ADMINISTRATOR_NAME)
    assert actor.organisation_id == FIRST_ORGANISATION
    assert actor.roles == {"administrator", "node_administrator", "pathologist", "technician"}
    with access.database.connect() as connection:
        assert connection.execute(sa.text("select count(*) from access_person")).scalar() == 1
        for table in ("access_grant", "access_password"):
            assert connection.execute(sa.text(f"select count(*) from {table}")).scalar() == 0


def test_administrators_see_no_slides_and_auditors_neither(access: Access) -> None:
    may = {}
    for role in Role:
        access.add_person(f"one-{role}", role.value, FIRST_ORGANISATION, role)
        may[role] = access.actor_for(f"one-{role}").permissions
    assert may[Role.ADMINISTRATOR] == OF_ADMINISTRATORS
    assert may[Role.NODE_ADMINISTRATOR] == {"access.administer", "access.administer_node"}
    assert not any(each.startswith("slides.") for each in may[Role.AUDITOR])
    assert {"slides.view", "slides.view_label", "slides.describe"} <= may[Role.PATHOLOGIST]
    assert may[Role.STUDENT] == OF_STUDENTS
    assert all(may.values())


def test_a_token_is_its_holder_and_nothing_else(access: Access) -> None:
    token = access.issue_token(ADMINISTRATOR_NAME)
    actor = access.authenticate(token)
    assert actor is not None
    assert actor.name == ADMINISTRATOR_NAME
    assert {"slides.ingest", "slides.view", "access.administer_node"} <= actor.permissions
    assert access.authenticate(token + "x") is None
    with pytest.raises(LinkSpent):
        access.sign_in.by_link(token, Origin())


def test_secrets_are_not_in_the_database(access: Access, tmp_path: Path) -> None:
    secrets = [access.issue_token(ADMINISTRATOR_NAME), access.issue_link(ADMINISTRATOR_NAME), enter(access)]
    access.database.dispose()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("node.sqlite*"))
    assert all(secret.encode() not in kept for secret in secrets)


def test_a_link_works_once(access: Access) -> None:
    code = access.issue_link(ADMINISTRATOR_NAME)
    assert access.authenticate(code) is None
    outcome = access.sign_in.by_link(code, Origin())
    assert isinstance(outcome, SignedIn)
    assert access.authenticate(outcome.secret) is not None
    with pytest.raises(LinkSpent):
        access.sign_in.by_link(code, Origin())


def test_links_and_sessions_grow_old(desk: Any) -> None:
    access = desk.access
    code, session = access.issue_link(ADMINISTRATOR_NAME), enter(access)
    desk.later(LINK_LASTS)
    with pytest.raises(LinkSpent):
        access.sign_in.by_link(code, Origin())
    assert access.authenticate(session) is None, "left alone too long"
    session = enter(access)
    steps = int(SESSION_LASTS / (SESSION_IDLES / 2)) - 1
    for _ in range(steps):
        desk.later(SESSION_IDLES / 2)
        assert access.authenticate(session)
    desk.later(SESSION_IDLES / 2)
    assert access.authenticate(session) is None, "too old however busy"


def test_a_page_that_nobody_touches_keeps_no_session_alive(desk: Any) -> None:
    access = desk.access
    session = enter(access)
    for _ in range(3):
        desk.later(SESSION_IDLES / 4)
        assert access.authenticate(session, False)
    desk.later(SESSION_IDLES / 4)
    assert access.authenticate(session) is None


def test_a_token_is_not_idle(desk: Any) -> None:
    token = desk.access.issue_token(ADMINISTRATOR_NAME)
    desk.later(timedelta(days=400))
    assert desk.access.authenticate(token) is not None


def test_signing_out_ends_the_session(desk: Any) -> None:
    access = desk.access
    session = enter(access)
    actor = access.authenticate(session)
    assert actor is not None
    desk.records.clear()
    access.sign_out(actor)
    access.sign_out(actor)
    assert access.authenticate(session) is None
    assert desk.told() == [("sign_out", "done")]
    assert set(desk.ended) == {actor.session_id}


def test_the_first_link_is_offered_until_it_was_used(access: Access) -> None:
    code = access.first_link()
    assert code is not None
    assert access.first_link() is not None
    outcome = access.sign_in.by_link(code, Origin())
    assert isinstance(outcome, SignedIn)
    assert outcome.purpose is LinkPurpose.FIRST
    assert access.first_link() is None


def test_people_belong_to_organisations_that_exist(access: Access) -> None:
    access.add_organisation("county", "County hospital")
    access.add_person("Li", "Li Na", "county", Role.STUDENT)
    assert access.actor_for("li").organisation_id == "county"
    assert access.actor_for("LI").permissions == OF_STUDENTS
    with pytest.raises(Conflict):
        access.add_person("li", "Another Li", "county", Role.STUDENT)
    with pytest.raises(Conflict):
        access.add_organisation("county", "Again")
    with pytest.raises(Invalid):
        access.add_organisation("No Such Id", "Bad")
    with pytest.raises(NotFound):
        access.add_person("wang", "Wang", "nowhere", Role.STUDENT)
    with pytest.raises(NotFound):
        access.actor_for("wang")


def test_somebody_with_two_hospitals_acts_in_one_at_a_time(desk: Any) -> None:
    access = desk.access
    access.add_organisation("county", "County hospital")
    access.add_person("li", "Li Na", FIRST_ORGANISATION, Role.PATHOLOGIST)
    desk.later(timedelta(seconds=1))
    access.give_role("li", "county", Role.ADMINISTRATOR)
    first = access.authenticate(enter(access, "li"))
    assert (first.organisation_id, first.roles) == (FIRST_ORGANISATION, {"pathologist"})
    desk.later(timedelta(seconds=1))
    moved = access.account.act_in(first, "county")
    assert moved.actor.permissions == OF_ADMINISTRATORS
    assert desk.ended == [first.session_id]
    assert access.authenticate(moved.secret).organisation_id == "county"
    assert access.authenticate(enter(access, "li")).organisation_id == "county", "where they acted last"
    with pytest.raises(NotFound):
        access.account.act_in(moved.actor, "elsewhere")


def test_a_role_ends_on_its_day(desk: Any) -> None:
    access = desk.access
    li = access.add_person("li", "Li Na", FIRST_ORGANISATION, Role.STUDENT)
    administrator = access.authenticate(enter(access))
    until = desk.now + timedelta(minutes=30)
    wanted = [Membership(li.id, FIRST_ORGANISATION, Role.STUDENT, until)]
    access.people.set_roles(administrator, None, li.id, wanted)
    session = enter(access, "li")
    code = access.issue_link("li")
    assert access.authenticate(session).permissions == OF_STUDENTS
    desk.later(timedelta(minutes=30))
    assert access.authenticate(session) is None
    desk.records.clear()
    with pytest.raises(NoRole):
        access.sign_in.by_link(code, Origin())
    assert desk.told() == [("sign_in", "refused")]


def test_who_loses_a_role_opens_again_what_is_left(desk: Any) -> None:
    access = desk.access
    li = access.add_person("li", "Li Na", FIRST_ORGANISATION, Role.STUDENT, Role.RESEARCHER)
    administrator = access.authenticate(enter(access))
    session, token = access.authenticate(enter(access, "li")), access.authenticate(access.issue_token("li"))
    desk.ended.clear()
    student = Membership(li.id, FIRST_ORGANISATION, Role.STUDENT)
    access.people.set_roles(administrator, None, li.id, [student, replace(student, role=Role.RESEARCHER)])
    assert desk.ended == []
    access.people.set_roles(administrator, None, li.id, [student])
    assert set(desk.ended) == {session.session_id, token.session_id}


def test_the_demo_visitor_administers_nobody(access: Access) -> None:
    visitor = access.ensure_demo_person()
    assert access.ensure_demo_person().person_id == visitor.person_id
    assert "slides.ingest" in visitor.permissions
    assert not any(each.startswith("access.") for each in visitor.permissions)


def test_accounts_of_an_older_node_come_along(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(Path(hemalum.migrations.__file__).parent))
    with transaction(database) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
    with transaction(database) as connection:
        for statement in (
            "INSERT INTO access_organisation VALUES ('home', 'Home', '2026-01-01')",
            "INSERT INTO access_person VALUES ('a', 'admin', 'A', 'home', 'administrator', '2026-01-01')",
            "INSERT INTO access_person VALUES ('s', 'li', 'Li', 'home', 'student', '2026-01-01')",
            "INSERT INTO access_grant VALUES ('g', 'd', 'token', 's', '2026-01-01', NULL, NULL)",
        ):
            connection.execute(sa.text(statement))
    migrate(database)
    access = Access(database, permissions_by(load_policies()).of)
    assert access.actor_for("admin").roles >= {"administrator", "node_administrator", "technician"}
    assert access.actor_for("li").permissions == OF_STUDENTS
    with database.connect() as connection:
        assert connection.execute(sa.text("SELECT person_id FROM access_grant")).scalars().all() == ["s"]
    database.dispose()
