"""The DICOM instances that ingest makes of a slide."""

import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.slides import store
from hemalum.runtime.db import reading
from hemalum.testing import samples

PATIENCE_S = 30


def _instances(node: Any, image_id: str) -> list[Any]:
    with reading(node.slides.database) as connection:
        return store.list_instances(connection, sa.true(), image_id=image_id)


def test_label_and_overview_are_instances_and_stay_when_headers_are_made_anew(
    node: Any, tmp_path: Path
) -> None:
    (summary,) = node.ingest(*samples.svs_ycbcr(tmp_path).paths)
    before = _instances(node, summary.id)
    shown = {one.image_type[2] for one in before if one.may_show_label}
    assert shown == {"LABEL", "OVERVIEW"}
    assert {one.image_type[2] for one in before if not one.may_show_label} == {"VOLUME"}
    node.slides.describe(node.actor, summary.id, {"stain": "H&E"})
    end = time.monotonic() + PATIENCE_S
    while (after := _instances(node, summary.id))[0].header_key == before[0].header_key:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert [one.sop_instance_uid for one in after] == [one.sop_instance_uid for one in before]
    with reading(node.slides.database) as connection:
        assert all("H&E" in (short or "") for short in store.list_search_json(connection, after))


def test_copies_of_an_instance_count_once(node: Any, tmp_path: Path) -> None:
    folder = tmp_path / "series"
    folder.mkdir()
    paths = samples.dicom_slide(folder).paths
    copy = folder / "zz-copy.dcm"
    copy.write_bytes(paths[0].read_bytes())
    (summary,) = node.ingest(folder)
    assert summary.reason is None
    assert len(_instances(node, summary.id)) == len(paths)
