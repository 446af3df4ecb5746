"""Every limit of a planning, named once, with its reason. Knows numbers, nothing else."""

from typing import Final

COALESCE_SECONDS: Final = 0.02
"""Under load, what was committed within this time is told in one Delta: fan-out costs a constant share of a core."""

SERVED_TRIES: Final = 150
"""Edits tried for one question about repairs: some tens of milliseconds, as everybody waits meanwhile."""

MAX_BATCH: Final = 1024
"""Transactions of one commit at most: it stays within a few tens of milliseconds."""

MAX_UNDURABLE: Final = 8192
"""Transactions that may wait for a stalled disk: well within what the history keeps."""

MAX_CHANGES_BYTES: Final = 512 << 10
"""Bytes of the changes of one transaction: with its keys resolved it still fits a frame."""

MAX_FACTS_BYTES: Final = 900 << 10
"""Bytes of what a transaction did, with the parts that went with their whole: a Delta holds at least one."""

MAX_WHOLE_BYTES: Final = 64 << 20
"""Bytes of what a branch taken over did, or of that taken back: a whole school of 100,000 objects takes half of it. Who
follows is told to take a snapshot where it fits no frame."""

DELTA_BYTES: Final = 768 << 10
"""Bytes of transactions in one Delta: above, it is told in several. One that is larger alone still fits a frame."""

CATCH_UP_BYTES: Final = 1 << 20
"""Bytes of transactions pushed at once to who comes back: within `OUTPUT_SOFT`. Beyond, a snapshot is the way."""

CHECKPOINT_EVERY: Final = 4000
"""Transactions between two snapshots beside the journal: replaying as many takes 0.15 s after a kill (measured), and a
snapshot stops the loop and keeps the disk busy."""

SNAPSHOT_LAG: Final = 1000
"""A snapshot this many transactions old still serves a newcomer, who then follows from its revision."""
