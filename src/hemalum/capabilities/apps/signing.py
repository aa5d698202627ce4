"""Who apps are, by what they sign (RFC 7523), and what the node signs for them (OpenID Connect Core 1.0)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.apps import store
from hemalum.capabilities.apps.model import ASSERTION_LASTS, App, InvalidClient
from hemalum.capabilities.apps.office import Office, digest
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import reading, transaction

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("RS384", "ES384", "RS256", "ES256")
"""Of assertions: the first two are those that SMART names; never `none`, never a secret as the key."""
_SIGNED_BY = "RS256"
"""What every OpenID client can check (Core 3.1.3.7)."""
_KEY_BITS = 2048
_PURPOSE = "apps"
_CLOCKS_DIFFER_S = 60
_SHOWN = "assertion"


@dataclass(frozen=True)
class Signing:
    """The keys of a node for apps, and those of its apps."""

    office: Office

    def check(self, connection: sa.Connection, app: App, assertion: str, address: str) -> None:
        """Raise InvalidClient unless the app signed this, for this address, lately and for the first time."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        now = self.office.now()
        seconds = int(now.timestamp())
        registry = jwt.JWTClaimsRegistry(
            now=seconds,
            leeway=_CLOCKS_DIFFER_S,
            iss={"essential": True, "value": app.id},
            sub={"essential": True, "value": app.id},
            aud={"essential": True, "value": address},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            keys = KeySet.import_key_set(dict(app.keys or {"keys": []}))  # type: ignore[arg-type]
            claims = jwt.decode(assertion, keys, algorithms=list(ALGORITHMS)).claims
            registry.validate(claims)
            ends = int(claims["exp"])
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise InvalidClient("The assertion of the application cannot be trusted.") from error
        most = int(ASSERTION_LASTS.total_seconds()) + _CLOCKS_DIFFER_S
        if ends > seconds + most:
            raise InvalidClient("The assertion of the application lasts longer than five minutes.")
        shown = digest(f"{app.id}\n{claims['jti']}")
        until = now + 2 * ASSERTION_LASTS
        if not store.add_pending(connection, shown, _SHOWN, {}, until, now):
            raise InvalidClient("The assertion of the application was shown before.")

    def public_keys(self) -> dict[str, Any]:
        """The keys by which what the node signs is checked (RFC 7517)."""
        return {"keys": [self._key(sealed).as_dict(private=False) for _, sealed in self._keys()]}

    def sign(self, claims: dict[str, Any]) -> str:
        """A token that says this, signed by the node."""
        from joserfc import jwt

        key_id, sealed = self._keys()[-1]
        return jwt.encode({"alg": _SIGNED_BY, "kid": key_id}, claims, self._key(sealed))

    def _key(self, sealed: bytes) -> Any:
        from joserfc.jwk import RSAKey

        return RSAKey.import_key(json.loads(self.office.keyring.unseal(sealed, _PURPOSE)))

    def _keys(self) -> list[tuple[str, bytes]]:
        """The keys, the oldest first; made at the first call."""
        with reading(self.office.database) as connection:
            found = store.list_keys(connection)
        return found or self._make(self.office.now())

    def _make(self, now: datetime) -> list[tuple[str, bytes]]:
        from joserfc.jwk import RSAKey

        key_id = new_id()
        key = RSAKey.generate_key(_KEY_BITS, {"kid": key_id, "use": "sig", "alg": _SIGNED_BY})
        sealed = self.office.keyring.seal(json.dumps(key.as_dict(private=True)).encode(), _PURPOSE)
        with transaction(self.office.database) as connection:
            # Of two processes that begin at once, both keys stay and are published.
            store.add_key(connection, key_id, sealed, now)
            return store.list_keys(connection)
