"""How long to wait before a process is started again, and when to stop trying. Knows no process."""

from typing import Final

DELAYS: Final = (0.5, 2.0, 8.0)
"""Seconds before the first, second and third restart (the shape of Erlang/OTP and systemd)."""

WINDOW: Final = 60.0
"""Seconds of good service after which former deaths are forgotten."""


def delay_before_restart(restarts: int) -> float | None:
    """Return the seconds to wait after a death, `restarts` having been made already; None: give up."""
    return DELAYS[restarts] if restarts < len(DELAYS) else None


def has_recovered(served: float) -> bool:
    """Tell whether a process that has served for so many seconds starts again with a clean slate."""
    return served > WINDOW
