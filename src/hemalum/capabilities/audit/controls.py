"""The control table, and the checks that a package of evidence is held against it with."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[2] / "controls" / "mlps-2-level-3.toml"

_UNUSED_AFTER = timedelta(days=180)
_APART = {"administrator", "node_administrator"}

type Package = Mapping[str, Any]
"""The content of the files of a package by name, as plain JSON values."""
type Check = Callable[[Package], str | None]
"""What is open, as a sentence; None when nothing is."""


@dataclass(frozen=True, slots=True)
class Control:
    """One line of the table. Titles are short names of ours, not the wording of the standard."""

    clause: str
    title_en: str
    title_zh: str
    how: str
    """What the product does; empty where it can do nothing."""
    evidence: tuple[str, ...]
    check: str = ""
    own: str = ""
    """What the organisation does itself."""


@dataclass(frozen=True, slots=True)
class ControlTable:
    """A standard as far as software can answer it."""

    standard: str
    status: str
    controls: tuple[Control, ...]


def load_controls(path: Path = TABLE) -> ControlTable:
    """The control table in a file."""
    stated = tomllib.loads(path.read_text(encoding="utf-8"))
    controls = (Control(**{**one, "evidence": tuple(one["evidence"])}) for one in stated["control"])
    return ControlTable(stated["standard"], stated["status"], tuple(controls))


def findings(table: ControlTable, package: Package) -> list[dict[str, str]]:
    """What is open: the clause, and a sentence."""
    found = []
    for control in table.controls:
        opened = CHECKS[control.check](package) if control.check else None
        if opened is not None:
            found.append({"clause": control.clause, "check": control.check, "open": opened})
    return found


def _https(package: Package) -> str | None:
    if package["configuration.json"]["settings"]["tls_certificate"]:
        return None
    return "The node has no certificate; show that a server in front of it speaks HTTPS."


def _second_factor(package: Package) -> str | None:
    lax = [
        one["id"] for one in package["accounts.json"]["organisations"] if not one["requires_second_factor"]
    ]
    return f"These organisations ask nobody for a second factor: {', '.join(lax)}." if lax else None


def _accounts_in_use(package: Package) -> str | None:
    written = datetime.fromisoformat(package["accounts.json"]["as_of"])
    idle = [
        person["name"]
        for person in _people(package)
        if not person["suspended"] and _is_idle(person["last_seen_at"], written)
    ]
    return f"These accounts were not used for half a year: {', '.join(idle)}." if idle else None


def _is_idle(last_seen_at: str | None, written: datetime) -> bool:
    return last_seen_at is None or written - datetime.fromisoformat(last_seen_at) > _UNUSED_AFTER


def _auditor_apart(package: Package) -> str | None:
    both = [
        person["name"]
        for person in _people(package)
        if "auditor" in person["roles"] and _APART & set(person["roles"])
    ]
    return f"These auditors administer too: {', '.join(both)}." if both else None


def _auditor_exists(package: Package) -> str | None:
    if any("auditor" in person["roles"] for person in _people(package)):
        return None
    return "Nobody is an auditor."


def _policies_tested(package: Package) -> str | None:
    wrong = [case["name"] for case in package["policy-cases.json"] if not case["as_expected"]]
    return f"The policies do not answer as expected: {'; '.join(wrong)}." if wrong else None


def _glass_reviewed(package: Package) -> str | None:
    waiting = sum(one["verdict"] is None for one in package["glass.json"])
    return f"{waiting} emergencies were not reviewed." if waiting else None


def _flags_acknowledged(package: Package) -> str | None:
    waiting = sum(one["acknowledged_at"] is None for one in package["flags.json"])
    return f"{waiting} flags were not acknowledged." if waiting else None


def _log_whole(package: Package) -> str | None:
    finding = package["log.json"]["verification"]["finding"]
    return None if finding is None else f"The log is not whole: {finding['detail']}"


def _log_witnessed(package: Package) -> str | None:
    if package["log.json"]["witnessed"]:
        return None
    return "No checkpoint of the year was cosigned by the witnesses that the policy of the log wants."


def _scrubbed(package: Package) -> str | None:
    storage = package["storage.json"]
    if storage["damaged"]:
        return f"{storage['damaged']} slides are damaged."
    if storage["unchecked"]:
        return f"{storage['unchecked']} slides were never checked."
    return None


def _sealed(package: Package) -> str | None:
    if package["configuration.json"]["settings"]["encryption"] != "off":
        return None
    return "New slides are not sealed; show that the disks are encrypted."


def _replica(package: Package) -> str | None:
    if package["configuration.json"]["settings"]["replica_url"]:
        return None
    return "There is no second store; show how slides are backed up."


def _people(package: Package) -> list[dict[str, Any]]:
    return [
        person
        for one in package["accounts.json"]["organisations"]
        for person in one["people"]
        if person["roles"]
    ]


CHECKS: dict[str, Check] = {
    "https": _https,
    "second-factor": _second_factor,
    "accounts-in-use": _accounts_in_use,
    "auditor-apart": _auditor_apart,
    "auditor-exists": _auditor_exists,
    "policies-tested": _policies_tested,
    "glass-reviewed": _glass_reviewed,
    "flags-acknowledged": _flags_acknowledged,
    "log-whole": _log_whole,
    "log-witnessed": _log_witnessed,
    "scrubbed": _scrubbed,
    "sealed": _sealed,
    "replica": _replica,
}
"""By the name that the table uses."""
