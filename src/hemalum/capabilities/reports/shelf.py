"""The templates of a node: those that ship, and the laboratory's own in `DATA/templates`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hemalum.capabilities.reports.templates import BadTemplate, Template, read_template
from hemalum.kernel.errors import NotFound
from hemalum.kernel.sentence import Sentence, cause_of

_SHIPPED = Path(__file__).parent / "shipped"


@dataclass(frozen=True, slots=True)
class Shelved:
    """One file of templates, and what came of reading it."""

    path: Path
    is_own: bool
    template: Template | None
    complaint: Sentence | None


@dataclass(frozen=True)
class Shelf:
    """All templates of a node. The laboratory's own are read anew each time: they change while it serves."""

    folder: Path

    def files(self) -> list[Shelved]:
        """Every file, those that ship first; what cannot be used says why."""
        own = sorted(self.folder.glob("*.toml")) if self.folder.is_dir() else []
        return [*_shipped(), *(_read(path, is_own=True) for path in own)]

    def templates(self) -> dict[str, Shelved]:
        """What can be filled in, by id; a laboratory's own goes before one that ships with the same id."""
        return {each.template.id: each for each in self.files() if each.template is not None}

    def get(self, template_id: str) -> Template:
        """The newest template of this id.

        Raises:
            NotFound: there is none.
        """
        found = self.templates().get(template_id)
        if found is None or found.template is None:
            raise NotFound("There is no template {template}.", template=template_id)
        return found.template


@cache
def _shipped() -> tuple[Shelved, ...]:
    return tuple(_read(path, is_own=False) for path in sorted(_SHIPPED.glob("*.toml")))


def _read(path: Path, *, is_own: bool) -> Shelved:
    try:
        return Shelved(path, is_own, read_template(path.name, path.read_bytes()), None)
    except BadTemplate as error:
        return Shelved(path, is_own, None, error.sentence)
    except OSError as error:
        sentence = Sentence(
            "The template {name} cannot be used: {complaint}.",
            {"name": path.name, "complaint": cause_of(error)},
        )
        return Shelved(path, is_own, None, sentence)
