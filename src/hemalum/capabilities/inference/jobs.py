"""What a worker does for inference."""

from typing import Any

from hemalum.capabilities.inference.service import LOOK_JOB, Inference
from hemalum.runtime.jobs import Job, Run

CONSIDER_JOB = "inference.consider"
"""For every slide that became available or was described; the name lives in the queue."""


def jobs_of(inference: Inference) -> dict[str, Job]:
    """The durable functions of inference by stable name."""

    def consider(run: Run, arguments: dict[str, Any]) -> int:
        started: int = run.step("start", lambda: len(inference.consider(arguments["image_id"])))
        return started

    return {
        CONSIDER_JOB: consider,
        LOOK_JOB: lambda run, arguments: inference.do(run, arguments["pass_id"]),
    }
