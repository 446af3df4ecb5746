"""Who may open one more connection."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import LocalProtocolError
from hpserver.net import gate as rules
from hpserver.net.gate import Gate, Refusal, source_of

SOURCES = ["10.0.0.1", "10.0.0.2", "2001:db8::/64"]


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[str, str, float]]:
    """Return what happens at a gate: (event, source, draw)."""
    events = st.sampled_from(["admit", "admit", "finished", "logged in", "closed", "fault"])
    return draw(st.lists(st.tuples(events, st.sampled_from(SOURCES), st.floats(0, 0.999)), max_size=200))


class Counted:
    """A gate beside the plain list of its connections: (source, finished, logged in)."""

    def __init__(self, most: int) -> None:
        self.gate, self.most = Gate(most), most
        self.open: list[tuple[str, bool, bool]] = []

    def live(self, event: str, source: str, now: float, draw: float) -> None:
        """Let one thing happen, where it can."""
        mine = next((one for one in self.open if one[0] == source), None)
        if event == "admit":
            if self.gate.admit(source, now, draw) is None:
                self.open.append((source, False, False))
        elif event == "fault":
            self.gate.penalize(source, 5.0, now)
        elif mine is not None:
            self.open.remove(mine)
            self._go_on(event, *mine)

    def check(self) -> None:
        """Compare."""
        assert self.gate.opened == len(self.open) <= self.most
        assert self.gate.unfinished == sum(not finished for _, finished, _ in self.open)

    def _go_on(self, event: str, source: str, finished: bool, logged_in: bool) -> None:
        if event == "closed":
            self.gate.closed(source, finished=finished)
            return
        if event == "finished" and not finished:
            self.gate.finished(source)
        elif event == "logged in" and not logged_in:
            self.gate.logged_in(source)
        self.open.append((source, finished or event == "finished", logged_in or event == "logged in"))


@given(lives(), st.integers(1, 40))
def test_the_counts_are_those_of_the_connections(life: list[tuple[str, str, float]], most: int) -> None:
    """Whatever comes in which order, the gate counts what is open, and never lets in more than allowed."""
    counted, now = Counted(most), 0.0
    for event, source, draw in life:
        now += draw
        counted.live(event, source, now, draw)
        counted.check()
    for source, _, _ in list(counted.open):
        counted.live("closed", source, now, 0.0)
    counted.check()
    assert counted.gate.opened == counted.gate.unfinished == 0


def test_a_thousand_clients_of_one_address_come_in() -> None:
    """A class behind a school's NAT, or a benchmark: who finishes and behaves meets no rate."""
    gate = Gate(10_000)
    for _ in range(1000):
        assert gate.admit("10.0.0.1", 0.0, 0.0) is None
        gate.finished("10.0.0.1")
        gate.logged_in("10.0.0.1")
    assert gate.opened == 1000


def test_p03_silent_connections_of_one_source_are_bounded() -> None:
    """The fifty-first handshake of a source that finishes none is refused; others come in."""
    gate = Gate(10_000)
    answers = [gate.admit("10.0.0.1", 0.0, 0.5) for _ in range(51)]
    assert answers == [None] * 50 + [Refusal.SOURCE_UNFINISHED]
    assert gate.admit("10.0.0.2", 0.0, 0.5) is None


def test_p03_many_silent_sources_are_dropped_early_then_all() -> None:
    """From 256 handshakes under way more and more are refused at random, at 512 all of them."""
    gate = Gate(10_000)
    half = Counter(gate.admit(f"10.1.{n // 40}.0", 0.0, 0.5) for n in range(600))
    assert half[None] == 256 + 128
    gate = Gate(10_000)
    lucky = Counter(gate.admit(f"10.1.{n // 40}.0", 0.0, 0.999) for n in range(600))
    assert lucky[None] == rules.UNFINISHED - 1
    assert lucky[Refusal.EARLY_DROP] == 600 - (rules.UNFINISHED - 1)


def test_the_cap_holds_for_everybody() -> None:
    """Descriptors stay for the base and the logs."""
    gate = Gate(2)
    for source in SOURCES[:2]:
        assert gate.admit(source, 0.0, 0.0) is None
        gate.finished(source)
    assert gate.admit(SOURCES[2], 0.0, 0.0) is Refusal.FULL
    assert gate.refused[Refusal.FULL] == 1


def test_penalties_gather_and_pass() -> None:
    """Fifteen seconds of penalty close the door until they are over; less do not."""
    gate = Gate(10)
    gate.penalize("10.0.0.1", 10.0, 0.0)
    assert gate.admit("10.0.0.1", 1.0, 0.0) is None
    gate.penalize("10.0.0.1", 10.0, 1.0)
    assert gate.admit("10.0.0.1", 2.0, 0.0) is Refusal.PENALTY
    assert gate.admit("10.0.0.1", 19.0, 0.0) is Refusal.PENALTY
    assert gate.admit("10.0.0.1", 20.1, 0.0) is None


def test_penalties_end_after_ten_minutes() -> None:
    """Nobody is locked out for longer than the most, whatever was gathered."""
    gate = Gate(10)
    for _ in range(500):
        gate.penalize("10.0.0.1", 10.0, 0.0)
    assert gate.admit("10.0.0.1", rules.PENALTY_MOST - 1, 0.0) is Refusal.PENALTY
    assert gate.admit("10.0.0.1", rules.PENALTY_MOST + 1, 0.0) is None


def test_the_figures_are_those_promised() -> None:
    """OpenSSH's penalties, Teleport's rate."""
    penalties = (
        *(rules.PENALTY_NO_LOGIN, rules.PENALTY_BAD_CREDENTIALS, rules.PENALTY_PROTOCOL, rules.PENALTY_CRASH),
        *(rules.PENALTY_ACTIVE_FROM, rules.PENALTY_MOST),
    )
    assert penalties == (1, 5, 10, 90, 15, 600)
    assert (rules.FAULTS_BURST, rules.FAULTS_PER_SECOND * 60) == (40, 20)
    assert (rules.UNFINISHED_PER_SOURCE, rules.EARLY_DROP_FROM, rules.UNFINISHED) == (50, 256, 512)
    assert rules.MAX_SOURCES == 65_536


def test_faults_have_a_rate() -> None:
    """Forty faults at once, then twenty a minute, however small their penalties."""
    gate = Gate(1000)
    for _ in range(rules.FAULTS_BURST):
        assert gate.admit("10.0.0.1", 0.0, 0.0) is None
        gate.closed("10.0.0.1", finished=False)
        gate.penalize("10.0.0.1", 0.0, 0.0)
    assert gate.admit("10.0.0.1", 0.0, 0.0) is Refusal.RATE
    assert gate.admit("10.0.0.1", 3.1, 0.0) is None


def test_one_bad_laptop_does_not_close_the_door_of_a_school() -> None:
    """Where somebody has logged in once, the faults of others refuse nobody; silence is still bounded."""
    gate = Gate(1000)
    assert gate.admit("10.0.0.1", 0.0, 0.0) is None
    gate.finished("10.0.0.1")
    gate.logged_in("10.0.0.1")
    gate.penalize("10.0.0.1", 100.0, 0.0)
    assert gate.admit("10.0.0.1", 1.0, 0.0) is None
    gate.closed("10.0.0.1", finished=True)
    for _ in range(rules.FAULTS_BURST):
        gate.penalize("10.0.0.1", 100.0, 1.0)
    answers = [gate.admit("10.0.0.1", 2.0, 0.0) for _ in range(50)]
    assert answers == [None] * 49 + [Refusal.SOURCE_UNFINISHED]


def test_a_good_source_is_not_forgotten_for_idling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood from many addresses at night does not make the school a stranger in the morning."""
    monkeypatch.setattr(rules, "MAX_SOURCES", 100)
    gate = Gate(1000)
    assert gate.admit("10.0.0.1", 0.0, 0.0) is None
    gate.logged_in("10.0.0.1")
    gate.closed("10.0.0.1", finished=False)
    for n in range(1000):
        gate.penalize(f"10.1.{n // 250}.{n % 250}", 1.0, n * 60.0)
    gate.penalize("10.0.0.1", 100.0, 60_000.0)
    assert gate.admit("10.0.0.1", 60_001.0, 0.0) is None


def test_a_certificate_is_remembered_as_a_source_is() -> None:
    """What its faults cost is told in seconds, to whoever asks before letting it go on."""
    gate = Gate(10)
    assert (gate.rate_wait("c", 0.0), gate.penalty_wait("c", 0.0), gate.faults_left("c", 0.0)) == (0, 0, 0)
    gate.penalize("c", 14.0, 0.0)
    assert gate.penalty_wait("c", 0.0) == 0
    gate.penalize("c", 1.0, 0.0)
    assert (gate.penalty_wait("c", 5.0), gate.penalty_wait("c", 16.0)) == (10.0, 0)
    for _ in range(rules.FAULTS_BURST):
        gate.penalize("c", 0.0, 5.0)
    assert gate.faults_left("c", 5.0) == rules.FAULTS_BURST
    assert gate.rate_wait("c", 5.0) == pytest.approx(3.0)
    assert gate.rate_wait("c", 8.0) == pytest.approx(0.0)
    assert gate.is_spared("127.0.0.1")
    assert not gate.is_spared("c")


def test_a_spared_source_makes_no_faults() -> None:
    """A proxy in front of us is not refused for what passes through it."""
    gate = Gate(10, frozenset({"10.0.0.1"}))
    gate.penalize("10.0.0.1", 600.0, 0.0)
    assert gate.admit("10.0.0.1", 0.0, 0.0) is None


def test_a_crowd_of_a_spared_source_waits() -> None:
    """A crowd of the machine itself is not refused: it is left unaccepted until some have finished."""
    gate = Gate(10_000)
    for _ in range(50):
        assert not gate.has_crowd
        assert gate.admit("127.0.0.1", 0.0, 0.0) is None
    assert gate.has_crowd
    gate.finished("127.0.0.1")
    assert not gate.has_crowd
    gate.closed("127.0.0.1", finished=True)
    assert not gate.has_crowd


def test_the_memory_of_sources_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood from a million addresses does not fill the memory, and what is open is never forgotten."""
    monkeypatch.setattr(rules, "MAX_SOURCES", 100)
    gate = Gate(10_000)
    assert gate.admit("10.0.0.1", 0.0, 0.0) is None
    for n in range(1000):
        gate.penalize(f"10.1.{n // 250}.{n % 250}", 600.0, 0.0)
        assert len(gate._sources) <= 100
    gate.closed("10.0.0.1", finished=False)


def test_counting_out_what_was_not_counted_in_is_a_bug() -> None:
    """A wrong pairing of admit and closed is heard at once, not found as a leak in production."""
    with pytest.raises(LocalProtocolError):
        Gate(1).closed("10.0.0.1", finished=False)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("local", "local"),
    ],
)
def test_a_source_is_what_one_attacker_can_have(address: str, source: str) -> None:
    """An IPv6 customer owns a /64: its addresses count as one."""
    assert source_of(address) == source
