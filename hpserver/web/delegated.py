"""How people come in by a service elsewhere: sent there, back with what it gave them, and then as after a password."""

import secrets
import time
from collections.abc import Mapping
from typing import Final

import structlog
from starlette.responses import RedirectResponse, Response

from hpserver.directory.model import IdentityProvider, User
from hpserver.errors import HPError, NotFoundError, NotVouchedError, ProviderUnreachableError
from hpserver.hosting.audit import About
from hpserver.hosting.cas import not_vouched
from hpserver.identity.login import Facts
from hpserver.web import entry
from hpserver.web.journeys import AWAY_SECONDS, Away
from hpserver.web.page import render
from hpserver.web.served import Voucher
from hpserver.web.visit import BACK, Visit, local_path

AWAY_COOKIE: Final = "hp-away"
"""Of one journey elsewhere: it alone comes along when another site sends the browser to us, and lets nobody in."""

log = structlog.get_logger()


async def leave(visit: Visit) -> Response:
    """Send the browser to a service that is active, with an address of its own to come back to."""
    asked = visit.request.query_params
    provider = next((one for one in visit.served.delegation.active if str(one.key) == asked.get("by")), None)
    if provider is None:
        raise NotFoundError("This way of signing in is not offered any more: sign in again.")
    state = secrets.token_urlsafe(32)
    scheme = "http" if visit.is_bridged else "https"
    service = f"{scheme}://{visit.request.headers['host']}{BACK}{visit.served.name}?state={state}"
    until = time.monotonic() + AWAY_SECONDS
    token = visit.served.journeys.leave(
        Away(visit.on.key, provider, service, state, until, local_path(asked.get("to")))
    )
    answer = RedirectResponse(visit.served.delegation.leave(provider, service), status_code=303)
    visit.keep(answer, AWAY_COOKIE, token, samesite="lax")
    return answer


async def returned(visit: Visit) -> Response:
    """Ask the service who came back, and go on as after a right password."""
    answered = dict(visit.request.query_params)
    one = visit.served.journeys.take(visit.kept(AWAY_COOKIE), answered.pop("state", ""), visit.on.key)
    if one is None or visit.request.path_params["name"] != visit.served.name:
        answer = entry.begin_again(visit, "/")
    else:
        try:
            answer = await _identified(visit, one, answered)
        except HPError as error:
            answer = entry.refused(visit, error, one.back)
    visit.keep(answer, AWAY_COOKIE, "", samesite="lax")
    return answer


async def _identified(visit: Visit, one: Away, answered: Mapping[str, str]) -> Response:
    await visit.served.refresh()
    provider = visit.served.delegation.provider(one.provider.key)
    if provider != one.provider:  # changed meanwhile: whom this one vouches for is nobody's business any more
        return entry.begin_again(visit, one.back)
    user, facts, voucher = await visit.guess("", lambda: _compared(visit, provider, answered, one.service), bool)
    await visit.served.tell("console.delegated", user.login, {"device": visit.on.key, "name": provider.name})
    return _onward(visit, await entry.go_on(visit, user, facts, one.back, by=voucher))


async def _compared(
    visit: Visit, provider: IdentityProvider, answered: Mapping[str, str], service: str
) -> tuple[User, Facts, Voucher]:
    """Return who came back. Raises NotVouchedError in the same words, whatever was wrong, and as `identify`."""
    identifier = ""
    try:
        identifier = await visit.served.delegation.identify(provider, answered, service)
        user, facts = await visit.served.sign_in.vouched(identifier, visit.on.key)
        if user is None or not user.enabled:
            raise not_vouched()
    except NotVouchedError:
        about: About = {"device": visit.on.key, "name": provider.name}
        if identifier:
            about["identifier"] = identifier
        await visit.served.tell("console.delegated", "", about, done=False)
        raise
    except ProviderUnreachableError as error:
        log.warning("provider.unreachable", provider=provider.key, **error.details)
        raise
    return user, facts, Voucher(provider, identifier)


def _onward(visit: Visit, answer: Response) -> Response:
    """Return a page of ours for a redirection: a browser that another site sent to us keeps strict cookies back."""
    if answer.status_code != 303:  # noqa: PLR2004 - see Visit.see
        return answer
    page = render(visit, "onward.html", to=answer.headers["location"])
    page.raw_headers.extend(header for header in answer.raw_headers if header[0] == b"set-cookie")
    return page
