"""What a worker does for FHIR."""

from typing import Any

from hemalum.capabilities.fhir.exporting import EXPORT_JOB, Exporting
from hemalum.kernel.errors import HemalumError
from hemalum.runtime.jobs import Job, Run


def jobs_of(exporting: Exporting) -> dict[str, Job]:
    """The durable functions of FHIR by stable name."""
    return {EXPORT_JOB: lambda run, arguments: write_export(exporting, run, arguments["export_id"])}


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
                wrote = run.step(
                    f"{kind.value}.{number}",
                    lambda kind=kind, number=number, position=position: exporting.write_part(
                        export_id, kind, number, position
                    ),
                )
                parts += [] if wrote["part"] is None else [wrote["part"]]
                number, position = number + 1, wrote["position"]
                if position is None:
                    break
    except HemalumError as error:
        exporting.end(export_id, [], error)
        return 0
    run.step("end", lambda: exporting.end(export_id, parts))
    return len(parts)
