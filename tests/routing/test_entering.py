"""The way in, step by step, is tried with the router that opens it: see test_router."""

from hpserver.identity.sessions import MOST_HOURS

SESSION_SECONDS = MOST_HOURS * 3600.0


def test_a_session_lasts_twelve_hours() -> None:
    """NIST 800-63B, AAL2; ASVS 7.3.2."""
    assert SESSION_SECONDS == 12 * 3600
