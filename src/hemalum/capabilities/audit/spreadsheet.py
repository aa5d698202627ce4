"""Entries as CSV (RFC 4180) for spreadsheets, in which no cell becomes a formula."""

from collections.abc import Iterable, Iterator

import msgspec

from hemalum.formats.spreadsheet import BYTE_ORDER_MARK, line_of
from hemalum.runtime.audit import ReadEntry

COLUMNS = (
    "index",
    "at",
    "action",
    "outcome",
    "person",
    "name",
    "address",
    "session",
    "organisation",
    "roles",
    "strong",
    "purpose",
    "target",
    "owner",
    "subject",
    "personal",
    "erased",
    "detail",
)
ERASED = "erased"


def as_csv(entries: Iterable[ReadEntry]) -> Iterator[bytes]:
    """The lines of the file, one by one."""
    yield (BYTE_ORDER_MARK + line_of(COLUMNS)).encode()
    for read in entries:
        yield line_of(_cells(read)).encode()


def _cells(read: ReadEntry) -> Iterator[str]:
    entry, who = read.entry, read.entry.who
    is_own = who is not None and entry.subject == who.person
    told = dict(read.personal)
    erased = ERASED if read.is_erased else ""
    yield str(read.index)
    yield entry.at
    yield entry.action
    yield entry.outcome.value
    yield who.person if who else ""
    yield told.pop("name", erased) if is_own else ""
    yield told.pop("address", erased) if is_own else ""
    yield who.session if who else ""
    yield who.organisation if who else ""
    yield " ".join(who.roles) if who else ""
    yield "yes" if who and who.strong else ""
    yield entry.purpose or ""
    yield entry.target
    yield entry.organisation or ""
    yield entry.subject or ""
    yield erased or (msgspec.json.encode(told, order="sorted").decode() if told else "")
    yield "yes" if read.is_erased else ""
    yield msgspec.json.encode(entry.detail, order="sorted").decode() if entry.detail else ""
