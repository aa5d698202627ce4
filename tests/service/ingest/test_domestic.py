"""Slides of Chinese scanners on a node: linked in place, or named when not read; patients kept apart."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import ImageStatus, Problem
from hemalum.capabilities.slides.routes.answers import detail_of
from hemalum.capabilities.slides.tables import image_table
from hemalum.runtime.db import reading
from hemalum.testing.domestic_writers.kfb import write_kfb
from hemalum.testing.domestic_writers.kfbf import write_kfbf
from hemalum.testing.domestic_writers.mdsx import write_mdsx
from hemalum.testing.domestic_writers.sdpc import write_sdpc
from hemalum.testing.domestic_writers.stubs import write_tmap, write_tron
from hemalum.testing.domestic_writers.zyp import write_zyp
from hemalum.testing.samples import picture
from tests.processes import run

PICTURE = picture(700, 900)
GREYS = [picture(700, 900, seed)[:, :, 1:2] for seed in range(3)]


def test_they_open_in_place(node: Any, tmp_path: Path) -> None:
    pytest.importorskip("av")
    folder = tmp_path / "originals"
    folder.mkdir()
    written = [
        write_kfb(folder / "a.kfb", PICTURE, label=picture(60, 80)),
        write_kfbf(folder / "b.kfbf", GREYS),
        write_mdsx(folder / "c.mdsx", PICTURE, macro=picture(60, 160)),
        write_sdpc(folder / "d.sdpc", PICTURE, label=picture(60, 80)),
        write_sdpc(folder / "e.dyqx", PICTURE, codec="hevc"),
        write_zyp(folder / "f.zyp", PICTURE),
    ]
    taken = node.ingest(folder)
    assert [one.reason for one in taken] == [None] * len(written)
    for summary, slide in zip(taken, written, strict=True):
        image = node.slides.get_image(node.actor, summary.id)
        assert image.objects[0].kind == "linked"
        assert (summary.width_px, summary.height_px) == (slide.levels[0].width_px, slide.levels[0].height_px)
        assert summary.has_label == ("label" in slide.associated)
        assert summary.study_uid is not None  # it has a DICOM face


def test_what_is_not_read_is_quarantined_with_what_to_do(node: Any, tmp_path: Path) -> None:
    write_tmap(tmp_path / "a.tmap", "07")
    write_tron(tmp_path / "b.tron", 3)
    for taken in node.ingest(tmp_path / "a.tmap", tmp_path / "b.tron"):
        assert taken.status is ImageStatus.QUARANTINED
        assert str(taken.reason).endswith("export it as DICOM, SVS or TIFF with the scanner's software.")


def test_what_a_file_says_of_the_patient_is_in_no_answer(node: Any, tmp_path: Path) -> None:
    written = write_sdpc(tmp_path / "a.sdpc", PICTURE, label=picture(60, 80))
    (taken,) = node.ingest(written.path)
    image = node.slides.get_image(node.actor, taken.id)
    # The day of the report is that of the scan as well, and sex and age are single digits.
    person = [
        str(one) for one in written.properties["person"].values() if len(str(one)) > 2 and one != "2026-01-02"
    ]
    secrets = [*person, written.properties["barcode"]]
    kept = json.loads(node.slides.blobs.get(image.clinical_key))
    assert set(secrets) <= set(kept.values())
    answer = detail_of(image, (), (), ()).model_dump_json()
    assert not [secret for secret in secrets if secret in answer]
    with reading(node.slides.database) as connection:
        row = connection.execute(sa.select(image_table).where(image_table.c.id == taken.id)).one()
        assert not [secret for secret in secrets if secret in str(row)]
        instances = store.list_instances(connection, sa.true(), image_id=taken.id)
    assert len(instances) >= 2
    for instance in instances:
        for key in (instance.header_key, instance.json_key):
            stored = node.slides.blobs.get(key)
            assert not [secret for secret in secrets if secret.encode() in stored]


def test_an_unverified_scale_waits_for_a_person(node: Any, tmp_path: Path) -> None:
    written = write_sdpc(tmp_path / "a.sdpc", PICTURE)
    content = bytearray(written.path.read_bytes())
    struct.pack_into("<d", content, 0x4C, 2 * written.spacing_um)
    written.path.write_bytes(content)
    (taken,) = node.ingest(written.path)
    image = node.slides.get_image(node.actor, taken.id)
    assert image.description.scale_trust == "unverified"
    assert Problem.UNVERIFIED in [finding.problem for finding in image.findings]
    stated = node.slides.describe(node.actor, taken.id, {"spacing_um": written.spacing_um})
    assert stated.description.scale_trust == "stored"
    assert Problem.UNVERIFIED not in [finding.problem for finding in stated.findings]


def test_hemalum_formats_lists_and_reports(tmp_path: Path) -> None:
    assert "KFB (KFBIO 江丰): in place; no real file seen" in run("formats").stdout
    rows = run("formats", "--json")
    assert {json.loads(line)["name"] for line in rows.stdout.splitlines()} >= {"KFB", "MDSX", "TMAP 06, 07"}
    written = write_kfb(tmp_path / "王小明.kfb", PICTURE)
    told = run("formats", "report", written.path).stdout
    assert json.loads(told)["structure"]["tiles"] == written.properties["tile_count"]
    assert "王小明" not in told
    assert "SYN" not in told
