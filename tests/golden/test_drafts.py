"""The drafts that templates make of findings, in both languages, held against the ones that were read.

Regenerate with `make golden` after a change that is meant, and read the difference.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from hemalum.capabilities.reports.drawing import draw
from hemalum.capabilities.reports.findings import Finding, FindingKind, Interval, check_submission
from hemalum.capabilities.reports.findings import Submission as Handed
from hemalum.capabilities.reports.merging import merge
from hemalum.capabilities.reports.model import Content, Language, Source, SourceKind, TemplateRef, Value
from hemalum.capabilities.reports.shelf import Shelf

GOLDEN = Path(__file__).parent / "drafts"
MODEL = Source(SourceKind.MODEL, "finder", "3")
NOWHERE = Path("nowhere")
FOUND: dict[str, tuple[dict[str, Value], dict[str, Any]]] = {
    "breast": (
        {"specimen": "excision", "side": "left"},
        {
            "diagnosis": "invasive",
            "tumour_type": "no_special",
            "tumour_extent": (1.24, "cm", 1.19, 1.29),
            "tumour_area": (86_210_000.0, "um2", 81e6, 90e6),
            "tubule_share": (0.06, "1", 0.03, 0.08),
            "nuclear_pleomorphism": "2",
            "mitotic_density": (5.2, "/mm2", 4.1, 6.5),
            "lymphovascular_invasion": False,
            "er_positive_share": (91.6, "%"),
            "ki67_positive_share": (0.183, "1"),
        },
    ),
    "prostate": (
        {"specimen": "needle"},
        {
            "diagnosis": "acinar",
            "primary_gleason_pattern": "3",
            "secondary_gleason_pattern": "4",
            "pattern_4_share": (28.0, "%", 21.0, 36.0),
            "cores_examined": 12,
            "cores_positive": 1,
            "longest_tumour": (4200.0, "um"),
            "tumour_share": (3.4, "%"),
            "tumour_area": (2.118, "mm2"),
            "perineural_invasion": True,
        },
    ),
    "colorectal": (
        {"specimen": "right", "site": "ascending", "depth": "muscle"},
        {
            "tumour_type": "adenocarcinoma",
            "grade": "low",
            "tumour_extent": (38.0, "mm"),
            "tumour_area": (412.5, "mm2", 398.0, 431.0),
            "tumour_bud_density": (8.9, "/mm2", 7.0, 11.9),
            "lymphovascular_invasion": True,
            "perineural_invasion": False,
            "nodes_examined": 18,
            "nodes_positive": 2,
        },
    ),
    "gastric-resection": (
        {"specimen": "distal", "site": "antrum", "depth": "subserosa"},
        {
            "tumour_type": "tubular",
            "lauren_type": "intestinal",
            "differentiation": "moderately",
            "tumour_extent": (41.0, "mm"),
            "tumour_area": (520.0, "mm2"),
            "lymphovascular_invasion": True,
            "perineural_invasion": True,
            "nodes_examined": 24,
            "nodes_positive": 0,
        },
    ),
    "gastric-biopsy": (
        {"sites": ("antrum",)},
        {
            "tissue_fragments": 2,
            "diagnosis": "gastritis",
            "activity": "1",
            "chronic_inflammation": "2",
            "atrophy_antrum": "1",
            "metaplasia": "0",
            "helicobacter": True,
        },
    ),
    "lung": (
        {"specimen": "lobe", "site": "rul"},
        {
            "tumour_type": "adenocarcinoma",
            "tumour_extent": (22.0, "mm", 20.0, 24.0),
            "invasive_extent": (14.0, "mm"),
            "tumour_area": (180.0, "mm2"),
            "predominant_pattern": "acinar",
            "high_grade_share": (12.0, "%"),
            "spread_through_air_spaces": False,
            "lymphovascular_invasion": False,
            "nodes_examined": 1,
            "nodes_positive": 1,
        },
    ),
    "lymph-node": (
        {"site": "axilla", "specimen": "sentinel", "origin": "breast carcinoma"},
        {
            "diagnosis": "metastasis",
            "nodes_examined": 3,
            "nodes_positive": 1,
            "largest_deposit": (2.31, "mm", 2.2, 2.5),
            "extranodal_extension": False,
        },
    ),
    "skin": (
        {"specimen": "excision", "site": "back", "kind": "superficial spreading"},
        {
            "diagnosis": "melanoma",
            "breslow_thickness": (820.0, "um", 780.0, 860.0),
            "ulceration": False,
            "mitotic_density": (2.3, "/mm2"),
        },
    ),
    "bone-marrow": (
        {"specimen": ("trephine",), "quality": "good", "cellularity_age": "hyper"},
        {
            "trephine_length": (1.8, "cm"),
            "cellularity": (0.81, "1", 0.76, 0.86),
            "blast_share": (3.0, "%"),
            "fibrosis_grade": "1",
            "infiltrate": "none",
        },
    ),
    "frozen-section": (
        {"question": "nature", "site": "thyroid"},
        {"frozen_blocks": 2, "diagnosis": "benign"},
    ),
    "cytology": (
        {"specimen": "fna", "site": "thyroid", "kind": "colloid nodule"},
        {"adequacy": "sufficient", "diagnosis": "negative"},
    ),
}
"""By template: what a person answered, and what models found."""


def finding(name: str, stated: Any) -> Finding:
    if isinstance(stated, bool):
        return Finding(name, name, FindingKind.PRESENCE, MODEL, is_present=stated, probability=0.93)
    if isinstance(stated, str):
        return Finding(name, name, FindingKind.CLASS, MODEL, label=stated, probability=0.88)
    if isinstance(stated, int):
        return Finding(name, name, FindingKind.COUNT, MODEL, number=float(stated))
    number, unit, *span = stated
    interval = Interval(*span) if span else None
    return Finding(name, name, FindingKind.MEASUREMENT, MODEL, number, unit, interval)


@pytest.mark.parametrize("name", FOUND)
def test_drafts_read_as_they_were_read(name: str) -> None:
    answers, found = FOUND[name]
    template = Shelf(NOWHERE).get(name)
    findings = tuple(finding(*one) for one in found.items())
    check_submission(Handed("one", findings))
    before = Content(TemplateRef(name, 0, ""), answers)
    merged = merge(template, before, draw(template, findings), Language.EN)
    made = {
        "values": {one: list(v) if isinstance(v, tuple) else v for one, v in merged.content.values.items()},
        "outcomes": {one.element: one.outcome.value for one in merged.drawn},
        "sentences": {
            language.value: [f"{one.section.value}: {one.text}" for one in said]
            for language, said in merged.said.items()
        },
    }
    path = GOLDEN / f"{name}.json"
    if os.environ.get("HEMALUM_GOLDEN") == "write":
        path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert made == json.loads(path.read_text(encoding="utf-8"))


def test_every_template_that_draws_is_read() -> None:
    shelved = Shelf(NOWHERE).templates().values()
    assert {one.template.id for one in shelved if one.template and one.template.draws} == set(FOUND)
