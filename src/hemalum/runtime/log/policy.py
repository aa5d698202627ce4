"""Whom a node trusts about logs: which logs, which witnesses, how many of them (C2SP tlog-policy).

log     <vkey> [<url>]
witness <name> <vkey> [<url>]
group   <name> all|any|<k> <name>...
quorum  <name>|none
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from hemalum.kernel.errors import Invalid
from hemalum.runtime.log.notes import SignatureType, VerifierKey, parse_verifier_key

_NO_QUORUM = "none"


@dataclass(frozen=True, slots=True)
class Known:
    """A log or a witness."""

    key: VerifierKey
    url: str | None = None
    """Where a witness is asked: its submission prefix."""


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these members, each a witness or another group."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """What a policy file says. Without one, nobody is asked and no cosignature is wanted."""

    logs: tuple[Known, ...] = ()
    witnesses: Mapping[str, Known] = field(default_factory=dict)
    """By the name that groups and quorum use."""
    groups: Mapping[str, Group] = field(default_factory=dict)
    """In their order: a group names only what stands above it."""
    quorum: str = _NO_QUORUM

    @property
    def witness_keys(self) -> tuple[VerifierKey, ...]:
        return tuple(known.key for known in self.witnesses.values())

    def is_met_by(self, cosigners: Collection[VerifierKey]) -> bool:
        """Whether a checkpoint that these keys cosigned is witnessed well enough."""
        reached = {_NO_QUORUM} | {name for name, known in self.witnesses.items() if known.key in cosigners}
        for name, group in self.groups.items():
            if len(reached.intersection(group.members)) >= group.threshold:
                reached.add(name)
        return self.quorum in reached


def parse_policy(text: str) -> Policy:
    """The policy that a file states.

    Raises:
        Invalid: a line cannot be meant; says which one.
    """
    logs: list[Known] = []
    witnesses: dict[str, Known] = {}
    groups: dict[str, Group] = {}
    quorums: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = [word for word in re.split("[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            match words:
                case ["log", key, *url] if len(url) <= 1:
                    logs.append(_known(key, url, SignatureType.LOG, logs))
                case ["witness", name, key, *url] if len(url) <= 1:
                    _refuse_taken(name, {**witnesses, **groups})
                    witnesses[name] = _known(key, url, SignatureType.WITNESS, witnesses.values())
                case ["group", name, threshold, *members]:
                    _refuse_taken(name, {**witnesses, **groups})
                    groups[name] = _group(threshold, members, witnesses, groups)
                case ["quorum", name] if not quorums and name in {_NO_QUORUM, *witnesses, *groups}:
                    quorums.append(name)
                case _:
                    raise Invalid("It cannot be understood, or names what is not defined above it.")
        except Invalid as error:
            raise Invalid(
                "Line {number} of the log policy is wrong. {error}", number=number, error=error.sentence
            ) from error
    if not quorums:
        raise Invalid("The log policy has no quorum line.")
    return Policy(tuple(logs), witnesses, groups, quorums[0])


def _known(key: str, url: list[str], type_: SignatureType, others: Collection[Known]) -> Known:
    parsed = parse_verifier_key(key)
    if parsed.type is not type_:
        raise Invalid("This is not the key of a {kind}.", kind=type_.name.lower())
    if any(other.key.public == parsed.public for other in others):
        raise Invalid("This key appears twice.")
    return Known(parsed, url[0] if url else None)


def _group(
    threshold: str, members: list[str], witnesses: Mapping[str, Known], groups: Mapping[str, Group]
) -> Group:
    free = {*witnesses, *groups} - {member for group in groups.values() for member in group.members}
    if len(set(members)) < len(members) or not free.issuperset(members):
        raise Invalid("A group names members that are defined above it, each once and in no other group.")
    words = {"all": str(len(members)), "any": "1"}
    wanted = words.get(threshold, threshold)
    if not re.fullmatch("[1-9][0-9]{0,3}", wanted) or int(wanted) > len(members):
        raise Invalid("A group wants all, any or a number of its members.")
    return Group(int(wanted), tuple(members))


def _refuse_taken(name: str, taken: Collection[str]) -> None:
    if name == _NO_QUORUM or name in taken:
        raise Invalid("The name {name} is taken.", name=name)
