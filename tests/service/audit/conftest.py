"""A node without slides, whose log is filled by hand, and auditors to look into it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.audit.service import Audit
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.audit import Outcome, Record
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.runtime.audit import Trail
from hemalum.runtime.settings import load_settings

AUDITING = frozenset({"audit.read", "audit.export", "audit.review", "audit.erase"})
MONDAY_10_AM = datetime(2037, 3, 2, 2, tzinfo=UTC)
"""In Shanghai, and long after the setting up of the node: time runs forward in the log."""


def actor(name: str, organisation: str = "home", *roles: str, **more: Any) -> Actor:
    return Actor(
        PersonId(f"p-{name}"),
        name.title(),
        OrganisationId(organisation),
        more.pop("permissions", frozenset()),
        more.pop("session_id", f"s-{name}"),
        roles=frozenset(roles or {"pathologist"}),
        purpose=Purpose.CARE,
        address="192.0.2.7",
        **more,
    )


LI = actor("li")
WANG = actor("wang")
ZHAO = actor("zhao", "county")
AUDITOR = actor("auditor", "home", "auditor", permissions=AUDITING)
COUNTY_AUDITOR = actor("county-auditor", "county", "auditor", permissions=AUDITING)
NODE_AUDITOR = actor(
    "node-auditor",
    "home",
    "auditor",
    "node_administrator",
    permissions=AUDITING | {"access.administer_node"},
)


@dataclass
class Life:
    """A node whose clock the tests set."""

    parts: Parts
    at: datetime = MONDAY_10_AM
    ticks: float = 0.0
    trail: Trail = field(init=False)
    audit: Audit = field(init=False)
    first: int = field(init=False)
    """The first entry that a test makes; in front of it stands how the node was set up."""

    def __post_init__(self) -> None:
        self.first = self.parts.log.size()
        known = self.parts.trail
        self.trail = Trail(
            known._log, known._keys._database, known._keys._wrap, known._keys._unwrap, lambda: self.at
        )
        self.audit = replace(
            self.parts.audit, trail=self.trail, clock=lambda: self.at, now=lambda: self.ticks
        )

    def record(self, who: Actor | None, action: str = "slides.open", image: str = "x", **more: Any) -> int:
        """Something that somebody did to a slide of the home organisation; the number of its entry."""
        stated = {"organisation_id": OrganisationId("home"), "target": f"image/{image}" if image else ""}
        self.trail.record(Record(action, who, **stated | more))
        self.at += timedelta(seconds=10)
        return self.parts.log.size() - 1

    def refuse(self, who: Actor, image: str = "x") -> int:
        return self.record(who, image=image, outcome=Outcome.REFUSED)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with open_parts(load_settings(tmp_path / "node", {})) as parts:
        parts.access.ensure_first_people()
        yield Life(parts)
