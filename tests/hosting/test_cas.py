"""CAS against a real service, and what a hostile one may answer."""

import asyncio
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from msgspec.structs import replace

from hpserver.errors import NotVouchedError, ProviderUnreachableError
from hpserver.hosting.cas import MAX_TICKET, Cas, read
from tests.cas import PASSWORD, Person, Service, a_cas
from tests.pki import Pki

BACK = "https://console.monecole.example:21190/sign-in/back/console.monecole.example?state=s-1_é&x=a%20b"
ANSWER = """<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">%s</cas:serviceResponse>"""
ADA = "<cas:user> ada.l\n</cas:user>"


def success(inside: str) -> bytes:
    """An answer that vouches for somebody."""
    return (ANSWER % f"<cas:authenticationSuccess>{inside}</cas:authenticationSuccess>").encode()


@pytest.fixture(scope="module")
def cas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service."""
    with a_cas(Pki.create(tmp_path_factory.mktemp("cas"))) as running:
        yield running


@pytest.mark.slow
async def test_a_ticket_of_a_real_service_says_who_came(cas: Service) -> None:
    """By the user, or by an attribute; whatever stands in the address that the browser comes back to."""
    delegate = Cas(cas.provider())
    to = await cas.sign_in(delegate.leave(BACK), "ada.l")
    assert to.startswith("https://console.monecole.example:21190/sign-in/back/")
    ticket = parse_qs(urlsplit(to).query)["ticket"][0]
    assert await delegate.identify({"ticket": ticket}, BACK) == "ada.l"
    by_mail = Cas(cas.provider(attribute="email"))
    assert await by_mail.identify({"ticket": await cas.ticket(BACK)}, BACK) == "ada@ecole.example"
    for strange in ("nope", "user", "attributes"):
        with pytest.raises(NotVouchedError):
            await Cas(cas.provider(attribute=strange)).identify({"ticket": await cas.ticket(BACK)}, BACK)
    assert not await cas.sign_in(delegate.leave(BACK), "ada.l", "wrong")


@pytest.mark.slow
async def test_a16_a_ticket_is_good_once_and_for_its_own_service(cas: Service) -> None:
    """Used, invented, or given for another service: nobody, in the same words."""
    delegate, words = Cas(cas.provider()), set()
    used, foreign = await cas.ticket(BACK), await cas.ticket("https://evil.example/")
    assert await delegate.identify({"ticket": used}, BACK) == "ada.l"
    for ticket in (used, foreign, "ST-invented", "", "PT-1", "ST-" + "x" * MAX_TICKET, "ST-a b\n", "ST-é"):
        with pytest.raises(NotVouchedError) as refused:
            await delegate.identify({"ticket": ticket}, BACK)
        words.add(refused.value.text)
    with pytest.raises(NotVouchedError):
        await delegate.identify({}, BACK)
    assert len(words) == 1


@pytest.mark.slow
async def test_a17_a_browser_that_was_left_open_at_the_service_is_no_sign_in(cas: Service) -> None:
    """Whoever sits down in front of it gets a ticket without a password, and nobody is let in for that."""
    person, query = Person(cas.root), urlencode({"service": BACK})
    first = await asyncio.to_thread(person.sign_in, f"{cas.address}/login?{query}", "ada.l", PASSWORD)
    assert "ticket=ST-" in first
    again = await asyncio.to_thread(person.again, f"{cas.address}/login?{query}")
    ticket = parse_qs(urlsplit(again).query)["ticket"][0]
    with pytest.raises(NotVouchedError):
        await Cas(cas.provider()).identify({"ticket": ticket}, BACK)
    assert not await asyncio.to_thread(person.again, Cas(cas.provider()).leave(BACK))


@pytest.mark.slow
async def test_a_service_that_another_authority_vouches_for_is_asked_nothing(cas: Service) -> None:
    """The certificate must chain to what was configured, and be of the name that was."""
    system = Cas(replace(cas.provider(), authority=""))
    with pytest.raises(ProviderUnreachableError, match="not trusted"):
        await system.identify({"ticket": "ST-1"}, BACK)
    named = Cas(replace(cas.provider(), address=cas.address.replace("localhost", "127.0.0.1")))
    with pytest.raises(ProviderUnreachableError, match="not trusted"):
        await named.identify({"ticket": "ST-1"}, BACK)


def test_who_is_read_is_at_its_place_and_there_once() -> None:
    """The same name elsewhere, in another space of names, or cut by a comment is nothing else."""
    assert read(success(ADA), "") == "ada.l"
    assert read(success("<cas:user>ada<!-- -->.l</cas:user>"), "") == "ada.l"
    inside = "<cas:attributes><cas:uid>7</cas:uid><x:uid xmlns:x='u'>8</x:uid></cas:attributes>"
    assert read(success(f"{ADA}{inside}<cas:uid>9</cas:uid>"), "uid") == "7"
    for bad in (
        ADA + ADA, "", "<cas:user/>", "<cas:user> </cas:user>", f"<cas:proxy>{ADA}</cas:proxy>",
        "<user>ada.l</user>", f"<cas:user>{'x' * 257}</cas:user>",
    ):  # fmt: skip
        with pytest.raises(NotVouchedError):
            read(success(bad), "")
    for attribute in ("nope", "cas"):
        with pytest.raises(NotVouchedError):
            read(success(f"{ADA}<cas:attributes><cas:cas>1</cas:cas><cas:cas>2</cas:cas></cas:attributes>"), attribute)
    failure = ANSWER % '<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure>'
    with pytest.raises(NotVouchedError):
        read(failure.encode(), "")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"no", b"\xff\xfe", b"<html><body>Sign in</body></html>", success(ADA)[:-5],
        success(ADA) + success(ADA), (ANSWER % "").encode(),
        (ANSWER % (f"<cas:authenticationSuccess>{ADA}</cas:authenticationSuccess>" * 2)).encode(),
        (ANSWER % f"<cas:authenticationFailure/><cas:authenticationSuccess>{ADA}</cas:authenticationSuccess>").encode(),
        b'<!DOCTYPE x [<!ENTITY a "ada.l">]>' + success("<cas:user>&a;</cas:user>"),
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + success(ADA),
        b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + success("<cas:user>&b;</cas:user>"),
        success("<a>" * 50 + "</a>" * 50), success("<a/>" * 2_000),
        b"<?xml version='1.0' encoding='utf-7'?>" + success(ADA),
    ],
)  # fmt: skip
def test_s05_an_answer_made_to_do_harm_vouches_for_nobody(body: bytes) -> None:
    """Entities, bombs, depth, two answers in one, or no answer at all."""
    with pytest.raises(ProviderUnreachableError):
        read(body, "")
