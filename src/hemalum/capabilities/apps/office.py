"""What the services of apps share: the database, who people are, who keeps records."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.apps import store
from hemalum.capabilities.apps.model import OFFLINE_RESTS, Authorisation, Token, TokenKind
from hemalum.capabilities.cases.service import Cases
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome, Record
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime.crypto.keys import Keyring

TOKEN_PREFIX = "app-"  # noqa: S105 - by which tokens of apps are told from others
"""Of access tokens: others are not looked for among them."""


@dataclass(frozen=True)
class Office:
    """The apps of a node. May be used from several threads."""

    access: Access
    cases: Cases
    keyring: Keyring

    @property
    def database(self) -> sa.Engine:
        return self.cases.ledger.database

    def now(self) -> datetime:
        return self.cases.ledger.clock()

    def tell(
        self,
        action: str,
        actor: Actor | None,
        app_id: str,
        *,
        organisation_id: OrganisationId | None = None,
        outcome: Outcome = Outcome.DONE,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Record what was done with an app; durable when it returns."""
        self.cases.ledger.slides.record(
            Record(
                f"apps.{action}",
                actor,
                outcome,
                target=f"app/{app_id}",
                organisation_id=organisation_id or (None if actor is None else actor.organisation_id),
                detail=detail or {},
            )
        )

    def is_good(self, connection: sa.Connection, made: Authorisation) -> bool:
        """Whether nobody ended an authorisation, its app, or the session that it belongs to."""
        if made.ended_at is not None or store.find_app(connection, made.app_id) is None:
            return False
        return not made.session_id or self.access.is_good_session(made.session_id)

    def add_token(
        self,
        connection: sa.Connection,
        made: Authorisation,
        kind: TokenKind,
        expires_at: datetime,
        scopes: frozenset[str] | None = None,
    ) -> str:
        """Keep a new token of an authorisation; its secret comes back, once. What expired long ago is
        forgotten."""
        store.forget_tokens(connection, self.now() - OFFLINE_RESTS)
        secret = (TOKEN_PREFIX if kind is TokenKind.ACCESS else "") + new_secret()
        token = Token(
            new_id(), made.id, kind, made.scopes if scopes is None else scopes, self.now(), expires_at
        )
        store.add_token(connection, token, digest(secret))
        return secret


def new_secret() -> str:
    """256 random bits for an address or a header."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a random secret; there is nothing to guess, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
