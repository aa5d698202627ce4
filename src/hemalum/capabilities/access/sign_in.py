"""Signing in: by password and second factor, passkey, or one-time link.

An answer never tells whether a name exists: unknown names cost as much, fail with the same words, and are
locked out like known ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import sqlalchemy as sa

from hemalum.capabilities.access import attempts, passkeys, passwords
from hemalum.capabilities.access.factors import is_second_factor
from hemalum.capabilities.access.model import (
    Grant,
    GrantKind,
    LinkPurpose,
    LinkSpent,
    Locked,
    NoRole,
    Origin,
    PasskeyRefused,
    Person,
    Suspended,
    Way,
    WrongCode,
    WrongCredentials,
    normal_name,
)
from hemalum.capabilities.access.passkeys import Site
from hemalum.capabilities.access.register import Register, digest
from hemalum.capabilities.access.store import credentials, grants, people
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome
from hemalum.kernel.errors import HemalumError
from hemalum.runtime.db import reading, transaction

_SECOND_FACTOR = "second-factor"
_PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session, whose secret is known here only."""

    secret: str
    actor: Actor
    purpose: LinkPurpose | None = None
    """What the link was for that somebody came in by."""


@dataclass(frozen=True, slots=True)
class SecondFactorWanted:
    """Half-way: the code of an authenticator app, or a recovery code, has to follow."""

    ticket: str


type Outcomes = SignedIn | SecondFactorWanted


@dataclass(frozen=True)
class SignIn:
    """The ways in."""

    register: Register

    def by_password(self, name: str, password: str, origin: Origin) -> Outcomes:
        """Sign somebody in.

        Raises:
            WrongCredentials: name or password is wrong.
            Locked: too many attempts failed before.
            Suspended, NoRole: the password is right, and yet.
        """
        name = normal_name(name)
        tried = (attempts.by_name(name), attempts.by_address(origin.address))
        self._count(Way.PASSWORD, origin, None, *tried)
        with reading(self.register.database) as connection:
            person = people.find_person(connection, name=name)
            hashed = None if person is None else credentials.password_hash(connection, person.id)
        is_right = passwords.is_password(password, hashed)
        if person is None or not is_right:
            error = WrongCredentials("The name or the password is wrong.")
            self._refuse(error, Way.PASSWORD, origin, person)
        attempts.forgive(self.register, *tried)
        return self._arrive(person, Way.PASSWORD, origin)

    def by_second_factor(self, ticket: str, code: str, origin: Origin) -> SignedIn:
        """Finish a sign-in that was half-way.

        Raises:
            WrongCode: the code is wrong, or was used before.
            StepExpired: the first half rested too long.
            Locked: too many attempts failed before.
        """
        with reading(self.register.database) as connection:
            person_id, detail = self.register.find_step(connection, _SECOND_FACTOR, ticket)
            person = people.find_person(connection, person_id=person_id)
        assert person is not None
        way, purpose = Way(detail["way"]), detail["purpose"]
        tried = (attempts.by_person(person.id), attempts.by_address(origin.address))
        self._count(way, origin, person, *tried)
        with transaction(self.register.database) as connection:
            is_right = is_second_factor(self.register, connection, person.id, code)
            if is_right:
                self.register.take_step(connection, _SECOND_FACTOR, ticket)
        if not is_right:
            self._refuse(WrongCode("This code is wrong, or was used before."), way, origin, person)
        attempts.forgive(self.register, *tried)
        purpose = None if purpose is None else LinkPurpose(purpose)
        return self.enter(person, way, origin, is_strong=True, purpose=purpose)

    def by_link(self, code: str, origin: Origin) -> Outcomes:
        """Spend a one-time link.

        Only a link of the machine's operator stands for a second factor that the person has.

        Raises:
            LinkSpent: the code is unknown, spent or too old.
        """
        person: Person | None = None
        with transaction(self.register.database) as connection:
            grant = grants.find_grant(connection, digest=digest(code))
            if grant is not None and grant.kind is GrantKind.LINK and grant.is_good(self.register.clock()):
                person = people.find_person(connection, person_id=grant.person_id)
                if not grants.revoke_grant(connection, grant.id, self.register.clock()):
                    person = None
        if person is None or grant is None:
            error = LinkSpent("This link has been used or is too old. Ask for a new one.")
            self._refuse(error, Way.LINK, origin, None)
        if grant.purpose is LinkPurpose.ENTER:
            return self.enter(person, Way.LINK, origin, is_strong=False, purpose=grant.purpose)
        return self._arrive(person, Way.LINK, origin, grant.purpose)

    def begin_passkey(self, site: Site) -> tuple[str, dict[str, Any]]:
        """A ticket, and what to ask the browser."""
        challenge = passkeys.new_challenge()
        options = passkeys.sign_in_options(site, challenge)
        with transaction(self.register.database) as connection:
            ticket = self.register.begin_step(connection, _PASSKEY, None, {"challenge": challenge.hex()})
        return ticket, options

    def by_passkey(self, ticket: str, credential: Mapping[str, Any], site: Site, origin: Origin) -> SignedIn:
        """Sign somebody in who showed a passkey. It is two factors in one: what one has, and PIN or finger.

        Raises:
            PasskeyRefused: the passkey is unknown, or its proof does not hold.
            StepExpired: the browser was asked too long ago.
        """
        with transaction(self.register.database) as connection:
            _, detail = self.register.take_step(connection, _PASSKEY, ticket)
            passkey = credentials.find_passkey(connection, str(credential.get("id", "")))
            person = None if passkey is None else people.find_person(connection, person_id=passkey.person_id)
        if passkey is None or person is None:
            error = PasskeyRefused("This node does not know this passkey. Sign in another way.")
            self._refuse(error, Way.PASSKEY, origin, None)
        try:
            sign_count = passkeys.shown(site, passkey, credential, bytes.fromhex(detail["challenge"]))
        except PasskeyRefused as refusal:
            self._refuse(refusal, Way.PASSKEY, origin, person)
        with transaction(self.register.database) as connection:
            credentials.use_passkey(connection, passkey.id, sign_count, self.register.clock())
        return self.enter(person, Way.PASSKEY, origin, is_strong=True)

    def enter(
        self,
        person: Person,
        way: Way,
        origin: Origin,
        *,
        is_strong: bool,
        purpose: LinkPurpose | None = None,
        provider: tuple[str, str, bytes] | None = None,
    ) -> SignedIn:
        """Begin a session for somebody who has shown who they are.

        `provider` is an institution's id, its name of the session, and the sealed token that ends it.

        Raises:
            Suspended, NoRole: they may not come in all the same.
        """
        if person.suspended_at is not None:
            suspended = Suspended("This account is suspended. Ask an administrator of your organisation.")
            self._refuse(suspended, way, origin, person)
        with transaction(self.register.database) as connection:
            grant = self.register.new_session(connection, person, way, origin, is_strong=is_strong)
            actor = self.register.actor_of(connection, grant)
            if actor is not None:
                secret = self._keep(connection, grant, actor, provider)
        if actor is None:
            error = NoRole("You have no role at an organisation here now. Ask an administrator.")
            self._refuse(error, way, origin, person)
        return SignedIn(secret, actor, purpose)

    def _keep(
        self,
        connection: sa.Connection,
        grant: Grant,
        actor: Actor,
        provider: tuple[str, str, bytes] | None,
    ) -> str:
        provider_id, provider_session, sealed = provider or (None, "", None)
        kept = replace(
            grant,
            organisation_id=actor.organisation_id,
            provider_id=provider_id,
            provider_session=provider_session,
        )
        self.register.tell(
            "sign_in",
            actor,
            f"person/{actor.person_id}",
            organisation_id=actor.organisation_id,
            detail={"way": grant.way, "strong": grant.is_strong, "session": grant.id},
            personal={"name": actor.name, "device": grant.origin.device},
        )
        return self.register.add_grant(connection, kept, sealed_id_token=sealed)

    def _arrive(
        self, person: Person, way: Way, origin: Origin, purpose: LinkPurpose | None = None
    ) -> Outcomes:
        """The first factor was right; go on to the second one of those who have it."""
        with transaction(self.register.database) as connection:
            if person.suspended_at is None and credentials.credentials_of(connection, person.id).has_totp:
                detail = {"way": way, "purpose": purpose}
                return SecondFactorWanted(
                    self.register.begin_step(connection, _SECOND_FACTOR, person.id, detail)
                )
        return self.enter(person, way, origin, is_strong=False, purpose=purpose)

    def _count(self, way: Way, origin: Origin, person: Person | None, *tried: attempts.Tried) -> None:
        try:
            attempts.count(self.register, *tried)
        except Locked as error:
            self._refuse(error, way, origin, person, Outcome.REFUSED)

    def _refuse(
        self,
        error: HemalumError,
        way: Way,
        origin: Origin,
        person: Person | None,
        outcome: Outcome = Outcome.FAILED,
    ) -> NoReturn:
        """Record why somebody did not come in, and say so.

        What was typed as an unknown name is not recorded: it may be a password in the wrong field.
        """
        self.register.tell(
            "sign_in",
            None,
            "" if person is None else f"person/{person.id}",
            outcome=Outcome.REFUSED if isinstance(error, (Suspended, NoRole)) else outcome,
            detail={"way": way, "reason": error.code},
            personal={"address": origin.address, "device": origin.device},
            subject=None if person is None else person.id,
        )
        raise error
