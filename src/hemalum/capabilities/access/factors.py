"""Second factors: judging a code that somebody typed, and codes for the day the phone is lost."""

import secrets

import sqlalchemy as sa

from hemalum.capabilities.access import totp
from hemalum.capabilities.access.register import Register, digest
from hemalum.capabilities.access.store import credentials

RECOVERY_CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP_LENGTH = 4, 4


def is_second_factor(register: Register, connection: sa.Connection, person_id: str, code: str) -> bool:
    """Whether this is the code that somebody's app shows now, or a recovery code. Each works once."""
    plain = code.replace(" ", "").replace("-", "").lower()
    if len(plain) != totp.DIGITS:
        return credentials.spend_recovery_code(connection, person_id, digest(plain))
    found = credentials.find_totp(connection, person_id)
    if found is None or found.confirmed_at is None:
        return False
    step = totp.matching_step(register.unseal(found.sealed_secret), plain, register.clock())
    return step is not None and credentials.take_totp_step(connection, person_id, step)


def make_recovery_codes(connection: sa.Connection, person_id: str) -> list[str]:
    """Replace somebody's recovery codes; the new ones, of 79 random bits each, are known here only."""
    made = [
        ["".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)]
        for _ in range(RECOVERY_CODES)
    ]
    credentials.put_recovery_codes(connection, person_id, [digest("".join(groups)) for groups in made])
    return ["-".join(groups) for groups in made]
