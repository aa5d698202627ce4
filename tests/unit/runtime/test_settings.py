"""Where settings come from."""

from pathlib import Path

import pytest

from hemalum.kernel.errors import Invalid
from hemalum.runtime.blob_store import open_blob_store
from hemalum.runtime.crypto.node_keys import open_node_keys
from hemalum.runtime.db import open_database
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
        "dicom_clinical = 2",
        "dicom_clinical = 'maybe'",
        "ingest_workers = true",
        "ingest_workers = inf",
        "ingest_workers = 2.5",
        "general_basis = 5",
        "general_basis = [5]",
        "general_basis = [['care']]",
        "watch = 5",
        "watch = [5]",
        "watch = [{ path = 5 }]",
        "watch = [{ path = '/in', organisation_id = 5 }]",
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


def test_a_settings_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hemalum.toml").write_text("")

    def read_text(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", read_text)
    with pytest.raises(Invalid, match="cannot be read"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "environment", "clinical"),
    [
        ("", {}, False),
        ("dicom_clinical = true", {}, True),
        ("dicom_clinical = false", {}, False),
        ("", {"HEMALUM_DICOM_CLINICAL": "true"}, True),
        ("dicom_clinical = true", {"HEMALUM_DICOM_CLINICAL": "false"}, False),
        ("", {"HEMALUM_DICOM_CLINICAL": "1"}, True),
    ],
)
def test_what_is_true_or_false(
    tmp_path: Path, text: str, environment: dict[str, str], clinical: bool
) -> None:
    (tmp_path / "hemalum.toml").write_text(text)
    assert load_settings(tmp_path, environment).dicom_clinical is clinical


def test_a_data_directory_may_be_called_anything(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "50%20 #1? 切片", {})
    make_folders(settings)
    open_blob_store(settings.blobs_url).put("a/b", [b"blob"])
    assert (settings.data / "blobs").is_dir()
    assert open_blob_store(settings.blobs_url).get("a/b") == b"blob"
    for url in (settings.database_url, settings.jobs_database_url):
        with open_database(url).connect():
            pass
    assert {path.name for path in settings.data.glob("*.sqlite")} == {"hemalum.sqlite", "jobs.sqlite"}
    open_node_keys(settings.node_key, "", make=True)
    assert [path.name for path in settings.keys.iterdir()] == ["node"]


@pytest.mark.parametrize(
    ("text", "environment", "devices"),
    [
        ("", {}, "auto"),
        ('model_devices = "cpu"', {}, "cpu"),
        ("model_devices = [1, 0, 1]", {}, (1, 0)),
        ('model_devices = "2"', {}, (2,)),
        ("", {"HEMALUM_MODEL_DEVICES": "0, 3"}, (0, 3)),
    ],
)
def test_devices_that_models_run_on(
    tmp_path: Path, text: str, environment: dict[str, str], devices: object
) -> None:
    (tmp_path / "hemalum.toml").write_text(text)
    assert load_settings(tmp_path, environment).model_devices == devices


@pytest.mark.parametrize("stated", ['"gpu"', '"0,x"', '"-1"', "[]", "[true]", "[0.5]", "0", '"²"'])
def test_what_is_no_number_of_a_device(tmp_path: Path, stated: str) -> None:
    (tmp_path / "hemalum.toml").write_text(f"model_devices = {stated}")
    with pytest.raises(Invalid, match="auto, cpu, or numbers"):
        load_settings(tmp_path, {})
