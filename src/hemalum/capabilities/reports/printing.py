"""A version of a report on paper: what stands where, and its making by Typst.

All that people wrote goes to Typst as data and never as its markup; see `runtime.typesetting`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from hemalum.capabilities.cases.model import Case, Identity, Request
from hemalum.capabilities.reports.composing import say
from hemalum.capabilities.reports.filling import label_of_section
from hemalum.capabilities.reports.model import (
    Content,
    Cosignature,
    Figure,
    Language,
    Section,
    SourceKind,
    SpecimenFigure,
    Statement,
    Status,
    SupportKind,
    Text,
    Version,
)
from hemalum.capabilities.reports.rules import RULES
from hemalum.capabilities.reports.templates import Template
from hemalum.runtime.typesetting import typeset

_LAYOUT = Path(__file__).parent / "report.typ"
_BAR_SHARE = 0.3
"""Of the width of a figure, at most, for its scale bar."""
_UM_PER_MM = 1000.0


_WORDS = {
    "title": Text("Pathology report", "病理报告"),
    "patient": Text("Patient", "姓名"),
    "sex": Text("Sex", "性别"),
    "born": Text("Date of birth", "出生日期"),
    "age": Text("Age", "年龄"),
    "number": Text("Patient number", "患者编号"),
    "case": Text("Case", "病理号"),
    "specimen": Text("Specimen", "送检标本"),
    "received": Text("Received", "收到日期"),
    "department": Text("Department", "送检科室"),
    "clinician": Text("Requested by", "送检医师"),
    "figures": Text("Figures", "图像"),
    "missing": Text("This figure may not be shown to you.", "您无权查看此图像。"),
    "wrong": Text("This photograph was entered in error.", "此照片系误录。"),
    "foreign": Text("The slide of this figure does not belong to this case.", "此图像的切片不属于本病例。"),
    "unscaled": Text("No scale stated", "未标定比例尺"),
    "lost": Text("This figure cannot be shown now.", "此图像目前无法显示。"),
    "drafted": Text("Drafted by {name}, {at}", "起草：{name}，{at}"),
    "handed": Text("Handed over by {name}, {at}; not signed", "初步报告：{name}，{at}；尚未签发"),
    "signed": Text("Signed by {name}, {at}", "签发：{name}，{at}"),
    "withdrawn": Text("Amendment withdrawn by {name}, {at}", "撤销更改：{name}，{at}"),
    "cosigned": Text("Also signed by {name}, {at}", "复核签名：{name}，{at}"),
    "version": Text("Case {case}, version {number} ({status})", "病理号 {case}，第 {number} 版（{status}）"),
    "reason": Text("{status}: {reason}", "{status}：{reason}"),
    "superseded": Text("SUPERSEDED", "已被新版取代"),
    "years": Text("{age} years on {on}", "{age} 岁（{on}）"),
    "untaken": Text("AI draft: {model}", "AI 草稿：{model}"),
    "taken": Text("AI, accepted: {model}", "AI，已采纳：{model}"),
    "edited": Text("Edited; first drafted by {model}", "已修改；初稿来自 {model}"),
}
_STATUS = {
    Status.DRAFT: Text("draft", "草稿"),
    Status.PRELIMINARY: Text("preliminary", "初步报告"),
    Status.FINAL: Text("final", "正式报告"),
    Status.AMENDED: Text("amended", "修订报告"),
    Status.CORRECTED: Text("corrected", "更正报告"),
    Status.ADDENDED: Text("with addendum", "补充报告"),
    Status.ENTERED_IN_ERROR: Text("entered in error", "误录作废"),
    Status.WITHDRAWN: Text("amendment withdrawn", "更改已撤销"),
}
_WATERMARKS = {
    Status.DRAFT: Text("DRAFT", "草稿"),
    Status.PRELIMINARY: Text("PRELIMINARY", "初步报告"),
    Status.ENTERED_IN_ERROR: Text("ENTERED IN ERROR", "误录作废"),
    Status.WITHDRAWN: Text("AMENDMENT WITHDRAWN", "更改已撤销"),
}
_SIGNATURES = {
    Status.DRAFT: "drafted",
    Status.PRELIMINARY: "handed",
    Status.WITHDRAWN: "withdrawn",
}
"""What the author did; all others signed."""
_SEX = {
    "female": Text("Female", "女"),
    "male": Text("Male", "男"),
    "other": Text("Other", "其他"),
    "unknown": Text("Unknown", "未知"),
}
_ORDER = (Section.DIAGNOSIS, Section.COMMENT, Section.MICROSCOPY, Section.MACROSCOPY)
"""What is read first stands first."""


@dataclass(frozen=True, slots=True)
class Printable:
    """All that a printed version tells."""

    case: Case
    identity: Identity | None
    request: Request | None
    version: Version
    template: Template | None
    cosignatures: Sequence[Cosignature]
    organisation: str
    is_superseded: bool
    """Whether the report was signed again since."""
    zone: tzinfo
    """In which times are told."""
    scans: frozenset[str]
    """Of the slides of the case as it is now, by their ids."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The pixels of a figure; None where the reader may not see them, or they cannot be had."""

    figure: Figure | SpecimenFigure
    content: bytes | None = None
    suffix: str = "jpg"
    is_withheld: bool = False
    is_wrong: bool = False
    """Whether the photograph was entered in error, or the slide is none of the case any more."""


def lay_out(printed: Printable, pictures: Sequence[Picture], language: Language) -> dict[str, Any]:
    """What stands where, as the plain data that `report.typ` sets."""
    version, template = printed.version, printed.template
    said = {name: text.of(language) for name, text in _WORDS.items()}
    status = _STATUS[version.status].of(language)
    content = version.content
    assert content is not None
    marks = _marks(content, language)
    answers, sources = _answers(printed, language, marks)
    reason = said["reason"].format(status=status, reason=version.reason) if version.reason else None
    return {
        "language": language.value,
        "title": said["title"],
        "organisation": printed.organisation,
        "watermark": _watermark(printed, language),
        "footer": said["version"].format(case=printed.case.number, number=version.number, status=status),
        "sha256": version.sha256,
        "header": _header(printed, language),
        "notice": reason if version.is_signed else None,
        "sections": [
            [label_of_section(one).of(language), content.sections[one], marks.get(f"section/{one.value}", "")]
            for one in _ORDER
            if one in content.sections
        ],
        "template": "" if template is None else template.label.of(language),
        "answers": answers,
        "sources": sources,
        "figures": [_figure(number, one, language) for number, one in enumerate(pictures)],
        "signatures": _signatures(printed, language),
        "words": said,
    }


def print_pdf(laid_out: Mapping[str, Any], pictures: Sequence[Picture], at: datetime) -> bytes:
    """The PDF of what was laid out; `at` is the time that it bears.

    Raises:
        CannotPrint: the node lacks what it takes.
    """
    files = {
        _file_name(number, picture): picture.content
        for number, picture in enumerate(pictures)
        if picture.content is not None
    }
    return typeset(_LAYOUT, laid_out, files, is_chinese=laid_out["language"] == "zh", at=at)


def scale_bar_um(width_um: float) -> float:
    """The length of a scale bar for a figure of this width: 1, 2 or 5 times a power of ten."""
    most = width_um * _BAR_SHARE
    power = 10.0 ** math.floor(math.log10(most))
    # The logarithm of a little less than a power of ten may be rounded up to that of the power.
    return max((step * power for step in (1, 2, 5) if step * power <= most), default=power)


def _watermark(printed: Printable, language: Language) -> str | None:
    mark = _WATERMARKS.get(printed.version.status)
    if mark is None and printed.is_superseded:
        mark = _WORDS["superseded"]
    return None if mark is None else mark.of(language)


def _header(printed: Printable, language: Language) -> list[tuple[str, str]]:
    case, identity, request = printed.case, printed.identity, printed.request
    rows: list[tuple[str, str]] = []

    def add(name: str, value: str) -> None:
        if value:
            rows.append((_WORDS[name].of(language), value))

    if identity is not None:
        add("patient", identity.name)
        add("sex", _SEX[identity.sex.value].of(language))
        if identity.birth_date is not None:
            add("born", identity.birth_date.isoformat())
        elif identity.age_years is not None:
            on = "-" if identity.age_on is None else identity.age_on.isoformat()
            add("age", _WORDS["years"].of(language).format(age=identity.age_years, on=on))
        add("number", ", ".join(f"{one.issuer} {one.value}" for one in identity.identifiers))
    add("case", case.number)
    add("received", case.received_at.astimezone(printed.zone).date().isoformat())
    add("specimen", case.specimen)
    if request is not None:
        add("department", request.department)
        add("clinician", request.clinician)
    return rows


def _answers(
    printed: Printable, language: Language, marks: Mapping[str, str]
) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Label, answer and mark of every element, and where rules were published by which some follow."""
    content, template = printed.version.content, printed.template
    rows: list[tuple[str, str, str]] = []
    sources: list[str] = []
    if content is None or template is None:
        return rows, sources
    for element in template.elements:
        if element.id not in content.values:
            continue
        label = element.label.of(language)
        mark = marks.get(f"element/{element.id}", "")
        rows.append((label, say(element, content.values[element.id], language), mark))
        if element.computed is not None:
            sources.append(f"{label}: {RULES[element.computed.rule].source}")
    return rows, sources


def _marks(content: Content, language: Language) -> dict[str, str]:
    """By what statements call it: which model said it, how sure it was, and what a person made of that."""
    marks = {}
    for one in content.statements:
        told = [each.reference for each in one.supports if each.kind is SupportKind.MODEL]
        if one.source.kind is SourceKind.MODEL:
            word, model = "taken" if one.is_accepted else "untaken", _called(one)
        elif told:
            word, model = "edited", told[0]
        else:
            continue
        marks[one.subject] = _WORDS[word].of(language).format(model=model)
    return marks


def _called(statement: Statement) -> str:
    """A model by its name and version, with how sure it says that it is."""
    source, certainty = statement.source, statement.certainty
    named = f"{source.name} {source.version}".strip() or "-"
    return named if certainty is None else f"{named} ({certainty:.0%})"


def _figure(number: int, picture: Picture, language: Language) -> dict[str, Any]:
    figure = picture.figure
    wrong = "wrong" if isinstance(figure, SpecimenFigure) else "foreign"
    missing = "missing" if picture.is_withheld else wrong if picture.is_wrong else "lost"
    laid_out: dict[str, Any] = {
        "file": None if picture.content is None else _file_name(number, picture),
        "missing": _WORDS[missing].of(language),
        "bar": None,
        "caption": figure.caption,
        "notes": [],
    }
    if isinstance(figure, SpecimenFigure):
        laid_out["notes"] = [figure.identifier]
    width_um = figure.width_um if isinstance(figure, SpecimenFigure) else figure.region.width_um
    if width_um is None:
        return laid_out | {"notes": [*laid_out["notes"], _WORDS["unscaled"].of(language)]}
    bar_um = scale_bar_um(width_um)
    said = f"{bar_um / _UM_PER_MM:g} mm" if bar_um >= _UM_PER_MM else f"{bar_um:g} µm"
    return laid_out | {"bar": said, "share": bar_um / width_um}


def _file_name(number: int, picture: Picture) -> str:
    return f"{number}.{picture.suffix}"


def _signatures(printed: Printable, language: Language) -> list[str]:
    version = printed.version
    word = _SIGNATURES.get(version.status, "signed")
    said = [(word, version.author_name, version.at)]
    said += [
        ("cosigned", one.person_name, one.at) for one in printed.cosignatures if one.number == version.number
    ]
    return [
        _WORDS[word].of(language).format(name=name, at=_told(at, printed.zone)) for word, name, at in said
    ]


def _told(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat(sep=" ", timespec="minutes")
