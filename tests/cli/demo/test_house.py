import socket
from pathlib import Path

import pytest

from hpserver.cli.demo.house import MARK, House
from hpserver.config import Ports
from hpserver.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make` points this process at the house: put it back afterwards."""
    for name in ("HP_STATE", "HP_RUN", "HP_PORTS__FIRST", "HP_PORTS__LAST", "HP_WEB__PORT"):
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)


def test_a_house_is_made_anew(tmp_path: Path) -> None:
    """What an earlier demo left is replaced, and nobody else may look inside."""
    house = House(tmp_path / "demo")
    house.make()
    (house.folder / "left").touch()

    house.make()

    assert not (house.folder / "left").exists()
    assert (house.folder / MARK).exists()
    assert house.folder.stat().st_mode & 0o777 == 0o700


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    """Only what a demo made is ever removed."""
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="choose another"):
        House(tmp_path).make()


def test_ports_in_use_are_passed_over() -> None:
    """With somebody on the first ports, the next ones are taken."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", Ports().first))
        except OSError:
            pass  # somebody has it already: as good
        else:
            taken.listen()
        assert House(Path("demo")).first_port > Ports().first


def test_the_ports_are_those_that_are_wished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who tries the demo beside an installation says where; too few ports are an error, not another range."""
    monkeypatch.setenv("HP_PORTS__FIRST", "31950")
    assert 31950 <= House(Path("demo")).first_port < 32767
    monkeypatch.setenv("HP_PORTS__LAST", "31952")
    with pytest.raises(ConfigurationError, match="from 31950 to 31952"):
        House(Path("demo"))


def test_a_house_that_never_started_stops(tmp_path: Path) -> None:
    """Stopping is safe before starting, and twice; there are no last words yet."""
    house = House(tmp_path / "demo")

    assert [house.stop(), house.stop()] == [0, 0]
    assert house.last_words() == ""
