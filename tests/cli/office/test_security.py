"""`hp security`: how an account is protected."""

from tests.cli.shell import Shell


def test_what_is_not_said_stays(shell: Shell) -> None:
    """Both faces of one value: told, and set."""
    now = shell.json("security", "show")
    assert now == {
        "measures": ["none", "notification", "pin"], "renewal": "none", "renewal_days": 365, "session_hours": 12,
        "idle_minutes": 60, "sessions": 5, "codes": False,
    }  # fmt: skip
    changed = shell.json("security", "set", "--measure", "pin", "--renewal", "notify", "--sessions", "2")
    assert changed == now | {"measures": ["pin"], "renewal": "notify", "sessions": 2} == shell.json("security", "show")
    assert "life of a session (hours): 12" in shell.ok("security", "show").out
    assert shell.hp("security", "set", "--session-hours", "13").status == 2
