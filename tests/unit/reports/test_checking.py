"""A language model may word a sentence; whatever changes what it says is refused."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemalum.capabilities.reports.checking import Doubt, doubt_about
from hemalum.capabilities.reports.model import Language
from tests.budgets import examples

EN, ZH = Language.EN, Language.ZH
FAITHFUL = [
    (EN, "No lymphovascular invasion.", "There is no lymphovascular invasion."),
    (EN, "Margins: free, nearest 2 mm.", "The margins are free, and the nearest is 2 mm."),
    (EN, "Metastasis in 3 of 12 lymph nodes.", "Metastasis is seen in 3 of 12 lymph nodes."),
    (EN, "Tumour size: 4.2 mm (95 % CI 4–4.5 mm).", "The tumor size is 4.2 mm (95 % CI 4–4.5 mm)."),
    (ZH, "浸润灶大小 12.4 mm。", "浸润灶的大小为 12.4 mm。"),
    (ZH, "未见脉管侵犯。", "显示未见脉管侵犯。"),
    (ZH, "淋巴结：12 枚中 3 枚见转移。", "淋巴结 １２ 枚中，３ 枚见转移。"),
]
CHANGED = [
    (EN, "No lymphovascular invasion.", "Lymphovascular invasion.", Doubt.NEGATION),
    (EN, "No lymphovascular invasion.", "No: lymphovascular invasion.", Doubt.NEGATION),
    (EN, "Perineural invasion is present.", "Perineural invasion is not present.", Doubt.NEGATION),
    (EN, "Breast, left, excision:", "Breast, right, excision:", Doubt.SIDE),
    (EN, "Grade 2.", "Grade 3.", Doubt.NUMBER),
    (EN, "Adenocarcinoma, low grade, 38 mm.", "Adenocarcinoma, high grade, 38 mm.", Doubt.GRADE),
    (EN, "Size: 12.4 mm.", "Size: 12.4 cm.", Doubt.WORD),
    (EN, "Metastasis in 3 of 12 lymph nodes.", "Metastasis in 12 of 3 lymph nodes.", Doubt.NUMBER),
    (EN, "Metastasis in 3 of 12 lymph nodes.", "Metastasis in 3 and 12 lymph nodes.", Doubt.WORD),
    (EN, "Metastasis in 3 of 12 lymph nodes.", "Metastasis in some lymph nodes.", Doubt.NUMBER),
    (EN, "Ends: free; base: involved.", "Ends: involved; base: free.", Doubt.NEGATION),
    (EN, "Necrosis is present.", "Extensive necrosis is present.", Doubt.WORD),
    (EN, "Necrosis is present.", "Necrosis is present. Call the patient.", Doubt.FORM),
    (EN, "Necrosis is present.", "Necrosis is probably present.", Doubt.WORD),
    (EN, "Necrosis is present.", "Necrosis.", Doubt.MISSING),
    (EN, "Necrosis is present.", "", Doubt.FORM),
    (EN, "Necrosis is present.", "Necrosis is\u0007 present.", Doubt.FORM),
    (ZH, "未见脉管侵犯。", "见脉管侵犯。", Doubt.NEGATION),
    (ZH, "左侧乳腺，肿物切除：", "右侧乳腺，肿物切除：", Doubt.SIDE),
    (ZH, "浸润灶大小 12.4 mm。", "浸润灶大小 12.6 mm。", Doubt.NUMBER),
    (ZH, "腺癌，低级别。", "腺癌，高级别。", Doubt.GRADE),
    (ZH, "见坏死。", "见大量坏死。", Doubt.WORD),
    (ZH, "近端切缘：未见肿瘤。", "近端切缘未，见肿瘤。", Doubt.NEGATION),
]
DRAFTS = Path(__file__).parents[2] / "golden" / "drafts"
_LINE = re.compile(r'^ {3}"\w+: (.*)",?$', re.MULTILINE)
SENTENCES = sorted({one for path in DRAFTS.glob("*.json") for one in _LINE.findall(path.read_text("utf-8"))})
"""What the shipped templates say of findings, in both languages."""


def language_of(sentence: str) -> Language:
    return ZH if re.search(r"[一-鿿]", sentence) else EN


@pytest.mark.parametrize(("language", "original", "rewritten"), FAITHFUL)
def test_other_words_for_the_same_pass(language: Language, original: str, rewritten: str) -> None:
    assert doubt_about(rewritten, original, language) is None


@pytest.mark.parametrize(("language", "original", "rewritten", "doubt"), CHANGED)
def test_what_says_something_else_is_refused(
    language: Language, original: str, rewritten: str, doubt: Doubt
) -> None:
    assert doubt_about(rewritten, original, language) is doubt


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_stands_for_itself(sentence: str) -> None:
    assert doubt_about(sentence, sentence, language_of(sentence)) is None


def pieces(sentence: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?|[^\W\d_]+|\s+|.", sentence)


@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_no_mutation_of_a_fact_passes(data: st.DataObject) -> None:
    sentence = data.draw(st.sampled_from(SENTENCES))
    language = language_of(sentence)
    parts = pieces(sentence)
    numbers = [at for at, one in enumerate(parts) if one[0].isdigit()]
    mutations = ["add number", "add word", "add negation"]
    mutations += ["change number", "drop number"] if numbers else []
    kind = data.draw(st.sampled_from(mutations))
    at = data.draw(st.sampled_from(numbers)) if "e number" in kind or "p number" in kind else 0
    place = data.draw(st.integers(0, len(parts) - 1))
    added = {
        "add number": st.integers(0, 999).map(str),
        "add word": st.sampled_from(["extensive", "grade", "right", "left", "high", "kidney"]),
        "add negation": st.sampled_from(["no", "not", "without"]),
    }
    if language is ZH:
        added |= {
            "add word": st.sampled_from(["广泛", "右", "左", "高", "肾"]),
            "add negation": st.sampled_from(["未", "无", "不"]),
        }
    if kind == "drop number":
        parts[at] = ""
    elif kind == "change number":
        parts[at] = str(float(parts[at]) + data.draw(st.integers(1, 50)))
    else:
        parts.insert(place, f" {data.draw(added[kind])} ")
    assert doubt_about("".join(parts), sentence, language) is not None


@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_no_swap_of_two_different_facts_passes(data: st.DataObject) -> None:
    sentence = data.draw(st.sampled_from([one for one in SENTENCES if language_of(one) is EN]))
    parts = pieces(sentence)
    facts = [at for at, one in enumerate(parts) if one[0].isdigit() or one.lower() in FACTS]
    if len({parts[at].lower() for at in facts}) < 2:
        return
    first, second = data.draw(st.lists(st.sampled_from(facts), min_size=2, max_size=2, unique=True))
    if parts[first].lower() == parts[second].lower():
        return
    parts[first], parts[second] = parts[second], parts[first]
    assert doubt_about("".join(parts), sentence, EN) is not None


FACTS = {"no", "left", "right", "free", "low", "moderately", "invasion", "metastasis", "breast", "lung", "mm"}
