"""Users of an account: who there is, who may come in, with which secret. Knows no screen."""

import asyncio
import secrets
import time
from collections.abc import Mapping
from typing import Final, cast, get_args

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import changed, page
from hpserver.directory import names
from hpserver.directory.model import Assignment, Language, Measure, Registration, Status, User
from hpserver.errors import InvalidNameError, NotAllowedError
from hpserver.identity import ladder
from hpserver.identity.actor import Actor
from hpserver.identity.ageing import ONE_TIME_SECONDS
from hpserver.protocol.catalogue import administration as w

ONE_TIME_BYTES: Final = 12
"""96 random bits, 16 letters: above the 80 of ASVS 6.4.6 and the 15 characters from which any kind will do."""

_WORDS: Final = ("name", "first_name", "title", "email", "phone", "mobile", "ldap", "cas", "wsfed", "saml")


async def list_users(office: Office, _: Actor, wish: w.ListUsers) -> w.Users:
    """List the users by login."""
    rows = sorted(await office.accounts.users(office.account), key=lambda one: one.login)
    profiles = await _profiles(office)
    return w.Users(*page([_row(one, profiles) for one in rows if one.login > wish.after], wish.limit))


async def get_user(office: Office, actor: Actor, wish: w.GetUser) -> w.Users:
    """Tell one user."""
    if not wish.login and not actor.user:
        raise InvalidNameError("the operator is no user: give a login")
    user = await office.accounts.user(office.account, wish.login or actor.login)
    return w.Users((_row(user, await _profiles(office)),), more=False)


async def add_user(office: Office, _: Actor, wish: w.AddUser) -> w.Issued:
    """Add a user; a password that is made here is good for one sign-in."""
    status, fields = _status(wish.status), _clean(changed(wish, _WORDS))
    _check_console(wish.console, fields.get("email", ""))
    made = "" if wish.password else secrets.token_urlsafe(ONE_TIME_BYTES)
    until = time.time() + ONE_TIME_SECONDS if made else 0.0
    user = await office.accounts.add_user(
        office.account,
        wish.login,
        password=wish.password or made,
        status=status,
        measure=_measure(wish.measure),
        pin=wish.pin,
        one_time_until=until,
        console=wish.console,
        language=_language(wish.language),
        **fields,
    )
    return w.Issued(user.login, made, int(until * 1000))


async def change_user(office: Office, actor: Actor, wish: w.ChangeUser) -> w.Done:
    """Change what is said of a user; who has another status, or no console any more, comes in anew."""
    user = await office.accounts.user(office.account, wish.login)
    fields = _clean(changed(wish, _WORDS))
    status = user.status if wish.status is None else _status(wish.status)
    console = user.console if wish.console is None else wish.console
    language = user.language if wish.language is None else _language(wish.language)
    _check_console(console, fields.get("email", user.email))
    if status != user.status:
        await _refuse_without_superadmin(office, user, status)
        await _refuse_a_ruling_user(office, user, status)
    await office.accounts.directory.change(User, user.key, status=status, console=console, language=language, **fields)
    less = status != user.status or (user.console and not console)
    return w.Done(await office.live.close(user=user.key, but=actor.thumbprint) if less else 0)


async def set_user_enabled(office: Office, actor: Actor, wish: w.SetUserEnabled) -> w.Done:
    """Let a user in, or no longer; the sessions of who may not are closed on return."""
    user = await office.accounts.user(office.account, wish.login)
    if not wish.enabled:
        _refuse_oneself(actor, user)
        await _refuse_without_superadmin(office, user)
    await office.accounts.directory.change(User, user.key, enabled=wish.enabled)
    return w.Done(0 if wish.enabled else await office.live.close(user=user.key))


async def delete_user(office: Office, actor: Actor, wish: w.DeleteUser) -> w.Done:
    """Forget a user; the sessions are closed before and after, so that none opens in between."""
    user = await office.accounts.user(office.account, wish.login)
    _refuse_oneself(actor, user)
    await _refuse_without_superadmin(office, user)
    await office.accounts.directory.change(User, user.key, enabled=False)
    closed = await office.live.close(user=user.key)
    await office.accounts.directory.remove(User, user.key)
    return w.Done(closed)


async def reset_password(office: Office, actor: Actor, wish: w.ResetPassword) -> w.Issued:
    """Make a password for one sign-in, and forget the failures. Not one's own: the session that is told it closes."""
    user = await office.accounts.user(office.account, wish.login)
    _refuse_own_secret(actor, user)
    made, until = secrets.token_urlsafe(ONE_TIME_BYTES), time.time() + ONE_TIME_SECONDS
    hashed = await asyncio.to_thread(office.accounts.hash_secret, made, user.status)
    await office.accounts.directory.change(
        User, user.key, password_hash=hashed, must_change=True, one_time_until=until, password_set_at=time.time()
    )
    closed = await office.live.close(user=user.key)
    await _forget_failures(office, user)
    return w.Issued(user.login, made, int(until * 1000), closed)


async def reset_measure(office: Office, actor: Actor, wish: w.ResetMeasure) -> w.Done:
    """Have the measure chosen again."""
    user = await office.accounts.user(office.account, wish.login)
    _refuse_own_secret(actor, user)
    await office.accounts.directory.change(User, user.key, measure="", pin_hash="")
    await office.accounts.directory.reset_attempts(ladder.pin_key(office.account.number, user.key))
    return w.Done(await office.live.close(user=user.key))


async def unlock(office: Office, _: Actor, wish: w.Unlock) -> w.Done:
    """Forget the failures."""
    await _forget_failures(office, await office.accounts.user(office.account, wish.login))
    return w.Done()


async def _forget_failures(office: Office, user: User) -> None:
    account, directory = office.account.number, office.accounts.directory
    devices = await directory.list(Registration, user=user.key)
    lanes = [ladder.lane(one.device, registered=True) for one in devices] + [ladder.lane(0, registered=False)]
    keys = [ladder.password_key(account, user.login, lane) for lane in lanes]
    await directory.reset_attempts(
        *keys,
        ladder.password_in_all_key(account, user.login),
        ladder.pin_key(account, user.key),
        *(ladder.code_key(account, user.key), ladder.codes_sent_key(account, user.key)),
    )


async def _profiles(office: Office) -> Mapping[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for planning in await office.accounts.plannings(office.account):
        for one in await office.accounts.directory.list(Assignment, planning=planning.key):
            found.setdefault(one.user, []).append((planning.name, one.profile))
    return found


async def _refuse_without_superadmin(office: Office, user: User, status: Status = "user") -> None:
    """Keep one superadmin who may come in: nobody else could make another."""
    if user.status != "superadmin" or status == "superadmin" or not user.enabled:
        return
    users = await office.accounts.users(office.account)
    if not any(one.status == "superadmin" and one.enabled and one.key != user.key for one in users):
        raise NotAllowedError("This is the last superadministrator: make another one first.", user=user.login)


async def _refuse_a_ruling_user(office: Office, user: User, status: Status) -> None:
    if status == "user":
        ruled = [one for one in (await _profiles(office)).get(user.key, []) if one[1] == "Administration"]
        if ruled:
            where = ruled[0][0]
            raise NotAllowedError(
                f"{user.login} has the profile Administration in {where}: give another one first.", user=user.login
            )


def _refuse_oneself(actor: Actor, user: User) -> None:
    if user.key == actor.user:
        raise NotAllowedError("Nobody shuts themselves out.", user=user.login)


def _refuse_own_secret(actor: Actor, user: User) -> None:
    if user.key == actor.user:
        raise NotAllowedError(
            "Your own password and measure are changed with `hp client password` and `hp client measure`.",
            user=user.login,
        )


def _status(word: str) -> Status:
    if word not in get_args(Status):
        raise InvalidNameError(f"{word!r} is no status: {', '.join(get_args(Status))}", status=word)
    return cast(Status, word)


def _measure(word: str) -> Measure:
    if word not in get_args(Measure):
        raise InvalidNameError(f"{word!r} is no security measure: none, notification or pin", measure=word)
    return cast(Measure, word)


def _language(word: str) -> Language:
    if word not in get_args(Language):
        raise InvalidNameError(f"{word!r} is no language of letters: fr or en", language=word)
    return cast(Language, word)


def _clean(fields: dict[str, str]) -> dict[str, str]:
    """Write each value as it is kept; a family name is not empty. Raises InvalidNameError."""
    if "name" in fields and not fields["name"].strip():
        raise InvalidNameError("a user has a family name", field="name")
    cleaned = {name: names.title(text, name) if text.strip() else "" for name, text in fields.items()}
    if "email" in cleaned:
        cleaned["email"] = names.email(cleaned["email"])
    return cleaned


def _check_console(console: bool, email: str) -> None:
    if console and not email:
        raise InvalidNameError("who uses the console has an e-mail address", field="email")


def _row(one: User, profiles: Mapping[int, list[tuple[str, str]]]) -> w.UserRow:
    return w.UserRow(
        one.key, one.login, one.name, one.first_name, one.title, one.status, one.enabled, one.console, one.measure,
        one.must_change, one.email, one.phone, one.mobile, one.ldap, one.cas, one.wsfed, one.saml,
        int(one.last_sign_in * 1000), tuple(profiles.get(one.key, ())), one.language,
    )  # fmt: skip


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListUsers: Case(list_users, "base_admin", live=False),
    w.GetUser: Case(get_user, "own", live=False),
    w.AddUser: Case(add_user, event="user.added", sensitive=True),
    w.ChangeUser: Case(change_user, event="user.changed", sensitive=True),
    w.SetUserEnabled: Case(set_user_enabled, event="user.enabled_set", sensitive=True),
    w.DeleteUser: Case(delete_user, event="user.deleted", sensitive=True),
    w.ResetPassword: Case(reset_password, event="user.password_reset", sensitive=True),
    w.ResetMeasure: Case(reset_measure, event="user.measure_reset", sensitive=True),
    w.Unlock: Case(unlock, event="user.unlocked", sensitive=True),
}
