"""What access asks and answers over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat

from hemalum.capabilities.access import model
from hemalum.capabilities.access.model import (
    TOKEN_LASTS_AT_MOST,
    Grant,
    LinkPurpose,
    Membership,
    OrganisationKind,
    PersonEntry,
    PersonKind,
    Role,
    Way,
)

Text = Annotated[str, Field(max_length=200)]
Secret = Annotated[str, Field(max_length=1000)]


class Place(BaseModel):
    """An organisation where somebody may act."""

    id: str
    name: str


class Me(BaseModel):
    """Who is signed in."""

    person_id: str
    name: str
    display_name: str
    organisation_id: str
    organisation_name: str
    organisations: list[Place]
    """Where they may act."""
    roles: list[str]
    groups: list[str]
    permissions: list[str]
    is_strong: bool
    """Whether a passkey or a second factor was shown."""
    needs_second_factor: bool
    """Whether the organisation asks for one before anything is allowed."""
    demo: bool


class Wheel(BaseModel):
    """How the mouse wheel zooms."""

    model_config = ConfigDict(extra="forbid")

    inverted: bool = False
    speed: float = Field(default=1, ge=0.25, le=4)


ActionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9.]{1,40}$")]
Chord = Annotated[str, Field(min_length=1, max_length=30)]


class ChannelLook(BaseModel):
    """How a fluorescence channel is shown."""

    model_config = ConfigDict(extra="forbid")

    colour: Annotated[str, Field(pattern="^[0-9a-f]{6}$")]
    low: FiniteFloat
    high: FiniteFloat
    gamma: float = Field(default=1, ge=0.1, le=10)
    visible: bool


class ChannelPreset(BaseModel):
    """A look of channels by their names, for every slide that has some of them."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    channels: dict[Annotated[str, Field(max_length=120)], ChannelLook] = Field(max_length=100)


class Settings(BaseModel):
    """How somebody wants their screens. What is null follows the browser."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["en", "zh-CN"] | None = None
    theme: Literal["dark", "light"] | None = None
    density: Literal["compact", "standard", "touch"] | None = None
    motion: Literal["reduced", "full"] | None = None
    wheel: Wheel = Wheel()
    slow_link: Literal["on", "off"] | None = None
    """Whether tiles come at half their resolution first; null where the measured link decides."""
    keys: dict[ActionName, Annotated[list[Chord], Field(max_length=6)]] = Field(default={}, max_length=200)
    """Keys by action, of those actions whose keys the person changed."""
    channel_presets: list[ChannelPreset] = Field(default=[], max_length=40)


class PasswordShown(BaseModel):
    """A name and a password."""

    name: Text
    password: Secret


class CodeShown(BaseModel):
    """The second half of a sign-in."""

    ticket: Text
    code: Text


class LinkShown(BaseModel):
    """A one-time link's code."""

    code: Text


class Ceremony(BaseModel):
    """What to give to the browser's passkey functions, and the ticket that their answer goes with."""

    ticket: str
    options: dict[str, Any]


class PasskeyShown(BaseModel):
    """The browser's answer."""

    ticket: Text
    credential: dict[str, Any]


class PasskeyMade(PasskeyShown):
    """The browser's answer, for a new passkey."""

    name: Text = ""


class SignInAnswer(BaseModel):
    """What became of a sign-in."""

    ticket: str | None = None
    """Set when a second factor has to follow."""
    purpose: LinkPurpose | None = None


class SignedOut(BaseModel):
    """Where to go on, for a session that came from an institution."""

    continue_at: str | None = None


class PasswordChanged(BaseModel):
    """A new password."""

    current: Secret | None = None
    password: Secret


class PasskeyKnown(BaseModel):
    """A passkey of mine."""

    id: str
    name: str
    created_at: datetime
    used_at: datetime | None


class AccountAnswer(BaseModel):
    """My account."""

    name: str
    display_name: str
    has_password: bool
    asks_current_password: bool
    """Whether a new password needs the current one."""
    password_changed_at: datetime | None
    has_totp: bool
    recovery_codes_left: int
    passkeys: list[PasskeyKnown]


class TotpBegun(BaseModel):
    """An authenticator app to be set up."""

    secret: str
    qr_code: str
    """An SVG as a data address."""


class TotpCode(BaseModel):
    """A first code of the app."""

    code: Text


class RecoveryCodes(BaseModel):
    """Shown once."""

    recovery_codes: list[str]


class SessionKnown(BaseModel):
    """Where I am signed in."""

    id: str
    is_this: bool
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    way: Way | None
    is_strong: bool
    address: str
    device: str


class TokenKnown(BaseModel):
    """A token, without its secret."""

    id: str
    name: str
    scopes: list[str] | None
    organisation_id: str | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    is_idle: bool
    """Its organisation asks for a second factor, and none was shown where it was made: it may do nothing."""


class TokenAsked(BaseModel):
    """A token to be made."""

    name: Text
    scopes: list[Text]
    days: int = Field(ge=1, le=TOKEN_LASTS_AT_MOST.days)


class TokenMade(TokenKnown):
    """A token with its secret, which is shown once."""

    secret: str


class ActIn(BaseModel):
    """Where to act from now on."""

    organisation_id: Text


class RoleHeld(BaseModel):
    """A role at an organisation."""

    role: Role
    until: AwareDatetime | None = None


class RoleShown(RoleHeld):
    """A role, and whether an institution's groups gave it."""

    from_institution: bool
    has_ended: bool


class PersonShown(BaseModel):
    """Somebody of an organisation."""

    id: str
    name: str
    display_name: str
    kind: PersonKind
    roles: list[RoleShown]
    suspended_at: datetime | None
    last_seen_at: datetime | None
    has_credential: bool
    has_second_factor: bool
    works_elsewhere: bool


class PeoplePage(BaseModel):
    """A page of people."""

    total: int
    offset: int
    items: list[PersonShown]


class PersonAsked(BaseModel):
    """Somebody to be invited, or a service account to be made."""

    name: Text
    display_name: Text
    roles: list[Role]
    kind: PersonKind = PersonKind.PERSON


class PersonAdded(BaseModel):
    """Somebody new, and the link to send to them."""

    id: str
    link: str | None


class PersonChanged(BaseModel):
    """How somebody is called."""

    display_name: Text


class RolesAsked(BaseModel):
    """All roles that somebody is to have."""

    roles: list[RoleHeld]


class ResetAsked(BaseModel):
    """Whether passkeys and authenticator app go too."""

    remove_factors: bool = False


class LinkMade(BaseModel):
    """A link to send to somebody."""

    link: str


class GroupAsked(BaseModel):
    """A group's name and members."""

    name: Text
    members: list[Text]


class GroupShown(GroupAsked):
    """A group."""

    id: str


class OrganisationAsked(BaseModel):
    """What is stated of an organisation."""

    name: Text
    kind: OrganisationKind = OrganisationKind.HOSPITAL
    jurisdiction: Text = ""
    accreditation: Text = ""
    accredited_until: date | None = None
    requires_second_factor: bool = False


class OrganisationAdded(OrganisationAsked):
    """A new organisation; a random id by default."""

    id: Text | None = None


class OrganisationShown(OrganisationAsked):
    """An organisation."""

    id: str


class Institution(BaseModel):
    """An institution that people may sign in by."""

    id: str
    name: str


class GroupRuleStated(BaseModel):
    """Whoever is in this group of the institution has this role here."""

    group: Text
    organisation_id: Text
    role: Role


class ProviderStated(BaseModel):
    """An institution's identity provider."""

    name: Text
    issuer: Annotated[str, Field(max_length=500)]
    client_id: Text
    scopes: Text = "openid profile email"
    groups_claim: Text = "groups"
    is_strong: bool = False
    is_enabled: bool = True
    rules: list[GroupRuleStated] = []


class ProviderAsked(ProviderStated):
    """The same with its secret: null leaves it as it is, an empty text means a public client."""

    client_secret: Secret | None = None


class ProviderShown(ProviderStated):
    """The same as it is kept."""

    id: str
    has_client_secret: bool


def provider_of(provider: model.Provider) -> ProviderShown:
    """An institution as the node's administrator sees it."""
    return ProviderShown(
        id=provider.id,
        name=provider.name,
        issuer=provider.issuer,
        client_id=provider.client_id,
        scopes=provider.scopes,
        groups_claim=provider.groups_claim,
        is_strong=provider.is_strong,
        is_enabled=provider.is_enabled,
        has_client_secret=provider.sealed_client_secret is not None,
        rules=[GroupRuleStated.model_validate(each, from_attributes=True) for each in provider.rules],
    )


def session_of(grant: Grant, own: str) -> SessionKnown:
    """A session as its holder sees it."""
    return SessionKnown(
        id=grant.id,
        is_this=grant.id == own,
        created_at=grant.created_at,
        used_at=grant.used_at,
        expires_at=grant.expires_at,
        way=grant.way,
        is_strong=grant.is_strong,
        address=grant.origin.address,
        device=grant.origin.device,
    )


def token_of(grant: Grant, *, is_idle: bool = False) -> TokenKnown:
    """A token as its holder sees it."""
    return TokenKnown(
        id=grant.id,
        name=grant.name,
        scopes=None if grant.scopes is None else sorted(grant.scopes),
        organisation_id=grant.organisation_id,
        created_at=grant.created_at,
        expires_at=grant.expires_at,
        used_at=grant.used_at,
        is_idle=is_idle,
    )


def account_of(person: model.Person, held: model.Credentials, asks_current_password: bool) -> AccountAnswer:
    """An account as its holder sees it."""
    return AccountAnswer(
        name=person.name,
        display_name=person.display_name,
        has_password=held.password_changed_at is not None,
        asks_current_password=asks_current_password,
        password_changed_at=held.password_changed_at,
        has_totp=held.has_totp,
        recovery_codes_left=held.recovery_codes_left,
        passkeys=[
            PasskeyKnown(id=each.id, name=each.name, created_at=each.created_at, used_at=each.used_at)
            for each in held.passkeys
        ],
    )


def person_of(entry: PersonEntry, now: datetime) -> PersonShown:
    """Somebody as administrators see them."""
    return PersonShown(
        id=entry.person.id,
        name=entry.person.name,
        display_name=entry.person.display_name,
        kind=entry.person.kind,
        roles=[_role(each, now) for each in entry.memberships],
        suspended_at=entry.person.suspended_at,
        last_seen_at=entry.last_seen_at,
        has_credential=entry.has_credential,
        has_second_factor=entry.has_second_factor,
        works_elsewhere=entry.works_elsewhere,
    )


def organisation_of(organisation: model.Organisation) -> OrganisationShown:
    """An organisation as the node's administrator sees it."""
    return OrganisationShown.model_validate(organisation, from_attributes=True)


def _role(held: Membership, now: datetime) -> RoleShown:
    return RoleShown(
        role=held.role,
        until=held.until,
        from_institution=held.provider_id is not None,
        has_ended=not held.is_good(now),
    )
