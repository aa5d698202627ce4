"""DICOM files of one series are one slide, in whatever order and company they arrive."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import ImageStatus, LibraryQuery
from hemalum.formats.dicom.series import write_series
from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.derive import complete_levels
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.source import FileSource
from hemalum.runtime.db import reading


@pytest.fixture
def series(tmp_path: Path, make_slide: Callable[..., Path]) -> list[Path]:
    """The levels of one slide as DICOM files, finest first."""
    folder = tmp_path / "series"
    folder.mkdir()
    with open_slide(make_slide(size=1100)) as slide:
        assert isinstance(slide, IndexedSlide)
        derived = tmp_path / "derived.bin"
        whole = complete_levels(slide, derived, len(slide.sources), progress=lambda *_: None)
        with FileSource(derived) as source:
            complete = IndexedSlide(whole.description, whole.index, [*slide.sources, source])
            return write_series(complete, folder)


def _instances(node: Any, image_id: str) -> list[Any]:
    with reading(node.slides.database) as connection:
        return store.list_instances(connection, sa.true(), image_id=image_id)


def test_a_folder_of_one_series_is_one_slide(node: Any, series: list[Path]) -> None:
    (summary,) = node.ingest(series[0].parent)
    assert summary.status is ImageStatus.AVAILABLE, summary.reason
    assert summary.name == "series"
    assert summary.format == "dicom"
    image = node.slides.get_image(node.actor, summary.id)
    assert {one.sop_instance_uid for one in image.objects} == {
        one.sop_instance_uid for one in _instances(node, summary.id)
    }
    assert [one.level for one in _instances(node, summary.id)] == list(range(len(series)))


def test_a_later_file_joins_its_series(node: Any, series: list[Path]) -> None:
    assert len(series) == 3
    (first,) = node.ingest(series[0])
    assert first.status is ImageStatus.AVAILABLE, first.reason
    (second,) = node.ingest(series[2])
    (third,) = node.ingest(series[1])
    assert first.id == second.id == third.id
    assert len(_instances(node, first.id)) == 3
    image = node.slides.get_image(node.actor, first.id)
    assert [level.size.width_px for level in image.description.levels] == [1100, 550, 275]
    assert node.slides.list_images(node.actor, LibraryQuery()).total == 1
    (again,) = node.ingest(series[1])
    assert again.id == first.id
    assert node.slides.list_images(node.actor, LibraryQuery()).total == 1
    assert len(list(node.slides.blobs.local_path(image.index_key).parent.parent.iterdir())) == 1


def test_files_that_arrive_together_one_by_one(node: Any, series: list[Path]) -> None:
    received = [node.slides.take_in([path], node.actor.organisation_id)[0] for path in series]
    ends = {node.slides.wait_for(one, 60).id for one in received}
    assert len(ends) == 1
    assert len(_instances(node, ends.pop())) == 3


def test_a_damaged_file_of_a_series_leaves_the_slide_alone(node: Any, series: list[Path]) -> None:
    (whole,) = node.ingest(*series[:2])
    broken = series[2]
    content = broken.read_bytes()
    broken.write_bytes(content[: len(content) - 3000])
    (other,) = node.ingest(broken)
    assert other.status is ImageStatus.QUARANTINED
    assert other.id != whole.id
    summary = node.slides.find_summary(whole.id)
    assert summary.status is ImageStatus.AVAILABLE
    assert len(_instances(node, whole.id)) == 2
