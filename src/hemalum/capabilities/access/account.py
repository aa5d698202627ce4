"""What people do with their own account: password, factors, sessions, where they act."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.access import attempts, passkeys, passwords, totp
from hemalum.capabilities.access.factors import make_recovery_codes
from hemalum.capabilities.access.model import (
    DEMO_SESSION,
    FRESH_FOR,
    LINK_LASTS,
    Confirmation,
    Credentials,
    Grant,
    GrantKind,
    NeedsFreshSession,
    NeedsSession,
    NeedsStrongSession,
    NoRoleThere,
    Organisation,
    Person,
    Totp,
    Way,
    WrongCode,
    WrongCredentials,
)
from hemalum.capabilities.access.passkeys import Site
from hemalum.capabilities.access.register import Register
from hemalum.capabilities.access.sign_in import SignedIn
from hemalum.capabilities.access.store import credentials, grants, people
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime.db import reading, transaction

_PASSKEY = "new-passkey"
_MAX_NAME = 100
_MAX_SETTINGS_BYTES = 32_768


@dataclass(frozen=True)
class Account:
    """One's own account. Everything but looking needs a session: a token must not take an account over."""

    register: Register

    def show(self, actor: Actor) -> tuple[Person, Credentials, bool]:
        """Who I am, what I can sign in with, and whether a new password needs the current one."""
        with reading(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            held = credentials.credentials_of(connection, person.id)
        return person, held, held.password_changed_at is not None and not self._is_fresh_link(session)

    def whereabouts(self, actor: Actor) -> tuple[Person, list[Organisation]]:
        """Who I am, and where I have a role, the first one first."""
        with reading(self.register.database) as connection:
            person = people.find_person(connection, person_id=actor.person_id)
            assert person is not None
            held = self.register.good_memberships(connection, actor.person_id)
            places = dict.fromkeys(each.organisation_id for each in held)
            found = [people.find_organisation(connection, place) for place in places]
        return person, [each for each in found if each is not None]

    def settings(self, actor: Actor) -> dict[str, Any]:
        """How I want my screens; empty when I never said, and for tokens and demo visitors."""
        with reading(self.register.database) as connection:
            try:
                person, _ = self._holder(connection, actor)
            except NeedsSession:
                return {}
            return people.find_settings(connection, person.id) or {}

    def keep_settings(self, actor: Actor, settings: Mapping[str, Any]) -> None:
        """Keep how I want my screens, in the place of what was kept.

        Raises:
            Invalid: they are more than the node keeps.
        """
        if len(json.dumps(settings)) > _MAX_SETTINGS_BYTES:
            raise Invalid("Settings may take at most {most} bytes.", most=_MAX_SETTINGS_BYTES)
        with transaction(self.register.database) as connection:
            person, _ = self._holder(connection, actor)
            people.put_settings(connection, person.id, dict(settings), self.register.clock())

    def act_in(self, actor: Actor, organisation_id: str) -> SignedIn:
        """Act in another organisation, by a new session in the place of this one.

        Raises:
            NoRoleThere: I have no role there.
        """
        with transaction(self.register.database) as connection:
            _, session = self._holder(connection, actor)
            place, now = OrganisationId(organisation_id), self.register.clock()
            moved = replace(session, id=new_id(), organisation_id=place, used_at=now)
            acting = self.register.actor_of(connection, moved)
            if acting is None or acting.organisation_id != organisation_id:
                raise NoRoleThere("You have no role at this organisation.")
            sealed = grants.sealed_id_token(connection, session.id)
            secret = self.register.add_grant(connection, moved, sealed_id_token=sealed)
            grants.revoke_grant(connection, session.id, now)
            self.register.tell(
                "act_in",
                acting,
                f"organisation/{organisation_id}",
                organisation_id=acting.organisation_id,
            )
        self.register.tell_ended([session.id])
        return SignedIn(secret, acting)

    def set_password(self, actor: Actor, current: str | None, new: str) -> None:
        """Set or change my password. All my other sessions end.

        The current one is needed, unless there is none or this session just began with a one-time link.

        Raises:
            WrongCredentials: the current password is wrong.
            WeakPassword: the new one is too easy.
        """
        with reading(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            hashed = credentials.password_hash(connection, person.id)
        passwords.check_new_password(new, person.name, *person.display_name.split())
        if hashed is not None and not self._is_fresh_link(session):
            tried = attempts.by_name(person.name)
            attempts.count(self.register, tried)
            if not passwords.is_password(current or "", hashed):
                raise WrongCredentials("The current password is wrong.")
            attempts.forgive(self.register, tried)
        changed = passwords.hash_password(new)
        with transaction(self.register.database) as connection:
            credentials.put_password(connection, person.id, changed, self.register.clock())
            ended = self.register.end_grants(connection, person.id, GrantKind.SESSION, besides=session.id)
            self.register.tell("password_changed", actor, f"person/{person.id}")
        self.register.tell_ended(ended)

    def confirmation_of(self, actor: Actor) -> Confirmation:
        """How I show that it is me who does something that only I may do, such as sign a report."""
        if actor.session_id == DEMO_SESSION:
            return Confirmation.NOTHING
        with reading(self.register.database) as connection:
            session = grants.find_grant(connection, grant_id=actor.session_id)
            if session is None or session.kind is not GrantKind.SESSION:
                return Confirmation.IMPOSSIBLE
            has_password = credentials.password_hash(connection, session.person_id) is not None
        return Confirmation.PASSWORD if has_password else Confirmation.FRESH_SESSION

    def confirm(self, actor: Actor, password: str | None) -> None:
        """See that it is me at this moment: by my password, or by a sign-in of the last few minutes.

        Raises:
            NeedsSession: I came with a token, which anybody could hold.
            WrongCredentials: the password is wrong.
            NeedsFreshSession: I have no password, and signed in too long ago.
            Locked: too many attempts failed before.
        """
        asked = self.confirmation_of(actor)
        if asked is Confirmation.NOTHING:
            return
        with reading(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            hashed = credentials.password_hash(connection, person.id)
        if asked is Confirmation.FRESH_SESSION:
            if self.register.clock() >= session.created_at + FRESH_FOR:
                minutes = int(FRESH_FOR.total_seconds() // 60)
                raise NeedsFreshSession(
                    "Sign in again, and confirm this within {minutes} minutes.", minutes=minutes
                )
            return
        tried = attempts.by_name(person.name)
        attempts.count(self.register, tried)
        if not passwords.is_password(password or "", hashed):
            self.register.tell("confirm", actor, f"person/{person.id}", outcome=Outcome.REFUSED)
            raise WrongCredentials("The current password is wrong.")
        attempts.forgive(self.register, tried)

    def begin_totp(self, actor: Actor) -> tuple[str, str]:
        """A new authenticator app: its secret as people type it, and as apps read it from a QR code.

        Raises:
            Conflict: there is one; it has to be removed first.
        """
        secret = totp.new_totp_secret()
        with transaction(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            self._check_strength(connection, session)
            found = credentials.find_totp(connection, person.id)
            if found is not None and found.confirmed_at is not None:
                raise Conflict("You already have an authenticator app; remove it first.")
            credentials.put_totp(connection, Totp(person.id, self.register.seal(secret), None, 0))
        return totp.as_text(secret), totp.enrolment_address(secret, person.name, "Hemalum")

    def confirm_totp(self, actor: Actor, code: str) -> list[str]:
        """Take the authenticator app into use by a first code of it; recovery codes come back, once.

        Raises:
            WrongCode: the code is wrong.
        """
        with reading(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            found = credentials.find_totp(connection, person.id)
        if found is None or found.confirmed_at is not None:
            raise Conflict("No authenticator app waits to be confirmed.")
        tried = attempts.by_person(person.id)
        attempts.count(self.register, tried)
        now = self.register.clock()
        step = totp.matching_step(self.register.unseal(found.sealed_secret), code.replace(" ", ""), now)
        if step is None:
            raise WrongCode("This code is wrong, or was used before.")
        attempts.forgive(self.register, tried)
        with transaction(self.register.database) as connection:
            credentials.put_totp(connection, replace(found, confirmed_at=now, last_step=step))
            grants.strengthen_grant(connection, session.id)
            self.register.tell("factor_added", actor, f"person/{person.id}", detail={"factor": "totp"})
            return make_recovery_codes(connection, person.id)

    def remove_totp(self, actor: Actor) -> None:
        """Do without the authenticator app, and without its recovery codes."""
        with transaction(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            self._check_strength(connection, session)
            credentials.remove_totp(connection, person.id)
            credentials.put_recovery_codes(connection, person.id, [])
            self.register.tell("factor_removed", actor, f"person/{person.id}", detail={"factor": "totp"})

    def new_recovery_codes(self, actor: Actor) -> list[str]:
        """Fresh recovery codes; the old ones are void."""
        with transaction(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            self._check_strength(connection, session)
            if not credentials.credentials_of(connection, person.id).has_totp:
                raise Conflict("Recovery codes stand in for an authenticator app; set one up first.")
            detail = {"factor": "recovery"}
            self.register.tell("factor_added", actor, f"person/{person.id}", detail=detail)
            return make_recovery_codes(connection, person.id)

    def begin_passkey(self, actor: Actor, site: Site) -> tuple[str, dict[str, Any]]:
        """A ticket, and what to ask the browser, to make a passkey."""
        challenge = passkeys.new_challenge()
        with transaction(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            self._check_strength(connection, session)
            known = credentials.passkeys_of(connection, person.id)
            options = passkeys.registration_options(site, person, known, challenge)
            detail = {"challenge": challenge.hex()}
            return self.register.begin_step(connection, _PASSKEY, person.id, detail), options

    def add_passkey(
        self, actor: Actor, ticket: str, credential: Mapping[str, Any], name: str, site: Site
    ) -> None:
        """Take a passkey into use that my browser made.

        Raises:
            PasskeyRefused: the answer does not hold.
            StepExpired: the browser was asked too long ago.
            Conflict: it is known already.
        """
        with transaction(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            self._check_strength(connection, session)
            person_id, detail = self.register.take_step(connection, _PASSKEY, ticket)
        if person_id != person.id:
            raise NotFound("This passkey was asked of somebody else.")
        challenge = bytes.fromhex(detail["challenge"])
        name = name.strip()[:_MAX_NAME] or "Passkey"
        made = passkeys.registered(site, person, credential, challenge, name, self.register.clock())
        with transaction(self.register.database) as connection:
            if credentials.find_passkey(connection, made.id) is not None:
                raise Conflict("This passkey is known already.")
            credentials.add_passkey(connection, made)
            grants.strengthen_grant(connection, session.id)
            self.register.tell("factor_added", actor, f"person/{person.id}", detail={"factor": "passkey"})

    def remove_passkey(self, actor: Actor, passkey_id: str) -> None:
        """Do without a passkey.

        Raises:
            NotFound: it is none of mine.
            Conflict: it is the only way in that I have.
        """
        with transaction(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            self._check_strength(connection, session)
            held = credentials.credentials_of(connection, person.id)
            if passkey_id not in [each.id for each in held.passkeys]:
                raise NotFound("You have no such passkey.")
            if held.password_changed_at is None and len(held.passkeys) == 1:
                raise Conflict("This is your only way in; set a password first.")
            credentials.remove_passkeys(connection, person.id, passkey_id)
            self.register.tell("factor_removed", actor, f"person/{person.id}", detail={"factor": "passkey"})

    def sessions(self, actor: Actor) -> list[Grant]:
        """Where I am signed in now, the latest first."""
        with reading(self.register.database) as connection:
            person, _ = self._holder(connection, actor)
            now = self.register.clock()
            found = grants.list_grants(connection, GrantKind.SESSION, people=[person.id])
        return [each for each in found if each.is_good(now)]

    def end_session(self, actor: Actor, session_id: str) -> None:
        """Sign out elsewhere.

        Raises:
            NotFound: it is no session of mine.
        """
        with transaction(self.register.database) as connection:
            person, _ = self._holder(connection, actor)
            found = grants.find_grant(connection, grant_id=session_id)
            if found is None or found.person_id != person.id or found.kind is not GrantKind.SESSION:
                raise NotFound("You have no such session.")
            grants.revoke_grant(connection, session_id, self.register.clock())
            self.register.tell(
                "session_revoked", actor, f"person/{person.id}", detail={"session": session_id}
            )
        self.register.tell_ended([session_id])

    def end_other_sessions(self, actor: Actor) -> None:
        """Sign out everywhere but here."""
        with transaction(self.register.database) as connection:
            person, session = self._holder(connection, actor)
            ended = self.register.end_grants(connection, person.id, GrantKind.SESSION, besides=session.id)
            for each in ended:
                self.register.tell("session_revoked", actor, f"person/{person.id}", detail={"session": each})
        self.register.tell_ended(ended)

    def _holder(self, connection: sa.Connection, actor: Actor) -> tuple[Person, Grant]:
        session = grants.find_grant(connection, grant_id=actor.session_id)
        if session is None or session.kind is not GrantKind.SESSION:
            raise NeedsSession("Sign in with a browser to see or change your account.")
        person = people.find_person(connection, person_id=session.person_id)
        assert person is not None
        return person, session

    def _is_fresh_link(self, session: Grant) -> bool:
        return session.way is Way.LINK and self.register.clock() < session.created_at + LINK_LASTS

    def _check_strength(self, connection: sa.Connection, session: Grant) -> None:
        """Whoever has a factor shows it before factors change, so that a stolen password is not enough."""
        held = credentials.credentials_of(connection, session.person_id)
        if held.has_second_factor and not session.is_strong:
            raise NeedsStrongSession("Sign in with your passkey or second factor to change this.")
