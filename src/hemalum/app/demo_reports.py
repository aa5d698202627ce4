"""The reports of a demo node: one that is being written, and one that is signed."""

from dataclasses import dataclass
from datetime import date

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import (
    CaseQuery,
    CaseStatus,
    Identity,
    PatientIdentifier,
    Queue,
    Request,
    Sex,
    Subspecialty,
)
from hemalum.capabilities.reports.model import (
    Content,
    Figure,
    Language,
    Region,
    Section,
    TemplateRef,
    Value,
)
from hemalum.capabilities.reports.showing import Draft
from hemalum.kernel.actor import Actor
from hemalum.runtime.settings import Settings

_DONE = "demo-reports-made"
_FIGURE = Region(800.0, 700.0, 800.0, 600.0)


@dataclass(frozen=True)
class _DemoReport:
    """Answers to a template, from which its phrases make the text."""

    template_id: str
    language: Language
    answers: dict[str, Value]


_DRAFT = _DemoReport(
    "breast",
    Language.EN,
    {
        "specimen": "core",
        "side": "left",
        "finding": "invasive",
        "type": "no_special",
        "tubules": "score_3",
        "nuclei": "score_2",
        "mitoses": "score_1",
        "er_percent": 90.0,
    },
)
"""Without a word on lymphovascular invasion, which its signature waits for."""
_SIGNED = _DemoReport(
    "gastric-biopsy",
    Language.ZH,
    {
        "sites": ("body", "antrum"),
        "fragments": 4.0,
        "finding": "gastritis",
        "activity": "degree_1",
        "inflammation": "degree_2",
        "atrophy_antrum": "degree_1",
        "atrophy_body": "degree_0",
        "metaplasia": "degree_1",
        "helicobacter": "present",
        "helicobacter_method": ("he", "special"),
    },
)
_ORDER = Accession(
    (PartAsked("biopsy", "Stomach", (("H&E", "Giemsa"),)),),
    Identity("虚构·王五", Sex.MALE, date(1969, 6, 18), (PatientIdentifier("Demo register", "DEMO-0070"),)),
    Request("Gastroenterology", "Dr Nobody", "Epigastric pain."),
    subspecialty=Subspecialty.GASTROINTESTINAL,
)
"""Nobody has this name."""


def seed_reports(settings: Settings) -> None:
    """Give a demo node its reports, unless it has them. May be interrupted and repeated."""
    marker = settings.data / _DONE
    if marker.exists():
        return
    with open_parts(settings) as node:
        visitor = node.access.ensure_demo_person()
        _, found = node.cases.list_cases(visitor, CaseQuery(Queue.MINE, "breast"))
        for shown in found[:1]:
            _write(node, visitor, shown.case.id, _DRAFT)
        closed, _ = node.cases.list_cases(visitor, CaseQuery(Queue.CLOSED, limit=1))
        if not closed:
            _sign(node, visitor)
    marker.touch()


def _sign(node: Parts, visitor: Actor) -> None:
    _, waiting = node.cases.list_cases(visitor, CaseQuery(text="DEMO-0070"))
    shown = waiting[0] if waiting else node.cases.accession(visitor, _ORDER)
    if shown.case.status is CaseStatus.ACCESSIONED:
        node.cases.move_case(visitor, shown.case.id, CaseStatus.READY)
    _write(node, visitor, shown.case.id, _SIGNED)
    written = node.reports.show(visitor, shown.case.id).current
    assert written is not None
    node.reports.sign(visitor, shown.case.id, written.number, written.sha256)


def _write(node: Parts, visitor: Actor, case_id: str, report: _DemoReport) -> None:
    if node.reports.show(visitor, case_id).current is not None:
        return
    material = node.cases.get_case(visitor, case_id).material
    images = [image for piece in material for image in piece.image_ids]
    empty = Content(
        TemplateRef(report.template_id, 0, ""),
        report.answers,
        figures=tuple(Figure(image, _FIGURE, "H&E") for image in images[:1]),
    )
    composed = node.reports.check(visitor, case_id, empty).composed[report.language]
    sections = {Section(name): text for name, text in composed.items()}
    content = Content(empty.template, empty.values, sections, empty.figures)
    node.reports.write(visitor, case_id, Draft(None, content, report.language))
