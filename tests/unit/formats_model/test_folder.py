"""A folder is a model when every promise in it holds, and whatever does not is said in one sentence."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemalum.formats.model.contract import Activation, Status, Task
from hemalum.formats.model.folder import LIST_FILE, read_model_folder, seal_folder
from hemalum.formats.model.reading import BadModel, read_contract
from hemalum.formats.model.signing import check_signature, read_signature, sign
from hemalum.testing.models import SAMPLE_TOML, write_model


def refused(path: Path) -> str:
    """What is said of a folder that is no model."""
    with pytest.raises(BadModel) as caught:
        read_model_folder(path)
    return str(caught.value)


def misread(text: str) -> str:
    """What is said of a model.toml that keeps no contract."""
    with pytest.raises(BadModel) as caught:
        read_contract(text.encode())
    return str(caught.value)


def test_a_folder_is_read(tmp_path: Path) -> None:
    folder = read_model_folder(write_model(tmp_path / "model"))
    contract = folder.contract
    assert (contract.identity.id, contract.task, contract.identity.status) == (
        "sample.violet",
        Task.TILE_SCORE,
        Status.RESEARCH,
    )
    assert contract.outputs[0].activation is Activation.SOFTMAX
    assert contract.stains == ("he",)
    assert folder.network.name == "model.onnx"
    assert folder.signature is None


def test_the_address_is_of_every_byte_and_of_nothing_else(tmp_path: Path) -> None:
    one, other = write_model(tmp_path / "one"), write_model(tmp_path / "other")
    os.utime(other / "LICENSE", (0, 0))
    address = read_model_folder(one).address
    assert read_model_folder(other).address == address
    assert hashlib.sha256((one / LIST_FILE).read_bytes()).hexdigest() == address
    (other / "LICENSE").write_text("another one")
    assert seal_folder(other) != address


def test_sha256sum_checks_the_list(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    subprocess.run(["sha256sum", "--check", "--strict", LIST_FILE], cwd=folder, check=True)


def test_a_changed_missing_or_added_file_is_named(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    network = folder / "model.onnx"
    content = network.read_bytes()
    network.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert "model.onnx is not the one of the list" in refused(folder)
    network.unlink()
    assert "model.onnx is missing" in refused(folder)
    network.write_bytes(content)
    (folder / "extra.bin").write_bytes(b"x")
    assert "extra.bin is not in the list" in refused(folder)


def test_a_file_that_the_contract_names_must_be_there(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", edit=lambda text: text.replace("golden/1.png", "golden/2.png"))
    assert "names the file golden/2.png" in refused(folder)


def test_nothing_outside_of_the_folder_belongs_to_it(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", sealed=False)
    (folder / "passwords").symlink_to("/etc/passwd")
    with pytest.raises(BadModel, match="passwords cannot belong"):
        seal_folder(folder)
    folder = write_model(
        tmp_path / "other", edit=lambda text: text.replace('"model.onnx"', '"../model/model.onnx"')
    )
    assert "which is not in its folder" in refused(folder)


def test_an_empty_folder_and_a_list_that_is_none(tmp_path: Path) -> None:
    assert "model.toml cannot be read" in refused(tmp_path)
    folder = write_model(tmp_path / "model")
    (folder / LIST_FILE).write_text("nothing\n")
    assert "names no file" in refused(folder)
    (folder / LIST_FILE).unlink()
    assert "not sealed: it has no files.sha256" in refused(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("contract =", "contract :", "is not TOML"),
        ('contract = "1.0"', 'contract = "2.0"', "does not begin with"),
        ('task = "tile-score"', 'task = "oracle"', "does not keep the contract"),
        ("tile_px = 32", 'tile_px = "32"', "$.input.tile_px"),
        ("um_per_px = 0.5", "um_per_px = 0", "$.input.um_per_px"),
        ("um_per_px = 0.5", "um_per_px = inf", "/input/um_per_px is not a finite number"),
        ("below = 0.55", "below = 0.55\nabove = 1", "no field /abstain/above"),
        ('stains = ["he"]', 'stains = ["hee"]', "“hee” is no term"),
        ('stains = ["he"]', 'stains = ["H&E"]', "“H&E” is no term of the metadata profile (stain)"),
        ('id = "sample.violet"', 'id = "Sample Violet"', "$.identity.id is written as in “county.tumour”"),
        ('version = "1.0.0"', 'version = "1.0"', "$.identity.version is written as in “1.2.0”"),
        ('colour = "#7b3fa0"', 'colour = "violet"', "is written as in “#7b3fa0”"),
        ("tile_px = 32", "tile_px = 32\ncontext_px = 16", "Nothing of the tile is left"),
        ("tile_px = 32", "tile_px = 32\nstride_px = 33", "would lie between tiles"),
        ("tile_px = 32", 'tile_px = 32\nnormalisation = "macenko"', "[input.macenko]"),
        ("tile_px = 32", 'tile_px = 32\nnormalisation = "reinhard"', "[input.reinhard]"),
        (
            "tile_px = 32",
            "tile_px = 32\nmacenko = { haematoxylin = [1, 1, 0], eosin = [0, 1, 0], strengths = [1, 1] }",
            "have the length 1",
        ),
        ('class_name = "violet"', 'class_name = "green"', "for an output that is not there"),
        ('[abstain]\noutput = "scores"', '[abstain]\noutput = "score"', "for an output that is not there"),
        ('name = "other"', 'name = "violet"', "Two classes"),
        ('task = "tile-score"', 'task = "slide-head"', "not given this kind of input"),
        ('file = "model.onnx"', 'file = "model.onnx"\nruntime = "pickle"', "No runtime"),
    ],
)
def test_what_is_wrong_in_a_contract_is_said(old: str, new: str, said: str) -> None:
    assert old in SAMPLE_TOML
    assert said in misread(SAMPLE_TOML.replace(old, new, 1))


def test_a_signature_holds_for_one_version_alone(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    address = read_model_folder(folder).address
    signature = sign(address, Ed25519PrivateKey.generate())
    check_signature(address, signature)
    with pytest.raises(BadModel, match="not one over these files"):
        check_signature("0" * 64, signature)
    with pytest.raises(BadModel, match="holds no signature"):
        read_signature(b'{"public_key": "me"}')
