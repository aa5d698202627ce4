"""`model.toml` to a contract, with one clear sentence for whatever is wrong."""

import math
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any, Self

import msgspec

from hemalum.formats.model.contract import (
    AS_IN,
    NUCLEUS_CLASSES,
    VERSION,
    Contract,
    FindingRule,
    Measure,
    Normalisation,
    Task,
)
from hemalum.formats.profile.record import find_unknown
from hemalum.formats.profile.terms import Kind, find_term
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed

_MOST_BYTES = 1 << 20
_RUNTIMES = ("onnx",)
_OF_PATTERN = re.compile(r" matching regex .* - at `(?P<pointer>[^`]*)`$")
_OFF_LENGTH = 0.01
"""Of densities that are written with two or three digits."""


class BadModel(Invalid):
    """The folder, or a file in it, is not a model that keeps the contract. The sentence says why."""

    code = "bad-model"
    _also: tuple[Sentence, ...] = ()

    @classmethod
    def of(cls, problems: Sequence[Sentence]) -> Self:
        """The error of several things that are wrong at once, one of them at least; it says the first."""
        error = cls.saying(problems[0])
        error._also = tuple(problems[1:])
        return error

    @property
    def problems(self) -> tuple[Sentence, ...]:
        """All that is wrong."""
        return (self.sentence, *self._also)


def read_contract(content: bytes) -> Contract:
    """The contract that these bytes of TOML state.

    Raises:
        BadModel: they state none: no TOML, an unknown or wrong field, another version, or parts that
            contradict one another.
    """
    if len(content) > _MOST_BYTES:
        raise BadModel("model.toml has at most {most} bytes.", most=_MOST_BYTES)
    try:
        plain = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadModel("model.toml is not TOML: {complaint}", complaint=str(error)) from error
    if plain.get("contract") != VERSION:
        raise BadModel('model.toml does not begin with contract = "{version}".', version=VERSION)
    try:
        contract = typed(plain, Contract)
    except (msgspec.ValidationError, RecursionError) as error:
        raise _unkept(str(error)) from error
    unknown = find_unknown(plain, contract)
    if unknown is not None:
        raise BadModel("The contract has no field {pointer}.", pointer=unknown)
    problems = list(_problems(contract))
    if problems:
        raise BadModel.of(problems)
    return contract


def _unkept(complaint: str) -> BadModel:
    """What msgspec complains of; a pattern is told by an example of it."""
    found = _OF_PATTERN.search(complaint)
    example = next((each for pattern, each in AS_IN.items() if repr(pattern) in complaint), None)
    if found is None or example is None:
        return BadModel("model.toml does not keep the contract: {complaint}", complaint=complaint)
    return BadModel(
        "model.toml does not keep the contract: {pointer} is written as in “{example}”.",
        pointer=found["pointer"],
        example=example,
    )


def _problems(contract: Contract) -> Iterator[Sentence]:
    """What a schema cannot say."""
    for endless in _endless(contract, ""):
        yield Sentence("{pointer} is not a finite number.", {"pointer": endless})
    if contract.network.runtime not in _RUNTIMES:
        yield Sentence("No runtime is called {name}.", {"name": contract.network.runtime})
    yield from _about_outputs(contract)
    yield from _about_findings(contract)
    if (contract.input is None) == (contract.features is None):
        yield Sentence("A model is given either tiles [input] or embeddings [features].")
        return
    if (contract.task in (Task.SLIDE_HEAD, Task.SURVIVAL)) != (contract.input is None):
        task = contract.task.value
        yield Sentence("A model for {task} is not given this kind of input.", {"task": task})
    yield from _about_terms(contract)
    yield from _about_grid(contract)
    yield from _about_normalisation(contract)


def _endless(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield pointer
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _endless(inner, f"{pointer}/{name}")
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from _endless(inner, f"{pointer}/{number}")
    elif is_dataclass(value):
        for each in fields(value):
            yield from _endless(getattr(value, each.name), f"{pointer}/{each.name}")


def _about_terms(contract: Contract) -> Iterator[Sentence]:
    for kind, named in (
        (Kind.STAIN, contract.stains),
        (Kind.SITE, contract.organs),
        (Kind.COLLECTION, contract.specimen_types),
    ):
        for strange in (one for one in named if find_term(kind, one) is None):
            yield Sentence(
                "“{term}” is no term of the metadata profile ({kind}).",
                {"term": strange, "kind": kind.value},
            )


def _about_grid(contract: Contract) -> Iterator[Sentence]:
    given = contract.input
    if given is None:
        return
    if given.patch_px < 1:
        yield Sentence("Nothing of the tile is left without its context.")
    elif given.stride_px > given.patch_px:
        stride = given.stride_px
        yield Sentence("With a stride of {stride} px, tissue would lie between tiles.", {"stride": stride})


def _about_normalisation(contract: Contract) -> Iterator[Sentence]:
    given = contract.input
    if given is None:
        return
    stated = {Normalisation.MACENKO: given.macenko, Normalisation.REINHARD: given.reinhard}
    if stated.get(given.normalisation, given) is None:
        yield Sentence(
            "Normalisation by {method} needs the colours that slides are brought to: [input.{method}].",
            {"method": given.normalisation.value},
        )
    densities = () if given.macenko is None else (given.macenko.haematoxylin, given.macenko.eosin)
    if any(abs(math.hypot(*each) - 1) > _OFF_LENGTH for each in densities):
        yield Sentence("The densities of a stain in [input.macenko] have the length 1.")


def _about_outputs(contract: Contract) -> Iterator[Sentence]:
    if not contract.outputs:
        yield Sentence("The model has no output.")
    by_name = {output.name: output for output in contract.outputs}
    if len(by_name) != len(contract.outputs):
        yield Sentence("Two outputs have the same name.")
    for output in contract.outputs:
        if len({one.name for one in output.classes}) != len(output.classes):
            yield Sentence("Two classes of {output} have the same name.", {"output": output.name})
    for point in contract.operating_points:
        classes = {one.name for one in by_name[point.output].classes} if point.output in by_name else None
        if classes is None or (point.class_name and point.class_name not in classes):
            yield Sentence(
                "The operating point {name} is for an output that is not there.", {"name": point.name}
            )
    if contract.abstain is not None and contract.abstain.output not in by_name:
        yield Sentence("The rule of abstention is for an output that is not there.")


def _about_findings(contract: Contract) -> Iterator[Sentence]:
    # Of several outputs with classes for patches, the first is the one that is summed up.
    scored = next((each for each in contract.outputs if each.classes and each.decoding is None), None)
    classes = set() if scored is None else {one.name for one in scored.classes}
    for rule in contract.findings:
        named = {rule.class_name, *rule.beside, *([rule.holding] if rule.holding else [])}
        given = _gives_cells(contract, rule) if rule.measure.is_of_cells else named <= classes
        if contract.task is Task.SLIDE_HEAD:
            # It says how likely a class is on the slide, and looks at nothing that could be measured.
            given = rule.measure is Measure.PRESENCE and named == {rule.class_name} <= classes
        if not given:
            yield Sentence(
                "The finding {name} is of something that the model does not give.", {"name": rule.name}
            )
        is_of_regions = rule.measure.is_of_regions and contract.task is not Task.SLIDE_HEAD
        if not is_of_regions and (rule.beside or rule.holding or rule.least_mm2):
            yield Sentence("The finding {name} says of regions what is not of regions.", {"name": rule.name})
        if (rule.labels or rule.limits) and not _parts_numbers(rule):
            yield Sentence(
                "The finding {name} needs a measurement, rising limits, and one label more than limits.",
                {"name": rule.name},
            )
        if rule.interval is not None and not rule.interval[0] <= 1 <= rule.interval[1]:
            yield Sentence("The interval of the finding {name} does not hold 1.", {"name": rule.name})
    if len({rule.name for rule in contract.findings}) != len(contract.findings):
        yield Sentence("Two findings have the same name.")


def _gives_cells(contract: Contract, rule: FindingRule) -> bool:
    """Whether the model gives the cells, and tells the class, that a finding is of."""
    methods = {each.decoding.method: each for each in contract.outputs if each.decoding is not None}
    if not rule.class_name:
        return bool(methods)
    told = methods.get(NUCLEUS_CLASSES)
    named = told is not None and rule.class_name in {one.name for one in told.classes}
    return named and rule.measure.is_of_cell_class


def _parts_numbers(rule: FindingRule) -> bool:
    """Whether limits and labels of a finding part all numbers that it may have."""
    rises = all(low < high for low, high in pairwise(rule.limits))
    is_number = not rule.measure.is_count and rule.measure is not Measure.PRESENCE
    return rises and len(rule.labels) == len(rule.limits) + 1 and is_number
