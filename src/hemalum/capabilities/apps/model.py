"""Apps, what they were let do, and the tokens of it. No I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType
from urllib.parse import urlsplit

from hemalum.formats.fhir.scopes import LAUNCH, LAUNCH_PATIENT, Interaction, Level, is_known, scopes_of
from hemalum.kernel.errors import HemalumError, Invalid
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.kernel.network import THIS_MACHINE, lies_within

AppId = NewType("AppId", str)

MANAGE = "apps.manage"
"""To register apps of the organisation."""

ROOT = "/oauth"
FHIR_ROOT = "/fhir/R4"
"""Where what apps may reach is; the tokens of apps are good nowhere else."""

REQUEST_LASTS = timedelta(minutes=10)
"""So long somebody may think about a consent."""
LAUNCH_LASTS = timedelta(minutes=5)
CODE_LASTS = timedelta(minutes=2)
ACCESS_LASTS = timedelta(hours=1)
SERVICE_ACCESS_LASTS = timedelta(minutes=5)
"""Of an app without a person (SMART App Launch 2.0, backend services)."""
OFFLINE_RESTS = timedelta(days=90)
"""An authorisation that nobody used for so long has ended."""
ASSERTION_LASTS = timedelta(minutes=5)

_MOST_NAME = 100
_MOST_ADDRESSES = 10
_MOST_KEYS = 10
_MOST_ADDRESS = 1000
_KINDS_OF_ALL = frozenset({"ServiceRequest", "Specimen", "Task", "ImagingStudy"})
"""Resources that tell nothing of a patient to whom may not know patients."""
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9.-]*\.[a-z0-9.-]+")


class AppKind(StrEnum):
    """Whether an app can keep something to itself (RFC 6749, 2.1)."""

    PUBLIC = "public"
    CONFIDENTIAL = "confidential"


@dataclass(frozen=True, slots=True)
class App:
    """A program that was registered."""

    id: AppId
    organisation_id: OrganisationId
    name: str
    kind: AppKind
    scopes: tuple[str, ...]
    """What it may be granted at most."""
    redirects: tuple[str, ...] = ()
    """Where browsers are sent back to; compared letter by letter."""
    launch_at: str = ""
    """Where it is opened beside a patient; empty for one that is only opened by itself."""
    keys: Mapping[str, Any] | None = None
    """Its public keys (JWK Set, RFC 7517), by which it shows who it is."""
    account: str = ""
    """Sign-in name of the service account as which it acts without a person; empty where it never does."""
    has_secret: bool = False


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What a person, or an organisation for a service, let an app do."""

    id: str
    app_id: AppId
    person_id: PersonId
    organisation_id: OrganisationId
    scopes: frozenset[str]
    made_at: datetime
    session_id: str = ""
    """The session with which it ends; empty for one that lasts (`offline_access`, services)."""
    patient_id: str = ""
    is_strong: bool = False
    redirect: str = ""
    challenge: str = ""
    """Of the code by which its first tokens are asked for (RFC 7636, 4.2)."""
    nonce: str = ""
    ended_at: datetime | None = None


class TokenKind(StrEnum):
    """What a secret of an authorisation is for."""

    CODE = "code"
    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Token:
    """A secret of an authorisation, without the secret."""

    id: str
    authorisation_id: str
    kind: TokenKind
    scopes: frozenset[str]
    made_at: datetime
    expires_at: datetime
    spent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an app asks a person for, half-way."""

    app_id: AppId
    redirect: str
    state: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str = ""
    launched_by: str = ""
    """Who opened the app beside a patient; nobody else answers then."""
    patient_id: str = ""


class UnknownApp(Invalid):
    """No registered app asks like this: nobody is sent back to where it wants to go."""

    code = "unknown-app"


class UnknownRedirect(UnknownApp):
    """The app is known and wants to go where it was not registered to."""

    code = "unknown-redirect"


class OAuthRefusal(HemalumError):
    """A refusal that OAuth has a word for (RFC 6749, 4.1.2.1 and 5.2), which is its code."""

    status = 400
    code = "invalid_request"


class InvalidClient(OAuthRefusal):
    """The app did not show who it is."""

    status = 401
    code = "invalid_client"


class InvalidGrant(OAuthRefusal):
    """A code or token is unknown, spent, too old, or was made for something else."""

    code = "invalid_grant"


class InvalidScope(OAuthRefusal):
    """Nothing of what is asked for can be granted."""

    code = "invalid_scope"


class UnauthorizedClient(OAuthRefusal):
    """This app may not ask in this way."""

    code = "unauthorized_client"


class UnsupportedGrant(OAuthRefusal):
    """There is no such way to get a token."""

    code = "unsupported_grant_type"


class UnsupportedResponse(OAuthRefusal):
    """Only codes are given."""

    code = "unsupported_response_type"


class Denied(OAuthRefusal):
    """The person did not let it."""

    code = "access_denied"


def check_app(app: App) -> None:
    """Raise Invalid unless an app can be known by this."""
    if not 0 < len(app.name.strip()) <= _MOST_NAME:
        raise Invalid("An application needs a name of at most {most} characters.", most=_MOST_NAME)
    if not app.scopes:
        raise Invalid("Say what the application may ask for.")
    for scope in app.scopes:
        if not is_known(scope):
            raise Invalid("{scope} is no scope that can be granted.", scope=scope)
    levels = {one.level for one in scopes_of(app.scopes)}
    if len(app.redirects) > _MOST_ADDRESSES:
        raise Invalid("An application has at most {most} addresses.", most=_MOST_ADDRESSES)
    for address in (*app.redirects, *filter(None, [app.launch_at])):
        _check_address(address, app.kind)
    if levels - {Level.SYSTEM} and not app.redirects:
        raise Invalid("Say where browsers are sent back to.")
    if (Level.SYSTEM in levels) is not bool(app.account):
        raise Invalid("Scopes of the level system need a service account, and only they.")
    if Level.SYSTEM in levels and app.keys is None:
        raise Invalid("An application that acts without a person shows who it is by a key.")
    if app.kind is AppKind.PUBLIC and app.keys is not None:
        raise Invalid("A public application has no key of its own.")
    if app.keys is not None:
        _check_keys(app.keys)


def _check_address(address: str, kind: AppKind) -> None:
    parts = urlsplit(address)
    host = parts.hostname or ""
    is_here = host == "localhost" or lies_within(host, THIS_MACHINE)
    is_web = parts.scheme == "https" or (parts.scheme == "http" and is_here)
    # RFC 8252, 7.1: an app on a telephone has a scheme that is its domain turned around.
    is_own = kind is AppKind.PUBLIC and _OWN_SCHEME.fullmatch(parts.scheme) is not None
    is_sound = address.isascii() and address.isprintable() and " " not in address and "#" not in address
    if len(address) > _MOST_ADDRESS or not is_sound or not (is_own or (is_web and host)):
        raise Invalid("{address} is not an https address.", address=address)


def _check_keys(keys: Mapping[str, Any]) -> None:
    listed = keys.get("keys")
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST_KEYS:
        raise Invalid("Keys are a JWK Set with 1 to {most} keys.", most=_MOST_KEYS)
    for one in listed:
        if not isinstance(one, dict) or one.get("kty") not in ("RSA", "EC"):
            raise Invalid("Keys are of RSA or EC.")
        if {"d", "p", "q", "k"} & set(one):
            raise Invalid("One of the keys is private; only public keys are registered.")


def needs_patient(scopes: Sequence[str]) -> bool:
    """Whether a patient has to be in context before these are granted."""
    return LAUNCH_PATIENT in scopes or any(one.level is Level.PATIENT for one in scopes_of(scopes))


def is_launch(scopes: Sequence[str]) -> bool:
    """Whether the patient in context is the one beside whom the app was opened."""
    return LAUNCH in scopes


def permissions_of(scopes: frozenset[str]) -> frozenset[str]:
    """What of the permissions of its holder a token with these scopes can use at all. Which resources it
    reaches is decided for each."""
    resources = scopes_of(scopes)
    reached = {"cases.view"} if resources else set()
    if any(one.level is Level.PATIENT or one.kind not in _KINDS_OF_ALL for one in resources):
        reached.add("cases.view_patient")
    if any({Interaction.CREATE, Interaction.UPDATE} & one.interactions for one in resources):
        reached |= {"cases.accession", "cases.view_patient"}
    if any(one.level is Level.SYSTEM for one in resources):
        reached.add("fhir.export")
    return frozenset(reached)
