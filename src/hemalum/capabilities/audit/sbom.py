"""What is installed where the node runs, as a bill of materials (CycloneDX 1.6, ECMA-424)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from typing import Any
from uuid import NAMESPACE_URL, uuid5

_SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")
_LONGEST_LICENCE = 100


@dataclass(frozen=True, slots=True)
class WebLibrary:
    """A JavaScript package that is built into the web app."""

    name: str
    version: str
    licence: str
    """As its package states it, mostly an SPDX expression; may be empty."""


def bill_of_materials(
    installed: Iterable[Distribution] | None = None, libraries: Iterable[WebLibrary] = ()
) -> dict[str, Any]:
    """Every Python distribution of the environment, and what is built into the web app.

    The same environment gives the same bill.
    """
    found = {_purl(one): one for one in (distributions() if installed is None else installed)}
    components = [_component(purl, found[purl]) for purl in sorted(found)]
    components += sorted(map(_library, libraries), key=lambda component: str(component["purl"]))
    own = next((one for one in components if one["name"] == "hemalum"), None)
    content = "\n".join(component["purl"] for component in components)
    bill: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, content)}",
        "version": 1,
        "components": [component for component in components if component is not own],
    }
    if own is not None:
        bill["metadata"] = {"component": own | {"type": "application"}}
    return bill


def _component(purl: str, one: Distribution) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": one.metadata["Name"],
        "version": one.version,
        "purl": purl,
    }
    expression = one.metadata.get("License-Expression")
    stated = one.metadata.get("License")
    if expression and _SPDX.fullmatch(expression):
        component["licenses"] = [{"expression": expression}]
    elif stated and len(stated) <= _LONGEST_LICENCE and "\n" not in stated:
        component["licenses"] = [{"license": {"name": stated}}]
    return component


def _library(one: WebLibrary) -> dict[str, Any]:
    purl = f"pkg:npm/{one.name.replace('@', '%40')}@{one.version}"
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "purl": purl,
    }
    return component | ({"licenses": [{"expression": one.licence}]} if _SPDX.fullmatch(one.licence) else {})


def _purl(one: Distribution) -> str:
    name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
    return f"pkg:pypi/{name}@{one.version}"
