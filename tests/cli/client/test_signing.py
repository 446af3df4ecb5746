from pathlib import Path

import pytest

from hpserver.cli.client.signing import default_folder


def test_a_device_lies_where_the_user_keeps_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG, else `~/.config`."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/xdg")
    assert default_folder() == Path("/xdg/hp/device")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    assert default_folder() == Path("/home/ada/.config/hp/device")
