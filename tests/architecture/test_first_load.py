"""What a browser fetches before the first page, and before the first slide, stays small."""

import re
import zlib
from pathlib import Path

import pytest

BUILT = Path(__file__).parents[2] / "src" / "hemalum" / "app" / "web"
ENTRY_MOST_BYTES = 150_000
VIEWER_MOST_BYTES = 130_000

pytestmark = pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason="the web app is not built")


def packed_bytes(file: Path) -> int:
    return len(zlib.compress(file.read_bytes(), 9))


def named(name: str) -> list[Path]:
    return sorted((BUILT / "assets").glob(f"{name}-*.js"))


def entry_files() -> list[Path]:
    html = (BUILT / "index.html").read_text()
    return [BUILT / path for path in re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', html)]


def test_the_shell_is_small() -> None:
    texts = max(map(packed_bytes, named("shell")))
    sizes = {file.name: packed_bytes(file) for file in entry_files()}
    assert sum(sizes.values()) + texts <= ENTRY_MOST_BYTES, sizes


def test_nothing_of_a_menu_or_a_viewer_is_in_the_shell() -> None:
    entry = "".join(file.read_text() for file in entry_files())
    assert "react-aria-Popover" not in entry
    assert "openseadragon" not in entry.lower()


def test_the_viewer_is_small() -> None:
    (page,) = named("ViewerPage")
    engines = [file for file in (BUILT / "assets").glob("*.js") if "OpenSeadragon" in file.read_text()]
    sizes = {file.name: packed_bytes(file) for file in (page, max(engines, key=packed_bytes))}
    assert sum(sizes.values()) <= VIEWER_MOST_BYTES, sizes
