"""Versions are added whole or not at all, and go their way with a reason and a name."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from onnx import TensorProto, helper
from pypdf import PdfReader

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.models.commands import models as command
from hemalum.capabilities.models.model import CheckStep, Fitness, NotReleasable, Trial
from hemalum.capabilities.models.service import Models
from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import Terms
from hemalum.capabilities.slides.service import described_columns
from hemalum.formats.model.contract import Metric, Status
from hemalum.formats.model.folder import read_model_folder
from hemalum.formats.model.reading import BadModel
from hemalum.formats.model.signing import SIGNATURE_FILE, sign
from hemalum.formats.wsi.model import Level, PixelFormat, SlideDescription
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, NotFound, NotPermitted
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.ids import ImageId, OrganisationId, new_id
from hemalum.runtime.db import transaction
from hemalum.runtime.settings import load_settings
from hemalum.testing.models import TILE_PX, WEIGHTS, network_of, scoring_network, write_model

TRIAL = Trial("our biopsies of October", 80, "slides", (Metric("AUC", 0.9, 0.85, 0.94),))


@dataclass
class World:
    parts: Parts
    models: Models
    records: list[Record]
    folder: Path
    count: int = 0

    def who(self, name: str) -> Actor:
        return self.parts.access.actor_for(name)

    def model(self, edit: Callable[[str], str] = lambda text: text, **values: Any) -> Path:
        """A folder with a model that no other test has."""
        self.count += 1
        name = f"sample.violet-{self.count}"
        return write_model(
            self.folder / name, edit=lambda text: edit(text.replace("sample.violet", name)), **values
        )

    def slide(self, **described: Any) -> str:
        """An available image without pixels whose file says this."""
        plain = SlideDescription(
            "generic-tiff", (Level(PixelSize(1000, 800), 1.0),), PixelFormat(3, "uint8"), SpacingUm(0.5, 0.5)
        )
        said, now = replace(plain, **described), self.parts.slides.clock()
        image_id = ImageId(new_id())
        with transaction(self.parts.database) as connection:
            store.add_image(
                connection,
                image_id=image_id,
                terms=Terms(OrganisationId("home")),
                name="scan.svs",
                created_by=None,
                created_at=now,
                objects=[],
            )
            columns = described_columns("scan.svs", said, [], said, now)
            store.update_image(
                connection, image_id, status="available", available_at=now, generation="1", **columns
            )
        return image_id

    def told(self) -> list[str]:
        found = [each.action for each in self.records]
        self.records.clear()
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("models")
    with open_parts(load_settings(folder / "node", {})) as parts:
        access = parts.access
        access.add_organisation("elsewhere", "Another hospital")
        for name, place, role in (
            ("dev", "home", Role.MODEL_DEVELOPER),
            ("lead", "home", Role.QUALITY_MANAGER),
            ("reader", "home", Role.PATHOLOGIST),
            ("clinician", "home", Role.CLINICIAN),
            ("stranger", "elsewhere", Role.QUALITY_MANAGER),
        ):
            access.add_person(name, name.capitalize(), place, role)
        records: list[Record] = []

        def record(told: Record) -> None:
            parts.slides.record(told)
            records.append(told)

        models = replace(parts.models, slides=replace(parts.slides, record=record))
        yield World(parts, models, records, folder)


def greedy_network() -> bytes:
    """A few hundred bytes that ask for 256 GiB."""
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["plain"]),
        helper.make_node("ConstantOfShape", ["shape"], ["huge"]),
        helper.make_node("ReduceMax", ["huge"], ["most"], keepdims=0),
        helper.make_node("Add", ["plain", "most"], ["scores"]),
    ]
    constants = [
        helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3]),
        helper.make_tensor("weights", TensorProto.FLOAT, WEIGHTS.shape, WEIGHTS.ravel()),
        helper.make_tensor("shape", TensorProto.INT64, [1], [1 << 36]),
    ]
    return network_of(nodes, constants, (3, TILE_PX, TILE_PX), {"scores": (2,)})


def signed(path: Path, key: Ed25519PrivateKey) -> Path:
    signature = sign(read_model_folder(path).address, key)
    said = {"public_key": signature.public_key, "signature": signature.signature}
    (path / SIGNATURE_FILE).write_text(json.dumps(said))
    return path


def test_a_model_is_added_and_opened_again(world: World) -> None:
    path = world.model()
    world.told()
    version = world.models.add(world.who("dev"), path)
    assert world.told() == ["models.add"]
    assert (version.status, version.golden_tiles) == (Status.RESEARCH, 1)
    assert world.models.add(world.who("dev"), path) == version
    assert version in world.models.list_versions(world.who("reader"))
    assert world.models.list_versions(world.who("stranger")) == []
    with world.models.open_folder(version) as folder:
        assert folder.address == read_model_folder(path).address
        assert folder.network.read_bytes() == (path / "model.onnx").read_bytes()


def test_the_same_number_with_other_content_is_refused(world: World) -> None:
    world.models.add(world.who("dev"), world.model())
    name = f"sample.violet-{world.count}"
    other = write_model(
        world.folder / f"{name}-again",
        edit=lambda text: text.replace("sample.violet", name).replace("n = 480", "n = 481"),
    )
    with pytest.raises(Conflict, match="other content"):
        world.models.add(world.who("dev"), other)


@pytest.mark.parametrize("differs", [False, True])
def test_of_two_who_add_a_version_at_once_the_second_gets_the_first_or_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, differs: bool
) -> None:
    folder = world.model()
    other = folder
    if differs:
        name = f"sample.violet-{world.count}"
        other = write_model(
            world.folder / f"{name}-again",
            edit=lambda text: text.replace("sample.violet", name).replace("n = 480", "n = 481"),
        )
    blobs = world.models.slides.blobs
    put_file = blobs.put_file
    added = []

    def put_after_the_other(*asked: Any, **how: Any) -> Any:
        # Between the look whether it is there and the writing down, somebody else adds it.
        monkeypatch.setattr(blobs, "put_file", put_file)
        added.append(world.models.add(world.who("lead"), other))
        return put_file(*asked, **how)

    monkeypatch.setattr(blobs, "put_file", put_after_the_other)
    if differs:
        with pytest.raises(Conflict, match="other content"):
            world.models.add(world.who("dev"), folder)
    else:
        assert world.models.add(world.who("dev"), folder) == added[0]
    name = added[0].contract.identity.id
    assert [each.contract.identity.id for each in world.models.list_versions(world.who("dev"))].count(
        name
    ) == 1


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (b"nothing", "not an ONNX file"),
        (scoring_network(weights=WEIGHTS * 2), "golden tiles"),
        (scoring_network(64), "n x 3 x 64 x 64"),
        (scoring_network(weights=WEIGHTS * np.float32(np.nan)), "not a number"),
        (greedy_network(), "more memory than is allowed"),
    ],
)
def test_what_does_not_hold_is_refused_and_nothing_is_kept(world: World, network: bytes, said: str) -> None:
    before = world.models.list_versions(world.who("dev"))
    with pytest.raises(BadModel, match=said):
        world.models.add(world.who("dev"), world.model(network=network))
    assert world.models.list_versions(world.who("dev")) == before


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


def test_an_archive_is_added_step_by_step(world: World) -> None:
    folder = world.model()
    checked = world.models.add_archive(world.who("dev"), zipped(folder))
    assert [(one.step, one.is_good) for one in checked.steps] == [(each, True) for each in CheckStep]
    assert checked.version is not None
    assert checked.version.address == read_model_folder(folder).address
    again = world.models.add_archive(world.who("dev"), zipped(folder))
    assert again.version == checked.version
    with pytest.raises(NotPermitted):
        world.models.add_archive(world.who("reader"), zipped(folder))
    assert list(world.models.slides.settings.scratch.glob("model-*")) == []


def test_an_archive_with_faults_says_all_of_them_and_adds_nothing(world: World) -> None:
    def wrong(text: str) -> str:
        return text.replace('stains = ["he"]', 'stains = ["he", "nothing"]').replace(
            'class_name = "violet"', 'class_name = "blue"'
        )

    before = world.models.list_versions(world.who("dev"))
    for folder, step, said in (
        (world.model(wrong), CheckStep.CONTRACT, ["operating point balanced", "“nothing” is no term"]),
        (world.model(network=scoring_network(weights=WEIGHTS * 2)), CheckStep.NETWORK, ["golden tiles"]),
        (world.model(network=greedy_network()), CheckStep.NETWORK, ["more memory than is allowed"]),
    ):
        checked = world.models.add_archive(world.who("dev"), zipped(folder))
        assert checked.version is None
        failed = next(one for one in checked.steps if one.is_good is False)
        assert failed.step is step
        assert len(failed.problems) == len(said)
        for problem, words in zip(failed.problems, said, strict=True):
            assert words in str(problem)
        later = checked.steps[checked.steps.index(failed) + 1 :]
        assert {one.is_good for one in later} <= {None}
    folder = world.model()
    (folder / "LICENSE").unlink()
    (folder / "more.txt").write_text("not in the list")
    failed = next(
        one for one in world.models.add_archive(world.who("dev"), zipped(folder)).steps if not one.is_good
    )
    assert failed.step is CheckStep.FILES
    assert [str(one) for one in failed.problems] == [
        "The file LICENSE is missing.",
        "The file more.txt is not in the list of files.",
    ]
    (world.folder / "nothing.zip").write_bytes(b"nothing")
    first = world.models.add_archive(world.who("dev"), world.folder / "nothing.zip").steps[0]
    assert (first.step, first.is_good) == (CheckStep.ARCHIVE, False)
    assert world.models.list_versions(world.who("dev")) == before


def test_a_signature_over_something_else_is_refused(world: World) -> None:
    path = signed(world.model(), Ed25519PrivateKey.generate())
    said = json.loads((path / SIGNATURE_FILE).read_text())
    said["signature"] = "0" * 128
    (path / SIGNATURE_FILE).write_text(json.dumps(said))
    with pytest.raises(BadModel, match="not one over these files"):
        world.models.add(world.who("dev"), path)


def test_a_version_that_its_publisher_withdrew_is_not_added(world: World) -> None:
    path = world.model(lambda text: text.replace("[licence]", 'status = "withdrawn"\n\n[licence]', 1))
    with pytest.raises(Conflict, match="publisher has withdrawn"):
        world.models.add(world.who("dev"), path)


def test_the_way_to_patients(world: World) -> None:
    models, dev, lead = world.models, world.who("dev"), world.who("lead")
    key = Ed25519PrivateKey.generate()
    asks = 'name = "Apache-2.0"\nneeds_acceptance = true'
    path = signed(world.model(lambda text: text.replace('name = "Apache-2.0"', asks)), key)
    version = models.add(dev, path)
    world.told()
    models.set_status(dev, version.id, Status.SHADOW, "to be tried")
    with pytest.raises(NotPermitted):
        models.set_status(dev, version.id, Status.CLINICAL, "it is good")
    with pytest.raises(NotReleasable, match="licence"):
        models.set_status(lead, version.id, Status.CLINICAL, "it is good")
    assert models.accept_licence(dev, version.id).licence_accepted is not None
    with pytest.raises(NotReleasable, match="signed"):
        models.set_status(lead, version.id, Status.CLINICAL, "it is good")
    models.trust(lead, key.public_key().public_bytes_raw().hex(), "Sample publisher")
    with pytest.raises(NotReleasable, match="validation"):
        models.set_status(lead, version.id, Status.CLINICAL, "it is good")
    models.record_validation(dev, version.id, TRIAL)
    released = models.set_status(lead, version.id, Status.CLINICAL, "it is good")
    assert released.status is Status.CLINICAL
    with pytest.raises(NotPermitted):
        models.set_status(dev, version.id, Status.SHADOW, "a doubt")
    models.set_status(lead, version.id, Status.WITHDRAWN, "it missed a tumour")
    assert world.told() == [
        "models.set_status",
        "models.accept_licence",
        "models.trust",
        "models.record_validation",
        "models.set_status",
        "models.set_status",
    ]
    shown = models.show(lead, version.id)
    assert [one.after for one in shown.changes] == [Status.WITHDRAWN, Status.CLINICAL, Status.SHADOW]
    assert shown.changes[0].reason == "it missed a tumour"
    assert shown.validations[0].trial == TRIAL
    assert shown.publisher is not None
    with pytest.raises(Conflict):
        models.set_status(lead, version.id, Status.SHADOW, "again")


def test_who_may_not_does_not(world: World) -> None:
    version = world.models.add(world.who("dev"), world.model())
    with pytest.raises(NotPermitted):
        world.models.add(world.who("reader"), world.folder)
    with pytest.raises(NotPermitted):
        world.models.list_versions(world.who("clinician"))
    with pytest.raises(NotFound):
        world.models.show(world.who("stranger"), version.id)
    with pytest.raises(NotPermitted):
        world.models.trust(world.who("dev"), "0" * 64, "Me")


def test_trust_is_given_and_taken(world: World) -> None:
    lead, key = world.who("lead"), "ab" * 32
    world.models.trust(lead, key.upper(), "Some publisher")
    world.models.trust(lead, key, "The same")
    assert [one.name for one in world.models.list_publishers(lead) if one.public_key == key] == [
        "Some publisher"
    ]
    world.models.distrust(lead, key)
    with pytest.raises(NotFound):
        world.models.distrust(lead, key)


def test_words_of_the_laboratory_count_as_the_codes_that_they_stand_for(world: World) -> None:
    reader = world.who("reader")
    version = world.models.add(
        world.who("dev"), world.model(lambda text: text.replace('["he"]', '["he"]\norgans = ["stomach"]'))
    )
    good = world.models.fit(reader, version.id, world.slide(stain="HE染色", organ="胃"))
    assert good.verdict is Fitness.OK
    other = world.models.fit(reader, version.id, world.slide(stain="Ki-67", organ="胃"))
    assert (other.verdict, len(other.reasons)) == (Fitness.REFUSED, 1)
    unscaled = world.models.fit(reader, version.id, world.slide(stain="HE染色", spacing_um=None))
    assert unscaled.verdict is Fitness.REFUSED
    with pytest.raises(NotFound):
        world.models.fit(world.who("stranger"), version.id, world.slide())


def test_the_command_seals_signs_and_checks(world: World, tmp_path: Path) -> None:
    folder, key = world.model(sealed=False), tmp_path / "publisher.key"
    run = CliRunner()
    assert "files.sha256" in str(run.invoke(command, ["check", str(folder)]).exception)
    assert run.invoke(command, ["seal", str(folder)]).exit_code == 0
    assert run.invoke(command, ["sign", str(folder), "--key", str(key)]).exit_code == 0
    assert key.stat().st_mode & 0o077 == 0
    checked = run.invoke(command, ["check", str(folder)])
    assert checked.exit_code == 0
    assert "golden   1 tiles" in checked.output
    signature = json.loads((folder / SIGNATURE_FILE).read_text())
    assert signature["public_key"] in checked.output


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_facts_label_is_one_page(world: World, tmp_path: Path, language: str) -> None:
    from hemalum.capabilities.models.facts import print_facts
    from hemalum.runtime.typesetting import chinese_font

    if chinese_font() is None:
        pytest.skip("no font for Chinese here")
    look = 'normalisation = "reinhard"\nreinhard = { mean = [-0.5, 0, 0], spread = [0.2, 0.1, 0.1] }'
    folder = world.model(lambda text: text.replace("tile_px = 32", f"tile_px = 32\n{look}"))
    version = world.models.add(world.who("dev"), folder)
    content = print_facts(version, (), language, version.added_at)
    target = tmp_path / "facts.pdf"
    target.write_bytes(content)
    pages = PdfReader(target).pages
    assert len(pages) == 1
    text = pages[0].extract_text()
    assert ("Violet share" if language == "en" else "紫色比例") in text
    assert ("synthetic slides" if language == "en" else "合成切片") in text
    assert ("AUC" if language == "en" else "曲线下面积") in text
    assert "Reinhard" in text
    assert ("not validated for clinical use" if language == "en" else "未经临床验证") in text
