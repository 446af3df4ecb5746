"""The process that writes a copy of a base for somebody to take away, and proves it.

It is started by `hpserver.hosting.transfers`, so that a large base costs who serves pages neither memory nor time; it
ends with who started it. Killed at any moment, it leaves at most a file that nobody was offered.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Final

import msgspec

from hpserver.errors import HPError
from hpserver.hosting.confinement import end_with_parent
from hpserver.hosting.copies import proved_copy
from hpserver.hosting.receiving import NotMade
from hpserver.hosting.staging import system_errors
from hpserver.hosting.transfers import Copied, CopyOrder
from hpserver.log import set_up_log

BACKGROUND: Final = 10
"""How much who works in the plannings goes first (nice(2))."""


def main(arguments: list[str]) -> int:
    """Do as the one argument says, a `CopyOrder` in JSON; say a `Copied` or a `NotMade` on standard output."""
    end_with_parent(signal.SIGKILL)
    os.nice(BACKGROUND)
    set_up_log("sender")
    order = msgspec.json.decode(arguments[0], type=CopyOrder)
    outcome: Copied | NotMade
    try:
        with system_errors():
            told = asyncio.run(proved_copy(Path(order.base), Path(order.out)))
        outcome = Copied(told.revision, told.bytes)
    except HPError as error:
        outcome = NotMade(error.code, error.text, dict(error.details))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
