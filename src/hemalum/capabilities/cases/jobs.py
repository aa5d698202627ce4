"""What a worker does for cases."""

from hemalum.capabilities.cases.service import Cases
from hemalum.runtime.jobs import Job

LINK_JOB = "cases.link_by_code"
"""For every slide that became available; the name lives in the queue."""


def jobs_of(cases: Cases) -> dict[str, Job]:
    """The durable functions of cases by stable name."""
    return {
        LINK_JOB: lambda run, arguments: run.step(
            "link", lambda: cases.linking.link_by_code(arguments["image_id"])
        )
    }
