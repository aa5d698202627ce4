"""The other end of `hemalum.runtime.typesetting`: what runs inside the child process that has Typst."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any


def families() -> list[str]:
    """The fonts of the system by their families."""
    return sorted(_fonts().families())


def pdf(layout: str, data: str, files: dict[str, bytes], at: int) -> bytes | str:
    """A PDF of a layout and its data (JSON), or why there is none; `at` is its time, seconds since 1970."""
    import typst

    with tempfile.TemporaryDirectory(prefix="hemalum-print-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        main = Path(folder) / Path(layout).name
        main.write_bytes(Path(layout).read_bytes())
        try:
            made = typst.compile(
                main, root=folder, sys_inputs={"data": data}, font_paths=_fonts(), timestamp=at
            )
        except typst.TypstError as error:
            return str(error)
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> Any:
    """The fonts of the system, looked up once."""
    import typst

    return typst.Fonts()
