"""Archives with a model are unpacked whole, and only what may belong to a model comes out of them."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hemalum.formats.model import archive as archives
from hemalum.formats.model.archive import FREE_BYTES, unpack_model
from hemalum.formats.model.folder import read_model_folder
from hemalum.formats.model.reading import BadModel
from hemalum.testing.models import write_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "violet")


def files_of(model: Path) -> list[Path]:
    return sorted(each for each in model.rglob("*") if each.is_file())


def as_zip(model: Path, target: Path, top: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for each in files_of(model):
            file.write(each, f"{top}{each.relative_to(model)}")
    return target


def as_tar(mode: str) -> Callable[[Path, Path, str], Path]:
    def write(model: Path, target: Path, top: str = "") -> Path:
        with tarfile.open(target, mode) as file:
            file.add(model, top or ".")
        return target

    return write


@pytest.mark.parametrize("top", ["", "violet/", "models/violet-1.0.0/"])
@pytest.mark.parametrize(
    "write",
    [as_zip, as_tar("w"), as_tar("w:gz"), as_tar("w:bz2"), as_tar("w:xz")],
    ids=["zip", "tar", "gz", "bz2", "xz"],
)
def test_the_folder_comes_out_as_it_went_in(
    model: Path, tmp_path: Path, write: Callable[[Path, Path, str], Path], top: str
) -> None:
    (out := tmp_path / "out").mkdir()
    count = unpack_model(str(write(model, tmp_path / "archive", top)), str(out))
    assert count == len(files_of(model))
    assert read_model_folder(out).address == read_model_folder(model).address


def refused(archive: Path, tmp_path: Path) -> str:
    (out := tmp_path / "out").mkdir()
    with pytest.raises(BadModel) as found:
        unpack_model(str(archive), str(out))
    return str(found.value)


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "/etc/outside.txt",
        "golden/../../outside.txt",
        "golden\\..\\outside.txt",
        ".hidden",
        "with space.txt",
        "beside/model.onnx/..",
    ],
)
def test_names_that_lead_elsewhere_are_refused(model: Path, tmp_path: Path, name: str) -> None:
    archive = as_zip(model, tmp_path / "a.zip")
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(zipfile.ZipInfo(name), b"out")
    assert "cannot belong to a model" in refused(archive, tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {"a.zip", "out"}


def test_links_and_devices_are_refused(model: Path, tmp_path: Path) -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        archive = as_tar("w")(model, tmp_path / "a.tar", "")
        link = tarfile.TarInfo("weights.bin")
        link.type, link.linkname = kind, "/etc/passwd"
        with tarfile.open(archive, "a") as file:
            file.addfile(link)
        (folder := tmp_path / kind.decode()).mkdir()
        assert "weights.bin cannot belong" in refused(archive, folder)
    archive = as_zip(model, tmp_path / "a.zip")
    with zipfile.ZipFile(archive, "a") as file:
        entry = zipfile.ZipInfo("weights.bin")
        entry.external_attr = 0o120777 << 16
        file.writestr(entry, "/etc/passwd")
    assert "weights.bin cannot belong" in refused(archive, tmp_path)


def test_bombs_are_refused_before_they_fill_the_disk(model: Path, tmp_path: Path) -> None:
    archive = as_zip(model, tmp_path / "a.zip")
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros.bin", bytes(FREE_BYTES))
    assert archive.stat().st_size < FREE_BYTES // 500
    assert "far more than its size" in refused(archive, tmp_path)
    assert not any((tmp_path / "out").rglob("*"))


def test_what_says_less_than_it_holds_is_not_believed(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = as_zip(model, tmp_path / "a.zip")
    monkeypatch.setattr(archives, "FREE_BYTES", 1000)
    monkeypatch.setattr(archives, "MOST_TIMES", 0)
    entries = archives._of_zip

    def smaller(opened: zipfile.ZipFile) -> list[archives._Entry]:
        return [archives._Entry(each.name, each.is_plain, 0, each.open) for each in entries(opened)]

    monkeypatch.setattr(archives, "_of_zip", smaller)
    assert "far more than its size" in refused(archive, tmp_path)
    assert sum(each.stat().st_size for each in (tmp_path / "out").rglob("*") if each.is_file()) <= 1000


def test_too_many_files_the_same_twice_and_none_at_all(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("many", "twice", "none"):
        (tmp_path / name).mkdir()
    archive = as_zip(model, tmp_path / "many.zip")
    with monkeypatch.context() as patch:
        patch.setattr(archives, "MOST_FILES", 1)
        assert "at most 1 files" in refused(archive, tmp_path / "many")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(archive, "a") as file:
        file.writestr("LICENSE", b"another one")
    assert "LICENSE cannot belong" in refused(archive, tmp_path / "twice")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as file:
        file.writestr("readme.txt", b"nothing else")
    assert "no model.toml" in refused(tmp_path / "none.zip", tmp_path / "none")


def test_what_systems_leave_in_folders_is_left_out(model: Path, tmp_path: Path) -> None:
    archive = as_zip(model, tmp_path / "a.zip", "violet/")
    with zipfile.ZipFile(archive, "a") as file:
        for name in ("__MACOSX/violet/._model.toml", "violet/.DS_Store", "violet/golden/Thumbs.db"):
            file.writestr(name, b"left over")
    (out := tmp_path / "out").mkdir()
    assert unpack_model(str(archive), str(out)) == len(files_of(model))


@pytest.mark.parametrize(
    "content", [b"", b"no archive at all", b"\x1f\x8b" + bytes(40), b"PK\x03\x04" + bytes(40)]
)
def test_what_is_no_archive_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    assert "no .zip or .tar archive" in refused(tmp_path / "a.zip", tmp_path)


def test_a_damaged_one_says_so(model: Path, tmp_path: Path) -> None:
    damaged = io.BytesIO(as_zip(model, tmp_path / "a.zip").read_bytes())
    damaged.seek(len(damaged.getvalue()) // 2)
    damaged.write(bytes(30))
    (tmp_path / "b.zip").write_bytes(damaged.getvalue())
    assert "damaged" in refused(tmp_path / "b.zip", tmp_path)


def test_one_that_is_cut_off_gives_no_model(model: Path, tmp_path: Path) -> None:
    whole = as_tar("w:gz")(model, tmp_path / "a.tar.gz", "").read_bytes()
    (tmp_path / "b.tar.gz").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "b.tar.gz", tmp_path)
    assert not (tmp_path / "out/files.sha256").exists()


def test_one_with_a_password_says_so(model: Path, tmp_path: Path) -> None:
    archive = bytearray(as_zip(model, tmp_path / "a.zip").read_bytes())
    at = archive.index(b"PK\x01\x02")
    archive[at + 8] |= 1
    (tmp_path / "a.zip").write_bytes(archive)
    assert "cannot belong to a model" in refused(tmp_path / "a.zip", tmp_path)
