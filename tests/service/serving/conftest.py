"""A real node in a process of its own, with one small slide of every kind, for all tests of this folder."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from hemalum.app.node import open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import Identity
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.layers.model import LayerDraft
from hemalum.capabilities.layers.service import Layers
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.layers.cells import CellChunk
from hemalum.formats.layers.model import ValueColumn, classes_named
from hemalum.runtime.settings import Settings, load_settings
from hemalum.testing import samples
from hemalum.testing.samples import SampleSlide
from hemalum.testing.vendors import VENDOR_MAKERS
from tests.processes import READY, Process, run

PATIENCE_S = 90


@dataclass
class RunningNode:
    """The node as its clients see it, and the truth about its slides."""

    data: Path
    base: str
    tokens: dict[str, str]
    """By role: administrator, student (may only view), researcher (may also export, but see no labels),
    reviewer (manages quality), on-call (at a third hospital), outsider (all roles at another)."""
    samples: dict[str, SampleSlide] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    """Image id by name of the sample."""
    layer: str = ""
    """A layer of the sample ycbcr: three cells with an area."""
    case: dict[str, str] = field(default_factory=dict)
    """A case with a patient: ids of case, part and patient by the parameters of paths."""

    def client(self, who: str | None = "administrator") -> httpx.Client:
        headers = {} if who is None else {"authorization": f"Bearer {self.tokens[who]}"}
        return httpx.Client(base_url=self.base, headers=headers, timeout=PATIENCE_S)

    def get(self, path: str, who: str | None = "administrator", **options: Any) -> httpx.Response:
        with self.client(who) as client:
            return client.get(path, **options)

    def detail(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/api/slides/images/{self.images[name]}").json()
        return found

    def open(self, name: str, who: str = "administrator") -> dict[str, Any]:
        with self.client(who) as client:
            answer = client.post(f"/api/slides/images/{self.images[name]}/openings", json={"purpose": "care"})
        assert answer.status_code == 201, answer.text
        opened: dict[str, Any] = answer.json()
        return opened


@pytest.fixture(scope="package")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    folder = tmp_path_factory.mktemp("serving")
    settings = load_settings(folder / "node", {})
    with open_parts(settings) as parts:
        tokens = make_people(parts.access)
        made = make_samples(folder)
        with serving(settings) as base:
            running = RunningNode(settings.data, base, tokens, made)
            for name, sample in made.items():
                for received in parts.slides.take_in(list(sample.paths), "home"):
                    running.images[name] = received.image_id
            wait_until_available(parts.slides, running)
            running.layer = add_layer(parts.layers, running.images["ycbcr"])
            running.case = add_case(parts.cases, parts.access)
            yield running


@pytest.fixture(scope="package")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node that took in a folder with one slide of each scanner format by `hemalum ingest`."""
    folder = tmp_path_factory.mktemp("vendors")
    settings = load_settings(folder / "node", {})
    with open_parts(settings) as parts:
        tokens = make_people(parts.access)
    scans = folder / "scans"
    scans.mkdir()
    made = {name: make(scans) for name, make in VENDOR_MAKERS.items()}
    done = run("ingest", "--data", settings.data, "--json", scans)
    assert done.returncode == 0, done.stdout + done.stderr
    taken_in = {line["path"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert taken_in.keys() == {str(sample.path) for sample in made.values()}
    for sample in made.values():
        assert set(taken_in[str(sample.path)]["paths"]) == set(map(str, sample.paths))
    images = {name: taken_in[str(sample.path)]["image_id"] for name, sample in made.items()}
    with serving(settings) as base:
        yield RunningNode(settings.data, base, tokens, made, images)


def make_people(access: Access) -> dict[str, str]:
    access.ensure_first_people()
    access.add_person("student", "A student", "home", Role.STUDENT)
    access.add_person("researcher", "A researcher", "home", Role.RESEARCHER)
    access.add_organisation("elsewhere", "Another hospital")
    access.add_organisation("third", "A third hospital")
    access.add_person("on-call", "Somebody on call", "third", Role.ON_CALL_SPECIALIST)
    roles = (Role.ADMINISTRATOR, Role.PATHOLOGIST, Role.TECHNICIAN)
    access.add_person("outsider", "An outsider", "elsewhere", *roles)
    access.add_person("reviewer", "A reviewer", "home", Role.QUALITY_MANAGER)
    others = ("student", "researcher", "reviewer", "outsider", "on-call")
    people = {"administrator": "admin"} | {name: name for name in others}
    return {who: access.issue_token(name) for who, name in people.items()}


def make_samples(folder: Path) -> dict[str, SampleSlide]:
    makers: dict[str, Any] = {
        "ycbcr": samples.svs_ycbcr,
        "rgb": samples.svs_rgb,
        "jpeg2000": lambda where: samples.svs_jpeg2000(where, ycbcr=False),
        "deflate": samples.tiled_tiff,
        "fluorescence": samples.ome_tiff,
        "strips": samples.strip_tiff,
        "dicom": samples.dicom_slide,
        "dicom-rgb": lambda where: samples.dicom_slide(where, "RGB"),
        "dicom-label": dicom_with_label,
        "dicom-native": lambda where: samples.dicom_slide(where, "native"),
    }
    made = {}
    for name, make in makers.items():
        where = folder / name
        where.mkdir()
        made[name] = make(where)
    return made


def add_layer(layers: Layers, image_id: str) -> str:
    """Three squares of 10 px around (100, 120), (200, 120) and (300, 120), of two classes."""
    x, y = np.array([100.0, 200.0, 300.0]), np.full(3, 120.0)
    square = np.array([[-5, -5], [5, -5], [5, 5], [-5, 5]], float)
    corners = (np.stack([x, y], axis=1)[:, None] + square).reshape(-1, 2)
    areas = np.array([1.5, 2.5, np.nan])
    chunk = CellChunk(x, y, np.array([0, 1, 0]), [areas], np.full(3, 4), corners)
    layer = layers.write_cells(
        image_id,
        LayerDraft("Nuclei", "finder", "2", title_zh="细胞核"),
        classes_named(["tumour", "stroma"]),
        [chunk],
        [ValueColumn("area", "um2")],
        has_outlines=True,
    )
    return layer.id


def add_case(cases: Cases, access: Access) -> dict[str, str]:
    asked = Accession((PartAsked("biopsy", "Stomach", (("H&E",),)),), Identity("Nobody At All"))
    shown = cases.accession(access.actor_for("admin"), asked)
    assert shown.case.patient_id is not None
    return {
        "case_id": shown.case.id,
        "material_id": shown.material[0].id,
        "patient_id": shown.case.patient_id,
    }


def dicom_with_label(folder: Path) -> SampleSlide:
    """A DICOM series with its label as an instance of its own."""
    made = samples.dicom_slide(folder)
    label = pydicom.dcmread(made.path)
    label.SOPInstanceUID = label.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    label.ImageType = ["ORIGINAL", "PRIMARY", "LABEL", "NONE"]
    label.NumberOfFrames = 1
    label.TotalPixelMatrixRows = label.TotalPixelMatrixColumns = label.Rows
    frames = pydicom.encaps.generate_frames(label.PixelData, number_of_frames=20)
    label.PixelData = pydicom.encaps.encapsulate([next(frames)])
    path = folder / "label.dcm"
    pydicom.dcmwrite(path, label, enforce_file_format=True)
    return replace(made, paths=(*made.paths, path))


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Runs a node in a process of its own; gives its address."""
    process = start(settings)
    try:
        yield url_of(process)
    finally:
        process.terminate()
        code = process.wait(20)
        assert process.stdout is not None
        process.stdout.close()
    assert code == 0
    assert "Traceback" not in (settings.data / "server.log").read_text()


def start(settings: Settings) -> Process:
    with (settings.data / "server.log").open("w") as log:
        arguments = ("serve", "--data", settings.data, "--port", 0)
        return Process(*arguments, stdout=subprocess.PIPE, stderr=log)


def url_of(process: Process) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert READY in line, line
    return line.split(READY)[1].strip().rstrip("/")


def wait_until_available(slides: Slides, running: RunningNode) -> None:
    end = time.monotonic() + PATIENCE_S
    for name, image_id in running.images.items():
        while time.monotonic() < end:
            summary = slides.find_summary(image_id)
            assert summary is not None, name
            assert summary.status != "quarantined", f"{name}: {summary.reason}"
            if summary.status == "available":
                break
            time.sleep(0.05)
        else:
            raise AssertionError(f"{name} did not become available")


def names_of_slide(node: Any, name: str) -> dict[str, list[str]]:
    """What a DICOM slide is called, by the parameter of a path that names it."""
    detail = node.detail(name)
    study, series = detail["study_uid"], detail["series_uid"]
    found = node.get(f"/dicomweb/studies/{study}/series/{series}/instances").json()
    instances = [each["00080018"]["Value"][0] for each in found]
    return {"study": [study], "series": [series], "instance": instances}
