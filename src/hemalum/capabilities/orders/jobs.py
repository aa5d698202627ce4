"""What a worker does for orders."""

from typing import Any

from hemalum.capabilities.orders.service import Orders
from hemalum.runtime.jobs import Job, Run
from hemalum.runtime.outbox import IsWanted

FOLLOW_JOB = "orders.follow"
"""For images that were linked, and cases that went on, where orders follow; the name lives in the queue."""
NOTE_JOB = "orders.note"
"""For cases that began without one: what was typed in has its order, too; the name lives in the queue."""


def jobs_of(orders: Orders) -> dict[str, Job]:
    """The durable functions of orders by stable name."""

    def follow(run: Run, arguments: dict[str, Any]) -> None:
        place = arguments["organisation_id"], arguments["case_id"]
        run.step("work", lambda: orders.follow(*place))
        run.step("orders", lambda: orders.placing.follow(*place))

    return {
        FOLLOW_JOB: follow,
        NOTE_JOB: lambda run, arguments: run.step(
            "note",
            lambda: orders.placing.ensure_noted(arguments["organisation_id"], arguments["case_id"]),
        ),
    }


def wanted_by(orders: Orders) -> dict[str, IsWanted]:
    """Which events are worth a job: most cases go on without anything that has to follow."""
    return {
        FOLLOW_JOB: lambda event: orders.has_to_follow(event["organisation_id"], event["case_id"]),
        NOTE_JOB: lambda event: orders.placing.has_to_note(event["case_id"]),
    }
