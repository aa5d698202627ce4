"""PDF by Typst, in a child process. What people wrote goes to it as data and never as its markup.

Typst keeps what it read of its last documents, some hundreds of MB where reports have figures, and reads
pictures that people handed in: both in a process that may go.

Needs the package `typst` and, for what is written in Chinese, a font of the system that has it.
"""

import atexit
import logging
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from hemalum.kernel.errors import HemalumError, UnreadableSlide
from hemalum.runtime.sandbox import Limits, Workers

_LOG = logging.getLogger(__name__)
_LIMITS = Limits(cpu_s=120, stall_s=60, wall_s=60, idle_s=300)
_CHILD = "hemalum.runtime.typesetting_child"
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
    """The node lacks what makes a PDF, or could not make this one. The sentence says what."""

    status = 503
    code = "cannot-print"


def check_can_print() -> None:
    """Raise CannotPrint where the package is missing."""
    if find_spec("typst") is None:
        raise CannotPrint("PDFs are made with the package typst; install hemalum[reports].")


def typeset(
    layout: Path, data: Mapping[str, Any], files: Mapping[str, bytes], *, is_chinese: bool, at: datetime
) -> bytes:
    """A PDF that bears the time `at`. Takes some tenths of a second; one is made at a time.

    `layout` is a Typst file; it finds `data` and the `fonts` to use as JSON in `sys.inputs.data`, and `files`
    beside itself. `is_chinese` puts the Chinese font first.

    Raises:
        CannotPrint: the node lacks what it takes, or Typst failed.
    """
    check_can_print()
    families = _families()
    chinese = [one for one in _CHINESE_FONTS if one in families]
    if not chinese and _HAN.search(msgspec.json.encode(data).decode()):
        raise CannotPrint("The node has no font for Chinese; install one, such as fonts-noto-cjk.")
    latin = [one for one in _LATIN_FONTS if one in families]
    fonts = [*chinese[:1], *latin[:1]] if is_chinese else [*latin[:1], *chinese[:1]]
    asked = {
        "layout": str(layout),
        "data": msgspec.json.encode({**data, "fonts": fonts}).decode(),
        "files": dict(files),
        "at": int(at.timestamp()),
    }
    made = _call("pdf", asked)
    if not isinstance(made, bytes):
        raise _failed(made)
    return made


def chinese_font() -> str | None:
    """The font that Chinese is printed in; None where there is none, or nothing prints."""
    if find_spec("typst") is None:
        return None
    return next((one for one in _CHINESE_FONTS if one in _families()), None)


@cache
def _families() -> frozenset[str]:
    return frozenset(_call("families", {}))


@cache
def _printers() -> Workers:
    printers = Workers(1, _LIMITS, loads=_CHILD)
    atexit.register(printers.close)
    return printers


def _call(function: str, asked: Mapping[str, Any]) -> Any:
    try:
        return _printers().call(f"{_CHILD}:{function}", asked)
    except UnreadableSlide as error:
        raise _failed(error) from error


def _failed(reason: object) -> CannotPrint:
    _LOG.error("Typst made no PDF: %s", reason)
    return CannotPrint("The PDF could not be made; the log of the node says why.")
