"""Tokens: programs that act for somebody, or for themselves (service accounts), within scopes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from hemalum.capabilities.access.model import (
    TOKEN_LASTS_AT_MOST,
    Grant,
    GrantKind,
    NeedsSession,
    Person,
    PersonKind,
)
from hemalum.capabilities.access.people import People
from hemalum.capabilities.access.register import Register
from hemalum.capabilities.access.store import grants, people
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import reading, transaction

_MAX_NAME = 100


@dataclass(frozen=True)
class Tokens:
    """Tokens of oneself, and, for administrators, of the service accounts of their organisation.

    `holder_id` is None for oneself.
    """

    register: Register

    def list_tokens(self, actor: Actor, holder_id: str | None = None) -> list[tuple[Grant, bool]]:
        """Those that are good, the newest first, and of each whether it may do nothing: its organisation asks
        for a second factor, and none was shown in the session that it was made in."""
        now = self.register.clock()
        with reading(self.register.database) as connection:
            holder = self._holder(connection, actor, holder_id)
            found = grants.list_grants(connection, GrantKind.TOKEN, people=[holder.id])
            return [(each, self.register.is_idle(connection, each)) for each in found if each.is_good(now)]

    def issue(
        self,
        actor: Actor,
        name: str,
        scopes: Iterable[str],
        lasts: timedelta,
        holder_id: str | None = None,
    ) -> tuple[Grant, str]:
        """A token and its secret, which is shown this once. It acts in the actor's organisation.

        Raises:
            NotPermitted: a scope is more than its holder may do there.
            Invalid: it has no name or no scope, or would last too long.
            NeedsSession: a token does not make tokens.
        """
        wanted, name = frozenset(scopes), name.strip()
        if not 0 < len(name) <= _MAX_NAME:
            raise Invalid("A token needs a name of at most 100 characters.")
        if not wanted:
            raise Invalid("A token needs at least one scope.")
        if not timedelta(0) < lasts <= TOKEN_LASTS_AT_MOST:
            raise Invalid("A token lasts from 1 to {days} days.", days=TOKEN_LASTS_AT_MOST.days)
        now = self.register.clock()
        with transaction(self.register.database) as connection:
            holder = self._holder(connection, actor, holder_id)
            beyond = sorted(wanted - self._may_do(connection, actor, holder))
            if beyond:
                raise NotPermitted(
                    "The token would reach further than its holder: {beyond}.", beyond=", ".join(beyond)
                )
            grant = Grant(
                new_id(),
                GrantKind.TOKEN,
                holder.id,
                now,
                now + lasts,
                organisation_id=actor.organisation_id,
                name=name,
                scopes=wanted,
                is_strong=actor.is_strong,
            )
            secret = self.register.add_grant(connection, grant)
            self.register.tell(
                "token_issued",
                actor,
                f"person/{holder.id}",
                organisation_id=actor.organisation_id,
                detail={"token": grant.id, "scopes": sorted(wanted), "days": lasts.days},
            )
        return grant, secret

    def revoke(self, actor: Actor, token_id: str, holder_id: str | None = None) -> None:
        """End a token.

        Raises:
            NotFound: the holder has no such token.
        """
        with transaction(self.register.database) as connection:
            holder = self._holder(connection, actor, holder_id)
            found = grants.find_grant(connection, grant_id=token_id)
            if found is None or found.person_id != holder.id or found.kind is not GrantKind.TOKEN:
                raise NotFound("There is no such token.")
            grants.revoke_grant(connection, token_id, self.register.clock())
            self.register.tell(
                "token_revoked",
                actor,
                f"person/{holder.id}",
                organisation_id=found.organisation_id,
                detail={"token": token_id},
            )
        self.register.tell_ended([token_id])

    def _holder(self, connection: sa.Connection, actor: Actor, holder_id: str | None) -> Person:
        session = grants.find_grant(connection, grant_id=actor.session_id)
        if session is None or session.kind is not GrantKind.SESSION:
            raise NeedsSession("Sign in with a browser to see or change tokens.")
        if holder_id is None:
            holder = people.find_person(connection, person_id=actor.person_id)
            assert holder is not None
            return holder
        entry = People(self.register).get_person(actor, None, holder_id)
        if entry.person.kind is not PersonKind.SERVICE:
            raise NotFound("There is no such service account.")
        return entry.person

    def _may_do(self, connection: sa.Connection, actor: Actor, holder: Person) -> frozenset[str]:
        if holder.id == actor.person_id:
            return actor.permissions
        acting = self.register.acting(connection, holder, actor.organisation_id)
        return frozenset() if acting is None else acting.permissions
