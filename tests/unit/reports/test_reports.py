"""Reports from the first draft to the amended version: who may, what is kept, what is refused."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hemalum.capabilities.access.model import (
    Confirmation,
    NeedsFreshSession,
    NeedsSession,
    WrongCredentials,
)
from hemalum.capabilities.access.store import credentials
from hemalum.capabilities.cases.model import CaseStatus
from hemalum.capabilities.reports import store, tables
from hemalum.capabilities.reports.model import (
    Amendment,
    Content,
    Figure,
    Language,
    Region,
    ReportIncomplete,
    ReportWithheld,
    SavedMeanwhile,
    Section,
    Source,
    SourceKind,
    Statement,
    Status,
    TemplateRef,
    Version,
    digest_of,
    untaken,
)
from hemalum.capabilities.reports.showing import Draft
from hemalum.capabilities.slides.model import Terms
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Conflict, Damaged, Invalid, NotFound, NotPermitted
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction
from tests.hospital import HOME, PASSWORD

from .conftest import World

WRITES = ("INSERT INTO reports", "INSERT INTO cases", "UPDATE cases", "INSERT INTO outbox")
STEPS = 9
"""More than a signature has, so that the last one goes through."""


def test_from_the_first_draft_to_the_signature(world: World) -> None:
    case_id = world.case_id()
    empty = world.reports.show(world.who("li"), case_id)
    assert (empty.versions, empty.current, empty.suggested) == ((), None, ("prostate",))
    assert empty.may.edit
    assert not empty.may.sign
    world.told()
    first = world.write(case_id, "junior", world.content(perineural=None))
    assert (first.number, first.status, first.previous_sha256) == (1, Status.DRAFT, None)
    assert world.status(case_id) == "draft"
    assert world.cases.get_case(world.who("li"), case_id).case.assignee_name == "Junior"
    second = world.write(case_id, "junior")
    assert second.previous_sha256 == first.sha256
    handed = world.reports.hand_over(world.who("junior"), case_id, 2, second.sha256)
    assert (handed.status, world.status(case_id)) == (Status.PRELIMINARY, "preliminary")
    signed = world.sign(case_id, handed)
    assert (signed.number, signed.status, signed.author_name) == (4, Status.FINAL, "Li")
    assert world.status(case_id) == "final"
    shown = world.reports.show(world.who("li"), case_id)
    assert shown.current == signed
    assert [one.status.value for one in shown.versions] == ["draft", "draft", "preliminary", "final"]
    assert signed.content is not None
    assert signed.content.values["grade_group"] == "group_2"
    assert signed.sha256 == digest_of(signed)
    recorded = {each.action: each for each in world.records if each.action.startswith("reports.")}
    assert recorded["reports.sign"].detail["sha256"] == signed.sha256
    assert {"reports.write", "reports.hand_over", "reports.view"} <= set(recorded)
    events = [one.action for one in world.cases.list_events(world.who("li"), case_id)]
    assert events.count("write_report") == 1
    with reading(world.database) as connection:
        sent = connection.execute(
            sa.select(outbox.outbox_table.c.payload).where(outbox.outbox_table.c.type == "ReportSigned")
        ).scalars()
        assert signed.sha256 in [one["sha256"] for one in sent]


def test_two_who_write_at_once_lose_nothing(world: World) -> None:
    case_id = world.case_id()
    world.write(case_id, "junior")
    world.write(case_id, "wang", world.content("Wang's words."), based_on=1)
    with pytest.raises(SavedMeanwhile, match=r"Wang saved version 2 meanwhile") as refused:
        world.write(case_id, "junior", world.content("Junior's words."), based_on=1)
    assert refused.value.sentence.values["number"] == 2
    with pytest.raises(SavedMeanwhile):
        world.write(case_id, based_on=None)
    current = world.reports.show(world.who("li"), case_id).current
    assert current is not None
    assert current.content is not None
    assert current.content.sections[Section.DIAGNOSIS] == "Wang's words."
    assert world.write(case_id, "junior", world.content("Wang's words."), based_on=2).number == 2


def test_a_signature_waits_for_all_that_is_asked_and_names_it(world: World) -> None:
    case_id = world.case_id()
    draft = world.write(case_id, content=world.content("", perineural=None, cores_positive=13.0))
    with pytest.raises(ReportIncomplete) as refused:
        world.sign(case_id, draft)
    for word in ("Perineural invasion", "Diagnosis", "More cores with carcinoma"):
        assert word in str(refused.value)
    chinese = world.write(case_id, content=world.content("", perineural=None), language=Language.ZH)
    with pytest.raises(ReportIncomplete, match="神经侵犯、病理诊断"):
        world.sign(case_id, chinese)
    with pytest.raises(ReportIncomplete):
        world.reports.hand_over(world.who("junior"), case_id, chinese.number, chinese.sha256)
    assert world.status(case_id) == "draft"


def test_nobody_signs_what_a_model_wrote_and_no_one_took_on(world: World) -> None:
    case_id = world.case_id()
    model = Source(SourceKind.MODEL, "grader", "1.2")
    statements = (Statement("section/diagnosis", model), Statement("section/comment", model))
    draft = world.write(case_id, content=replace(world.content(), statements=statements))
    with pytest.raises(ReportIncomplete, match=r"left: 1\."):
        world.sign(case_id, draft)
    taken = (replace(statements[0], is_accepted=True), statements[1])
    accepted = world.write(case_id, content=replace(world.content(), statements=taken))
    assert world.sign(case_id, accepted).status is Status.FINAL


def test_a_signature_names_what_was_looked_at(world: World) -> None:
    case_id = world.case_id()
    draft = world.write(case_id)
    with pytest.raises(SavedMeanwhile):
        world.sign(case_id, replace(draft, sha256="0" * 64))
    world.write(case_id, "junior", world.content("Something else."))
    with pytest.raises(SavedMeanwhile):
        world.sign(case_id, draft)
    with pytest.raises(NotFound):
        world.sign(world.case_id(), draft)


def test_only_a_pathologist_signs_and_shows_that_it_is_them(world: World) -> None:
    case_id = world.case_id()
    draft = world.write(case_id)
    for who in ("junior", "tech", "clinician"):
        with pytest.raises(NotPermitted):
            world.sign(case_id, draft, who)
    for password in (None, "", "wrong"):
        with pytest.raises(WrongCredentials):
            world.sign(case_id, draft, password=password)
    by_token = replace(world.who("li"), session_id="some-token")
    assert world.access.account.confirmation_of(by_token) is Confirmation.IMPOSSIBLE
    with pytest.raises(NeedsSession):
        world.reports.sign(by_token, case_id, draft.number, draft.sha256, PASSWORD)
    assert world.status(case_id) == "draft"
    assert world.sign(case_id, draft).status is Status.FINAL


def test_without_a_password_a_fresh_sign_in_stands_for_it(world: World) -> None:
    person = world.access.get_person("wang")
    with transaction(world.database) as connection:
        hashed = credentials.password_hash(connection, person.id)
        assert hashed is not None
        connection.execute(sa.text("DELETE FROM access_password WHERE person_id = :id"), {"id": person.id})
    try:
        assert world.access.account.confirmation_of(world.who("wang")) is Confirmation.FRESH_SESSION
        case_id = world.case_id()
        draft = world.write(case_id)
        world.later(timedelta(minutes=11))
        with pytest.raises(NeedsFreshSession, match="within 10 minutes"):
            world.sign(case_id, draft, "wang", None)
        world.later(-timedelta(minutes=11))
        assert world.sign(case_id, draft, "wang", None).author_name == "Wang"
    finally:
        with transaction(world.database) as connection:
            credentials.put_password(connection, person.id, hashed, world.now)


def test_a_model_writes_drafts_and_nothing_more(world: World) -> None:
    case_id = world.case_id()
    model = Source(SourceKind.MODEL, "grader", "3")
    draft = world.write(case_id, "robot", source=model)
    assert (draft.status, draft.source) == (Status.DRAFT, model)
    with pytest.raises(NotPermitted, match="drafts"):
        world.reports.hand_over(world.who("robot"), case_id, 1, draft.sha256)
    with pytest.raises(NotPermitted, match="drafts"):
        world.write(case_id, "robot", world.content("Pretends to be somebody."))
    with pytest.raises(NotPermitted, match="drafts"):
        world.write(case_id, "robot", source=Source(SourceKind.TEMPLATE, "prostate"))
    with pytest.raises(NotPermitted):
        world.sign(case_id, draft, "robot")
    assert draft.content is not None
    accepted = tuple(replace(one, is_accepted=True) for one in draft.content.statements)
    taken_on = world.write(case_id, content=replace(draft.content, statements=accepted))
    assert world.sign(case_id, taken_on).source.kind is SourceKind.PERSON


def test_what_a_program_writes_waits_to_be_taken_on_whatever_it_says_of_it(world: World) -> None:
    case_id, model = world.case_id(), Source(SourceKind.MODEL, "grader", "3")
    by_person = world.write(case_id, content=world.content("Adenocarcinoma.", cores_positive=None))
    claims = (
        Statement("section/diagnosis", model, is_accepted=True),
        Statement("element/cores_positive", Source(SourceKind.PERSON)),
        Statement("element/finding", model),
    )
    content = replace(world.content("Adenocarcinoma, grade group 2."), statements=claims)
    draft = world.write(case_id, "robot", content, by_person.number, model)
    assert draft.content is not None
    assert {one.subject for one in untaken(draft.content)} == {"section/diagnosis", "element/cores_positive"}
    assert {one.source for one in draft.content.statements} == {model}
    with pytest.raises(ReportIncomplete, match=r"left: 2\."):
        world.sign(case_id, draft)


def test_a_figure_is_of_a_slide_of_the_case(world: World) -> None:
    case_id, other_id = world.case_id(), world.case_id()
    own, foreign = world.image_of(case_id, Terms(HOME)), world.image_of(other_id, Terms(HOME))
    region = Region(0.0, 0.0, 100.0, 80.0)
    with pytest.raises(Invalid, match=f"image {foreign} is none of this case"):
        world.write(case_id, content=replace(world.content(), figures=(Figure(foreign, region),)))
    draft = world.write(case_id, content=replace(world.content(), figures=(Figure(own, region),)))
    assert foreign_in(world, case_id, draft) == frozenset()
    world.cases.linking.unlink(world.who("tech"), own, "of another patient")
    assert foreign_in(world, case_id, draft) == {own}
    with pytest.raises(Invalid, match="none of this case"):
        world.sign(case_id, draft)


def foreign_in(world: World, case_id: str, version: Version) -> frozenset[str]:
    """Slides of the figures of a version that are not to be shown, however one asks."""
    assert version.content is not None
    shown = world.reports.show(world.who("li"), case_id).checked
    checked = world.reports.check(world.who("li"), case_id, version.content)
    assert shown is not None
    assert shown.foreign_images == checked.foreign_images
    return checked.foreign_images


def test_a_signed_report_is_changed_only_by_saying_so(world: World) -> None:
    case_id, final = world.signed()
    with pytest.raises(Conflict, match="amend it"):
        world.write(case_id, based_on=2)
    with pytest.raises(Conflict):
        world.sign(case_id, final)
    with pytest.raises(NotPermitted):
        world.reports.reopen(world.who("junior"), case_id, Amendment.CORRECTED, "typing error")
    with pytest.raises(Invalid):
        world.reports.reopen(world.who("li"), case_id, Amendment.CORRECTED, " ")
    draft = world.reports.reopen(world.who("li"), case_id, Amendment.CORRECTED, "cores were miscounted")
    assert (draft.status, draft.amends, world.status(case_id)) == (
        Status.DRAFT,
        Amendment.CORRECTED,
        "amended",
    )
    with pytest.raises(Conflict):
        world.reports.reopen(world.who("li"), case_id, Amendment.AMENDED, "once more")
    changed = world.write(case_id, "junior", world.content(cores_positive=4.0))
    assert changed.amends is Amendment.CORRECTED
    signed = world.sign(case_id, changed, "wang")
    assert (signed.status, signed.number, world.status(case_id)) == (Status.CORRECTED, 5, "final")
    assert signed.reason == "cores were miscounted"
    kept = world.reports.get_version(world.who("li"), case_id, 2)[1]
    assert kept == final


def test_a_report_that_was_never_meant_is_signed_away(world: World) -> None:
    case_id, _ = world.signed()
    world.reports.reopen(world.who("li"), case_id, Amendment.ENTERED_IN_ERROR, "another patient's")
    nothing = world.write(case_id, content=Content())
    assert world.sign(case_id, nothing).status is Status.ENTERED_IN_ERROR


def test_a_second_pathologist_agrees_once(world: World) -> None:
    case_id, final = world.signed()
    ask = lambda who: world.reports.cosign(  # noqa: E731 - one act by several people
        world.who(who), case_id, final.number, final.sha256, PASSWORD
    )
    with pytest.raises(Conflict, match="already"):
        ask("li")
    with pytest.raises(NotPermitted):
        ask("junior")
    assert world.reports.show(world.who("wang"), case_id).may.cosign
    assert ask("wang").sha256 == final.sha256
    assert not world.reports.show(world.who("wang"), case_id).may.cosign
    with pytest.raises(Conflict, match="already"):
        ask("wang")
    assert [one.person_name for one in world.reports.show(world.who("li"), case_id).cosignatures] == ["Wang"]


def test_who_may_not_know_the_patient_may_not_read_the_report(world: World) -> None:
    case_id = world.case_id(named=False)
    image_id = world.image_of(case_id, Terms(HOME))
    world.write(case_id)
    with pytest.raises(NotPermitted):
        world.reports.show(world.who("li", Purpose.QUALITY), case_id)
    world.set_terms(image_id, Terms(HOME, blinded=True))
    for act in (
        lambda: world.reports.show(world.who("li"), case_id),
        lambda: world.reports.get_version(world.who("li"), case_id, 1),
        lambda: world.reports.check(world.who("li"), case_id, world.content()),
        lambda: world.write(case_id, based_on=1),
        lambda: world.reports.critical.flag(world.who("li"), case_id, "hidden"),
        lambda: world.reports.print(world.who("li"), case_id, 1),
    ):
        with pytest.raises(ReportWithheld):
            act()
    assert world.reports.critical.list_of(world.who("li"), case_id) == []


def test_drafts_are_for_those_who_write(world: World) -> None:
    case_id = world.case_id()
    draft = world.write(case_id)
    assert world.reports.show(world.who("clinician"), case_id).current is None
    with pytest.raises(NotFound):
        world.reports.get_version(world.who("clinician"), case_id, 1)
    world.sign(case_id, draft)
    shown = world.reports.show(world.who("clinician"), case_id)
    assert [one.number for one in shown.versions] == [2]
    assert not any((shown.may.edit, shown.may.sign, shown.may.amend, shown.may.cosign))


def test_reading_is_recorded_once_in_a_while(world: World) -> None:
    case_id, _ = world.signed()
    world.told()
    for _ in range(3):
        world.reports.show(world.who("clinician"), case_id)
    assert world.told().count("reports.view") == 1


def test_what_it_says_lies_sealed_and_goes_with_the_patient(world: World) -> None:
    case_id, final = world.signed()
    named = world.reports.critical.flag(world.who("li"), case_id, "Hiddenword statement")
    with reading(world.database) as connection:
        rows = [
            str(tuple(row))
            for table in tables.version_table.metadata.tables.values()
            if table.name.startswith(("reports_", "cases_", "outbox")) and table.name != "reports_template"
            for row in connection.execute(sa.select(table))
        ]
    text = "\n".join(rows) + "\n".join(map(str, world.records))
    for secret in ("Adenocarcinoma.", "Secretname", "Hiddenword", "pattern_3"):
        assert secret not in text
    patient_id = world.cases.get_case(world.who("li"), case_id).case.patient_id
    world.keyring.destroy(f"patient/{patient_id}")
    shown = world.reports.show(world.who("li"), case_id)
    assert shown.current is not None
    assert (shown.current.content, shown.current.sha256) == (None, final.sha256)
    with pytest.raises(Conflict, match="erased"):
        world.reports.print(world.who("li"), case_id, final.number)
    (critical,) = world.reports.critical.list_of(world.who("li"), case_id)
    assert (critical.id, critical.critical) == (named.id, None)


def test_what_was_altered_in_the_database_is_not_signed(world: World) -> None:
    case_id = world.case_id()
    draft = world.write(case_id)
    with transaction(world.database) as connection:
        connection.execute(
            sa.update(tables.version_table)
            .where(tables.version_table.c.case_id == case_id)
            .values(author_name="Somebody Else")
        )
    with pytest.raises(Damaged, match="altered"):
        world.sign(case_id, draft)


def test_on_the_bench_one_drafts_and_does_not_sign(world: World) -> None:
    case_id = world.case_id(ready=False)
    draft = world.write(case_id, content=world.content())
    assert world.status(case_id) == "accessioned"
    assert not world.reports.show(world.who("li"), case_id).may.sign
    for act in (
        lambda: world.sign(case_id, draft),
        lambda: world.reports.hand_over(world.who("li"), case_id, 1, draft.sha256),
    ):
        with pytest.raises(Conflict, match="on the bench"):
            act()
    world.cases.move_case(world.who("tech"), case_id, CaseStatus.READY)
    assert world.sign(case_id, draft).status is Status.FINAL
    assert world.status(case_id) == "final"


def test_a_case_with_a_report_becomes_final_by_its_signature_alone(world: World) -> None:
    case_id = world.case_id()
    world.write(case_id)
    for status in (CaseStatus.PRELIMINARY, CaseStatus.FINAL):
        with pytest.raises(Conflict, match="written here"):
            world.cases.move_case(world.who("li"), case_id, status, "report elsewhere")
    world.sign(case_id, world.write(case_id))
    with pytest.raises(Conflict, match="written here"):
        world.cases.move_case(world.who("li"), case_id, CaseStatus.AMENDED, "by hand")
    elsewhere = world.case_id()
    world.cases.assigning.assign(world.who("li"), elsewhere, world.who("li").person_id)
    for status in (CaseStatus.DRAFT, CaseStatus.FINAL):
        world.cases.move_case(world.who("li"), elsewhere, status, "report 7 of the other system")
    with pytest.raises(Conflict, match="closed"):
        world.write(elsewhere)


def test_a_report_keeps_the_template_that_it_was_filled_into(world: World) -> None:
    shelf = world.reports.shelf
    shelf.folder.mkdir(exist_ok=True)
    path = shelf.folder / "own.toml"
    text = (
        'id = "own"\nversion = 1\nen = "Own"\nzh = "自定"\n'
        '[[elements]]\nid = "x"\nkind = "text"\nen = "Before"\nzh = "之前"\n'
    )
    path.write_text(text)
    try:
        case_id = world.case_id()
        content = Content(TemplateRef("own", 0, ""), {"x": "said"}, {Section.DIAGNOSIS: "Normal."})
        kept = world.write(case_id, content=content).content
        assert kept is not None
        path.write_text(text.replace("Before", "After"))
        shown = world.reports.show(world.who("li"), case_id)
        assert shown.template is not None
        assert shown.template.elements[0].en == "Before"
        again = world.write(case_id, content=replace(kept, values={"x": "more"}))
        assert again.content is not None
        assert again.content.template == kept.template
        path.unlink()
        assert world.sign(case_id, again).status is Status.FINAL
        with pytest.raises(NotFound, match="no template own"):
            world.write(world.case_id(), content=content)
    finally:
        path.unlink(missing_ok=True)


def test_free_text_alone_is_a_report(world: World) -> None:
    case_id = world.case_id(specimen="Gall bladder")
    draft = world.write(case_id, content=Content(sections={Section.DIAGNOSIS: "Chronic cholecystitis."}))
    assert world.sign(case_id, draft).status is Status.FINAL
    with pytest.raises(Invalid, match="template"):
        world.write(world.case_id(), content=Content(values={"x": "y"}))


def test_an_outsider_finds_no_report(world: World) -> None:
    case_id, _ = world.signed()
    outsider = replace(world.who("li"), organisation_id="elsewhere")
    for act in (
        lambda: world.reports.show(outsider, case_id),
        lambda: world.reports.write(outsider, case_id, Draft(1, Content(), Language.EN)),
        lambda: world.reports.critical.flag(outsider, case_id, "x"),
    ):
        with pytest.raises(NotFound):
            act()


@pytest.mark.parametrize("step", range(STEPS))
def test_whatever_fails_at_a_signature_leaves_all_or_nothing(
    world: World, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every write of the database, and every record of the log, fails once."""
    case_id = world.case_id()
    draft = world.write(case_id)
    left = [step]

    def fail(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("pulled the plug")

    def before_statement(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(WRITES):
            fail()

    def before_record(record: object) -> None:
        if getattr(record, "action", "").startswith(("reports.sign", "cases.move_case")):
            fail()

    monkeypatch.setattr(world, "refuses", before_record)
    sa.event.listen(world.database, "before_cursor_execute", before_statement)
    try:
        world.sign(case_id, draft)
        is_signed = True
    except RuntimeError:
        is_signed = False
    finally:
        sa.event.remove(world.database, "before_cursor_execute", before_statement)
        monkeypatch.undo()
    with reading(world.database) as connection:
        versions = store.list_versions(connection, case_id)
        events = [
            one["case_id"]
            for one in connection.execute(
                sa.select(outbox.outbox_table.c.payload).where(outbox.outbox_table.c.type == "ReportSigned")
            ).scalars()
        ]
    assert len(versions) == (2 if is_signed else 1)
    assert events.count(case_id) == is_signed
    assert world.status(case_id) == ("final" if is_signed else "draft")
    assert is_signed or world.sign(case_id, draft).status is Status.FINAL


def test_a_signature_has_this_many_steps_that_can_fail(world: World) -> None:
    """So that the test above pulls the plug at each of them, and once not at all."""
    case_id = world.case_id()
    draft = world.write(case_id)
    steps: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(WRITES):
            steps.append(statement)

    sa.event.listen(world.database, "before_cursor_execute", note)
    world.told()
    try:
        world.sign(case_id, draft)
    finally:
        sa.event.remove(world.database, "before_cursor_execute", note)
    records = [one for one in world.told() if one.startswith(("reports.sign", "cases.move_case"))]
    assert 0 < len(steps) + len(records) < STEPS


def test_a_critical_result_is_open_until_it_was_read_back(world: World) -> None:
    case_id = world.case_id()
    results = world.reports.critical
    flagged = results.flag(world.who("junior"), case_id, "Acute rejection.")
    assert flagged.id in [one.id for one in results.list_open(world.who("li"))]
    with pytest.raises(Conflict, match="Nobody was reached"):
        results.acknowledge(world.who("li"), flagged.id, "Dr Wu", "acute rejection")
    results.call(world.who("li"), flagged.id, "Dr Wu, ward 3", was_reached=False)
    with pytest.raises(Conflict):
        results.acknowledge(world.who("li"), flagged.id, "Dr Wu", "acute rejection")
    with pytest.raises(Invalid):
        results.call(
            world.who("li"), flagged.id, "Dr Wu", was_reached=True, at=world.now + timedelta(hours=1)
        )
    called = results.call(world.who("li"), flagged.id, "Dr Wu, ward 3", was_reached=True)
    assert called.critical is not None
    assert [one.was_reached for one in called.critical.calls] == [False, True]
    for words in ("", " "):
        with pytest.raises(Invalid):
            results.acknowledge(world.who("li"), flagged.id, "Dr Wu", words)
    done = results.acknowledge(world.who("li"), flagged.id, "Dr Wu", "acute rejection, understood")
    assert done.acknowledged_at is not None
    assert flagged.id not in [one.id for one in results.list_open(world.who("li"))]
    with pytest.raises(Conflict, match="already"):
        results.call(world.who("li"), flagged.id, "Dr Wu", was_reached=True)
    with pytest.raises(NotFound):
        results.call(world.who("li"), "nothing", "Dr Wu", was_reached=True)
    with pytest.raises(NotPermitted):
        results.flag(world.who("clinician"), case_id, "x")


def test_versions_are_compared_answer_by_answer_and_word_by_word(world: World) -> None:
    case_id = world.case_id()
    world.write(case_id, content=world.content("Acinar adenocarcinoma of the prostate."))
    world.write(case_id, content=world.content("Acinar carcinoma of the prostate.", cores_positive=4.0))
    found = world.reports.compare(world.who("li"), case_id, 1, 2)
    (answer,) = found.answers
    assert answer.before is not None
    assert answer.after is not None
    assert (answer.element, answer.before.en, answer.after.zh) == ("cores_positive", "3", "4")
    (section,) = found.sections
    assert [(run.kind.value, run.text) for run in section.runs] == [
        ("same", "Acinar "),
        ("removed", "adenocarcinoma"),
        ("added", "carcinoma"),
        ("same", " of the prostate."),
    ]
    with pytest.raises(NotFound):
        world.reports.compare(world.who("li"), case_id, 1, 9)


def test_of_two_who_sign_at_once_one_signs(world: World) -> None:
    case_id = world.case_id()
    draft = world.write(case_id)

    def sign(who: str) -> bool:
        try:
            world.sign(case_id, draft, who)
        except SavedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(sign, ("li", "wang"))) == [False, True]
    assert len(world.reports.show(world.who("li"), case_id).versions) == 2


def test_patients_who_are_merged_later_keep_their_reports(world: World) -> None:
    case_id, final = world.signed()
    other, _ = world.signed()
    patients = [world.cases.get_case(world.who("li"), one).case.patient_id for one in (case_id, other)]
    world.cases.patients.merge(world.who("tech"), str(patients[0]), str(patients[1]), "the same person")
    assert world.reports.show(world.who("li"), case_id).current == final
    printed = world.reports.print(world.who("li"), case_id, final.number)
    assert printed.identity == world.cases.get_case(world.who("li"), other).identity
    world.cases.patients.unmerge(world.who("tech"), str(patients[0]), "they are two")
    assert world.reports.show(world.who("li"), case_id).current == final
