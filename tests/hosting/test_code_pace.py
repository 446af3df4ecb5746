"""How many codes one device and one address may ask for; the clock is a number."""

import pytest

from hpserver.errors import LockedError
from hpserver.hosting.code_pace import CODES_OF_DEVICE, CODES_OF_SOURCE, Asked, CodePace
from hpserver.identity.ladder import HOUR

HERE, THERE = "192.0.2.1", "192.0.2.2"


def refused(pace: CodePace, asked: Asked) -> int:
    """Return for how many seconds that one is refused."""
    with pytest.raises(LockedError) as error:
        pace.take(asked)
    seconds = error.value.details["seconds"]
    assert isinstance(seconds, int)
    return seconds


def test_a15_an_address_asks_no_codes_for_a_hundred_users() -> None:
    """However many devices it has; another address, and a device that answers for itself, wait for nothing."""
    pace = CodePace()
    for user in range(CODES_OF_SOURCE):
        pace.take(Asked(float(user), user, user, HERE))
    assert refused(pace, Asked(100.0, 50, 50, HERE)) == int(HOUR - 100)
    pace.take(Asked(100.0, 50, 50, THERE))
    pace.take(Asked(100.0, 50, 51, ""))
    assert refused(pace, Asked(HOUR - 0.5, 51, 52, HERE)) == 1
    pace.take(Asked(HOUR, 51, 52, HERE))
    assert refused(pace, Asked(HOUR, 52, 53, HERE)) == 1


def test_a15_one_device_alone_keeps_no_neighbour_waiting() -> None:
    """It is refused itself, wherever it comes from, long before its address is; nothing refused is counted."""
    pace = CodePace()
    for user in range(CODES_OF_DEVICE):
        pace.take(Asked(0.0, user, 1, HERE))
    for _ in range(CODES_OF_SOURCE):
        assert refused(pace, Asked(60.0, 50, 1, HERE)) == int(HOUR - 60)
        assert refused(pace, Asked(60.0, 50, 1, "")) == int(HOUR - 60)
    for device in range(2, 2 + CODES_OF_SOURCE - CODES_OF_DEVICE):
        pace.take(Asked(60.0, 100 + device, device, HERE))


def test_a15_codes_that_are_answered_and_letters_not_sent_count_for_nothing() -> None:
    """So a school in which many forgot their PIN waits for nothing; only the answers of that user count."""
    pace = CodePace()
    for user in range(2 * CODES_OF_SOURCE):
        pace.take(Asked(0.0, user, user, HERE))
        pace.answered(user)
    for user in range(2 * CODES_OF_SOURCE):
        pace.give_back(pace.take(Asked(0.0, user, 1, HERE)))
    for user in range(CODES_OF_SOURCE):
        pace.take(Asked(0.0, user, user, HERE))
    pace.answered(CODES_OF_SOURCE)
    assert refused(pace, Asked(0.0, 99, 99, HERE)) == int(HOUR)
