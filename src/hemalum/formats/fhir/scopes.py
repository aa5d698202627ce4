"""Scopes of SMART App Launch 2.0 (section 3): what an application asks for, and what of it is granted.

A scope of resources is `level/Type.interactions`: `patient/DiagnosticReport.rs` reads and searches the
reports of the patient in context, `user/*.rs` all that the user may see, `system/*.rs` all that a service
may. The form of version 1 (`patient/*.read`) is understood, too. Scopes that narrow by a search are not: they
are never granted, for granting them whole would be more than was asked for.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

EVERY_KIND = "*"
_ORDER = "cruds"
_FIRST_VERSION = {"read": "rs", "write": "cud", "*": _ORDER}
_FORM = re.compile(
    r"(?P<level>patient|user|system)/(?P<kind>\*|[A-Z][A-Za-z]{1,39})\.(?P<done>read|write|\*|c?r?u?d?s?)"
)

LAUNCH = "launch"
LAUNCH_PATIENT = "launch/patient"
OPENID = "openid"
FHIR_USER = "fhirUser"
ONLINE = "online_access"
OFFLINE = "offline_access"
PLAIN = (LAUNCH, LAUNCH_PATIENT, OPENID, FHIR_USER, ONLINE, OFFLINE)
"""Scopes that name no resources."""


class Level(StrEnum):
    """Of whom resources are."""

    PATIENT = "patient"
    """Of the patient in context."""
    USER = "user"
    """All that the user may see."""
    SYSTEM = "system"
    """All that a service without a user may see."""


class Interaction(StrEnum):
    """What is done with resources, of what this node can do."""

    CREATE = "c"
    READ = "r"
    SEARCH = "s"
    UPDATE = "u"


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be done with which resources."""

    level: Level
    kind: str
    """A type of resource, or `EVERY_KIND`."""
    interactions: frozenset[str]
    """Letters out of c, r, u, d and s."""

    def covers(self, kind: str, interaction: Interaction) -> bool:
        """Whether this may be done with resources of this type."""
        return self.kind in (EVERY_KIND, kind) and interaction in self.interactions

    def __str__(self) -> str:
        letters = "".join(one for one in _ORDER if one in self.interactions)
        return f"{self.level}/{self.kind}.{letters}"


@lru_cache(1024)
def parse_scope(text: str) -> Scope | None:
    """A scope of resources; None where this is none that could be granted."""
    found = _FORM.fullmatch(text)
    if found is None or not found["done"]:
        return None
    letters = _FIRST_VERSION.get(found["done"], found["done"])
    return Scope(Level(found["level"]), found["kind"], frozenset(letters))


def scopes_of(texts: Iterable[str]) -> list[Scope]:
    """The scopes of resources among these."""
    return [scope for one in texts if (scope := parse_scope(one)) is not None]


def is_known(text: str) -> bool:
    """Whether a scope could be granted at all."""
    return text in PLAIN or parse_scope(text) is not None


def narrow(asked: Iterable[str], allowed: Iterable[str]) -> frozenset[str]:
    """What of the scopes asked for lies within those allowed, in the form of version 2."""
    wanted, limits = set(asked), set(allowed)
    both: dict[tuple[Level, str], frozenset[str]] = {}
    for one in scopes_of(wanted):
        for limit in scopes_of(limits):
            kind = limit.kind if one.kind == EVERY_KIND else one.kind
            if one.level is not limit.level or limit.kind not in (EVERY_KIND, kind):
                continue
            letters = one.interactions & limit.interactions
            if letters:
                both[one.level, kind] = both.get((one.level, kind), frozenset()) | letters
    resources = {str(Scope(level, kind, letters)) for (level, kind), letters in both.items()}
    return frozenset(resources | (wanted & limits & set(PLAIN)))
