"""PDF by Typst. What people wrote goes to it as data and never as its markup.

Needs the package `typst` and, for what is written in Chinese, a font of the system that has it.
"""

import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from hemalum.kernel.errors import HemalumError

_CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "Noto Serif CJK SC",
    "SimSun",
)
_LATIN_FONTS = (
    "Noto Sans",
    "Liberation Sans",
    "Arial",
    "Noto Sans CJK SC",
    "DejaVu Sans",
    "Libertinus Serif",
)
_HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


class CannotPrint(HemalumError):
    """The node lacks what makes a PDF. The sentence says what."""

    status = 503
    code = "cannot-print"


def check_can_print() -> None:
    """Raise CannotPrint where the package is missing."""
    if find_spec("typst") is None:
        raise CannotPrint("PDFs are made with the package typst; install hemalum[reports].")


def typeset(
    layout: Path, data: Mapping[str, Any], files: Mapping[str, bytes], *, is_chinese: bool, at: datetime
) -> bytes:
    """A PDF that bears the time `at`. Takes some tenths of a second.

    `layout` is a Typst file; it finds `data` and the `fonts` to use as JSON in `sys.inputs.data`, and `files`
    beside itself. `is_chinese` puts the Chinese font first.

    Raises:
        CannotPrint: the node lacks what it takes.
    """
    check_can_print()
    import typst

    families = _families()
    chinese = [one for one in _CHINESE_FONTS if one in families]
    if not chinese and _HAN.search(msgspec.json.encode(data).decode()):
        raise CannotPrint("The node has no font for Chinese; install one, such as fonts-noto-cjk.")
    latin = [one for one in _LATIN_FONTS if one in families]
    fonts = [*chinese[:1], *latin[:1]] if is_chinese else [*latin[:1], *chinese[:1]]
    with tempfile.TemporaryDirectory(prefix="hemalum-print-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        main = Path(folder) / layout.name
        main.write_bytes(layout.read_bytes())
        inputs = {"data": msgspec.json.encode({**data, "fonts": fonts}).decode()}
        made = typst.compile(
            main, root=folder, sys_inputs=inputs, font_paths=_fonts(), timestamp=int(at.timestamp())
        )
    assert isinstance(made, bytes)
    return made


def chinese_font() -> str | None:
    """The font that Chinese is printed in; None where there is none, or nothing prints."""
    if find_spec("typst") is None:
        return None
    return next((one for one in _CHINESE_FONTS if one in _families()), None)


@cache
def _fonts() -> Any:
    """The fonts of the system, looked up once."""
    import typst

    return typst.Fonts()


@cache
def _families() -> frozenset[str]:
    return frozenset(_fonts().families())
