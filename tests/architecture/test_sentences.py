"""Every sentence that the server says to a person can be said in Chinese."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hemalum.capabilities.custody.model import Action

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "web" / "src" / "i18n" / "sentences.zh.ts"
HANDS_ON = "src/hemalum/kernel/errors.py"
"""Makes the sentence of every error out of what the error is given."""
FIELD = re.compile(r"\{(\w+)\}")


def trees() -> dict[str, ast.Module]:
    found = sorted((ROOT / "src" / "hemalum").rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in found}


def speakers(modules: dict[str, ast.Module]) -> set[str]:
    """Names of `Sentence` and of every domain error."""
    classes = [node for tree in modules.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known = {"HemalumError"}
    while more := {one.name for one in classes if known & set(map(ast.unparse, one.bases))} - known:
        known |= more
    return known | {"Sentence"}


@cache
def calls() -> tuple[tuple[str, ast.Call], ...]:
    """Every place where a sentence is made."""
    return tuple(_calls())


def _calls() -> Iterator[tuple[str, ast.Call]]:
    modules = trees()
    known = speakers(modules)
    for path, tree in modules.items():
        if path == HANDS_ON:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in known:
                yield f"{path}:{node.lineno}", node


def template_of(call: ast.Call) -> str | None:
    """The English, where it is a literal; sentences made elsewhere go through `saying`."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def values_of(call: ast.Call) -> set[str | None]:
    names: set[str | None] = {keyword.arg for keyword in call.keywords}
    for values in call.args[1:]:
        keys = values.keys if isinstance(values, ast.Dict) else ()
        names |= {key.value if isinstance(key, ast.Constant) else None for key in keys}
    return names


def chinese() -> dict[str, str]:
    body = TABLE.read_text().partition("= {")[2].rpartition("}")[0].rstrip().rstrip(",")
    pairs = json.loads("{" + body + "}", object_pairs_hook=list)
    assert len(dict(pairs)) == len(pairs), "a sentence stands twice"
    return dict(pairs)


def test_sentences_are_literals() -> None:
    assert [place for place, call in calls() if template_of(call) is None] == []


def test_every_field_has_its_value() -> None:
    odd = {
        place: template
        for place, call in calls()
        if (template := template_of(call)) is not None and set(FIELD.findall(template)) != values_of(call)
    }
    assert odd == {}


def test_every_sentence_is_there_in_chinese_and_nothing_else() -> None:
    said = {template for _, call in calls() if (template := template_of(call))}
    table = chinese()
    assert sorted(said - set(table)) == []
    assert sorted(set(table) - said) == []


def test_chinese_tells_what_english_tells() -> None:
    odd = {
        english: text
        for english, text in chinese().items()
        if set(FIELD.findall(english)) != set(FIELD.findall(text)) or not re.search(r"[\u4e00-\u9fff]", text)
    }
    assert odd == {}


def test_the_audit_log_has_words_for_all_that_happens_to_a_piece() -> None:
    words = (ROOT / "web" / "src" / "i18n" / "en" / "audit.ts").read_text()
    assert [each for each in Action if f'"audit.action.custody.{each}"' not in words] == []
