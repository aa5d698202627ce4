"""Reports on paper: what the PDF says, in both languages, and that nothing people wrote is markup."""

import io
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picturing
from pypdf import PdfReader

from hemalum.capabilities.reports.model import (
    Amendment,
    Content,
    Figure,
    Language,
    Region,
    Section,
    Source,
    SourceKind,
    Statement,
    Support,
    SupportKind,
    Version,
)
from hemalum.capabilities.reports.printed import print_for_node
from hemalum.capabilities.reports.printing import (
    Picture,
    lay_out,
    print_pdf,
    scale_bar_um,
)
from hemalum.capabilities.slides.model import Terms
from hemalum.runtime import typesetting
from hemalum.runtime.typesetting import CannotPrint
from tests.hospital import HOME

from .conftest import World

HOSTILE = '#set page(height: 1pt) $x^2$ *bold* `raw` <label> @ref = Heading #panic("no") \\ {finding} "q" //x'


def printed(world: World, case_id: str, number: int, language: Language, *pictures: Picture) -> str:
    found = world.reports.print(world.who("li"), case_id, number)
    made = print_pdf(lay_out(found, pictures, language), pictures, found.version.at)
    assert made.startswith(b"%PDF-")
    return text_of(made)


def text_of(made: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]
    return " ".join("\n".join(pages).split())


def squeezed(text: str) -> str:
    """Without spaces: where lines break, a reader of PDF cannot know whether there was one."""
    return "".join(text.split())


@pytest.fixture(scope="module")
def signed(world: World) -> tuple[str, Version]:
    return world.signed()


def test_a_signed_report_says_who_what_and_when(world: World, signed: tuple[str, Version]) -> None:
    case_id, final = signed
    text = printed(world, case_id, final.number, Language.EN)
    case = world.cases.get_case(world.who("li"), case_id).case
    for said in (
        "Pathology report",
        "Ada Secretname",
        "1960-05-04",
        case.number,
        "Grade group",
        "Epstein et al., Am J Surg Pathol 2016;40:244",
        "Adenocarcinoma.",
        "Signed by Li, 2026-11-25 20:00+08:00",
        "version 2 (final)",
    ):
        assert squeezed(said) in squeezed(text), said
    assert final.sha256 in squeezed(text)
    assert "DRAFT" not in text


def test_the_same_in_chinese(world: World, signed: tuple[str, Version]) -> None:
    case_id, final = signed
    text = squeezed(printed(world, case_id, final.number, Language.ZH))
    for said in ("病理报告", "姓名", "分级分组", "2组", "腺泡腺癌", "签发：Li", "第2版（正式报告）"):
        assert said in text


def test_what_is_not_signed_or_not_good_any_more_bears_a_mark(world: World) -> None:
    case_id = world.case_id()
    draft = world.write(case_id)
    assert "DRAFT" in printed(world, case_id, 1, Language.EN)
    handed = world.reports.hand_over(world.who("li"), case_id, 1, draft.sha256)
    assert "初步报告" in squeezed(printed(world, case_id, 2, Language.ZH))
    world.sign(case_id, handed)
    assert "SUPERSEDED" not in printed(world, case_id, 3, Language.EN)
    reopened = world.reports.reopen(world.who("li"), case_id, Amendment.CORRECTED, "miscounted cores")
    world.sign(case_id, reopened)
    assert "SUPERSEDED" in printed(world, case_id, 3, Language.EN)
    corrected = printed(world, case_id, 5, Language.EN)
    assert "corrected: miscounted cores" in corrected
    assert "SUPERSEDED" not in corrected


def test_what_a_model_said_names_it_and_what_a_person_made_of_it(world: World) -> None:
    model = Source(SourceKind.MODEL, "grader", "2.1")
    before = Support(SupportKind.MODEL, "counter 3", said="cores_positive: 4")
    statements = (
        Statement("section/diagnosis", model),
        Statement("element/primary_pattern", model, 0.974, is_accepted=True),
        Statement("element/cores_positive", supports=(before,)),
    )
    case_id = world.case_id()
    world.write(case_id, content=replace(world.content(), statements=statements))
    en = ("AI draft: grader 2.1", "AI, accepted: grader 2.1 (97%)", "Edited; first drafted by counter 3")
    zh = ("AI 草稿：grader 2.1", "AI，已采纳：grader 2.1 (97%)", "已修改；初稿来自 counter 3")
    for language, said in ((Language.EN, en), (Language.ZH, zh)):
        text = squeezed(printed(world, case_id, 1, language))
        assert [text.count(squeezed(one)) for one in said] == [1, 1, 1]


def test_what_people_write_is_text_and_never_markup(world: World) -> None:
    case_id = world.case_id()
    sections = {one: f"{one} {HOSTILE}\nsecond line" for one in Section}
    region = Region(0, 0, 400, 300)
    image_id = world.image_of(case_id, Terms(HOME))
    figures = (Figure(image_id, region, HOSTILE), Figure(image_id, region, "图"))
    world.write(case_id, content=replace(world.content(), sections=sections, figures=figures))
    pictures = [Picture(figures[0], is_withheld=True), Picture(figures[1])]
    text = squeezed(printed(world, case_id, 1, Language.EN, *pictures))
    assert text.count(squeezed(HOSTILE)) == 5
    assert squeezed("This figure may not be shown to you.") in text
    assert squeezed("This figure cannot be shown now.") in text


def test_a_figure_stands_there_with_its_scale_bar(world: World) -> None:
    case_id = world.case_id()
    figure = Figure(world.image_of(case_id, Terms(HOME)), Region(10, 20, 400, 300), "Glands")
    world.write(case_id, content=replace(world.content(), figures=(figure,)))
    made = io.BytesIO()
    Picturing.fromarray(np.full((300, 400, 3), (200, 120, 180), np.uint8)).save(made, "jpeg")
    found = world.reports.print(world.who("li"), case_id, 1)
    pictures = [Picture(figure, made.getvalue())]
    pdf = print_pdf(lay_out(found, pictures, Language.EN), pictures, found.version.at)
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    assert [image.image.size for image in page.images if image.image is not None] == [(400, 300)]
    assert squeezed("100 µm") in squeezed(text_of(pdf)).replace("μ", "µ")


def test_a_slide_that_is_none_of_the_case_any_more_is_not_printed(world: World) -> None:
    case_id = world.case_id()
    figure = Figure(world.image_of(case_id, Terms(HOME)), Region(0, 0, 400, 300), "Glands")
    world.write(case_id, content=replace(world.content(), figures=(figure,)))
    world.cases.linking.unlink(world.who("tech"), figure.image_id, "it is of another patient")
    found = world.reports.print(world.who("li"), case_id, 1)
    nothing: Any = SimpleNamespace(find_slide=pytest.fail)
    text = text_of(print_for_node(found, nothing, lambda: nullcontext(nothing)))
    assert squeezed("The slide of this figure does not belong to this case.") in squeezed(text)


@pytest.mark.parametrize(
    ("width", "bar"),
    [(400, 100), (100, 20), (17, 5), (10_000, 2000), (3.4, 1), (0.5, 0.1), (3333.333333333333, 1000)],
)
def test_scale_bars_are_of_round_lengths(width: float, bar: float) -> None:
    assert scale_bar_um(width) == pytest.approx(bar)


def test_without_what_it_takes_a_sentence_says_so(
    world: World, signed: tuple[str, Version], monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, final = signed
    monkeypatch.setattr(typesetting, "_families", lambda: frozenset({"Libertinus Serif"}))
    with pytest.raises(CannotPrint, match="font for Chinese"):
        printed(world, case_id, final.number, Language.ZH)
    assert typesetting.chinese_font() is None
    monkeypatch.setattr(typesetting, "find_spec", lambda _name: None)
    with pytest.raises(CannotPrint, match=r"hemalum\[reports\]"):
        printed(world, case_id, final.number, Language.EN)


def test_free_text_alone_is_printed(world: World) -> None:
    case_id = world.case_id(named=False)
    content: Any = Content(sections={Section.DIAGNOSIS: "Chronic cholecystitis."})
    world.write(case_id, content=content)
    text = printed(world, case_id, 1, Language.EN)
    assert "Chronic cholecystitis." in text
    assert "Patient" not in text
