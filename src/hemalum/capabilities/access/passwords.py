"""Passwords: what is accepted (NIST SP 800-63B-4, 3.1.1.2) and how they are kept (argon2id, RFC 9106)."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from hemalum.capabilities.access.model import WeakPassword

MIN_LENGTH = 12
"""NIST asks for 15 where a password is the only factor and for 8 where it is not."""
MAX_LENGTH = 256
_FEWEST_DIFFERENT = 5

_TOO_COMMON = """
123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 0123456789012
098765432109 111222333444 112233445566 123412341234 123456123456 1234567890qwerty 1q2w3e4r5t6y
1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv abcdefghijkl abcdefghijklm abcdefghijklmnop
administrator administrator1 adminadminadmin admin123456789 changemechangeme changeme1234
correcthorsebatterystaple helloworld123 iloveyou1234 iloveyouforever letmeinletmein letmein123456
password1234 password12345 password123456 passwordpassword passw0rd1234 p@ssw0rd1234 p@ssword1234
qazwsxedcrfv qwerty123456 qwertyqwerty qwertyuiop12 qwertyuiop123 qwertyuiopasdf qwertyuiop[]
qwertyuiopasdfghjkl welcome12345 welcome123456 woaini1314520 woaini520520 5201314520131
zxcvbnm12345 hospital1234 pathology123 pathology1234 pathologist1 slidescanner
"""

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
# Each hashing takes 64 MiB for a moment: a crowd of sign-ins must not take the memory of the slides.
_at_once = threading.BoundedSemaphore(2)
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$g81OyMK9Fx74nTSUpUqsrw$sF19Np7YIczDBN7yyCahIhrrdrdpLmX89pOsqYhpDCI"
"""A hash that no known password has: names that nobody has cost as much to try as names that somebody has."""


def check_new_password(password: str, *names: str) -> None:
    """Accept a password that somebody chose; `names` are words that it must not consist of.

    Raises:
        WeakPassword: it is too short or too long, known to be common, monotonous, or made of a name.
    """
    plain = _normal(password)
    if len(plain) < MIN_LENGTH:
        raise WeakPassword("A password has at least {least} characters.", least=MIN_LENGTH)
    if len(plain) > MAX_LENGTH:
        raise WeakPassword("A password has at most {most} characters.", most=MAX_LENGTH)
    folded = plain.casefold()
    if folded in _TOO_COMMON.split() or len(set(folded)) < _FEWEST_DIFFERENT:
        raise WeakPassword("This password is too easy to guess; choose another one.")
    rest = folded
    for name in (*names, "hemalum"):
        rest = rest.replace(name.casefold(), "") if name else rest
    if len(rest) < MIN_LENGTH // 2:
        raise WeakPassword("This password is little more than a name; choose another one.")


def hash_password(password: str) -> str:
    """What is kept of a password. Takes about 0.1 s and 64 MiB."""
    with _at_once:
        return _hasher.hash(_normal(password))


def is_password(password: str, hashed: str | None) -> bool:
    """Whether this is the password that was hashed. Costs the same, and is False, when there is no hash."""
    if len(password) > MAX_LENGTH:
        password = ""
    with _at_once:
        try:
            return _hasher.verify(hashed or _NOBODYS, _normal(password)) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    # Keyboards write the same character in several ways (NIST SP 800-63B-4, 3.1.1.2).
    return unicodedata.normalize("NFKC", password)
