"""People with a device of their own, in front of a shell, on a whole installation."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.house import House


@dataclass(frozen=True)
class Desk:
    """A person with a device of their own, in front of a shell."""

    house: House
    signing: tuple[str, ...]

    def client(self, command: str, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of `hp client` as that person."""
        return self.house.hp("client", command, *words, *self.signing, given=given)

    def ok(self, command: str, *words: str) -> str:
        """Run one that must succeed; what it printed."""
        done = self.client(command, *words)
        assert done.returncode == 0, done
        return done.stdout

    def json(self, command: str, *words: str) -> Any:
        """Run one that must succeed; what it printed as JSON."""
        done = self.house.hp("--output", "json", "client", command, *words, *self.signing)
        assert done.returncode == 0, done
        return json.loads(done.stdout)
