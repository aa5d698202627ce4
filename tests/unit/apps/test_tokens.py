"""For whom an app is let act, and how long its tokens are good and kept."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.apps.exchanging import Shown
from hemalum.capabilities.apps.model import FHIR_ROOT, App, AppId, AppKind
from hemalum.capabilities.apps.service import Apps
from hemalum.capabilities.apps.tables import token_table
from hemalum.runtime.db import reading
from tests.hospital import HOME, NOON, Hospital, quick_passwords

BASE, REDIRECT = "https://node.example", "https://app.example/back"
SCOPES = ("launch/patient", "offline_access", "patient/*.rs")
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class World(Hospital):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {"li": Role.PATHOLOGIST, "tech": Role.TECHNICIAN})
        self.sign_in("li")
        self.apps = Apps(self.access, self.cases, self.keyring)
        made = App(AppId(""), HOME, "Some app", AppKind.PUBLIC, SCOPES, (REDIRECT,))
        self.app = self.apps.register(None, made)[0]

    def new_patient(self) -> str:
        patient_id = self.case(identity=self.patient()).case.patient_id
        assert patient_id is not None
        return patient_id

    def let(self, patient_id: str) -> str:
        """A code, after a person let the app read of a patient."""
        asked = {
            "response_type": "code",
            "client_id": self.app.id,
            "redirect_uri": REDIRECT,
            "scope": " ".join(SCOPES),
            "state": "some state",
            "aud": f"{BASE}{FHIR_ROOT}",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        ticket = self.apps.authorising.begin(list(asked.items()), BASE)
        back = self.apps.authorising.allow(self.who("li"), ticket, SCOPES, patient_id)
        return parse_qs(urlsplit(back).query)["code"][0]

    def exchange(self, secret: str | None = None, **form: str) -> dict[str, str]:
        return self.apps.exchanging.exchange(form, Shown(self.app.id, secret), BASE)

    def redeem(self, code: str, secret: str | None = None) -> dict[str, str]:
        return self.exchange(
            secret, grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=VERIFIER
        )

    def count_tokens(self) -> int:
        with reading(self.database) as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(token_table)).scalar_one()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with quick_passwords():
        made = World(tmp_path)
        yield made
        made.close()


def test_the_patient_in_context_is_who_all_mergers_led_to(world: World) -> None:
    first, second, third = (world.new_patient() for _ in range(3))
    patients, li = world.cases.patients, world.who("li")
    patients.merge(li, first, second, "the same person")
    patients.merge(li, second, third, "the same person")
    assert world.redeem(world.let(first))["patient"] == third


def test_a_token_of_who_is_suspended_is_not_active(world: World) -> None:
    asked = App(AppId(""), HOME, "Own server", AppKind.CONFIDENTIAL, SCOPES, (REDIRECT,))
    world.app, secret = world.apps.register(None, asked)
    assert secret is not None
    token = world.redeem(world.let(world.new_patient()), secret)["access_token"]
    assert world.apps.exchanging.introspect(world.app, token, BASE)["active"] is True
    world.access.people.suspend(world.access.actor_for("admin"), None, world.who("li").person_id)
    assert world.apps.exchanging.introspect(world.app, token, BASE) == {"active": False}


def test_tokens_that_nobody_can_bring_back_are_forgotten(world: World) -> None:
    answer = world.redeem(world.let(world.new_patient()))
    for day in range(0, 360, 80):
        world.now = NOON + timedelta(days=day)
        answer = world.exchange(grant_type="refresh_token", refresh_token=answer["refresh_token"])
    kept = world.count_tokens()
    for day in range(400, 760, 80):
        world.now = NOON + timedelta(days=day)
        answer = world.exchange(grant_type="refresh_token", refresh_token=answer["refresh_token"])
    assert world.count_tokens() == kept
