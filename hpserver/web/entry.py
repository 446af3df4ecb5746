"""How people come in: the workstation installed, password, PIN, another password, measure, licence, and out again."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, Response

from hpserver.directory.model import Account, Measure, User
from hpserver.directory.names import login as login_key
from hpserver.errors import BadCredentialsError, HPError, InvalidNameError, NotAllowedError
from hpserver.hosting.common_passwords import common_passwords
from hpserver.hosting.devices import Certified
from hpserver.identity import login
from hpserver.identity.login import Facts, bad_credentials, bad_pin
from hpserver.net.gate import PENALTY_BAD_CREDENTIALS
from hpserver.protocol import password_rules
from hpserver.protocol.limits import MAX_PASSWORD_BYTES
from hpserver.web.page import render, status_of, told
from hpserver.web.sessions import may_enter
from hpserver.web.visit import COOKIE, LANGUAGE_COOKIE, STEP_COOKIE, YEAR, Visit, local_path
from hpserver.web.words import LANGUAGES

LICENCE: Final = "2026-11"
"""The version of the contract that is shown; who accepted another one is asked again."""

MAX_REQUEST: Final = 16 << 10
"""Bytes of what a launcher sends to be installed."""


class Renewal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a launcher says later: its certificate request again, with the same key."""

    request: str


class Installation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a launcher says: what is in the letter, its certificate request (DER in base64), the workstation's name."""

    number: str
    password: str
    invoice: str
    request: str
    name: str


async def install(visit: Visit) -> Response:
    """Certify a workstation. JSON in and out: `{certificates, domain}`, or `{error, text}`."""
    try:
        asked = msgspec.json.decode(await visit.request.body(), type=Installation)
        request = base64.b64decode(asked.request, validate=True)
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        return JSONResponse({"error": "InvalidRequest", "text": str(error)}, 400)
    try:
        if asked.number and visit.served.account.number != "".join(asked.number.split()):
            # Another account's number is compared all the same: it takes the same time, and never fits here.
            await visit.served.door.check("", asked.password)
        made = await visit.served.door.install(asked.number, asked.password, asked.invoice, request, asked.name)
    except HPError as error:
        count(visit, error)
        return _said(error)
    return _certified(visit, made)


async def renew(visit: Visit) -> Response:
    """Certify the key of the certificate that asks once more. JSON in and out: `{request}`, as `install` answers."""
    try:
        request = base64.b64decode(msgspec.json.decode(await visit.request.body(), type=Renewal).request, validate=True)
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        return JSONResponse({"error": "InvalidRequest", "text": str(error)}, 400)
    certificate = visit.request.scope["state"]["certificate"]
    try:
        made = await visit.served.accounts.issuing.renew(visit.account.number, certificate, request)
    except HPError as error:
        return _said(error)
    await visit.served.tell("device.renewed", "", {"device": made.device, "serial": made.serial})
    return _certified(visit, made)


async def sign_in_page(visit: Visit) -> Response:
    """Ask who it is: the hosting manager, or an administrator."""
    return _sign_in_page(visit, visit.request.query_params.get("as", "") or ("manager" if visit.on.console else "user"))


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
        count(visit, error)
        return _sign_in_page(visit, role, name, told(visit, error), status_of(error), back)


async def _manager(visit: Visit, number: str, password: str, back: str) -> Response:
    if not visit.on.console:
        raise NotAllowedError("This certificate is not that of the hosting manager's workstation.")
    if "".join(number.split()) != visit.account.number:
        number = ""  # compared all the same: it takes the same time, and never fits here
    proved = await visit.served.door.check(number, password, visit.on.key)

    async def stands() -> bool:
        now = await visit.served.directory.get(Account, proved.number)
        return now.console_hash == proved.console_hash and not now.suspended

    return await _let_in(visit, 0, visit.account.number, back, stands)


async def _user(visit: Visit, typed: str, password: str, back: str) -> Response:
    try:
        name = login_key(typed)
        secret = _bounded(password)
    except InvalidNameError:
        name, secret = "", ""
    if not name:
        raise bad_credentials()
    user, facts = await visit.served.sign_in.check_password(name, secret, visit.on.key)
    right = facts.enabled and facts.password_right
    await visit.served.tell("console.password", name if user else "", {"device": visit.on.key}, done=right)
    return await _go_on(visit, user, facts, back)


async def _go_on(visit: Visit, user: User | None, facts: Facts, back: str) -> Response:
    """Do what the decision says comes next."""
    match login.decide(facts):
        case login.Refuse() as refuse:
            raise refuse.error
        case login.Granted():
            assert user is not None
            if not may_enter(user):
                raise NotAllowedError("The console is not open to this user: a superadministrator may change that.")
            one = user
            return await _let_in(visit, one.key, one.login, back, lambda: visit.served.sign_in.stands(one))
        case login.AskPin():
            step: dict[str, Any] = {"step": "pin"}
        case login.AskPassword():
            step = {"step": "password", "lines": _rules(visit)}
        case login.AskMeasure() as ask:
            step = {"step": "measure", "measures": ask.measures}
    assert user is not None
    answer = render(visit, "step.html", user=user, back=back, error="", **step)
    visit.keep(answer, STEP_COOKIE, visit.served.ask_more(user, facts, visit.on.key))
    return answer


async def step(visit: Visit) -> Response:
    """Take the answer to what was asked after the password."""
    form = await visit.form()
    back = local_path(form.get("back"))
    asked = visit.served.asked(visit.kept(STEP_COOKIE), visit.on.key)
    if asked is None:
        return _begin_again(visit, back)
    user, facts = asked.user, asked.facts
    wanted = _wanted(facts)
    if str(form.get("step")) != wanted or not await visit.served.sign_in.stands(user):
        await visit.served.tell("console.password", user.login, {"device": visit.on.key}, done=False)
        return _begin_again(visit, back)
    try:
        user, facts = await _take(visit, form, wanted, user, facts)
        return await _go_on(visit, user, facts, back)
    except HPError as error:
        count(visit, error)
        if not await visit.served.sign_in.stands(user):
            return _begin_again(visit, back)
        again: dict[str, dict[str, Any]] = {
            "pin": {},
            "password": {"lines": _rules(visit)},
            "measure": {"measures": facts.allowed},
        }
        wanted = _wanted(facts)
        if wanted not in again:
            return _sign_in_page(visit, "user", "", told(visit, error), status_of(error), back)
        values: dict[str, Any] = {"step": wanted, **again[wanted]}
        answer = render(visit, "step.html", status_of(error), user=user, back=back, error=told(visit, error), **values)
        visit.keep(answer, STEP_COOKIE, visit.served.ask_more(user, facts, visit.on.key))
        return answer


async def _take(visit: Visit, form: FormData, wanted: str, user: User, facts: Facts) -> tuple[User, Facts]:
    """Do what an answer brings; returns who it is and what is known since. Raises HPError."""
    match wanted:
        case "pin":
            right = await visit.served.sign_in.check_pin(user.key, str(form.get("pin", "")))
            await visit.served.tell("console.pin", user.login, {"device": visit.on.key}, done=right)
            if not right:
                raise bad_pin()
            facts = facts.after_pin()
        case "password":
            old, new = _bounded(str(form.get("old", ""))), _bounded(str(form.get("new", "")))
            if new != str(form.get("again", "")):
                raise InvalidNameError("The two passwords are not the same.")
            user = await visit.served.sign_in.change_password(user.login, old, new, visit.on.key)
            await visit.served.tell("user.password_changed", user.login, {"device": visit.on.key})
            facts = facts.after_password()
        case "measure":
            chosen, pin = str(form.get("measure", "")), str(form.get("pin", ""))
            if chosen == "pin" and pin != str(form.get("again", "")):
                raise InvalidNameError("The two PINs are not the same.")
            measure = login.check_measure(chosen, pin, facts.allowed)
            await visit.served.sign_in.save_measure(user.key, measure, pin if measure == "pin" else "")
            await visit.served.tell("user.measure_chosen", user.login, {"measure": measure})
            facts = facts.after_measure(msgspec.convert(measure, Measure))
    return user, facts


async def _let_in(visit: Visit, user: int, name: str, back: str, stands: Callable[[], Awaitable[bool]]) -> Response:
    """Begin a session with a cookie of its own; that of before ends (ASVS 7.2.4).

    `stands` says whether what was compared is still so. It is asked once the session is there, for whoever takes a
    password back to find one of the two.
    """
    if visit.session is not None:
        await visit.served.sessions.end(visit.session)
    source = str(visit.request.scope["state"].get("source", ""))
    agent = visit.request.headers.get("user-agent", "")
    limits = await visit.served.limits()
    token = await visit.served.sessions.begin(user, visit.on.key, source, agent, limits)
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


def _wanted(facts: Facts) -> str:
    """Return what is asked for now, whatever a form answers: "" for nothing more."""
    match login.decide(facts):
        case login.AskPin():
            return "pin"
        case login.AskPassword():
            return "password"
        case login.AskMeasure():
            return "measure"
    return ""


def _begin_again(visit: Visit, back: str) -> Response:
    """Ask who it is again, when an answer is not to what was asked, or comes too late."""
    return _sign_in_page(visit, "user", "", visit.words("Trop de temps a passé : recommencez."), 403, back)


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
    return render(visit, "licence.html", accepted=visit.account.licence == LICENCE, contract=LICENCE)


async def licence(visit: Visit) -> Response:
    """Keep that the contract was accepted, which version and when; who refuses goes out."""
    form = await visit.form()
    if form.get("answer") != "accept" or form.get("agreed") != "yes":
        return await sign_out(visit)
    if not visit.is_manager:
        raise NotAllowedError("The hosting manager accepts the licence contract.")
    await visit.served.tell("console.licence_accepted", visit.who.login, {"version": LICENCE})
    now = visit.served.sessions.now()
    await visit.served.directory.change(Account, visit.account.number, licence=LICENCE, licence_at=now)
    return visit.see("/")


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
        await visit.served.door.check(visit.account.number, password, visit.on.key)
    else:
        _, facts = await visit.served.sign_in.check_password(actor.login, _bounded(password), visit.on.key)
        right = facts.enabled and facts.password_right
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


def _said(error: HPError) -> JSONResponse:
    """Tell an error to a program."""
    details = {key: value for key, value in error.details.items() if isinstance(value, str | int)}
    return JSONResponse({"error": type(error).__name__, "text": error.text, "details": details}, status_of(error))


def _certified(visit: Visit, made: Certified) -> JSONResponse:
    """Tell a certificate to a program, with its issuer's."""
    chain = [x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM).decode() for one in made.chain]
    return JSONResponse({"certificates": chain, "domain": visit.account.domain, "name": visit.account.name})


def count(visit: Visit, error: HPError) -> None:
    """Count a fault of the address that a wrong secret came from."""
    if isinstance(error, BadCredentialsError):
        state, loop = visit.request.scope["state"], visit.served.loop
        state["gate"].penalize(state["source"], PENALTY_BAD_CREDENTIALS, loop.time())


def _rules(visit: Visit) -> tuple[password_rules.Line, ...]:
    """Return the rules of a password, none met yet."""
    return password_rules.checklist("", [visit.account.domain])


def _bounded(secret: str) -> str:
    """Return a secret no longer than one may be. Raises InvalidNameError."""
    if len(secret.encode()) > MAX_PASSWORD_BYTES:
        raise InvalidNameError("This is longer than a password may be.")
    return secret
