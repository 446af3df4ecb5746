"""How many wrong guesses a device and an address may make, whatever the account."""

import contextlib
from typing import Any

import pytest
from structlog.testing import capture_logs

from hpserver.desk import is_right
from hpserver.errors import BadCredentialsError, BusyError, LockedError
from hpserver.identity.login import Facts
from hpserver.net.gate import FAULTS_BURST, Gate
from hpserver.net.watch import MAX_REMEMBERED, SPRAYED_LOGINS, Watch
from hpserver.routing import effects as fx
from hpserver.routing import stimuli as st

MINE, OTHER = b"\x01" * 32, b"\x02" * 32
HERE, THERE = "192.0.2.1", "192.0.2.2"


class Desk:
    """A desk where the password is `right`, which counts what it compares; devices of `registered` are known."""

    def __init__(self) -> None:
        self.compared = 0
        self.registered = {MINE}
        self.answers: st.Stimulus | None = None

    async def answer(self, effect: Any) -> st.Stimulus:
        """Compare."""
        self.compared += 1
        if self.answers is not None:
            return self.answers
        if isinstance(effect, fx.CheckPin):
            return st.PinChecked(1, 1, effect.pin == "right")
        if isinstance(effect, fx.CheckCode):
            return st.CodeChecked(1, 1, effect.code == "right")
        if isinstance(effect, fx.ProvePassword):
            return st.PasswordProved(1, 1, effect.password == "right")
        if effect.password == "busy":
            raise BusyError("busy", seconds=1)
        if effect.password == "raises":
            raise BadCredentialsError("no")
        enabled = effect.password != "disabled"
        right = effect.password in {"right", "disabled"}
        facts = Facts(
            known=True, enabled=enabled, password_right=right, measure="none", registered=False, pin_off=False
        )
        return st.PasswordChecked(1, 1, None, facts)

    async def is_registered(self, thumbprint: bytes) -> bool:
        """Whether it is."""
        return thumbprint in self.registered


class House:
    """A watch before a desk, and the time."""

    def __init__(self) -> None:
        self.now, self.desk = 1000.0, Desk()
        self.watch = Watch(Gate(1000), self.desk.is_registered, lambda: self.now)

    async def guess(
        self, login: str = "durand", password: str = "", who: bytes = OTHER, source: str = HERE
    ) -> st.Stimulus:  # fmt: skip
        """Guess a password, a wrong one unless it is given."""
        return await self.ask(fx.CheckPassword(1, 1, login, password or "wrong", 3), who, source)

    async def ask(self, effect: Any, who: bytes, source: str) -> st.Stimulus:
        """Have the desk answer, as the controller does."""
        login = getattr(effect, "login", "")
        return await self.watch.guess(lambda: self.desk.answer(effect), is_right, login, who, source)

    async def guesses(self, count: int, **changed: Any) -> int:
        """Guess so often at one instant; how many were compared."""
        before = self.desk.compared
        for _ in range(count):
            try:
                await self.guess(**changed)
            except LockedError:
                continue
        return self.desk.compared - before


async def test_a02_one_device_has_forty_wrong_guesses_then_twenty_a_minute() -> None:
    """Whatever the logins and the addresses: spraying is no cheaper than guessing."""
    house = House()
    assert await house.guesses(1000, who=MINE) == FAULTS_BURST
    with pytest.raises(LockedError) as locked:
        await house.guess(who=MINE, source=THERE)
    assert locked.value.details == {"seconds": 3}
    counted = 0
    for _ in range(60):
        house.now += 1.0
        counted += await house.guesses(100, who=MINE)
    assert counted == 20


async def test_a02_one_address_has_no_more_with_many_devices() -> None:
    """A bag of stolen devices behind one address is one attacker."""
    house = House()
    devices = [bytes([number]) * 32 for number in range(10, 60)]
    assert sum([await house.guesses(40, who=one) for one in devices]) == FAULTS_BURST
    assert await house.guesses(1, who=devices[-1], source=THERE) == 1


async def test_a02_fifty_addresses_spraying_five_thousand_logins_trip_and_are_told() -> None:
    """Forty attempts of each are compared, and each is an alarm, once."""
    house = House()
    compared = 0
    with capture_logs() as logs:
        for number in range(5000):
            source = f"198.51.100.{number % 50}"
            who = bytes([number % 50 + 100]) * 32
            compared += await house.guesses(1, login=f"user{number}", who=who, source=source)
    assert compared == 50 * FAULTS_BURST
    alarms = [line for line in logs if line["event"] == "login.alarm"]
    assert {line["cause"] for line in alarms} == {"spraying"}
    assert {line["source"] for line in alarms} == {f"198.51.100.{number}" for number in range(50)}
    assert len(alarms) == 100
    assert all(line["log_level"] == "warning" and line["logins"] == SPRAYED_LOGINS for line in alarms)


async def test_a08_a_registered_device_is_not_kept_waiting_by_its_neighbours() -> None:
    """One fool in a school behind one address locks out the fool."""
    house = House()
    assert await house.guesses(1000) == FAULTS_BURST
    assert await house.guesses(1, password="right", who=MINE) == 1
    assert await house.guesses(1, password="right", who=b"\x03" * 32) == 0
    house.desk.registered.add(OTHER)
    assert await house.guesses(1, password="right") == 0


async def test_a_right_password_costs_nothing() -> None:
    """A thousand people at one machine sign in one after the other."""
    house = House()
    assert await house.guesses(1000, password="right") == 1000


@pytest.mark.parametrize("password", ["wrong", "raises", "disabled"])
async def test_what_counts_as_a_wrong_guess(password: str) -> None:
    """Whatever the answer looks like, and the right password of who may not come in."""
    house = House()
    for _ in range(FAULTS_BURST):
        with contextlib.suppress(BadCredentialsError):
            await house.guess(password=password)
    assert await house.guesses(1) == 0


async def test_a11_who_was_told_busy_is_charged_nothing() -> None:
    """Nothing was compared."""
    house = House()
    for _ in range(100):
        with pytest.raises(BusyError):
            await house.guess(password="busy")
    assert await house.guesses(1) == 1


async def test_a_refusal_of_the_watch_does_not_prolong_itself() -> None:
    """A client that asks again too early gets in when its time has come."""
    house = House()
    await house.guesses(FAULTS_BURST)
    for _ in range(29):
        house.now += 0.1
        assert await house.guesses(10) == 0
    house.now += 0.2
    assert await house.guesses(1, password="right") == 1


async def test_a04_pins_and_proofs_are_guesses_too() -> None:
    """And are counted with the passwords."""
    house = House()
    for _ in range(FAULTS_BURST // 2):
        for secret in ("right", "wrong"):
            await house.ask(fx.CheckPin(1, 1, 5, secret), OTHER, HERE)
            await house.ask(fx.ProvePassword(1, 1, "durand", secret, 3), OTHER, HERE)
    assert await house.guesses(1) == 0


async def test_a15_codes_are_guesses_too() -> None:
    """A device that guesses codes of one person after the other is kept waiting by its fortieth."""
    house = House()
    for user in range(FAULTS_BURST):
        await house.ask(fx.CheckCode(1, 1, user, "000000"), OTHER, HERE)
    with pytest.raises(LockedError):
        await house.ask(fx.CheckCode(1, 1, 99, "000000"), OTHER, THERE)


async def test_the_machine_itself_is_charged_by_device_alone() -> None:
    """A proxy that speaks for many is not refused for one of them."""
    house = House()
    assert await house.guesses(1000, source="127.0.0.1") == FAULTS_BURST
    assert await house.guesses(1, source="127.0.0.1", who=b"\x03" * 32) == 1


async def test_an_alarm_is_told_again_once_all_was_forgiven() -> None:
    """Not at each guess, and not only once for ever."""
    house = House()
    with capture_logs() as logs:
        await house.guesses(100, who=MINE, source="127.0.0.1")
        house.now += 121
        await house.guesses(100, who=MINE, source="127.0.0.1")
    assert [(line["cause"], line["logins"]) for line in logs] == [("rate", 1), ("rate", 1)]


async def test_the_answer_of_the_desk_is_passed_on() -> None:
    """Right or wrong, and nobody is penalised beyond the count: the ladders do that."""
    house = House()
    for password in ("right", *["wrong"] * 30):
        told = await house.guess(password=password)
        assert isinstance(told, st.PasswordChecked)
        assert told.facts.password_right == (password == "right")
    assert not any(one.active for one in house.watch._gate._sources.values())
    assert (SPRAYED_LOGINS, MAX_REMEMBERED) == (10, 4096)


async def test_a_password_changed_with_the_right_one_costs_nothing() -> None:
    """Nor a measure: only what was wrong counts."""
    house = House()
    changed = st.PasswordChanged(1, 1)
    house.desk.answers = changed
    for _ in range(FAULTS_BURST + 1):
        wish = fx.ChangePassword(1, 1, 5, "durand", "right", "new", 3, OTHER)
        assert await house.ask(wish, OTHER, HERE) is changed
    assert not house.watch._logins


async def test_a_pin_is_nobodys_login() -> None:
    """Guesses of one person's PIN are no spraying, however many; nine logins and a PIN are not ten."""
    house = House()
    with capture_logs() as logs:
        for number in range(SPRAYED_LOGINS - 1):
            await house.guess(login=f"user{number}")
        for _ in range(3):
            await house.ask(fx.CheckPin(1, 1, 5, "wrong"), OTHER, HERE)
        assert not logs
        await house.guess(login="another")
    assert {line["cause"] for line in logs} == {"spraying"}


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten."""
    monkeypatch.setattr("hpserver.net.watch.MAX_REMEMBERED", 10)
    house = House()
    for number in range(100):
        await house.guess(who=bytes([number]) * 32, source=f"198.51.100.{number}")
    assert len(house.watch._logins) == 10
