"""The loads of `./run load`, as small as they still say something: bytes and counts are judged, times never."""

import asyncio
import resource
from pathlib import Path

import pytest

from bench import machine
from bench.build import build
from bench.house import PORTS
from bench.siege.findings import FULL, SMALL, Finding, Size, broken, table
from bench.siege.loads import measure
from tests.ports import free_ports

pytestmark = pytest.mark.timeout(600)

DESCRIPTORS = 4096
"""For the two thousand who are idle, at both ends: Linux gives them, a container may not."""


@pytest.fixture(autouse=True)
def _clients_in_c() -> None:
    """Without a compiler there is no crowd, nor without descriptors."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < DESCRIPTORS:
        pytest.skip(f"fewer than {DESCRIPTORS} descriptors (ulimit -Hn): two thousand clients are not tried")
    try:
        build("load")
    except SystemExit as error:
        pytest.skip(str(error))


def found(load: str) -> dict[str, float]:
    """Put a load on a real installation, and see that every bar holds; what was found."""
    findings = asyncio.run(measure(load, SMALL, free_ports(PORTS)))
    assert not broken(findings), table(findings)
    return {one.what: one.found for one in findings}


@pytest.mark.parametrize("shown", ["", "/autogroup-12 nice 0\n"])
def test_where_sessions_have_no_group_of_their_own_nothing_is_given(
    shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that groups no sessions shows an empty file; nor is there anything to give of no urgency."""
    (tmp_path / "autogroup").write_text(shown, encoding="ascii")
    monkeypatch.setattr(machine, "AUTOGROUP", tmp_path / "autogroup")
    no_such_process = 2**22 + 1
    machine.hurry_as_we_do(no_such_process)


def test_a_bar_of_bytes_is_judged_and_a_bar_of_time_is_told() -> None:
    """Another machine, or a busier one, fails no test."""
    bytes_, time = Finding("L0", "MiB", 3, 2), Finding("L0", "seconds", 3, 2, timed=True)
    assert broken([bytes_, time, Finding("L0", "told", 3)]) == [bytes_]
    assert not time.holds
    assert "ABOVE" in table([time])
    assert not Finding("L0", "drops", 1, 0, "exactly").holds
    assert not Finding("L0", "answers", 0, 1, "at least").holds


def test_the_small_loads_are_smaller_than_the_full_ones_and_of_the_same_kinds() -> None:
    """What the tests do is what `./run load` does."""
    assert all(getattr(SMALL, name) <= getattr(FULL, name) for name in Size.__struct_fields__)
    assert SMALL.warm < SMALL.churn
    assert SMALL.slow < SMALL.watchers


@pytest.mark.slow
def test_l1_two_thousand_idle_connections_take_45_kib_each_and_none_is_dropped() -> None:
    """A school's whole staff leaves its screens open; nobody is thrown out, and the memory of a small machine holds."""
    found("L1")


@pytest.mark.slow
def test_l4_fifty_logins_at_one_moment_all_get_in_and_leave_no_memory_behind() -> None:
    """The bell rings at eight, and everybody signs in."""
    found("L4")


@pytest.mark.slow
def test_l5_silent_connections_and_handshakes_by_the_thousand_close_nobodys_line() -> None:
    """A flood takes what the gate gives it, and all of it comes back; who is at work goes on."""
    assert found("L5")["questions answered meanwhile"] > 1


@pytest.mark.slow
def test_l6_readers_who_stop_reading_keep_nothing_from_the_others() -> None:
    """Who reads is told each edit, once and in order, whoever else does not."""
    found("L6")


@pytest.mark.slow
def test_l7_five_thousand_who_come_and_go_leave_no_memory_and_no_descriptor() -> None:
    """A server that is up from September to July must not grow by who has left."""
    found("L7")
