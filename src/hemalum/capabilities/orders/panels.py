"""The usual stains of a laboratory, read from the file that is shipped or from the site's own."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import msgspec

from hemalum.capabilities.cases.model import Subspecialty
from hemalum.capabilities.orders.model import NAMED_BY_STAINS, Panel, Panels, Work
from hemalum.kernel.errors import Invalid
from hemalum.kernel.typed import typed

OWN_FILE = "panels.toml"


class _Panel(msgspec.Struct, forbid_unknown_fields=True):
    en: str
    zh: str
    work: Work
    stains: tuple[str, ...]
    fields: tuple[Subspecialty, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True):
    stains: dict[Work, tuple[str, ...]]
    panel: tuple[_Panel, ...] = ()


def load_panels(data: Path) -> Panels:
    """The stains and panels that are offered on a node: those of its data directory, else the shipped ones.

    Raises:
        Invalid: the site's own file cannot be read.
    """
    own = data / OWN_FILE
    if own.is_file():
        return read_panels(own.read_text("utf-8"), str(own.name))
    return read_panels(files(__package__).joinpath(OWN_FILE).read_text("utf-8"), OWN_FILE)


def read_panels(text: str, name: str) -> Panels:
    """Stains and panels out of the text of a file. Raises as `load_panels` does."""
    try:
        read = typed(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Invalid("The panels in {name} cannot be read: {error}.", name=name, error=str(error)) from error
    stains: Mapping[Work, tuple[str, ...]] = read.stains
    if odd := (set(stains) | {one.work for one in read.panel}) - NAMED_BY_STAINS:
        raise Invalid("Nobody names stains of {work}.", work=", ".join(sorted(odd)))
    panels = tuple(
        Panel({"en": one.en, "zh": one.zh}, one.work, one.stains, one.fields) for one in read.panel
    )
    return Panels(stains, panels)
