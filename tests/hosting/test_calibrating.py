"""What a hash may cost on this machine."""

from pathlib import Path

import pytest

from hpserver.errors import ConfigurationError
from hpserver.hosting import calibrating
from hpserver.hosting.calibrating import LEAST_PER_SECOND, MOST_SECONDS, ROWS, choose, ensure_cost, measured, read_cost
from hpserver.identity.passwords import SUPERADMINS, USERS, Cost

FAST, SLOW, CROWDED = (MOST_SECONDS, LEAST_PER_SECOND), (MOST_SECONDS + 0.001, 1e9), (0.0, LEAST_PER_SECOND - 0.1)


def test_the_rows_are_those_of_the_standards() -> None:
    """The floor is ASVS's; the top is RFC 9106's second option, which superadmins have anyhow."""
    assert (USERS, Cost(47_104, 1, 1), SUPERADMINS) == ROWS
    assert (MOST_SECONDS, LEAST_PER_SECOND) == (0.15, 20)


@pytest.mark.parametrize(
    ("second", "third", "chosen"),
    [
        (FAST, FAST, 2),
        (FAST, SLOW, 1),
        (FAST, CROWDED, 1),
        (SLOW, FAST, 0),
        (CROWDED, FAST, 0),
        (SLOW, CROWDED, 0),
    ],
)
def test_the_dearest_row_that_the_machine_can_pay(
    second: tuple[float, float], third: tuple[float, float], chosen: int
) -> None:  # fmt: skip
    """Both figures must hold, and nothing beyond a row that failed is tried; the floor is never asked whether it is."""
    figures = dict(zip(ROWS, [(99.0, 0.0), second, third], strict=True))
    assert choose(ROWS, figures.__getitem__) == ROWS[chosen]


def test_an_installation_is_measured_once(tmp_path: Path) -> None:
    """The file is private, and what it says holds from then on."""
    folder = tmp_path / "certs"
    assert read_cost(folder) == USERS
    assert ensure_cost(folder, lambda _: FAST) == SUPERADMINS
    assert ensure_cost(folder, lambda _: SLOW) == read_cost(folder) == SUPERADMINS
    assert (folder / calibrating.FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'{"memory_kib":8,"rounds":1,"lanes":1}', b'{"memory_kib":19456,"rounds":1,"lanes":1}', b"\xff"],
)
def test_less_than_the_floor_is_refused_at_the_start(tmp_path: Path, content: bytes) -> None:
    """A file that somebody made cheap stops the server, and is named."""
    (tmp_path / calibrating.FILE).write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"hashing\.json"):
        read_cost(tmp_path)


def test_the_measurement_measures() -> None:
    """Times and rates are above zero; dearer is slower."""
    cheap, dear = measured(Cost(8, 1, 1)), measured(Cost(4096, 2, 1))
    assert 0 < cheap[0] < dear[0]
    assert cheap[1] > dear[1] > 0
