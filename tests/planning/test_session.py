"""One client that spent its ticket."""

from hpserver.identity.tickets import Admission
from hpserver.protocol.messages import Present
from tests.desk import a_session


def test_a_session_begins_quiet_and_shows_no_secret() -> None:
    """Nothing is pushed to who did not ask, and the others see neither certificate nor key of the directory."""
    bearer = Admission(b"hash", b"print", "account", 7, "ada", "Ada L.", "planning01", 3, 0.0, "Consultation")
    session = a_session(4, bearer, "ada/1")
    assert (session.following, session.behind, session.watching) == (False, False, False)
    assert (session.user, session.thumbprint, session.author) == (7, b"print", "ada/1")
    session.holds["activity", 2] = 0.0
    assert session.present() == Present(4, "ada", "Ada L.", "Consultation", (("activity", 2),))
