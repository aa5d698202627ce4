"""Access of a node: who an incoming secret belongs to, and what the operator of the machine does.

The parts that people use are `sign_in`, `account`, `tokens`, `people` and `institutions`.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from hemalum.capabilities.access.account import Account
from hemalum.capabilities.access.institutions import Institutions
from hemalum.capabilities.access.model import (
    DEMO_SESSION,
    FIRST_ORGANISATION,
    LINK_LASTS,
    Grant,
    GrantKind,
    LinkPurpose,
    Membership,
    Organisation,
    Person,
    PersonKind,
    Role,
    normal_name,
)
from hemalum.capabilities.access.openid import OpenId
from hemalum.capabilities.access.people import People, new_person
from hemalum.capabilities.access.register import Register, digest, place_of
from hemalum.capabilities.access.sign_in import SignIn
from hemalum.capabilities.access.store import grants, people
from hemalum.capabilities.access.tokens import Tokens
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.policy import Place

ADMINISTRATOR_NAME = "admin"
DEMO_NAME = "demo"

_TOUCHED_EVERY = timedelta(minutes=1)
_FIRST_ROLES = (Role.ADMINISTRATOR, Role.NODE_ADMINISTRATOR, Role.PATHOLOGIST, Role.TECHNICIAN)
_DEMO_ROLES = (Role.PATHOLOGIST, Role.TECHNICIAN)


@dataclass(frozen=True)
class Access(Register):
    """Access on one node's database. Cheap to make; safe to use from many threads."""

    openid: OpenId = field(default_factory=OpenId)
    """What institutions publish and answer."""

    @property
    def sign_in(self) -> SignIn:
        """The ways in."""
        return SignIn(self)

    @property
    def account(self) -> Account:
        """One's own account."""
        return Account(self)

    @property
    def tokens(self) -> Tokens:
        """Tokens of oneself and of service accounts."""
        return Tokens(self)

    @property
    def institutions(self) -> Institutions:
        """Identity providers elsewhere."""
        return Institutions(self, self.openid)

    @property
    def people(self) -> People:
        """People and organisations, for administrators."""
        return People(self)

    def authenticate(self, secret: str, is_attended: bool = True) -> Actor | None:
        """Who holds this session or token secret, or None when it is not good. A link signs in nobody.

        What a page asks for while nobody is there (not `is_attended`) does not keep a session alive. Costs a
        few reads, and once a minute for each session a write.
        """
        now = self.clock()
        with reading(self.database) as connection:
            grant = grants.find_grant(connection, digest=digest(secret))
            if grant is None or grant.kind is GrantKind.LINK or not grant.is_good(now):
                return None
            actor = self.actor_of(connection, grant)
        is_use = is_attended and (grant.used_at is None or now - grant.used_at >= _TOUCHED_EVERY)
        if actor is not None and is_use:
            with transaction(self.database) as connection:
                grants.touch_grant(connection, grant.id, now)
        return actor

    def is_good_session(self, session_id: str) -> bool:
        """Whether this is the session of a browser, and has not ended."""
        with reading(self.database) as connection:
            found = grants.find_grant(connection, grant_id=session_id)
        return found is not None and found.kind is GrantKind.SESSION and found.is_good(self.clock())

    def sign_out(self, actor: Actor) -> None:
        """End the session or token that somebody came with."""
        with transaction(self.database) as connection:
            if grants.revoke_grant(connection, actor.session_id, self.clock()):
                self.tell("sign_out", actor, f"person/{actor.person_id}")
        self.tell_ended([actor.session_id])

    def end_session_of(self, secret: str) -> None:
        """End the session that a browser held before somebody signed in anew."""
        with transaction(self.database) as connection:
            before = grants.find_grant(connection, digest=digest(secret))
            if before is None or before.kind is not GrantKind.SESSION:
                return
            grants.revoke_grant(connection, before.id, self.clock())
        self.tell_ended([before.id])

    def place_of(self, organisation_id: OrganisationId) -> Place:
        """An organisation as policies see it. What another process changes is seen within a second.

        Raises:
            NotFound: there is none.
        """
        return place_of(self.places.find(organisation_id, self.get_organisation), self.clock())

    def name_of(self, organisation_id: OrganisationId) -> str:
        """What an organisation is called; seen and raises as by `place_of`."""
        return self.places.find(organisation_id, self.get_organisation).name

    # The operator of the machine, who can read the data directory anyway

    def ensure_first_people(self) -> None:
        """Give a fresh node its one organisation and its one administrator. Safe to repeat and to race.

        The administrator is pathologist and technician too, so that a small node works at once.
        """
        with transaction(self.database) as connection:
            if people.list_organisations(connection):
                return
            now = self.clock()
            home = Organisation(FIRST_ORGANISATION, "Home hospital")
            people.add_organisation(connection, home, now)
            administrator = new_person(
                self, connection, ADMINISTRATOR_NAME, "Administrator", PersonKind.PERSON
            )
            for role in _FIRST_ROLES:
                people.put_membership(connection, Membership(administrator.id, home.id, role), now)
            self.tell("administrator_set_up", None, f"person/{administrator.id}", organisation_id=home.id)

    def add_organisation(self, organisation_id: str, name: str) -> Organisation:
        """Add a hospital, laboratory or university.

        Raises:
            Conflict: the id is taken.
        """
        return self.people.add_organisation(None, Organisation(OrganisationId(organisation_id), name))

    def add_person(self, name: str, display_name: str, organisation_id: str, *roles: Role) -> Person:
        """Add somebody with roles in an organisation.

        Raises:
            NotFound: there is no such organisation.
            Conflict: the name is taken.
        """
        home = self.get_organisation(organisation_id)
        with transaction(self.database) as connection:
            added = new_person(self, connection, name, display_name, PersonKind.PERSON)
            personal = {"name": added.name, "display_name": added.display_name}
            self.tell(
                "person_added",
                None,
                f"person/{added.id}",
                organisation_id=home.id,
                personal=personal,
                subject=added.id,
            )
        for role in roles:
            self.give_role(name, home.id, role)
        return added

    def give_role(self, name: str, organisation_id: str, role: Role) -> None:
        """Give somebody who is known a role in an organisation.

        Raises:
            NotFound: there is no such person or organisation.
        """
        home, person = self.get_organisation(organisation_id), self.get_person(name)
        with transaction(self.database) as connection:
            people.put_membership(connection, Membership(person.id, home.id, role), self.clock())
            self.tell(
                "role_given", None, f"person/{person.id}", organisation_id=home.id, detail={"role": role}
            )

    def get_organisation(self, organisation_id: str | None = None) -> Organisation:
        """An organisation by id, or the node's first one.

        Raises:
            NotFound: there is none.
        """
        with reading(self.database) as connection:
            if organisation_id is None:
                found = next(iter(people.list_organisations(connection)), None)
            else:
                found = people.find_organisation(connection, organisation_id)
        if found is None:
            raise NotFound(
                "There is no organisation {organisation_id}.", organisation_id=organisation_id or "-"
            )
        return found

    def get_person(self, name: str) -> Person:
        """Somebody by the name they sign in as.

        Raises:
            NotFound: nobody has this name.
        """
        with reading(self.database) as connection:
            found = people.find_person(connection, name=normal_name(name))
        if found is None:
            raise NotFound("There is nobody called {name}.", name=name)
        return found

    def actor_for(self, name: str) -> Actor:
        """The actor of the operator of the machine, acting as somebody.

        Raises:
            NotFound: nobody has this name, or they may not do anything now.
        """
        return self._operator(self.get_person(name), "operator")

    def issue_token(self, name: str) -> str:
        """A bearer token for programs that act as somebody. It is good until revoked."""
        person = self.get_person(name)
        grant = Grant(new_id(), GrantKind.TOKEN, person.id, self.clock(), name="hemalum token")
        with transaction(self.database) as connection:
            detail = {"token": grant.id}
            self.tell("token_issued", None, f"person/{person.id}", detail=detail)
            return self.add_grant(connection, grant)

    def issue_link(self, name: str, purpose: LinkPurpose = LinkPurpose.ENTER) -> str:
        """A one-time code that signs somebody in; good for an hour."""
        person, now = self.get_person(name), self.clock()
        if person.kind is PersonKind.SERVICE:
            raise Conflict("A service account cannot sign in; it holds tokens.")
        grant = Grant(new_id(), GrantKind.LINK, person.id, now, now + LINK_LASTS, purpose=purpose)
        with transaction(self.database) as connection:
            self.tell("link_issued", None, f"person/{person.id}", detail={"purpose": purpose})
            return self.add_grant(connection, grant)

    def first_link(self) -> str | None:
        """A link for the administrator of a node where the administrator never signed in, else None."""
        administrator = self.get_person(ADMINISTRATOR_NAME)
        with reading(self.database) as connection:
            if grants.has_signed_in(connection, administrator.id):
                return None
        return self.issue_link(ADMINISTRATOR_NAME, LinkPurpose.FIRST)

    def ensure_demo_person(self) -> Actor:
        """The visitor of a demo node, who may do everything with slides and nothing with people."""
        try:
            visitor = self.get_person(DEMO_NAME)
        except NotFound:
            visitor = self.add_person(DEMO_NAME, "Demo visitor", FIRST_ORGANISATION, *_DEMO_ROLES)
        return self._operator(visitor, DEMO_SESSION)

    def _operator(self, person: Person, session_id: str) -> Actor:
        with reading(self.database) as connection:
            actor = self.actor_of(connection, Grant(session_id, GrantKind.WORK, person.id, self.clock()))
        if actor is None:
            raise NotFound("{name} has no role now.", name=person.name)
        return actor
