"""Passkeys over HTTP, with an authenticator made of forty lines (WebAuthn level 3, sections 6.1 and 6.5)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from hemalum.capabilities.access.model import Role

_A = "/api/access"
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


class Authenticator:
    """A security key with one credential."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.flags = _PRESENT | _VERIFIED

    def _data(self, site: str, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        numbers = self.key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = self._data(options["rp"]["id"], self.flags | _ATTESTED)
        data += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(key)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        response = {"clientDataJSON": b64(client), "attestationObject": b64(attestation)}
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}

    def show(self, options: dict[str, Any]) -> dict[str, Any]:
        data = self._data(options["rpId"], self.flags)
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(signature),
        }
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}


@pytest.fixture
def by_name(node: Any) -> Any:
    """The node by its name: passkeys are bound to names, never to numbers."""
    return type(node)(node.base.replace("127.0.0.1", "localhost"), node.access)


def add(client: httpx.Client, key: Authenticator, **change: Any) -> httpx.Response:
    begun = client.post(f"{_A}/account/passkeys/options").json()
    shown = {"ticket": begun["ticket"], "credential": key.make(begun["options"]), "name": "Key"} | change
    return client.post(f"{_A}/account/passkeys", json=shown)


def sign_in(client: httpx.Client, key: Authenticator) -> httpx.Response:
    begun = client.post(f"{_A}/sign-in/passkey/options").json()
    shown = {"ticket": begun["ticket"], "credential": key.show(begun["options"])}
    return client.post(f"{_A}/sign-in/passkey", json=shown)


def holder(node: Any, name: str) -> Authenticator:
    """Somebody with a passkey."""
    node.person(name, Role.STUDENT)
    key = Authenticator(node.base)
    with node.signed_in(name) as client:
        answer = add(client, key)
        assert answer.status_code == 204, answer.text
        assert client.get(f"{_A}/me").json()["is_strong"], "a passkey was just shown"
    return key


def test_a_passkey_signs_in_without_a_name(by_name: Any) -> None:
    key = holder(by_name, "keyholder")
    with by_name.browser() as client:
        assert sign_in(client, key).status_code == 200
        me = client.get(f"{_A}/me").json()
        assert (me["name"], me["is_strong"]) == ("keyholder", True)
        assert client.get(f"{_A}/account").json()["passkeys"][0]["used_at"] is not None


def test_an_answer_works_once(by_name: Any) -> None:
    key = holder(by_name, "replayed")
    with by_name.browser() as client:
        begun = client.post(f"{_A}/sign-in/passkey/options").json()
        shown = {"ticket": begun["ticket"], "credential": key.show(begun["options"])}
        assert client.post(f"{_A}/sign-in/passkey", json=shown).status_code == 200
        again = client.post(f"{_A}/sign-in/passkey", json=shown)
        assert (again.status_code, again.json()["code"]) == (401, "step-expired")
        other = client.post(f"{_A}/sign-in/passkey/options").json()
        moved = client.post(f"{_A}/sign-in/passkey", json=shown | {"ticket": other["ticket"]})
        assert (moved.status_code, moved.json()["code"]) == (401, "passkey-refused")


@pytest.mark.parametrize(
    "how", ["another origin", "not verified", "another key", "cloned", "unknown", "empty"]
)
def test_a_proof_that_does_not_hold_lets_nobody_in(by_name: Any, how: str) -> None:
    key = holder(by_name, f"broken-{how.replace(' ', '-')}")
    with by_name.browser() as client:
        assert sign_in(client, key).status_code == 200
    if how == "another origin":
        key.origin = "https://evil.example"
    elif how == "not verified":
        key.flags = _PRESENT
    elif how == "another key":
        key.key = ec.generate_private_key(ec.SECP256R1())
    elif how == "cloned":
        key.count = 0
    elif how == "unknown":
        key.id = bytes(32)
    with by_name.browser() as client:
        if how == "empty":
            begun = client.post(f"{_A}/sign-in/passkey/options").json()
            shown = {"ticket": begun["ticket"], "credential": {"id": b64(key.id)}}
            answer = client.post(f"{_A}/sign-in/passkey", json=shown)
        else:
            answer = sign_in(client, key)
        assert (answer.status_code, answer.json()["code"]) == (401, "passkey-refused")
        assert client.get(f"{_A}/me").status_code == 401


def test_a_passkey_is_made_by_whom_it_was_asked_for(by_name: Any) -> None:
    by_name.person("asker", Role.STUDENT)
    with by_name.signed_in("asker") as asker, by_name.signed_in("student") as other:
        begun = asker.post(f"{_A}/account/passkeys/options").json()
        made = Authenticator(by_name.base).make(begun["options"])
        shown = {"ticket": begun["ticket"], "credential": made, "name": ""}
        assert other.post(f"{_A}/account/passkeys", json=shown).status_code == 404
        unverified = Authenticator(by_name.base)
        unverified.flags = _PRESENT
        assert add(asker, unverified).status_code == 401
        assert add(asker, Authenticator("https://evil.example")).status_code == 401


def test_one_key_belongs_to_one_account(by_name: Any) -> None:
    key = holder(by_name, "first-holder")
    with by_name.signed_in("student") as other:
        assert add(other, key).status_code == 409


def test_a_stolen_password_adds_no_passkey_beside_the_first(by_name: Any) -> None:
    holder(by_name, "guarded")
    with by_name.signed_in("guarded") as weak:
        assert not weak.get(f"{_A}/me").json()["is_strong"]
        answer = weak.post(f"{_A}/account/passkeys/options")
        assert (answer.status_code, answer.json()["code"]) == (403, "needs-strong-session")


def test_the_only_way_in_is_not_removed(by_name: Any) -> None:
    key = holder(by_name, "careful")
    with by_name.browser() as client:
        sign_in(client, key)
        passkey = client.get(f"{_A}/account").json()["passkeys"][0]["id"]
        assert urlsafe_b64decode(passkey + "==") == key.id
        assert client.delete(f"{_A}/account/passkeys/{passkey}").status_code == 409
        password = {"password": "a quiet morning in the laboratory"}
        assert client.put(f"{_A}/account/password", json=password).status_code == 204
        assert client.delete(f"{_A}/account/passkeys/{passkey}").status_code == 204
    with by_name.browser() as client:
        assert sign_in(client, key).status_code == 401


def test_by_a_number_there_are_no_passkeys(node: Any) -> None:
    with node.browser() as client:
        answer = client.post(f"{_A}/sign-in/passkey/options")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
