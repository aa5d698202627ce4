"""What an institution may say, and what is not believed. The institution is played here; a real one is in
tests/service/access/test_institutions.py."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwk, jwt

from hemalum.capabilities.access.model import (
    FIRST_ORGANISATION,
    GroupRule,
    InstitutionFault,
    InstitutionRefused,
    NoRole,
    Origin,
    Provider,
    Role,
    Suspended,
    Way,
)
from hemalum.capabilities.access.openid import Journey, OpenId
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.ids import OrganisationId

ISSUER = "https://login.example"
BACK = "https://slides.example/api/access/institutions/callback"
HERE = Origin("192.0.2.9", "a browser")
LOGOUT_EVENT = {"http://schemas.openid.net/event/backchannel-logout": {}}


class Played:
    """An institution that answers as a test wants."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.now = now
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "one"})
        self.claims: dict[str, Any] = {}
        self.asked: list[httpx.Request] = []
        self.document = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "end_session_endpoint": f"{ISSUER}/leave",
        }
        self.answer: Callable[[], httpx.Response] | None = None
        self.told: dict[str, Any] = {}

    def token(self, claims: dict[str, Any], key: jwk.RSAKey | None = None, **header: Any) -> str:
        usual = {"iss": ISSUER, "aud": "hemalum", "sub": "s-1", "iat": self.now(), "exp": self.now() + 300}
        whole = {name: value for name, value in (usual | claims).items() if value is not None}
        signing = key or self.key
        return jwt.encode({"alg": "RS256", "kid": signing.kid, **header}, whole, signing)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path
        if path.endswith("/openid-configuration"):
            return httpx.Response(200, json=self.document)
        if path == "/keys":
            return httpx.Response(200, json=jwk.KeySet([self.key]).as_dict(private=False))
        if self.answer is not None:
            return self.answer()
        if path == "/me":
            return httpx.Response(200, json=self.told)
        token = self.token(self.claims)
        return httpx.Response(200, json={"id_token": token, "access_token": "the access token"})


@pytest.fixture
def played(desk: Any) -> Played:
    made = Played(lambda: int(desk.now.timestamp()))
    openid = OpenId(httpx.MockTransport(made), now=lambda: desk.now.timestamp())
    desk.access = replace(desk.access, openid=openid)
    return made


@pytest.fixture
def provider(desk: Any, played: Played) -> Provider:
    rules = (
        GroupRule("pathology", FIRST_ORGANISATION, Role.PATHOLOGIST),
        GroupRule("it", FIRST_ORGANISATION, Role.ADMINISTRATOR),
    )
    stated = Provider("uni", "City University", ISSUER, "hemalum", rules=rules)
    kept: Provider = desk.access.institutions.put_provider(desk.access.actor_for("admin"), stated, "s3cret")
    desk.records.clear()
    return kept


def come_back(desk: Any, played: Played, **claims: Any) -> Any:
    journey = Journey("secret of the browser")
    played.claims = {"nonce": journey.nonce, "groups": ["pathology"], "name": "Ho Wai"} | claims
    return desk.access.institutions.come_back("uni", journey, journey.state, "the code", BACK, HERE)


def test_the_way_there_tells_nothing_of_the_secret(desk: Any, provider: Provider) -> None:
    journey = Journey("secret of the browser")
    address = urlsplit(desk.access.institutions.way_there("uni", journey, BACK))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (address.netloc, address.path) == ("login.example", "/authorize")
    assert asked["tenant"] == "1"
    assert asked["redirect_uri"] == BACK
    assert asked["scope"] == "openid profile email"
    assert asked["code_challenge_method"] == "S256"
    digest = hashlib.sha256(journey.verifier.encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert len({journey.state, journey.nonce, journey.verifier, asked["code_challenge"]}) == 4
    assert journey.verifier not in address.query
    assert journey.secret not in address.query


def test_a_newcomer_gets_an_account_with_the_roles_of_their_groups(
    desk: Any, played: Played, provider: Provider
) -> None:
    entered = come_back(desk, played, preferred_username="Ho.Wai", amr=["pwd", "mfa"], sid="there-1")
    assert entered.actor.name == "ho.wai"
    assert entered.actor.roles == {"pathologist"}
    assert entered.actor.is_strong
    sent = played.asked[-2] if played.asked[-1].url.path == "/keys" else played.asked[-1]
    form = parse_qs(sent.content.decode())
    assert form["code_verifier"] == [Journey("secret of the browser").verifier]
    assert form["redirect_uri"] == [BACK]
    assert base64.b64decode(sent.headers["authorization"].split()[1]) == b"hemalum:s3cret"
    assert desk.told() == [("person_added", "done"), ("role_given", "done"), ("sign_in", "done")]


def test_roles_follow_the_groups_at_every_sign_in(desk: Any, played: Played, provider: Provider) -> None:
    first = come_back(desk, played)
    desk.access.give_role(first.actor.name, FIRST_ORGANISATION, Role.RESEARCHER)
    again = come_back(desk, played, groups=["it"])
    assert again.actor.person_id == first.actor.person_id
    assert again.actor.roles == {"administrator", "researcher"}, "what an administrator gave stays"
    last = come_back(desk, played, groups=[])
    assert last.actor.roles == {"researcher"}


def test_whoever_left_the_institution_keeps_nothing_here(
    desk: Any, played: Played, provider: Provider
) -> None:
    entered = come_back(desk, played)
    desk.access.account.set_password(entered.actor, None, "a quiet morning in the laboratory")
    token = desk.access.issue_token(entered.actor.name)
    desk.later(timedelta(days=13))
    assert desk.access.authenticate(token) is not None
    come_back(desk, played)
    desk.later(timedelta(days=13))
    assert desk.access.authenticate(token) is not None, "whoever comes back keeps it"
    desk.later(timedelta(days=1))
    assert desk.access.authenticate(token) is None
    with pytest.raises(NoRole):
        desk.access.sign_in.by_password(entered.actor.name, "a quiet morning in the laboratory", HERE)
    desk.records.clear()
    assert come_back(desk, played).actor.roles == {"pathologist"}
    assert desk.told() == [("role_given", "done"), ("sign_in", "done")]


def test_whom_no_group_lets_in_stays_out_and_gets_no_account(
    desk: Any, played: Played, provider: Provider
) -> None:
    with pytest.raises(InstitutionRefused):
        come_back(desk, played, groups=["cafeteria"])
    with pytest.raises(NotFound):
        desk.access.get_person("s-1")
    assert desk.told() == [("sign_in", "failed")]
    come_back(desk, played)
    with pytest.raises(InstitutionRefused):
        come_back(desk, played, groups=["cafeteria"])


def test_equal_names_never_join_two_accounts(desk: Any, played: Played, provider: Provider) -> None:
    entered = come_back(desk, played, preferred_username="admin", email="admin@home.example")
    assert entered.actor.name.startswith("admin-")
    assert entered.actor.person_id != desk.access.get_person("admin").id


def test_groups_may_lie_deeper_and_be_one_text(desk: Any, played: Played, provider: Provider) -> None:
    deeper = replace(provider, groups_claim="realm_access.roles")
    desk.access.institutions.put_provider(desk.access.actor_for("admin"), deeper, None)
    entered = come_back(desk, played, groups=None, realm_access={"roles": "it"})
    assert entered.actor.roles == {"administrator"}


def test_userinfo_tells_of_groups_that_the_token_lacks(desk: Any, played: Played, provider: Provider) -> None:
    played.document["userinfo_endpoint"] = f"{ISSUER}/me"
    played.told = {"sub": "s-1", "groups": ["it"], "name": "not the token's"}
    entered = come_back(desk, played, groups=None)
    assert entered.actor.roles == {"administrator"}
    assert desk.access.get_person(entered.actor.name).display_name == "Ho Wai"
    assert played.asked[-1].headers["authorization"] == "Bearer the access token"
    played.told = {"sub": "s-2", "groups": ["it"]}
    with pytest.raises(InstitutionFault, match="somebody else than its token"):
        come_back(desk, played, groups=None)


def test_suspended_people_stay_out(desk: Any, played: Played, provider: Provider) -> None:
    person_id = come_back(desk, played).actor.person_id
    desk.access.people.suspend(desk.access.actor_for("admin"), None, person_id)
    with pytest.raises(Suspended):
        come_back(desk, played)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": ["hemalum", "another"]},
        {"aud": ["hemalum", "another"], "azp": "another"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "never"},
        {"iat": 32503680000},
        {"nbf": 32503680000},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_lets_nobody_in(
    desk: Any, played: Played, provider: Provider, claims: dict[str, Any]
) -> None:
    with pytest.raises(InstitutionFault):
        come_back(desk, played, **claims)
    assert desk.told() == [("sign_in", "failed")]


def test_a_token_for_several_clients_says_which_one_asked(
    desk: Any, played: Played, provider: Provider
) -> None:
    come_back(desk, played, aud=["hemalum", "another"], azp="hemalum")


@pytest.mark.parametrize("how", ["another key", "unsigned", "secret as key", "cut", "no token"])
def test_a_signature_that_does_not_hold_lets_nobody_in(
    desk: Any, played: Played, provider: Provider, how: str
) -> None:
    journey = Journey("secret of the browser")
    claims = {"nonce": journey.nonce, "groups": ["pathology"]}
    good = played.token(claims)
    head, body, signature = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    whole = jwt.decode(good, played.key).claims
    secret = jwk.OctKey.import_key("s3cret-s3cret-s3cret-s3cret-s3cr")
    token: Any = {
        "another key": played.token(claims, jwk.RSAKey.generate_key(2048, {"kid": "one"})),
        "unsigned": f"{none}.{body}.",
        "secret as key": jwt.encode({"alg": "HS256", "kid": "one"}, whole, secret),
        "cut": f"{head}.{body}.{signature[:-4]}AAAA",
        "no token": None,
    }[how]
    played.answer = lambda: httpx.Response(200, json={"id_token": token})
    with pytest.raises(InstitutionFault):
        desk.access.institutions.come_back("uni", journey, journey.state, "the code", BACK, HERE)


@pytest.mark.parametrize("state", ["", "of another browser", "错"])
def test_whoever_comes_back_must_have_set_out(
    desk: Any, played: Played, provider: Provider, state: str
) -> None:
    journey = Journey("secret of the browser")
    with pytest.raises(InstitutionFault, match="begun in another browser"):
        desk.access.institutions.come_back("uni", journey, state, "the code", BACK, HERE)
    assert not any(each.url.path == "/token" for each in played.asked), "the code is not even redeemed"


def test_changed_keys_are_read_again_and_not_too_often(desk: Any, played: Played, provider: Provider) -> None:
    come_back(desk, played)
    played.key = jwk.RSAKey.generate_key(2048, {"kid": "two"})
    with pytest.raises(InstitutionFault):
        come_back(desk, played)
    desk.later(timedelta(seconds=31))
    come_back(desk, played)
    reads = [each.url.path for each in played.asked].count("/keys")
    stranger = jwk.RSAKey.generate_key(2048, {"kid": "three"})
    token = played.token({"nonce": Journey("secret of the browser").nonce}, stranger)
    played.answer = lambda: httpx.Response(200, json={"id_token": token})
    for _ in range(3):
        with pytest.raises(InstitutionFault):
            come_back(desk, played)
    assert [each.url.path for each in played.asked].count("/keys") == reads


def test_signing_out_there_signs_out_here(desk: Any, played: Played, provider: Provider) -> None:
    first, second = come_back(desk, played, sid="a"), come_back(desk, played, sid="b")
    token = played.token({"sid": "a", "events": LOGOUT_EVENT, "jti": "1"})
    desk.access.institutions.signed_out("uni", token)
    assert desk.access.authenticate(first.secret) is None
    assert desk.access.authenticate(second.secret) is not None
    assert first.actor.session_id in desk.ended
    desk.access.institutions.signed_out("uni", played.token({"events": LOGOUT_EVENT}))
    assert desk.access.authenticate(second.secret) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"events": LOGOUT_EVENT, "nonce": "n"},
        {"events": {}},
        {},
        {"events": LOGOUT_EVENT, "sub": None},
        {"events": LOGOUT_EVENT, "aud": "other"},
    ],
    ids=str,
)
def test_what_is_no_sign_out_signs_nobody_out(
    desk: Any, played: Played, provider: Provider, claims: dict[str, Any]
) -> None:
    entered = come_back(desk, played)
    with pytest.raises(InstitutionFault):
        desk.access.institutions.signed_out("uni", played.token(claims))
    assert desk.access.authenticate(entered.secret) is not None


def test_signing_out_here_leads_to_the_way_out_there(desk: Any, played: Played, provider: Provider) -> None:
    entered = come_back(desk, played)
    way = urlsplit(desk.access.institutions.way_out(entered.actor, "https://slides.example/"))
    asked = parse_qs(way.query)
    assert way.path == "/leave"
    assert asked["post_logout_redirect_uri"] == ["https://slides.example/"]
    assert jwt.decode(asked["id_token_hint"][0], played.key).claims["sub"] == "s-1"
    assert desk.access.institutions.way_out(desk.access.actor_for("admin"), "https://slides.example/") is None
    del played.document["end_session_endpoint"]
    desk.access.institutions.check("uni")
    assert desk.access.institutions.way_out(entered.actor, "https://slides.example/") is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"issuer": "https://other.example"}, "calls itself https://other.example"),
        ({"token_endpoint": None}, "does not say its token_endpoint"),
        ({"jwks_uri": "http://login.example/keys"}, "is not an https address"),
        ({"jwks_uri": f"{ISSUER}/token"}, "keys of the provider cannot be read"),
    ],
)
def test_the_check_says_what_is_wrong(
    desk: Any, played: Played, provider: Provider, change: dict[str, Any], sentence: str
) -> None:
    desk.access.institutions.check("uni")
    played.document |= change
    with pytest.raises(InstitutionFault, match=sentence):
        desk.access.institutions.check("uni")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), "does not know this client"),
        (httpx.Response(502, text="<h1>Bad gateway</h1>"), r"no OpenID provider \(status 502\)"),
        (httpx.Response(200, content=b"x" * (2 << 20)), "answers with too much"),
    ],
)
def test_the_check_tries_the_client_too(
    desk: Any, played: Played, provider: Provider, answer: httpx.Response, sentence: str
) -> None:
    played.answer = lambda: httpx.Response(400, json={"error": "invalid_grant"})
    desk.access.institutions.check("uni")
    played.answer = lambda: answer
    with pytest.raises(InstitutionFault, match=sentence):
        desk.access.institutions.check("uni")


def test_what_does_not_answer_is_said(desk: Any, provider: Provider) -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    access = replace(desk.access, openid=OpenId(httpx.MockTransport(silent)))
    with pytest.raises(InstitutionFault, match="Nothing answers at https://login"):
        access.institutions.check("uni")


def test_settings_are_checked_and_the_secret_is_sealed(desk: Any, provider: Provider, tmp_path: Any) -> None:
    access, admin = desk.access, desk.access.actor_for("admin")
    for bad in ({"name": " "}, {"client_id": ""}, {"scopes": "profile"}):
        with pytest.raises(Invalid):
            access.institutions.put_provider(admin, replace(provider, **bad), None)
    with pytest.raises(Conflict):
        access.institutions.put_provider(admin, replace(provider, id="twin"), None)
    rules = (GroupRule("g", OrganisationId("nowhere"), Role.STUDENT),)
    with pytest.raises(NotFound):
        access.institutions.put_provider(admin, replace(provider, rules=rules), None)
    kept = access.institutions.put_provider(admin, replace(provider, name="Renamed"), None)
    assert access.unseal(kept.sealed_client_secret) == b"s3cret"
    assert access.institutions.put_provider(admin, provider, "").sealed_client_secret is None
    access.database.dispose()
    assert b"s3cret" not in b"".join(path.read_bytes() for path in tmp_path.glob("node.sqlite*"))


def test_without_the_institution_its_roles_end(desk: Any, played: Played, provider: Provider) -> None:
    entered = come_back(desk, played)
    assert desk.access.authenticate(entered.secret) is not None
    desk.access.institutions.remove_provider(desk.access.actor_for("admin"), "uni")
    assert desk.access.authenticate(entered.secret) is None
    assert desk.ended == [entered.actor.session_id]
    with pytest.raises(NotFound):
        come_back(desk, played)


def test_an_institution_that_is_switched_off_lets_nobody_in(
    desk: Any, played: Played, provider: Provider
) -> None:
    off = replace(provider, is_enabled=False)
    desk.access.institutions.put_provider(desk.access.actor_for("admin"), off, None)
    assert desk.access.institutions.open_ways() == []
    with pytest.raises(NotFound):
        come_back(desk, played)
    assert Way.INSTITUTION == "institution"
