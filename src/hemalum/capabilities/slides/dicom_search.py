"""Searching studies, series and instances (QIDO-RS, PS3.18 section 10.6)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import batched, groupby
from typing import Any

from hemalum.capabilities.slides.model import Instance
from hemalum.formats.dicom.qido import Condition, Filter, matches

type Model = Mapping[str, Any]
"""A data set in the DICOM JSON model."""

type Read = Callable[[Sequence[Instance]], Sequence[Model]]
"""The data sets of several instances, in their order."""

_READ_AT_ONCE = 200


class Target(StrEnum):
    """What is searched for."""

    STUDIES = "studies"
    SERIES = "series"
    INSTANCES = "instances"


STUDY_UID, SERIES_UID, INSTANCE_UID, SOP_CLASS_UID = "0020000D", "0020000E", "00080018", "00080016"
_AVAILABILITY, _TRANSFER_SYNTAXES, _RETRIEVE_URL = "00080056", "00083002", "00081190"
_MODALITY, _MODALITIES, _SOP_CLASSES = "00080060", "00080061", "00080062"

_STUDY = frozenset(
    (
        *("00080005", "00080020", "00080030", "00080050", _AVAILABILITY, _MODALITIES, "00080090"),
        *("00080201", _RETRIEVE_URL, "00100010", "00100020", "00100030", "00100040", STUDY_UID, "00200010"),
        *("00201206", "00201208"),
    )
)
_SERIES = frozenset(
    (
        *("00080005", _MODALITY, "00080201", "0008103E", _RETRIEVE_URL, SERIES_UID, "00200011", "00201209"),
        *("00400244", "00400245", "00400275", STUDY_UID),
    )
)
_INSTANCE = frozenset(
    (
        *("00080005", SOP_CLASS_UID, INSTANCE_UID, _AVAILABILITY, "00080201", _RETRIEVE_URL),
        *(_TRANSFER_SYNTAXES, "00200013", "00280010", "00280011", "00280100", "00280008"),
        *(STUDY_UID, SERIES_UID, _MODALITY),
    )
)
_RETURNED = {Target.STUDIES: _STUDY, Target.SERIES: _SERIES, Target.INSTANCES: _INSTANCE}
_KNOWN_WITHOUT_READING = frozenset((STUDY_UID, SERIES_UID, INSTANCE_UID, SOP_CLASS_UID))


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found."""

    items: list[dict[str, Any]]
    remaining: int
    """How many more there are after these."""


def search(
    instances: Iterable[Instance],
    target: Target,
    query: Filter,
    read: Read,
    base_url: str,
    *,
    whole_paths: bool = True,
) -> SearchResult:
    """What matches `query` among `instances`, which come sorted by study, series and number.

    `read` is asked only for the first instances of those whose identity matches. With `whole_paths`, series
    and instances also carry the attributes of their study and series, as when they are searched for across
    studies.
    """
    groups = [group for group in _groups(instances, target) if any(_may_match(each, query) for each in group)]
    conditions = [condition for condition in query.conditions if not _is_identity(condition)]
    if conditions:
        described = _described(groups, target, read, base_url)
        groups = [
            group
            for group, model in zip(groups, described, strict=True)
            if all(matches(condition, model) for condition in conditions)
        ]
    # Data sets are not kept while they are compared, only read again for what is shown.
    page = groups[query.offset : query.offset + query.limit]
    models = _described(page, target, read, base_url)
    items = [_selected(model, target, query, whole_paths) for model in models]
    return SearchResult(items, max(0, len(groups) - query.offset - len(page)))


def _groups(instances: Iterable[Instance], target: Target) -> Iterator[list[Instance]]:
    keys: dict[Target, Callable[[Instance], Any]] = {
        Target.STUDIES: lambda each: each.study_uid,
        Target.SERIES: lambda each: (each.study_uid, each.series_uid),
        Target.INSTANCES: lambda each: (each.study_uid, each.series_uid, each.sop_instance_uid),
    }
    ordered = sorted(instances, key=lambda each: (each.study_uid, each.series_uid, each.instance_number))
    for _, members in groupby(ordered, keys[target]):
        yield list(members)


def _may_match(instance: Instance, query: Filter) -> bool:
    """Whether the identity of an instance allows a match; reading the data set decides the rest."""
    identity = {
        STUDY_UID: instance.study_uid,
        SERIES_UID: instance.series_uid,
        INSTANCE_UID: instance.sop_instance_uid,
        SOP_CLASS_UID: instance.sop_class_uid,
    }
    return all(
        identity[condition.path[0]] in condition.values
        for condition in query.conditions
        if _is_identity(condition)
    )


def _is_identity(condition: Condition) -> bool:
    return len(condition.path) == 1 and condition.path[0] in _KNOWN_WITHOUT_READING


def _described(
    groups: Iterable[list[Instance]], target: Target, read: Read, base_url: str
) -> Iterator[dict[str, Any]]:
    """For each group the data set of its first instance with what a server knows of the whole."""
    for several in batched(groups, _READ_AT_ONCE):
        for group, model in zip(several, read([group[0] for group in several]), strict=True):
            yield _completed(model, group, target, base_url)


def _completed(read: Model, group: list[Instance], target: Target, base_url: str) -> dict[str, Any]:
    first, model = group[0], dict(read)
    series = {each.series_uid for each in group}
    modality = model.get(_MODALITY, {}).get("Value", ["SM"])
    url = f"{base_url}/studies/{first.study_uid}"
    model[STUDY_UID] = _uid(first.study_uid)
    model[_AVAILABILITY] = {"vr": "CS", "Value": ["ONLINE"]}
    if target is Target.STUDIES:
        model[_MODALITIES] = {"vr": "CS", "Value": modality}
        model[_SOP_CLASSES] = _uid(*sorted({each.sop_class_uid for each in group}))
        model["00201206"] = {"vr": "IS", "Value": [len(series)]}
        model["00201208"] = {"vr": "IS", "Value": [len(group)]}
    else:
        url += f"/series/{first.series_uid}"
        model[SERIES_UID] = _uid(first.series_uid)
        model[_MODALITIES] = {"vr": "CS", "Value": modality}
    if target is Target.SERIES:
        model["00201209"] = {"vr": "IS", "Value": [len(group)]}
    if target is Target.INSTANCES:
        url += f"/instances/{first.sop_instance_uid}"
        model[_TRANSFER_SYNTAXES] = _uid(first.transfer_syntax_uid)
    model[_RETRIEVE_URL] = {"vr": "UR", "Value": [url]}
    return model


def _selected(model: Model, target: Target, query: Filter, whole_paths: bool) -> dict[str, Any]:
    wanted = _RETURNED[target] | {path[0] for path in query.include}
    if whole_paths and target is not Target.STUDIES:
        wanted |= _STUDY | (_SERIES if target is Target.INSTANCES else frozenset())
    if query.include_all:
        wanted = frozenset(model)
    return {tag: model[tag] for tag in sorted(model) if tag in wanted}


def _uid(*values: str) -> dict[str, Any]:
    return {"vr": "UI", "Value": list(values)}
