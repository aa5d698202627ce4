"""Time as an argument, so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, datetime

type Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)
