"""What a program says by itself, and what only a person asks for; with real links see test_live_sessions.py."""

from hpserver.attending import BY_ITSELF, Attending
from hpserver.errors import CertificateRefusedError
from hpserver.identity.sessions import SessionLimits, sent_away
from hpserver.protocol import messages as m
from hpserver.protocol.internal import Inside, InsideNow
from hpserver.protocol.limits import LOGIN_SECONDS
from hpserver.protocol.states import State
from tests.net.ends import until
from tests.net.test_dialogue import CERTIFICATE, Line

ZOE = (7, "zoe", "Modification")


async def entered(*numbers: int) -> dict[int, Line]:
    """Lines of those who are in."""
    lines = {number: Line() for number in numbers}
    for line in lines.values():
        await line.enter()
    return lines


def attending(lines: dict[int, Line]) -> Attending:
    """A planning with these lines, where everybody came at second 10 and may stay until 500."""
    here = Attending("planning01", {number: line.dialogue for number, line in lines.items()})
    for number in lines:
        here.came(number, ZOE, 10.0, 500.0)
    return here


def goes_on(line: Line) -> bool:
    """Whether the server has not ended it."""
    return line.dialogue.connection.state is not State.CLOSED


async def cause(line: Line) -> str:
    """Why the line has ended, as the client is told."""
    await until(lambda: isinstance(line.said()[-1], m.Failed))
    last = line.said()[-1]
    assert isinstance(last, m.Failed)
    return str(last.details["cause"])


def test_pings_and_following_do_not_count_as_somebody_there() -> None:
    """An idle session ends however often its program says that it lives, or comes back."""
    here = Attending("planning01", {})
    here.came(1, (7, "durand", "Modification"), 0.0, 50_000.0)
    for kind in BY_ITSELF:
        here.heard(1, kind, 3000.0)
    assert here.end_those_over(3600.0) == [1]
    here.heard(1, m.GetTimetable, 3601.0)
    assert here.end_those_over(3602.0) == []
    here.look_later(1, 3602.0)
    assert (here.end_those_over(3603.0), here.end_those_over(3608.0)) == ([], [1])
    here.left(1)
    assert not here.holds(1, 7)


async def test_a13_who_has_lasted_is_told_so_and_who_is_idle_is_looked_at() -> None:
    """At the very end, and not before."""
    lines = await entered(1, 2)
    here = attending(lines)
    here.came(2, ZOE, 10.0, 9000.0)
    assert here.look(499.0) == []
    assert goes_on(lines[1])
    assert here.look(500.0) == []
    assert await cause(lines[1]) == "time"
    here.left(1)
    assert here.look(3610.0) == [2]


async def test_a13_an_idle_session_is_told_so_and_a_display_stays() -> None:
    """A display has nobody before it; who is gone already is nobody's fault."""
    lines = await entered(1, 2)
    here = attending(lines)
    here.end_idle(1, 300.0)
    here.end_idle(2, 300.0, is_display=True)
    here.end_idle(9, 300.0)
    assert await cause(lines[1]) == "idle"
    assert goes_on(lines[2])
    stays = Inside("planning01", 2, *ZOE[:2], CERTIFICATE, "192.0.2.1", 110_000, 400_000, ZOE[2])
    assert here.rows(300.0, 400_000) == [stays]


async def test_who_is_here_is_told_until_they_were_told_to_go() -> None:
    """An administrator who closes a session and looks again does not see it, however long its link takes to close."""
    lines = await entered(1, 2)
    here = attending(lines)
    seen = [
        Inside("planning01", number, *ZOE[:2], CERTIFICATE, "192.0.2.1", 110_000, 110_000, ZOE[2]) for number in (1, 2)
    ]
    assert here.rows(300.0, 400_000) == seen
    assert here.page(4, 1, 300.0, 400_000) == InsideNow(4, (seen[1],), more=False)
    assert (here.holds(1, 7), here.holds(1, 8), here.holds(3, 7)) == (True, False, False)
    lines[1].dialogue.fail(sent_away())
    assert here.rows(300.0, 400_000) == [seen[1]]
    assert not here.holds(1, 7)


async def test_p03_who_does_not_come_in_in_time_is_ended() -> None:
    """From the connection on, to the second; who came in is asked for no ticket any more."""
    lines = await entered(1, 2)
    here = Attending("planning01", {number: line.dialogue for number, line in lines.items()})
    here.connected(1, 100.0)
    here.connected(2, 100.0)
    here.came(2, ZOE, 101.0)
    here.look(100.0 + LOGIN_SECONDS)
    assert goes_on(lines[1])
    here.look(100.5 + LOGIN_SECONDS)
    assert not goes_on(lines[1])
    assert goes_on(lines[2])


async def test_the_oldest_session_of_too_many_is_told_when_another_comes() -> None:
    """And nobody else's."""
    lines = await entered(1, 2, 3)
    here = Attending("planning01", {number: line.dialogue for number, line in lines.items()})
    here.limits = SessionLimits(sessions=1)
    here.came(1, ZOE, 10.0)
    here.came(2, (8, "bob", "Modification"), 11.0)
    here.came(3, ZOE, 12.0)
    assert await cause(lines[1]) == "replaced"
    assert goes_on(lines[2])
    assert goes_on(lines[3])


async def test_t05_a_certificate_that_is_good_no_longer_ends_what_it_began() -> None:
    """Of who is in, and of who is not in yet."""
    lines = await entered(1, 2)
    here = attending(lines)
    here.end_untrusted(lambda _: None)
    assert goes_on(lines[1])

    def refuse(_der: bytes) -> None:
        raise CertificateRefusedError("The certificate is revoked.", cause="revoked")

    here.end_untrusted(refuse)
    assert [await cause(line) for line in lines.values()] == ["revoked", "revoked"]
