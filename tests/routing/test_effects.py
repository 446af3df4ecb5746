"""Effects are plain wishes."""

from hpserver.routing import effects


def test_r02_a_planning_server_is_told_the_hash_of_a_ticket_only() -> None:
    """Who reads what passes between our processes still has no ticket."""
    fields = set(effects.AdmitAt.__struct_fields__)
    assert "ticket_hash" in fields
    assert "ticket" not in fields
