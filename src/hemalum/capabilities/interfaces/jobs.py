"""What a worker does for interfaces."""

from hemalum.capabilities.interfaces.publishing import Publishing
from hemalum.runtime.jobs import Job

SEND_REPORT_JOB = "interfaces.send_report"
"""For every report that was signed; the name lives in the queue."""


def jobs_of(publishing: Publishing) -> dict[str, Job]:
    """The durable functions of interfaces by stable name."""
    return {
        SEND_REPORT_JOB: lambda run, arguments: run.step(
            "send",
            lambda: publishing.send_report(
                arguments["organisation_id"], arguments["case_id"], arguments["number"]
            ),
        )
    }
