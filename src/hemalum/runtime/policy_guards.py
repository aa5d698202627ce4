"""For which purposes a rule can hold at all, read off its conditions.

A rule that can hold for other purposes only is left out before Cedar is asked, which changes neither what is
decided nor by which rules: Cedar reads conditions from left to right and stops at the first that does not
hold. So a purpose counts only where nothing before it can fail to evaluate, since a failure is an answer too.
Rules are in Cedar's JSON form (docs.cedarpolicy.com, "JSON policy format").
"""

from collections.abc import Iterator, Mapping
from typing import Any

type Expression = Mapping[str, Any]

_PURPOSE = {".": {"left": {"Var": "context"}, "attr": "purpose"}}


def purposes_of(rule: Expression) -> frozenset[str] | None:
    """The purposes without which a rule never holds; None where it may hold for any."""
    found: frozenset[str] | None = None
    for condition in rule["conditions"]:
        if condition["kind"] != "when":
            return found
        for each in _conjuncts(condition["body"]):
            named = _named(each)
            if named is not None:
                found = named if found is None else found & named
            elif not _always_evaluates(each):
                return found
    return found


def _conjuncts(body: Expression) -> Iterator[Expression]:
    """What must hold, in the order in which Cedar looks at it."""
    if "&&" in body:
        yield from _conjuncts(body["&&"]["left"])
        yield from _conjuncts(body["&&"]["right"])
    else:
        yield body


def _named(condition: Expression) -> frozenset[str] | None:
    """The purposes of `context.purpose == "care"` and of `["care", "quality"].contains(context.purpose)`."""
    if "==" in condition:
        sides = [condition["=="]["left"], condition["=="]["right"]]
        values = [side for side in sides if side != _PURPOSE]
        if len(values) != 1:
            return None
    elif "contains" in condition and condition["contains"]["right"] == _PURPOSE:
        values = condition["contains"]["left"].get("Set", [{}])
    else:
        return None
    texts = [value.get("Value") for value in values]
    return frozenset(texts) if all(isinstance(text, str) for text in texts) else None


def _always_evaluates(condition: Expression) -> bool:
    """Whether it cannot fail for a request that fits the schema: questions for roles, groups and context."""
    if "||" in condition:
        return all(map(_always_evaluates, condition["||"].values()))
    if "!" in condition:
        return _always_evaluates(condition["!"]["arg"])
    if "in" in condition:
        return "Var" in condition["in"]["left"] and "Value" in condition["in"]["right"]
    if "contains" in condition:
        held, sought = condition["contains"]["left"], condition["contains"]["right"]
        return "Value" in sought and held.get(".", {}).get("left") == {"Var": "context"}
    return False
