"""Slides of several files, one of which is opened: MIRAX with its folder, Hamamatsu VMS with its images."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hemalum.capabilities.slides.model import ImageStatus, LibraryQuery, ObjectKind
from hemalum.testing.vendors import VENDOR_MAKERS, VendorSample

type RunningNode = Any
"""`conftest.RunningNode`: test modules cannot import each other."""


@pytest.fixture(params=["mirax-mrxs", "hamamatsu-vms"])
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> VendorSample:
    folder = tmp_path / "scans"
    folder.mkdir()
    return VENDOR_MAKERS[request.param](folder)


@pytest.mark.parametrize("how", ["named", "folder", "every file named"])
@pytest.mark.parametrize("keep", [False, True])
def test_it_is_one_slide_with_all_its_files(
    node: RunningNode, sample: VendorSample, how: str, keep: bool
) -> None:
    named = {"named": [sample.path], "folder": [sample.path.parent], "every file named": sample.paths}[how]
    (summary,) = node.ingest(*named, keep=keep)
    assert summary.status is ImageStatus.AVAILABLE, summary.reason
    assert summary.name == sample.path.name
    image = node.slides.get_image(node.actor, summary.id)
    *originals, derived = image.objects
    assert derived.kind is ObjectKind.DERIVED
    assert {one.kind for one in originals} == {ObjectKind.STORED if keep else ObjectKind.LINKED}
    root = sample.path.parent
    assert [root / one.name for one in originals] == list(sample.paths)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sample.paths]
    assert [one.sha256 for one in originals] == digests
    together = "".join(f"{digest}\n" for digest in sorted(digests))
    assert summary.sha256 == hashlib.sha256(together.encode()).hexdigest()


def test_kept_it_outlives_its_files(node: RunningNode, sample: VendorSample) -> None:
    (summary,) = node.ingest(sample.path, keep=True)
    contents = [path.read_bytes() for path in sample.paths]
    shutil.rmtree(sample.path.parent)
    image = node.slides.get_image(node.actor, summary.id)
    assert [node.slides.blobs.get(one.location) for one in image.objects[:-1]] == contents


def test_the_same_slide_elsewhere_is_here_already(
    node: RunningNode, sample: VendorSample, tmp_path: Path
) -> None:
    (first,) = node.ingest(sample.path)
    shutil.copytree(sample.path.parent, tmp_path / "copy")
    (second,) = node.ingest(tmp_path / "copy")
    assert second.id == first.id
    assert node.slides.list_images(node.actor, LibraryQuery()).total == 1


def test_a_change_of_any_of_its_files_is_noticed(node: RunningNode, sample: VendorSample) -> None:
    (summary,) = node.ingest(sample.path)
    with sample.paths[-1].open("ab") as file:
        file.write(b"\n")
    assert node.changed_originals(summary.id) == [sample.paths[-1].relative_to(sample.path.parent).as_posix()]


@pytest.mark.parametrize("keep", [False, True])
def test_an_empty_file_among_its_data_does_not_keep_it_out(
    node: RunningNode, tmp_path: Path, keep: bool
) -> None:
    sample = VENDOR_MAKERS["mirax-mrxs"](tmp_path)
    (tmp_path / "mirax" / "Data0002.dat").touch()
    (summary,) = node.ingest(sample.path, keep=keep)
    assert summary.status is ImageStatus.AVAILABLE, summary.reason
    assert len(node.slides.get_image(node.actor, summary.id).objects) == len(sample.paths) + 2


def test_a_link_in_place_of_its_folder_is_not_followed(node: RunningNode, tmp_path: Path) -> None:
    sample = VENDOR_MAKERS["mirax-mrxs"](tmp_path)
    (tmp_path / "mirax").rename(tmp_path / "elsewhere")
    (tmp_path / "mirax").symlink_to(tmp_path / "elsewhere")
    (summary,) = node.ingest(sample.path)
    assert str(summary.reason) == (
        "Data0000.dat belongs to the slide and was not taken in with it: take the slide in again, once all "
        "of its files are there."
    )


def test_a_text_cannot_claim_files_of_other_folders_or_kinds(
    node: RunningNode, tmp_path: Path, write_slide: Callable[[Path, int, int], None]
) -> None:
    sample = VENDOR_MAKERS["hamamatsu-vms"](tmp_path)
    write_slide(tmp_path / "other.tif", 1, 300)
    said = sample.path.read_text()
    sample.path.write_text(
        said.replace("MacroImage=", "MacroImage=../").replace("MapFile=", "MapFile=other.tif\nMap=")
    )
    other, vms = sorted(
        node.ingest(tmp_path / "other.tif", sample.path), key=lambda one: one.name != "other.tif"
    )
    assert other.status is ImageStatus.AVAILABLE
    assert vms.status is ImageStatus.QUARANTINED
    names = [one.name for one in node.slides.get_image(node.actor, vms.id).objects]
    assert names == ["hamamatsu.vms", "hamamatsu(1,0).jpg", "hamamatsu.jpg", "hamamatsu.opt"]
