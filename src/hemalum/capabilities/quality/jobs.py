"""What a worker does for rescreening."""

from typing import Any

from hemalum.capabilities.quality.service import Rescreening
from hemalum.capabilities.reports.model import Status
from hemalum.runtime.jobs import Job, Run

DRAW_JOB = "quality.draw"
"""For every report that was signed; the name lives in the queue."""


def jobs_of(rescreening: Rescreening) -> dict[str, Job]:
    """The durable functions of rescreening by stable name."""

    def draw(run: Run, arguments: dict[str, Any]) -> None:
        if arguments["status"] != Status.FINAL:
            # What is signed again after an amendment had its lot when it was signed first.
            return
        place = arguments["organisation_id"], arguments["case_id"], arguments["number"]
        run.step("draw", lambda: rescreening.draw(*place))

    return {DRAW_JOB: draw}
