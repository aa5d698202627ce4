"""Contracts in the forms of others have what these forms require, in their order."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import msgspec
import pytest

from hemalum.formats.model.contract import Contract, schema
from hemalum.formats.model.exports import CHAI_NAMESPACE, chai_card, monai_metadata
from hemalum.formats.model.reading import read_contract
from hemalum.testing.models import SAMPLE_TOML

PUBLISHED = Path(__file__).parents[3] / "docs/reference/model.schema.json"
MONAI_REQUIRED = {
    "schema",
    "version",
    "monai_version",
    "pytorch_version",
    "numpy_version",
    "required_packages_version",
    "task",
    "description",
    "authors",
    "copyright",
    "network_data_format",
}
MONAI_TENSOR = {"type", "format", "num_channels", "spatial_shape", "dtype", "value_range"}
"""What meta_schema_20240725.json requires of a bundle, and of each tensor."""

HEAD = """
contract = "1.0"
task = "slide-head"
[identity]
id = "head"
version = "1.0.0"
name = "Head"
publisher = "P"
[licence]
name = "MIT"
[features]
encoder = "encoder"
dimensions = 384
[[outputs]]
name = "risk"
spatial = "slide"
title = "Risk"
[use]
purpose = "Tests."
[golden]
"""


def contracts() -> list[Contract]:
    return [read_contract(text.encode()) for text in (SAMPLE_TOML, HEAD)]


def test_the_published_schema_is_that_of_the_code() -> None:
    assert json.loads(PUBLISHED.read_text()) == schema()
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("contract", contracts(), ids=lambda one: one.identity.id)
def test_the_schema_takes_what_the_reader_takes(contract: Contract) -> None:
    plain = msgspec.json.decode(msgspec.json.encode(contract))
    plain = {name: value for name, value in plain.items() if value is not None}
    jsonschema.validate(plain, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**plain, "colour": "blue"}, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**plain, "task": "oracle"}, schema())


@pytest.mark.parametrize("contract", contracts(), ids=lambda one: one.identity.id)
def test_monai_metadata_have_what_their_schema_requires(contract: Contract) -> None:
    made = json.loads(msgspec.json.encode(monai_metadata(contract, "0" * 64)))
    assert set(made) >= MONAI_REQUIRED
    objects = {"changelog", "required_packages_version", "eval_metrics", "network_data_format"}
    kinds = {name: dict if name in objects else list if name == "references" else str for name in made}
    assert {name: type(value) for name, value in made.items()} == kinds
    tensors = [
        *made["network_data_format"]["inputs"].values(),
        *made["network_data_format"]["outputs"].values(),
    ]
    assert len(tensors) == 2
    for tensor in tensors:
        assert set(tensor) >= MONAI_TENSOR
        assert isinstance(tensor["num_channels"], int)
        assert all(isinstance(each, int | str) for each in tensor["spatial_shape"])
        assert all(isinstance(each, int | float) for each in tensor["value_range"])


def test_monai_metadata_tell_the_range_and_the_classes() -> None:
    made = monai_metadata(contracts()[0], "0" * 64)["network_data_format"]
    assert made["inputs"]["image"]["value_range"] == [0.0, 1.0]
    assert made["outputs"]["scores"]["channel_def"] == {"0": "Violet", "1": "Other"}


@pytest.mark.parametrize("contract", contracts(), ids=lambda one: one.identity.id)
def test_the_chai_card_has_its_parts_in_order(contract: Contract) -> None:
    root = ET.fromstring(chai_card(contract, "0" * 64))
    assert [each.tag.removeprefix(f"{{{CHAI_NAMESPACE}}}") for each in root] == [
        "BasicInfo",
        "ReleaseInfo",
        "ModelSummary",
        "UsesAndDirections",
        "Warnings",
        "TrustIngredients",
        "KeyMetrics",
        "Resources",
        "Bibliography",
    ]
    assert all(each.text is not None or len(each) or each.tag.endswith("Bibliography") for each in root)


def test_the_chai_card_speaks_chinese_where_the_contract_does() -> None:
    sample, head = contracts()
    text = chai_card(sample, "0" * 64, "zh").decode()
    for said in ("软件测试，不用于患者。", "开发人员", "合成切片: 曲线下面积", "阅片辅助", "发布者未说明。"):
        assert said in text
    assert "Not stated" not in text
    assert "Tests of the software" not in text
    alone = chai_card(head, "0" * 64, "zh").decode()
    assert "Tests." in alone, "what is said in one language alone is said in that"
