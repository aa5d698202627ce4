"""pymerkle's log in SQLite: what appending, proving and checking cost. Prints one JSON object.

python merkle_log.py DATABASE SINGLE BULK        so many events one at a time, then so many at once
"""

import json
import sys
import time
from collections.abc import Callable

from pymerkle import SqliteTree, verify_inclusion


def event(number: int) -> bytes:
    """The same events that Hemalum appends."""
    return (b'{"event":%d,' % number).ljust(254, b" ") + b"}"


def seconds_each(function: Callable[[int], object], numbers: list[int]) -> list[float]:
    """How long each call took."""
    found = []
    for number in numbers:
        started = time.perf_counter()
        function(number)
        found.append(time.perf_counter() - started)
    return found


def main() -> None:
    database, single, bulk = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    tree = SqliteTree(database + ".single")
    singles = seconds_each(lambda number: tree.append_entry(event(number)), list(range(single)))
    tree.close()
    tree = SqliteTree(database)
    events = [event(number) for number in range(bulk)]
    started = time.perf_counter()
    tree.append_entries(events)
    bulk_s = time.perf_counter() - started
    root = tree.get_root()
    indexes = [number * 7919 % bulk + 1 for number in range(200)]
    proofs = {}
    proving = seconds_each(lambda index: proofs.setdefault(index, tree.prove_inclusion(index)), indexes)
    bases = {index: tree.get_leaf(index) for index in indexes}
    checking = seconds_each(lambda index: verify_inclusion(bases[index], root, proofs[index]), indexes)
    print(
        json.dumps(
            {
                "single_s": singles,
                "bulk_s": bulk_s,
                "prove_s": proving,
                "check_s": checking,
                "root": root.hex(),
            }
        )
    )


if __name__ == "__main__":
    main()
