"""Mutated frames against both ends in every state: a documented protocol error, a message, or nothing."""

import os
import random
from collections import Counter

import pytest

from hpserver.errors import RemoteProtocolError
from hpserver.protocol.codec import decode_from_client, decode_from_server, encode
from hpserver.protocol.connection import Connection
from hpserver.protocol.messages import Message, Request
from hpserver.protocol.states import TRANSITIONS, Role, Side, State, states_of
from tests.conversation import HELLO
from tests.protocol.samples import CLIENT, SERVER

SHORT = 20_000
LONG = 1_000_000
MARKS = bytes.fromhex("00 7f 80 8f 90 9f a0 bf c0 c1 c2 c3 c4 c6 c7 c9 ca cb cc cf d0 d3 d4 d8 d9 db dc dd de df e0 ff")
"""Bytes that open each family of MessagePack values, where a mutation means most."""


def seed() -> int:
    """Return the seed of this run: `HP_FUZZ_SEED`, or a fresh one."""
    return int(os.environ.get("HP_FUZZ_SEED") or random.SystemRandom().randrange(2**32))


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Return a frame with one to four bytes changed, cut, doubled or put in, its length repaired half of the time."""
    work = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        where = chance.randrange(len(work)) if work else 0
        match chance.randrange(6):
            case 0:
                work[where : where + 1] = bytes([chance.randrange(256)])
            case 1:
                work[where : where + 1] = bytes([chance.choice(MARKS)])
            case 2:
                del work[where : where + chance.randrange(1, 9)]
            case 3:
                work[where:where] = bytes(chance.choice(MARKS) for _ in range(chance.randrange(1, 5)))
            case 4:
                work[where:where] = work[where : where + chance.randrange(1, 17)]
            case _:
                work[where:where] = bytes([chance.choice(b"\x91\x81\xdd\xdf")]) * chance.choice((3, 40, 2000))
    if chance.random() < 0.6 and len(work) > 4:
        work[:4] = (len(work) - 4).to_bytes(4, "big")
    return bytes(work)


def end_at(side: Side, role: Role, state: State) -> Connection:
    """Return one end that stands there, with requests in flight for the answers it may hear."""
    end = Connection(side, role)
    end.hello = HELLO
    end._move(state)
    if side is Side.CLIENT:
        for message in CLIENT:
            if isinstance(message, Request):
                end._flights.open(message, 0.0)
    return end


def likely(side: Side, state: State) -> list[bytes]:
    """Return the frames of the peer, those that may be said in that state ten times."""
    messages, peer = (CLIENT, Side.CLIENT) if side is Side.SERVER else (SERVER, Side.SERVER)
    return [encode(said) for said in messages for _ in range(10 if type(said) in TRANSITIONS[state, peer] else 1)]


def hunt(rounds: int, number: int) -> Counter[str]:
    """Feed that many mutated frames to both ends in turn. Anything but a protocol error comes out as itself."""
    chance = random.Random(number)
    told: Counter[str] = Counter()
    places = [(side, role, state) for side in Side for role in Role for state in states_of(role)[:-1]]
    crowd = [end_at(*place) for place in places]
    frames = [likely(side, state) for side, _, state in places]
    for turn in range(rounds):
        who = turn % len(crowd)
        end = crowd[who]
        try:
            heard = end.receive_data(mutated(chance, chance.choice(frames[who])), 0.0)
            told["heard" if heard else "nothing"] += 1
        except RemoteProtocolError as error:
            told[type(error).__name__] += 1
            assert end.state is State.CLOSED
        for said in end.data_to_send():
            assert isinstance(
                decode_from_server(said[4:]) if end.side is Side.SERVER else decode_from_client(said[4:]), Message
            )
        if end.state is not places[who][2] or chance.random() < 0.1:
            crowd[who] = end_at(*places[who])
    return told


def judged(rounds: int) -> None:
    """Hunt, say with which seed, and see that the hunt reached what it should."""
    number = seed()
    print(f"HP_FUZZ_SEED={number}")  # noqa: T201 - pytest shows it when the hunt fails
    told = hunt(rounds, number)
    assert sum(told.values()) == rounds
    documented = {"heard", "nothing", *(error.__name__ for error in RemoteProtocolError.__subclasses__())}
    assert told.keys() <= documented
    assert min(told["heard"], told["MalformedMessageError"], told["FrameTooBigError"], told["UnexpectedMessageError"])


@pytest.mark.parametrize("quarter", range(4))
def test_p02_twenty_thousand_mutated_frames_bring_documented_errors_only(quarter: int) -> None:
    """A short hunt at every check, a quarter at a time."""
    assert 0 <= quarter < 4
    judged(SHORT // 4)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_p02_a_million_mutated_frames_bring_documented_errors_only() -> None:
    """The long hunt: every message, mutated, in every state, at both ends."""
    judged(LONG)
