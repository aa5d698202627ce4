"""The witnesses of the node's log, and the node as a witness of the logs of others."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hemalum.kernel.clock import Clock, utc_now
from hemalum.runtime.db import open_database
from hemalum.runtime.log import Log
from hemalum.runtime.log.notes import open_checkpoint
from hemalum.runtime.log.witness import Answer, Post, Witness, ask_witnesses
from hemalum.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class WitnessState:
    """How far a witness has followed the log."""

    name: str
    key: str
    url: str | None
    cosigned: int
    """Entries of the largest checkpoint that it cosigned."""


@dataclass(frozen=True)
class Witnessing:
    """Witnesses and witnessing of a node. May be used from several threads."""

    log: Log
    witness: Witness
    clock: Clock = utc_now

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer another log that asks for a cosignature (C2SP tlog-witness)."""
        return self.witness.add_checkpoint(body, self.clock())

    def have_cosigned(self, post: Post | None = None) -> dict[str, str | None]:
        """Ask the witnesses of the policy to cosign the newest checkpoint, unless all of them have.

        Returns by name what went wrong, or None; waits up to ten seconds for each.
        """
        size = open_checkpoint(self.log.checkpoint(), self.log.key).size
        if all(state.cosigned >= size for state in self.states() if state.url is not None):
            return {}
        return ask_witnesses(self.log, post)

    def states(self) -> list[WitnessState]:
        """The witnesses of the policy."""
        return [
            WitnessState(name, str(known.key), known.url, self.log.size_cosigned_by(known.key))
            for name, known in self.log.policy.witnesses.items()
        ]


@contextmanager
def open_witnessing(settings: Settings, log: Log, seed: bytes) -> Iterator[Witnessing]:
    """The witnesses that the policy of the log names; the node cosigns the logs that it names.

    `seed` is its key as a witness, another one than that of its log; its name is that of the log with
    `/witness` behind it.
    """
    engine = open_database(settings.log_database_url)
    try:
        logs = [known.key for known in log.policy.logs]
        yield Witnessing(log, Witness(engine, f"{settings.node_name}/witness", seed, logs))
    finally:
        engine.dispose()
