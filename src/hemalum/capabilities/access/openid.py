"""OpenID Connect as a relying party: authorization code with PKCE, and logout. Knows no database.

Followed: OpenID Connect Core 1.0 sections 3.1.2.1, 3.1.3.1, 3.1.3.7 and 5.3, Discovery 1.0 section 4,
RP-Initiated Logout 1.0 section 2, Back-Channel Logout 1.0 section 2.6, PKCE (RFC 7636, S256).

The libraries are imported when they are first needed: most processes never meet an institution.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from hemalum.capabilities.access.model import InstitutionFault

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures that are taken; never `none`, and never one with the client's secret as the key."""

_TIMEOUT_S = 10
_MOST_BYTES = 1 << 20
_KNOWN_FOR_S = 600.0
_KEYS_AGAIN_AFTER_S = 30.0
_CLOCKS_DIFFER_S = 60
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class Client:
    """This node as the institution knows it."""

    issuer: str
    client_id: str
    secret: str | None
    """None for a public client."""
    scopes: str


@dataclass(frozen=True, slots=True)
class Journey:
    """One sign-in by way of an institution: all that it needs comes from one secret, which the browser keeps.

    What the institution sees of it (state, nonce, challenge) tells nothing of the secret.
    """

    secret: str

    @property
    def state(self) -> str:
        """Comes back with the code: whoever brings it must have the browser that set out."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """Comes back in the token: it was made for this sign-in."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """Shown when the code is redeemed (RFC 7636, 4.1)."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """Shown when the sign-in sets out (RFC 7636, 4.2)."""
        return _base64url(hashlib.sha256(self.verifier.encode()).digest())

    def _derived(self, name: str) -> str:
        return _base64url(hmac.new(self.secret.encode(), name.encode(), hashlib.sha256).digest())


class OpenId:
    """What institutions publish and answer, remembered for a while. May be used from many threads."""

    def __init__(self, transport: Any = None, now: Callable[[], float] = time.monotonic) -> None:
        """`transport` is one of httpx; tests stand in for the network with it."""
        self._transport = transport
        self._now = now
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def discover(self, issuer: str) -> dict[str, Any]:
        """What an institution says of itself.

        Raises:
            InstitutionFault: nothing that can be used answers there.
        """
        _check_address(issuer)
        address = issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = self._document(address, _KNOWN_FOR_S)
        if found.get("issuer") != issuer:
            raise InstitutionFault(
                "The provider calls itself {named}, not {issuer}.",
                named=str(found.get("issuer")),
                issuer=issuer,
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(found.get(name), str):
                raise InstitutionFault("The provider does not say its {name}.", name=name)
            _check_address(found[name])
        return found

    def way_there(self, client: Client, journey: Journey, back: str) -> str:
        """Where the browser has to go to sign in; it comes back to `back`."""
        address = self.discover(client.issuer)["authorization_endpoint"]
        return _with_query(
            address,
            {
                "response_type": "code",
                "client_id": client.client_id,
                "redirect_uri": back,
                "scope": client.scopes,
                "state": journey.state,
                "nonce": journey.nonce,
                "code_challenge": journey.challenge,
                "code_challenge_method": "S256",
            },
        )

    def redeem(
        self, client: Client, journey: Journey, code: str, back: str, now: int, needed: str
    ) -> tuple[str, dict[str, Any]]:
        """The ID token for a code, and its claims.

        Where the token lacks the claim that is needed, the institution's userinfo is asked too; what the
        token says goes before.

        Raises:
            InstitutionFault: the institution turns it down, or the token cannot be trusted.
        """
        answer = self._token(client, {"code": code, "redirect_uri": back, "code_verifier": journey.verifier})
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise _refusal(answer)
        claims = self._claims(client, token, now)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), journey.nonce.encode()):
            raise InstitutionFault("The token of the provider was not made for this sign-in.")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise InstitutionFault("The token of the provider does not say whose it is.")
        if needed not in claims and needed.partition(".")[0] not in claims:
            claims = self._told_of(client, answer.get("access_token"), claims["sub"]) | claims
        return token, claims

    def _told_of(self, client: Client, access_token: Any, person: str) -> dict[str, Any]:
        """What userinfo tells of somebody (Core 5.3); nothing where the institution has none."""
        address = self.discover(client.issuer).get("userinfo_endpoint")
        if not isinstance(address, str) or not isinstance(access_token, str):
            return {}
        _check_address(address)
        told = self._ask("GET", address, headers={"authorization": f"Bearer {access_token}"})
        if told.get("sub") != person:
            # Core 5.3.2: the token may have been swapped for somebody else's.
            raise InstitutionFault("The provider tells of somebody else than its token.")
        return told

    def way_out(self, client: Client, token: str, back: str) -> str | None:
        """Where the browser has to go to sign out there too; None when the institution has no such place."""
        address = self.discover(client.issuer).get("end_session_endpoint")
        if not isinstance(address, str):
            return None
        query = {
            "id_token_hint": token,
            "post_logout_redirect_uri": back,
            "client_id": client.client_id,
        }
        return _with_query(address, query)

    def signed_out(self, client: Client, logout_token: str, now: int) -> tuple[str, str]:
        """The session (`sid`) and person (`sub`) that an institution says signed out; one may be empty.

        Raises:
            InstitutionFault: it cannot be trusted.
        """
        claims = self._claims(client, logout_token, now)
        events = claims.get("events")
        if "nonce" in claims or not isinstance(events, dict) or _LOGOUT_EVENT not in events:
            raise InstitutionFault("This is no token of a sign-out.")
        session, person = str(claims.get("sid") or ""), str(claims.get("sub") or "")
        if not session and not person:
            raise InstitutionFault("The token does not say who signed out.")
        return session, person

    def check(self, client: Client) -> None:
        """Try what can be tried without a person: documents, keys, and whether the client is known.

        Raises:
            InstitutionFault: the sentence says what is wrong.
        """
        with self._lock:
            self._kept.clear()
        self._keys(self.discover(client.issuer)["jwks_uri"], _KNOWN_FOR_S)
        tried = {"code": "hemalum-test", "redirect_uri": "https://localhost/", "code_verifier": "x" * 43}
        answer = self._token(client, tried)
        if answer.get("error") in ("invalid_client", "unauthorized_client"):
            raise _refusal(answer)

    def _claims(self, client: Client, token: str, now: int) -> dict[str, Any]:
        """The claims of a token that the institution signed for this client (Core 3.1.3.7)."""
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError, JoseError

        address = self.discover(client.issuer)["jwks_uri"]
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=_CLOCKS_DIFFER_S,
            iss={"essential": True, "value": client.issuer},
            aud={"essential": True, "value": client.client_id},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            try:
                read = jwt.decode(token, self._keys(address, _KNOWN_FOR_S), algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                # The institution may have changed its keys since they were read.
                read = jwt.decode(token, self._keys(address, _KEYS_AGAIN_AFTER_S), algorithms=ALGORITHMS)
            registry.validate(read.claims)
        except (JoseError, ValueError) as error:
            raise InstitutionFault(
                "The token of the provider cannot be trusted: {reason}.", reason=str(error).rstrip(".")
            ) from error
        claims: dict[str, Any] = read.claims
        if (
            isinstance(claims["aud"], list)
            and len(claims["aud"]) > 1
            and claims.get("azp") != client.client_id
        ):
            raise InstitutionFault("The token of the provider was made for another client.")
        return claims

    def _keys(self, address: str, known_for_s: float) -> Any:
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            return KeySet.import_key_set(self._document(address, known_for_s))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise InstitutionFault("The keys of the provider cannot be read.") from error

    def _document(self, address: str, known_for_s: float) -> dict[str, Any]:
        with self._lock:
            kept = self._kept.get(address)
        if kept is not None and self._now() - kept[0] < known_for_s:
            return kept[1]
        found = self._ask("GET", address)
        with self._lock:
            self._kept[address] = (self._now(), found)
        return found

    def _token(self, client: Client, asked: Mapping[str, str]) -> dict[str, Any]:
        """The answer of the token endpoint (Core 3.1.3.1), an error too."""
        found = self.discover(client.issuer)
        form = {"grant_type": "authorization_code", "client_id": client.client_id, **asked}
        headers = {}
        if client.secret is not None:
            methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            if "client_secret_basic" in methods:
                shown = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
                headers["authorization"] = "Basic " + base64.b64encode(shown.encode()).decode()
            else:
                form["client_secret"] = client.secret
        return self._ask("POST", found["token_endpoint"], form, headers)

    def _ask(
        self,
        method: str,
        address: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON of an answer. Redirects are not followed, and large answers not read."""
        import httpx

        sent = {"accept": "application/json", **(headers or {})}
        try:
            with (
                httpx.Client(timeout=_TIMEOUT_S, transport=self._transport) as web,
                web.stream(method, address, data=form, headers=sent) as answer,
            ):
                content = b""
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > _MOST_BYTES:
                        raise InstitutionFault("{address} answers with too much.", address=address)
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise InstitutionFault("Nothing answers at {address}.", address=address) from error
        try:
            found = json.loads(content)
        except ValueError:
            found = None
        if not isinstance(found, dict) or (method == "GET" and status != httpx.codes.OK):
            raise InstitutionFault(
                "What answers at {address} is no OpenID provider (status {status}).",
                address=address,
                status=status,
            )
        return found


def _refusal(answer: Mapping[str, Any]) -> InstitutionFault:
    error = str(answer.get("error") or "no token")
    if error in ("invalid_client", "unauthorized_client"):
        return InstitutionFault("The provider does not know this client, or its secret is wrong.")
    return InstitutionFault("The provider turned the sign-in down: {error}.", error=error)


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_this_machine(parts.hostname or ""):
        return
    raise InstitutionFault("{address} is not an https address.", address=address)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return address + ("&" if urlsplit(address).query else "?") + urlencode(query)


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
