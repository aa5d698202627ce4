"""The codes that a signed report says, for the record of its slides."""

from dataclasses import replace

from hemalum.capabilities.reports.model import Amendment, Content, Language, Section, TemplateRef
from hemalum.capabilities.reports.showing import Draft

from .conftest import World

TEMPLATE = """
id = "coded"
version = 1
en = "Coded"
zh = "有代码"

[[elements]]
id = "findings"
kind = "choices"
en = "Findings"
zh = "所见"
options = [
  { id = "carcinoma", en = "Carcinoma", zh = "癌", code = "ICDO3 8140/3" },
  { id = "ulcer", en = "Ulcer", zh = "溃疡", code = "U7" },
  { id = "other", en = "Other", zh = "其他" },
]
"""


def test_the_codes_of_what_was_chosen(world: World) -> None:
    folder = world.cases.ledger.slides.settings.data / "templates"
    folder.mkdir(exist_ok=True)
    (folder / "coded.toml").write_text(TEMPLATE)
    case_id = world.case_id()
    content = Content(
        TemplateRef("coded", 1, ""),
        {"findings": ("carcinoma", "other", "ulcer")},
        {Section.DIAGNOSIS: "Text."},
    )
    drafted = world.reports.write(world.who("li"), case_id, Draft(None, content, Language.EN))
    assert world.reports.leaving.read_codes(case_id) == ()
    signed = world.sign(case_id, drafted)
    assert world.reports.leaving.read_codes(case_id) == (("ICDO3 8140/3", "Carcinoma"), ("U7", "Ulcer"))

    world.reports.reopen(world.who("li"), case_id, Amendment.CORRECTED, "no ulcer")
    less = replace(content, values={"findings": ("carcinoma",)})
    written = world.reports.write(world.who("li"), case_id, Draft(signed.number + 1, less, Language.EN))
    assert len(world.reports.leaving.read_codes(case_id)) == 2
    world.sign(case_id, written)
    assert world.reports.leaving.read_codes(case_id) == (("ICDO3 8140/3", "Carcinoma"),)
