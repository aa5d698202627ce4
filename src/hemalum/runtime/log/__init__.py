"""The append-only, verifiable log of a node: what was done can be proved later, and not be changed unseen.

`open_log` opens the log of a node; `Log.append` returns once an entry is durable. The log follows RFC 6962
and, of C2SP, tlog-tiles, tlog-checkpoint, tlog-cosignature, tlog-witness, tlog-proof and tlog-policy, so
that others check it with programs that are not ours. Start at `log`; `witness` lets nodes watch over each
other, `verify` checks a whole log against itself. docs/reference/log.md tells people.
"""

from hemalum.runtime.log.append import Position
from hemalum.runtime.log.log import Log, open_log
from hemalum.runtime.log.store import LogFailed, LogFull

__all__ = ["Log", "LogFailed", "LogFull", "Position", "open_log"]
