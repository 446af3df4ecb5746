"""What every test may count on: both event loops, the search profiles, real data where there is some."""

import asyncio
import gc
import os
import resource
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

import pytest
import uvloop
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

os.environ.setdefault("HP_WEB__PORT", "0")  # one port for the console of a machine: tests that have one say which

SLOW_SECONDS = 0.5
"""CPU time, children included, from which a test without the `slow` mark is told.

The house rule is half of it: a machine half as fast as those the tests are written on tells no other tests.
"""

DESCRIPTORS = 20_000
"""More than the tests of one process ever hold; no more, for some count them all."""

UNMARKED = "slow without the mark"
"""Goes with the report of such a test, from the process that ran it to the one that sums up."""

# No deadline and no `too_slow`: machines are shared, and a test never judges the clock.
_untimed = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
# A verdict on a change must not depend on luck: only `long` draws anew each time (`./run fuzz`).
settings.register_profile("quick", _untimed, derandomize=True, max_examples=10)
settings.register_profile("ci", _untimed, derandomize=True, max_examples=100)
settings.register_profile("long", _untimed, derandomize=False, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run every async test on both loops, unless a mark keeps it on one."""
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
        "uvloop": uvloop.new_event_loop,
        "asyncio": asyncio.SelectorEventLoop,
    }
    for name, factory in factories.items():
        if item.get_closest_marker(f"{name}_only"):
            return {name: factory}
    return factories


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Files of real institutions, read in place and never shipped; without them the test is skipped."""
    data = Path(os.environ.get("HP_SHARED", ROOT.parent / "shared")) / "data"
    if not data.is_dir():
        pytest.skip("no real data here: set HP_SHARED to the folder that holds data/")
    return data


def pytest_configure() -> None:
    """Have as many descriptors as the servers that the tests run take for themselves: shells give 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, enough), hard))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the processes of a parallel run begin with the files that take long: none of them ends much later."""
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Let the collector leave aside what thousands of tests are made of: it would look at all of it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Note a test that should carry the `slow` mark; searches are left out, their length is a setting."""
    began = _cpu_seconds()
    try:
        return (yield)
    finally:
        spent = _cpu_seconds() - began
        searches = hasattr(getattr(item, "obj", None), "is_hypothesis_test")
        if spent > SLOW_SECONDS and not searches and not item.get_closest_marker("slow"):
            item.user_properties.append((UNMARKED, f"{item.nodeid} took {spent:.2f} s of CPU"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests are slow without saying so. A warning only: no test fails on a measured time."""
    reports = (one for some in terminalreporter.stats.values() for one in some if isinstance(one, pytest.TestReport))
    for report in reports:
        for name, told in report.user_properties:
            if name == UNMARKED and report.when == "call":
                terminalreporter.write_line(f"SLOW without the mark: {told}", yellow=True)


def _cpu_seconds() -> float:
    """Return the CPU seconds of this process and of the children it has waited for."""
    return sum(os.times()[:4])
