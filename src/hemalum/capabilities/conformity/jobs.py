"""What a worker does for conformity."""

from functools import partial
from typing import Any

from hemalum.capabilities.conformity.service import REAPPLY_JOB, Conformity
from hemalum.runtime.jobs import Job, Run

JUDGE_JOB = "conformity.judge"
"""For every slide of which something became known; the name lives in the queue."""
JUDGE_CASE_JOB = "conformity.judge_case"


def jobs_of(conformity: Conformity) -> dict[str, Job]:
    """The durable functions of conformity by stable name."""
    return {
        JUDGE_JOB: lambda run, arguments: run.step(
            "judge", lambda: _judge(conformity, arguments["image_id"])
        ),
        JUDGE_CASE_JOB: lambda run, arguments: run.step(
            "judge", lambda: conformity.judge_case(arguments["case_id"])
        ),
        REAPPLY_JOB: lambda run, arguments: _reapply(conformity, run, arguments),
    }


def _judge(conformity: Conformity, image_id: str) -> str | None:
    verdict = conformity.judge(image_id)
    return None if verdict is None else verdict.level.value


def _reapply(conformity: Conformity, run: Run, arguments: dict[str, Any]) -> None:
    after: str | None = ""
    while after is not None:
        judge = partial(conformity.judge_with_word, after=after, **arguments)
        after = run.step(f"after {after}", judge)
