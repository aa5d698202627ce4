"""What administrators do: organisations, people and their roles, groups, service accounts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from hemalum.capabilities.access import policy
from hemalum.capabilities.access.model import (
    INVITATION_LASTS,
    BeyondOrganisation,
    Grant,
    GrantKind,
    Group,
    LinkPurpose,
    Membership,
    Organisation,
    Person,
    PersonEntry,
    PersonKind,
    Role,
    normal_name,
)
from hemalum.capabilities.access.register import Register, list_held
from hemalum.capabilities.access.store import credentials, grants, people
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.ids import OrganisationId, PersonId, new_id
from hemalum.runtime.db import reading, transaction

_NAME = re.compile(r"[^\s\x00-\x1f\x7f]{1,100}")
_ORGANISATION_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_RESET_LASTS = timedelta(days=1)


@dataclass(frozen=True)
class People:
    """The people of an organisation, for its administrator; organisations, for the node's administrator.

    What an administrator may not see does not exist for them: NotFound, as for what is not there.
    """

    register: Register

    # Organisations

    def list_organisations(self) -> list[Organisation]:
        """All of the node."""
        with reading(self.register.database) as connection:
            return people.list_organisations(connection)

    def add_organisation(self, actor: Actor | None, added: Organisation) -> Organisation:
        """Add a hospital, laboratory, university, sponsor or authority.

        Raises:
            Conflict: the id is taken.
            Invalid: a field does not hold what it should.
        """
        checked = _checked(added)
        with transaction(self.register.database) as connection:
            if people.find_organisation(connection, checked.id) is not None:
                raise Conflict(
                    "There already is an organisation {organisation_id}.", organisation_id=checked.id
                )
            people.add_organisation(connection, checked, self.register.clock())
            self._tell_organisation("organisation_added", actor, checked)
        return checked

    def change_organisation(self, actor: Actor, changed: Organisation) -> Organisation:
        """Change what is known of an organisation.

        Raises:
            NotFound: there is none with this id.
            Invalid: a field does not hold what it should.
        """
        checked = _checked(changed)
        with transaction(self.register.database) as connection:
            if people.find_organisation(connection, checked.id) is None:
                raise NotFound("There is no organisation {organisation_id}.", organisation_id=checked.id)
            people.change_organisation(connection, checked)
            self._tell_organisation("organisation_changed", actor, checked)
        self.register.places.forget()
        return checked

    # People

    def list_everybody(self) -> list[tuple[Organisation, list[PersonEntry]]]:
        """All organisations and who has or had a role in them, for the operator of the machine."""
        with reading(self.register.database) as connection:
            found = []
            for place in people.list_organisations(connection):
                total, _ = people.list_people(connection, place.id, [], 0, 0)
                _, everybody = people.list_people(connection, place.id, [], 0, total)
                found.append((place, self._entries(connection, place.id, everybody)))
            return found

    def list_people(
        self, actor: Actor, organisation_id: str | None, text: str, offset: int, limit: int
    ) -> tuple[int, list[PersonEntry]]:
        """How many people of an organisation match every word, and a page of them."""
        place = self._place(actor, organisation_id)
        with reading(self.register.database) as connection:
            total, found = people.list_people(connection, place, normal_name(text).split(), offset, limit)
            return total, self._entries(connection, place, found)

    def list_holders(self, organisation_id: OrganisationId, roles: Iterable[Role]) -> list[Person]:
        """All who hold one of these roles in an organisation now, by the name that is shown."""
        with reading(self.register.database) as connection:
            return people.list_holders(connection, organisation_id, roles, self.register.clock())

    def get_person(self, actor: Actor, organisation_id: str | None, person_id: str) -> PersonEntry:
        """One person of an organisation.

        Raises:
            NotFound: nobody with this id has or had a role there.
        """
        place = self._place(actor, organisation_id)
        with reading(self.register.database) as connection:
            person = self._person(connection, place, person_id)
            return self._entries(connection, place, [person])[0]

    def add(
        self,
        actor: Actor,
        organisation_id: str | None,
        name: str,
        display_name: str,
        roles: Iterable[Role],
        kind: PersonKind = PersonKind.PERSON,
    ) -> tuple[Person, str | None]:
        """Add somebody with roles; the code of an invitation comes back, None for a service account.

        Raises:
            Conflict: the name is taken.
            Invalid: it cannot be a sign-in name, or there is no role.
            BeyondOrganisation: only the node's administrator may give one of the roles.
        """
        place = self._place(actor, organisation_id)
        with transaction(self.register.database) as connection:
            person = new_person(self.register, connection, name, display_name, kind)
            given = [Membership(person.id, place, role) for role in dict.fromkeys(roles)]
            if not given:
                raise Invalid("Say at least one role.")
            action = "person_invited" if kind is PersonKind.PERSON else "person_added"
            personal = {"name": person.name, "display_name": person.display_name}
            self.register.tell(
                action,
                actor,
                f"person/{person.id}",
                organisation_id=place,
                detail={"kind": kind},
                personal=personal,
                subject=person.id,
            )
            for each in given:
                self._give(connection, actor, each)
            if kind is PersonKind.SERVICE:
                return person, None
            return person, self._link(connection, person, LinkPurpose.INVITATION, INVITATION_LASTS)

    def rename(self, actor: Actor, organisation_id: str | None, person_id: str, display_name: str) -> None:
        """Change how somebody is called on screen."""
        place = self._place(actor, organisation_id)
        with transaction(self.register.database) as connection:
            person = self._governed(connection, actor, place, person_id)
            people.change_person(connection, replace(person, display_name=_display_name(display_name)))
            self.register.tell(
                "person_changed",
                actor,
                f"person/{person.id}",
                organisation_id=place,
                personal={"display_name": display_name},
                subject=person.id,
            )

    def set_roles(
        self, actor: Actor, organisation_id: str | None, person_id: str, wanted: Iterable[Membership]
    ) -> None:
        """Give somebody exactly these roles in an organisation; what an institution gave stays as it is.

        Raises:
            BeyondOrganisation: only the node's administrator may give or take one of the roles.
            Conflict: nobody would administer the node any more.
        """
        place = self._place(actor, organisation_id)
        with transaction(self.register.database) as connection:
            person = self._person(connection, place, person_id)
            held = [
                each
                for each in people.memberships_of(connection, [person.id])
                if each.organisation_id == place
            ]
            local = {each.role: each for each in held if each.provider_id is None}
            now = self.register.clock()
            given = {each.role for each in held if each.provider_id is not None and each.is_good(now)}
            asked = {each.role: replace(each, person_id=person.id, organisation_id=place) for each in wanted}
            for role, each in local.items():
                if role not in asked:
                    self._take(connection, actor, each)
            for role, each in asked.items():
                if role not in given and local.get(role) != each:
                    self._give(connection, actor, each)
            self._check_somebody_administers(connection)
            opened = list_held(connection, person.id, GrantKind.SESSION, GrantKind.TOKEN)
        # Whoever is still signed in opens again what the roles that are left allow.
        self.register.tell_ended(opened if local.keys() - asked.keys() else [])

    def suspend(self, actor: Actor, organisation_id: str | None, person_id: str) -> None:
        """Keep somebody out, at once and everywhere; nothing of theirs is lost.

        Raises:
            BeyondOrganisation: they work elsewhere too, so only the node's administrator may.
            Conflict: it is oneself, or the last one who administers the node.
        """
        if person_id == actor.person_id:
            raise Conflict("You cannot suspend yourself.")
        place = self._place(actor, organisation_id)
        with transaction(self.register.database) as connection:
            person = self._governed(connection, actor, place, person_id)
            people.change_person(connection, replace(person, suspended_at=self.register.clock()))
            self._check_somebody_administers(connection)
            ended = self.register.end_grants(connection, person.id, *GrantKind)
            self._tell_person("person_suspended", actor, place, person)
        self.register.tell_ended(ended)

    def reinstate(self, actor: Actor, organisation_id: str | None, person_id: str) -> None:
        """Let somebody in again who was suspended."""
        place = self._place(actor, organisation_id)
        with transaction(self.register.database) as connection:
            person = self._governed(connection, actor, place, person_id)
            people.change_person(connection, replace(person, suspended_at=None))
            self._tell_person("person_reinstated", actor, place, person)

    def reset(
        self, actor: Actor, organisation_id: str | None, person_id: str, *, remove_factors: bool
    ) -> str:
        """A one-time code by which somebody sets a new password; their old one and their sessions end.

        With `remove_factors` they lose passkeys and authenticator app too, as when the phone is lost.

        Raises:
            BeyondOrganisation: they work elsewhere too, so only the node's administrator may.
        """
        place = self._place(actor, organisation_id)
        with transaction(self.register.database) as connection:
            person = self._governed(connection, actor, place, person_id)
            if person.kind is PersonKind.SERVICE:
                raise Conflict("A service account cannot sign in; it holds tokens.")
            credentials.remove_password(connection, person.id)
            if remove_factors:
                credentials.remove_totp(connection, person.id)
                credentials.put_recovery_codes(connection, person.id, [])
                credentials.remove_passkeys(connection, person.id)
                detail = {"factor": "all"}
                self._tell_person("factor_removed", actor, place, person, detail)
            ended = self.register.end_grants(connection, person.id, GrantKind.SESSION, GrantKind.LINK)
            self._tell_person("password_reset", actor, place, person)
            was_here = grants.has_signed_in(connection, person.id)
            purpose = LinkPurpose.RESET if was_here else LinkPurpose.INVITATION
            code = self._link(connection, person, purpose, _RESET_LASTS)
        self.register.tell_ended(ended)
        return code

    def sign_out_everywhere(self, actor: Actor, organisation_id: str | None, person_id: str) -> None:
        """End all sessions of somebody."""
        place = self._place(actor, organisation_id)
        with transaction(self.register.database) as connection:
            person = self._governed(connection, actor, place, person_id)
            ended = self.register.end_grants(connection, person.id, GrantKind.SESSION)
            self._tell_person("session_revoked", actor, place, person, {"sessions": len(ended)})
        self.register.tell_ended(ended)

    # Groups

    def list_groups(self, actor: Actor) -> list[Group]:
        """The groups of one's organisation."""
        with reading(self.register.database) as connection:
            return people.list_groups(connection, actor.organisation_id)

    def put_group(self, actor: Actor, group_id: str | None, name: str, members: Iterable[str]) -> Group:
        """Add a group to one's organisation, or change its name and members.

        Raises:
            NotFound: there is no such group, or a member is nobody of the organisation.
            Conflict: another group has this name.
        """
        place = actor.organisation_id
        if not name.strip():
            raise Invalid("A group needs a name.")
        with transaction(self.register.database) as connection:
            known = people.list_groups(connection, place)
            if group_id is not None and group_id not in [each.id for each in known]:
                raise NotFound("There is no such group.")
            if any(each.name == name.strip() and each.id != group_id for each in known):
                raise Conflict("There already is a group called {name}.", name=name.strip())
            who = tuple(sorted({self._person(connection, place, each).id for each in members}))
            group = Group(group_id or new_id(), place, name.strip(), who)
            people.put_group(connection, group)
            self._tell_group(actor, group)
        return group

    def remove_group(self, actor: Actor, group_id: str) -> None:
        """Remove a group of one's organisation.

        Raises:
            NotFound: there is no such group.
        """
        with transaction(self.register.database) as connection:
            found = [
                each for each in people.list_groups(connection, actor.organisation_id) if each.id == group_id
            ]
            if not found:
                raise NotFound("There is no such group.")
            people.remove_group(connection, group_id)
            self._tell_group(actor, replace(found[0], members=()))

    # What they share

    def _place(self, actor: Actor, organisation_id: str | None) -> OrganisationId:
        """The organisation that is looked at: one's own, or any for the node's administrator."""
        if organisation_id in (None, actor.organisation_id):
            return actor.organisation_id
        if "access.administer_node" in actor.permissions:
            with reading(self.register.database) as connection:
                found = people.find_organisation(connection, str(organisation_id))
            if found is not None:
                return found.id
        raise NotFound("There is no organisation {organisation_id}.", organisation_id=organisation_id)

    def _person(self, connection: sa.Connection, place: OrganisationId, person_id: str) -> Person:
        person = people.find_person(connection, person_id=person_id)
        held = people.memberships_of(connection, [person_id])
        if person is None or place not in [each.organisation_id for each in held]:
            raise NotFound("There is no such person here.")
        return person

    def _governed(
        self, connection: sa.Connection, actor: Actor, place: OrganisationId, person_id: str
    ) -> Person:
        """Somebody whose whole account the actor may change.

        An administrator must not reach into another organisation, or into the node, by way of a person who
        also has a role there.
        """
        person = self._person(connection, place, person_id)
        if "access.administer_node" in actor.permissions:
            return person
        held = self.register.good_memberships(connection, person.id)
        if any(each.organisation_id != place or each.role in policy.NODE_ROLES for each in held):
            raise BeyondOrganisation(
                "This person also has a role beyond your organisation; ask the node's administrator."
            )
        return person

    def _entries(
        self, connection: sa.Connection, place: OrganisationId, found: list[Person]
    ) -> list[PersonEntry]:
        ids = [each.id for each in found]
        held: dict[str, list[Membership]] = {each: [] for each in ids}
        for each in people.memberships_of(connection, ids):
            held[each.person_id].append(each)
        seen = people.last_seen(connection, ids)
        ways, strong = credentials.with_credentials(connection, ids)
        now = self.register.clock()
        return [
            PersonEntry(
                person,
                tuple(each for each in held[person.id] if each.organisation_id == place),
                seen.get(person.id),
                person.id in ways,
                person.id in strong,
                any(each.organisation_id != place and each.is_good(now) for each in held[person.id]),
            )
            for person in found
        ]

    def _give(self, connection: sa.Connection, actor: Actor, given: Membership) -> None:
        policy.check_may_give(actor, given.role)
        people.put_membership(connection, given, self.register.clock())
        self._tell_role("role_given", actor, given)

    def _take(self, connection: sa.Connection, actor: Actor, taken: Membership) -> None:
        policy.check_may_give(actor, taken.role)
        people.take_membership(connection, taken)
        self._tell_role("role_taken", actor, taken)

    def _check_somebody_administers(self, connection: sa.Connection) -> None:
        if not people.somebody_has(connection, Role.NODE_ADMINISTRATOR, self.register.clock()):
            raise Conflict("Somebody has to administer the node; give this role to another person first.")

    def _link(self, connection: sa.Connection, person: Person, purpose: LinkPurpose, lasts: timedelta) -> str:
        now = self.register.clock()
        grant = Grant(new_id(), GrantKind.LINK, person.id, now, now + lasts, purpose=purpose)
        return self.register.add_grant(connection, grant)

    def _tell_organisation(self, action: str, actor: Actor | None, about: Organisation) -> None:
        until = about.accredited_until
        self.register.tell(
            action,
            actor,
            f"organisation/{about.id}",
            organisation_id=about.id,
            detail={
                "name": about.name,
                "kind": about.kind,
                "jurisdiction": about.jurisdiction,
                "accreditation": about.accreditation,
                "accredited_until": None if until is None else until.isoformat(),
                "requires_second_factor": about.requires_second_factor,
            },
        )

    def _tell_person(
        self,
        action: str,
        actor: Actor,
        place: OrganisationId,
        person: Person,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        self.register.tell(action, actor, f"person/{person.id}", organisation_id=place, detail=detail)

    def _tell_role(self, action: str, actor: Actor, about: Membership) -> None:
        until = None if about.until is None else about.until.isoformat()
        self.register.tell(
            action,
            actor,
            f"person/{about.person_id}",
            organisation_id=about.organisation_id,
            detail={"role": about.role, "until": until},
        )

    def _tell_group(self, actor: Actor, group: Group) -> None:
        self.register.tell(
            "group_changed",
            actor,
            f"group/{group.id}",
            organisation_id=group.organisation_id,
            detail={"name": group.name, "members": list(group.members)},
        )


def new_person(
    register: Register, connection: sa.Connection, name: str, display_name: str, kind: PersonKind
) -> Person:
    """Keep a new account.

    Raises:
        Conflict: the name is taken.
        Invalid: it cannot be a sign-in name.
    """
    name = normal_name(name)
    if not _NAME.fullmatch(name):
        raise Invalid("A sign-in name has 1 to 100 characters and no spaces.")
    if people.find_person(connection, name=name) is not None:
        raise Conflict("Somebody is already called {name}.", name=name)
    person = Person(PersonId(new_id()), name, _display_name(display_name), kind)
    people.add_person(connection, person, register.clock())
    return person


def _display_name(text: str) -> str:
    text = " ".join(text.split())
    if not 0 < len(text) <= 200:
        raise Invalid("A name to show has 1 to 200 characters.")
    return text


def _checked(organisation: Organisation) -> Organisation:
    name = " ".join(organisation.name.split())
    if not 0 < len(name) <= 200:
        raise Invalid("An organisation needs a name of at most 200 characters.")
    if not _ORGANISATION_ID.fullmatch(organisation.id):
        raise Invalid("The id of an organisation is made of small letters, digits and hyphens.")
    if organisation.jurisdiction and not _JURISDICTION.fullmatch(organisation.jurisdiction):
        raise Invalid("A jurisdiction is an ISO 3166 code such as CN, CN-44 or HK.")
    return replace(organisation, name=name)
