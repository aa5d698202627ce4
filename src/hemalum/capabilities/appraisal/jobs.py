"""What a worker does for appraisals."""

from typing import Any

from hemalum.capabilities.appraisal.service import LOOK_JOB, Appraising
from hemalum.runtime.jobs import Job, Run

CONSIDER_JOB = "appraisal.consider"
"""For every slide of which something became known; the name lives in the queue."""


def jobs_of(appraising: Appraising) -> dict[str, Job]:
    """The durable functions of appraisals by stable name."""

    def look(run: Run, arguments: dict[str, Any]) -> str | None:
        def looked() -> str | None:
            made = appraising.appraise(arguments["image_id"], run.cancelled)
            return None if made is None else made.state.value

        told: str | None = run.step("look", looked)
        return told

    return {
        CONSIDER_JOB: lambda run, arguments: run.step(
            "consider", lambda: appraising.consider(arguments["image_id"])
        ),
        LOOK_JOB: look,
    }
