"""Real files: each ends as an available slide, or set aside with one clear sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hemalum.capabilities.slides.model import ImageStatus

SET_ASIDE = {
    "tcga-xk-aaju-01a-01-ts1_sparse.dcm",
    "RLE_Lossless-RGB-8.rle",
    "seg_image_sm_control_labelmap.dcm",
    "seg_image_sm_dots.dcm",
    "sm_annotations.dcm",
    "sr_document.dcm",
    "broken.svs",
    "unopenable.tiff",
    "unreadable.svs",
}
"""Not slides, a bare codec stream without any header, and files that must fail."""


def test_every_real_file_ends_well(node: Any, shared: Callable[[str], Path]) -> None:
    folders = [shared(name) for name in ("slides", "artefacts", "multiplex")]
    before = {path: path.stat().st_mtime_ns for folder in folders for path in folder.rglob("*")}
    received = node.slides.take_in(folders, node.actor.organisation_id)
    ends = {one.candidate.name: node.slides.wait_for(one, 240) for one in received}
    set_aside = {name for name, end in ends.items() if end.status is ImageStatus.QUARANTINED}
    assert set_aside == SET_ASIDE, {name: ends[name].reason for name in set_aside - SET_ASIDE}
    for name in set_aside:
        reason = str(ends[name].reason)
        assert reason.endswith(".")
        assert "\n" not in reason
        assert len(reason) < 200
    assert len(ends) - len(set_aside) > 45
    assert {path: path.stat().st_mtime_ns for path in before} == before
