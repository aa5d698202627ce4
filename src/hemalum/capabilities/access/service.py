"""Signing in and out, tokens, one-time links, and who an incoming secret belongs to."""

import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from hemalum.capabilities.access import store
from hemalum.capabilities.access.model import (
    FIRST_ORGANISATION,
    LINK_LASTS,
    PERMISSIONS_OF,
    SESSION_LASTS,
    Grant,
    GrantKind,
    Organisation,
    Person,
    Role,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import Conflict, NotFound, NotSignedIn
from hemalum.kernel.ids import OrganisationId, PersonId, new_id
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.policy import Place

ADMINISTRATOR_NAME = "admin"
DEMO_NAME = "demo"


@dataclass(frozen=True)
class Access:
    """The use cases of access on one node's database."""

    database: sa.Engine
    clock: Clock = utc_now

    def ensure_first_people(self) -> None:
        """Give a fresh node its one organisation and its one administrator. Safe to repeat and to race."""
        with transaction(self.database) as connection:
            if store.first_organisation(connection) is not None:
                return
            now = self.clock()
            store.add_organisation(connection, Organisation(FIRST_ORGANISATION, "Home hospital"), now)
            administrator = Person(
                PersonId(new_id()),
                ADMINISTRATOR_NAME,
                "Administrator",
                FIRST_ORGANISATION,
                Role.ADMINISTRATOR,
            )
            store.add_person(connection, administrator, now)

    def add_person(self, name: str, display_name: str, organisation_id: str, role: Role) -> Person:
        """Give somebody a role in an organisation.

        Raises:
            NotFound: there is no such organisation.
            Conflict: the name is taken.
        """
        with transaction(self.database) as connection:
            home = store.find_organisation(connection, organisation_id)
            if home is None:
                raise NotFound(f"There is no organisation {organisation_id}.")
            if store.find_person(connection, name=name) is not None:
                raise Conflict(f"Somebody is already called {name}.")
            added = Person(PersonId(new_id()), name, display_name, home.id, role)
            store.add_person(connection, added, self.clock())
        return added

    def add_organisation(self, organisation_id: str, name: str) -> Organisation:
        """Add a hospital, laboratory or university.

        Raises:
            Conflict: the id is taken.
        """
        with transaction(self.database) as connection:
            if store.find_organisation(connection, organisation_id) is not None:
                raise Conflict(f"There already is an organisation {organisation_id}.")
            added = Organisation(organisation_id, name)  # type: ignore[arg-type]
            store.add_organisation(connection, added, self.clock())
        return added

    def get_organisation(self, organisation_id: str | None = None) -> Organisation:
        """An organisation by id, or the node's first one.

        Raises:
            NotFound: there is none.
        """
        with reading(self.database) as connection:
            found = (
                store.first_organisation(connection)
                if organisation_id is None
                else store.find_organisation(connection, organisation_id)
            )
        if found is None:
            raise NotFound(f"There is no organisation {organisation_id or 'yet'}.")
        return found

    def place_of(self, organisation_id: OrganisationId) -> Place:
        """An organisation as policies see it. Raises as `get_organisation` does."""
        return Place(self.get_organisation(organisation_id).id, accredited=True)

    def get_person(self, name: str) -> Person:
        """Somebody by the name they sign in as.

        Raises:
            NotFound: nobody has this name.
        """
        with reading(self.database) as connection:
            found = store.find_person(connection, name=name)
        if found is None:
            raise NotFound(f"There is nobody called {name}.")
        return found

    def actor_for(self, name: str) -> Actor:
        """The actor of the operator of the machine, acting as somebody."""
        return _actor(self.get_person(name), session_id="operator")

    def issue_token(self, name: str) -> str:
        """A bearer token for programs that act as somebody. It is good until revoked."""
        return self._issue(self.get_person(name), GrantKind.TOKEN)

    def issue_link(self, name: str) -> str:
        """A one-time code that signs somebody in; good for an hour."""
        return self._issue(self.get_person(name), GrantKind.LINK)

    def first_link(self) -> str | None:
        """A link for the administrator of a node where the administrator never signed in, else None."""
        administrator = self.get_person(ADMINISTRATOR_NAME)
        with reading(self.database) as connection:
            if store.has_signed_in(connection, administrator.id):
                return None
        return self._issue(administrator, GrantKind.LINK)

    def sign_in(self, code: str) -> str:
        """Spend a one-time code; the secret of a new session comes back.

        Raises:
            NotSignedIn: the code is unknown, spent or too old.
        """
        now = self.clock()
        with transaction(self.database) as connection:
            found = store.find_holder(connection, _digest(code))
            if found is None or found[0].kind is not GrantKind.LINK or not found[0].is_good(now):
                raise NotSignedIn("This link has been used or is too old. Ask for a new one.")
            if not store.revoke_grant(connection, found[0].id, now):
                raise NotSignedIn("This link has been used or is too old. Ask for a new one.")
            secret, granted = self._new_grant(found[1], GrantKind.SESSION)
            store.add_grant(connection, granted, _digest(secret))
        return secret

    def sign_out(self, session_id: str) -> None:
        """End a session. Ending it twice is no error."""
        with transaction(self.database) as connection:
            store.revoke_grant(connection, session_id, self.clock())

    def authenticate(self, secret: str) -> Actor | None:
        """Who holds this session or token secret, or None when it is not good. A link signs in nobody."""
        with reading(self.database) as connection:
            found = store.find_holder(connection, _digest(secret))
        if found is None or found[0].kind is GrantKind.LINK or not found[0].is_good(self.clock()):
            return None
        return _actor(found[1], found[0].id)

    def ensure_demo_person(self) -> Actor:
        """The visitor of a demo node, who may do everything with slides and nothing with people."""
        with transaction(self.database) as connection:
            visitor = store.find_person(connection, name=DEMO_NAME)
            if visitor is None:
                visitor = Person(
                    PersonId(new_id()), DEMO_NAME, "Demo visitor", FIRST_ORGANISATION, Role.PATHOLOGIST
                )
                store.add_person(connection, visitor, self.clock())
        actor = _actor(visitor, "demo")
        return Actor(
            actor.person_id,
            actor.name,
            actor.organisation_id,
            actor.permissions | PERMISSIONS_OF[Role.TECHNICIAN],
            actor.session_id,
        )

    def _issue(self, holder: Person, kind: GrantKind) -> str:
        secret, granted = self._new_grant(holder, kind)
        with transaction(self.database) as connection:
            store.add_grant(connection, granted, _digest(secret))
        return secret

    def _new_grant(self, holder: Person, kind: GrantKind) -> tuple[str, Grant]:
        now = self.clock()
        lasts = {GrantKind.SESSION: SESSION_LASTS, GrantKind.LINK: LINK_LASTS}.get(kind)
        expires = None if lasts is None else now + lasts
        return secrets.token_urlsafe(32), Grant(new_id(), kind, holder.id, now, expires, None)


def _digest(secret: str) -> str:
    # The secret has 256 random bits, so a plain hash is enough: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()


def _actor(person: Person, session_id: str) -> Actor:
    roles = {person.role.value}
    if person.role is Role.ADMINISTRATOR:
        roles |= {Role.PATHOLOGIST.value, Role.TECHNICIAN.value}
    return Actor(
        person.id,
        person.name,
        person.organisation_id,
        PERMISSIONS_OF[person.role],
        session_id,
        roles=frozenset(roles),
    )
