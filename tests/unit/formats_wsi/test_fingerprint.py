"""A fingerprint tells how a file is laid out and nothing of whose it is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hemalum.formats.wsi.catalogue import DOMESTIC, FORMATS
from hemalum.formats.wsi.fingerprint import fingerprint
from hemalum.testing.domestic_writers.makers import MAKERS, STUBS
from hemalum.testing.domestic_writers.written import WrittenSlide
from hemalum.testing.samples import svs_ycbcr

ROOT = Path(__file__).parents[3]
SECRETS = ("SYN-0001", "H26-01234", "2026-01-02", "1700000000", "1650000000", "DAPI", "王小明", "patient")


@pytest.mark.parametrize("number", range(len(MAKERS)))
def test_structure_is_told_and_nothing_else(tmp_path: Path, number: int) -> None:
    maker: Callable[[Path], WrittenSlide] = MAKERS[number]
    written = maker(tmp_path)
    named = written.path.rename(tmp_path / f"patient_王小明{written.path.suffix}")
    told = fingerprint(str(named))
    text = json.dumps(told, ensure_ascii=False)
    assert told["reason"] is None
    assert told["structure"]
    assert told["levels"][0] == [written.levels[0].width_px, written.levels[0].height_px]
    assert told["tiles"][0][0] == len(written.levels[0].tiles) * len(written.channels or [0])
    assert told["seams"][1] < told["seams"][2]
    person = written.properties.get("person") or {}
    assert not [
        secret for secret in (*SECRETS, *person.values()) if len(str(secret)) > 2 and str(secret) in text
    ]


@pytest.mark.parametrize(("name", "write"), STUBS)
def test_what_is_not_read_says_why(tmp_path: Path, name: str, write: Callable[[Path], None]) -> None:
    write(tmp_path / name)
    told = fingerprint(str(tmp_path / name))
    assert told["reason"].endswith("export it as DICOM, SVS or TIFF with the scanner's software.")
    assert name not in json.dumps(told)


def test_other_formats_are_told_in_short(tmp_path: Path) -> None:
    told = fingerprint(str(svs_ycbcr(tmp_path).path))
    assert (told["format"], told["structure_of"], told["reason"]) == ("aperio-svs", None, None)


def test_a_damaged_file_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    written = MAKERS[6](tmp_path)
    content = written.path.read_bytes()
    written.path.write_bytes(content[: len(content) // 2])
    told = fingerprint(str(written.path))
    assert told["structure"]["blocks"][0][0] == b"PI".hex()
    assert "the file is truncated" in told["reason"] or "past its end" in told["reason"]


def test_the_table_and_its_documentation_agree() -> None:
    """docs/formats.md has a row for each format, in the same words."""
    page = (ROOT / "docs/formats.md").read_text()
    for row in DOMESTIC:
        scale = row.scale.value if row.scale else "-"
        cells = (row.name, row.maker, row.extensions, row.read, row.planes, row.channels, row.associated)
        assert f"| {' | '.join((*cells, scale, row.sure, row.missing))} |" in page
    assert len({row.name for row in FORMATS}) == len(FORMATS)
