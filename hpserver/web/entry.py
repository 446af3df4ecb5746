"""How people come in: password, PIN, another password, measure, licence, and out again."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import msgspec
from starlette.datastructures import FormData
from starlette.responses import Response

from hpserver.directory.model import Account, Measure, User
from hpserver.directory.names import login as login_key
from hpserver.errors import HPError, InvalidNameError, LockedError, NotAllowedError
from hpserver.hosting.common_passwords import common_passwords
from hpserver.identity import login
from hpserver.identity.login import Facts, bad_credentials, bad_pin
from hpserver.protocol import password_rules
from hpserver.protocol.limits import MAX_PASSWORD_BYTES
from hpserver.web.page import render, status_of, told
from hpserver.web.served import Pending, Voucher
from hpserver.web.sessions import may_enter
from hpserver.web.visit import COOKIE, LANGUAGE_COOKIE, STEP_COOKIE, YEAR, Visit, local_path
from hpserver.web.words import LANGUAGES

LICENCE: Final = "2026-11"
"""The version of the contract that is shown; who accepted another one is asked again."""


async def sign_in_page(visit: Visit) -> Response:
    """Ask who it is: the hosting manager, or an administrator."""
    asked = visit.request.query_params
    role = asked.get("as", "") or ("manager" if visit.on.console else "user")
    undone = visit.words(
        "Vous n'êtes plus connecté : ce que vous demandiez n'a pas été fait. Connectez-vous et refaites-le."
    )
    return _sign_in_page(visit, role, error=undone if "undone" in asked else "")


async def sign_in(visit: Visit) -> Response:
    """Compare what was typed."""
    form = await visit.form()
    role = "manager" if form.get("role") == "manager" else "user"
    name, password = str(form.get("name", "")), str(form.get("password", ""))
    back = local_path(form.get("back"))
    try:
        if role == "manager":
            return await _manager(visit, name, password, back)
        return await _user(visit, name, password, back)
    except HPError as error:
        return _sign_in_page(visit, role, name, told(visit, error), status_of(error), back)


async def _manager(visit: Visit, number: str, password: str, back: str) -> Response:
    if not visit.on.console:
        raise NotAllowedError("This certificate is not that of the hosting manager's workstation.")
    proved = await _manages(visit, number, password)

    async def stands() -> bool:
        now = await visit.served.directory.get(Account, proved.number)
        return now.console_hash == proved.console_hash and not now.suspended

    return await _let_in(visit, 0, visit.account.number, back, stands)


async def _manages(visit: Visit, number: str, password: str) -> Account:
    """Return the account, when its manager's number and password are right. Raises as `ConsoleDoor.check`."""
    own = visit.account.number
    return await visit.guess(own, lambda: visit.served.door.check(own, number, password, visit.on.key), bool)


async def _user(visit: Visit, typed: str, password: str, back: str) -> Response:
    try:
        name = login_key(typed)
        secret = _bounded(password)
    except InvalidNameError:
        name, secret = "", ""
    if not name:
        raise bad_credentials()
    user, facts = await visit.guess(name, lambda: _compared(visit, name, secret), _is_right)
    done = _is_right((user, facts))
    await visit.served.tell("console.password", name if user else "", {"device": visit.on.key}, done=done)
    if user is not None and done:
        visit.served.delegation.refuse_password(user.status)
    return await go_on(visit, user, facts, back)


async def _compared(visit: Visit, name: str, secret: str) -> tuple[User | None, Facts]:
    try:
        return await visit.served.sign_in.check_password(name, secret, visit.on.key)
    except LockedError:
        await visit.served.tell("login.locked", "", {"device": visit.on.key}, done=False)
        visit.served.office.notices.later("login.locked", name)
        raise


async def go_on(
    visit: Visit, user: User | None, facts: Facts, back: str, until: float = 0.0, by: Voucher | None = None
) -> Response:
    """Do what the decision says comes next; `until` is when the time to answer ends, 0.0 for from now on.

    `by` is who vouched for the user, None for their password. Raises HPError.
    """
    decision = login.decide(facts)
    if isinstance(decision, login.Refuse):
        raise decision.error
    assert user is not None
    if not (may_enter(user) or isinstance(decision, login.AskPin)):  # who stays out chooses nothing before
        raise NotAllowedError("The console is not open to this user: a superadministrator may change that.")
    if not isinstance(decision, login.Granted):
        return _ask(visit, Pending(user, facts, visit.on.key, until or visit.served.ends(), by), back)
    one = user
    answer = await _let_in(visit, one.key, one.login, back, lambda: visit.served.stands(one, by), by)
    if decision.notify:
        await visit.served.tell("login.notified", one.login, {"device": visit.on.key})
    return answer


def _ask(visit: Visit, one: Pending, back: str, error: HPError | None = None, measure: str = "") -> Response:
    """Ask what the decision wants to know, with what was wrong about the answer before, and the `measure` it chose."""
    status, said = (status_of(error), told(visit, error)) if error else (200, "")
    question = _question(visit, one.facts)
    answer = render(visit, "step.html", status, user=one.user, back=back, error=said, chosen=measure, **question)
    visit.keep(answer, STEP_COOKIE, visit.served.ask_more(one))
    return answer


async def step(visit: Visit) -> Response:
    """Take the answer to what was asked after the password."""
    form = await visit.form()
    back = local_path(form.get("back"))
    asked = visit.served.asked(visit.kept(STEP_COOKIE), visit.on.key)
    if asked is None:
        return begin_again(visit, back)
    question = _question(visit, asked.facts)["step"]
    if str(form.get("step")) != question or not await visit.served.sign_in.stands(asked.user):
        await visit.served.tell("console.password", asked.user.login, {"device": visit.on.key}, done=False)
        return begin_again(visit, back)
    try:
        user, facts = await _take(visit, form, question, asked.user, asked.facts)
    except HPError as error:
        if await visit.served.sign_in.stands(asked.user):
            return _ask(visit, asked, back, error, str(form.get("measure", "")))
        return _sign_in_page(visit, "user", "", told(visit, error), status_of(error), back)
    try:
        return await go_on(visit, user, facts, back, asked.until, asked.by)
    except HPError as error:
        return _sign_in_page(visit, "user", "", told(visit, error), status_of(error), back)


async def _take(visit: Visit, form: FormData, question: str, user: User, facts: Facts) -> tuple[User, Facts]:
    """Do what the answer to a question brings; returns who it is and what is known since. Raises HPError."""
    match question:
        case "pin":
            pin = str(form.get("pin", ""))
            right = await visit.guess("", lambda: visit.served.sign_in.check_pin(user.key, pin), bool)
            await visit.served.tell("console.pin", user.login, {"device": visit.on.key}, done=right)
            if not right:
                raise bad_pin()
            facts = facts.after_pin()
        case "password":
            old, new = _bounded(str(form.get("old", ""))), _bounded(str(form.get("new", "")))
            if new != str(form.get("again", "")):
                raise InvalidNameError("The two passwords are not the same.")
            changing = partial(visit.served.sign_in.change_password, user.login, old, new, visit.on.key)
            user = await visit.guess(user.login, changing, bool)
            await visit.served.tell("user.password_changed", user.login, {"device": visit.on.key})
            await visit.served.forget(user, visit.on)
            facts = facts.after_password()
        case "measure":
            chosen, pin = str(form.get("measure", "")), str(form.get("pin", ""))
            if chosen == "pin" and pin != str(form.get("again", "")):
                raise InvalidNameError("The two PINs are not the same.")
            measure = login.check_measure(chosen, pin, facts.allowed)
            kept = pin if measure == "pin" else ""
            user = await visit.served.sign_in.save_measure(user.key, measure, kept, facts.held)
            await visit.served.tell("user.measure_chosen", user.login, {"measure": measure})
            facts = facts.after_measure(msgspec.convert(measure, Measure))
    return user, facts


async def _let_in(
    visit: Visit,
    user: int,
    name: str,
    back: str,
    stands: Callable[[], Awaitable[bool]],
    by: Voucher | None = None,
) -> Response:
    """Begin a session with a cookie of its own; that of before ends (ASVS 7.2.4).

    `stands` says whether what was compared is still so. It is asked once the session is there, for whoever takes a
    password back to find one of the two.
    """
    if visit.session is not None:
        await visit.served.sessions.end(visit.session)
    source = str(visit.request.scope["state"].get("source", ""))
    agent = visit.request.headers.get("user-agent", "")
    limits = await visit.served.limits()
    provider, identifier = (by.provider.key, by.identifier) if by else (0, "")
    token = await visit.served.sessions.begin(
        user, visit.on.key, source, agent, limits, provider=provider, identifier=identifier
    )
    if not await stands():
        await visit.served.sessions.forget(token)
        await visit.served.tell("console.entered", name, {"device": visit.on.key}, done=False)
        raise bad_credentials()
    await visit.served.tell("console.entered", name, {"device": visit.on.key})
    if user:
        await visit.served.sign_in.signed_in(user, source)
    visit.request.scope["state"]["gate"].logged_in(source)
    answer = visit.see(back)
    visit.keep(answer, COOKIE, token)
    visit.keep(answer, STEP_COOKIE, "")
    return answer


def _question(visit: Visit, facts: Facts) -> dict[str, Any]:
    """Return what is asked for now, whatever a form answers, and what the page needs to ask it."""
    match login.decide(facts):
        case login.AskPin():
            return {"step": "pin"}
        case login.AskPassword():
            return {"step": "password", "lines": password_rules.checklist("", [visit.account.domain])}
        case ask:
            assert isinstance(ask, login.AskMeasure), "nobody is asked anything when all is known"
            return {"step": "measure", "measures": ask.measures}


def begin_again(visit: Visit, back: str) -> Response:
    """Ask who it is again, when an answer is not to what was asked, or comes too late."""
    return _sign_in_page(visit, "user", "", visit.words("Trop de temps a passé : recommencez."), 403, back)


def refused(visit: Visit, error: HPError, back: str) -> Response:
    """Ask who it is again, and say what was wrong."""
    return _sign_in_page(visit, "user", "", told(visit, error), status_of(error), back)


async def sign_out(visit: Visit) -> Response:
    """End the session, everywhere it was kept."""
    if visit.session is not None:
        await visit.served.sessions.end(visit.session)
        await visit.served.tell("console.left", visit.who.login, {})
    answer = visit.see("/sign-in")
    visit.keep(answer, COOKIE, "")
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


async def licence_page(visit: Visit) -> Response:
    """Show the contract."""
    return _licence_page(visit)


async def licence(visit: Visit) -> Response:
    """Keep that the contract was accepted, which version and when; who refuses goes out."""
    form = await visit.form()
    if form.get("answer") != "accept":
        return await sign_out(visit)
    if not visit.is_manager:
        raise NotAllowedError("The hosting manager accepts the licence contract.")
    if form.get("agreed") != "yes":
        return _licence_page(visit, 422, visit.words("Cochez d'abord « J'accepte le Contrat de licence »."))
    await visit.served.tell("console.licence_accepted", visit.who.login, {"version": LICENCE})
    now = visit.served.sessions.now()
    await visit.served.directory.change(Account, visit.account.number, licence=LICENCE, licence_at=now)
    return visit.see("/")


def _licence_page(visit: Visit, status: int = 200, error: str = "") -> Response:
    accepted = visit.account.licence == LICENCE
    return render(visit, "licence.html", status, accepted=accepted, contract=LICENCE, error=error)


async def checklist(visit: Visit) -> Response:
    """Tell which rules a new password meets, as it is typed: the part of a page."""
    form = await visit.form()
    context = [str(form.get(one, "")) for one in ("login", "name", "first_name")]
    typed = str(form.get("new", "") or form.get("password", ""))[: password_rules.MAX_CHARACTERS]
    lines = password_rules.checklist(typed, [*context, visit.account.domain, visit.account.name], common_passwords())
    return render(visit, "checklist.html", lines=lines)


async def language(visit: Visit) -> Response:
    """Keep the language that was chosen."""
    form = await visit.form()
    answer = visit.see(local_path(form.get("back")))
    if (chosen := str(form.get("language", ""))) in LANGUAGES:
        visit.keep(answer, LANGUAGE_COOKIE, chosen, YEAR)
    return answer


async def prove(visit: Visit) -> bool:
    """Compare the password that is asked for again before a sensitive deed; True when it was right."""
    form = await visit.form()
    password = str(form.get("proof", ""))
    actor = visit.who
    assert visit.session is not None
    if visit.is_manager:
        await _manages(visit, visit.account.number, password)
    else:
        secret = _bounded(password)
        right = _is_right(await visit.guess(actor.login, lambda: _compared(visit, actor.login, secret), _is_right))
        await visit.served.tell("login.proved", actor.login, {"device": visit.on.key}, done=right)
        if not right:
            raise bad_credentials()
    await visit.served.sessions.prove(visit.session)
    return True


def _sign_in_page(
    visit: Visit, role: str, name: str = "", error: str = "", status: int = 200, back: str = ""
) -> Response:
    values = {"role": role, "name": name, "error": error, "may_manage": visit.on.console}
    return render(
        visit, "sign_in.html", status, back=back or local_path(visit.request.query_params.get("to")), **values
    )


def _is_right(found: tuple[User | None, Facts]) -> bool:
    _, facts = found
    return facts.enabled and facts.password_right


def _bounded(secret: str) -> str:
    """Return a secret no longer than one may be. Raises InvalidNameError."""
    if len(secret.encode()) > MAX_PASSWORD_BYTES:
        raise InvalidNameError("This is longer than a password may be.")
    return secret
