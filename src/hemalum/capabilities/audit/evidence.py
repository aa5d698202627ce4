"""Evidence of one year for an inspector: a folder of files, and the proof that it was written then.

The manifest lists the SHA-256 of every file. Its own digest is an entry of the log, and that entry goes along
with its proof: so the log, and the witnesses of it, vouch for the package, and no key signs anything but
checkpoints.
"""

import io
import platform
import sqlite3
import ssl
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.audit import store
from hemalum.capabilities.audit.controls import findings, load_controls
from hemalum.capabilities.audit.model import (
    ERASE,
    EVIDENCE,
    GLASS_BROKEN,
    GLASS_REVIEWED,
    POLICY_CHANGED,
    Filter,
    Scope,
)
from hemalum.capabilities.audit.sbom import WebLibrary, bill_of_materials
from hemalum.capabilities.audit.service import Audit
from hemalum.capabilities.audit.spreadsheet import as_csv
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.runtime.audit import ReadEntry
from hemalum.runtime.db import newest_revision, reading
from hemalum.runtime.log.notes import open_checkpoint, parse_note
from hemalum.runtime.log.verify import Report
from hemalum.runtime.policy_corpus import run_corpus
from hemalum.runtime.settings import Settings

MANIFEST = "MANIFEST"

_WHOLE_NODE = Scope(None)
_SIGN_IN = "access.sign_in"
_ACCESS = "access"
_MOST_FLAGS = 10_000
_NO_DATE = (1980, 1, 1, 0, 0, 0)
"""The same content gives the same archive."""
_SECRET_PARTS = ("secret", "password", "token", "pin", "key=")
_HIDDEN = "***"

_READ_ME = """Evidence of {year} of the node {node}

What lies here is listed in MANIFEST with its SHA-256 (check it with `sha256sum -c MANIFEST`). MANIFEST.entry
is the entry of the node's log that tells the SHA-256 of MANIFEST, and MANIFEST.tlog-proof the proof that it
stands there:

    hemalum-verify proof MANIFEST.tlog-proof --entry MANIFEST.entry --log VKEY

VKEY, the public key of the log, comes from somewhere else than this package. accounts.json and
access-changes.csv name people. controls.json says which control is answered by which file, findings.json what
is open. Clause numbers in it are {status}.
"""


@dataclass(frozen=True)
class Sources:
    """What is told of the node beyond its log; all as plain JSON values."""

    settings: Settings
    accounts: Callable[[], list[dict[str, Any]]]
    """Organisations with their people and roles, as they are now."""
    keys: Callable[[], list[dict[str, Any]]]
    storage: Callable[[], dict[str, Any]]
    """`damaged`, `unchecked`, `slides` and the last round of checking."""
    verify: Callable[[], Report]
    libraries: Callable[[], list[WebLibrary]]
    """What of others is in the web app."""


def write_evidence(audit: Audit, sources: Sources, actor: Actor, year: int) -> bytes:
    """A ZIP archive with the evidence of a year; recorded as an entry of the log. Verifies the whole log."""
    audit.judge()
    files = _Package(audit, sources, year).files()
    manifest = "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()
    digest = sha256(manifest).hexdigest()
    audit.trail.record(Record(EVIDENCE, actor, detail={"year": year, "manifest": digest}))
    index = _entry_of(audit, digest)
    files |= {
        MANIFEST: manifest,
        f"{MANIFEST}.entry": audit.log.read(index, 1)[0],
        f"{MANIFEST}.tlog-proof": audit.log.proof_file(index),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"evidence-{year}/{name}", _NO_DATE), files[name])
    return packed.getvalue()


def _entry_of(audit: Audit, digest: str) -> int:
    """The number of the entry that tells the digest of a manifest; others write entries meanwhile."""
    audit.catch_up()
    with reading(audit.database) as connection:
        rows = store.list_entries(connection, _WHOLE_NODE, Filter(action=EVIDENCE), None, 10)
    told = (audit.trail.read(row.index, 1)[0] for row in rows)
    return next(read.index for read in told if read.entry.detail.get("manifest") == digest)


@dataclass(frozen=True, slots=True)
class _Package:
    audit: Audit
    sources: Sources
    year: int

    def files(self) -> dict[str, bytes]:
        """All files but the manifest."""
        written = self.audit.clock()
        package: dict[str, Any] = {
            "configuration.json": {"settings": _redacted(self.sources.settings)},
            "versions.json": self._versions(),
            "sbom.cdx.json": bill_of_materials(libraries=self.sources.libraries()),
            "accounts.json": {"as_of": written.isoformat(), "organisations": self.sources.accounts()},
            "policies.json": {"digest": self.audit.policies.digest, "files": self.audit.policies.digests},
            "policy-cases.json": self._policy_cases(),
            "policy-changes.json": [_told(read) for read in self._entries(POLICY_CHANGED)],
            "keys.json": self.sources.keys(),
            "storage.json": self.sources.storage(),
            "sign-ins.json": self._sign_ins(),
            "glass.json": self._glass(),
            "flags.json": self._flags(),
            "erasures.json": [_told(read) for read in self._entries(ERASE)],
            "log.json": self._log(),
        }
        table = load_controls()
        package["controls.json"] = asdict(table)
        package["findings.json"] = findings(table, package)
        files = {name: _json(value) for name, value in package.items()}
        files |= {f"policies/{name}": text.encode() for name, text in self.audit.policies.texts.items()}
        files["checkpoints.txt"] = b"\n".join(note for _, note in self._checkpoints())
        files["access-changes.csv"] = b"".join(as_csv(self._entries(_ACCESS)))
        read_me = _READ_ME.format(year=self.year, node=self.sources.settings.node_name, status=table.status)
        files["README.txt"] = read_me.encode()
        return files

    def _versions(self) -> dict[str, str]:
        return {
            "hemalum": version("hemalum"),
            "python": platform.python_version(),
            "system": platform.platform(),
            "database": self.audit.database.dialect.name,
            "database_revision": newest_revision(),
            "sqlite": sqlite3.sqlite_version,
            "openssl": ssl.OPENSSL_VERSION,
        }

    def _policy_cases(self) -> list[dict[str, Any]]:
        return [
            {
                "name": case.name,
                "allowed": case.decision.is_allowed,
                "rules": list(case.decision.rules),
                "as_expected": case.is_as_expected,
            }
            for case in run_corpus(self.audit.policies)
        ]

    def _sign_ins(self) -> list[dict[str, Any]]:
        """By month, how many succeeded and how many failed."""
        found = []
        for month, (begin, end) in enumerate(self._months(), 1):
            wanted = Filter(since=begin, until=end, action=_SIGN_IN)
            with reading(self.audit.database) as connection:
                counts = store.count_by(connection, "outcome", _WHOLE_NODE, wanted)
            found.append(
                {"month": f"{self.year}-{month:02}", **{str(key): many for key, many in counts.items()}}
            )
        return found

    def _glass(self) -> list[dict[str, Any]]:
        reviews = {read.entry.detail.get("glass"): read for read in self._entries(GLASS_REVIEWED, after=True)}
        found = []
        for broken in self._entries(GLASS_BROKEN):
            review = reviews.get(broken.entry.detail.get("glass"))
            told = _told(broken) | {"verdict": None, "reviewed_at": None, "reviewed_by": None}
            if review is not None:
                who = review.entry.who
                told |= {
                    "verdict": review.entry.detail.get("verdict"),
                    "reviewed_at": review.entry.at,
                    "reviewed_by": who.person if who else None,
                }
            found.append(told)
        return found

    def _flags(self) -> list[dict[str, Any]]:
        begin, end = self._span()
        with reading(self.audit.database) as connection:
            flags = store.list_flags(connection, _WHOLE_NODE, only_open=False, offset=0, limit=_MOST_FLAGS)
        return [asdict(flag) | asdict(flag.finding) for flag in flags if begin <= flag.finding.last_at < end]

    def _log(self) -> dict[str, Any]:
        policy = self.audit.log.policy
        cosigned = [
            [key for key in policy.witness_keys if parse_note(note).signatures_of(key)]
            for _, note in self._checkpoints()
        ]
        begin, end = self._span()
        with reading(self.audit.database) as connection:
            entries = store.bounds(connection, begin, end)
        return {
            "key": str(self.audit.log.key),
            "verification": asdict(self.sources.verify()),
            "entries": None if entries is None else {"first": entries[0], "last": entries[1]},
            "witnesses": {name: str(known.key) for name, known in policy.witnesses.items()},
            "quorum": policy.quorum,
            "witnessed": bool(policy.witnesses) and any(policy.is_met_by(keys) for keys in cosigned),
        }

    def _checkpoints(self) -> list[tuple[int, bytes]]:
        """The last checkpoint of each month, and the last that was cosigned, with their sizes."""
        found = {}
        for begin, end in self._months():
            with reading(self.audit.database) as connection:
                entries = store.bounds(connection, begin, end)
            if entries is None:
                continue
            for cosigned in (False, True):
                note = self.audit.log.find_checkpoint(entries[1] + 1, cosigned=cosigned)
                size = 0 if note is None else open_checkpoint(note, self.audit.log.key).size
                if note is not None and size > entries[0]:
                    found[size] = note
        return sorted(found.items())

    def _entries(self, action: str, *, after: bool = False) -> Iterator[ReadEntry]:
        """Entries of an action in the year, or with `after` since its beginning."""
        begin, end = self._span()
        wanted = Filter(since=begin, until=None if after else end, action=action)
        return self.audit.each(_WHOLE_NODE, wanted)

    def _span(self) -> tuple[datetime, datetime]:
        zone = self.audit.calendar.zone
        return datetime(self.year, 1, 1, tzinfo=zone), datetime(self.year + 1, 1, 1, tzinfo=zone)

    def _months(self) -> Iterator[tuple[datetime, datetime]]:
        zone = self.audit.calendar.zone
        begins = [datetime(self.year, month, 1, tzinfo=zone) for month in range(1, 13)]
        return zip(begins, [*begins[1:], self._span()[1]], strict=True)


def _told(read: ReadEntry) -> dict[str, Any]:
    """An entry without what names anybody."""
    entry = read.entry
    return {
        "index": read.index,
        "at": entry.at,
        "action": entry.action,
        "outcome": entry.outcome.value,
        "person": entry.who.person if entry.who else None,
        "target": entry.target,
        "detail": entry.detail,
    }


def _redacted(settings: Settings) -> dict[str, Any]:
    """Settings, and in the place of secrets that there is one."""
    return {field.name: _plain(field.name, getattr(settings, field.name)) for field in fields(settings)}


def _plain(name: str, value: Any) -> Any:
    if name.endswith("_url") and "://" in str(value):
        value = sa.make_url(value).render_as_string(hide_password=True)
    if isinstance(value, str) and any(part in value.lower().partition("?")[2] for part in _SECRET_PARTS):
        return value.partition("?")[0] + f"?{_HIDDEN}"
    return msgspec.to_builtins(value, enc_hook=str)


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=str, order="sorted"), indent=1) + b"\n"
