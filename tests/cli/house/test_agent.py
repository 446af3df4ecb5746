import pytest

from tests.cli.shell import Shell


def test_an_agent_with_a_wrong_setting_starts_nothing(bare: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service manager must see that trying again is no use: status 78, and the setting by its name."""
    monkeypatch.setenv("HP_PORTS__FIRST", "abc")
    refused = bare.hp("agent")
    assert (refused.status, refused.out) == (78, "")
    assert "HP_PORTS__FIRST" in refused.err
    assert not bare.state.exists()
