from itertools import islice
from pathlib import Path

import pytest

from hpserver.cli.demo.school import people, sources
from hpserver.identity.pins import check_pin
from hpserver.protocol.password_rules import check_password


def test_the_people_of_the_guide() -> None:
    """A superadmin and three users, whose secrets hold the rules and differ."""
    cast = people()

    assert [one.status for one in cast] == ["superadmin", "user", "user", "user"]
    for one in cast:
        check_password(one.password, (one.login, one.name))
        check_pin(one.pin)
    assert len({one.password for one in cast}) == 4


@pytest.mark.slow
def test_without_data_a_school_is_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up schools never end, differ, and say what they are."""
    monkeypatch.setenv("HP_SHARED", str(tmp_path))
    monkeypatch.setenv("HP_LANG", "en")
    monkeypatch.setattr("hpserver.cli.demo.school.FET_DATA", tmp_path)

    first, second = islice(sources(), 2)

    assert "seed 1" in first.origin
    assert first.planning.counts()["activity"] > 100
    assert first.planning != second.planning


def test_real_data_comes_first(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A HYPERPLANNING export is preferred to everything else."""
    monkeypatch.setenv("HP_SHARED", str(shared_data.parent.resolve()))

    assert next(sources()).origin.endswith(".ics")
