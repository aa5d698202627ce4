"""What a worker does for inference."""

from typing import Any

from hemalum.capabilities.inference.rereading import SecondReadings
from hemalum.capabilities.inference.service import LOOK_JOB, Inference
from hemalum.runtime.jobs import Job, Run
from hemalum.runtime.outbox import IsWanted

CONSIDER_JOB = "inference.consider"
"""For every slide that became available or was described; the name lives in the queue."""

REREAD_JOB = "inference.reread"
"""For every case that a model is to read a second time; the name lives in the queue."""
REREAD_ON_JOB = "inference.reread_on"
"""For every run that ended: it may have been the last that a second reading waited for."""


def wanted_by(rereading: SecondReadings) -> dict[str, IsWanted]:
    """Which events are worth a job."""
    return {REREAD_ON_JOB: lambda event: rereading.awaits(event["run_id"])}


def jobs_of(inference: Inference, rereading: SecondReadings) -> dict[str, Job]:
    """The durable functions of inference by stable name."""

    def consider(run: Run, arguments: dict[str, Any]) -> int:
        started: int = run.step("start", lambda: len(inference.consider(arguments["image_id"])))
        return started

    def reread(run: Run, arguments: dict[str, Any]) -> bool:
        names = ("organisation_id", "reread_id", "case_id", "by_model")
        begun: bool = run.step("begin", lambda: rereading.begin(*(arguments[name] for name in names)))
        return begun

    def reread_on(run: Run, arguments: dict[str, Any]) -> None:
        run.step("go_on", lambda: rereading.go_on(arguments["run_id"]))

    return {
        REREAD_JOB: reread,
        REREAD_ON_JOB: reread_on,
        CONSIDER_JOB: consider,
        LOOK_JOB: lambda run, arguments: inference.do(run, arguments["pass_id"]),
    }
