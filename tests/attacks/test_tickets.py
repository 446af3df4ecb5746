"""Tickets in the wrong hands: used by many at one instant, used elsewhere, looked for in what leaves the process."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec

from hpserver.directory.model import Account, Enrolment
from hpserver.errors import EnrolmentRefusedError, TicketRefusedError
from hpserver.identity.tickets import Admission, TicketBook, ticket_hash
from hpserver.protocol import messages as m
from hpserver.protocol.limits import TICKET_BYTES
from hpserver.routing import effects as fx
from hpserver.routing import stimuli as st
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.routing import test_router as scripts

ACCOUNT, MINE, OTHER = "123456789012", b"\x01" * 32, b"\x02" * 32
CROWD = 200


def admitted(ticket: bytes) -> TicketBook:
    """Return a book with one admission."""
    book = TicketBook(ACCOUNT, "planning01", 7)
    book.admit(
        Admission(ticket_hash(ticket), MINE, ACCOUNT, 5, "durand", "Anne", "planning01", 7, expires=130.0), now=100.0
    )
    return book


def test_a12_one_ticket_used_two_hundred_times_lets_one_in() -> None:
    """Threads that start together, many times over: never two."""
    for number in range(20):
        ticket = bytes([number]) * TICKET_BYTES
        book, start = admitted(ticket), threading.Barrier(8)

        def crowd(book: TicketBook = book, ticket: bytes = ticket, start: threading.Barrier = start) -> int:
            start.wait()
            inside = 0
            for _ in range(CROWD // 8):
                try:
                    inside += book.spend(ticket, MINE, "planning01", 101.0).user == 5
                except TicketRefusedError:
                    continue
            return inside

        with ThreadPoolExecutor(8) as threads:
            tries = [threads.submit(crowd) for _ in range(8)]
        assert sum(one.result() for one in tries) == 1


async def test_t07_one_enrolment_ticket_used_two_hundred_times_gives_one_certificate() -> None:
    """Durable before anything is signed; a ticket of three uses gives three."""
    directory = SqliteDirectory.in_memory()
    await directory.open()
    await directory.add(Account(number=ACCOUNT, name="E", domain="e.example", invoice="1" * 10, port=21_200))
    for uses in (1, 3):
        ticket = bytes([uses]) * 32
        await directory.add(Enrolment(ticket_hash=ticket, account=ACCOUNT, expires=100.0, uses=uses))
        tries = [directory.spend_enrolment(ticket, 50.0, ACCOUNT) for _ in range(CROWD)]
        told = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(one, Enrolment) for one in told) == uses
        assert sum(isinstance(one, EnrolmentRefusedError) for one in told) == CROWD - uses
    await directory.close()


def test_a12_a_stolen_ticket_dies_in_the_hands_of_the_thief() -> None:
    """On another certificate it opens nothing, and nothing any more for its owner, who asks for another."""
    book = admitted(b"t" * TICKET_BYTES)
    for thumbprint in (OTHER, MINE):
        try:
            book.spend(b"t" * TICKET_BYTES, thumbprint, "planning01", 101.0)
        except TicketRefusedError:
            continue
        raise AssertionError(thumbprint)


def test_a16_a_ticket_is_told_to_its_bearer_and_to_nobody_else() -> None:
    """Planning servers, logs and the directory get a hash; what leaves with the ticket is one message."""
    router, effects = scripts.opening().machine, list[fx.Effect]()
    effects += router.handle(st.AdmissionAnswered(11, 1, 7), 1000.0)
    [told] = [one for one in effects if scripts.TICKET in msgspec.msgpack.encode(one, enc_hook=repr)]
    assert isinstance(told, fx.Send)
    assert isinstance(told.message, m.PlanningOpened)
    assert told.session == 1


def test_a16_tickets_are_longer_than_any_guess() -> None:
    """256 bits each (ASVS 7.2.3 asks for 128), drawn anew for each step; kept as their SHA-256."""
    assert TICKET_BYTES == 32
    assert ticket_hash(b"a") != b"a"
    assert len({ticket_hash(bytes([number])) for number in range(256)}) == 256
