"""What a worker does for orders."""

from hemalum.capabilities.orders.service import Orders
from hemalum.runtime.jobs import Job

FOLLOW_JOB = "orders.follow"
"""For every image that was linked, and every case that went on; the name lives in the queue."""


def jobs_of(orders: Orders) -> dict[str, Job]:
    """The durable functions of orders by stable name."""
    return {
        FOLLOW_JOB: lambda run, arguments: run.step(
            "follow", lambda: orders.follow(arguments["organisation_id"], arguments["case_id"])
        )
    }
