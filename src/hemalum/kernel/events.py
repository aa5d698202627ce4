"""Facts in the past tense that one capability tells the others."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Written in the transaction that made it true, delivered after commit."""

    occurred_at: datetime
