"""What the parts of a node tell for a package of evidence."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hemalum.capabilities.access.model import Organisation, PersonEntry
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.audit.evidence import Sources
from hemalum.capabilities.audit.sbom import WebLibrary
from hemalum.capabilities.slides.scrub import report
from hemalum.capabilities.slides.service import Slides
from hemalum.runtime.crypto.keys import NODE, KeyEntry, Keyring
from hemalum.runtime.log.verify import verify_node_log
from hemalum.runtime.settings import Settings

_LIBRARIES = Path(__file__).parent / "web" / "libraries.json"
"""Written when the web app is built."""


def sources_of(settings: Settings, access: Access, keyring: Keyring, slides: Slides) -> Sources:
    """The accounts, keys and stored slides of a node, as they are when asked."""
    return Sources(
        settings,
        lambda: [_organisation(place, people) for place, people in access.people.list_everybody()],
        lambda: list(_keys(keyring.list_keys())),
        lambda: _storage(slides),
        lambda: verify_node_log(settings),
        _libraries,
    )


def _libraries() -> list[WebLibrary]:
    """Nothing when the web app is not built."""
    if not _LIBRARIES.exists():
        return []
    return [
        WebLibrary(each["name"], each["version"], each["identifier"] or "")
        for each in json.loads(_LIBRARIES.read_text(encoding="utf-8"))
    ]


def _organisation(place: Organisation, people: list[PersonEntry]) -> dict[str, Any]:
    return asdict(place) | {"people": [_person(entry) for entry in people]}


def _person(entry: PersonEntry) -> dict[str, Any]:
    seen = entry.last_seen_at
    return {
        "id": entry.person.id,
        "name": entry.person.name,
        "kind": entry.person.kind.value,
        "suspended": entry.person.suspended_at is not None,
        "roles": [each.role.value for each in entry.memberships],
        "has_second_factor": entry.has_second_factor,
        "last_seen_at": None if seen is None else seen.isoformat(),
    }


def _keys(keys: list[KeyEntry]) -> Iterator[dict[str, Any]]:
    """The node's own key, and those of slides by suite and the node key that wraps them."""
    groups: dict[tuple[str, str, str], list[KeyEntry]] = {}
    for key in keys:
        of = NODE if key.name == NODE else "slides"
        groups.setdefault((of, key.suite.value, key.node_key), []).append(key)
    for (of, suite, node_key), members in groups.items():
        made = [key.created_at.isoformat() for key in members]
        yield {
            "of": of,
            "suite": suite,
            "wrapped_by": node_key,
            "count": len(members),
            "oldest": min(made),
            "newest": max(made),
            "destroyed": sum(key.destroyed_at is not None for key in members),
        }


def _storage(slides: Slides) -> dict[str, Any]:
    found = report(slides)
    return {
        "slides": found.slides,
        "unchecked": found.unchecked,
        "damaged": sum(standing.is_damaged for standing in found.damaged),
        "last_round": None if found.last_round is None else asdict(found.last_round),
    }
