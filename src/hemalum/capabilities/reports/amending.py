"""What becomes of an amendment that was begun by mistake."""

from hemalum.capabilities.cases.model import CaseStatus
from hemalum.capabilities.reports import policy, store
from hemalum.capabilities.reports.model import Status, Version
from hemalum.capabilities.reports.service import Reports
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict
from hemalum.runtime.db import transaction


def withdraw_amendment(
    reports: Reports, actor: Actor, case_id: str, number: int, sha256: str, reason: str
) -> Version:
    """Give an amendment up that was not signed: what was signed before stands again. Every version stays.

    Answers the version that says so, with the words that stand.

    Raises:
        SavedMeanwhile: it is not the newest version.
        Conflict: the report is not being amended.
        Invalid: there is no reason, or it is too long.
        NotFound, NotPermitted, ReportWithheld: as `Reports.reopen`.
    """
    asking = reports.ask(actor, policy.READ, policy.SIGN)
    reports.check_person(asking)
    with transaction(reports.cases.ledger.database) as connection:
        case = reports.held(connection, asking, case_id)
        if case.status is not CaseStatus.AMENDED:
            raise Conflict("This report is not being amended.")
        draft, _ = reports.named(connection, case_id, number, sha256)
        signed = [one.number for one in store.list_versions(connection, case_id) if one.is_signed]
        stands = store.find_version(connection, case_id, reports.open_content, signed[-1])
        if stands is None or stands.content is None:
            raise Conflict("The patient of this case was erased, and the report with them.")
        case = reports.cases.reporting.withdraw(connection, asking, case, reason)
        return reports.add(
            connection,
            asking,
            case,
            draft,
            Status.WITHDRAWN,
            stands.content,
            stands.language,
            reason=reason.strip(),
            amends=draft.amends,
        )
