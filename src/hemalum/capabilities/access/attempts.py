"""Failed attempts, and the growing time that nothing more is tried after them.

Every attempt is counted before it is judged, so that many at once are no way around it. Names that nobody has
are counted like those that somebody has.
"""

from dataclasses import dataclass
from datetime import timedelta

from hemalum.capabilities.access.model import Locked
from hemalum.capabilities.access.register import Register, digest
from hemalum.capabilities.access.store import grants
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
    return Tried(f"address:{address[:64]}", free=50)


def count(register: Register, *tried: Tried) -> None:
    """Count an attempt.

    Raises:
        Locked: too many failed before; nothing was counted.
    """
    now = register.clock()
    with transaction(register.database) as connection:
        grants.forget_lockouts(connection, now - _FORGOTTEN_AFTER)
        for each in tried:
            failures, _, until = grants.find_lockout(connection, each.key) or (0, now, None)
            if until is not None and now < until:
                wait_s = int((until - now).total_seconds()) + 1
                raise Locked("Too many attempts failed. Wait {wait_s} s and try again.", wait_s=wait_s)
            failures += 1
            wait_s = min(_FIRST_WAIT_S * 2 ** min(failures - each.free, 8), _LONGEST_WAIT_S)
            until = now + timedelta(seconds=wait_s) if failures >= each.free else None
            grants.put_lockout(connection, each.key, failures, now, until)


def forgive(register: Register, *tried: Tried) -> None:
    """The attempt was good: forget the failures of the account, and take back the one of the address."""
    now = register.clock()
    with transaction(register.database) as connection:
        for each in tried:
            found = grants.find_lockout(connection, each.key)
            grants.clear_lockout(connection, each.key)
            if found is not None and each.key.startswith("address:") and found[0] > 1:
                grants.put_lockout(connection, each.key, found[0] - 1, now, None)
