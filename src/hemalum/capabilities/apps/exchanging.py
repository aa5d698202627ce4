"""How an app gets tokens, and what becomes of them (RFC 6749, 4.1.3, 4.4, 5 and 6; RFC 7009; RFC 7662)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.access.model import Grant, GrantKind
from hemalum.capabilities.apps import store
from hemalum.capabilities.apps.model import (
    ACCESS_LASTS,
    FHIR_ROOT,
    OFFLINE_RESTS,
    ROOT,
    SERVICE_ACCESS_LASTS,
    App,
    AppKind,
    Authorisation,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    OAuthRefusal,
    Token,
    TokenKind,
    UnauthorizedClient,
    UnsupportedGrant,
    permissions_of,
)
from hemalum.capabilities.apps.office import TOKEN_PREFIX, Office, digest
from hemalum.capabilities.apps.signing import ASSERTION, Signing
from hemalum.formats.fhir.scopes import FHIR_USER, OFFLINE, ONLINE, OPENID, Level, narrow, scopes_of
from hemalum.kernel.actor import Actor, Delegation
from hemalum.kernel.audit import Outcome
from hemalum.kernel.errors import HemalumError
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import reading, transaction


@dataclass(frozen=True, slots=True)
class Shown:
    """By what an app shows who it is, as it came."""

    client_id: str = ""
    secret: str | None = None
    """By Basic, or in the form."""
    assertion: str | None = None


@dataclass(frozen=True)
class Exchanging:
    """Tokens of apps."""

    office: Office

    @property
    def signing(self) -> Signing:
        return Signing(self.office)

    def exchange(self, form: Mapping[str, str], shown: Shown, base: str) -> dict[str, Any]:
        """The answer of the token endpoint. Refusals of what is known to be an app's are recorded.

        Raises:
            OAuthRefusal: by what went wrong.
        """
        grant = form.get("grant_type", "")
        app = self.authenticate_app(shown, base)
        try:
            match grant:
                case "authorization_code":
                    return self._redeem(app, form, base)
                case "refresh_token":
                    return self._refresh(app, form)
                case "client_credentials":
                    return self._serve(app, form, shown)
        except OAuthRefusal as refusal:
            self.office.tell(
                "token",
                None,
                app.id,
                organisation_id=app.organisation_id,
                outcome=Outcome.REFUSED,
                detail={"reason": refusal.code},
            )
            raise
        raise UnsupportedGrant("There is no way to a token by this name.")

    def authenticate_app(self, shown: Shown, base: str) -> App:
        """The app that shows who it is.

        Raises:
            InvalidClient: none, or not by what it was registered with.
        """
        with transaction(self.office.database) as connection:
            app = store.find_app(connection, shown.client_id)
            if app is None:
                raise InvalidClient("The application is not known.")
            try:
                self._check(connection, app, shown, base)
            except InvalidClient as refusal:
                self.office.tell(
                    "token",
                    None,
                    app.id,
                    organisation_id=app.organisation_id,
                    outcome=Outcome.REFUSED,
                    detail={"reason": refusal.code},
                )
                raise
        return app

    def _check(self, connection: sa.Connection, app: App, shown: Shown, base: str) -> None:
        if app.kind is AppKind.PUBLIC:
            if shown.secret or shown.assertion:
                raise InvalidClient("A public application has nothing to show.")
            return
        if app.keys is not None:
            if shown.assertion is None:
                raise InvalidClient("The application has to show who it is by its key.")
            self.signing.check(connection, app, shown.assertion, f"{base}{ROOT}/token")
            return
        known = store.secret_digest(connection, app.id) or ""
        if not hmac.compare_digest(known, digest(shown.secret or "")):
            raise InvalidClient("The secret of the application is wrong.")

    # Ways to a token ------------------------------------------------------------------------------------

    def _redeem(self, app: App, form: Mapping[str, str], base: str) -> dict[str, Any]:
        """Tokens for a code."""
        token, made = self._take(app, form.get("code", ""), TokenKind.CODE)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        is_same = hmac.compare_digest(challenge, made.challenge)
        if not is_same or form.get("redirect_uri", "") != made.redirect:
            raise InvalidGrant("The code was not made for this.")
        answer = self._issue(app, made, token, made.scopes)
        if OPENID in made.scopes:
            answer["id_token"] = self._id_token(made, base)
        return answer

    def _refresh(self, app: App, form: Mapping[str, str]) -> dict[str, Any]:
        """New tokens for a refresh token, which is spent by it (OAuth 2.0 Security BCP, 4.14.2)."""
        token, made = self._take(app, form.get("refresh_token", ""), TokenKind.REFRESH)
        scopes = made.scopes
        if form.get("scope"):
            # Fewer may be asked for; the refresh token keeps all (RFC 6749, 6).
            scopes = narrow(form["scope"].split(), made.scopes)
            if not scopes:
                raise InvalidScope("Nothing of what is asked for was granted to this application.")
        return self._issue(app, made, token, scopes)

    def _serve(self, app: App, form: Mapping[str, str], shown: Shown) -> dict[str, Any]:
        """A token of an app that acts without a person (SMART backend services)."""
        if not app.account or shown.assertion is None:
            raise UnauthorizedClient("This application does not act without a person.")
        office = self.office
        scopes = narrow(form.get("scope", "").split(), app.scopes)
        scopes = frozenset(str(one) for one in scopes_of(scopes) if one.level is Level.SYSTEM)
        if not scopes:
            raise InvalidScope("Nothing of what is asked for can be granted to this application.")
        try:
            actor = office.access.actor_for(app.account)
        except HemalumError as error:
            raise UnauthorizedClient("The account of this application may not do anything now.") from error
        if actor.organisation_id != app.organisation_id:
            raise UnauthorizedClient("The account of this application may not do anything now.")
        now = office.now()
        # It showed its key.
        made = Authorisation(
            new_id(), app.id, actor.person_id, app.organisation_id, scopes, now, is_strong=True
        )
        with transaction(office.database) as connection:
            store.add_authorisation(connection, made)
            secret = office.add_token(connection, made, TokenKind.ACCESS, now + SERVICE_ACCESS_LASTS)
            self._note(app, made, scopes)
        return _answer(secret, int(SERVICE_ACCESS_LASTS.total_seconds()), scopes)

    def _take(self, app: App, secret: str, kind: TokenKind) -> tuple[Token, Authorisation]:
        """A code or refresh token that is good. One that was spent ends all that came of it: somebody else
        has it."""
        office, now = self.office, self.office.now()
        unknown = InvalidGrant("The code or token is unknown, spent or too old.")
        with transaction(office.database) as connection:
            token = store.find_token(connection, digest(secret))
            if token is None or token.kind is not kind:
                raise unknown
            made = store.get_authorisation(connection, token.authorisation_id)
            if made.app_id != app.id:
                raise unknown
            is_reused = token.spent_at is not None
            if is_reused and made.ended_at is None:
                store.end_authorisation(connection, made.id, now)
                detail = {"authorisation": made.id, "kind": kind.value}
                office.tell("reuse", None, app.id, organisation_id=app.organisation_id, detail=detail)
            is_good = not is_reused and now < token.expires_at and office.is_good(connection, made)
        if not is_good:
            raise unknown
        return token, made

    def _issue(self, app: App, made: Authorisation, spent: Token, scopes: frozenset[str]) -> dict[str, Any]:
        office, now = self.office, self.office.now()
        with transaction(office.database) as connection:
            if not store.spend_token(connection, spent.id, now):
                raise InvalidGrant("The code or token is unknown, spent or too old.")
            store.spend_access(connection, made.id, now)
            secret = office.add_token(connection, made, TokenKind.ACCESS, now + ACCESS_LASTS, scopes)
            answer = _answer(secret, int(ACCESS_LASTS.total_seconds()), scopes)
            if made.scopes & {OFFLINE, ONLINE}:
                until = now + OFFLINE_RESTS
                answer["refresh_token"] = office.add_token(connection, made, TokenKind.REFRESH, until)
            self._note(app, made, scopes)
        if made.patient_id:
            answer["patient"] = made.patient_id
        return answer

    def _note(self, app: App, made: Authorisation, scopes: frozenset[str]) -> None:
        self.office.tell(
            "token",
            None,
            app.id,
            organisation_id=made.organisation_id,
            detail={"authorisation": made.id, "person": made.person_id, "scopes": sorted(scopes)},
        )

    def _id_token(self, made: Authorisation, base: str) -> str:
        """Who the person is (OpenID Connect Core 1.0, 2)."""
        now = int(self.office.now().timestamp())
        claims: dict[str, Any] = {
            "iss": base,
            "sub": made.person_id,
            "aud": made.app_id,
            "iat": now,
            "exp": now + int(ACCESS_LASTS.total_seconds()),
        }
        if made.nonce:
            claims["nonce"] = made.nonce
        if FHIR_USER in made.scopes:
            claims["fhirUser"] = f"{base}{FHIR_ROOT}/Practitioner/{made.person_id}"
        return self.signing.sign(claims)

    # What becomes of them -------------------------------------------------------------------------------

    def authenticate(self, secret: str) -> Actor | None:
        """Who an access token of an app acts for, within the limits of it; None where it is not good, or is
        no token of an app at all."""
        office = self.office
        if not secret.startswith(TOKEN_PREFIX):
            return None
        with reading(office.database) as connection:
            token = store.find_token(connection, digest(secret))
            if token is None or not self._is_good(connection, token, office.now()):
                return None
            made = store.get_authorisation(connection, token.authorisation_id)
            actor = self._actor(connection, token, made)
        if actor is None:
            return None
        return replace(actor, delegation=Delegation(made.app_id, token.scopes, made.patient_id))

    def _actor(self, connection: sa.Connection, token: Token, made: Authorisation) -> Actor | None:
        """Who a token acts for; None where they are suspended, or have no role there any more."""
        grant = Grant(
            f"app {token.id}",
            GrantKind.TOKEN,
            made.person_id,
            token.made_at,
            token.expires_at,
            organisation_id=made.organisation_id,
            scopes=permissions_of(token.scopes),
            is_strong=made.is_strong,
        )
        return self.office.access.actor_of(connection, grant)

    def _is_good(self, connection: sa.Connection, token: Token, now: datetime) -> bool:
        if token.spent_at is not None or now >= token.expires_at:
            return False
        return self.office.is_good(connection, store.get_authorisation(connection, token.authorisation_id))

    def revoke(self, app: App, secret: str) -> None:
        """End a token of the app: of a refresh token, all that was let. What is no token of it is passed over
        (RFC 7009, 2.2)."""
        office, now = self.office, self.office.now()
        with transaction(office.database) as connection:
            token = store.find_token(connection, digest(secret))
            if token is None:
                return
            made = store.get_authorisation(connection, token.authorisation_id)
            if made.app_id != app.id:
                return
            if token.kind is TokenKind.ACCESS:
                store.spend_token(connection, token.id, now)
            else:
                store.end_authorisation(connection, made.id, now)
            detail = {"authorisation": made.id, "kind": token.kind.value}
            office.tell("revoke", None, app.id, organisation_id=app.organisation_id, detail=detail)

    def introspect(self, app: App, secret: str, base: str) -> dict[str, Any]:
        """What a token of the app is good for now (RFC 7662, 2.2). Of another's nothing is told."""
        office, now = self.office, self.office.now()
        if app.kind is AppKind.PUBLIC:
            raise InvalidClient("Only an application that shows who it is may ask this.")
        with reading(office.database) as connection:
            token = store.find_token(connection, digest(secret))
            made = None if token is None else store.get_authorisation(connection, token.authorisation_id)
            if token is None or made is None or made.app_id != app.id or token.kind is TokenKind.CODE:
                return {"active": False}
            if not self._is_good(connection, token, now) or self._actor(connection, token, made) is None:
                return {"active": False}
        office.tell("introspect", None, app.id, organisation_id=app.organisation_id)
        told = {
            "active": True,
            "scope": " ".join(sorted(token.scopes)),
            "client_id": app.id,
            "exp": int(token.expires_at.timestamp()),
            "iat": int(token.made_at.timestamp()),
            "sub": made.person_id,
            "iss": base,
        }
        if made.patient_id:
            told["patient"] = made.patient_id
        if {OPENID, FHIR_USER} <= made.scopes:
            told["fhirUser"] = f"{base}{FHIR_ROOT}/Practitioner/{made.person_id}"
        return told


def shown_in(form: Mapping[str, str], basic: tuple[str, str] | None) -> Shown:
    """By what an app shows who it is, from its form and its Basic credentials.

    Raises:
        InvalidClient: in more than one way at once, or in none that is known (RFC 6749, 2.3).
    """
    stated, assertion = form.get("client_id", ""), form.get("client_assertion")
    ways = [basic is not None, "client_secret" in form, assertion is not None]
    if sum(ways) > 1:
        raise InvalidClient("An application shows who it is in one way.")
    if basic is not None:
        if stated not in ("", basic[0]):
            raise InvalidClient("The application calls itself by two names.")
        return Shown(basic[0], basic[1])
    if assertion is not None:
        if form.get("client_assertion_type") != ASSERTION:
            raise InvalidClient("An assertion is shown as {kind}.", kind=ASSERTION)
        return Shown(stated or _issuer(assertion), assertion=assertion)
    return Shown(stated, form.get("client_secret"))


def _issuer(assertion: str) -> str:
    """Who an assertion says that it is from, not believed yet."""
    try:
        body = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return str(claims["iss"])
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise InvalidClient("The assertion of the application cannot be trusted.") from error


def _answer(secret: str, lasts_s: int, scopes: frozenset[str]) -> dict[str, Any]:
    return {
        "access_token": secret,
        "token_type": "Bearer",
        "expires_in": lasts_s,
        "scope": " ".join(sorted(scopes)),
    }
