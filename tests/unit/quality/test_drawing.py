"""How cases are drawn, how grave differences are, how rates are told: without a node."""

import hashlib
import hmac
from datetime import date, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.capabilities.quality.discrepancy import RuleShelf, read_rules
from hemalum.capabilities.quality.drawing import anchor_of, lot_of, seed_of, steps_to_anchor
from hemalum.capabilities.quality.model import MOST_DAYS, Gravity
from hemalum.capabilities.quality.rates import FALSE_ALARM, alarm_limit, chart_of
from hemalum.capabilities.reports.shelf import Shelf
from hemalum.kernel.errors import Invalid

FIRST = date(2026, 11, 26)


@given(st.binary(min_size=32, max_size=32), st.integers(0, MOST_DAYS - 1))
def test_the_seed_of_any_day_gives_the_anchor_and_no_later_seed(last: bytes, days: int) -> None:
    day = FIRST + timedelta(days=days)
    seed = seed_of(last, FIRST, day)
    hashed = seed
    for _ in range(steps_to_anchor(FIRST, day)):
        hashed = hashlib.sha256(hashed).digest()
    assert hashed.hex() == anchor_of(last)
    if days + 1 < MOST_DAYS:
        following = seed_of(last, FIRST, day + timedelta(days=1))
        assert hashlib.sha256(following).digest() == seed
        assert following != seed


def test_a_lot_is_what_anybody_computes_from_seed_and_case() -> None:
    seed = bytes(range(32))
    digest = hmac.new(seed, b"case-1", hashlib.sha256).hexdigest()
    assert lot_of(seed, "case-1") == int(digest[:16], 16) / 2**64
    lots = [lot_of(seed, f"case-{number}") for number in range(4000)]
    assert all(0 <= one < 1 for one in lots)
    drawn = sum(one < 0.1 for one in lots)
    assert 320 < drawn < 480


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> RuleShelf:
    return RuleShelf(tmp_path_factory.mktemp("rules"))


@pytest.mark.parametrize(
    ("element", "first", "second", "gravity"),
    [
        ("grade_group", "group_2", "group_2", Gravity.NONE),
        ("grade_group", "group_2", "group_3", Gravity.MINOR),
        ("grade_group", "group_1", "group_3", Gravity.MAJOR),
        ("grade_group", "group_1", None, Gravity.MINOR),
        ("finding", "benign", "acinar", Gravity.MAJOR),
        ("finding", "acinar", "ductal", Gravity.MINOR),
        ("margin", "free", "involved", Gravity.MAJOR),
        ("cores_positive", 3.0, 4.0, Gravity.MINOR),
        ("cores_positive", 3.0, 6.0, Gravity.MAJOR),
        ("tissue_percent", 3.0, 60.0, Gravity.NONE),
        ("perineural", False, True, Gravity.MINOR),
    ],
)
def test_rules_say_how_grave_a_difference_is(
    shelf: RuleShelf, element: str, first: str | float | None, second: str | float | None, gravity: Gravity
) -> None:
    rules = shelf.find("prostate")
    assert rules is not None
    assert rules.gravity(element, first, second) is gravity
    assert rules.gravity(element, second, first) is gravity


def test_shipped_rules_speak_of_what_their_templates_ask(shelf: RuleShelf) -> None:
    folder = files("hemalum.capabilities.quality") / "shipped"
    names = sorted(one.name for one in folder.iterdir())
    assert len(names) == 11
    templates = Shelf(shelf.folder)
    for name in names:
        rules = shelf.find(name.removesuffix(".toml"))
        assert rules is not None
        assert rules.source
        template = templates.get(rules.template)
        for rule in rules.rules:
            element = template.element(rule.element)
            assert element is not None, (name, rule.element)
            options = {one.id for one in element.options}
            assert {*rule.order, *(one for group in rule.groups for one in group)} <= options
            # An option in no group would be across from every other.
            assert not rule.groups or {one for group in rule.groups for one in group} == options


def test_a_laboratory_states_its_own_rules(shelf: RuleShelf) -> None:
    own = shelf.folder / "skin.toml"
    own.write_text(
        'template = "skin"\nsource = "ours"\nrules = [{ element = "site", otherwise = "major" }]\n'
    )
    found = shelf.find("skin")
    assert found is not None
    assert found.gravity("site", "arm", "leg") is Gravity.MAJOR
    assert found.gravity("margin", "free", "involved") is Gravity.NONE
    own.write_text("template = ")
    with pytest.raises(Invalid, match=r"skin\.toml"):
        shelf.find("skin")
    own.unlink()
    with pytest.raises(Invalid):
        read_rules("x.toml", b'template = "x"\nsource = "y"\nrules = [{ element = "z", weight = 2 }]\n')


def binomial_tail(count: int, share: float, least: int) -> float:
    found, chance = 0.0, (1 - share) ** count
    for events in range(count + 1):
        if events >= least:
            found += chance
        chance *= (count - events) / (events + 1) * share / (1 - share)
    return found


@pytest.mark.parametrize(("count", "share"), [(1, 0.5), (12, 0.02), (60, 0.02), (400, 0.01)])
def test_limits_are_exact(count: int, share: float) -> None:
    limit = alarm_limit(count, share)
    assert limit == count + 1 or binomial_tail(count, share, limit) < FALSE_ALARM
    assert binomial_tail(count, share, limit - 1) >= FALSE_ALARM


def test_a_month_is_judged_by_the_months_before() -> None:
    points = chart_of([("2026-01", 100, 1), ("2026-02", 100, 2), ("2026-03", 100, 9), ("2026-04", 0, 0)])
    assert [one.limit is None for one in points] == [True, False, False, False]
    assert [one.is_alarm for one in points] == [False, False, True, False]
    assert points[1].centre == pytest.approx(1.5 / 101)
