"""Code tables and words of laboratories."""

import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts

from hemalum.formats.profile.terms import OWN_SCHEME, Kind, Words, find_by_codes, find_term, key_of, terms_of

CONTEXT_GROUPS = {
    Kind.SITE: 8134,
    Kind.LATERALITY: 244,
    Kind.COLLECTION: 8109,
    Kind.FIXATIVE: 8114,
    Kind.EMBEDDING: 8115,
    Kind.STAIN: 8112,
}


@pytest.mark.parametrize("kind", Kind)
def test_codes_are_those_that_dicom_prints(kind: Kind) -> None:
    """Every code that is not our own stands in the context group, with that meaning."""
    printed = {
        (scheme, value): meaning
        for scheme, names in cid_concepts[CONTEXT_GROUPS[kind]].items()
        for name in names
        for value, (meaning, _) in concepts[scheme][name].items()
    }
    for term in terms_of(kind):
        assert term.codes
        for code in term.codes:
            if code.scheme != OWN_SCHEME:
                assert printed[code.key] == code.meaning, term.id


@pytest.mark.parametrize("kind", Kind)
def test_no_word_stands_for_two_terms(kind: Kind) -> None:
    seen: dict[str, str] = {}
    for term in terms_of(kind):
        for word in (term.en, term.zh, *term.words):
            assert key_of(word), term.id
            assert seen.setdefault(key_of(word), term.id) == term.id, word
        assert find_by_codes(kind, term.codes) is term
        assert find_term(kind, term.id) is term


@pytest.mark.parametrize(
    "word", ["HE染色", "苏木精-伊红", "H.E.", "h&e", "ＨＥ", "Hematoxylin and Eosin", "HE 切片"]
)
def test_words_of_laboratories_for_one_stain(word: str) -> None:
    found = Words().find(Kind.STAIN, word)
    assert found is not None
    assert [term.id for term in found.terms] == ["he"]
    assert [code.value for code in found.codes] == ["12710003", "36879007"]


def test_a_stain_of_several_parts_is_known_only_as_a_whole() -> None:
    words = Words()
    found = words.find(Kind.STAIN, "H&E、Ki-67")
    assert found is not None
    assert [term.id for term in found.terms] == ["he", "ihc_ki67"]
    assert len(found.codes) == 3
    assert words.find(Kind.STAIN, "H&E, 秘方") is None
    both = words.find(Kind.STAIN, "AB/PAS")
    assert both is not None
    assert [term.id for term in both.terms] == ["alcian_blue_pas"]


@pytest.mark.parametrize(
    ("word", "side"),
    [("左乳腺", "left"), ("right breast", "right"), ("乳腺（左）", "left"), ("Breast, L", None)],
)
def test_the_side_stands_in_the_word_for_the_organ(word: str, side: str | None) -> None:
    found = Words().find(Kind.SITE, word)
    if side is None:
        assert found is None
    else:
        assert found is not None
        assert found.terms[0].id == "breast"
        assert found.laterality is not None
        assert found.laterality.id == side


def test_what_a_laboratory_says_goes_first() -> None:
    colon = find_term(Kind.SITE, "colon")
    assert colon is not None
    words = Words({(Kind.SITE, key_of("胃")): colon, (Kind.SITE, key_of("CX-3")): colon})
    for said in ("胃", "cx 3"):
        found = words.find(Kind.SITE, said)
        assert found is not None
        assert found.terms == (colon,)


@pytest.mark.parametrize("word", ["", " ", "---", "胃肠", "stomachs", "?"])
def test_nothing_is_guessed(word: str) -> None:
    assert all(Words().find(kind, word) is None for kind in Kind)
