"""The policy file: which witnesses, and how many of them."""

from itertools import combinations

import pytest

from hemalum.kernel.errors import Invalid
from hemalum.runtime.log.notes import SignatureType, SigningKey
from hemalum.runtime.log.policy import Policy, parse_policy

LOG = SigningKey("log.example", bytes(32)).verifier
WITNESSES = {
    name: SigningKey(f"{name}.example", bytes([number]) * 32, SignatureType.WITNESS).verifier
    for number, name in enumerate(("a", "b", "c", "d"), 1)
}
CITIES = f"""
# two cities
log {LOG} https://log.example
witness a {WITNESSES["a"]} https://a.example/witness
witness b\t{WITNESSES["b"]}
  witness c {WITNESSES["c"]}
witness d {WITNESSES["d"]}
group north 2 a b
group south any c d
group both all north south
quorum both
"""


def test_a_quorum_wants_so_many_of_each_group() -> None:
    policy = parse_policy(CITIES)
    assert policy.logs[0].key == LOG
    assert policy.witnesses["a"].url == "https://a.example/witness"
    assert policy.witness_keys == tuple(WITNESSES.values())
    for count in range(5):
        for names in combinations(WITNESSES, count):
            met = {"a", "b"} <= set(names) and bool({"c", "d"} & set(names))
            assert policy.is_met_by([WITNESSES[name] for name in names]) is met


def test_nobody_is_wanted_without_a_policy() -> None:
    assert Policy().is_met_by([])
    assert parse_policy("quorum none\n").is_met_by([])
    one = parse_policy(f"witness a {WITNESSES['a']}\nquorum a")
    assert not one.is_met_by([WITNESSES["b"]])
    assert one.is_met_by([WITNESSES["a"]])


A, B = f"witness a {WITNESSES['a']}", f"witness b {WITNESSES['b']}"


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["quorum nobody"], 1),
        (["nonsense", "quorum none"], 1),
        (["quorum none", "quorum none"], 2),
        (["log", "quorum none"], 1),
        ([f"log {WITNESSES['a']}"], 1),
        ([f"witness a {LOG}"], 1),
        ([f"log {LOG}", f"log {LOG}"], 2),
        (["log name+00000000+AAAA"], 1),
        ([A, A], 2),
        ([A, f"witness other {WITNESSES['a']}"], 2),
        ([f"witness none {WITNESSES['a']}"], 1),
        ([A, "group a all a"], 2),
        ([A, "group g 2 a"], 2),
        ([A, "group g 0 a"], 2),
        ([A, "group g some a"], 2),
        ([A, "group g all"], 2),
        ([A, "group g all a a"], 2),
        ([A, "group g all b", B], 2),
        ([A, "group g all none"], 2),
        ([A, B, "group g all a", "group h all a b"], 4),
    ],
)
def test_a_line_that_cannot_be_meant_is_named(lines: list[str], number: int) -> None:
    with pytest.raises(Invalid, match=f"Line {number} of the log policy is wrong"):
        parse_policy("\n".join(lines))


def test_a_policy_without_a_quorum_is_refused() -> None:
    with pytest.raises(Invalid, match="no quorum line"):
        parse_policy(A)
