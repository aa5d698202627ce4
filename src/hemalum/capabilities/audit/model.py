"""Entries as they are looked for, flags, and the hours in which an organisation works."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from hemalum.kernel.audit import Outcome
from hemalum.kernel.errors import Invalid, NotPermitted

READ = "audit.read"
EXPORT = "audit.export"
REVIEW = "audit.review"
ERASE = "audit.erase"
ACKNOWLEDGE = "audit.acknowledge"
EVIDENCE = "audit.evidence"
POLICY_CHANGED = "policy.changed"

OPENED = "slides.open"
VIEWED = "slides.viewed"
EXPORTED = "slides.export"
GLASS_BROKEN = "slides.break_glass"
GLASS_REVIEWED = "slides.review_glass"

_LISTED = {"images": "image", "cases": "case"}
"""By name in the detail of an entry about several targets, of which kind those are that it lists by id."""
_HOURS = re.compile(r"(?P<days>\w{3}(?:-\w{3})?)\s+(?P<begin>\d\d:\d\d)-(?P<end>\d\d:\d\d)")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class SomebodyElse(NotPermitted):
    """The actor may do such things, and this one is for somebody else to do."""

    code = "somebody-else"


@dataclass(frozen=True, slots=True)
class Indexed:
    """An entry as it stands in the index."""

    index: int
    at: datetime
    action: str
    outcome: str
    person: str | None
    session: str | None
    actor_organisation: str | None
    owner_organisation: str | None
    target: str
    purpose: str | None
    opening: str | None
    subject: str | None
    """Whom the sealed part is about."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who opened a slide."""

    person: str
    openings: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are looked for: those that meet all that is stated."""

    since: datetime | None = None
    until: datetime | None = None
    """Not included."""
    action: str | None = None
    """An action, or a capability with all its actions: `slides.open`, `slides`."""
    outcome: Outcome | None = None
    person: str | None = None
    """Who did it, or to whom it was done."""
    target: str | None = None
    purpose: str | None = None
    organisation: str | None = None
    """Where the person acted, or whose the target is."""
    opening: str | None = None
    flag: str | None = None

    @property
    def stated(self) -> dict[str, Any]:
        """What is stated, as plain JSON values: what the log is told of a look into it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, datetime) else str(value)
            for name, value in values.items()
            if value is not None
        }


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose entries somebody may see: those of one organisation's people and slides, or all."""

    organisation: str | None


class FlagKind(StrEnum):
    """What a rule finds unusual; `flags` tells how."""

    VOLUME = "volume"
    OFF_HOURS = "off_hours"
    GLASS = "glass"
    REFUSALS = "refusals"
    UNRELATED = "unrelated"
    EXPORTS = "exports"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found, before it is kept: one person, one day, one kind."""

    kind: FlagKind
    person: str
    day: str
    """Local date."""
    about: str
    """What tells findings of one kind, person and day apart: a slide, an organisation; usually empty."""
    actor_organisation: str
    owner_organisation: str | None
    first_index: int
    last_index: int
    first_at: datetime
    last_at: datetime
    count: int
    numbers: Mapping[str, Any]
    """By which the rule decided, as plain JSON values; `count` is what it compared."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A finding that is kept until somebody has looked at it."""

    id: str
    finding: Finding
    found_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When an organisation usually works, in the time of the node."""

    days: frozenset[int]
    """Monday is 0."""
    begin: time
    end: time

    def __contains__(self, local: datetime) -> bool:
        return local.weekday() in self.days and self.begin <= local.time() < self.end


def targets_in(detail: Mapping[str, Any]) -> list[str]:
    """What an entry about several targets at once was done to, each as `kind/id` and once."""
    return list(dict.fromkeys(_each_target(detail)))


def _each_target(detail: Mapping[str, Any]) -> Iterator[str]:
    for name, kind in _LISTED.items():
        listed = detail.get(name)
        if isinstance(listed, list):
            yield from (f"{kind}/{one}" for one in listed if isinstance(one, str))


def parse_working_hours(text: str) -> WorkingHours:
    """Working hours as a setting states them: `Mon-Sat 07:00-20:00`.

    Raises:
        Invalid: it cannot be meant.
    """
    matched = _HOURS.fullmatch(text.strip())
    try:
        if matched is None:
            raise ValueError(text)
        first, _, last = matched["days"].title().partition("-")
        days = range(_DAYS.index(first), _DAYS.index(last or first) + 1)
        hours = WorkingHours(
            frozenset(days), time.fromisoformat(matched["begin"]), time.fromisoformat(matched["end"])
        )
    except ValueError as error:
        raise Invalid("Working hours are stated as Mon-Fri 07:00-19:00, not as {text}.", text=text) from error
    if not days or hours.begin >= hours.end:
        raise Invalid("Working hours are stated as Mon-Fri 07:00-19:00, not as {text}.", text=text)
    return hours
