"""PDFs are made in a child process: what fails there is told, and the next one is made."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hemalum.runtime import typesetting
from hemalum.runtime.typesetting import CannotPrint, typeset

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


def layout(folder: Path, text: str) -> Path:
    path = folder / "layout.typ"
    path.write_text(f"#let told = json(bytes(sys.inputs.data))\n{text}")
    return path


def made(path: Path, **files: bytes) -> bytes:
    return typeset(path, {"name": "Ada"}, files, is_chinese=False, at=AT)


def test_the_same_is_made_of_the_same(tmp_path: Path) -> None:
    path = layout(tmp_path, "= #told.name")
    first = made(path)
    assert first.startswith(b"%PDF-")
    assert made(path) == first


@pytest.mark.parametrize("text", ['#panic("the roof leaks")', '#image("the-roof-leaks.png")'])
def test_what_typst_refuses_is_told_and_the_next_is_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(CannotPrint, match="could not be made"):
        made(layout(tmp_path, text))
    assert "roof" in caplog.text
    assert made(layout(tmp_path, "#told.name")).startswith(b"%PDF-")


def test_a_picture_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotPrint):
        made(layout(tmp_path, '#image("picture.jpg")'), **{"picture.jpg": b"\xff\xd8\xff" + bytes(99)})


def test_of_a_child_that_died_the_next_is_another(tmp_path: Path) -> None:
    path = layout(tmp_path, "#told.name")
    first = made(path)
    with pytest.raises(CannotPrint):
        typesetting._call("os:abort", {})
    assert made(path) == first
