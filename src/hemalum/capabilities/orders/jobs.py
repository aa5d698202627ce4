"""What a worker does for orders."""

from typing import Any

from hemalum.capabilities.orders.service import Orders
from hemalum.runtime.jobs import Job, Run

FOLLOW_JOB = "orders.follow"
"""For every image that was linked, and every case that went on; the name lives in the queue."""
NOTE_JOB = "orders.note"
"""For every case that began: what was typed in has its order, too; the name lives in the queue."""


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
