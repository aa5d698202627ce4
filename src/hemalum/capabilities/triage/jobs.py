"""What a worker does for triage."""

from functools import partial
from typing import Any

from hemalum.capabilities.triage.service import Triage
from hemalum.runtime.jobs import Job, Run

WEIGH_JOB = "triage.weigh"
"""For every run that ended; the name lives in the queue."""
CONSIDER_JOB = "triage.consider"
"""For every image that was linked to a case, or is not of it any more."""
RECONSIDER_JOB = "triage.reconsider"
"""For the cases that a version speaks of, once its status or its points are others."""
_AT_ONCE = 100
"""Images in a step."""


def jobs_of(triage: Triage) -> dict[str, Job]:
    """The durable functions of triage by stable name."""

    def weigh(run: Run, arguments: dict[str, Any]) -> None:
        run.step("weigh", lambda: triage.weigh_run(arguments["run_id"]))

    def consider(run: Run, arguments: dict[str, Any]) -> None:
        run.step("consider", lambda: triage.consider(arguments["organisation_id"], arguments["case_id"]))

    def reconsider(run: Run, arguments: dict[str, Any]) -> None:
        place, version = arguments["organisation_id"], arguments["version_id"]
        after: str | None = ""
        while after is not None:
            some = partial(triage.reconsider, place, version, after, _AT_ONCE)
            after = run.step(f"after.{after}", some)

    return {WEIGH_JOB: weigh, CONSIDER_JOB: consider, RECONSIDER_JOB: reconsider}
