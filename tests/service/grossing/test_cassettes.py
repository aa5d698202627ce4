"""What was put into cassettes, on a real node: sealed, kept each time, and erased with the patient."""

import pytest

from hemalum.app.node import Parts
from hemalum.capabilities.cases.model import Kind
from hemalum.capabilities.grossing.describing import Describing
from hemalum.capabilities.grossing.model import (
    Cassette,
    Contents,
    DescribedMeanwhile,
    check_contents,
    describe_cassette,
)
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Invalid, NotFound, NotPermitted

from .conftest import case, piece, who

TIP = Contents("tip of the polyp", 2, (3.0, 5.0))


@pytest.fixture
def describing(parts: Parts) -> Describing:
    return Describing(parts.cases)


@pytest.mark.parametrize(
    ("contents", "english", "chinese"),
    [
        (TIP, "A1: 2 pieces, 0.5 × 0.3 cm, tip of the polyp.", "A1：2 块，0.5 × 0.3 cm，tip of the polyp。"),
        (Contents("息肉基底。", 1, (12,)), "A1: 1 piece, 1.2 cm, 息肉基底.", "A1：1 块，1.2 cm，息肉基底。"),
        (Contents("margin,\n inked"), "A1: margin, inked.", "A1：margin, inked。"),
        (Contents(pieces=4), "A1: 4 pieces.", "A1：4 块。"),
        (Contents(), "", ""),
    ],
)
def test_a_cassette_as_a_line_in_both_languages(contents: Contents, english: str, chinese: str) -> None:
    cassette = Cassette("one", "CN01-S26-000123-K/A/1", 1, check_contents(contents))  # type: ignore[arg-type]
    assert describe_cassette(cassette) == (english, chinese)


@pytest.mark.parametrize(
    "contents",
    [
        Contents("x" * 2001),
        Contents("a\x00b"),
        Contents(pieces=0),
        Contents(pieces=1000),
        Contents(dimensions_mm=(0.0,)),
        Contents(dimensions_mm=(float("nan"),)),
        Contents(dimensions_mm=(1001.0,)),
        Contents(dimensions_mm=(1.0, 1.0, 1.0, 1.0)),
    ],
)
def test_what_can_be_in_no_cassette_is_refused(contents: Contents) -> None:
    with pytest.raises(Invalid):
        check_contents(contents)


def test_cassettes_are_described_and_each_time_is_kept(parts: Parts, describing: Describing) -> None:
    shown, actor = case(parts), who(parts)
    block = piece(shown, Kind.BLOCK)
    (before,) = describing.list_of_case(actor, shown.case.id)
    assert (before.material_id, before.version, before.contents.is_empty) == (block, 0, True)
    first = describing.describe(actor, block, 0, TIP)
    assert (first.version, first.contents.dimensions_mm, first.by_name) == (1, (5.0, 3.0), "Technician")
    assert describing.describe(actor, block, 0, TIP) == first, "the same once more"
    second = describing.describe(actor, block, 1, Contents("base of the polyp", 1))
    assert describing.list_of_case(actor, shown.case.id) == [second]
    with pytest.raises(DescribedMeanwhile, match="Technician"):
        describing.describe(actor, block, 1, Contents("something else"))
    events = [
        one for one in parts.cases.list_events(actor, shown.case.id) if one.action == "describe_cassette"
    ]
    assert sorted((one.before, one.after) for one in events if one.before) == [("1", "2")]
    assert len(events) == 2
    assert "polyp" not in str(events)
    for wrong in (Kind.PART, Kind.SLIDE):
        with pytest.raises(Invalid):
            describing.describe(actor, piece(shown, wrong), 0, TIP)


def test_what_is_in_a_cassette_is_sealed_and_erased_with_the_patient(
    parts: Parts, describing: Describing
) -> None:
    shown, actor = case(parts), who(parts)
    describing.describe(actor, piece(shown, Kind.BLOCK), 0, Contents("unmistakable words"))
    files = [path for path in parts.settings.data.rglob("*") if path.is_file()]
    assert not any(b"unmistakable" in path.read_bytes() for path in files)
    parts.keyring.destroy(f"patient/{shown.case.patient_id}")
    (erased,) = describing.list_of_case(actor, shown.case.id)
    assert erased.contents.is_empty


def test_who_may_not_know_the_patient_reads_no_cassette(parts: Parts, describing: Describing) -> None:
    shown = case(parts)
    with pytest.raises(NotPermitted):
        describing.list_of_case(who(parts, "quality", Purpose.QUALITY), shown.case.id)
    with pytest.raises(NotFound):
        describing.list_of_case(who(parts, "outsider"), shown.case.id)
    with pytest.raises(NotFound):
        describing.describe(who(parts, "outsider"), piece(shown, Kind.BLOCK), 0, TIP)
    with pytest.raises(NotPermitted):
        describing.describe(who(parts, "auditor"), piece(shown, Kind.BLOCK), 0, TIP)
