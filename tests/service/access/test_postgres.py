"""Accounts on PostgreSQL: the same use cases, and many at once."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hemalum.app.registry import permissions_by
from hemalum.capabilities.access import attempts, totp
from hemalum.capabilities.access.model import LinkSpent, Locked, Origin, Role
from hemalum.capabilities.access.sealing import sealing
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.access.sign_in import SecondFactorWanted, SignedIn
from hemalum.runtime.crypto.keys import open_keyring
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.policy import load_policies
from hemalum.runtime.settings import load_settings

PASSWORD = "a quiet morning in the laboratory"
HERE = Origin("192.0.2.1", "a browser")


@pytest.fixture
def access(larger_node: Any, tmp_path: Path) -> Iterator[Access]:
    database = open_database(larger_node()["HEMALUM_DATABASE_URL"])
    migrate(database)
    seal, unseal = sealing(open_keyring(load_settings(tmp_path, {}), database))
    made = Access(database, permissions_by(load_policies()).of, seal=seal, unseal=unseal)
    made.ensure_first_people()
    yield made
    database.dispose()


def test_an_account_from_its_invitation_to_its_suspension(access: Access) -> None:
    admin = access.sign_in.by_link(access.issue_link("admin"), HERE)
    assert isinstance(admin, SignedIn)
    person, code = access.people.add(admin.actor, None, "li", "Li Na", [Role.PATHOLOGIST])
    assert code is not None
    came = access.sign_in.by_link(code, HERE)
    assert isinstance(came, SignedIn)
    access.account.set_password(came.actor, None, PASSWORD)
    text, _ = access.account.begin_totp(came.actor)
    shown = totp.code_at(base64.b32decode(text), totp.step_at(access.clock()))
    codes = access.account.confirm_totp(came.actor, shown)
    half = access.sign_in.by_password("li", PASSWORD, HERE)
    assert isinstance(half, SecondFactorWanted)
    assert access.sign_in.by_second_factor(half.ticket, codes[0], HERE).actor.is_strong
    total, found = access.people.list_people(admin.actor, None, "li na", 0, 10)
    assert (total, found[0].person.id, found[0].has_second_factor) == (1, person.id, True)
    assert found[0].last_seen_at is not None
    group = access.people.put_group(admin.actor, None, "Board", [person.id])
    actor = access.authenticate(came.secret)
    assert actor is not None
    assert actor.groups == {group.id}
    access.people.suspend(admin.actor, None, person.id)
    assert access.authenticate(came.secret) is None


def test_of_many_that_spend_a_link_at_once_one_gets_in(access: Access) -> None:
    code = access.issue_link("admin")

    def spend(_number: int) -> bool:
        try:
            access.sign_in.by_link(code, HERE)
        except LinkSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(spend, range(16))).count(True) == 1


def test_many_attempts_at_once_are_all_counted(access: Access) -> None:
    def attempt(_number: int) -> bool:
        try:
            attempts.count(access, attempts.by_name("li"))
        except Locked:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(attempt, range(40))).count(True) == 5
