"""Series that we make, in the hands of other people's programs; labels, in nobody's but those who may."""

import io
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openslide
import pydicom
import pytest
import requests
import sqlalchemy as sa
from dicomweb_client.api import DICOMwebClient
from numpy.typing import NDArray
from PIL import Image

from hemalum.capabilities.slides.tables import instance_table
from hemalum.runtime.db import open_database, transaction
from hemalum.testing import samples
from hemalum.testing.samples import HEIGHT_PX, WIDTH_PX

IMAGE_TYPE, INSTANCE_UID, ROWS, COLUMNS = "00080008", "00080018", "00280010", "00280011"
SHOWING_LABEL = {"LABEL", "OVERVIEW"}


def session_of(node: Any, who: str) -> requests.Session:
    made = requests.Session()
    made.headers["authorization"] = f"Bearer {node.tokens[who]}"
    return made


def client_of(node: Any, session: requests.Session) -> DICOMwebClient:
    return DICOMwebClient(f"{node.base}/dicomweb", session=session)


@pytest.fixture
def client(node: Any) -> Iterator[DICOMwebClient]:
    with session_of(node, "administrator") as session:
        yield client_of(node, session)


@pytest.fixture
def researcher(node: Any) -> Iterator[DICOMwebClient]:
    with session_of(node, "researcher") as session:
        yield client_of(node, session)


def uids_of(node: Any, name: str) -> tuple[str, str]:
    detail = node.detail(name)
    return detail["study_uid"], detail["series_uid"]


def kinds(client: DICOMwebClient, study: str) -> dict[str, str]:
    """What each instance shows, by its UID."""
    found = client.search_for_instances(study, fields=["ImageType"])
    return {each[INSTANCE_UID]["Value"][0]: each[IMAGE_TYPE]["Value"][2] for each in found}


def uid_of(client: DICOMwebClient, study: str, kind: str) -> str:
    return next(uid for uid, each in kinds(client, study).items() if each == kind)


# OpenSlide, DCMTK, dicom3tools --------------------------------------------------------------------------


@pytest.fixture
def retrieved(node: Any, client: DICOMwebClient, tmp_path: Path) -> Path:
    """A series made for an SVS file, retrieved as files."""
    study, series = uids_of(node, "ycbcr")
    folder = tmp_path / "series"
    folder.mkdir()
    for uid in kinds(client, study):
        path = f"/dicomweb/studies/{study}/series/{series}/instances/{uid}"
        answer = node.get(path, headers={"accept": "application/dicom"})
        assert int(answer.headers["content-length"]) == len(answer.content)
        (folder / f"{uid}.dcm").write_bytes(answer.content)
    return folder


def test_openslide_sees_the_source_in_what_we_made_of_it(node: Any, retrieved: Path) -> None:
    with (
        openslide.OpenSlide(node.samples["ycbcr"].path) as source,
        openslide.OpenSlide(next(retrieved.iterdir())) as made,
    ):
        assert made.properties["openslide.vendor"] == "dicom"
        assert made.dimensions == source.dimensions == (WIDTH_PX, HEIGHT_PX)
        assert float(made.properties["openslide.mpp-x"]) == pytest.approx(0.5)
        for level, size in enumerate(source.level_dimensions):
            other = made.level_dimensions.index(size)
            one = np.asarray(source.read_region((0, 0), level, size))
            two = np.asarray(made.read_region((0, 0), other, size))
            assert np.array_equal(one, two), f"level {level}"
        assert set(made.associated_images) >= {"label", "macro"}
        assert made.associated_images["label"].size == source.associated_images["label"].size


def test_conformance_of_every_instance(retrieved: Path) -> None:
    files = sorted(retrieved.iterdir())
    assert {pydicom.dcmread(path).ImageType[2] for path in files} == {"VOLUME"} | SHOWING_LABEL
    for path in files:
        checked = subprocess.run(["dciodvfy", path], capture_output=True, text=True)
        assert [line for line in checked.stderr.splitlines() if line.startswith("Error")] == []
        dumped = subprocess.run(
            ["dcmdump", "-q", "+P", "SOPInstanceUID", path], capture_output=True, text=True
        )
        assert (dumped.returncode, path.stem in dumped.stdout) == (0, True)


# Labels -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ycbcr", "dicom-label"])
def test_without_permission_labels_and_overviews_do_not_exist(
    node: Any, client: DICOMwebClient, researcher: DICOMwebClient, name: str
) -> None:
    study, series = uids_of(node, name)
    everything = kinds(client, study)
    hidden = {uid for uid, kind in everything.items() if kind in SHOWING_LABEL}
    left = everything.keys() - hidden
    assert hidden
    assert left
    assert kinds(researcher, study).keys() == left
    for uid in hidden:
        assert researcher.search_for_instances(study, search_filters={"SOPInstanceUID": uid}) == []
    (found,) = researcher.search_for_studies(search_filters={"StudyInstanceUID": study})
    assert found["00201208"]["Value"] == [len(left)]
    (found,) = researcher.search_for_series(study)
    assert found["00201209"]["Value"] == [len(left)]
    for listed in (
        researcher.retrieve_study_metadata(study),
        researcher.retrieve_series_metadata(study, series),
    ):
        assert {each[INSTANCE_UID]["Value"][0] for each in listed} == left
    assert {each.SOPInstanceUID for each in researcher.iter_study(study)} == left
    assert {each.SOPInstanceUID for each in researcher.iter_series(study, series)} == left
    assert {each.SOPInstanceUID for each in client.iter_series(study, series)} == everything.keys()
    for uid in hidden:
        base = f"/dicomweb/studies/{study}/series/{series}/instances/{uid}"
        for tail in ("", "/metadata", "/frames/1", "/rendered", "/frames/1/rendered", "/thumbnail"):
            headers = {"accept": "application/dicom" if tail == "" else "*/*"}
            assert node.get(base + tail, headers=headers).status_code == 200, tail
            assert node.get(base + tail, "researcher", headers=headers).status_code == 404, tail
        assert node.get(f"{base}/bulkdata/00480105/0/00282000", "researcher").status_code == 404


@pytest.mark.parametrize(("kind", "address"), [("LABEL", "label"), ("OVERVIEW", "macro")])
def test_a_label_that_we_made_an_instance_of(
    node: Any, client: DICOMwebClient, kind: str, address: str
) -> None:
    study, series = uids_of(node, "ycbcr")
    uid = uid_of(client, study, kind)
    truth = node.get(f"/api/slides/images/{node.images['ycbcr']}/{address}").content
    pixels = np.asarray(Image.open(io.BytesIO(truth)).convert("RGB"))
    [stored] = client.retrieve_instance_frames(study, series, uid, [1])
    assert stored == truth
    model = client.retrieve_instance_metadata(study, series, uid)
    assert (model[ROWS]["Value"][0], model[COLUMNS]["Value"][0]) == pixels.shape[:2]
    native = (("application/octet-stream", "1.2.840.10008.1.2.1"),)
    [samples] = client.retrieve_instance_frames(study, series, uid, [1], media_types=native)
    assert samples[: pixels.size] == pixels.tobytes()
    whole = client.retrieve_instance(study, series, uid)
    [frame] = pydicom.encaps.generate_frames(whole.PixelData, number_of_frames=1)
    assert frame[: len(truth)] == truth
    base = f"/dicomweb/studies/{study}/series/{series}/instances/{uid}"
    assert np.array_equal(picture(node, f"{base}/rendered"), pixels)
    assert max(picture(node, f"{base}/thumbnail?viewport=64,64").shape) == 64


def picture(node: Any, path: str) -> NDArray[Any]:
    answer = node.get(path, headers={"accept": "image/png, */*;q=0.1"})
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)))


# wsidicom -----------------------------------------------------------------------------------------------


def test_wsidicom_reads_label_and_overview_over_the_web(node: Any) -> None:
    with session_of(node, "administrator") as session, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library about itself
        from wsidicom import WsiDicom, WsiDicomWebClient

        study, series = uids_of(node, "ycbcr")
        web = WsiDicomWebClient.create_client(f"{node.base}/dicomweb", auth=session)
        with WsiDicom.open_web(web, study, series) as slide:
            assert len(slide.levels) == len(node.detail("ycbcr")["levels"])
            label = np.asarray(slide.read_label().convert("RGB"))
            overview = np.asarray(slide.read_overview().convert("RGB"))
            seen = np.asarray(slide.read_region((0, 0), 0, (WIDTH_PX, HEIGHT_PX)).convert("RGB"))
    with openslide.OpenSlide(node.samples["ycbcr"].path) as source:
        truth = np.asarray(source.read_region((0, 0), 0, source.dimensions).convert("RGB"))
        assert label.shape[1::-1] == source.associated_images["label"].size
        assert overview.shape[1::-1] == source.associated_images["macro"].size
    assert np.abs(seen.astype(float) - truth).max() <= 1


# Large and old data sets --------------------------------------------------------------------------------


def test_large_metadata_come_whole_and_searches_leave_them_out(
    client: DICOMwebClient, tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(samples.dicom_slide(tmp_path).path)
    dataset.LongCodeValue = "long " * 500_000
    dataset.OpticalPathSequence[0].ICCProfile = bytes(1000)
    client.store_instances([dataset])
    study, series, uid = dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID
    model = client.retrieve_instance_metadata(study, series, uid)
    assert model["00080119"]["Value"] == [dataset.LongCodeValue.rstrip()]
    address = model["00480105"]["Value"][0]["00282000"]["BulkDataURI"]
    assert address.endswith(
        f"/dicomweb/studies/{study}/series/{series}/instances/{uid}/bulkdata/00480105/0/00282000"
    )
    (found,) = client.search_for_instances(study, fields=["all"])
    assert found["00480105"] == model["00480105"]
    assert "00080119" not in found


def test_instances_from_before_searches_had_data_sets_of_their_own(node: Any, client: DICOMwebClient) -> None:
    study, _ = uids_of(node, "rgb")
    before = client.search_for_instances(study, fields=["ImageType", "Manufacturer"])
    database = open_database(f"sqlite:///{node.data / 'hemalum.sqlite'}")
    with transaction(database) as connection:
        of_study = sa.update(instance_table).where(instance_table.c.study_uid == study)
        assert connection.execute(of_study.values(search_json=None)).rowcount == len(before)
    database.dispose()
    assert client.search_for_instances(study, fields=["ImageType", "Manufacturer"]) == before
