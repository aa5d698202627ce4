"""Where settings come from."""

from pathlib import Path

import pytest

from hemalum.kernel.errors import Invalid
from hemalum.runtime.settings import Settings, WatchedFolder, load_settings, make_folders


def test_an_embedded_node_needs_no_settings(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "node", {})
    assert settings.database_url == f"sqlite:///{tmp_path}/node/hemalum.sqlite"
    assert settings.jobs_database_url == f"sqlite:///{tmp_path}/node/jobs.sqlite"
    assert settings.blobs_url == f"file://{tmp_path}/node/blobs"
    assert settings.embedded
    make_folders(settings)
    assert (tmp_path / "node").stat().st_mode & 0o777 == 0o700
    assert settings.incoming.is_dir()


def test_the_environment_goes_before_the_file_and_the_file_before_defaults(tmp_path: Path) -> None:
    (tmp_path / "hemalum.toml").write_text(
        'originals = "store"\ningest_workers = 3\nchild_memory_mib = 512\n'
        'watch = ["/in", { path = "/other", organisation_id = "lab" }]\n'
    )
    environment = {
        "HEMALUM_INGEST_WORKERS": "5",
        "HEMALUM_JOBS_DATABASE_URL": "postgresql://db/jobs",
        "OTHER": "x",
    }
    settings = load_settings(tmp_path, environment)
    assert (settings.originals, settings.ingest_workers, settings.child_memory_mib) == ("store", 5, 512)
    assert settings.watch == (WatchedFolder(Path("/in")), WatchedFolder(Path("/other"), "lab"))
    assert not settings.embedded


@pytest.mark.parametrize(
    "text",
    [
        "nonsense = 1",
        "originals = 'move'",
        "ingest_workers = 0",
        "ingest_workers = 'x'",
        "= broken",
        "blobs_url = 5",
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "hemalum.toml").write_text(text)
    with pytest.raises(Invalid):
        load_settings(tmp_path, {})


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(Invalid, match="cannot be used"):
        make_folders(Settings(data=blocked / "node"))
