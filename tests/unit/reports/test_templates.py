"""Templates as data: those that ship, what is refused of a laboratory's own, what answers amount to."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from hemalum.capabilities.reports import shelf as shelves
from hemalum.capabilities.reports.commands import reports
from hemalum.capabilities.reports.composing import compose, say
from hemalum.capabilities.reports.filling import ProblemKind, fill
from hemalum.capabilities.reports.model import Language, Section, Value
from hemalum.capabilities.reports.shelf import Shelf
from hemalum.capabilities.reports.templates import (
    BadTemplate,
    ElementKind,
    Template,
    decode_template,
    encode_template,
    read_template,
    suggest,
)
from hemalum.kernel.errors import Invalid

SHIPPED = {
    each.template.id: each.template for each in Shelf(Path("nowhere")).files() if each.template is not None
}
HEAD = 'id = "own"\nversion = 1\nen = "Own"\nzh = "自定"\n'


def element(more: str = "", kind: str = "number", name: str = "x") -> str:
    return f'\n[[elements]]\nid = "{name}"\nkind = "{kind}"\nen = "X"\nzh = "某项"\n{more}\n'


def choice(name: str = "c") -> str:
    options = ", ".join(f'{{ id = "{one}", en = "{one}", zh = "选项" }}' for one in ("a", "b"))
    return element(f"options = [{options}]", "choice", name)


def test_the_shipped_templates_are_all_good_and_free() -> None:
    assert [each.complaint for each in Shelf(Path("nowhere")).files() if each.complaint] == []
    assert set(SHIPPED) == {
        "gastric-biopsy",
        "gastric-resection",
        "colorectal",
        "prostate",
        "breast",
        "lung",
        "lymph-node",
        "skin",
        "bone-marrow",
        "frozen-section",
        "cytology",
    }
    for template in SHIPPED.values():
        assert not any(option.code for one in template.elements for option in one.options)
        assert Section.DIAGNOSIS in {phrase.section for phrase in template.phrases}
        assert decode_template(encode_template(template)) == template


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id = ", "Invalid"),
        ("\ud800", ""),
        (HEAD, "`elements`"),
        (HEAD + element() + 'colour = "red"', "colour"),
        (HEAD.replace('"own"', '"../own"') + element(), "small letters"),
        (HEAD.replace("自定", " ") + element(), "missing in English or in Chinese"),
        (HEAD + element() + element(), "x is there twice"),
        (HEAD + element(name="X y"), "no id"),
        (HEAD + element(kind="choice"), "2 to 100 options"),
        (HEAD + choice().replace('"choice"', '"text"'), "has options"),
        (HEAD + element('unit = "mm"', "text"), "unit or bounds"),
        (HEAD + choice().replace('id = "b"', 'id = "a"'), "a is there twice"),
        (HEAD + element('shown_when = { element = "x", at_least = 1 }'), "before it is used"),
        (HEAD + choice() + element('shown_when = { element = "c", one_of = ["z"] }'), "no option z"),
        (HEAD + element('computed = { rule = "magic", inputs = [] }'), "no rule magic"),
        (HEAD + element('computed = { rule = "gleason_sum", inputs = ["y"] }'), "2 elements"),
        (
            HEAD + choice() + element('computed = { rule = "gleason_sum", inputs = ["c", "c"] }'),
            "cannot compute with the answers to c",
        ),
        (HEAD + element() + '\n[[phrases]]\nsection = "diagnosis"\nen = "{y}"\nzh = "某项"', "no element y"),
        (HEAD + element() + "#" * 300_000, "bytes"),
    ],
)
def test_what_could_not_be_filled_in_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(BadTemplate, match=r"own.toml cannot be used") as refused:
        read_template("own.toml", text.encode(errors="surrogatepass"))
    assert said in str(refused.value)


def test_a_laboratory_adds_its_own_and_a_bad_file_stops_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "templates")
    assert set(shelf.templates()) == set(SHIPPED)
    shelf.folder.mkdir()
    (shelf.folder / "own.toml").write_text(HEAD + element())
    (shelf.folder / "bad.toml").write_text("nonsense")
    (shelf.folder / "a-folder.toml").mkdir()
    shipped = Path(shelves.__file__).parent / "shipped" / "skin.toml"
    shutil.copy(shipped, shelf.folder / "skin.toml")
    found = shelf.templates()
    assert set(found) == {*SHIPPED, "own"}
    assert (found["own"].is_own, found["skin"].is_own, found["breast"].is_own) == (True, True, False)
    named = [each.path.name for each in shelf.files() if each.complaint is not None]
    assert named == ["a-folder.toml", "bad.toml"]


@pytest.mark.parametrize(
    ("specimen", "first"),
    [
        ("Prostate, needle biopsy", "prostate"),
        ("Stomach, biopsy", "gastric-biopsy"),
        ("Stomach, gastrectomy", "gastric-resection"),
        ("胃，活检", "gastric-biopsy"),
        ("Colon, resection; Lymph node, regional", "colorectal"),
        ("Breast, core biopsy", "breast"),
        ("Skin, punch", "skin"),
    ],
)
def test_a_template_is_suggested_by_what_came_in(specimen: str, first: str) -> None:
    assert suggest(SHIPPED.values(), specimen)[0] == first


def answers_to(template: Template) -> st.SearchStrategy[dict[str, Value]]:
    """Any answers, asked or not, to any of the elements."""
    each: dict[str, st.SearchStrategy[Value]] = {}
    for one in template.elements:
        options = [option.id for option in one.options]
        match one.kind:
            case ElementKind.CHOICE:
                each[one.id] = st.sampled_from(options)
            case ElementKind.CHOICES:
                each[one.id] = st.lists(st.sampled_from(options), unique=True).map(tuple)
            case ElementKind.NUMBER:
                each[one.id] = st.floats(0, 200)
            case ElementKind.TEXT:
                each[one.id] = st.text(max_size=20)
            case ElementKind.YES_NO:
                each[one.id] = st.booleans()
    return st.fixed_dictionaries({}, optional=each)


@pytest.mark.parametrize("template", list(SHIPPED.values()), ids=lambda one: one.id)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_any_answers_amount_to_something_that_stays_the_same(template: Template, data: st.DataObject) -> None:
    answers = data.draw(answers_to(template))
    filled = fill(template, answers)
    again = fill(template, filled.values)
    assert again == filled
    assert set(filled.values) <= set(filled.shown)
    assert set(filled.required) <= set(filled.shown)
    missing = {one.subject.partition("/")[2] for one in filled.problems if one.kind is ProblemKind.MISSING}
    assert missing == set(filled.required) - set(filled.values)
    for language in Language:
        told = compose(template, filled.values, language)
        for text in told.values():
            assert text.strip()
        if language is Language.ZH:
            assert all(re.search(r"[\u4e00-\u9fff：。]", text) for text in told.values())


def test_every_answer_of_a_choice_is_said_in_both_languages() -> None:
    for template in SHIPPED.values():
        for one in template.elements:
            for option in one.options:
                value = (option.id,) if one.kind is ElementKind.CHOICES else option.id
                assert say(one, value, Language.EN) == option.en
                assert say(one, value, Language.ZH) == option.zh


BIOPSY: dict[str, Value] = {
    "specimen": "needle",
    "finding": "acinar",
    "primary_pattern": "pattern_3",
    "secondary_pattern": "pattern_4",
    "cores_total": 12.0,
    "cores_positive": 3.0,
    "perineural": True,
}


def test_a_prostate_biopsy_says_what_was_answered_and_what_follows() -> None:
    template = SHIPPED["prostate"]
    filled = fill(template, BIOPSY)
    assert filled.problems == ()
    assert (filled.values["gleason_score"], filled.values["grade_group"]) == (7.0, "group_2")
    assert compose(template, filled.values, Language.EN)[Section.DIAGNOSIS] == (
        "Prostate, needle biopsy: acinar adenocarcinoma, Gleason score 3 + 4 = 7, grade group 2. "
        "Carcinoma in 3 of 12 cores. Perineural invasion is present."
    )
    assert compose(template, filled.values, Language.ZH)[Section.DIAGNOSIS] == (
        "前列腺，穿刺活检：腺泡腺癌，Gleason 评分 3+4=7，分级分组：2 组。12 条中 3 条见癌。见神经侵犯。"
    )


def test_what_is_missing_wrong_or_contradictory_is_named() -> None:
    template = SHIPPED["prostate"]
    problems = fill(template, BIOPSY | {"cores_positive": 13.0, "tissue_percent": 120.0}).problems
    assert [one.kind for one in problems] == [ProblemKind.OUT_OF_RANGE, ProblemKind.CONTRADICTION]
    nothing = fill(template, {})
    assert [one.text.en for one in nothing.problems] == ["Specimen", "Main finding"]
    benign = fill(template, BIOPSY | {"finding": "benign"})
    assert "grade_group" not in benign.values
    assert "primary_pattern" not in benign.values


@pytest.mark.parametrize(
    "answers",
    [
        {"nothing": "x"},
        {"specimen": "autopsy"},
        {"specimen": 3.0},
        {"cores_total": "twelve", "specimen": "needle"},
        {"cores_total": float("nan"), "specimen": "needle"},
        {"cores_total": True, "specimen": "needle"},
        {"specimen": ("needle",)},
        {"specimen": "prostatectomy", "stage": "x" * 5_000},
    ],
)
def test_what_is_no_answer_is_refused(answers: dict[str, Value]) -> None:
    with pytest.raises(Invalid):
        fill(SHIPPED["prostate"], answers)


def test_braces_in_a_text_are_only_braces() -> None:
    template = SHIPPED["skin"]
    values = fill(
        template,
        {"specimen": "punch", "site": "{finding} {site}", "finding": "inflammatory", "kind": "{x}"},
    ).values
    told = compose(template, values, Language.EN)[Section.DIAGNOSIS]
    assert told == "Skin ({finding} {site}), punch biopsy: inflammatory dermatosis, {x}."


def test_a_command_lists_templates_and_names_what_is_wrong(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    own.mkdir()
    (own / "own.toml").write_text(HEAD + element())
    listed = CliRunner().invoke(reports, ["templates", "--data", str(tmp_path)])
    assert listed.exit_code == 0
    assert "  own      Own | 自定" in listed.stdout
    (own / "bad.toml").write_text("nonsense")
    listed = CliRunner().invoke(reports, ["templates", "--data", str(tmp_path)])
    assert (listed.exit_code, "bad.toml" in listed.stderr, "prostate" in listed.stdout) == (1, True, True)
    checked = CliRunner().invoke(reports, ["check", str(own / "own.toml"), str(own / "bad.toml")])
    assert (checked.exit_code, checked.stdout) == (1, "own 1: 1 elements\n")
    missing = CliRunner().invoke(reports, ["check", str(own / "none.toml")])
    assert isinstance(missing.exception, Invalid)


def test_what_programs_may_hand_in_is_listed(tmp_path: Path) -> None:
    done = CliRunner().invoke(reports, ["findings", "--data", str(tmp_path)])
    lines = [line.split() for line in done.output.splitlines()]
    assert ["breast", "mitotic_density", "measurement", "/mm2", "mitoses"] in lines
    assert ["prostate", "cores_positive", "count", "cores_positive"] in lines


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('element = "y"\nfinding = "f"\nkind = "count"', "no element y"),
        ('element = "x"\nfinding = "f"\nkind = "class"', "x cannot be answered from such a finding"),
        ('element = "x"\nfinding = "f"\nkind = "count"\nunit = "ell"', "no unit ell"),
        ('element = "c"\nfinding = "f"\nkind = "class"\noptions = { a = "z" }', "c has no option z"),
        ('element = "c"\nfinding = "f"\nkind = "count"', "the limits of c"),
        (
            'element = "c"\nfinding = "f"\nkind = "count"\nsource = "S"\n'
            'thresholds = [{ option = "a", below = 5 }, { option = "b", below = 3 }]',
            "the limits of c",
        ),
        (
            'element = "c"\nfinding = "f"\nkind = "count"\n'
            'thresholds = [{ option = "a", below = 5 }, { option = "b" }]',
            "the limits of c",
        ),
    ],
)
def test_rules_that_could_draw_nothing_are_refused(rule: str, said: str) -> None:
    with pytest.raises(BadTemplate, match=said):
        read_template("own.toml", (HEAD + element() + choice() + f"\n[[draws]]\n{rule}\n").encode())


def test_what_was_not_held_against_its_publication_says_so() -> None:
    doubted = {
        (template.id, element.id)
        for template in SHIPPED.values()
        for element in template.elements
        if element.unverified
    }
    assert doubted == {
        ("breast", "mitoses"),
        *(("gastric-biopsy", one) for one in ("activity", "inflammation", "metaplasia")),
        *(("gastric-biopsy", f"atrophy_{one}") for one in ("antrum", "body")),
        ("gastric-resection", "lauren"),
        ("prostate", "extraprostatic"),
        ("skin", "breslow_mm"),
    }
    for template in SHIPPED.values():
        assert all(one.source for one in (*template.elements, *template.draws) if one.unverified)
    page = Path(__file__).parents[3] / "docs" / "capabilities" / "reports.md"
    told = page.read_text()
    sources = {one.source for template in SHIPPED.values() for one in template.elements if one.source}
    assert [one for one in sources if one not in told] == []
