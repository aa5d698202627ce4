"""Bundles (FHIR R4, section 2.36): what a search found, and several things that are asked for at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hemalum.formats.fhir.outcomes import BadResource, Fault, Issue
from hemalum.formats.fhir.values import Resource
from hemalum.kernel.sentence import Sentence

MOST_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is asked for."""

    method: str
    url: str
    resource: Resource | None
    full_url: str
    if_none_exist: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A bundle that somebody sent."""

    is_transaction: bool
    entries: tuple[Entry, ...]


def searchset(
    found: Sequence[Resource],
    included: Sequence[Resource],
    base: str,
    own: str,
    following: str | None,
    total: int | None,
) -> Resource:
    """A page of a search."""
    links = [{"relation": "self", "url": own}]
    if following is not None:
        links.append({"relation": "next", "url": following})
    entries = [_found(one, base, "match") for one in found] + [
        _found(one, base, "include") for one in included
    ]
    made: Resource = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if total is not None:
        made["total"] = total
    return made | ({"entry": entries} if entries else {})


def _found(resource: Resource, base: str, mode: str) -> Resource:
    url = f"{base}/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": url, "resource": resource, "search": {"mode": mode}}


def history(versions: Sequence[Resource], base: str, own: str) -> Resource:
    """Versions of one resource, the newest first."""
    entries = [
        {
            "fullUrl": f"{base}/{one['resourceType']}/{one['id']}",
            "resource": one,
            "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
            "response": {"status": "200", "lastModified": one["meta"]["lastUpdated"]},
        }
        for one in versions
    ]
    link = [{"relation": "self", "url": own}]
    return {
        "resourceType": "Bundle",
        "type": "history",
        "link": link,
        "total": len(entries),
        "entry": entries,
    }


def read_bundle(resource: Any) -> Asked:
    """What a bundle asks for.

    Raises:
        BadResource: it is no transaction and no batch, or an entry says too little.
    """
    if not isinstance(resource, dict) or resource.get("resourceType") != "Bundle":
        raise _bad("Bundle", Sentence("A Bundle is expected."))
    if resource.get("type") not in ("transaction", "batch"):
        raise _bad("Bundle.type", Sentence("A bundle must be a transaction or a batch."))
    entries = resource.get("entry")
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_ENTRIES:
        said = Sentence("A bundle must have 1 to {most} entries.", {"most": MOST_ENTRIES})
        raise _bad("Bundle.entry", said)
    return Asked(resource["type"] == "transaction", tuple(_entry(one, n) for n, one in enumerate(entries)))


def _entry(entry: Any, number: int) -> Entry:
    where = f"Bundle.entry[{number}]"
    request = entry.get("request") if isinstance(entry, dict) else None
    method = request.get("method") if isinstance(request, dict) else None
    url = request.get("url") if isinstance(request, dict) else None
    if not isinstance(method, str) or not isinstance(url, str) or not isinstance(request, dict):
        raise _bad(f"{where}.request", Sentence("{where} is missing.", {"where": f"{where}.request"}))
    resource = entry.get("resource")
    condition = request.get("ifNoneExist")
    full_url = entry.get("fullUrl", "")
    if resource is not None and not isinstance(resource, dict):
        said = Sentence("{where} is not a resource.", {"where": f"{where}.resource"})
        raise _bad(f"{where}.resource", said)
    if not isinstance(full_url, str) or not isinstance(condition, str | None):
        raise _bad(where, Sentence("{where} is not text.", {"where": where}))
    return Entry(method, url, resource, full_url, condition)


def _bad(where: str, said: Sentence) -> BadResource:
    return BadResource.because([Issue(Fault.STRUCTURE, where, said)])
