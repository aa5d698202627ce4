"""What a worker does for reports."""

from hemalum.capabilities.reports.drafting import Drafting
from hemalum.runtime.jobs import Job

WORD_DRAFT_JOB = "reports.word_draft"
"""For findings whose draft a language model is to word; the name lives in the queue."""


def jobs_of(drafting: Drafting) -> dict[str, Job]:
    """The durable functions of reports by stable name. What is of a patient is no output of a step."""
    return {
        WORD_DRAFT_JOB: lambda run, arguments: run.step(
            "word",
            lambda: drafting.reword(
                arguments["organisation_id"], arguments["case_id"], arguments["submission_id"]
            ),
        )
    }
