"""What a scanner wrote of the patient into a file: for those who care, each look recorded."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings
from hemalum.testing import samples
from hemalum.testing.domestic_writers.sdpc import write_sdpc
from hemalum.testing.samples import picture

from .conftest import RunningNode, make_people, serving, wait_until_available


@pytest.fixture(scope="module")
def sqray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node with an SDPC file that names a patient, without a label, and one whose file names nobody."""
    folder = tmp_path_factory.mktemp("clinical")
    settings = load_settings(folder / "node", {})
    with open_parts(settings) as parts:
        running = RunningNode(settings.data, "", make_people(parts.access))
        made = {
            "named": write_sdpc(folder / "a.sdpc", picture(400, 500)),
            "nameless": samples.ome_tiff_rgb(folder),
        }
        with serving(settings) as running.base:
            for name, sample in made.items():
                (received,) = parts.slides.take_in([sample.path], "home")
                running.images[name] = received.image_id
            wait_until_available(parts.slides, running)
            yield running


def ask(node: RunningNode, name: str, what: str, who: str = "administrator", purpose: str = "care") -> Any:
    path = f"/api/slides/images/{node.images[name]}/{what}"
    return node.get(path, who, headers={"x-hemalum-purpose": purpose})


def looks(node: RunningNode) -> list[dict[str, Any]]:
    with open_parts(load_settings(node.data, {})) as parts:
        written = [json.loads(raw) for raw in parts.log.read(0, 100_000)]
    return [entry for entry in written if entry["action"] == "slides.view_clinical"]


def test_whoever_cares_reads_it_and_that_is_recorded(sqray: RunningNode) -> None:
    assert sqray.detail("named")["has_clinical"]
    before = len(looks(sqray))
    answer = ask(sqray, "named", "clinical")
    assert answer.headers["cache-control"] == "private, no-store"
    fields = answer.json()["fields"]
    assert fields["sdpc.name"] == "张伟(虚构)"
    assert fields["sdpc.pathological_diagnosis"] == "慢性萎缩性胃炎"
    (entry,) = looks(sqray)[before:]
    assert entry["target"] == f"image/{sqray.images['named']}"
    assert "张伟" not in json.dumps(entry, ensure_ascii=False)


@pytest.mark.parametrize(
    ("who", "purpose", "status"),
    [
        ("administrator", "quality", 403),
        ("administrator", "research", 403),
        ("student", "teaching", 403),
        ("outsider", "care", 404),
    ],
)
def test_others_do_not(sqray: RunningNode, who: str, purpose: str, status: int) -> None:
    answer = ask(sqray, "named", "clinical", who, purpose)
    assert answer.status_code == status
    assert "张伟" not in answer.text


def test_a_file_that_names_nobody_has_nothing(sqray: RunningNode) -> None:
    assert not sqray.detail("nameless")["has_clinical"]
    assert ask(sqray, "nameless", "clinical").status_code == 404


def test_the_original_goes_only_to_those_who_may_know(sqray: RunningNode) -> None:
    refused = ask(sqray, "named", "original", "researcher", "research")
    assert refused.status_code == 403
    assert "slides.view_clinical" in refused.text
    answer = ask(sqray, "nameless", "original", "researcher", "research")
    assert answer.status_code == 200, answer.text
    assert "张伟(虚构)".encode("gbk") in ask(sqray, "named", "original").content
