"""Planning tickets: spent once, in time, by their owner, in their planning and epoch."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hpserver.errors import BusyError, ForeignPlanningError, TicketRefusedError
from hpserver.identity.tickets import MAX_TICKETS, Admission, TicketBook, ticket_hash

TICKET = b"t" * 32
MINE = b"m" * 32
OTHERS = b"o" * 32


def admission(ticket: bytes = TICKET, **changed: Any) -> Admission:
    """Return an admission of Durand to planning01, epoch 7, until 130.0."""
    facts: dict[str, Any] = {
        "ticket_hash": ticket_hash(ticket),
        "thumbprint": MINE,
        "account": "1",
        "user": 5,
        "login": "durand",
        "name": "Anne Durand",
        "planning": "planning01",
        "epoch": 7,
        "expires": 130.0,
    }
    return Admission(**facts | changed)


def book(capacity: int = 10) -> TicketBook:
    """Return the book of planning01 in epoch 7 with one admission."""
    kept = TicketBook("1", "planning01", 7, capacity)
    kept.admit(admission(), now=100.0)
    return kept


def test_r02_a_ticket_lets_its_owner_in() -> None:
    """The bearer is who the controller said."""
    assert book().spend(TICKET, MINE, "planning01", 101.0).user == 5


def test_r02_a_ticket_is_good_once() -> None:
    """A ticket seen on the way is worth nothing once used."""
    kept = book()
    kept.spend(TICKET, MINE, "planning01", 101.0)
    with pytest.raises(TicketRefusedError):
        kept.spend(TICKET, MINE, "planning01", 101.0)


@pytest.mark.parametrize(
    ("ticket", "thumbprint", "planning", "now"),
    [
        (TICKET, MINE, "planning01", 130.0),
        (TICKET, OTHERS, "planning01", 101.0),
        (TICKET, MINE, "planning02", 101.0),
        (b"x" * 32, MINE, "planning01", 101.0),
    ],
    ids=["late", "other certificate", "other planning", "unknown"],
)
def test_r02_a_ticket_out_of_place_is_refused(ticket: bytes, thumbprint: bytes, planning: str, now: float) -> None:
    """Late, on another certificate or planning, or made up: one refusal for all."""
    with pytest.raises(TicketRefusedError) as refused:
        book().spend(ticket, thumbprint, planning, now)
    assert (refused.value.text, refused.value.details) == ("The ticket was used, is too old, or is not yours.", {})


@pytest.mark.parametrize("changed", [{"epoch": 6}, {"epoch": 8}, {"planning": "planning02"}, {"account": "2"}])
def test_r02_an_admission_for_elsewhere_is_not_kept(changed: dict[str, Any]) -> None:
    """A server that was restarted, or is another's, admits nobody on an old word."""
    kept = book()
    with pytest.raises(ForeignPlanningError):
        kept.admit(admission(b"u" * 32, **changed), now=100.0)
    assert len(kept) == 1


def test_r02_a_stolen_ticket_dies_at_the_first_try() -> None:
    """Who presents it with the wrong certificate has it from somewhere: its owner asks for another."""
    kept = book()
    with pytest.raises(TicketRefusedError):
        kept.spend(TICKET, OTHERS, "planning01", 101.0)
    with pytest.raises(TicketRefusedError):
        kept.spend(TICKET, MINE, "planning01", 101.0)


def test_r02_the_same_ticket_is_not_admitted_twice() -> None:
    """Two admissions of one ticket would be two entries."""
    with pytest.raises(TicketRefusedError):
        book().admit(admission(), now=100.0)


def test_the_book_has_a_last_page() -> None:
    """A controller gone wild cannot fill the memory of a planning."""
    kept = book(capacity=2)
    kept.admit(admission(b"a" * 32), now=100.0)
    with pytest.raises(BusyError):
        kept.admit(admission(b"b" * 32), now=100.0)
    kept.admit(admission(b"b" * 32, expires=200.0), now=130.0)
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("forgotten", "left"), [({"user": 5}, 0), ({"thumbprint": MINE}, 0), ({"user": 6}, 1), ({}, 1)]
)
def test_a13_who_is_no_longer_trusted_has_no_ticket(forgotten: dict[str, Any], left: int) -> None:
    """A ticket drawn before the user was disabled opens nothing afterwards."""
    kept = book()
    [known] = kept.waiting()
    assert known.user == 5
    assert kept.forget(**forgotten) == 1 - left
    assert len(kept) == len(kept.waiting()) == left


def test_a13_forgetting_spares_everybody_else() -> None:
    """Each user, each certificate, and the device on which all goes on."""
    people = {1: MINE, 5: MINE, 6: OTHERS}
    kept = TicketBook("1", "planning01", 7)
    for user, thumbprint in people.items():
        kept.admit(admission(bytes([user]) * 32, user=user, thumbprint=thumbprint), now=100.0)

    def left(**forgotten: Any) -> set[int]:
        book = TicketBook("1", "planning01", 7)
        for one in kept.waiting():
            book.admit(one, now=100.0)
        book.forget(**forgotten)
        return {one.user for one in book.waiting()}

    assert left(thumbprint=OTHERS) == {1, 5}
    assert left(user=6) == {1, 5}
    assert left(user=5, but=MINE) == {1, 5, 6}
    assert left(user=5, but=OTHERS) == {1, 6}
    assert left(user=6, thumbprint=MINE) == set()
    assert left(but=MINE) == {1, 5, 6}


def test_a_full_book_says_when_to_come_back() -> None:
    """In a second; 4,096 are enough for a school that comes in at the bell."""
    kept = book(capacity=1)
    with pytest.raises(BusyError) as busy:
        kept.admit(admission(b"a" * 32), now=100.0)
    assert busy.value.details == {"seconds": 1}
    assert MAX_TICKETS == 4096


ACTIONS = some.lists(some.tuples(some.sampled_from("as"), some.integers(0, 5), some.floats(0, 20)), max_size=60)


@given(ACTIONS)
def test_r02_no_order_of_events_spends_a_ticket_twice_or_late(actions: list[tuple[str, int, float]]) -> None:
    """Against a model: what was admitted, not yet tried, and younger than 30 s is let in; nothing else is."""
    kept, open_until, now = TicketBook("1", "planning01", 7, capacity=4), dict[int, float](), 0.0
    for what, number, pause in actions:
        now += pause
        ticket = bytes([number]) * 32
        if what == "a":
            open_until = {key: until for key, until in open_until.items() if now < until}
            try:
                kept.admit(admission(ticket, expires=now + 30), now)
            except (TicketRefusedError, BusyError):
                assert number in open_until or len(open_until) == 4
            else:
                assert number not in open_until
                open_until[number] = now + 30
        else:
            until = open_until.pop(number, 0.0)
            try:
                kept.spend(ticket, MINE, "planning01", now)
            except TicketRefusedError:
                assert now >= until
            else:
                assert now < until
