"""Signing in by way of an institution, and which institutions there are.

Whoever comes for the first time gets an account, and at every sign-in the roles that the groups of the
institution give. An account belongs to an institution's subject and to nothing else: equal names or e-mail
addresses never join two accounts.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import sqlalchemy as sa

from hemalum.capabilities.access.model import (
    INSTITUTION_ROLES_LAST,
    Grant,
    GrantKind,
    InstitutionFault,
    InstitutionRefused,
    Membership,
    Origin,
    Person,
    PersonKind,
    Provider,
    Role,
    Way,
    normal_name,
)
from hemalum.capabilities.access.openid import Client, Journey, OpenId
from hemalum.capabilities.access.people import new_person
from hemalum.capabilities.access.register import Register, list_held
from hemalum.capabilities.access.sign_in import SignedIn, SignIn
from hemalum.capabilities.access.store import grants, people, providers
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.runtime.db import reading, transaction

_MAX_NAME = 100


@dataclass(frozen=True)
class Institutions:
    """The institutions of a node."""

    register: Register
    openid: OpenId

    # For whoever signs in

    def open_ways(self) -> list[Provider]:
        """The institutions that people may sign in by."""
        return [each for each in self.list_providers() if each.is_enabled]

    def way_there(self, provider_id: str, journey: Journey, back: str) -> str:
        """Where the browser has to go.

        Raises:
            NotFound: there is no such institution.
            InstitutionFault: it does not answer as it should.
        """
        return self.openid.way_there(self._client(self._open(provider_id)), journey, back)

    def come_back(
        self, provider_id: str, journey: Journey, state: str, code: str, back: str, origin: Origin
    ) -> SignedIn:
        """Sign somebody in who comes back from an institution with a code.

        Raises:
            InstitutionFault: state, code or token do not hold.
            InstitutionRefused: no group of theirs gives a role here.
            Suspended, NoRole: they are known, and yet.
        """
        provider = self._open(provider_id)
        try:
            if not secrets.compare_digest(state.encode(), journey.state.encode()):
                raise InstitutionFault("This sign-in was begun in another browser, or too long ago.")
            now = int(self.register.clock().timestamp())
            client, needed = self._client(provider), provider.groups_claim
            token, claims = self.openid.redeem(client, journey, code, back, now, needed)
        except InstitutionFault as error:
            self._refuse(error, provider, origin)
        with transaction(self.register.database) as connection:
            person = self._person(connection, provider, claims)
        if person is None:
            refusal = InstitutionRefused("None of your groups at {name} has a role here.", name=provider.name)
            self._refuse(refusal, provider, origin)
        sealed = self.register.seal(token.encode())
        return SignIn(self.register).enter(
            person,
            Way.INSTITUTION,
            origin,
            is_strong=provider.is_strong or "mfa" in _texts(claims.get("amr")),
            provider=(provider.id, str(claims.get("sid") or ""), sealed),
        )

    def way_out(self, actor: Actor, back: str) -> str | None:
        """Where the browser has to go to sign out at the institution too; None when it need not."""
        with reading(self.register.database) as connection:
            grant = grants.find_grant(connection, grant_id=actor.session_id)
            sealed = grants.sealed_id_token(connection, actor.session_id)
            provider = None if grant is None else self._find(connection, grant.provider_id)
        if provider is None or sealed is None:
            return None
        try:
            token = self.register.unseal(sealed).decode()
            return self.openid.way_out(self._client(provider), token, back)
        except InstitutionFault:
            return None

    def signed_out(self, provider_id: str, logout_token: str) -> None:
        """End the sessions that an institution says have ended there (back-channel logout).

        Raises:
            InstitutionFault: the token cannot be trusted.
        """
        provider = self._open(provider_id)
        now = self.register.clock()
        sid, subject = self.openid.signed_out(self._client(provider), logout_token, int(now.timestamp()))
        with transaction(self.register.database) as connection:
            ended = [
                each
                for each in self._sessions(connection, provider, sid, subject)
                if grants.revoke_grant(connection, each.id, now)
            ]
            for each in ended:
                detail = {"session": each.id, "provider": provider.id}
                self.register.tell("session_revoked", None, f"person/{each.person_id}", detail=detail)
        self.register.tell_ended(each.id for each in ended)

    # For the node's administrator

    def list_providers(self) -> list[Provider]:
        """All institutions, by name."""
        with reading(self.register.database) as connection:
            return providers.list_providers(connection)

    def put_provider(self, actor: Actor, provider: Provider, client_secret: str | None) -> Provider:
        """Add an institution, or change it; its secret stays as it is when none is given.

        Raises:
            Invalid: a field does not hold what it should.
            Conflict: another one has this issuer.
        """
        name, issuer = " ".join(provider.name.split()), provider.issuer.strip()
        if not 0 < len(name) <= _MAX_NAME or not provider.client_id.strip():
            raise Invalid("An institution needs a name and a client id.")
        if "openid" not in provider.scopes.split():
            raise Invalid("The scopes of an institution include openid.")
        with transaction(self.register.database) as connection:
            known = providers.list_providers(connection)
            if any(each.issuer == issuer and each.id != provider.id for each in known):
                raise Conflict("There already is an institution with this issuer.")
            for rule in provider.rules:
                if people.find_organisation(connection, rule.organisation_id) is None:
                    raise NotFound(
                        "There is no organisation {organisation_id}.", organisation_id=rule.organisation_id
                    )
            before = next((each for each in known if each.id == provider.id), None)
            sealed = None if before is None else before.sealed_client_secret
            if client_secret is not None:
                sealed = self.register.seal(client_secret.encode()) if client_secret else None
            kept = replace(provider, name=name, issuer=issuer, sealed_client_secret=sealed)
            providers.put_provider(connection, kept, self.register.clock())
            self._tell(actor, kept)
        return kept

    def remove_provider(self, actor: Actor, provider_id: str) -> None:
        """Do without an institution: the roles that its groups gave end at once.

        Raises:
            NotFound: there is no such institution.
        """
        with transaction(self.register.database) as connection:
            provider = self._find(connection, provider_id)
            if provider is None:
                raise NotFound("There is no such institution.")
            kinds = GrantKind.SESSION, GrantKind.TOKEN
            holders = providers.list_holders(connection, provider_id)
            opened = [each for person_id in holders for each in list_held(connection, person_id, *kinds)]
            providers.remove_provider(connection, provider_id)
            self._tell(actor, replace(provider, is_enabled=False, rules=()))
        # Whoever is still signed in opens again what the roles that are left allow.
        self.register.tell_ended(opened)

    def check(self, provider_id: str) -> None:
        """Try what can be tried without a person.

        Raises:
            NotFound: there is no such institution.
            InstitutionFault: the sentence says what is wrong.
        """
        with reading(self.register.database) as connection:
            provider = self._find(connection, provider_id)
        if provider is None:
            raise NotFound("There is no such institution.")
        self.openid.check(self._client(provider))

    # What they share

    def _find(self, connection: sa.Connection, provider_id: str | None) -> Provider | None:
        return next((each for each in providers.list_providers(connection) if each.id == provider_id), None)

    def _open(self, provider_id: str) -> Provider:
        found = next((each for each in self.open_ways() if each.id == provider_id), None)
        if found is None:
            raise NotFound("There is no such institution.")
        return found

    def _client(self, provider: Provider) -> Client:
        sealed = provider.sealed_client_secret
        secret = None if sealed is None else self.register.unseal(sealed).decode()
        return Client(provider.issuer, provider.client_id, secret, provider.scopes)

    def _person(
        self, connection: sa.Connection, provider: Provider, claims: Mapping[str, Any]
    ) -> Person | None:
        """Whose account this is, with the roles of today; None for somebody new whom no group lets in."""
        groups = _claim(claims, provider.groups_claim)
        given = [rule for rule in provider.rules if rule.group in groups]
        person = providers.find_identity(connection, provider.issuer, claims["sub"])
        if person is None:
            if not given:
                return None
            person = self._newcomer(connection, provider, claims)
        wanted = {(rule.organisation_id, rule.role) for rule in given}
        self._follow(connection, provider, person, wanted)
        if not given and not self.register.good_memberships(connection, person.id):
            return None
        return person

    def _newcomer(self, connection: sa.Connection, provider: Provider, claims: Mapping[str, Any]) -> Person:
        stated = claims.get("preferred_username") or claims.get("email") or claims["sub"]
        name = "".join(normal_name(str(stated)).split())[: _MAX_NAME - 10] or "person"
        if people.find_person(connection, name=name) is not None:
            # Somebody else's; nobody is let into an account because of a name.
            name = f"{name}-{secrets.token_hex(3)}"
        display_name = str(claims.get("name") or stated)[:200]
        person = new_person(self.register, connection, name, display_name, PersonKind.PERSON)
        providers.add_identity(connection, provider.issuer, claims["sub"], person.id)
        self.register.tell(
            "person_added",
            None,
            f"person/{person.id}",
            detail={"provider": provider.id},
            personal={"name": person.name, "display_name": person.display_name},
            subject=person.id,
        )
        return person

    def _follow(
        self, connection: sa.Connection, provider: Provider, person: Person, wanted: set[tuple[Any, Role]]
    ) -> None:
        """Make the roles that this institution gave those that it gives now; leave others alone."""
        now = self.register.clock()
        held = {
            (each.organisation_id, each.role): each for each in people.memberships_of(connection, [person.id])
        }
        for place, each in held.items():
            if each.provider_id == provider.id and place not in wanted:
                people.take_membership(connection, each)
                self._tell_role("role_taken", each)
        for organisation_id, role in sorted(wanted):
            before = held.get((organisation_id, role))
            if before is not None and before.provider_id != provider.id and before.is_good(now):
                continue
            until = now + INSTITUTION_ROLES_LAST
            given = Membership(person.id, organisation_id, role, until, provider.id)
            people.put_membership(connection, given, now)
            if before is None or not before.is_good(now):
                self._tell_role("role_given", given)

    def _sessions(
        self, connection: sa.Connection, provider: Provider, sid: str, subject: str
    ) -> Iterable[Grant]:
        if sid:
            return grants.list_grants(connection, GrantKind.SESSION, provider=(provider.id, sid))
        person = providers.find_identity(connection, provider.issuer, subject)
        if person is None:
            return []
        held = grants.list_grants(connection, GrantKind.SESSION, people=[person.id])
        return [each for each in held if each.provider_id == provider.id]

    def _refuse(
        self, error: InstitutionFault | InstitutionRefused, provider: Provider, origin: Origin
    ) -> NoReturn:
        self.register.tell(
            "sign_in",
            None,
            outcome=Outcome.FAILED,
            detail={
                "way": Way.INSTITUTION,
                "provider": provider.id,
                "reason": error.code,
                "sentence": error.sentence.template,
            },
            personal={"address": origin.address, "device": origin.device},
        )
        raise error

    def _tell(self, actor: Actor, provider: Provider) -> None:
        self.register.tell(
            "provider_changed",
            actor,
            f"provider/{provider.id}",
            detail={
                "name": provider.name,
                "issuer": provider.issuer,
                "enabled": provider.is_enabled,
                "strong": provider.is_strong,
                "rules": [[each.group, each.organisation_id, each.role] for each in provider.rules],
            },
        )

    def _tell_role(self, action: str, about: Membership) -> None:
        self.register.tell(
            action,
            None,
            f"person/{about.person_id}",
            organisation_id=about.organisation_id,
            detail={"role": about.role, "provider": about.provider_id},
        )


def _claim(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """The texts of a claim; dots lead into objects (`realm_access.roles`), unless a claim is called so."""
    if path in claims:
        return _texts(claims[path])
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return _texts(found)


def _texts(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset({value})
    return (
        frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()
    )
