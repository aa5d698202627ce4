"""Organisations, people, roles, and the secrets that people hold."""

import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from hemalum.kernel.errors import Invalid, NotFound, NotPermitted, NotSignedIn, TooMany
from hemalum.kernel.ids import OrganisationId, PersonId

SESSION_LASTS = timedelta(hours=12)
SESSION_IDLES = timedelta(hours=1)
"""A session that asks for nothing this long has ended."""
LINK_LASTS = timedelta(hours=1)
INVITATION_LASTS = timedelta(days=7)
STEP_LASTS = timedelta(minutes=5)
"""How long a sign-in may rest half-way."""
FRESH_FOR = timedelta(minutes=10)
"""After signing in, whoever has no password need not show again that it is them."""
DEMO_SESSION = "demo"
"""What the demo visitor comes with in the place of a session."""
INSTITUTION_ROLES_LAST = timedelta(days=14)
"""How long a role from an institution's group holds after its holder last came by that institution: whoever
left there keeps nothing here by a token or a password of this node."""
TOKEN_LASTS_AT_MOST = timedelta(days=366)

FIRST_ORGANISATION = OrganisationId("home")
"""The organisation a fresh node starts with, so that its operator can ingest at once."""


class Role(StrEnum):
    """What a person does in an organisation (the people of MISSION.md)."""

    PATHOLOGIST = "pathologist"
    ON_CALL_SPECIALIST = "on_call_specialist"
    JUNIOR_PATHOLOGIST = "junior_pathologist"
    """In training: reads for care under a pathologist's eye, and learns."""
    STUDENT = "student"
    TECHNICIAN = "technician"
    CLINICIAN = "clinician"
    """Surgeon or oncologist: a reader of results."""
    RESEARCHER = "researcher"
    SPONSOR_REVIEWER = "sponsor_reviewer"
    MODEL_DEVELOPER = "model_developer"
    QUALITY_MANAGER = "quality_manager"
    AUDITOR = "auditor"
    """Security auditor or regulator."""
    ADMINISTRATOR = "administrator"
    """Of the people of the organisation."""
    NODE_ADMINISTRATOR = "node_administrator"
    """Of organisations and institutions; the role counts on the whole node."""


class OrganisationKind(StrEnum):
    """What an organisation is."""

    HOSPITAL = "hospital"
    HEALTH_CENTRE = "health_centre"
    LABORATORY = "laboratory"
    UNIVERSITY = "university"
    SPONSOR = "sponsor"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A hospital, laboratory, university, sponsor or authority on this node."""

    id: OrganisationId
    name: str
    kind: OrganisationKind = OrganisationKind.HOSPITAL
    jurisdiction: str = ""
    """ISO 3166-1 or 3166-2 code (CN, CN-44, HK); empty as long as nobody stated it."""
    accreditation: str = ""
    """By whom and under which number it is accredited."""
    accredited_until: date | None = None
    requires_second_factor: bool = False
    """Whether a session may do something here only after a passkey or a second factor was shown."""


class PersonKind(StrEnum):
    """Who holds an account."""

    PERSON = "person"
    SERVICE = "service"
    """A program, which holds tokens and cannot sign in."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or a program, with an account."""

    id: PersonId
    name: str
    """What they sign in as, as `normal_name` writes it; unique on the node."""
    display_name: str
    kind: PersonKind = PersonKind.PERSON
    suspended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """One role of a person in an organisation."""

    person_id: PersonId
    organisation_id: OrganisationId
    role: Role
    until: datetime | None = None
    provider_id: str | None = None
    """The institution whose groups gave the role; None when an administrator did."""

    def is_good(self, now: datetime) -> bool:
        """Whether the role has not ended."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Group:
    """People of one organisation who are named together, such as a tumour board."""

    id: str
    organisation_id: OrganisationId
    name: str
    members: tuple[PersonId, ...] = ()


class GrantKind(StrEnum):
    """How a secret may be used."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - the word, not a secret
    LINK = "link"
    WORK = "work"
    """No secret: the node goes on by itself with what somebody began."""


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    ENTER = "enter"
    """The operator of the machine lets somebody in."""
    FIRST = "first"
    """The first administrator sets the node up."""
    INVITATION = "invitation"
    RESET = "reset"


class Way(StrEnum):
    """How somebody came in."""

    PASSWORD = "password"  # noqa: S105 - the word, not a secret
    PASSKEY = "passkey"
    LINK = "link"
    INSTITUTION = "institution"


class Confirmation(StrEnum):
    """How somebody shows that it is them who does something deliberate."""

    PASSWORD = "password"  # noqa: S105 - the word, not a secret
    FRESH_SESSION = "fresh_session"
    """A sign-in of the last few minutes, for those whom their institution or a passkey signs in."""
    NOTHING = "nothing"
    """The visitor of a demo node, who is nobody."""
    IMPOSSIBLE = "impossible"
    """A token."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from. Personal data: shown to its person only, and sealed in the log."""

    address: str = ""
    device: str = ""
    """What the browser calls itself."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A secret somebody holds, without the secret."""

    id: str
    kind: GrantKind
    person_id: PersonId
    created_at: datetime
    expires_at: datetime | None = None
    organisation_id: OrganisationId | None = None
    """Where its holder acts; None for a link, and for an operator's token, which acts in the first one."""
    name: str = ""
    """Of a token."""
    scopes: frozenset[str] | None = None
    """Permissions that a token is limited to; None for no limit but its holder's own."""
    purpose: LinkPurpose | None = None
    way: Way | None = None
    is_strong: bool = False
    """Whether a passkey or a second factor was shown."""
    origin: Origin = Origin()
    provider_id: str | None = None
    """The institution that a session came from."""
    provider_session: str = ""
    """The institution's own name of the session (`sid`)."""
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Neither revoked, nor spent, nor past its time, nor (a session) left alone too long."""
        if self.revoked_at is not None or (self.expires_at is not None and now >= self.expires_at):
            return False
        return self.kind is not GrantKind.SESSION or now < (self.used_at or self.created_at) + SESSION_IDLES


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential of a person."""

    id: str
    """The authenticator's name of it, base64url."""
    person_id: PersonId
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Totp:
    """The authenticator app of a person (RFC 6238)."""

    person_id: PersonId
    sealed_secret: bytes
    confirmed_at: datetime | None
    """None while the person has not shown a first code."""
    last_step: int
    """The time step of the last code that was taken: no code is taken twice."""


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person as administrators see them."""

    person: Person
    memberships: tuple[Membership, ...]
    """All of the organisation that is looked at, those that ended too."""
    last_seen_at: datetime | None
    has_credential: bool
    """Whether they can sign in: by password, passkey or an institution."""
    has_second_factor: bool
    works_elsewhere: bool
    """Whether they have roles in other organisations too."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person can sign in with."""

    password_changed_at: datetime | None
    has_totp: bool
    recovery_codes_left: int
    passkeys: tuple[Passkey, ...]

    @property
    def has_second_factor(self) -> bool:
        """Whether they can show more than a password."""
        return self.has_totp or bool(self.passkeys)


@dataclass(frozen=True, slots=True)
class GroupRule:
    """Whoever is in this group of the institution has this role here."""

    group: str
    organisation_id: OrganisationId
    role: Role


@dataclass(frozen=True, slots=True)
class Provider:
    """An institution's identity provider (OpenID Connect)."""

    id: str
    name: str
    issuer: str
    client_id: str
    sealed_client_secret: bytes | None = None
    """None for a public client, which is protected by PKCE alone."""
    scopes: str = "openid profile email"
    groups_claim: str = "groups"
    is_strong: bool = False
    """Whether the institution itself asks everybody for a second factor."""
    is_enabled: bool = True
    rules: tuple[GroupRule, ...] = field(default=())


class WrongCredentials(NotSignedIn):
    """Name or password is wrong; which of them is not said."""

    code = "wrong-credentials"


class WrongCode(NotSignedIn):
    """The code of the authenticator, or the recovery code, is wrong or was used."""

    code = "wrong-code"


class LinkSpent(NotSignedIn):
    """The one-time link is unknown, used or too old."""

    code = "link-spent"


class StepExpired(NotSignedIn):
    """A sign-in was begun and rested too long."""

    code = "step-expired"


class PasskeyRefused(NotSignedIn):
    """The passkey is unknown here, or its proof does not hold."""

    code = "passkey-refused"


class InstitutionFault(Invalid):
    """An institution does not answer, or what it says cannot be trusted."""

    code = "institution-fault"


class InstitutionRefused(NotSignedIn):
    """The institution knows this person, and nothing that it says of them gives a role here."""

    code = "institution-refused"


class Suspended(NotSignedIn):
    """The account is suspended."""

    code = "suspended"


class NoRole(NotSignedIn):
    """The person is known and has no role anywhere now."""

    code = "no-role"


class NoRoleThere(NotFound):
    """Whoever wants to act in an organisation has no role in it now."""

    code = "no-role-there"


class BeyondOrganisation(NotPermitted):
    """It reaches beyond the organisation, so only the node's administrator may."""

    code = "beyond-organisation"


class NeedsStrongSession(NotPermitted):
    """Changing a factor needs a session that one was shown in."""

    code = "needs-strong-session"


class NeedsSession(NotPermitted):
    """Something that only a signed-in browser may do."""

    code = "needs-session"


class NeedsFreshSession(NotPermitted):
    """The session began too long ago to show that it is still its holder who acts."""

    code = "needs-fresh-session"


class WeakPassword(Invalid):
    """The password is too short or well known."""

    code = "weak-password"


class Locked(TooMany):
    """Too many attempts failed."""

    code = "locked"


def normal_name(name: str) -> str:
    """A sign-in name in the one form that is kept: NFKC, case-folded, without spaces around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
