"""DICOMweb as outsiders use it: dicomweb-client, wsidicom, DCMTK and dicom3tools."""

import io
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pydicom
import pytest
import requests
from dicomweb_client.api import DICOMwebClient
from numpy.typing import NDArray
from PIL import Image
from pydicom.uid import generate_uid

from hemalum.testing import samples
from hemalum.testing.samples import HEIGHT_PX, LOSSY_TOLERANCE, TILE_PX, WIDTH_PX
from tests.processes import run

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
EXPLICIT = "1.2.840.10008.1.2.1"


@pytest.fixture
def session(node: Any) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.headers["authorization"] = f"Bearer {node.tokens['administrator']}"
        yield made


@pytest.fixture
def client(node: Any, session: requests.Session) -> DICOMwebClient:
    return DICOMwebClient(f"{node.base}/dicomweb", session=session)


def uids_of(node: Any, name: str) -> tuple[str, str]:
    detail = node.detail(name)
    return detail["study_uid"], detail["series_uid"]


def finest(client: DICOMwebClient, study: str) -> dict[str, Any]:
    found = client.search_for_instances(study, fields=["TotalPixelMatrixColumns"])
    return max(found, key=lambda each: each["00480006"]["Value"][0])


def metadata_of(client: DICOMwebClient, study: str, series: str, instance: str) -> pydicom.Dataset:
    """A data set whose large values are fetched from the addresses that it names."""

    def fetch(_tag: str, _vr: str, uri: str) -> bytes:
        # This client names the host without its port, so the addresses that it gets lack the port too.
        place = f"{client.base_url}/studies/{uri.partition('/dicomweb/studies/')[2]}"
        return bytes(client.retrieve_bulkdata(place)[0])

    model = client.retrieve_instance_metadata(study, series, instance)
    return pydicom.Dataset.from_json(model, bulk_data_uri_handler=fetch)


def value(model: dict[str, Any], tag: str) -> Any:
    return model[tag]["Value"][0]


def image_of(frames: list[NDArray[Any]], width: int, height: int) -> NDArray[Any]:
    """Frames in DICOM's order put together and cut to size."""
    tile_width = frames[0].shape[1]
    columns = -(-width // tile_width)
    rows = [np.concatenate(frames[at : at + columns], axis=1) for at in range(0, len(frames), columns)]
    return np.concatenate(rows)[:height, :width]


# Search -------------------------------------------------------------------------------------------------


def test_studies_series_and_instances_are_found(node: Any, client: DICOMwebClient) -> None:
    study, series = uids_of(node, "ycbcr")
    found = client.search_for_studies(search_filters={"StudyInstanceUID": study})
    assert [value(each, "0020000D") for each in found] == [study]
    assert value(found[0], "00080061") == "SM"
    listed = client.search_for_series(study)
    assert [value(each, "0020000E") for each in listed] == [series]
    instances = client.search_for_instances(study, series)
    assert len(instances) == value(found[0], "00201208") == value(listed[0], "00201209")
    assert {value(each, "00083002") for each in instances} == {JPEG_BASELINE}
    filters = {"SOPClassUID": WHOLE_SLIDE, "SeriesInstanceUID": series}
    assert client.search_for_instances(search_filters=filters) != []
    assert client.search_for_instances(search_filters=filters | {"Modality": "CT"}) == []


def test_filters(node: Any, client: DICOMwebClient) -> None:
    def count(**filters: Any) -> int:
        return len(client.search_for_studies(search_filters=filters))

    one, two = uids_of(node, "ycbcr")[0], uids_of(node, "dicom")[0]
    assert count(StudyInstanceUID=[one, two]) == 2
    assert count(StudyInstanceUID=one, StudyDate="20150101-20151231") == 1
    assert count(StudyInstanceUID=one, StudyDate="20160101-") == 0
    assert count(StudyInstanceUID=one, StudyDate="-20150314") == 1
    assert count(StudyInstanceUID=one, ModalitiesInStudy="SM") == 1
    assert count(StudyInstanceUID=one, ModalitiesInStudy="CT") == 0
    assert count(PatientID="nobody") == 0
    series = client.search_for_series(search_filters={"Manufacturer": "Hema*", "StudyInstanceUID": two})
    assert len(series) == 1
    assert "00080070" in client.search_for_series(two, fields=["Manufacturer"])[0]
    assert client.search_for_series(search_filters={"Manufacturer": "hema?", "StudyInstanceUID": two}) == []


def test_paging_and_warnings(node: Any) -> None:
    def studies(**asked: Any) -> Any:
        return node.get("/dicomweb/studies", params=asked)

    whole = [value(each, "0020000D") for each in studies().json()]
    assert len(whole) == len(set(whole)) > 4
    first, rest = studies(limit=2), studies(offset=2)
    assert [value(each, "0020000D") for each in first.json() + rest.json()] == whole
    assert "additional results" in first.headers["warning"]
    assert "fuzzymatching" in studies(fuzzymatching="true").headers["warning"]
    assert "warning" not in studies().headers
    assert studies(Bogus="1").status_code == 400
    assert studies(limit="x").status_code == 400


# Metadata and frames ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ycbcr", "rgb", "deflate", "dicom", "dicom-rgb", "dicom-native"])
def test_frames_show_the_pixels_of_the_source(node: Any, client: DICOMwebClient, name: str) -> None:
    """What the metadata say and what the frames hold fit together for a reader that knows only DICOM."""
    study, series = uids_of(node, name)
    instance = value(finest(client, study), "00080018")
    dataset = metadata_of(client, study, series, instance)
    assert (dataset.TotalPixelMatrixColumns, dataset.TotalPixelMatrixRows) == (WIDTH_PX, HEIGHT_PX)
    assert (dataset.Rows, dataset.Columns) == (TILE_PX, TILE_PX)
    numbers = list(range(1, dataset.NumberOfFrames + 1))
    native = client.retrieve_instance_frames(
        study, series, instance, numbers, media_types=(("application/octet-stream", EXPLICIT),)
    )
    shape = (dataset.Rows, dataset.Columns, 3)
    frames = [np.frombuffer(each[: int(np.prod(shape))], np.uint8).reshape(shape) for each in native]
    truth = node.samples[name].levels[0][0, 0]
    assert np.abs(image_of(frames, WIDTH_PX, HEIGHT_PX) - truth.astype(float)).mean() <= (
        node.samples[name].tolerance
    )
    stored = client.retrieve_instance_frames(study, series, instance, numbers[:3])
    assert len(stored) == 3
    if dataset.PhotometricInterpretation == "YBR_FULL_422":
        seen = np.asarray(Image.open(io.BytesIO(stored[0])))
        assert np.abs(seen.astype(float) - frames[0]).max() <= 2


def test_frames_in_one_part_and_what_cannot_be_had(node: Any, client: DICOMwebClient) -> None:
    study, series = uids_of(node, "ycbcr")
    instance = value(finest(client, study), "00080018")
    base = f"/dicomweb/studies/{study}/series/{series}/instances/{instance}"
    single = node.get(f"{base}/frames/2", headers={"accept": "image/jpeg"})
    assert single.headers["content-type"].startswith("image/jpeg")
    assert Image.open(io.BytesIO(single.content)).size == (TILE_PX, TILE_PX)
    assert node.get(f"{base}/frames/2", params={"accept": "image/jpeg"}).content == single.content
    assert client.retrieve_instance_frames(study, series, instance, [2])[0] == single.content
    for frames, accept, status in [
        ("1", 'multipart/related; type="image/jp2"', 406),
        ("1,2", "image/jpeg", 406),
        ("0", "*/*", 404),
        ("99", "*/*", 404),
        ("x", "*/*", 400),
        ("1,,2", "*/*", 400),
    ]:
        assert node.get(f"{base}/frames/{frames}", headers={"accept": accept}).status_code == status
    assert node.get(f"/dicomweb/studies/{study}/series/1.2.3/metadata").status_code == 404


@pytest.mark.parametrize("accept", ["multipart/related; type=image/jpeg", "image/jpeg"])
def test_the_next_frame_comes_as_the_first_one_did(node: Any, client: DICOMwebClient, accept: str) -> None:
    """It is answered past the framework; another header makes it a request of its own."""
    at = _frames_of(node, client, "ycbcr")
    with node.client() as asking:
        first, second = (asking.get(f"{at}/{number}", headers={"accept": accept}) for number in (1, 2))
        again = asking.get(f"{at}/2", headers={"accept": accept, "x-another": "header"})
        absent = asking.get(f"{at}/99999", headers={"accept": accept})
        head = asking.head(f"{at}/2", headers={"accept": accept})
    assert first.status_code == second.status_code == again.status_code == head.status_code == 200
    assert _plain(first)[1] != _plain(second)[1]
    assert _plain(second) == _plain(again)
    assert head.headers.keys() == second.headers.keys()
    assert (absent.status_code, absent.json()["code"]) == (404, "not-found")


def test_no_frame_comes_once_the_token_has_ended(node: Any, client: DICOMwebClient) -> None:
    at = _frames_of(node, client, "ycbcr")
    token = run("token", "--data", node.data).stdout.strip()
    with httpx.Client(base_url=node.base, headers={"authorization": f"Bearer {token}"}) as asking:
        assert [asking.get(f"{at}/{number}").status_code for number in (1, 2)] == [200, 200]
        assert asking.post("/api/access/sign-out").is_success
        assert asking.get(f"{at}/2").status_code == 401


def _frames_of(node: Any, client: DICOMwebClient, name: str) -> str:
    study, series = uids_of(node, name)
    instance = finest(client, study)["00080018"]["Value"][0]
    return f"/dicomweb/studies/{study}/series/{series}/instances/{instance}/frames"


def _plain(answer: httpx.Response) -> tuple[dict[str, str], bytes]:
    """Headers and body, without the boundary that every answer has of its own."""
    found = re.search(r"boundary=\"?(\w+)", answer.headers["content-type"])
    boundary = "" if found is None else found[1]
    headers = {name: value.replace(boundary, "") for name, value in answer.headers.items()}
    return headers, answer.content.replace(boundary.encode(), b"")


def test_an_original_that_is_dicom_comes_as_its_own_bytes(node: Any, client: DICOMwebClient) -> None:
    study, series = uids_of(node, "dicom")
    originals = {pydicom.dcmread(path).SOPInstanceUID: path for path in node.samples["dicom"].paths}
    for uid, path in originals.items():
        answer = node.get(
            f"/dicomweb/studies/{study}/series/{series}/instances/{uid}",
            headers={"accept": "application/dicom"},
        )
        assert answer.content == path.read_bytes()
        frames = list(pydicom.encaps.generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=6))
        got = client.retrieve_instance_frames(study, series, uid, [1, 3])
        assert [each.rstrip(b"\0") for each in got] == [frames[0].rstrip(b"\0"), frames[2].rstrip(b"\0")]


@pytest.mark.parametrize("name", ["ycbcr", "rgb", "deflate", "fluorescence"])
def test_instances_made_for_other_formats_are_conformant(
    node: Any, client: DICOMwebClient, name: str, tmp_path: Path
) -> None:
    study, series = uids_of(node, name)
    for number, dataset in enumerate(client.iter_series(study, series)):
        path = tmp_path / f"{number}.dcm"
        pydicom.dcmwrite(path, dataset)
        assert dataset.SOPClassUID == WHOLE_SLIDE
        checked = subprocess.run(["dciodvfy", path], capture_output=True, text=True)
        errors = [line for line in checked.stderr.splitlines() if line.startswith("Error")]
        assert not errors, errors
        dumped = subprocess.run(
            ["dcmdump", "-q", "+P", "NumberOfFrames", path], capture_output=True, text=True
        )
        assert str(dataset.NumberOfFrames) in dumped.stdout


def test_bulk_data_are_where_the_metadata_say(node: Any, client: DICOMwebClient) -> None:
    study, series = uids_of(node, "ycbcr")
    instance = value(finest(client, study), "00080018")
    dataset = metadata_of(client, study, series, instance)
    assert b"acsp" in dataset.OpticalPathSequence[0].ICCProfile
    answer = node.get(
        f"/dicomweb/studies/{study}/series/{series}/instances/{instance}/bulkdata/00480105/0/00282000"
    )
    assert answer.status_code == 200
    assert b"acsp" in answer.content  # the mark of an ICC profile
    assert node.get(str(answer.url.path) + "/0/00282000").status_code == 404


# Rendered -----------------------------------------------------------------------------------------------


def test_rendered_instances_and_frames(node: Any, client: DICOMwebClient) -> None:
    study, series = uids_of(node, "deflate")
    instance = value(finest(client, study), "00080018")
    base = f"/dicomweb/studies/{study}/series/{series}/instances/{instance}"
    truth = node.samples["deflate"].levels[0][0, 0]

    def picture(path: str, **options: Any) -> NDArray[Any]:
        answer = node.get(path, headers={"accept": "image/png"}, **options)
        assert answer.status_code == 200, answer.text
        return np.asarray(Image.open(io.BytesIO(answer.content)))

    assert np.array_equal(picture(f"{base}/rendered"), truth)
    assert np.array_equal(picture(f"{base}/frames/2/rendered"), truth[:TILE_PX, TILE_PX : 2 * TILE_PX])
    part = picture(f"{base}/rendered", params={"viewport": "100,50,200,100,100,50"})
    assert np.array_equal(part, truth[100:150, 200:300])
    assert max(picture(f"{base}/rendered", params={"viewport": "64,64"}).shape[:2]) == 64
    assert node.get(f"{base}/rendered", params={"quality": "0"}).status_code == 400
    assert node.get(f"{base}/rendered", params={"viewport": "x"}).status_code == 400
    assert node.get(f"{base}/rendered", headers={"accept": "image/gif"}).status_code == 406
    for path in (f"{base}/thumbnail", f"/dicomweb/studies/{study}/thumbnail"):
        thumbnail = node.get(path, params={"viewport": "100,100"})
        assert max(Image.open(io.BytesIO(thumbnail.content)).size) == 100


def test_a_frame_of_a_channel_is_shown_in_its_colour(node: Any, client: DICOMwebClient) -> None:
    study, series = uids_of(node, "fluorescence")
    instance = value(finest(client, study), "00080018")
    answer = node.get(f"/dicomweb/studies/{study}/series/{series}/instances/{instance}/frames/1/rendered")
    assert Image.open(io.BytesIO(answer.content)).mode == "RGB"


def test_a_label_is_an_instance_for_those_who_may_see_labels(node: Any, client: DICOMwebClient) -> None:
    study, series = uids_of(node, "dicom-label")
    path = node.samples["dicom-label"].paths[-1]
    original = pydicom.dcmread(path)
    uid = original.SOPInstanceUID
    listed = {value(each, "00080018") for each in client.search_for_instances(study)}
    seen = node.get(f"/dicomweb/studies/{study}/instances", "student").json()
    assert uid in listed
    assert {value(each, "00080018") for each in seen} == listed - {uid}
    base = f"/dicomweb/studies/{study}/series/{series}/instances/{uid}"
    for tail in ("/metadata", "/frames/1", "/rendered", "/thumbnail"):
        assert node.get(base + tail).status_code == 200, tail
        assert node.get(base + tail, "student").status_code == 404
    [frame] = client.retrieve_instance_frames(study, series, uid, [1])
    [stored] = pydicom.encaps.generate_frames(original.PixelData, number_of_frames=1)
    assert frame.rstrip(b"\0") == stored.rstrip(b"\0")
    answer = node.get(base, headers={"accept": "application/dicom"})
    assert answer.content == path.read_bytes()


def test_no_browser_keeps_what_may_name_a_patient(node: Any) -> None:
    study, series = uids_of(node, "dicom-label")
    of_series = f"/dicomweb/studies/{study}/series/{series}"
    label, slide = (pydicom.dcmread(node.samples["dicom-label"].paths[at]).SOPInstanceUID for at in (-1, 0))
    named = ["/dicomweb/studies", f"{of_series}/metadata", of_series, f"{of_series}/instances/{slide}"]
    named += [f"{of_series}/instances/{label}/{tail}" for tail in ("frames/1", "rendered", "thumbnail")]
    for path in named:
        assert node.get(path).headers["cache-control"] == "private, no-store", path
    pixels = node.get(f"{of_series}/instances/{slide}/frames/1")
    assert pixels.headers["cache-control"] == "private, max-age=900"


# wsidicom -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ycbcr", "dicom"])
def test_wsidicom_opens_our_slides_over_the_web(node: Any, session: requests.Session, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library about itself
        from wsidicom import WsiDicom, WsiDicomWebClient

        study, series = uids_of(node, name)
        web = WsiDicomWebClient.create_client(f"{node.base}/dicomweb", auth=session)
        with WsiDicom.open_web(web, study, series) as slide:
            assert (slide.size.width, slide.size.height) == (WIDTH_PX, HEIGHT_PX)
            assert slide.mpp.width == pytest.approx(0.5)
            seen = np.asarray(slide.read_region((50, 40), 0, (400, 300)).convert("RGB")).astype(float)
            assert len(slide.levels) >= 2
    truth = node.samples[name].levels[0][0, 0][40:340, 50:450]
    assert np.abs(seen - truth).mean() < LOSSY_TOLERANCE


# Store --------------------------------------------------------------------------------------------------


def stored_uids(model: pydicom.Dataset, keyword: str) -> set[str]:
    return {str(item.ReferencedSOPInstanceUID) for item in getattr(model, keyword, [])}


def test_what_is_stored_becomes_a_slide(node: Any, client: DICOMwebClient, tmp_path: Path) -> None:
    sample = samples.dicom_slide(tmp_path)
    datasets = [pydicom.dcmread(path) for path in sample.paths]
    answer = client.store_instances(datasets)
    assert stored_uids(answer, "ReferencedSOPSequence") == {str(each.SOPInstanceUID) for each in datasets}
    study, series = datasets[0].StudyInstanceUID, datasets[0].SeriesInstanceUID
    assert len(client.search_for_instances(study, series)) == 2
    listed = node.get("/api/slides/images", params={"sort": "newest"}).json()["items"]
    assert [item["study_uid"] for item in listed].count(study) == 1
    again = client.store_instances(datasets)
    assert stored_uids(again, "ReferencedSOPSequence") == {str(each.SOPInstanceUID) for each in datasets}
    got = client.retrieve_instance(study, series, datasets[0].SOPInstanceUID)
    assert got.PixelData == datasets[0].PixelData
    assert not [path for path in (node.data / "incoming").iterdir() if path.name.startswith("stow")]


STORED_KIND = 'multipart/related; type="application/dicom"; boundary=b'


def multipart(parts: list[bytes], boundary: str = "b") -> bytes:
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(head + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


def store(node: Any, parts: list[bytes], study: str = "", kind: str = STORED_KIND) -> requests.Response:
    headers = {"authorization": f"Bearer {node.tokens['administrator']}", "content-type": kind}
    url = f"{node.base}/dicomweb/studies{'/' + study if study else ''}"
    return requests.post(url, multipart(parts), headers=headers, timeout=90)


def test_each_instance_has_its_own_result(node: Any, tmp_path: Path) -> None:
    good = samples.dicom_slide(tmp_path).paths[0].read_bytes()
    other = pydicom.dcmread(io.BytesIO(good))
    other.SOPClassUID = other.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, other, enforce_file_format=True)
    mixed = store(node, [good, b"not DICOM", buffer.getvalue()])
    assert mixed.status_code == 202
    assert len(mixed.json()["00081199"]["Value"]) == 1
    reasons = [value(item, "00081197") for item in mixed.json()["00081198"]["Value"]]
    assert sorted(reasons) == [0x0122, 0xC000]
    assert store(node, [b"not DICOM"]).status_code == 409
    elsewhere = store(node, [samples.dicom_slide(tmp_path).paths[0].read_bytes()], study="1.2.3")
    assert (elsewhere.status_code, value(elsewhere.json()["00081198"]["Value"][0], "00081197")) == (
        409,
        0xA900,
    )


def test_a_malformed_store_keeps_nothing(node: Any) -> None:
    assert store(node, [], kind="text/plain").status_code == 415
    assert store(node, [], kind=STORED_KIND.replace("dicom", "dicom+json")).status_code == 415
    assert store(node, []).status_code == 400
    assert store(node, [b"x"], kind=STORED_KIND.replace("=b", "=c")).status_code == 400
    assert not [path for path in (node.data / "incoming").iterdir() if path.name.startswith("stow")]


@pytest.mark.skipif(shutil.which("dcmdump") is None, reason="DCMTK is not installed")
def test_dcmtk_reads_what_we_send(node: Any, client: DICOMwebClient, tmp_path: Path) -> None:
    study, series = uids_of(node, "rgb")
    instance = value(finest(client, study), "00080018")
    path = tmp_path / "instance.dcm"
    answer = node.get(
        f"/dicomweb/studies/{study}/series/{series}/instances/{instance}",
        headers={"accept": "application/dicom"},
    )
    path.write_bytes(answer.content)
    assert int(answer.headers["content-length"]) == len(answer.content)
    dumped = subprocess.run(["dcmdump", "-q", path], capture_output=True, text=True)
    assert dumped.returncode == 0
    assert "PhotometricInterpretation" in dumped.stdout
