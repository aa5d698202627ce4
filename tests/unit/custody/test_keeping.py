"""Loans come back or are late; nobody discards alone, and nothing before its time by oversight."""

from datetime import timedelta

import pytest

from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.cases.model import CaseStatus, Stage
from hemalum.capabilities.custody.model import (
    DiscardState,
    OnePerson,
    OutOfSequence,
    Step,
    StillKept,
    UnknownCode,
)
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted

from .conftest import Laboratory


def filed(lab: Laboratory) -> tuple[ShownCase, str, str, str]:
    """A case that is signed, with a part that is stored, a block and a slide that are filed."""
    case = lab.case(("H&E",))
    cases, li = lab.custody.cases, lab.who("li")
    for piece, stage in zip(case.material, (Stage.STORED, Stage.FILED, Stage.FILED), strict=True):
        cases.move_material(li, piece.id, stage)
    cases.move_case(li, case.case.id, CaseStatus.READY)
    cases.assigning.assign(li, case.case.id, li.person_id)
    cases.move_case(li, case.case.id, CaseStatus.DRAFT)
    cases.move_case(li, case.case.id, CaseStatus.FINAL, "report 1")
    part, block, slide = (piece.identifier for piece in case.material)
    return case, part, block, slide


def test_a_loan_goes_out_and_comes_back(lab: Laboratory) -> None:
    case, _, block, slide = filed(lab)
    tech, lending = lab.who("tech"), lab.custody.lending
    due = lab.now + timedelta(days=14)
    for to, purpose, until in (("", "x", due), ("x", " ", due), ("x", "y", lab.now)):
        with pytest.raises(Invalid):
            lending.lend(tech, slide, to, purpose, until)
    loan = lending.lend(tech, slide, "Dr Wu, county hospital", "second opinion", due)
    assert lab.stage(case, slide) == "on_loan"
    found = lab.custody.tracing.find(tech, slide)
    assert found.path[0].holder == "Dr Wu, county hospital"
    assert found.loan == loan
    with pytest.raises(Conflict):
        lending.lend(tech, slide, "somebody else", "teaching", due)
    lending.lend(tech, block, "Molecular laboratory", "sequencing", due - timedelta(days=1))
    out = [each.code for each in lending.list_all(tech) if each.returned_at is None]
    assert out.index(block) < out.index(slide)
    with pytest.raises(OutOfSequence):
        lab.custody.discarding.propose(tech, [slide], "old", despite_retention=True)
    lab.later(timedelta(days=20))
    back = lending.take_back(lab.who("other"), slide)
    assert (back.returned_by, lab.stage(case, slide)) == ("Other", "filed")
    with pytest.raises(Conflict, match="not on loan"):
        lending.take_back(tech, slide)
    assert lab.is_whole(slide)


def test_two_people_discard_after_its_time(lab: Laboratory) -> None:
    case, part, block, slide = filed(lab)
    tech, discarding = lab.who("tech"), lab.custody.discarding
    lab.later(timedelta(days=13))
    with pytest.raises(StillKept, match="kept until 2026-12-09"):
        discarding.propose(tech, [part], "time is over")
    lab.later(timedelta(days=2))
    made = discarding.propose(tech, [part, part.lower()], "time is over")
    assert ([each.code for each in made.pieces], made.is_early) == ([part], False)
    assert lab.stage(case, part) == "stored"
    with pytest.raises(Conflict, match="proposed already"):
        discarding.propose(lab.who("other"), [part], "again")
    with pytest.raises(OnePerson):
        discarding.confirm(tech, made.id)
    done = discarding.confirm(lab.who("li"), made.id)
    assert (done.state, done.decided_by_name) == (DiscardState.DONE, "Li")
    assert lab.stage(case, part) == "disposed"
    for act in (discarding.confirm, discarding.withdraw):
        with pytest.raises(Conflict):
            act(lab.who("other"), made.id)
    with pytest.raises(OutOfSequence):
        lab.scan(lab.point(Step.PLACE), part)
    early = discarding.propose(tech, [block, slide], "consent withdrawn", despite_retention=True)
    assert early.is_early
    assert discarding.withdraw(lab.who("other"), early.id).state is DiscardState.WITHDRAWN
    assert lab.stage(case, slide) == "filed"
    known = {each.id: each.state for each in discarding.list_all(lab.who("clinician"))}
    assert (known[made.id], known[early.id]) == (DiscardState.DONE, DiscardState.WITHDRAWN)
    for code in (part, block, slide):
        assert lab.is_whole(code)


def test_a_discard_is_all_or_nothing(lab: Laboratory) -> None:
    case, part, block, _ = filed(lab)
    open_case = lab.case()
    tech, discarding = lab.who("tech"), lab.custody.discarding
    lab.later(timedelta(days=4000))
    with pytest.raises(StillKept, match="not begun"):
        discarding.propose(tech, [block, open_case.material[0].identifier], "time is over")
    with pytest.raises(UnknownCode):
        discarding.propose(tech, [block, part[:-1] + "Z"], "time is over")
    for wanted, reason in (([], "x"), ([block], " ")):
        with pytest.raises(Invalid):
            discarding.propose(tech, wanted, reason)
    made = discarding.propose(tech, [block, part], "time is over")
    lab.custody.lending.lend(tech, block, "Dr Wu", "research", lab.now + timedelta(days=1))
    with pytest.raises(OutOfSequence):
        discarding.confirm(lab.who("other"), made.id)
    assert lab.stage(case, part) == "stored"
    for who in ("junior", "clinician"):
        with pytest.raises(NotPermitted):
            discarding.confirm(lab.who(who), made.id)
    with pytest.raises(NotFound):
        discarding.confirm(lab.who("outsider"), made.id)


def test_what_has_to_be_kept_again_is_not_discarded(lab: Laboratory) -> None:
    case, part, _, _ = filed(lab)
    cases, li, discarding = lab.custody.cases, lab.who("li"), lab.custody.discarding
    lab.later(timedelta(days=15))
    made = discarding.propose(lab.who("tech"), [part], "time is over")
    cases.move_case(li, case.case.id, CaseStatus.AMENDED, "looked at again")
    with pytest.raises(StillKept, match="without a final report"):
        discarding.confirm(li, made.id)
    cases.move_case(li, case.case.id, CaseStatus.FINAL, "report 2")
    lab.now = lab.now.replace(hour=17)  # the next day where the laboratory is
    with pytest.raises(StillKept, match="kept until 2026-12-24"):
        discarding.confirm(li, made.id)
    assert lab.stage(case, part) == "stored"
