"""What is done so that what runs is what should run."""

from dataclasses import dataclass, field

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from hpserver.directory.model import Desired, State
from hpserver.supervision import process as facts
from hpserver.supervision.backoff import DELAYS
from hpserver.supervision.process import NEVER, Process, ended, failed, killed, reported, started
from hpserver.supervision.reconcile import (
    DRAIN,
    KILL_AFTER,
    WATCHDOG,
    Drain,
    Fail,
    Forget,
    Kill,
    Limits,
    Start,
    next_look,
    reconcile,
)

STORM_SECONDS = 60.0


def live(now: float = 0.0) -> Process:
    """Return a process that serves since `now`."""
    return reported(started(Process(), now), "live", now)


def test_what_is_wished_up_is_started_and_left_alone() -> None:
    """The agent does nothing when all is well."""
    assert reconcile({"b": "up", "a": "up", "c": "down"}, {}, 0.0) == [Start("a"), Start("b")]
    assert reconcile({"a": "up"}, {"a": live()}, 1.0) == []


def test_what_is_wished_down_or_moving_or_by_nobody_is_drained_then_killed_then_forgotten() -> None:
    """A planning that was removed leaves like one that was stopped."""
    for desired in ({"a": "down"}, {"a": "moving"}, {}):
        wish: dict[str, Desired] = msgspec.convert(desired, dict[str, Desired])
        assert reconcile(wish, {"a": live()}, 1.0) == [Drain("a", DRAIN, KILL_AFTER)]
        leaving = facts.draining(live(), 1.0, KILL_AFTER)
        assert reconcile(wish, {"a": leaving}, 10.9) == []
        assert reconcile(wish, {"a": leaving}, 11.0) == [Kill("a", "")]
        assert reconcile(wish, {"a": killed(leaving)}, 99.0) == []
        assert reconcile(wish, {"a": ended(leaving, 12.0, "")}, 12.0) == [Forget("a")]


def test_started_again_while_leaving_it_first_leaves() -> None:
    """Two servers of one base would be the end of it."""
    leaving = facts.draining(live(), 1.0, KILL_AFTER)
    assert reconcile({"a": "up"}, {"a": leaving}, 2.0) == []
    assert reconcile({"a": "up"}, {"a": leaving}, 11.0) == [Kill("a", "")]
    assert reconcile({"a": "up"}, {"a": ended(leaving, 2.0, "")}, 2.0) == [Start("a")]


def test_silence_is_a_hang() -> None:
    """A process that loops for ever is worth no more than a dead one."""
    assert reconcile({"a": "up"}, {"a": live()}, WATCHDOG - 0.1) == []
    [kill] = reconcile({"a": "up"}, {"a": live()}, WATCHDOG)
    assert kill == Kill("a", "gave no sign of life for 30 s")
    assert reconcile({"a": "up"}, {"a": live()}, 2.0, Limits(watchdog=1.0))
    assert reconcile({"a": "up"}, {"a": killed(live())}, 99.0) == []


def test_own_leave_has_an_end_too() -> None:
    """A process that says it leaves and never does is hung."""
    leaving = reported(live(), "draining", 0.0)
    stays = msgspec.structs.replace(leaving, heard_at=leaving.kill_at)
    assert reconcile({"a": "up"}, {"a": stays}, leaving.kill_at) == [Kill("a", "did not end though it said it would")]


def test_restart_waits_for_its_time() -> None:
    """A storm of starts would take the machine from the others."""
    dead = ended(live(), 10.0, "exit code 1")
    assert reconcile({"a": "up"}, {"a": dead}, 10.4) == []
    assert reconcile({"a": "up"}, {"a": dead}, 10.5) == [Start("a")]


def test_s12_process_that_dies_at_start_is_given_up_with_its_reason() -> None:
    """A bad base costs four starts, then a line on a screen."""
    process, now = Process(), 0.0
    for delay in DELAYS:
        process = ended(started(process, now), now, "exit code 1")
        assert process.start_at == now + delay
        now = process.start_at
    process = ended(started(process, now), now, "exit code 1")
    assert reconcile({"a": "up"}, {"a": process}, now) == [Fail("a", "exit code 1")]
    assert reconcile({"a": "up"}, {"a": failed(process, "exit code 1")}, now + 1e6) == []


def test_down_then_up_clears_a_failure() -> None:
    """The person who repaired the base starts the planning, and it starts."""
    given_up = failed(Process(restarts=3), "exit code 1")
    assert reconcile({"a": "down"}, {"a": given_up}, 0.0) == [Forget("a")]
    assert reconcile({"a": "up"}, {}, 0.0) == [Start("a")]


def test_next_look_is_when_time_alone_calls() -> None:
    """The agent sleeps until then."""
    assert next_look({}) == NEVER
    assert next_look({"a": live(1.0)}) == 1.0 + WATCHDOG
    assert next_look({"a": live(1.0), "b": ended(live(), 5.0, "")}) == 5.5
    assert next_look({"a": facts.draining(live(1.0), 2.0, 10.0)}) == 12.0
    assert next_look({"a": killed(live()), "b": failed(Process(), "")}) == NEVER


@dataclass
class World:
    """Processes that do whatever the history says, kept by reconcile."""

    now: float = 0.0
    desired: dict[str, Desired] = field(default_factory=dict)
    known: dict[str, Process] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    restarts: dict[str, list[float]] = field(default_factory=dict)
    first: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Carry out what reconcile wishes, and check every promise while doing so."""
        for effect in reconcile(self.desired, self.known, self.now):
            subject = effect.subject
            process = self.known.get(subject, Process())
            match effect:
                case Start():
                    assert subject not in self.running, "two processes for one subject"
                    assert self.desired[subject] == "up"
                    self.running.add(subject)
                    self.note_start(subject)
                    self.known[subject] = started(process, self.now)
                case Drain():
                    assert subject in self.running
                    self.known[subject] = facts.draining(process, self.now, effect.kill_after)
                case Kill():
                    self.known[subject] = killed(process, effect.reason)
                    self.end(subject, "signal 9")
                case Fail():
                    assert process.restarts == len(DELAYS)
                    self.known[subject] = failed(process, effect.reason)
                case Forget():
                    assert subject not in self.running
                    del self.known[subject]
                    self.first.discard(subject)

    def note_start(self, subject: str) -> None:
        """Check that no more than three restarts fall in any minute; a start by a new wish is none."""
        if subject in self.first:
            recent = [at for at in self.restarts.setdefault(subject, []) if at > self.now - STORM_SECONDS]
            assert len(recent) < len(DELAYS), "a storm"
            self.restarts[subject] = [*recent, self.now]
        else:
            self.restarts[subject] = []
        self.first.add(subject)

    def end(self, subject: str, how: str) -> None:
        """Let a process end."""
        if subject in self.running:
            self.running.remove(subject)
            asked = self.known[subject].asked
            self.known[subject] = ended(self.known[subject], self.now, how)
            if asked:
                self.first.discard(subject)

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


SUBJECTS = st.sampled_from(["planning:1", "planning:2"])
EVENTS = st.one_of(
    st.tuples(st.just("wish"), SUBJECTS, st.sampled_from(["up", "up", "down", "moving"])),
    st.tuples(st.just("report"), SUBJECTS, st.sampled_from(["starting", "live", "frozen", "draining", "failed"])),
    st.tuples(st.just("die"), SUBJECTS, st.just("")),
    st.tuples(st.just("pass"), st.sampled_from([0.1, 0.5, 2.0, 8.0, 31.0, 61.0]), st.just("")),
)


@given(st.lists(EVENTS, max_size=80))
def test_any_history_keeps_the_promises(history: list[tuple[str, object, str]]) -> None:
    """Never two processes for one subject, never a fourth restart in a minute, and the healthy end up live."""
    world = World()
    for kind, what, value in history:
        match kind:
            case "wish":
                world.desired[str(what)] = msgspec.convert(value, Desired)
            case "report" if what in world.running:
                process = world.known[str(what)]
                world.known[str(what)] = reported(process, msgspec.convert(value, State), world.now)
            case "die":
                world.end(str(what), "signal 11")
            case "pass":
                world.pass_time(float(str(what)))
        world.look()
    settle(world)
    for subject in world.desired.keys() | world.known.keys():
        state = world.known[subject].state if subject in world.known else "stopped"
        wish = world.desired.get(subject)
        assert state == "live" or (wish == "up" and state == "failed") or (wish != "up" and state == "stopped")
        assert (subject in world.running) == (state == "live")


def settle(world: World) -> None:
    """Let every process be healthy from now on, and wait until nothing moves."""
    for _ in range(400):
        for subject in list(world.running):
            process = world.known[subject]
            if process.asked:
                world.end(subject, "exit code 0")
            elif process.state != "draining":
                world.known[subject] = reported(process, "live", world.now)
        world.pass_time(0.5)
        world.look()
