"""The application: one table of what may be asked, by whom, and who answers. What is not in it is refused."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from hpserver.directory.model import Account
from hpserver.errors import CertificateRefusedError, HPError, InternalError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.console_door import ConsoleDoor
from hpserver.hosting.hashing import Hashing
from hpserver.net.gate import Gate
from hpserver.web import deeds, delegated, entry, panes, transfers, workstation
from hpserver.web.guard import LOOPBACK, App, Guard
from hpserver.web.live import Bell
from hpserver.web.page import failed
from hpserver.web.served import Served
from hpserver.web.visit import BACK, COOKIE, Visit, language_of

Needs = Literal["name", "device", "session", "licence", "manager"]
"""Who may ask: whoever knows the name of a console; a device of the account; somebody who is signed in; once the
licence contract is accepted; the hosting manager."""

Answer = Callable[[Visit], Awaitable[Response]]

MOST_CONNECTIONS: Final = 1_000
"""Connections of the console in all: 200 open pages, each with its line for what is new and two for what is asked."""

STATIC: Final = files("hpserver.web") / "static"
STATIC_SECONDS: Final = 3_600

log = structlog.get_logger()


class Asked(msgspec.Struct, frozen=True):
    """One thing that may be asked."""

    method: Literal["GET", "POST"]
    path: str
    needs: Needs
    answer: Answer


async def static(visit: Visit) -> Response:
    """Give a file of ours: style, script, icon."""
    name = str(visit.request.path_params["name"])
    found = STATIC / name
    if "/" in name or name.startswith(".") or not found.is_file():
        return PlainTextResponse("", 404)
    return FileResponse(str(found), headers={"cache-control": f"public, max-age={STATIC_SECONDS}"})


TABLE: Final[tuple[Asked, ...]] = (
    Asked("GET", "/static/{name}", "name", static),
    Asked("POST", "/install", "name", workstation.install),
    Asked("POST", "/renew", "device", workstation.renew),
    Asked("POST", "/language", "device", entry.language),
    Asked("GET", "/sign-in", "device", entry.sign_in_page),
    Asked("POST", "/sign-in", "device", entry.sign_in),
    Asked("POST", "/sign-in/step", "device", entry.step),
    Asked("GET", "/sign-in/delegated", "device", delegated.leave),
    Asked("GET", BACK + "{name}", "device", delegated.returned),
    Asked("POST", "/checklist", "device", entry.checklist),
    Asked("GET", "/accessibility", "device", panes.accessibility),
    Asked("POST", "/sign-out", "session", entry.sign_out),
    Asked("GET", "/licence", "session", entry.licence_page),
    Asked("POST", "/licence", "session", entry.licence),
    Asked("GET", "/", "licence", panes.home),
    *(Asked("GET", f"/{pane}", panes.NEEDS.get(pane, "licence"), answer) for pane, answer in panes.PANES.items()),
    *(Asked("GET", f"/live/{pane}", panes.NEEDS.get(pane, "licence"), panes.live) for pane in panes.LIVE),
    Asked("POST", "/wish/{name}", "licence", deeds.carry_out),
    Asked("POST", "/upload", "licence", transfers.upload),
    Asked("GET", "/tasks/{name}/copy", "licence", transfers.fetch),
)
"""Everything there is to ask. Who may what inside an account is the office's to say, wish by wish."""


LARGER: Final = {"/upload": transfers.MAX_UPLOAD}
"""What has a body beyond a form's, and how many bytes."""


class Console:
    """The consoles of every account of this installation."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        limits = accounts.settings.limits
        self.gate = Gate(MOST_CONNECTIONS)
        """Who may connect, and the guesses that were wrong."""
        self._hashing = Hashing(limits.hash_threads, limits.hash_queue)
        self._door = ConsoleDoor(accounts, self._hashing)
        self._served: dict[str, Served] = {}
        self.bell = Bell()
        self.contexts: dict[str, Any] = {}
        """TLS settings by server name."""
        routes = [Route(one.path, self._answering(one), methods=[one.method]) for one in TABLE]
        inner = Starlette(routes=routes)
        inner.router.redirect_slashes = False
        self.application: App = Guard(inner, lambda: set(self.contexts), LARGER)

    async def refresh(self) -> None:
        """Follow the directory and the certificates on disk."""
        accounts = await self._accounts.directory.list(Account)
        for gone in self._served.keys() - {one.number for one in accounts}:
            await self._served.pop(gone).office.works.close()
        for one in accounts:
            if one.number not in self._served:
                self._served[one.number] = Served(self._accounts, one, self._hashing, self._door, self.bell, self.gate)
            await self._served[one.number].refresh()
            await self._served[one.number].office.notices.tell_later()
        found = {one.name: one.context() for one in self._served.values()}
        self.contexts = {name: context for name, context in found.items() if context is not None}

    async def changed(self) -> None:
        """Tell the pages that are open that something may be new."""
        self.bell.ring()

    def leave(self) -> None:
        """End the lines of the pages that are open."""
        self.bell.leave()

    async def settle(self) -> object:
        """Say how long actions ended that nobody says anything of any more; return what differs when one is told of."""
        works = [one.office.works for one in self._served.values()]
        for one in works:
            await one.settle()
        return tuple(one.tasks.stamp() for one in works)

    async def end(self) -> None:
        """End what is done here at length."""
        for one in self._served.values():
            await one.office.works.close()

    def close(self) -> None:
        """End the hash threads."""
        self._hashing.close()

    def _answering(self, asked: Asked) -> Callable[[Request], Awaitable[Response]]:
        async def answering(request: Request) -> Response:
            served = self._named(request)
            if served is None:
                return PlainTextResponse("", 421)
            visit = Visit(request, served, language_of(request))
            try:
                return await self._admitted(visit, asked) or await asked.answer(visit)
            except CertificateRefusedError as error:
                log.warning("certificate.refused", source=request.scope["state"].get("source"), **error.details)
                return _refused(visit, error)
            except HPError as error:
                return failed(visit, error)
            except Exception:  # a mistake of ours is a page that says so, and no traceback in a browser
                log.exception("page.failed", path=request.url.path)
                return failed(visit, InternalError("Something went wrong here: it is in the log of the server."))

        return answering

    def _named(self, request: Request) -> Served | None:
        """Return whose console was asked for when TLS began: the header is the browser's, or its launcher's."""
        name = request.scope["state"].get("name", "")
        host = (request.url.hostname or "").lower()
        if host != name and host not in {one.strip("[]") for one in LOOPBACK}:
            return None
        return next((one for one in self._served.values() if one.name == name), None)

    async def _admitted(self, visit: Visit, asked: Asked) -> Response | None:
        """Return None when who asks may, else where they are sent. Raises CertificateRefusedError, HPError."""
        if asked.needs == "name":
            return None
        visit.device = await visit.served.device(visit.request.scope["state"]["certificate"])
        by_itself = asked.path.startswith("/live")  # a page that is left open opens its line again and again
        found = await visit.served.who(visit.kept(COOKIE), visit.device, used=not by_itself)
        if found is not None:
            visit.session, visit.actor = found
        if asked.needs == "device":
            return None
        if found is None:
            if asked.method == "POST" and asked.path != "/sign-out":
                return _sent(visit, "/sign-in?to=/&undone=1")
            to = visit.request.url.path if asked.method == "GET" and not by_itself else "/"
            return _sent(visit, f"/sign-in?to={to}")
        if asked.needs == "session":
            return None
        if visit.account.licence != entry.LICENCE:
            return _sent(visit, "/licence")
        if asked.needs == "manager" and not visit.is_manager:
            return failed(visit, panes.for_the_manager())
        return None


def _sent(visit: Visit, path: str) -> Response:
    """Send a browser elsewhere: the whole page, not the part that asked."""
    if visit.request.headers.get("hx-request"):
        return Response(status_code=204, headers={"hx-redirect": path})
    return RedirectResponse(path, status_code=303)


def _refused(visit: Visit, error: CertificateRefusedError) -> Response:
    """Say why to a person at a browser, and to a program."""
    if "text/html" in visit.request.headers.get("accept", ""):
        return failed(visit, error)
    return JSONResponse({"error": type(error).__name__, "text": error.text}, 403)
