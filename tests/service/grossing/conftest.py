"""A node with a technician, and cases to gross."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.cases.model import Identity, Kind
from hemalum.kernel.actor import Actor, Purpose
from hemalum.runtime.settings import load_settings


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    folder = tmp_path_factory.mktemp("grossing") / "node"
    with open_parts(load_settings(folder, {})) as opened:
        opened.access.add_person("tech", "Technician", "home", Role.TECHNICIAN)
        opened.access.add_person("quality", "Quality", "home", Role.QUALITY_MANAGER)
        opened.access.add_person("auditor", "Auditor", "home", Role.AUDITOR)
        opened.access.add_organisation("elsewhere", "Another hospital")
        opened.access.add_person("outsider", "Outsider", "elsewhere", Role.TECHNICIAN)
        yield opened


def who(parts: Parts, name: str = "tech", purpose: Purpose = Purpose.CARE) -> Actor:
    return replace(parts.access.actor_for(name), purpose=purpose)


def case(parts: Parts) -> ShownCase:
    part = PartAsked("resection", "colon", (("H&E",),))
    return parts.cases.accession(who(parts), Accession((part,), Identity("Example, Ada")))


def piece(shown: ShownCase, kind: Kind = Kind.PART) -> str:
    return next(each.id for each in shown.material if each.kind is kind)
