"""Failed attempts, and the growing time that nothing more is tried after them.

Every attempt is counted before it is judged, so that many at once are no way around it. Names that nobody has
are counted like those that somebody has.
"""

from dataclasses import dataclass
from datetime import timedelta

from hemalum.capabilities.access.model import Locked
from hemalum.capabilities.access.register import Register, digest
from hemalum.capabilities.access.store import grants
from hemalum.runtime.addresses import source_of
from hemalum.runtime.db import transaction

_FIRST_WAIT_S = 30
_LONGEST_WAIT_S = 15 * 60
_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tried:
    """What an attempt counts against."""

    key: str
    free: int = 5
    """Attempts before the first wait."""


def by_name(name: str) -> Tried:
    """An attempt at the password of an account."""
    return Tried(f"name:{digest(name)}")


def by_person(person_id: str) -> Tried:
    """An attempt at a second factor."""
    return Tried(f"factor:{person_id}")


def by_address(address: str) -> Tried:
    """An attempt from somewhere; a hospital may share one address."""
    return Tried(f"address:{source_of(address)[:64]}", free=50)


def count(register: Register, *tried: Tried) -> None:
    """Count an attempt.

    Raises:
        Locked: too many failed before; nothing was counted.
    """
    now = register.clock()
    with transaction(register.database) as connection:
        grants.forget_lockouts(connection, now - _FORGOTTEN_AFTER)
        for each in tried:
            failures, until = grants.lock_lockout(connection, each.key, now)
            if until is not None and now < until:
                wait_s = int((until - now).total_seconds()) + 1
                raise Locked("Too many attempts failed. Wait {wait_s} s and try again.", wait_s=wait_s)
            failures += 1
            wait_s = min(_FIRST_WAIT_S * 2 ** min(failures - each.free, 8), _LONGEST_WAIT_S)
            until = now + timedelta(seconds=wait_s) if failures >= each.free else None
            grants.set_lockout(connection, each.key, failures, now, until)


def forgive(register: Register, *tried: Tried) -> None:
    """The attempt was good: forget the failures of the account, and take back the one of the address."""
    now = register.clock()
    with transaction(register.database) as connection:
        for each in tried:
            failures, _ = grants.lock_lockout(connection, each.key, now)
            left = max(failures - 1, 0) if each.key.startswith("address:") else 0
            grants.set_lockout(connection, each.key, left, now, None)
