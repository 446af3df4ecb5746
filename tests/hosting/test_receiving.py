"""What the process that makes a base says, and what it leaves when it says nothing."""

import sys
from pathlib import Path

import pytest

from hpserver.errors import AlreadyExistsError, HPError, ImportRefusedError
from hpserver.hosting.receiving import Made, Order, Receiver, maybe_made
from hpserver.protocol.messages import Reading

MADE = b'{"type":"made","revision":1,"counts":{},"notes":[],"noted":{}}'


def receiver(code: str) -> Receiver:
    """Return one whose process is that Python."""
    return Receiver((sys.executable, "-I", "-c", code))


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """A branch that is to be made."""
    return Order("p", 1, "", str(tmp_path / "B.hpbase"), "B", "d", Reading("a.csv"), "A", "01")


async def test_what_was_made_is_the_answer(order: Order) -> None:
    """As the process says it."""
    assert await receiver(f"print({MADE.decode()!r})").make(order) == Made(1, {}, (), {})


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ('print(\'{"type":"not made","code":770,"text":"taken","details":{"base":"B"}}\')', AlreadyExistsError),
        ("print('nonsense')", ImportRefusedError),
        ("import os; os.kill(os.getpid(), 9)", ImportRefusedError),
    ],
    ids=["refused", "nonsense", "killed"],
)
async def test_what_was_not_made_leaves_no_half(order: Order, code: str, kind: type[HPError]) -> None:
    """Neither a base that was begun nor a word about a branch that is not there."""
    folder = Path(order.path).parent
    for name in (".B.hpbase.new", "B.hpbase.origin"):
        (folder / name).touch()
    with pytest.raises(kind):
        await receiver(code).make(order)
    assert not sorted(folder.glob("*.new")) + sorted(folder.glob("*.origin"))


def test_only_an_answer_of_ours_is_one() -> None:
    """Nothing, half of one and another one are none."""
    assert maybe_made(MADE) == Made(1, {}, (), {})
    assert maybe_made(b"") is maybe_made(MADE[:-1]) is maybe_made(b'{"type":"other"}') is None
