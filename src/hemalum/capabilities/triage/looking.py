"""How long cases wait until a person opens the first of their slides, by what models said of them then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from hemalum.capabilities.access.model import PersonKind
from hemalum.capabilities.audit.service import Audit
from hemalum.capabilities.cases.model import CaseBand
from hemalum.capabilities.cases.service import Cases, percentile
from hemalum.capabilities.triage import store
from hemalum.capabilities.triage.model import VIEW, CaseRisk, LookTimes
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid
from hemalum.runtime.db import reading
from hemalum.runtime.policy import check_permission

MOST_DAYS = 400
_MOST_RISKS = 100_000
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Looking:
    """Times to the first look at the cases of a node."""

    cases: Cases
    audit: Audit

    def report(self, actor: Actor, begin: datetime, end: datetime) -> list[LookTimes]:
        """How long the cases that came in a time waited, for each band that any of them had.

        A look is that a person opened a slide for care, as the log has it; programs, and openings for other
        purposes, do not count. A case is counted in the band that it had then, or has now where nobody has
        looked; cases that no operating point speaks of are in none.

        Raises:
            NotPermitted: the actor may not.
            Invalid: the period is empty or too long, or holds too many cases.
        """
        check_permission(actor, VIEW)
        if begin.tzinfo is None or end.tzinfo is None:
            raise Invalid("A time needs its zone, as in 2026-11-28T09:30:00+08:00.")
        if not timedelta() < end - begin <= timedelta(days=MOST_DAYS):
            raise Invalid("A period is of 1 to {most} days.", most=MOST_DAYS)
        with reading(self.cases.ledger.database) as connection:
            risks = store.list_arrived(connection, actor.organisation_id, begin, end, _MOST_RISKS + 1)
        if len(risks) > _MOST_RISKS:
            raise Invalid("Too many cases came in this time; choose a shorter one.")
        opened = self.audit.first_opened(
            {image for risk in risks for image in risk.image_ids}, self._programs()
        )
        by_case = groupby(sorted(risks, key=lambda one: (one.case_id, one.at)), key=lambda one: one.case_id)
        waits: dict[CaseBand, list[float | None]] = {}
        for _, said in by_case:
            band, hours = _wait_of(list(said), opened)
            waits.setdefault(band, []).append(hours)
        return [_times_of(band, waits[band]) for band in CaseBand if band in waits]

    def _programs(self) -> frozenset[str]:
        everybody = self.cases.access.people.list_everybody()
        return frozenset(
            entry.person.id
            for _, people in everybody
            for entry in people
            if entry.person.kind is PersonKind.SERVICE
        )


def _wait_of(said: Sequence[CaseRisk], opened: Mapping[str, datetime]) -> tuple[CaseBand, float | None]:
    """The band of a case when it was first looked at, and after how many hours; None for not yet."""
    newest = said[-1]
    looks = [opened[image] for image in newest.image_ids if image in opened]
    if not looks or newest.arrived_at is None:
        return newest.band, None
    first = min(looks)
    before = [one for one in said if one.at <= first]
    band = before[-1].band if before else CaseBand.UNKNOWN
    return band, max(0.0, (first - newest.arrived_at) / _HOUR)


def _times_of(band: CaseBand, waits: Sequence[float | None]) -> LookTimes:
    hours = sorted(one for one in waits if one is not None)
    quartiles = [percentile(hours, share) if hours else None for share in (0.25, 0.5, 0.75)]
    return LookTimes(band, len(hours), len(waits) - len(hours), quartiles[1], quartiles[0], quartiles[2])
