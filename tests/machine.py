"""A pure machine as a script: `>>` something happens, `<<` this is asked of the world, in order and completely.

::

    (
        Playbook(Router())
        >> SessionOpened(1, Role.CONTROLLER, device=3, thumbprint=MINE)
        >> Heard(1, Hello((1,), (), "test"))
        << Greet(1)
    ).end()
"""

from typing import Any, Generic, Protocol, Self, TypeVar

from hpserver.errors import HPError


class Machine(Protocol):
    """What has the shape of our machines."""

    def handle(self, stimulus: Any, now: float) -> list[Any]:
        """Return effects."""


M = TypeVar("M", bound=Machine)


class Playbook(Generic[M]):
    """A machine and the effects nobody has looked at yet. Time stands still until `at`."""

    def __init__(self, machine: M, now: float = 1000.0) -> None:
        self.machine = machine
        self.now = now
        self.asked: list[Any] = []

    def __rshift__(self, stimulus: object) -> Self:
        """Let something happen; what was asked before must have been expected."""
        assert not self.asked, f"nobody expected {self.asked}"
        self.asked = list(self.machine.handle(stimulus, self.now))
        return self

    def __lshift__(self, effect: object) -> Self:
        """Expect this effect next. An error is compared by its class and details."""
        assert self.asked, f"{effect} was expected, nothing was asked"
        found = self.asked.pop(0)
        assert _plain(found) == _plain(effect)
        return self

    def later(self, seconds: float) -> Self:
        """Let time pass."""
        self.now += seconds
        return self

    def end(self) -> None:
        """Nothing else was asked."""
        assert not self.asked, f"nobody expected {self.asked}"


def _plain(effect: Any) -> tuple[object, ...]:
    """Errors have no equality: their class and details are what travels."""
    fields = (getattr(effect, name) for name in effect.__struct_fields__)
    return (type(effect), *((type(one), one.details) if isinstance(one, HPError) else one for one in fields))
