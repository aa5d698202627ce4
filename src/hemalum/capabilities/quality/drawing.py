"""How cases are drawn: nobody can choose them, and anybody can check afterwards that nobody did.

The seeds of a plan are a chain: each day's is the SHA-256 of the next day's (Lamport, Commun ACM
1981;24:770). The end of the chain, the anchor, is written in the log before the first day. A seed that is
made known after its day gives the anchor when it is hashed as often as the plan has days up to it, so it was
fixed beforehand; the seeds of days to come do not follow from it, so nobody knows before which case will be
drawn.
"""

import hashlib
import hmac
from datetime import date

from hemalum.capabilities.quality.model import MOST_DAYS

_WHOLE = 1 << 64


def chain_back(seed: bytes, steps: int) -> bytes:
    """The seed that many days before, or the anchor."""
    for _ in range(steps):
        seed = hashlib.sha256(seed).digest()
    return seed


def anchor_of(last_seed: bytes) -> str:
    """What is written in the log: one step before the seed of the first day."""
    return chain_back(last_seed, MOST_DAYS).hex()


def steps_to_anchor(first_day: date, day: date) -> int:
    """How often the seed of a day is hashed to give the anchor."""
    return (day - first_day).days + 1


def seed_of(last_seed: bytes, first_day: date, day: date) -> bytes:
    """The seed of a day of a plan."""
    return chain_back(last_seed, MOST_DAYS - steps_to_anchor(first_day, day))


def lot_of(seed: bytes, case_id: str) -> float:
    """The lot of a case: the first eight bytes of HMAC-SHA256(seed, id) as a share of 1."""
    digest = hmac.new(seed, case_id.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8]) / _WHOLE
