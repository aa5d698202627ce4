"""Searching studies, series and instances (QIDO-RS, PS3.18 section 10.6)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from hemalum.capabilities.slides.dicom_groups import (
    INSTANCE_UID,
    MOST_COUNTED,
    SERIES_UID,
    SOP_CLASS_UID,
    STUDY_UID,
    Groups,
    Target,
    is_identity,
)
from hemalum.capabilities.slides.model import Instance
from hemalum.formats.dicom.qido import Condition, Filter, matches

type Model = Mapping[str, Any]
"""A data set in the DICOM JSON model."""

type Read = Callable[[Sequence[Instance]], Sequence[Model]]
"""The data sets of several instances, in their order."""

_READ_AT_ONCE = 200


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


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found."""

    items: list[dict[str, Any]]
    remaining: int
    """How many more there are after these; MOST_COUNTED + 1 stands for all that are more."""


def search(
    groups: Groups, query: Filter, read: Read, base_url: str, *, whole_paths: bool = True
) -> SearchResult:
    """What matches `query` among the groups with its UIDs.

    `read` is asked only for the first instances of what is shown, and of all where data sets have to be
    compared. With `whole_paths`, series and instances also carry the attributes of their study and series,
    as when they are searched for across studies.
    """
    target = groups.target
    conditions = [condition for condition in query.conditions if not is_identity(condition)]
    if conditions:
        page, remaining = _matching(groups, conditions, query, read, base_url)
    else:
        page = groups.page(query.offset, query.limit)
        remaining = groups.count_after(query.offset + query.limit)
    # Data sets are not kept while they are compared, only read again for what is shown.
    models = (model for _, model in _described(page, target, read, base_url))
    return SearchResult([_selected(model, target, query, whole_paths) for model in models], remaining)


def _matching(
    groups: Groups, conditions: Sequence[Condition], query: Filter, read: Read, base_url: str
) -> tuple[list[list[Instance]], int]:
    """The page of the groups that meet all conditions, and how many more do."""
    page: list[list[Instance]] = []
    end, found = query.offset + query.limit, 0
    for group, model in _described(groups.each(), groups.target, read, base_url):
        if not all(matches(condition, model) for condition in conditions):
            continue
        if query.offset <= found < end:
            page.append(group)
        found += 1
        if found > end + MOST_COUNTED:
            break
    return page, max(0, found - end)


def _described(
    groups: Iterable[list[Instance]], target: Target, read: Read, base_url: str
) -> Iterator[tuple[list[Instance], dict[str, Any]]]:
    """Each group, with the data set of its first instance and what a server knows of the whole."""
    for several in batched(groups, _READ_AT_ONCE):
        for group, model in zip(several, read([group[0] for group in several]), strict=True):
            yield group, _completed(model, group, target, base_url)


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
