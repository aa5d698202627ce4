"""A contract in the forms of others: MONAI bundle metadata and the CHAI Applied Model Card.

Both are views: what they have no place for is left out, and what they ask for and no contract states is said
to be unstated.

- MONAI: schema `meta_schema_20240725.json`. It has no um/px, stain, scanner or operating point; the first two
  stand in the text of `image_classes`.
- CHAI: Applied Model Card v0.2, the XML of https://mc.chai.org/v0.2/schema.xsd.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

import msgspec

from hemalum.formats.model.contract import Contract, Metric, Output, Spatial
from hemalum.formats.model.language import in_chinese

MONAI_SCHEMA = "https://project-monai.github.io/schema/meta_schema_20240725.json"
CHAI_NAMESPACE = "https://mc.chai.org/v0.2/schema.xsd"
UNSTATED = "Not stated by the publisher."

_ANY = "*"
_EN = {
    "unstated": UNSTATED,
    "none": "None.",
    "unregistered": "Not registered for use on patients.",
    "how": "As {autonomy}; a person decides.",
    "source": "Whole slide images",
    "address": "SHA-256 of the list of files: {address}",
    "golden": "Golden tiles, checked on every runtime",
    "difference": "greatest difference allowed",
    "any": "any",
    "tiles": "RGB tiles of {px} px at {um:g} um/px; stains: {stains}",
    "features": "{dimensions} numbers a tile by {encoder}; stains: {stains}",
    "aid": "aid",
    "triage": "triage",
    "second-read": "second-read",
}
_ZH = {
    "unstated": "发布者未说明。",
    "none": "无。",
    "unregistered": "未注册用于患者。",
    "how": "作为{autonomy}；由人作出决定。",
    "source": "全切片图像",
    "address": "文件清单的 SHA-256：{address}",
    "golden": "基准图块，在每种运行环境中核对",
    "difference": "允许的最大差异",
    "any": "不限",
    "tiles": "{px} 像素的 RGB 图块，{um:g} um/px；染色：{stains}",
    "features": "每个图块由 {encoder} 给出的 {dimensions} 个数；染色：{stains}",
    "aid": "阅片辅助",
    "triage": "工作列表排序",
    "second-read": "第二阅片者",
}
_WORDS: Mapping[str, Mapping[str, str]] = {"en": _EN, "zh": _ZH}


def monai_metadata(contract: Contract, address: str) -> dict[str, Any]:
    """The `metadata.json` of a MONAI bundle. The network is ONNX and needs neither MONAI nor PyTorch."""
    identity, use = contract.identity, contract.use
    return {
        "schema": MONAI_SCHEMA,
        "version": identity.version,
        "changelog": {identity.version: identity.summary or identity.name},
        "monai_version": "",
        "pytorch_version": "",
        "numpy_version": "",
        "required_packages_version": {"onnxruntime": ""},
        "name": identity.name,
        "task": contract.task.value,
        "description": identity.summary or use.purpose,
        "authors": identity.publisher,
        "copyright": f"{identity.publisher}; {contract.licence.name}",
        "data_source": "; ".join(f"{each.name} ({each.licence})" for each in contract.training),
        "image_classes": _given(contract, _EN),
        "pred_classes": "; ".join(_named(each) for each in contract.outputs),
        "eval_metrics": {
            f"{run.cohort}: {metric.name}": metric.value
            for run in contract.validation
            for metric in run.metrics
        },
        "intended_use": " ".join([use.purpose, *(f"Not for: {one}" for one in use.contraindications)]),
        "references": [],
        "content_address": address,
        "network_data_format": {
            "inputs": {_input_name(contract): _input(contract)},
            "outputs": {each.name: _output(each) for each in contract.outputs},
        },
    }


def chai_card(contract: Contract, address: str, language: str = "en") -> bytes:
    """The Applied Model Card as XML, UTF-8, in `en` or `zh`; what a contract says once alone stays so."""
    said = in_chinese(contract) if language == "zh" else contract
    ET.register_namespace("", CHAI_NAMESPACE)
    root = ET.Element(f"{{{CHAI_NAMESPACE}}}AppliedModelCard")
    for name, content in _card(said, address, _WORDS[language]).items():
        _append(root, name, content)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _append(parent: ET.Element, name: str, content: Any) -> None:
    if isinstance(content, list):
        for each in content:
            _append(parent, name, each)
        return
    element = ET.SubElement(parent, f"{{{CHAI_NAMESPACE}}}{name}")
    if isinstance(content, dict):
        for inner, value in content.items():
            _append(element, inner, value)
    else:
        element.text = str(content)


def _card(contract: Contract, address: str, words: Mapping[str, str]) -> dict[str, Any]:
    """The card in the order that its schema asks for."""
    identity, use, licence = contract.identity, contract.use, contract.licence
    acts = "; ".join(f"{one.code}: {one.basis} {one.number}".strip() for one in contract.jurisdictions)
    unstated = words["unstated"]
    return {
        "BasicInfo": {
            "ModelName": identity.name,
            "ModelDeveloper": identity.publisher,
            "DeveloperContact": licence.obtained_from or unstated,
        },
        "ReleaseInfo": {
            "ReleaseStage": identity.status.value,
            "ReleaseDate": "" if identity.released is None else identity.released.isoformat(),
            "ReleaseVersion": identity.version,
            "GlobalAvailability": f"{licence.access.value}; {licence.name}",
            "RegulatoryApproval": acts or words["none"],
        },
        "ModelSummary": {
            "Summary": identity.summary or use.purpose,
            "Keywords": {"Keyword": [contract.task.value, *contract.stains, *contract.organs]},
        },
        "UsesAndDirections": {
            "IntendedUseAndWorkflow": use.purpose,
            "PrimaryIntendedUsers": use.user or unstated,
            "HowToUse": words["how"].format(autonomy=words[use.autonomy.value]),
            "TargetedPatientPopulation": unstated,
            "CautionedOutOfScopeSettings": "\n".join(use.contraindications) or unstated,
        },
        "Warnings": {
            "KnownRisksAndLimitations": "\n".join(contract.limits) or unstated,
            "KnownBiasesOrEthicalConsiderations": unstated,
            "ClinicalRiskLevel": acts or words["unregistered"],
        },
        "TrustIngredients": {
            "AISystemFacts": {
                "OutcomesAndOutputs": "; ".join(_named(each) for each in contract.outputs),
                "ModelType": contract.task.value,
                "FoundationModels": "" if contract.features is None else contract.features.encoder,
                "InputDataSource": words["source"],
                "OutputAndInputDataTypes": _given(contract, words),
                "DevelopmentDataCharacterization": _training(contract) or unstated,
                "BiasMitigationApproaches": unstated,
                "OngoingMaintenance": unstated,
                "Security": words["address"].format(address=address),
            },
            "TransparencyInformation": {"FundingSource": unstated, "StakeholdersConsulted": unstated},
        },
        "KeyMetrics": {
            "UsefulnessUsabilityEfficacy": _metrics(contract, unstated, stratified=False),
            "FairnessEquity": _metrics(contract, unstated, stratified=True),
            "SafetyReliability": _metric(_golden(contract, words), words["golden"], unstated, unstated),
        },
        "Resources": {"PeerReviewedPublications": unstated, "PatientConsentOrDisclosure": unstated},
        "Bibliography": "",
    }


def _metrics(contract: Contract, unstated: str, *, stratified: bool) -> dict[str, Any]:
    found = [
        (f"{run.cohort}: {metric.name} {metric.stratum}".strip(), metric)
        for run in contract.validation
        for metric in run.metrics
        if bool(metric.stratum) is stratified
    ]
    results = [{"Label": label, "ValueJson": _as_json(metric)} for label, metric in found]
    cohorts = "; ".join(f"{run.cohort}, n = {run.n} {run.of}".strip() for run in contract.validation)
    splits = "; ".join(run.split for run in contract.validation if run.split)
    return _metric(results, cohorts or unstated, splits or unstated, unstated)


def _golden(contract: Contract, words: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Label": words["difference"], "ValueJson": str(contract.golden.tolerance)}]


def _metric(results: list[dict[str, str]], data: str, how: str, unstated: str) -> dict[str, Any]:
    return {
        "MetricGoal": unstated,
        "Results": {"MetricResult": results or [{"Label": unstated, "ValueJson": "null"}]},
        "Interpretation": unstated,
        "TestType": unstated,
        "TestingDataDescription": data,
        "ValidationProcessAndJustification": how,
    }


def _as_json(metric: Metric) -> str:
    said = {"value": metric.value, "low": metric.low, "high": metric.high, "baseline": metric.baseline}
    return msgspec.json.encode({name: value for name, value in said.items() if value is not None}).decode()


def _training(contract: Contract) -> str:
    return "; ".join(f"{one.name} ({one.licence}), n = {one.n}" for one in contract.training)


def _given(contract: Contract, words: Mapping[str, str]) -> str:
    """What the network is given, in words."""
    stains = ", ".join(contract.stains) or words["any"]
    if contract.input is None:
        assert contract.features is not None
        features = contract.features
        return words["features"].format(
            dimensions=features.dimensions, encoder=features.encoder, stains=stains
        )
    given = contract.input
    return words["tiles"].format(px=given.tile_px, um=given.um_per_px, stains=stains)


def _named(output: Output) -> str:
    classes = ", ".join(f"{number}: {one.title}" for number, one in enumerate(output.classes))
    return f"{output.title} ({classes})" if classes else output.title


def _input_name(contract: Contract) -> str:
    side = contract.input or contract.features
    assert side is not None
    return side.name


def _input(contract: Contract) -> dict[str, Any]:
    given = contract.input
    if given is None:
        assert contract.features is not None
        size = contract.features.dimensions
        return _tensor("features", "features", size, [_ANY], "float32", [], {})
    side = [given.tile_px, given.tile_px]
    # What lies between 0 and 255 comes out here, of all three channels.
    ends = [
        (value / given.divisor - mean) / std
        for mean, std in zip(given.mean, given.std, strict=True)
        for value in (0, 255)
    ]
    colours = {"0": "R", "1": "G", "2": "B"}
    tensor = _tensor("image", "RGB", 3, side, given.dtype, [min(ends), max(ends)], colours)
    return tensor | {"is_patch_data": True, "layout": given.layout.value, "um_per_px": given.um_per_px}


def _output(output: Output) -> dict[str, Any]:
    kind = "image" if output.spatial is Spatial.PIXEL else "probabilities" if output.classes else "embeddings"
    form = (
        "segmentation" if output.spatial is Spatial.PIXEL else "probability" if output.classes else "vector"
    )
    channels = len(output.classes) or (output.shape[0] if output.shape else 1)
    named = {str(number): one.title for number, one in enumerate(output.classes)}
    shape: list[int | str] = [length or _ANY for length in output.shape[1:]]
    return _tensor(kind, form, channels, shape, "float32", list(output.range or ()), named)


def _tensor(
    kind: str,
    form: str,
    channels: int,
    shape: list[Any],
    dtype: str,
    values: list[float],
    named: dict[str, str],
) -> dict[str, Any]:
    return {
        "type": kind,
        "format": form,
        "num_channels": channels,
        "spatial_shape": shape,
        "dtype": dtype,
        "value_range": values,
        "is_patch_data": False,
        "channel_def": named,
    }
