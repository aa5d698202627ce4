"""Ways in, and what keeps strangers out."""

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hemalum.capabilities.access import passwords, totp
from hemalum.capabilities.access.model import (
    FIRST_ORGANISATION,
    LINK_LASTS,
    STEP_LASTS,
    LinkPurpose,
    LinkSpent,
    Locked,
    NeedsSession,
    NeedsStrongSession,
    Origin,
    Role,
    StepExpired,
    Suspended,
    Way,
    WeakPassword,
    WrongCode,
    WrongCredentials,
)
from hemalum.capabilities.access.sign_in import SecondFactorWanted, SignedIn
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, NotPermitted

PASSWORD = "a quiet morning in the laboratory"
HERE = Origin("192.0.2.7", "a browser")


def come_in(desk: Any, name: str = "li", purpose: LinkPurpose = LinkPurpose.ENTER) -> Actor:
    outcome = desk.access.sign_in.by_link(desk.access.issue_link(name, purpose), HERE)
    assert isinstance(outcome, SignedIn)
    return outcome.actor


@pytest.fixture
def li(desk: Any) -> Any:
    """Somebody with a password."""
    person = desk.access.add_person("li", "Li Na", FIRST_ORGANISATION, Role.PATHOLOGIST)
    desk.access.account.set_password(come_in(desk), None, PASSWORD)
    desk.records.clear()
    desk.ended.clear()
    return person


def with_app(desk: Any) -> bytes:
    """Give li an authenticator app; its secret."""
    actor = come_in(desk)
    text, address = desk.access.account.begin_totp(actor)
    secret = base64.b32decode(text)
    assert text in address
    desk.access.account.confirm_totp(actor, totp.code_at(secret, totp.step_at(desk.now)))
    desk.later(timedelta(minutes=2))
    return secret


def test_a_right_password_signs_in_and_is_recorded(desk: Any, li: Any) -> None:
    outcome = desk.access.sign_in.by_password(" LI ", PASSWORD, HERE)
    assert isinstance(outcome, SignedIn)
    actor = desk.access.authenticate(outcome.secret)
    assert actor is not None
    assert (actor.person_id, actor.is_strong) == (li.id, False)
    record = desk.records[0]
    assert (record.action, record.outcome, record.actor) == ("access.sign_in", "done", outcome.actor)
    assert record.personal == {"name": "li", "device": "a browser", "address": "192.0.2.7"}
    assert record.detail["way"] == Way.PASSWORD


@pytest.mark.parametrize("name", ["li", "nobody at all"])
def test_a_wrong_password_and_an_unknown_name_look_the_same(
    desk: Any, li: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    judge = passwords.is_password
    monkeypatch.setattr(
        passwords, "is_password", lambda *asked: (tried.append(asked[1] is None), judge(*asked))[1]
    )
    with pytest.raises(WrongCredentials) as error:
        desk.access.sign_in.by_password(name, "not the password at all", HERE)
    assert str(error.value) == "The name or the password is wrong."
    assert len(tried) == 1, "a hash is computed in both cases"
    assert [each.outcome for each in desk.records] == ["failed"]
    assert name not in str(desk.records[0].personal) + str(desk.records[0].detail)


@pytest.mark.parametrize("name", ["li", "nobody"])
def test_after_five_failures_even_the_right_password_waits(desk: Any, li: Any, name: str) -> None:
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            desk.access.sign_in.by_password(name, "wrong password, again", HERE)
    with pytest.raises(Locked) as error:
        desk.access.sign_in.by_password(name, PASSWORD, HERE)
    assert error.value.sentence.values["wait_s"] == 31
    assert [each.outcome for each in desk.records] == ["failed"] * 5 + ["refused"]
    desk.later(timedelta(seconds=31))
    with pytest.raises(WrongCredentials):
        desk.access.sign_in.by_password(name, "wrong password, again", HERE)
    with pytest.raises(Locked) as error:
        desk.access.sign_in.by_password(name, PASSWORD, HERE)
    assert error.value.sentence.values["wait_s"] == 61, "the wait grows"
    desk.later(timedelta(seconds=61))
    if name == "li":
        assert isinstance(desk.access.sign_in.by_password(name, PASSWORD, HERE), SignedIn)
        with pytest.raises(WrongCredentials):
            desk.access.sign_in.by_password(name, "forgiven, so no wait", HERE)


def test_an_address_that_tries_many_names_waits_too(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "is_password", lambda *_: False)
    for number in range(50):
        with pytest.raises(WrongCredentials):
            desk.access.sign_in.by_password(f"name{number}", "password", HERE)
    with pytest.raises(Locked):
        desk.access.sign_in.by_password("another", "password", HERE)
    with pytest.raises(WrongCredentials):
        desk.access.sign_in.by_password("another", "password", Origin("192.0.2.8"))
    for number in range(50):
        with pytest.raises(WrongCredentials):
            desk.access.sign_in.by_password(f"six{number}", "password", Origin(f"2001:db8::{number:x}"))
    with pytest.raises(Locked):
        desk.access.sign_in.by_password("another", "password", Origin("2001:db8::1:2"))


def test_a_second_factor_is_asked_for_and_no_code_works_twice(desk: Any, li: Any) -> None:
    secret = with_app(desk)
    half = desk.access.sign_in.by_password("li", PASSWORD, HERE)
    assert isinstance(half, SecondFactorWanted)
    code = totp.code_at(secret, totp.step_at(desk.now))
    assert desk.access.authenticate(half.ticket) is None
    entered = desk.access.sign_in.by_second_factor(half.ticket, f"{code[:3]} {code[3:]}", HERE)
    assert entered.actor.is_strong
    with pytest.raises(StepExpired):
        desk.access.sign_in.by_second_factor(half.ticket, code, HERE)
    again = desk.access.sign_in.by_password("li", PASSWORD, HERE)
    with pytest.raises(WrongCode):
        desk.access.sign_in.by_second_factor(again.ticket, code, HERE)
    desk.later(timedelta(seconds=30))
    code = totp.code_at(secret, totp.step_at(desk.now))
    assert desk.access.sign_in.by_second_factor(again.ticket, code, HERE).actor.is_strong


def test_a_half_sign_in_expires(desk: Any, li: Any) -> None:
    secret = with_app(desk)
    half = desk.access.sign_in.by_password("li", PASSWORD, HERE)
    desk.later(STEP_LASTS)
    with pytest.raises(StepExpired):
        desk.access.sign_in.by_second_factor(half.ticket, totp.code_at(secret, totp.step_at(desk.now)), HERE)


def test_codes_cannot_be_guessed_for_long(desk: Any, li: Any) -> None:
    with_app(desk)
    half = desk.access.sign_in.by_password("li", PASSWORD, HERE)
    for _ in range(5):
        with pytest.raises(WrongCode):
            desk.access.sign_in.by_second_factor(half.ticket, "000000", HERE)
    with pytest.raises(Locked):
        desk.access.sign_in.by_second_factor(half.ticket, "000000", HERE)


def test_a_recovery_code_works_once(desk: Any, li: Any) -> None:
    actor = come_in(desk)
    text, _ = desk.access.account.begin_totp(actor)
    code = totp.code_at(base64.b32decode(text), totp.step_at(desk.now))
    codes = desk.access.account.confirm_totp(actor, code)
    assert len(set(codes)) == 10
    half = desk.access.sign_in.by_password("li", PASSWORD, HERE)
    assert desk.access.sign_in.by_second_factor(half.ticket, codes[0].upper(), HERE).actor.is_strong
    half = desk.access.sign_in.by_password("li", PASSWORD, HERE)
    with pytest.raises(WrongCode):
        desk.access.sign_in.by_second_factor(half.ticket, codes[0], HERE)


def test_factors_change_only_after_one_was_shown(desk: Any, li: Any) -> None:
    with_app(desk)
    weak = come_in(desk)
    account = desk.access.account
    for change in (
        lambda: account.remove_totp(weak),
        lambda: account.new_recovery_codes(weak),
        lambda: account.begin_totp(weak),
    ):
        with pytest.raises(NeedsStrongSession):
            change()


def test_the_secret_of_the_app_is_sealed(desk: Any, li: Any, tmp_path: Any) -> None:
    secret = with_app(desk)
    desk.access.database.dispose()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("node.sqlite*"))
    assert secret not in kept
    assert totp.as_text(secret).encode() not in kept


def test_an_organisation_can_ask_for_a_second_factor(desk: Any, li: Any) -> None:
    access = desk.access
    home = access.get_organisation()
    access.people.change_organisation(access.actor_for("admin"), replace(home, requires_second_factor=True))
    entered = access.sign_in.by_password("li", PASSWORD, HERE)
    assert entered.actor.permissions == frozenset()
    text, _ = access.account.begin_totp(entered.actor)
    code = totp.code_at(base64.b32decode(text), totp.step_at(desk.now))
    access.account.confirm_totp(entered.actor, code)
    actor = access.authenticate(entered.secret)
    assert actor is not None
    assert actor.is_strong
    assert "slides.view" in actor.permissions
    assert access.authenticate(access.issue_token("li")).permissions == actor.permissions


def test_a_token_counts_for_the_session_it_was_made_in(desk: Any, li: Any) -> None:
    access = desk.access

    def require(is_required: bool) -> None:
        home = replace(access.get_organisation(), requires_second_factor=is_required)
        access.people.change_organisation(access.actor_for("admin"), home)

    def issue(actor: Any) -> Any:
        return access.tokens.issue(actor, "viewer", ["slides.view"], timedelta(days=1))

    weak, secret = issue(come_in(desk))
    key = with_app(desk)
    assert access.authenticate(secret).permissions == {"slides.view"}
    require(True)
    assert access.authenticate(secret).permissions == frozenset()
    with pytest.raises(NotPermitted):
        issue(come_in(desk))
    half = access.sign_in.by_password("li", PASSWORD, HERE)
    entered = access.sign_in.by_second_factor(half.ticket, totp.code_at(key, totp.step_at(desk.now)), HERE)
    strong, other = issue(entered.actor)
    assert access.authenticate(other).permissions == {"slides.view"}
    held = {grant.id: is_idle for grant, is_idle in access.tokens.list_tokens(entered.actor)}
    assert held == {weak.id: True, strong.id: False}
    require(False)
    assert access.authenticate(secret).permissions == {"slides.view"}


def test_a_new_password_ends_other_sessions(desk: Any, li: Any) -> None:
    other = desk.access.sign_in.by_password("li", PASSWORD, HERE)
    mine = desk.access.sign_in.by_password("li", PASSWORD, HERE)
    with pytest.raises(WrongCredentials):
        desk.access.account.set_password(mine.actor, "not my password", "another good password")
    with pytest.raises(WrongCredentials):
        desk.access.account.set_password(mine.actor, None, "another good password")
    desk.access.account.set_password(mine.actor, PASSWORD, "another good password")
    assert desk.access.authenticate(other.secret) is None
    assert desk.access.authenticate(mine.secret) is not None
    assert other.actor.session_id in desk.ended
    with pytest.raises(WrongCredentials):
        desk.access.sign_in.by_password("li", PASSWORD, HERE)
    assert isinstance(desk.access.sign_in.by_password("li", "another good password", HERE), SignedIn)


def test_soon_after_a_link_the_current_password_is_asked_again(desk: Any, li: Any) -> None:
    actor = come_in(desk)
    assert desk.access.account.show(actor)[2] is False
    desk.later(LINK_LASTS)
    assert desk.access.account.show(actor)[2] is True
    with pytest.raises(WrongCredentials):
        desk.access.account.set_password(actor, None, "another good password")


def test_a_reset_link_does_not_stand_for_the_second_factor(desk: Any, li: Any) -> None:
    with_app(desk)
    administrator = come_in(desk, "admin")
    code = desk.access.people.reset(administrator, None, li.id, remove_factors=False)
    assert isinstance(desk.access.sign_in.by_link(code, HERE), SecondFactorWanted)
    with pytest.raises(WrongCredentials):
        desk.access.sign_in.by_password("li", PASSWORD, HERE)
    code = desk.access.people.reset(administrator, None, li.id, remove_factors=True)
    entered = desk.access.sign_in.by_link(code, HERE)
    assert isinstance(entered, SignedIn)
    assert entered.purpose is LinkPurpose.RESET


def test_suspension_works_at_once(desk: Any, li: Any) -> None:
    session = desk.access.sign_in.by_password("li", PASSWORD, HERE)
    token, link = desk.access.issue_token("li"), desk.access.issue_link("li")
    administrator = come_in(desk, "admin")
    desk.access.people.suspend(administrator, None, li.id)
    assert desk.access.authenticate(session.secret) is None
    assert desk.access.authenticate(token) is None
    assert session.actor.session_id in desk.ended
    with pytest.raises(LinkSpent):
        desk.access.sign_in.by_link(link, HERE)
    with pytest.raises(Suspended):
        desk.access.sign_in.by_password("li", PASSWORD, HERE)
    with pytest.raises(Conflict):
        desk.access.people.suspend(administrator, None, administrator.person_id)
    desk.access.people.reinstate(administrator, None, li.id)
    assert isinstance(desk.access.sign_in.by_password("li", PASSWORD, HERE), SignedIn)


def test_a_token_cannot_take_an_account_over(desk: Any, li: Any) -> None:
    actor = desk.access.authenticate(desk.access.issue_token("li"))
    for change in (
        lambda: desk.access.account.set_password(actor, PASSWORD, "another good password"),
        lambda: desk.access.account.begin_totp(actor),
        lambda: desk.access.account.show(actor),
        lambda: desk.access.tokens.issue(actor, "more", ["slides.view"], timedelta(days=1)),
    ):
        with pytest.raises(NeedsSession):
            change()


def test_what_cannot_be_recorded_does_not_happen(desk: Any, li: Any) -> None:
    def full(_record: object) -> None:
        raise Conflict("The log is full.")

    access = replace(desk.access, record=full)
    with pytest.raises(Conflict):
        access.sign_in.by_password("li", PASSWORD, HERE)
    actor = come_in(desk)
    with pytest.raises(Conflict):
        access.account.set_password(actor, None, "another good password")
    assert isinstance(desk.access.sign_in.by_password("li", PASSWORD, HERE), SignedIn)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "eleven char",
        "123456789012",
        "Password1234",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "hemalumhemalum",
        "zhangsan1234",
        "x" * 257,
    ],
)
def test_what_is_no_password(password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.check_new_password(password, "zhangsan")


@pytest.mark.parametrize(
    "password", ["twelve chars", "correct horse battery", "早晨的实验室里阳光很安静啊", PASSWORD]
)
def test_what_is_a_password(password: str) -> None:
    passwords.check_new_password(password, "zhangsan")


def test_the_same_letters_typed_in_another_way_are_the_same_password() -> None:
    hashed = passwords.hash_password("pa\u0308thologie im labor")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.is_password("p\u00e4thologie im labor", hashed)
    assert not passwords.is_password("p\u00e4thologie im Labor", hashed)
    assert not passwords.is_password("anything", None)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(at: int, code: str) -> None:
    assert totp.code_at(b"12345678901234567890", at // totp.STEP_S, digits=8) == code
