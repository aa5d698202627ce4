"""Findings of programs become a draft that people take on, change or reject; a language model words it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.capabilities.reports import tables
from hemalum.capabilities.reports.checking import Doubt
from hemalum.capabilities.reports.drafting import Drafting, ShownFindings
from hemalum.capabilities.reports.drawing import Outcome
from hemalum.capabilities.reports.findings import Finding, FindingKind, Interval, Submission
from hemalum.capabilities.reports.findings_store import Wording
from hemalum.capabilities.reports.house import Place
from hemalum.capabilities.reports.jobs import WORD_DRAFT_JOB, jobs_of
from hemalum.capabilities.reports.model import (
    Content,
    Language,
    Region,
    ReportIncomplete,
    Section,
    Source,
    SourceKind,
    Statement,
    Status,
    Support,
    SupportKind,
    TemplateRef,
    untaken,
)
from hemalum.capabilities.reports.rewriting import Writer, WriterFailed, open_writer
from hemalum.capabilities.reports.service import Reports
from hemalum.kernel.errors import Conflict, Invalid, NotPermitted
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.db import reading
from hemalum.runtime.settings import load_settings

from .conftest import World

MODEL = Source(SourceKind.MODEL, "gleason-net", "1.2")
OTHER = Source(SourceKind.MODEL, "nerve-net", "7")


def one(name: str, **stated: Any) -> Finding:
    kind = FindingKind.CLASS if "label" in stated else FindingKind.PRESENCE
    if "number" in stated:
        kind = FindingKind.MEASUREMENT if "unit" in stated else FindingKind.COUNT
    return replace(Finding(name, name, kind, MODEL, probability=0.9), **stated)


FOUND = (
    one("diagnosis", label="acinar"),
    one("primary_gleason_pattern", label="3"),
    one("secondary_gleason_pattern", label="4"),
    one("cores_examined", number=12.0),
    one("cores_positive", number=3.0),
    one("longest_tumour", number=4.2, unit="mm", interval=Interval(4.0, 4.5)),
    one("perineural_invasion", is_present=False, model=OTHER),
)


@pytest.fixture(scope="module")
def drafting(world: World) -> Drafting:
    return Drafting(world.reports)


def needle(world: World, **more: Any) -> str:
    """A case of which a person said what specimen it is."""
    case_id = world.case_id(**more)
    content = Content(TemplateRef("prostate", 0, ""), {"specimen": "needle"})
    world.write(case_id, "junior", content, None)
    return case_id


def hand_in(world: World, drafting: Drafting, case_id: str, *findings: Finding, **more: Any) -> ShownFindings:
    submission = Submission(more.pop("id", "run-1"), findings or FOUND, **more)
    return drafting.hand_in(world.who("robot"), case_id, submission)


def current(world: World, case_id: str) -> Content:
    version = world.reports.show(world.who("li"), case_id).current
    assert version is not None
    assert version.content is not None
    return version.content


def outcomes(shown: ShownFindings) -> dict[str, Outcome]:
    assert shown.handed is not None
    return {each.element: each.outcome for each in shown.handed.became}


def test_findings_become_a_draft_that_nobody_signs_untaken(world: World, drafting: Drafting) -> None:
    case_id = needle(world)
    shown = hand_in(world, drafting, case_id)
    report = world.reports.show(world.who("li"), case_id)
    assert report.current is not None
    assert (report.current.number, report.current.status) == (shown.row.version, Status.DRAFT)
    assert report.current.source == Source(SourceKind.MODEL, "findings")
    assert report.case.assignee_name != "Robot"
    content = current(world, case_id)
    assert (content.values["grade_group"], content.values["longest_mm"]) == ("group_2", 4.2)
    by_subject = {each.subject: each for each in content.statements}
    nerve = by_subject["element/perineural"]
    assert (nerve.source, nerve.certainty, nerve.is_accepted) == (OTHER, 0.9, False)
    assert by_subject["element/longest_mm"].supports[0].said == "longest_tumour: 4.2 mm (95 %: 4–4.5)"
    assert "Carcinoma in 3 of 12 cores." in content.sections[Section.DIAGNOSIS]
    assert "4.2 mm (95 % CI 4–4.5 mm)" in content.sections[Section.DIAGNOSIS]
    assert "No perineural invasion." in content.sections[Section.DIAGNOSIS]
    assert shown.handed is not None
    chinese = [each.text for each in shown.handed.sentences if each.language is Language.ZH]
    assert any("12" in each and "条" in each for each in chinese)
    assert len(untaken(content)) == len(FOUND) + 1
    with pytest.raises(ReportIncomplete, match="accept or change what a model wrote"):
        world.sign(case_id, report.current)
    taken = replace(content, statements=tuple(replace(each, is_accepted=True) for each in content.statements))
    signed = world.sign(case_id, world.write(case_id, content=taken))
    assert signed.status is Status.FINAL
    with pytest.raises(Conflict, match="signed"):
        hand_in(world, drafting, case_id, id="late")


def test_the_same_once_more_changes_nothing_and_an_id_stands_for_one_thing(
    world: World, drafting: Drafting
) -> None:
    case_id = needle(world)
    first = hand_in(world, drafting, case_id)
    world.told()
    assert hand_in(world, drafting, case_id).row == first.row
    assert world.told() == []
    assert len(world.reports.show(world.who("li"), case_id).versions) == 2
    with pytest.raises(Conflict, match="choose another id"):
        hand_in(world, drafting, case_id, one("cores_examined", number=11.0))
    assert [each.row.id for each in drafting.list(world.who("li"), case_id)] == ["run-1"]


def test_what_a_person_wrote_is_never_overwritten(world: World, drafting: Drafting) -> None:
    case_id = needle(world)
    hand_in(world, drafting, case_id)
    content = current(world, case_id)
    kept = tuple(each for each in content.statements if each.subject != "element/perineural")
    trace = Support(SupportKind.MODEL, "gleason-net 1.2")
    rejected = Statement("element/longest_mm", supports=(trace,))
    changed = replace(
        content,
        values={name: value for name, value in content.values.items() if name != "longest_mm"}
        | {"perineural": True},
        sections={Section.DIAGNOSIS: "My own words."},
        statements=(
            *(
                replace(each, is_accepted=each.subject == "element/cores_total")
                for each in kept
                if each.subject not in ("element/longest_mm", "section/diagnosis")
            ),
            rejected,
        ),
    )
    world.write(case_id, content=changed)
    second = hand_in(
        world,
        drafting,
        case_id,
        *(each for each in FOUND if each.kind is not FindingKind.COUNT),
        one("cores_examined", number=20.0),
        one("cores_positive", number=4.0),
        id="run-2",
    )
    after = current(world, case_id)
    found = outcomes(second)
    for element in ("perineural", "longest_mm", "cores_total"):
        assert found[element] is Outcome.KEPT
    assert (after.values["perineural"], after.values["cores_total"]) == (True, 12.0)
    assert "longest_mm" not in after.values
    assert (found["cores_positive"], after.values["cores_positive"]) == (Outcome.FILLED, 4.0)
    assert after.sections[Section.DIAGNOSIS] == "My own words."
    versions = world.reports.show(world.who("li"), case_id).versions
    assert [each.number for each in versions] == [1, 2, 3, 4]


def test_a_model_that_will_not_say_leaves_the_question_open(world: World, drafting: Drafting) -> None:
    case_id = needle(world)
    hand_in(world, drafting, case_id)
    silent = Finding(
        "p", "perineural_invasion", FindingKind.PRESENCE, OTHER, has_abstained=True, why="out of focus"
    )
    unsure = one("primary_gleason_pattern", label="4", probability=0.41)
    shown = hand_in(world, drafting, case_id, silent, unsure, id="run-2")
    content = current(world, case_id)
    assert outcomes(shown) == {
        "primary_pattern": Outcome.UNCERTAIN,
        "perineural": Outcome.ABSTAINED,
    }
    assert not {"perineural", "primary_pattern", "grade_group"} & set(content.values)
    said = {each.subject: each for each in content.statements}["element/perineural"]
    assert said.source == OTHER
    assert said.supports[0].said == "perineural_invasion: – out of focus"
    assert "erineural" not in content.sections[Section.DIAGNOSIS]
    assert shown.handed is not None
    why = {each.element: each.why for each in shown.handed.became}
    assert why == {
        "primary_pattern": None,
        "perineural": Sentence("It says: {told}", {"told": "out of focus"}),
    }


def test_why_a_model_of_the_node_would_not_say_is_a_sentence_for_every_language(
    world: World, drafting: Drafting
) -> None:
    few = Sentence("Of {slides} slides, {silent} have no answer.", {"slides": 2, "silent": 1})
    silent = Finding("p", "perineural_invasion", FindingKind.PRESENCE, OTHER, has_abstained=True, why=few)
    case_id = needle(world)
    hand_in(world, drafting, case_id)
    hand_in(world, drafting, case_id, silent, id="run-2")
    shown = next(each for each in drafting.list(world.who("li"), case_id) if each.row.id == "run-2")
    assert shown.handed is not None
    assert [each.why for each in shown.handed.became] == [few]
    told = {each.subject: each for each in current(world, case_id).statements}["element/perineural"]
    assert told.supports[0].said == "perineural_invasion: –"
    # What was handed in in English words, by a release that knew no other, is the same.
    in_words = Submission("run-2", (replace(silent, why=str(few)),))
    assert Submission("run-2", (silent,)).sha256 == in_words.sha256


def test_limits_are_data_and_an_interval_over_one_decides_nothing(world: World, drafting: Drafting) -> None:
    def graded(density: float, *span: float) -> tuple[Outcome, Any]:
        case_id = world.case_id(specimen="Breast")
        interval = Interval(*span) if span else None
        found = (
            one("diagnosis", label="invasive"),
            one("mitotic_density", number=density, unit="/mm2", interval=interval),
        )
        shown = hand_in(world, drafting, case_id, *found, language=Language.ZH)
        content = current(world, case_id)
        assert content.values["mitoses_mm2"] == density
        return outcomes(shown)["mitoses"], content.values.get("mitoses")

    assert graded(3.6) == (Outcome.FILLED, "score_1")
    assert graded(3.7, 3.66, 4.0) == (Outcome.FILLED, "score_2")
    assert graded(7.3) == (Outcome.FILLED, "score_3")
    assert graded(3.7, 3.2, 4.4) == (Outcome.UNCERTAIN, None)


def test_what_is_not_asked_is_not_answered(world: World, drafting: Drafting) -> None:
    case_id = needle(world)
    found = (one("diagnosis", label="benign"), one("primary_gleason_pattern", label="3"))
    shown = hand_in(world, drafting, case_id, *found)
    assert outcomes(shown)["primary_pattern"] is Outcome.NOT_ASKED
    assert "element/primary_pattern" not in {each.subject for each in current(world, case_id).statements}


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (one("prognosis", label="good"), "no element for the finding prognosis"),
        (one("longest_tumour", number=4.0, unit="furlong"), "no unit furlong"),
        (one("longest_tumour", number=4.0, unit="mm2"), "in mm2, which cannot be turned into mm"),
        (one("longest_tumour", label="long"), "is a class, and longest_mm is answered from a measurement"),
        (one("diagnosis", label="nonsense"), "says nonsense, which is no answer to finding"),
        (one("diagnosis", label=""), "does not state what a class states"),
        (one("diagnosis", label="benign", interval=Interval(1.0, 2.0)), "or more than that"),
        (one("cores_examined", number=2.5), "no whole number"),
        (one("cores_examined", number=float("nan")), "does not lie within its interval"),
        (one("longest_tumour", number=4.0, unit="mm", interval=Interval(5.0, 6.0)), "within its interval"),
        (one("diagnosis", label="acinar", has_abstained=True), "abstains and states"),
        (one("diagnosis", label="acinar", probability=1.5), "not between 0 and 1"),
        (one("diagnosis", label="acinar", supports=(Support(SupportKind.REGION, image_id="x"),)), "image x"),
        (
            one(
                "diagnosis",
                label="acinar",
                supports=(Support(SupportKind.REGION, region=Region(float("nan"), 0, 1, 1)),),
            ),
            "some width and height",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    world: World, drafting: Drafting, finding: Finding, said: str
) -> None:
    case_id = needle(world)
    with pytest.raises(Invalid, match=said):
        hand_in(world, drafting, case_id, finding)
    assert drafting.list(world.who("li"), case_id) == []
    assert len(world.reports.show(world.who("li"), case_id).versions) == 1


def test_a_template_is_named_or_fits_or_it_is_refused(world: World, drafting: Drafting) -> None:
    assert "Breast" not in current_template(world, drafting, "Prostate", "")
    with pytest.raises(Invalid, match="No template fits"):
        current_template(world, drafting, "Thumb", "")
    assert current_template(world, drafting, "Thumb", "prostate") == "prostate"
    case_id = needle(world)
    with pytest.raises(Conflict, match="filled into prostate, and the findings are for breast"):
        hand_in(world, drafting, case_id, template="breast")


def current_template(world: World, drafting: Drafting, specimen: str, template: str) -> str:
    case_id = world.case_id(specimen=specimen)
    hand_in(world, drafting, case_id, one("diagnosis", label="benign"), template=template)
    named = current(world, case_id).template
    assert named is not None
    return named.id


def test_it_is_sealed_erased_with_the_patient_and_for_those_who_report(
    world: World, drafting: Drafting
) -> None:
    case_id = needle(world)
    hand_in(world, drafting, case_id)
    with reading(world.database) as connection:
        query = sa.select(tables.findings_table).where(tables.findings_table.c.case_id == case_id)
        row = connection.execute(query).one()
    assert not any(word in row.sealed for word in (b"acinar", b"gleason", b"Carcinoma"))
    for name in ("tech", "clinician"):
        with pytest.raises(NotPermitted):
            drafting.list(world.who(name), case_id)
        with pytest.raises(NotPermitted):
            drafting.hand_in(world.who(name), case_id, Submission("x", FOUND))
    world.keyring.destroy(f"patient/{row.patient_id}")
    (shown,) = drafting.list(world.who("li"), case_id)
    assert shown.handed is None
    with pytest.raises(Conflict, match="erased"):
        hand_in(world, drafting, case_id, id="later")


def test_a_report_that_was_handed_over_is_drafted_no_more(world: World, drafting: Drafting) -> None:
    case_id = world.case_id()
    version = world.write(case_id, "junior")
    world.reports.hand_over(world.who("junior"), case_id, version.number, version.sha256)
    with pytest.raises(Conflict, match="Junior handed this report over"):
        hand_in(world, drafting, case_id)


# The language model -------------------------------------------------------------------------------------

type Answer = Callable[[list[str]], Any]


@contextmanager
def house_model(answer: Answer) -> Iterator[tuple[Writer, list[dict[str, Any]]]]:
    """Something that speaks as language models do, with what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append(body | {"path": self.path, "key": self.headers["authorization"]})
            said = answer(json.loads(body["messages"][1]["content"]))
            text = said if isinstance(said, str) else json.dumps(said)
            sent = json.dumps({"choices": [{"message": {"content": f"```json\n{text}\n```"}}]}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Writer(Place(f"http://127.0.0.1:{server.server_port}/v1/", "house-7b", "secret")), asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class PlainRun:
    """A run of a job whose steps are simply done."""

    def step(self, _name: str, function: Callable[[], Any]) -> Any:
        return function()


def word(reports: Reports, writer: Writer, world: World, case_id: str) -> Drafting:
    """Do what the worker does for the findings of a case."""
    drafting = Drafting(reports, writer)
    job: Any = jobs_of(drafting)[WORD_DRAFT_JOB]
    job(PlainRun(), {"organisation_id": "home", "case_id": case_id, "submission_id": "run-1"})
    return drafting


def of(drafting: Drafting, world: World, case_id: str) -> ShownFindings:
    (shown,) = drafting.list(world.who("li"), case_id)
    return shown


def test_a_language_model_words_it_and_every_other_fact_is_refused(world: World) -> None:
    def answer(sentences: list[str]) -> list[str]:
        lies = [
            each.replace("No perineural", "Perineural").replace("未见神经", "见神经") for each in sentences
        ]
        return [each.replace("Carcinoma in", "Carcinoma is seen in") for each in lies]

    with house_model(answer) as (writer, asked):
        case_id = needle(world)
        shown = hand_in(world, Drafting(world.reports, writer), case_id)
        assert (shown.row.wording, shown.row.writer) == (Wording.WAITING, "house-7b")
        assert "Carcinoma in 3 of 12 cores." in current(world, case_id).sections[Section.DIAGNOSIS]
        drafting = word(world.reports, writer, world, case_id)
        word(world.reports, writer, world, case_id)
    shown = of(drafting, world, case_id)
    assert shown.row.wording is Wording.CHECKED
    content = current(world, case_id)
    text = content.sections[Section.DIAGNOSIS]
    assert "Carcinoma is seen in 3 of 12 cores." in text
    assert "No perineural invasion." in text
    said = {each.subject: each for each in content.statements}["section/diagnosis"]
    assert (said.source, said.is_accepted) == (Source(SourceKind.MODEL, "house-7b"), False)
    assert shown.handed is not None
    refused = {each.language: each for each in shown.handed.sentences if each.doubt is not None}
    assert {each.doubt for each in refused.values()} == {Doubt.NEGATION}
    assert refused[Language.EN].refused == "Perineural invasion."
    assert refused[Language.ZH].text == refused[Language.ZH].original
    assert len(asked) == 2
    assert {(each["path"], each["key"], each["model"]) for each in asked} == {
        ("/v1/chat/completions", "Bearer secret", "house-7b")
    }
    identity = world.cases.get_case(world.who("li"), case_id)
    told = json.dumps(asked, ensure_ascii=False)
    for secret in ("Secretname", "P0000", case_id, identity.case.number, "gleason-net"):
        assert secret not in told


def test_a_draft_whose_author_left_stays_as_the_template_words_it(world: World) -> None:
    with house_model(lambda sentences: sentences) as (writer, _):
        case_id = needle(world)
        hand_in(world, Drafting(world.reports, writer), case_id)
        admin, robot = world.access.actor_for("admin"), world.access.actor_for("robot")
        world.access.people.suspend(admin, None, robot.person_id)
        try:
            drafting = word(world.reports, writer, world, case_id)
        finally:
            world.access.people.reinstate(admin, None, robot.person_id)
    shown = of(drafting, world, case_id)
    assert shown.row.wording is Wording.FAILED
    assert shown.handed is not None
    assert shown.handed.unworded == Sentence("{name} has no role now.", {"name": "robot"})


def test_text_that_a_person_typed_is_never_sent(world: World) -> None:
    with house_model(lambda sentences: sentences) as (writer, asked):
        case_id = world.case_id(specimen="Lymph node")
        typed = {"site": "axilla of Ada Secretname", "specimen": "sentinel"}
        typed |= {"finding": "metastasis", "origin": "breast"}
        world.write(case_id, content=Content(TemplateRef("lymph-node", 0, ""), typed), based_on=None)
        found = (one("nodes_examined", number=3.0), one("nodes_positive", number=1.0))
        hand_in(world, Drafting(world.reports, writer), case_id, *found)
        word(world.reports, writer, world, case_id)
    assert "Secretname" in current(world, case_id).sections[Section.DIAGNOSIS]
    assert len(asked) == 2
    assert "Secretname" not in json.dumps(asked)


@pytest.mark.parametrize("answer", [["one"], "no list", [1, 2], "[" * 5000])
def test_an_answer_of_another_kind_leaves_the_template_its_word(world: World, answer: Any) -> None:
    with house_model(lambda _sentences: answer) as (writer, _):
        case_id = needle(world)
        hand_in(world, Drafting(world.reports, writer), case_id)
        before = current(world, case_id)
        drafting = word(world.reports, writer, world, case_id)
    shown = of(drafting, world, case_id)
    assert shown.row.wording is Wording.FAILED
    assert shown.handed is not None
    assert shown.handed.unworded == Sentence("The language model did not answer with sentences.")
    assert current(world, case_id) == before


def test_a_model_that_nobody_reaches_or_somebody_calls_off(world: World) -> None:
    with house_model(lambda sentences: sentences) as (writer, asked):
        pass
    case_id = needle(world)
    hand_in(world, Drafting(world.reports, writer), case_id)
    drafting = word(world.reports, writer, world, case_id)
    assert of(drafting, world, case_id).row.wording is Wording.FAILED
    with pytest.raises(WriterFailed, match="cannot be reached"):
        writer.reword(["x"], Language.EN)
    called_off = needle(world)
    hand_in(world, drafting, called_off)
    assert drafting.cancel(world.who("li"), called_off, "run-1").row.wording is Wording.CANCELLED
    word(world.reports, writer, world, called_off)
    assert of(drafting, world, called_off).row.wording is Wording.CANCELLED
    with pytest.raises(Conflict, match="No language model is at work"):
        drafting.cancel(world.who("li"), called_off, "run-1")
    assert asked == []


def test_a_person_who_went_on_meanwhile_is_not_overtaken(world: World) -> None:
    with house_model(lambda sentences: sentences) as (writer, _):
        case_id = needle(world)
        hand_in(world, Drafting(world.reports, writer), case_id)
        mine = replace(current(world, case_id), sections={Section.DIAGNOSIS: "Mine."})
        world.write(case_id, content=mine)
        drafting = word(world.reports, writer, world, case_id)
    assert of(drafting, world, case_id).row.wording is Wording.OVERTAKEN
    assert current(world, case_id).sections[Section.DIAGNOSIS] == "Mine."


def test_the_settings_name_it(tmp_path: Any) -> None:
    def opened(**stated: str) -> Writer | None:
        environment = {f"HEMALUM_DRAFTING_{name.upper()}": value for name, value in stated.items()}
        return open_writer(load_settings(tmp_path, environment))

    assert opened() is None
    key = tmp_path / "key"
    key.write_text("abc\n")
    assert opened(url="http://127.0.0.1:1/v1", model="m", key_file=str(key), timeout_s="7") == Writer(
        Place("http://127.0.0.1:1/v1", "m", "abc", 7)
    )
    for wrong in (
        {"url": "ftp://x", "model": "m"},
        {"url": "http://x"},
        {"url": "http://x", "model": "m", "key_file": str(tmp_path / "none")},
    ):
        with pytest.raises(Invalid):
            opened(**wrong)
