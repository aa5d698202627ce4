"""What a run measured leaves as a structured report: read by highdicom, and from its tree alone."""

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pydicom
import pytest
from click.testing import CliRunner
from highdicom import sr
from pydicom.sr.codedict import codes

from hemalum.app.cli import hemalum, open_node
from hemalum.capabilities.inference.findings import density
from hemalum.capabilities.inference.model import InferenceRun
from hemalum.kernel.errors import Conflict, NotFound

from .conftest import Laboratory

NODES = """
[[findings]]
name = "largest_deposit"
measure = "extent"
class_name = "violet"
"""


@pytest.fixture(scope="module")
def cells(laboratory: Laboratory) -> InferenceRun:
    (run,) = laboratory.ran(laboratory.shipped("hemalum.nuclei"), on="nuclei")
    return run


@pytest.fixture(scope="module")
def regions(laboratory: Laboratory) -> InferenceRun:
    coded = 'colour = "#7b3fa0"\ncode = { scheme = "SCT", value = "108369006", meaning = "Neoplasm" }'
    version = laboratory.add(
        "reports-regions", lambda text: text.replace('colour = "#7b3fa0"', coded) + NODES
    )
    (run,) = laboratory.ran(version, on="nodes")
    return run


def report(laboratory: Laboratory, run: InferenceRun) -> bytes:
    _, content = laboratory.inference.export_measurements(laboratory.actor, run.id)
    return content


def groups_of(content: bytes) -> dict[str, dict[str, Any]]:
    """Measurement groups by tracking identifier, read from the tree alone as any reader of TID 1500 does."""
    found: dict[str, dict[str, Any]] = {}

    def walk(item: Any) -> None:
        for child in item.get("ContentSequence") or ():
            if child.ValueType == "CONTAINER" and code_of(child.ConceptNameCodeSequence) == "125007":
                told = group(child)
                found[told["identifier"]] = told
            walk(child)

    walk(pydicom.dcmread(io.BytesIO(content)))
    return found


def code_of(sequence: Any) -> str:
    return str(sequence[0].get("CodeValue") or sequence[0].LongCodeValue)


def group(container: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"numbers": {}, "images": [], "algorithm": {}}
    for item in container.ContentSequence:
        named = code_of(item.ConceptNameCodeSequence) if "ConceptNameCodeSequence" in item else ""
        if item.ValueType == "NUM":
            statistic = next(
                (
                    code_of(one.ConceptCodeSequence)
                    for one in item.get("ContentSequence") or ()
                    if code_of(one.ConceptNameCodeSequence) == "121401"
                ),
                "",
            )
            value = item.MeasuredValueSequence[0]
            unit = value.MeasurementUnitsCodeSequence[0]
            assert unit.CodingSchemeDesignator == "UCUM"
            told["numbers"][named, statistic] = float(value.NumericValue), unit.CodeValue
        elif named == "112039":
            told["identifier"] = item.TextValue
        elif named == "112040":
            told["uid"] = item.UID
        elif named == "121071":
            told["finding"] = code_of(item.ConceptCodeSequence)
        elif named in ("111001", "111003", "122405"):
            told["algorithm"][named] = item.TextValue
        elif named == "111002":
            told["algorithm"].setdefault(named, []).append(item.TextValue)
        elif item.ValueType in ("IMAGE", "SCOORD"):
            told["images"].append(item)
        elif named in ("use", "validated-use"):
            told[named] = code_of(item.ConceptCodeSequence)
    return told


def test_what_was_measured_of_nuclei_stands_in_the_report(
    laboratory: Laboratory, cells: InferenceRun
) -> None:
    content = report(laboratory, cells)
    groups = groups_of(content)
    measured = cells.measured
    assert measured is not None
    assert measured.cells is not None
    nuclei = groups["nuclei"]
    mean, sd = measured.cells.area_um2.mean, measured.cells.area_um2.sd
    assert nuclei["finding"] == "84640000"
    assert nuclei["numbers"]["number", ""] == (measured.cells.count, "1")
    assert nuclei["numbers"]["42798000", "373098007"] == (pytest.approx(mean.value), "um2")
    assert nuclei["numbers"]["42798000", "386136009"] == (pytest.approx(sd.value), "um2")
    assert nuclei["numbers"]["density", ""] == (
        pytest.approx(measured.cells.count / measured.looked_mm2),
        "/mm2",
    )
    candidates = groups["mitosis-candidates"]["numbers"]
    wanted = density(measured.cells.candidates or 0, measured.looked_mm2)
    assert candidates["density", ""] == (pytest.approx(wanted.value), "/mm2")
    assert candidates["density", "value-95-low"] == (pytest.approx(wanted.low), "/mm2")
    assert candidates["density", "value-95-high"] == (pytest.approx(wanted.high), "/mm2")
    assert groups["looked-at"]["numbers"]["42798000", ""] == (pytest.approx(measured.looked_mm2), "mm2")


def test_each_group_says_which_algorithm_of_which_run_it_is(
    laboratory: Laboratory, cells: InferenceRun
) -> None:
    groups = groups_of(report(laboratory, cells))
    for each in groups.values():
        algorithm = each["algorithm"]
        assert (algorithm["111001"], algorithm["111003"]) == (cells.model_id, cells.model_version)
        assert {f"run={cells.id}", f"model-address={cells.address}", f"result-digest={cells.digest}"} <= set(
            algorithm["111002"]
        )
        assert each["use"] == "research"
        assert each["validated-use"] == ("outside" if cells.outside else "within")
    uids = {name: each["uid"] for name, each in groups.items()}
    assert len(set(uids.values())) == len(uids)
    again = groups_of(report(laboratory, cells))
    assert uids == {name: each["uid"] for name, each in again.items()}, "tracked from report to report"


def test_a_place_is_a_region_of_the_slide_that_it_was_found_on(
    laboratory: Laboratory, regions: InferenceRun
) -> None:
    content = report(laboratory, regions)
    measured = regions.measured
    assert measured is not None
    found = measured.regions["largest_deposit"]
    assert found.largest is not None
    groups = groups_of(content)
    assert groups["class/violet"]["finding"] == "108369006"
    area, share = measured.areas_mm2["violet"], 100 * regions.scores["violet"]
    assert groups["class/violet"]["numbers"]["42798000", ""] == (pytest.approx(area), "mm2")
    assert groups["class/violet"]["numbers"]["share", ""] == (pytest.approx(share), "%")
    largest = groups["largest/largest_deposit"]
    assert largest["numbers"]["410668003", ""] == (pytest.approx(found.largest_mm), "mm")
    (outline,) = largest["images"]
    corners = [float(each) for each in outline.GraphicData]
    description = laboratory.parts.slides.get_image_of_any(regions.image_id).description
    assert description is not None
    um = description.measurable_um
    assert um is not None
    assert min(corners[::2]) * um.x_um == pytest.approx(found.largest.x_um, rel=1e-5)
    assert (max(corners[1::2]) - min(corners[1::2])) * um.y_um == pytest.approx(
        found.largest.height_um, rel=1e-4
    )
    base = next(one for one in laboratory.parts.slides.list_instances(regions.image_id) if one.level == 0)
    source = pydicom.dcmread(io.BytesIO(laboratory.parts.slides.read_header(base)), stop_before_pixels=True)
    (named,) = outline.ContentSequence[0].ReferencedSOPSequence
    assert named.ReferencedSOPInstanceUID == source.SOPInstanceUID


def test_highdicom_reads_it_and_it_is_nobodys_word(laboratory: Laboratory, regions: InferenceRun) -> None:
    read = sr.srread(io.BytesIO(report(laboratory, regions)))
    assert (read.VerificationFlag, read.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    assert read.PatientName == ""
    (largest,) = read.content.get_planar_roi_measurement_groups()
    (length,) = largest.get_measurements(name=codes.SCT.Length)
    assert length.unit == codes.UCUM.Millimeter
    assert regions.measured is not None
    assert length.value == pytest.approx(regions.measured.regions["largest_deposit"].largest_mm)
    assert largest.roi is not None
    assert {each.tracking_identifier for each in read.content.get_image_measurement_groups()} >= {
        "looked-at",
        "class/violet",
        "regions/largest_deposit",
    }


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")
def test_it_is_dicom_in_the_eyes_of_others(
    laboratory: Laboratory, regions: InferenceRun, cells: InferenceRun, tmp_path: Path
) -> None:
    for run in (regions, cells):
        (tmp_path / "report.dcm").write_bytes(report(laboratory, run))
        done = subprocess.run(
            ["dciodvfy", "-new", str(tmp_path / "report.dcm")], capture_output=True, text=True, timeout=60
        )
        said = (done.stderr + done.stdout).splitlines()
        assert [line for line in said if line.startswith("Error")] == []


def test_what_measured_nothing_and_what_is_not_seen_gives_no_report(laboratory: Laboratory) -> None:
    (nothing,) = laboratory.ran(laboratory.add("reports-nothing"), on="blank")
    with pytest.raises(Conflict, match="once the run is done"):
        laboratory.inference.export_measurements(laboratory.actor, nothing.id)
    (unseen,) = laboratory.ran(laboratory.in_shadow(laboratory.add("reports-unseen")))
    with pytest.raises(NotFound):
        laboratory.inference.export_measurements(laboratory.reader, unseen.id)
    shadow = groups_of(report(laboratory, unseen))
    assert {each["use"] for each in shadow.values()} == {"shadow"}


def test_the_command_writes_it(laboratory: Laboratory, regions: InferenceRun, tmp_path: Path) -> None:
    target = tmp_path / "report.dcm"
    data = ["--data", str(laboratory.parts.settings.data)]
    done = CliRunner().invoke(
        hemalum,
        ["models", "export-run", *data, "--form", "sr", "--to", str(target), regions.id],
        obj=open_node,
    )
    assert done.exit_code == 0, done.output
    assert pydicom.dcmread(target).Modality == "SR"
