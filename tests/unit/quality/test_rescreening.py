"""Rescreening from the plan to the decision: who is drawn, who may know what, what comes of it."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.cases.model import CaseStatus
from hemalum.capabilities.quality.drawing import lot_of
from hemalum.capabilities.quality.model import (
    AlreadyTaken,
    Answers,
    Board,
    Defect,
    Gravity,
    PlanAsked,
    RateBy,
    ReaderKind,
    ReadingIncomplete,
    Standing,
    State,
    Strata,
    Verdict,
)
from hemalum.capabilities.quality.rates import RateQuery
from hemalum.capabilities.quality.routes import export_rates
from hemalum.capabilities.reports.model import Amendment, Content, Language, ReadBlinded, Section, TemplateRef
from hemalum.capabilities.reports.showing import Draft
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.runtime.db import reading
from tests.hospital import HOME, PASSWORD, PROSTATE

from .conftest import World

UPHELD = Verdict(Standing.FIRST, Gravity.NONE, Defect.NONE, "The first reading is right.")
OVERTURNED = Verdict(Standing.SECOND, Gravity.MAJOR, Defect.MISINTERPRETATION, "Pattern 5 was overlooked.")


def test_a_draw_can_be_done_again_by_anybody(world: World) -> None:
    plan_id = world.plan(0.5)
    day = world.rescreening.today
    anchor = {one.plan.id: one.plan.anchor for one in world.rescreening.list_plans(world.who("li"))}[plan_id]
    (told,) = [one for one in world.recorded() if one.action == "quality.plan"]
    assert (told.detail["anchor"], told.detail["first_day"]) == (anchor, day.isoformat())
    cases = {world.sign() for _ in range(8)}
    world.work()
    draws = {one.target: one.detail["drawn"] for one in world.recorded() if one.action == "quality.draw"}
    with pytest.raises(Conflict):
        world.rescreening.prove(world.who("manager"), plan_id, day)
    world.later(timedelta(days=1))
    proof = world.rescreening.prove(world.who("manager"), plan_id, day)
    seed = hashed = bytes.fromhex(proof.seed)
    for _ in range(proof.steps):
        hashed = hashlib.sha256(hashed).digest()
    assert hashed.hex() == anchor
    assert {one.case_id for one in proof.lots} == cases
    for lot in proof.lots:
        assert lot.lot == lot_of(seed, lot.case_id)
        assert lot.is_drawn == (lot.lot < 0.5) == draws[f"case/{lot.case_id}"]
    assert "quality.tell_seed" in [one.action for one in world.recorded()]
    for refused in ("li", "junior", "outsider"):
        actor = world.who(refused, Purpose.QUALITY)
        with pytest.raises((NotPermitted, NotFound)):
            world.rescreening.prove(actor, plan_id, day)


def test_a_plan_begins_tomorrow_and_is_about_its_strata(world: World) -> None:
    asked = PlanAsked("Urology", 1.0, Strata(templates=("prostate",), readers=(world.who("li").person_id,)))
    world.rescreening.plan(world.who("manager"), asked)
    today = world.sign()
    world.work()
    world.later(timedelta(days=1))
    wanted, of_another, in_free_text = world.sign(), world.sign("wang"), world.sign(template="")
    world.work()
    shown, _ = world.rescreening.list_rereads(world.who("chen"), Board.TODAY)
    assert [one.reread.signed.case_id for one in shown] == [wanted]
    assert not {today, of_another, in_free_text} & {one.reread.signed.case_id for one in shown}


def test_what_no_plan_could_be_is_refused(world: World) -> None:
    for asked in (
        PlanAsked("", 0.1),
        PlanAsked("x", 0.0),
        PlanAsked("x", 1.5),
        PlanAsked("x", 0.1, by_person=False),
        PlanAsked("x", 0.1, by_person=False, by_model="  "),
        PlanAsked("x", 0.1, Strata(sites=tuple(map(str, range(51))))),
    ):
        with pytest.raises(Invalid):
            world.rescreening.plan(world.who("manager"), asked)
    with pytest.raises(NotPermitted):
        world.rescreening.plan(world.who("li"), PlanAsked("x", 0.1))
    plan_id = world.plan()
    world.rescreening.end_plan(world.who("manager"), plan_id)
    with pytest.raises(Conflict):
        world.rescreening.end_plan(world.who("manager"), plan_id)
    world.later(timedelta(days=1))
    with pytest.raises(NotFound):
        world.rescreening.prove(world.who("manager"), plan_id, world.rescreening.today)


def test_a_case_is_drawn_once_whatever_happens_to_it(world: World) -> None:
    world.plan()
    world.plan()
    first = world.drawn()
    world.rescreening.draw("home", first.signed.case_id, first.signed.version)
    world.rescreening.draw("home", "no-such-case", 1)
    reopened = world.reports.reopen(world.who("li"), first.signed.case_id, Amendment.AMENDED, "levels")
    world.reports.sign(world.who("li"), first.signed.case_id, reopened.number, reopened.sha256, PASSWORD)
    world.work()
    with reading(world.database) as connection:
        query = sa.text("SELECT count(*) FROM quality_reread WHERE case_id = :case")
        assert connection.execute(query, {"case": first.signed.case_id}).scalar() == 1


def test_a_second_reader_is_blinded_until_they_answer(world: World) -> None:
    world.plan()
    one = world.drawn()
    case_id, wang = one.signed.case_id, world.who("wang")
    assert world.reports.show(wang, case_id).current is not None
    begun = world.rescreening.readings.begin(wang, one.id)
    assert (begun.state, begun.reader_id) == (State.READING, wang.person_id)
    assert world.rescreening.readings.begin(wang, one.id) == begun
    for look in (
        lambda: world.reports.show(wang, case_id),
        lambda: world.reports.get_version(wang, case_id, 1),
        lambda: world.reports.consulting.list_signed(wang, case_id),
    ):
        with pytest.raises((ReadBlinded, NotPermitted)):
            look()
    with pytest.raises(NotPermitted):
        world.rescreening.readings.compare(wang, one.id)
    shown = world.cases.get_case(wang, case_id)
    assert (shown.case.assignee_name, shown.case.assignee_id) == (None, None)
    assert shown.identity is not None
    assert {each.action for each in world.cases.list_events(wang, case_id)} <= {"move_material"}
    board = world.rescreening.get_reread(wang, one.id)
    assert (board.tells_people, board.is_mine) == (False, True)
    assert world.cases.get_case(world.who("zhao"), case_id).case.assignee_name == "Li"
    partly = {name: value for name, value in PROSTATE.items() if name != "perineural"}
    with pytest.raises(ReadingIncomplete):
        world.rescreening.readings.answer(wang, one.id, Answers(partly))
    with pytest.raises(Invalid):
        world.rescreening.readings.answer(wang, one.id, Answers(PROSTATE | {"finding": "flu"}))
    answered = world.rescreening.readings.answer(wang, one.id, Answers(PROSTATE))
    assert (answered.state, answered.gravity, answered.reader_id) == (State.AGREED, Gravity.NONE, None)
    assert world.reports.show(wang, case_id).current is not None
    with pytest.raises(AlreadyTaken):
        world.rescreening.readings.answer(wang, one.id, Answers(PROSTATE))


def test_who_signed_gave_back_or_answered_reads_no_second_time(world: World) -> None:
    world.plan()
    one = world.drawn()
    readings = world.rescreening.readings
    with pytest.raises(NotPermitted):
        readings.begin(world.who("li"), one.id)
    for refused in ("tech", "junior", "manager"):
        with pytest.raises(NotPermitted):
            readings.begin(world.who(refused), one.id)
    with pytest.raises(NotFound):
        readings.begin(world.who("outsider"), one.id)
    readings.begin(world.who("wang"), one.id)
    with pytest.raises(AlreadyTaken):
        readings.begin(world.who("zhao"), one.id)
    assert readings.give_back(world.who("wang"), one.id).state is State.WAITING
    assert world.reports.show(world.who("wang"), one.signed.case_id).current is not None
    with pytest.raises(NotPermitted):
        readings.begin(world.who("wang"), one.id)
    disputed = world.reread(one, "zhao", secondary_pattern="pattern_5")
    assert (disputed.state, disputed.gravity) == (State.DISPUTED, Gravity.MAJOR)
    for refused in ("li", "zhao"):
        with pytest.raises(NotPermitted):
            readings.begin(world.who(refused), one.id)
    assert readings.begin(world.who("chen"), one.id).state is State.ARBITRATION


def test_a_third_reader_decides_and_an_amendment_is_offered_not_made(world: World) -> None:
    world.plan()
    one = world.reread(world.drawn(), secondary_pattern="pattern_5")
    readings, chen = world.rescreening.readings, world.who("chen")
    with pytest.raises(NotPermitted):
        readings.compare(chen, one.id)
    readings.begin(chen, one.id)
    seen = readings.compare(chen, one.id)
    (second,) = seen.seconds
    assert (second.reading.kind, second.reading.gravity) == (ReaderKind.PERSON, Gravity.MAJOR)
    graded = {each.element: each.gravity for each in second.differences}
    assert graded == {
        "secondary_pattern": Gravity.NONE,
        "gleason_score": Gravity.NONE,
        "grade_group": Gravity.MAJOR,
    }
    assert seen.rules_source
    for contradictory in (replace(UPHELD, gravity=Gravity.MAJOR), replace(OVERTURNED, defect=Defect.NONE)):
        with pytest.raises(Invalid):
            readings.decide(chen, one.id, contradictory)
    with pytest.raises(AlreadyTaken):
        readings.decide(world.who("zhao"), one.id, OVERTURNED)
    decided = readings.decide(chen, one.id, OVERTURNED)
    assert (decided.state, decided.offers_amendment) == (State.DECIDED, True)
    assert readings.compare(world.who("li"), one.id).decided_words == OVERTURNED.words
    assert world.cases.get_case(world.who("li"), one.signed.case_id).case.status is CaseStatus.FINAL
    offered, counts = world.rescreening.list_rereads(world.who("li"), Board.OFFERED)
    assert one.id in {each.reread.id for each in offered}
    assert counts[Board.OFFERED] >= 1
    assert not world.rescreening.list_rereads(world.who("zhao"), Board.OFFERED)[0]
    told = [record for record in world.recorded() if record.action.startswith("quality.")]
    assert not [record for record in told if "Pattern" in str(record)]
    with reading(world.database) as connection:
        for table in ("quality_reading", "quality_reread"):
            column = "sealed" if table == "quality_reading" else "words"
            kept = connection.execute(sa.text(f"SELECT {column} FROM {table}")).scalars()
            assert not [raw for raw in kept if raw and (b"secondary_pattern" in raw or b"overlooked" in raw)]


def test_a_model_that_agrees_ends_it_and_one_that_differs_calls_a_third_reader(world: World) -> None:
    world.plan(by_person=False, by_model="grader")
    readings = world.rescreening.readings
    agreed, disputed = world.drawn(), world.drawn()
    with pytest.raises(NotPermitted):
        readings.begin(world.who("wang"), agreed.id)
    told = {name: PROSTATE[name] for name in ("finding", "primary_pattern", "secondary_pattern")}
    done = readings.hand_in(world.who("junior"), agreed.id, "grader", "1.0", Answers(told))
    assert (done.state, done.gravity) == (State.AGREED, Gravity.NONE)
    with pytest.raises(Conflict):
        readings.hand_in(world.who("junior"), agreed.id, "grader", "1.0", Answers(told))
    for name, version, error in (("other", "1", Conflict), ("", "1", Conflict), ("grader", " ", Invalid)):
        with pytest.raises(error):
            readings.take_in("home", disputed.id, name, version, Answers(told))
    with pytest.raises(NotPermitted):
        readings.hand_in(world.who("tech"), disputed.id, "grader", "1.0", Answers(told))
    benign = readings.take_in("home", disputed.id, "grader", "1.0", Answers({"finding": "benign"}))
    assert (benign.state, benign.gravity) == (State.DISPUTED, Gravity.MAJOR)
    query = RateQuery(world.now - timedelta(days=1), world.now + timedelta(days=1), RateBy.MODEL)
    (rate,) = world.rescreening.rates.report(world.who("manager"), query).groups
    assert (rate.name, rate.count, rate.differing) == ("grader 1.0", 1, 0)


def test_where_a_model_abstains_a_person_reads(world: World) -> None:
    world.plan(by_person=False, by_model="grader")
    readings, one = world.rescreening.readings, world.drawn()
    after = readings.take_in("home", one.id, "grader", "1.0", Answers({}))
    assert (after.state, after.by_person, after.gravity) == (State.WAITING, True, None)
    assert world.reread(one).state is State.AGREED


def test_person_and_model_both_read(world: World) -> None:
    world.plan(by_model="grader")
    readings, one = world.rescreening.readings, world.drawn()
    assert world.reread(one).state is State.WAITING
    with pytest.raises(NotPermitted):
        readings.begin(world.who("zhao"), one.id)
    told = Answers({"finding": "acinar", "perineural": True})
    after = readings.take_in("home", one.id, "grader", "2", told)
    assert (after.state, after.gravity) == (State.DISPUTED, Gravity.MINOR)
    readings.begin(world.who("chen"), one.id)
    assert len(readings.compare(world.who("chen"), one.id).seconds) == 2
    assert readings.give_back(world.who("chen"), one.id).state is State.DISPUTED


def test_free_texts_go_to_a_third_reader(world: World) -> None:
    world.plan()
    one = world.drawn(template="")
    readings, wang = world.rescreening.readings, world.who("wang")
    readings.begin(wang, one.id)
    with pytest.raises(ReadingIncomplete):
        readings.answer(wang, one.id, Answers({}))
    assert readings.answer(wang, one.id, Answers({}, "Carcinoma.")).state is State.DISPUTED


def test_a_manager_gives_up_and_nobody_stays_blinded(world: World) -> None:
    world.plan()
    one = world.drawn()
    readings, wang = world.rescreening.readings, world.who("wang")
    readings.begin(wang, one.id)
    with pytest.raises(NotPermitted):
        readings.give_up(wang, one.id, "glass is lost")
    for reason in (" ", "x" * 501):
        with pytest.raises(Invalid):
            readings.give_up(world.who("manager"), one.id, reason)
    assert readings.give_up(world.who("manager"), one.id, "glass is lost").state is State.VOID
    assert world.reports.show(wang, one.signed.case_id).current is not None
    with pytest.raises(Conflict):
        readings.give_up(world.who("manager"), one.id, "again")
    with pytest.raises(AlreadyTaken):
        readings.answer(wang, one.id, Answers(PROSTATE))


def test_rates_are_told_by_site_and_of_people_to_those_who_manage(world: World) -> None:
    world.plan()
    for values in ({}, {}, {"secondary_pattern": "pattern_5"}):
        last = world.reread(world.drawn(), **values)
    world.rescreening.readings.begin(world.who("chen"), last.id)
    world.rescreening.readings.decide(world.who("chen"), last.id, OVERTURNED)
    query = RateQuery(world.now - timedelta(days=1), world.now + timedelta(days=1), RateBy.READER)
    report = world.rescreening.rates.report(world.who("manager"), query)
    (by_reader,) = report.groups
    assert (by_reader.name, by_reader.count, by_reader.major) == ("Li", 3, 1)
    assert 0 < by_reader.major_low < 1 / 3 < by_reader.major_high < 1
    assert (report.whole.count, len(report.chart)) == (3, 1)
    for refused in ("li", "junior"):
        with pytest.raises(NotPermitted):
            world.rescreening.rates.report(world.who(refused), query)
    for by in (RateBy.SITE, RateBy.TEMPLATE, RateBy.FIELD, RateBy.MONTH):
        groups = world.rescreening.rates.report(world.who("li"), replace(query, by=by)).groups
        assert sum(one.count for one in groups) == 3
    rereads, of_people = world.rescreening.rates.list_completed(
        world.who("li"), replace(query, by=RateBy.NOTHING)
    )
    assert (len(rereads), of_people) == (3, False)
    for wrong in (replace(query, end=query.begin), replace(query, end=query.end.replace(tzinfo=None))):
        with pytest.raises(Invalid):
            world.rescreening.rates.report(world.who("manager"), wrong)


def test_a_report_that_does_not_stand_is_mine_to_amend_until_it_is_amended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.plan()
    one = world.reread(world.drawn(), secondary_pattern="pattern_5")
    readings, li, case_id = world.rescreening.readings, world.who("li"), one.signed.case_id
    readings.begin(world.who("chen"), one.id)
    readings.decide(world.who("chen"), one.id, OVERTURNED)
    world.later(timedelta(hours=1))
    for _ in range(2):
        world.reread(world.drawn("chen"))
    monkeypatch.setattr("hemalum.capabilities.quality.service.MOST_SHOWN", 1)
    offered, _ = world.rescreening.list_rereads(li, Board.OFFERED)
    assert [each.reread.id for each in offered] == [one.id], "later ones crowd nothing out"
    reopened = world.reports.reopen(li, case_id, Amendment.AMENDED, "pattern 5")
    assert world.rescreening.get_reread(li, one.id).offers_amendment
    world.reports.sign(li, case_id, reopened.number, reopened.sha256, PASSWORD)
    assert not world.rescreening.get_reread(li, one.id).offers_amendment
    monkeypatch.undo()
    listed, counts = world.rescreening.list_rereads(li, Board.OFFERED)
    assert one.id not in {each.reread.id for each in listed}
    assert counts[Board.OFFERED] == len(listed)


def test_rates_are_told_by_the_organs_of_the_parts(world: World) -> None:
    world.plan()
    for values in ({}, {"secondary_pattern": "pattern_5"}):
        one = world.reread(world.drawn(), **values)
    world.rescreening.readings.begin(world.who("chen"), one.id)
    world.rescreening.readings.decide(world.who("chen"), one.id, OVERTURNED)
    query = RateQuery(world.now - timedelta(days=1), world.now + timedelta(days=1), RateBy.ORGAN)
    (rate,) = world.rescreening.rates.report(world.who("li"), query).groups
    assert (rate.name, rate.count, rate.major) == ("Prostate", 2, 1)


def test_two_readers_of_one_name_are_two(world: World) -> None:
    world.access.add_person("li.second", "Li", HOME, Role.PATHOLOGIST)
    world.sign_in("li.second")
    world.plan()
    for who in ("li", "li", "li.second"):
        world.reread(world.drawn(who))
    query = RateQuery(world.now - timedelta(days=1), world.now + timedelta(days=1), RateBy.READER)
    groups = world.rescreening.rates.report(world.who("manager"), query).groups
    assert [(one.name, one.count) for one in groups] == [("Li (li)", 2), ("Li (li.second)", 1)]


OF_A_LABORATORY = """
id = "remarks"
version = 1
en = "Remarks"
zh = "备注"
suggested_for = []

[[elements]]
id = "finding"
kind = "choice"
en = "Finding"
zh = "所见"
options = [{ id = "benign", en = "Benign", zh = "良性" }, { id = "other", en = "Other", zh = "其他" }]

[[elements]]
id = "remark"
kind = "text"
en = "Remark"
zh = "备注"
"""


def test_without_rules_choices_count_and_words_do_not_in_any_language(world: World) -> None:
    folder = world.slides.settings.data / "templates"
    folder.mkdir(exist_ok=True)
    (folder / "remarks.toml").write_text(OF_A_LABORATORY, "utf-8")
    world.plan()
    first = {"finding": "benign", "remark": "慢性炎症"}
    for second, gravity in (
        (first | {"remark": "轻度慢性炎症"}, Gravity.NONE),
        (first | {"remark": "mild inflammation"}, Gravity.NONE),
        (first | {"finding": "other"}, Gravity.MINOR),
    ):
        case_id = world.make_ready(world.case(("H&E",), identity=world.patient()))
        content = Content(TemplateRef("remarks", 0, ""), first, {Section.DIAGNOSIS: "As stated."})
        draft = Draft(None, content, Language.EN)
        version = world.reports.write(world.who("li"), case_id, draft)
        world.reports.sign(world.who("li"), case_id, version.number, version.sha256, PASSWORD)
        world.work()
        one = world.of_case(case_id)
        world.rescreening.readings.begin(world.who("wang"), one.id)
        answered = world.rescreening.readings.answer(world.who("wang"), one.id, Answers(second))
        assert answered.gravity is gravity, second


def test_no_cell_of_the_table_becomes_a_formula(world: World) -> None:
    world.plan(by_person=False, by_model="=1+1")
    one = world.drawn()
    told = Answers({"finding": PROSTATE["finding"]})
    world.rescreening.readings.take_in("home", one.id, "=1+1", "1", told)
    query = RateQuery(world.now - timedelta(days=1), world.now + timedelta(days=1))
    table = export_rates(query, world.who("manager"), world.rescreening)
    heading, line = bytes(table.body).decode("utf-8-sig").splitlines()
    assert heading.startswith("case,site,field")
    assert line.endswith(",none,,,'=1+1")
