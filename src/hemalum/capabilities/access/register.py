"""What the services of access share: the database, the clock, who keeps records, and what a grant allows."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.access.model import (
    SESSION_LASTS,
    STEP_LASTS,
    Grant,
    GrantKind,
    Membership,
    Organisation,
    Origin,
    Person,
    Role,
    StepExpired,
    Way,
)
from hemalum.capabilities.access.places import Places
from hemalum.capabilities.access.sealing import Seal, Unseal
from hemalum.capabilities.access.store import grants, people
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome, Record, Recorder
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.ids import OrganisationId, PersonId, new_id
from hemalum.runtime.policy import Place

_DEVICE_LENGTH = 300


def _keep_nothing(_record: Record) -> None:
    """For nodes without an audit log."""


def _no_key(_content: bytes) -> bytes:
    raise RuntimeError("this process was given no key to seal secrets with")


def _nobody_looks(_session_id: str) -> None:
    """For registers by themselves, without a node that serves tiles."""


@dataclass(frozen=True)
class Register:
    """The register of people on one node's database."""

    database: sa.Engine
    permissions: Callable[[Actor, Place], frozenset[str]]
    """What somebody may ever do at a place (`runtime.policy.Permissions.of`)."""
    clock: Clock = utc_now
    record: Recorder = _keep_nothing
    """Called inside the transaction that makes the record true, before it is committed."""
    seal: Seal = _no_key
    unseal: Unseal = _no_key
    session_ended: Callable[[str], None] = _nobody_looks
    """Told, after commit, of every session or token that is no longer good."""
    places: Places = field(default_factory=Places)
    """Organisations as policies were asked about them a moment ago."""

    def tell(
        self,
        action: str,
        actor: Actor | None,
        target: str = "",
        *,
        outcome: Outcome = Outcome.DONE,
        organisation_id: OrganisationId | None = None,
        detail: Mapping[str, Any] | None = None,
        personal: Mapping[str, str] | None = None,
        subject: PersonId | None = None,
    ) -> None:
        """Record one thing. Where it came from goes with it, sealed, when somebody did it."""
        about = dict(personal or {})
        if actor is not None and actor.address:
            about.setdefault("address", actor.address)
        self.record(
            Record(
                f"access.{action}",
                actor,
                outcome,
                target=target,
                organisation_id=organisation_id,
                detail=detail or {},
                personal=about,
                subject=subject,
            )
        )

    def good_memberships(self, connection: sa.Connection, person_id: str) -> list[Membership]:
        """The roles that a person holds now, in the order in which they were given."""
        now = self.clock()
        return [each for each in people.memberships_of(connection, [person_id]) if each.is_good(now)]

    def actor_of(self, connection: sa.Connection, grant: Grant) -> Actor | None:
        """Who holds a grant and what they may do by it; None when they are suspended or have no role left.

        Somebody whose role at the grant's organisation ended acts in the first one where they have a role.
        """
        person = people.find_person(connection, person_id=grant.person_id)
        if person is None or person.suspended_at is not None:
            return None
        held = self.good_memberships(connection, person.id)
        if not held:
            return None
        places = [each.organisation_id for each in held]
        place = grant.organisation_id if grant.organisation_id in places else places[0]
        if grant.kind is not GrantKind.SESSION and grant.organisation_id not in (None, place):
            return None
        return self._acting(connection, person, grant, place, held)

    def _acting(
        self,
        connection: sa.Connection,
        person: Person,
        grant: Grant,
        place: OrganisationId,
        held: Iterable[Membership],
    ) -> Actor:
        organisation = people.find_organisation(connection, place)
        assert organisation is not None
        # The node's administrator is one wherever they act.
        roles = {each.role for each in held if each.organisation_id == place}
        roles |= {each.role for each in held if each.role is Role.NODE_ADMINISTRATOR}
        if _lacks_factor(organisation, grant):
            roles = set()
        actor = Actor(
            person.id,
            person.name,
            place,
            frozenset(),
            grant.id,
            roles=frozenset(role.value for role in roles),
            groups=people.groups_of(connection, person.id, place),
            jurisdiction=organisation.jurisdiction,
            is_strong=grant.is_strong,
            address=grant.origin.address,
            display_name=person.display_name,
        )
        permissions = self.permissions(actor, place_of(organisation, self.clock()))
        return replace(actor, permissions=permissions if grant.scopes is None else permissions & grant.scopes)

    def is_idle(self, connection: sa.Connection, grant: Grant) -> bool:
        """Whether a token may do nothing until its organisation asks for no second factor any more."""
        place = grant.organisation_id
        organisation = None if place is None else people.find_organisation(connection, place)
        return organisation is not None and _lacks_factor(organisation, grant)

    def acting(self, connection: sa.Connection, person: Person, place: OrganisationId) -> Actor | None:
        """A person as they act at an organisation without any grant; None when they have no role there, or
        are suspended."""
        held = self.good_memberships(connection, person.id)
        if person.suspended_at is not None or place not in [each.organisation_id for each in held]:
            return None
        nothing = Grant("", GrantKind.WORK, person.id, self.clock())
        return self._acting(connection, person, nothing, place, held)

    def add_grant(
        self, connection: sa.Connection, grant: Grant, *, sealed_id_token: bytes | None = None
    ) -> str:
        """Keep a grant; its secret comes back, once."""
        secret = new_secret()
        grants.add_grant(connection, grant, digest(secret), sealed_id_token)
        return secret

    def new_session(
        self,
        connection: sa.Connection,
        person: Person,
        way: Way,
        origin: Origin,
        *,
        is_strong: bool,
    ) -> Grant:
        """A session that is not kept yet; it acts where the person acted last."""
        now = self.clock()
        last = grants.last_organisation(connection, person.id)
        return Grant(
            new_id(),
            GrantKind.SESSION,
            person.id,
            now,
            now + SESSION_LASTS,
            organisation_id=None if last is None else OrganisationId(last),
            way=way,
            is_strong=is_strong,
            origin=replace(origin, device=origin.device[:_DEVICE_LENGTH]),
            used_at=now,
        )

    def end_grants(
        self, connection: sa.Connection, person_id: str, *kinds: GrantKind, besides: str = ""
    ) -> list[str]:
        """Revoke everything of these kinds that a person holds; pass what comes back to `tell_ended`."""
        held = [each for each in list_held(connection, person_id, *kinds) if each != besides]
        return [each for each in held if grants.revoke_grant(connection, each, self.clock())]

    def tell_ended(self, ended: Iterable[str]) -> None:
        """After commit: what these sessions and tokens have opened is closed."""
        for grant_id in ended:
            self.session_ended(grant_id)

    def begin_step(
        self, connection: sa.Connection, kind: str, person_id: str | None, detail: Mapping[str, Any]
    ) -> str:
        """Remember something half-way for a few minutes; the secret that goes on with it comes back."""
        secret, now = new_secret(), self.clock()
        grants.add_step(connection, digest(secret), kind, person_id, detail, now + STEP_LASTS, now)
        return secret

    def find_step(
        self, connection: sa.Connection, kind: str, secret: str
    ) -> tuple[str | None, dict[str, Any]]:
        """Whose step it is and its detail, without taking it.

        Raises:
            StepExpired: there is none, or it is too old.
        """
        found = grants.find_step(connection, digest(secret), kind, self.clock())
        if found is None:
            raise StepExpired("This rested too long. Begin again.")
        return found

    def take_step(
        self, connection: sa.Connection, kind: str, secret: str
    ) -> tuple[str | None, dict[str, Any]]:
        """The same, once: of two that race, one gets StepExpired."""
        found = self.find_step(connection, kind, secret)
        if not grants.spend_step(connection, digest(secret)):
            raise StepExpired("This rested too long. Begin again.")
        return found


def _lacks_factor(organisation: Organisation, grant: Grant) -> bool:
    """Whether an organisation asks for a second factor that was not shown in a session, or in the one that
    a token was made in. The operator of the machine makes tokens without any session: those have no scopes.
    """
    is_asked = grant.kind is GrantKind.SESSION or (grant.kind is GrantKind.TOKEN and grant.scopes is not None)
    return organisation.requires_second_factor and is_asked and not grant.is_strong


def list_held(connection: sa.Connection, person_id: str, *kinds: GrantKind) -> list[str]:
    """Ids of the grants of these kinds that a person holds."""
    return [grant.id for kind in kinds for grant in grants.list_grants(connection, kind, people=[person_id])]


def place_of(organisation: Organisation, now: datetime) -> Place:
    """An organisation as policies see it. Accreditation counts until its day, where one is stated."""
    until = organisation.accredited_until
    country = organisation.jurisdiction.partition("-")[0]
    return Place(organisation.id, organisation.kind.value, country, until is None or now.date() <= until)


def new_secret() -> str:
    """256 random bits for a URL or a header."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a secret."""
    # The secret is random and long, so a plain hash is enough: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
