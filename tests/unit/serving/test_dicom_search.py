"""QIDO-RS searches over instances, without a database."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.capabilities.slides.dicom_search import SearchResult, Target, search
from hemalum.capabilities.slides.model import Instance
from hemalum.formats.dicom.qido import parse_query
from hemalum.kernel.ids import ImageId

WSI = "1.2.840.10008.5.1.4.1.1.77.1.6"


def instance(study: int, series: int, number: int) -> Instance:
    return Instance(
        sop_instance_uid=f"1.{study}.{series}.{number}",
        image_id=ImageId("image"),
        study_uid=f"1.{study}",
        series_uid=f"1.{study}.{series}",
        sop_class_uid=WSI,
        transfer_syntax_uid="1.2.840.10008.1.2.4.50",
        instance_number=number,
        image_type=("ORIGINAL", "PRIMARY", "VOLUME", "NONE"),
        rows=256,
        columns=256,
        number_of_frames=4,
        level=number,
        object_number=None,
        header_key="head",
        json_key="json",
    )


EVERYTHING = [
    instance(study, series, number) for study in range(5) for series in range(2) for number in range(3)
]


class Reader:
    """Data sets on demand, and which were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        self.asked += [one.sop_instance_uid for one in instances]
        return [self._model(one) for one in instances]

    @staticmethod
    def _model(one: Instance) -> dict[str, Any]:
        return {
            "00080018": {"vr": "UI", "Value": [one.sop_instance_uid]},
            "00080060": {"vr": "CS", "Value": ["SM"]},
            "00100020": {"vr": "LO", "Value": [f"patient {one.study_uid}"]},
            "00200013": {"vr": "IS", "Value": [one.instance_number]},
        }


def find(target: Target, read: Reader | None = None, **asked: str) -> SearchResult:
    query = parse_query(asked.items())
    return search(EVERYTHING, target, query, read or Reader(), "http://node/dicomweb")


def values(result: SearchResult, tag: str) -> list[Any]:
    return [item[tag]["Value"][0] for item in result.items]


def test_counts_are_those_of_the_whole() -> None:
    studies = find(Target.STUDIES)
    assert values(studies, "00201206") == [2] * 5
    assert values(studies, "00201208") == [6] * 5
    assert values(find(Target.SERIES), "00201209") == [3] * 10
    assert len(find(Target.INSTANCES).items) == 30


def test_identity_of_a_part_finds_the_whole() -> None:
    assert values(find(Target.STUDIES, SeriesInstanceUID="1.3.1"), "0020000D") == ["1.3"]
    assert values(find(Target.STUDIES, SOPInstanceUID="1.2.1.2"), "0020000D") == ["1.2"]
    assert values(find(Target.SERIES, SOPInstanceUID="1.2.1.2"), "0020000E") == ["1.2.1"]
    assert len(find(Target.STUDIES, SOPClassUID=WSI).items) == 5
    assert find(Target.STUDIES, SOPClassUID="1.2").items == []


def test_only_what_is_shown_is_read() -> None:
    read = Reader()
    result = find(Target.STUDIES, read, limit="2", offset="1")
    assert (values(result, "0020000D"), result.remaining) == (["1.1", "1.2"], 2)
    assert len(read.asked) == 2


@given(limit=st.integers(0, 12), offset=st.integers(0, 12), by_patient=st.booleans())
def test_pages_cut_the_same_list(limit: int, offset: int, by_patient: bool) -> None:
    filters = {"PatientID": "patient*"} if by_patient else {}
    whole = values(find(Target.SERIES, **filters), "0020000E")
    page = find(Target.SERIES, **filters, limit=str(limit), offset=str(offset))
    assert values(page, "0020000E") == whole[offset : offset + limit]
    assert page.remaining == max(0, len(whole) - offset - limit)


@pytest.mark.parametrize(
    ("asked", "count"),
    [({"PatientID": "patient 1.4"}, 1), ({"PatientID": "patient 1.?"}, 5), ({"ModalitiesInStudy": "CT"}, 0)],
)
def test_attributes_are_matched(asked: dict[str, str], count: int) -> None:
    assert len(find(Target.STUDIES, **asked).items) == count


def test_what_is_returned() -> None:
    item = find(Target.INSTANCES, SOPInstanceUID="1.2.1.2").items[0]
    assert item["00081190"]["Value"] == ["http://node/dicomweb/studies/1.2/series/1.2.1/instances/1.2.1.2"]
    assert item["00083002"]["Value"] == ["1.2.840.10008.1.2.4.50"]
    assert list(item) == sorted(item)
