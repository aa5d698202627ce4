"""Slides are judged by what is known of them, and words are mapped."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.capabilities.cases.model import Request
from hemalum.capabilities.conformity import spreadsheet
from hemalum.capabilities.conformity.model import MappedMeanwhile, Preview
from hemalum.capabilities.slides.dicomweb import DicomWeb, FoundInstance
from hemalum.capabilities.slides.model import SlideWasDescribed, Terms
from hemalum.capabilities.slides.policy import EXPORT
from hemalum.formats.dicom.clinical import ClinicalHeader
from hemalum.formats.profile.judging import Level
from hemalum.formats.profile.record import to_json
from hemalum.formats.profile.terms import Code, Kind
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.db import reading

FROM_CITY_A = {
    "organ": "左乳腺",
    "stain": "HE染色",
    "vendor": "A",
    "scanner_model": "One",
    "laboratory": "甲",
}
FROM_CITY_B = {
    "organ": "Breast (left)",
    "stain": "H.E.",
    "vendor": "A",
    "scanner_model": "One",
    "laboratory": "甲",
}


def _record(world: Any, image_id: str) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(
        to_json(world.conformity.record_of(world.who("quality", Purpose.QUALITY), image_id))
    )
    return plain


def test_slides_of_two_cities_carry_the_same_record(world: Any) -> None:
    first, second = (world.new_image(**said) for said in (FROM_CITY_A, FROM_CITY_B))
    for image_id in (first, second):
        world.conformity.judge(image_id)
        assert world.levels(image_id)["site"] == "mapped"
    assert _record(world, first) == _record(world, second)
    site = _record(world, first)["specimen"]["site"]["codes"]
    assert site == [{"scheme": "SCT", "value": "76752008", "meaning": "Breast"}]
    served = world.cases.ledger.slides.get_image_of_any(first).description
    assert served.coded.site.codes[0].value == "76752008"
    assert served.coded.laterality is not None


def test_a_refused_slide_stays_until_its_word_is_mapped(world: Any) -> None:
    slides, conformity = world.cases.ledger.slides, world.conformity
    image_id = world.new_image(organ="甲号柜三层", stain="HE")
    li, tech = world.who("li"), world.who("tech")
    assert slides.permit(li, image_id, EXPORT)
    conformity.judge(image_id)
    assert world.levels(image_id)["site"] == "refused"
    with pytest.raises(NotPermitted, match="held-back"):
        slides.permit(li, image_id, EXPORT)
    assert slides.permit(li, image_id)
    with pytest.raises(NotPermitted):
        slides.permit(world.who("li", Purpose.RESEARCH), image_id)
    unknown = {each.word: each for each in conformity.list_unknown_words(tech)}
    assert unknown["甲号柜三层"].slides == 1
    assert conformity.preview(tech, Kind.SITE, "甲号柜三层", "colon") == Preview(1, 1)
    assert [one.id for one in conformity.list_slides(li, "site", Level.REFUSED, "甲号柜三层")] == [image_id]

    kept = conformity.map_word(tech, Kind.SITE, "甲号柜 三层", "colon")
    assert kept.by_name == "Tech"
    world.work()
    assert world.levels(image_id)["site"] == "mapped"
    assert slides.permit(li, image_id, EXPORT)
    assert {"slides.hold_back", "conformity.map_word", "slides.let_go"} <= set(world.told())

    conformity.unmap_word(tech, Kind.SITE, "甲号柜三层")
    world.work()
    assert world.levels(image_id)["site"] == "refused"
    ended = next(one for one in conformity.list_mappings(tech, with_ended=True) if one.word == "甲号柜 三层")
    assert ended.ended_by_name == "Tech"
    with pytest.raises(NotFound):
        conformity.unmap_word(tech, Kind.SITE, "甲号柜三层")


def test_what_a_person_states_mends_a_slide(world: Any) -> None:
    slides = world.cases.ledger.slides
    image_id = world.new_image(organ="部位丙", stain="HE")
    world.conformity.judge(image_id)
    assert world.levels(image_id)["site"] == "refused"
    slides.describe(world.who("tech"), image_id, {"organ": "Lung"})
    with reading(world.database) as connection:
        events = connection.execute(
            sa.text("SELECT type, payload FROM outbox ORDER BY id DESC LIMIT 1")
        ).one()
    assert events.type == SlideWasDescribed.__name__
    world.conformity.judge(image_id)
    assert world.levels(image_id)["site"] == "mapped"
    assert ("slides.headers", {"image_id": image_id}) in world.queued
    world.queued.clear()


def test_preparation_is_stated_by_a_person_in_words(world: Any) -> None:
    image_id = world.new_image(organ="肺", stain="HE")
    stated = {"laterality": "左", "fixative": "10%中性福尔马林", "embedding": "石蜡", "thickness_um": 4}
    world.cases.ledger.slides.describe(world.who("tech"), image_id, stated)
    world.conformity.judge(image_id)
    levels = world.levels(image_id)
    assert [levels[each] for each in ("laterality", "fixative", "embedding", "thickness")] == [
        "mapped",
        "mapped",
        "mapped",
        "conforming",
    ]
    assert world.conformity.record_of(world.who("li"), image_id).specimen.thickness_um == 4
    world.queued.clear()


def test_the_case_tells_of_its_slide_and_nothing_of_the_patient_is_kept_beside_it(world: Any) -> None:
    history = "上腹痛三月，张三丰"
    case = world.case(("H&E",), identity=world.patient(), request=Request("Ward 1", "Dr W", history))
    image_id = world.new_image(organ="部位丁")
    world.cases.linking.link(world.who("tech"), image_id, world.slide(case))
    world.conformity.judge(image_id)
    levels = world.levels(image_id)
    assert (levels["site"], levels["stain"], levels["history"]) == ("mapped", "mapped", "conforming")
    known = world.conformity.record_of(world.who("li"), image_id)
    assert known.history is not None
    assert known.history.text == history
    assert known.specimen.identifier == world.slide(case)
    unknown = world.conformity.record_of(world.who("li", Purpose.QUALITY), image_id)
    assert unknown.history is None
    with reading(world.database) as connection:
        for table in ("conformity_slide", "conformity_element"):
            rows = connection.execute(sa.text(f"SELECT * FROM {table}")).all()
            assert "张三丰" not in repr(rows)


def test_headers_tell_of_the_patient_to_whom_may_know_them(world: Any) -> None:
    case = world.case(("H&E",), identity=world.patient(), request=Request("Ward 1", "Dr W", "上腹痛三月"))
    image_id = world.new_image()
    world.cases.linking.link(world.who("tech"), image_id, world.slide(case))
    image = world.slides.get_image_of_any(image_id)
    world.told()
    assert world.conformity.clinical_of(world.who("li"), image) == ClinicalHeader("上腹痛三月")
    assert world.told().count("conformity.tell_clinical") == 1
    for actor in (world.who("li", Purpose.QUALITY), world.who("outsider")):
        assert world.conformity.clinical_of(actor, image) is None
    lonely = world.slides.get_image_of_any(world.new_image())
    assert world.conformity.clinical_of(world.who("li"), lonely) is None
    assert "conformity.tell_clinical" not in world.told()


def test_metadata_over_dicomweb_tell_it_where_the_node_does_so(world: Any) -> None:
    image = SimpleNamespace(id="image", objects=())
    instance = SimpleNamespace(
        object_number=None, json_key="k", study_uid="1", series_uid="2", sop_instance_uid="3"
    )
    encoded = b'{"00080016":{"vr":"UI","Value":["1"]},"00280010":{"vr":"US","Value":[1]}}'
    blobs = SimpleNamespace(get_range=lambda *_: encoded)
    slides = SimpleNamespace(database=None, blobs=blobs)
    found: Any = [FoundInstance(instance, image)]  # type: ignore[arg-type]

    def told(*clinical_of: Any) -> Any:
        dicom = DicomWeb(slides, None, *clinical_of)  # type: ignore[arg-type]
        return json.loads(b"".join(dicom.metadata(dicom.told(world.who("li"), found), "http://node")))

    assert list(told()[0]) == ["00080016", "00280010"]
    (known,) = told(lambda *_: ClinicalHeader("pain", (Code("I10", "C16.9", "Stomach"),)))
    assert list(known) == ["00080016", "00081084", "001021B0", "00280010"]
    assert known["001021B0"] == {"vr": "LT", "Value": ["pain"]}


def test_who_may_say_what_words_stand_for(world: Any) -> None:
    conformity = world.conformity
    for name in ("li", "quality"):
        with pytest.raises(NotPermitted):
            conformity.map_word(world.who(name), Kind.SITE, "x9", "colon")
        assert conformity.report(world.who(name)) is not None
    with pytest.raises(NotPermitted):
        conformity.report(world.who("clinician"))
    assert conformity.report(world.who("outsider")).slides == {}
    assert conformity.list_mappings(world.who("outsider")) == []


@pytest.mark.parametrize(
    ("word", "term"),
    [("", "colon"), ("--", "colon"), ("a\x00b", "colon"), ("x" * 501, "colon"), ("ward", "no such organ")],
)
def test_what_is_no_mapping(world: Any, word: str, term: str) -> None:
    for use in (world.conformity.map_word, world.conformity.preview):
        with pytest.raises(Invalid):
            use(world.who("tech"), Kind.SITE, word, term)


def test_two_people_map_one_word(world: Any) -> None:
    tech = world.who("tech")
    first = world.conformity.map_word(tech, Kind.STAIN, "特染甲", "pas")
    assert world.conformity.map_word(tech, Kind.STAIN, "特染甲", "pas") == first
    with pytest.raises(MappedMeanwhile):
        world.conformity.map_word(tech, Kind.STAIN, "特染甲", "masson")
    second = world.conformity.map_word(tech, Kind.STAIN, "特染甲", "masson", replaces=first.number)
    assert second.term.id == "masson"
    world.queued.clear()


def test_mappings_go_out_and_come_back_as_csv(world: Any) -> None:
    tech, conformity = world.who("tech"), world.conformity
    for word, term in (("=SUM(A1)", "lung"), ("三号，甲", "liver")):
        conformity.map_word(tech, Kind.SITE, word, term)
    content = spreadsheet.write_mappings(conformity.list_mappings(tech)).encode()
    assert b"\n'=SUM" not in content
    assert conformity.take_mappings(tech, content) == 0
    changed = content.replace('三号，甲",liver'.encode(), b"").replace(
        "三号，甲,liver".encode(), "三号，甲,spleen".encode()
    )
    assert conformity.take_mappings(tech, changed) == 1
    world.queued.clear()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"a,b,c\n",
        b"kind,word,term\nsite,x\n",
        b"kind,word,term\nplace,x,colon\n",
        b"kind,word,term\nsite,x,nowhere\n",
        b"kind,word,term\nsite,X 1,colon\nsite,x1,lung\n",
        b'kind,word,term\nsite,"x,colon\n',
    ],
)
def test_a_bad_file_of_mappings_changes_nothing(world: Any, content: bytes) -> None:
    before = world.conformity.list_mappings(world.who("tech"), with_ended=True)
    with pytest.raises(Invalid):
        world.conformity.take_mappings(world.who("tech"), content)
    assert world.conformity.list_mappings(world.who("tech"), with_ended=True) == before


def test_slides_that_came_before_are_judged_by_and_by(world: Any) -> None:
    image_id = world.new_image(organ="Liver", stain="HE")
    world.conformity.walk.after = ""
    world.conformity.judge_unjudged()
    assert world.levels(image_id)["site"] == "mapped"
    assert world.conformity.walk.after is None
    report = world.conformity.report(world.who("quality", Purpose.QUALITY))
    assert report.months["2026-11"] == report.slides
    assert report.elements["site"][Level.MAPPED] >= 1
    assert "element,site" in spreadsheet.write_report(report)


def test_what_is_gone_or_not_there_yet_is_not_judged(world: Any) -> None:
    assert world.conformity.judge("no such image") is None


def test_governing_keeps_a_slide_held_back(world: Any) -> None:
    from hemalum.capabilities.slides.governing import Governing
    from hemalum.capabilities.slides.model import Terms

    image_id = world.new_image(organ="部位戊", stain="HE")
    world.conformity.judge(image_id)
    governing = Governing(world.cases.ledger.slides, lambda _: None)
    with pytest.raises(Conflict, match="refused"):
        governing.share(world.who("li"), image_id, "elsewhere", 3, None)
    terms = governing.govern(world.who("quality", Purpose.QUALITY), image_id, Terms("home", blinded=True))
    assert terms.held_back


def test_a_slide_is_of_the_month_in_which_its_laboratory_took_it_in(world: Any) -> None:
    taken_in = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # the first of December in Shanghai
    place = OrganisationId("in-december")
    world.access.add_organisation(place, "A hospital in December")
    image_id = world.add_image(terms=Terms(place), status="available", available_at=taken_in, generation="1")
    assert world.conformity.judge(image_id) is not None
    assert list(world.conformity.report_of(place).months) == ["2026-12"]
