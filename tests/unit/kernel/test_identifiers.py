"""What stands on labels: the check character, one way to write it, and nothing guessed."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.kernel.identifiers import (
    ALPHABET,
    Identifier,
    NoIdentifier,
    check_character,
    compact,
    expand,
    find_in,
    label_of_part,
    number_of_part,
    parse,
)

letters = st.text(alphabet=ALPHABET, min_size=1, max_size=20)
parts = st.integers(1, 702).map(label_of_part)
numbers = st.integers(1, 999)
cases = st.builds(
    Identifier,
    st.text(alphabet=ALPHABET, min_size=2, max_size=8),
    st.sampled_from(string.ascii_uppercase),
    st.integers(0, 99),
    st.integers(1, 999_999_999),
)
slides = st.builds(
    lambda case, part, block, slide: Identifier(
        case.site, case.series, case.year, case.serial, part, block, slide
    ),
    cases,
    parts,
    st.integers(0, 999),
    numbers,
)


def test_the_check_character_is_that_of_the_published_example() -> None:
    """Global Release Identifier A1-2425G-ABC1234002-M: GRid Standard v2.1 (IFPI, 2007) uses MOD 37,36."""
    assert check_character("A12425GABC1234002") == "M"


def slow_check(text: str) -> str:
    """By the definition of a hybrid system (ISO/IEC 7064:2003, 8): the whole must be congruent to 1."""
    for wanted in ALPHABET:
        product = 36
        for one in text:
            total = (product % 37 + ALPHABET.index(one)) % 36
            product = (total if total else 36) * 2
        if (product % 37 + ALPHABET.index(wanted)) % 36 == 1:
            return wanted
    raise AssertionError(text)


@given(letters)
def test_the_check_character_fits_its_definition(text: str) -> None:
    assert check_character(text) == slow_check(text)


@given(letters, st.data())
def test_every_wrong_character_is_found(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([one for one in ALPHABET if one != text[place]]))
    assert check_character(text[:place] + other + text[place + 1 :]) != check_character(text)


@given(slides)
def test_what_is_written_is_read(identifier: Identifier) -> None:
    assert parse(str(identifier)) == identifier
    assert parse(f"  {str(identifier).lower()} ") == identifier
    assert parse(str(identifier.case)) == identifier.case
    named = str(identifier).replace("/", "_")
    assert find_in(f"2026 {named}.svs") == {identifier}
    assert find_in(f"{named} and {identifier.case}") == {identifier, identifier.case}


@given(slides)
def test_what_only_resembles_an_identifier_is_none(identifier: Identifier) -> None:
    text = str(identifier)
    for other in (f"_{text}", f"-{text}", f"{text}A", f"{text}/7", f"{text}_x", text.replace("-", "_")):
        assert find_in(other) == frozenset()
    assert find_in(text.replace("-", "")) == frozenset()


@pytest.mark.parametrize(
    "text",
    ["", "S26-00041 A1", "CN01-S26-000123-K", "CN01-S26-0000123-Z", "CN01-S26-000123-K/a/2/1/5", "无"],
)
def test_others_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(NoIdentifier):
        parse(text)


def test_zeros_in_front_are_no_second_name() -> None:
    good = str(Identifier("CN01", "S", 26, 123, "A", 2, 1))
    with pytest.raises(NoIdentifier):
        parse(good.replace("/2/1", "/02/1"))
    assert find_in(good.replace("/2/1", "/2/01")) == frozenset()


@given(st.integers(1, 5000))
def test_parts_are_numbered_as_columns_are(number: int) -> None:
    assert number_of_part(label_of_part(number)) == number


@pytest.mark.parametrize(
    ("number", "within_16"),
    [("CN01-S26-000123-4", "CN01S260001234"), ("HOSPITAL-S26-000123-4", "S260001234")],
)
def test_a_number_without_its_dashes_fits_where_only_so_many_characters_do(
    number: str, within_16: str
) -> None:
    code = parse(number[:-1] + check_character(number[:-1].replace("-", "")))
    short = compact(code, 16)
    assert (short[:-1], len(short) <= 16) == (within_16[:-1], True)
    assert expand(compact(code, 40)) == str(code)
    assert expand("no number") == "no number"


@pytest.mark.parametrize(
    "text", ["CN01-S２６-000123-K", "CN01-S26-０００１２３-K", "CN01-S26-٠٠٠١٢٣-K/A/1/1"]
)
def test_digits_of_other_scripts_are_none(text: str) -> None:
    assert find_in(f"scan {text} of today") == frozenset()
    with pytest.raises(NoIdentifier):
        parse(text)
    assert expand(text.replace("-", "")) == text.replace("-", "")
