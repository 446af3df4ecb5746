"""Names that change while people are inside: real processes, real certificates, both names."""

import asyncio
import json
import ssl
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hpserver.base.changes import update
from hpserver.client import Credentials, PlanningSession, School, enrol
from tests.house import DOMAIN, PASSWORD, House, a_house, wait_until

pytestmark = pytest.mark.slow

NEW = f"edt.{DOMAIN}"


def asked(house: House, *words: str) -> Any:
    """What `hp` prints as JSON."""
    done = house.hp("--output", "json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def names_shown(house: House, context: ssl.SSLContext, port: int, name: str) -> set[str]:
    """What the certificate says that a server shows who asks for a name; nothing when it does not hold for it."""
    try:
        with house.handshake(context, port, name) as sock:
            told: Any = sock.getpeercert()
    except (ssl.SSLCertVerificationError, ConnectionError):
        return set()
    return {name for kind, name in told["subjectAltName"] if kind == "DNS"}


def test_a_controller_and_a_planning_get_other_names_while_people_work(tmp_path: Path) -> None:
    """Who is inside stays; the former names, files and devices go on working; the new ones work within seconds."""
    with a_house(tmp_path) as house:
        letter = house.run(house.accounts.param_client(house.account, uses=3))
        context, port = house.credentials("alice").context(), house.account.port
        assert not names_shown(house, context, port, NEW)

        async def work() -> None:
            async with house.inside("alice") as alice:
                await alice.edit([update("activity", 1, memo="20")])
                await asyncio.to_thread(asked, house, "controller", "domain", "edt")
                await asyncio.to_thread(asked, house, "planning", "domain", "planning01", f"annee.{DOMAIN}")
                await alice.edit([update("activity", 2, memo="21")])

        house.run(work())
        own, mine = f"annee.{DOMAIN}", f"planning01.{DOMAIN}"
        direct = house.plannings["planning01"].port

        def answers(where: int, name: str) -> bool:
            return {NEW, own} <= names_shown(house, context, where, name)

        for where, name in (
            *((port, one) for one in (NEW, DOMAIN, f"enrol.{DOMAIN}", f"enrol.{NEW}", own, mine)),
            *((direct, one) for one in (own, mine)),
        ):
            wait_until(partial(answers, where, name))

        async def come_back(credentials: Credentials) -> None:
            async with School(credentials) as school:
                await school.log_in("alice", PASSWORD)
                async with PlanningSession(school, "planning01") as inside:
                    await inside.edit([update("activity", 3, memo="22")])

        house.run(come_back(house.credentials("alice")))
        house.run(come_back(house.run(enrol(letter, tmp_path / "old letter", "Ancien"))))
        fresh = house.run(house.accounts.param_client(house.run(house.accounts.account(NEW))))
        house.run(come_back(house.run(enrol(fresh, tmp_path / "new letter", "Nouveau"))))
        pid = house.pid("planning01")
        asked(house, "controller", "domain")
        assert asked(house, "hosting", "show")["domain"] == DOMAIN
        assert house.pid("planning01") == pid
