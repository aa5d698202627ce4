"""Organisations as they stood a moment ago, for the many questions of one request."""

import threading
import time
from collections.abc import Callable

from hemalum.capabilities.access.model import Organisation

_KNOWN_FOR_S = 1.0
"""What another process changes counts here after this."""


class Places:
    """The organisations of a node, each read at most once a second. May be used from several threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Organisation]] = {}
        self._changes = 0

    def find(self, organisation_id: str, read: Callable[[str], Organisation]) -> Organisation:
        """The organisation, `read` unless it was a moment ago. Raises as `read` does."""
        with self._lock:
            until, known = self._known.get(organisation_id, (0.0, None))
            changes = self._changes
        now = self._now()
        if known is not None and now < until:
            return known
        found = read(organisation_id)
        with self._lock:
            # What was read before a change is not kept after it.
            if changes == self._changes:
                self._known[organisation_id] = (now + _KNOWN_FOR_S, found)
        return found

    def forget(self) -> None:
        """Read all anew: one was changed."""
        with self._lock:
            self._changes += 1
            self._known.clear()
