"""How facts change what is known of a process."""

import pytest

from hpserver.directory.model import State
from hpserver.supervision.process import (
    NEVER,
    OWN_DRAIN,
    Process,
    draining,
    ended,
    failed,
    killed,
    reported,
    started,
)


def live(now: float = 0.0) -> Process:
    """Return a process that serves since `now`."""
    return reported(started(Process(), now), "live", now)


def test_process_starts_then_serves() -> None:
    """The screens tell a planning that loads from one that serves."""
    process = started(Process(), 1.0)
    assert (process.state, process.is_alive, process.serving_since) == ("starting", True, NEVER)
    process = reported(process, "live", 2.0)
    assert (process.state, process.heard_at, process.serving_since) == ("live", 2.0, 2.0)
    process = reported(process, "frozen", 3.0, "the store does not answer")
    assert (process.state, process.serving_since, process.reason) == ("frozen", 2.0, "the store does not answer")
    assert reported(process, "live", 4.0).reason == ""


def test_death_without_being_asked_is_a_restart_with_its_reason() -> None:
    """What the process said of itself explains more than its exit code."""
    assert ended(live(), 5.0, "ended by signal 9") == Process(
        restarts=1, start_at=5.5, reason="ended by signal 9", state="stopped"
    )
    last_words = reported(live(), "failed", 5.0, "the base is corrupt")
    assert last_words.state == "live"
    assert ended(last_words, 5.0, "exit code 1").reason == "the base is corrupt"


def test_end_that_was_asked_for_leaves_nothing() -> None:
    """A stop is no failure."""
    assert ended(draining(live(), 1.0, 10.0), 2.0, "exit code 0") == Process()


def test_asked_to_end_is_never_live_again() -> None:
    """A late report must not show a leaving planning as open."""
    process = draining(live(), 1.0, 10.0)
    assert reported(process, "live", 2.0).state == "draining"
    assert process.kill_at == 11.0


def test_process_that_leaves_by_itself_is_awaited_and_counted() -> None:
    """Somebody sent it SIGTERM: it drains, ends and starts again, but never in a storm."""
    process = reported(live(), "draining", 1.0)
    assert (process.state, process.kill_at, process.asked) == ("draining", 1.0 + OWN_DRAIN, False)
    assert ended(process, 2.0, "exit code 0").restarts == 1


def test_reason_of_a_kill_is_kept() -> None:
    """`hung` is what the operator must read, not `signal 9`."""
    process = killed(live(), "gave no sign of life")
    assert reported(process, "live", 1.0).reason == "gave no sign of life"
    assert ended(process, 1.0, "signal 9").reason == "gave no sign of life"
    assert killed(reported(live(), "live", 1.0, "why")).reason == "why"


@pytest.mark.parametrize(("served", "restarts"), [(60.0, 3), (61.0, 1)])
def test_long_service_clears_the_count(served: float, restarts: int) -> None:
    """Only deaths close to each other are a storm."""
    process = reported(started(Process(restarts=2), 0.0), "live", 0.0)
    assert ended(process, served, "").restarts == restarts


def test_no_restart_is_left_after_the_third() -> None:
    """The fourth death in a row is the last."""
    process = ended(started(Process(restarts=3), 0.0), 1.0, "exit code 1")
    assert (process.gives_up, process.restarts) == (True, 3)
    assert failed(process, process.reason) == Process(state="failed", restarts=3, reason="exit code 1")


@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_report_of_a_process_that_is_gone_changes_nothing(state: State) -> None:
    """The last packet of a dead process may arrive after its end."""
    process = Process(state=state)
    assert reported(process, "live", 1.0) == process
