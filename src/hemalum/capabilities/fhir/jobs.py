"""What a worker does for FHIR."""

import time
from functools import partial
from typing import Any

from hemalum.capabilities.fhir.exporting import EXPORT_JOB, Exporting
from hemalum.capabilities.fhir.notifying import SEND_JOB, Notifying, wait_of
from hemalum.kernel.errors import HemalumError
from hemalum.runtime.jobs import Job, Run

NOTIFY_JOB = "fhir.notify"
"""For every report that was signed, and every case that began or went on; the name lives in the queue."""
_LOOKED_EVERY_S = 0.2


def jobs_of(exporting: Exporting, notifying: Notifying) -> dict[str, Job]:
    """The durable functions of FHIR by stable name."""
    return {
        EXPORT_JOB: lambda run, arguments: write_export(exporting, run, arguments["export_id"]),
        NOTIFY_JOB: lambda run, arguments: run.step("notify", lambda: notifying.notify(arguments)),
        SEND_JOB: lambda run, arguments: send(notifying, run, arguments),
    }


def send(notifying: Notifying, run: Run, arguments: dict[str, str]) -> int:
    """Tell one system, several times if nobody answers; answers how often it was tried."""
    organisation_id, subscription_id = arguments["organisation_id"], arguments["subscription_id"]
    attempt = 0
    while run.step(
        f"send.{attempt}", lambda: notifying.send(organisation_id, subscription_id, arguments["id"])
    ):
        wait = wait_of(attempt)
        attempt += 1
        if wait is None or _is_cancelled_within(run, wait.total_seconds()):
            run.step("failed", lambda: notifying.sent(organisation_id, subscription_id, is_answered=False))
            return attempt
    run.step("sent", lambda: notifying.sent(organisation_id, subscription_id, is_answered=True))
    return attempt + 1


def _is_cancelled_within(run: Run, seconds: float) -> bool:
    """Wait, and say whether the job was cancelled meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if run.cancelled():
            return True
        time.sleep(_LOOKED_EVERY_S)
    return False


def write_export(exporting: Exporting, run: Run, export_id: str) -> int:
    """Write the files of an export, each in a step of its own; answers how many."""
    export = exporting.find(export_id)
    if export is None:
        return 0
    parts: list[dict[str, Any]] = []
    try:
        for kind in export.kinds:
            number, position = 0, None
            while True:
                if run.cancelled():
                    return 0
                write = partial(exporting.write_part, export_id, kind, number, position)
                wrote = run.step(f"{kind.value}.{number}", write)
                parts += [] if wrote["part"] is None else [wrote["part"]]
                number, position = number + 1, wrote["position"]
                if position is None:
                    break
    except HemalumError as error:
        exporting.end(export_id, [], error.sentence)
        return 0
    run.step("end", lambda: exporting.end(export_id, parts))
    return len(parts)
