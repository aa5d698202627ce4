"""What a worker does for interfaces."""

from hemalum.capabilities.cases.model import MaterialMoved
from hemalum.capabilities.custody.model import PieceWasPutAway
from hemalum.capabilities.interfaces.model import Sent
from hemalum.capabilities.interfaces.outbox import Outbox
from hemalum.capabilities.interfaces.publishing import Publishing
from hemalum.capabilities.interfaces.telling import Telling
from hemalum.capabilities.orders.model import WorkState
from hemalum.kernel.typed import typed
from hemalum.runtime.jobs import Job
from hemalum.runtime.outbox import IsWanted

SEND_REPORT_JOB = "interfaces.send_report"
"""For every report that was signed and goes out; the name lives in the queue."""
SEND_WORK_JOB = "interfaces.send_work"
"""For every state of a work order that somebody is told of; the name lives in the queue."""
SEND_SPECIMEN_JOB = "interfaces.send_specimen"
"""For every stage of a piece of material that somebody is told of; the name lives in the queue."""
SEND_PLACE_JOB = "interfaces.send_place"
"""For every piece that is put into a container, or taken out; the name lives in the queue."""


def jobs_of(publishing: Publishing, telling: Telling) -> dict[str, Job]:
    """The durable functions of interfaces by stable name."""
    return {
        SEND_REPORT_JOB: lambda run, arguments: run.step(
            "send",
            lambda: publishing.send_report(
                arguments["organisation_id"], arguments["case_id"], arguments["number"]
            ),
        ),
        SEND_WORK_JOB: lambda run, arguments: run.step(
            "send",
            lambda: telling.tell_work(
                arguments["organisation_id"], arguments["order_id"], WorkState(arguments["state"])
            ),
        ),
        SEND_SPECIMEN_JOB: lambda run, arguments: run.step(
            "send", lambda: telling.tell_move(typed(arguments, MaterialMoved))
        ),
        SEND_PLACE_JOB: lambda run, arguments: run.step(
            "send", lambda: telling.tell_place(typed(arguments, PieceWasPutAway))
        ),
    }


def wanted_by(outbox: Outbox) -> dict[str, IsWanted]:
    """Which events are worth a job: those of organisations with a receiver for what is sent of them."""

    def if_sent(*sent: Sent) -> IsWanted:
        return lambda event: outbox.has_receiver(event["organisation_id"], *sent)

    return {
        SEND_REPORT_JOB: if_sent(Sent.RESULTS, Sent.DOCUMENTS),
        SEND_WORK_JOB: if_sent(Sent.WORK),
        SEND_SPECIMEN_JOB: if_sent(Sent.SPECIMENS),
        SEND_PLACE_JOB: if_sent(Sent.SPECIMENS),
    }
