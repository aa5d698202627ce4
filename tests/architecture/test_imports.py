"""The house of DESIGN.md section 1, kept by machine."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
SLOW_OR_UNTRUSTED = {
    "highdicom",
    "imagecodecs",
    "openslide",
    "PIL",
    "pydicom",
    "scipy",
    "simplejpeg",
    "tifffile",
    "torch",
}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("hemalum", include_external_packages=True)


def test_import_contracts_hold() -> None:
    """The contracts written in pyproject.toml."""
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_across_capabilities_only_service_and_model_are_imported(graph: grimp.ImportGraph) -> None:
    """A store belongs to its own service; routes and jobs belong to nobody else."""
    prefix = "hemalum.capabilities."
    for importer in graph.modules:
        if not importer.startswith(prefix):
            continue
        own = importer.split(".")[2]
        for imported in graph.find_modules_directly_imported_by(importer):
            parts = imported.split(".")
            if not imported.startswith(prefix) or parts[2] == own:
                continue
            assert parts[3:4] in (["service"], ["model"]), f"{importer} imports {imported}"


def test_the_server_loads_no_decoder_and_no_parser() -> None:
    """What parses untrusted bytes, or costs memory, is loaded in child processes only."""
    code = (
        "import sys, hemalum.app.server, hemalum.app.registry;"
        f"print(sorted({SLOW_OR_UNTRUSTED!r} & {{name.split('.')[0] for name in sys.modules}}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_a_command_loads_nothing_of_a_web_server() -> None:
    """It would take half as long again to start."""
    of_servers = {"dbos", "fastapi", "pydantic", "starlette", "uvicorn"}
    code = f"import sys, hemalum.app.node; print(sorted({of_servers!r} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_every_capability_has_its_docstring_and_page(graph: grimp.ImportGraph) -> None:
    """`__init__` says what it is for; docs/capabilities/<name>.md tells people."""
    names = {module.split(".")[2] for module in graph.modules if module.startswith("hemalum.capabilities.")}
    assert names
    for name in names:
        source = ROOT / "src/hemalum/capabilities" / name / "__init__.py"
        assert source.read_text().startswith('"""'), name
        assert (ROOT / "docs/capabilities" / f"{name}.md").is_file(), name


@pytest.mark.parametrize("pattern", ["utils", "helpers", "common", "misc", "base"])
def test_no_room_for_what_has_no_name(graph: grimp.ImportGraph, pattern: str) -> None:
    assert not [module for module in graph.modules if module.rsplit(".", 1)[-1] == pattern]
