"""The facts label of a version: one page that says what it is for, how good it is, and on whose word."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from hemalum.capabilities.models.model import LocalValidation, Version
from hemalum.formats.model.contract import Access, Metric, Normalisation, Status, Task
from hemalum.formats.model.language import in_chinese
from hemalum.formats.profile.terms import Kind, find_term
from hemalum.runtime.typesetting import typeset

_LAYOUT = Path(__file__).with_name("facts.typ")

_EN = {
    "kind": "Model facts",
    "use": "Use",
    "purpose": "Intended use",
    "user": "User",
    "not": "Not for",
    "autonomy": "Part in the reading",
    "registered": "Registered for patients",
    "nowhere": "Nowhere",
    "input": "Slides",
    "stains": "Stains",
    "organs": "Organs",
    "specimens": "Specimens",
    "scanners": "Scanners",
    "scale": "Scale",
    "normalisation": "Normalisation",
    "any": "any",
    "quality": "How good it is",
    "none": "No trial is stated.",
    "here": "Tried here",
    "limits": "Known to go wrong",
    "training": "Learnt from",
    "origin": "Origin",
    "licence": "Licence",
    "golden": "Golden tiles",
    "baseline": "baseline",
    "address": "SHA-256 of the list of its files",
}
_ZH = {
    "kind": "模型说明",
    "use": "用途",
    "purpose": "预期用途",
    "user": "使用者",
    "not": "禁用情形",
    "autonomy": "在阅片中的作用",
    "registered": "临床注册",
    "nowhere": "无",
    "input": "切片",
    "stains": "染色",
    "organs": "器官",
    "specimens": "标本获取方式",
    "scanners": "扫描仪",
    "scale": "分辨率",
    "normalisation": "颜色归一化",
    "any": "不限",
    "quality": "性能",
    "none": "未说明验证结果。",
    "here": "本实验室验证",
    "limits": "已知局限",
    "training": "训练数据",
    "origin": "来源",
    "licence": "许可",
    "golden": "基准图块",
    "baseline": "基线",
    "address": "文件清单的SHA-256",
}
_ACCESS = {
    "en": {
        Access.BUNDLED: "weights in the folder",
        Access.GATED: "weights given out on terms",
        Access.LOCAL: "weights of this laboratory",
    },
    "zh": {Access.BUNDLED: "随附权重", Access.GATED: "权重按条款提供", Access.LOCAL: "本实验室权重"},
}
_STANDING = {
    "en": {
        Status.RESEARCH: "Research: not validated for clinical use",
        Status.SHADOW: "Shadow: runs unseen by readers, not for patients",
        Status.CLINICAL: "Released by this laboratory for use on patients",
        Status.WITHDRAWN: "Withdrawn: must not run",
    },
    "zh": {
        Status.RESEARCH: "研究用途：未经临床验证",
        Status.SHADOW: "影子运行：阅片者不可见，不用于患者",
        Status.CLINICAL: "本实验室已放行用于患者",
        Status.WITHDRAWN: "已撤回：不得运行",
    },
}
_AUTONOMY = {
    "en": {"aid": "aid to the reader", "triage": "order of the worklist", "second-read": "second reader"},
    "zh": {"aid": "辅助阅片", "triage": "工作列表排序", "second-read": "第二阅片者"},
}
_TASKS = {
    "en": {
        Task.TILE_SCORE: "score of a tile",
        Task.TILE_EMBEDDING: "embedding of a tile",
        Task.SLIDE_HEAD: "score of a slide",
        Task.CELL_INSTANCES: "cells",
        Task.CELL_SCORE: "class of a cell",
        Task.REGION_SEGMENTATION: "regions",
        Task.QUALITY: "quality of the slide",
        Task.REPORT_DRAFT: "draft of a report",
        Task.RETRIEVAL: "similar cases",
        Task.SURVIVAL: "survival",
    },
    "zh": {
        Task.TILE_SCORE: "图块评分",
        Task.TILE_EMBEDDING: "图块特征",
        Task.SLIDE_HEAD: "切片评分",
        Task.CELL_INSTANCES: "细胞",
        Task.CELL_SCORE: "细胞分类",
        Task.REGION_SEGMENTATION: "区域分割",
        Task.QUALITY: "切片质量",
        Task.REPORT_DRAFT: "报告草稿",
        Task.RETRIEVAL: "相似病例",
        Task.SURVIVAL: "生存",
    },
}


def print_facts(
    version: Version, validations: tuple[LocalValidation, ...], language: str, at: datetime
) -> bytes:
    """The facts label as a PDF of one page, in `en` or `zh`.

    Raises:
        CannotPrint: the node lacks what it takes.
    """
    is_chinese = language == "zh"
    laid_out = lay_out(version, validations, is_chinese=is_chinese)
    return typeset(_LAYOUT, laid_out, {}, is_chinese=is_chinese, at=at)


def lay_out(
    version: Version, validations: tuple[LocalValidation, ...], *, is_chinese: bool
) -> Mapping[str, Any]:
    """What stands on the label, from top to bottom."""
    words, language = (_ZH, "zh") if is_chinese else (_EN, "en")
    contract = in_chinese(version.contract) if is_chinese else version.contract
    identity, version = contract.identity, replace(version, contract=contract)
    task = _TASKS[language][contract.task]
    return {
        "language": language,
        "kind": words["kind"],
        "name": identity.name,
        "second": " · ".join((f"{identity.id} {identity.version}", task, identity.publisher)),
        "standing": _STANDING[language][version.status],
        "parts": [
            {"title": words["use"], "rows": _use(version, words, language)},
            {"title": words["input"], "rows": _slides(version, words, is_chinese=is_chinese)},
            {"title": words["quality"], "rows": _quality(version, validations, words)},
            {"title": words["origin"], "rows": _origin(version, words, language)},
        ],
        "foot": f"{words['address']}: {version.address}",
    }


def _use(version: Version, words: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    contract, use = version.contract, version.contract.use
    acts = [f"{one.code}: {one.basis} {one.number}".strip() for one in contract.jurisdictions]
    return [
        (words["purpose"], use.purpose),
        (words["user"], use.user or "–"),
        (words["not"], " ".join(use.contraindications) or "–"),
        (words["autonomy"], _AUTONOMY[language][use.autonomy.value]),
        (words["registered"], "; ".join(acts) or words["nowhere"]),
    ]


def _slides(version: Version, words: Mapping[str, str], *, is_chinese: bool) -> list[tuple[str, str]]:
    contract = version.contract
    rows = [
        (words["stains"], _terms(Kind.STAIN, contract.stains, is_chinese) or words["any"]),
        (words["organs"], _terms(Kind.SITE, contract.organs, is_chinese) or words["any"]),
        (words["specimens"], _terms(Kind.COLLECTION, contract.specimen_types, is_chinese) or words["any"]),
        (words["scanners"], ", ".join(contract.scanners) or words["any"]),
    ]
    if contract.input is not None:
        given = contract.input
        rows.append((words["scale"], f"{given.um_per_px:g} µm/px, {given.tile_px} px"))
        if given.normalisation is not Normalisation.NONE:
            rows.append((words["normalisation"], given.normalisation.value.capitalize()))
    return rows


def _quality(
    version: Version, validations: tuple[LocalValidation, ...], words: Mapping[str, str]
) -> list[tuple[str, str]]:
    contract = version.contract
    rows = [
        (run.cohort, f"n = {run.n} {run.of}: " + "; ".join(_metric(one, words) for one in run.metrics))
        for run in contract.validation
    ]
    rows += [
        (
            f"{words['here']}: {one.trial.cohort}",
            f"n = {one.trial.n} {one.trial.of}: "
            + "; ".join(_metric(each, words) for each in one.trial.metrics),
        )
        for one in validations
    ]
    if contract.limits:
        rows.append((words["limits"], " ".join(contract.limits)))
    return rows or [(words["none"], "")]


def _metric(metric: Metric, words: Mapping[str, str]) -> str:
    said = f"{metric.name} {metric.value:g}"
    if metric.low is not None and metric.high is not None:
        said += f" ({metric.low:g}–{metric.high:g})"
    if metric.baseline is not None:
        said += f", {words['baseline']} {metric.baseline:g}"
    return f"{said} [{metric.stratum}]" if metric.stratum else said


def _origin(version: Version, words: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    contract = version.contract
    licence = contract.licence
    learnt = "; ".join(f"{one.name} ({one.licence})" for one in contract.training)
    return [
        (words["licence"], f"{licence.name}; {_ACCESS[language][licence.access]}. {licence.note}".strip()),
        (words["training"], learnt or "–"),
        (words["golden"], f"{version.golden_tiles}, ±{contract.golden.tolerance:g}"),
    ]


def _terms(kind: Kind, ids: tuple[str, ...], is_chinese: bool) -> str:
    found = [find_term(kind, one) for one in ids]
    return ", ".join(each.zh if is_chinese else each.en for each in found if each is not None)
