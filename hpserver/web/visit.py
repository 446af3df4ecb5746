"""One request: who asks, in which language, for which account; and how it is answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote, unquote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hpserver.directory.model import Account, ConsoleSession, Device
from hpserver.identity.actor import MANAGER, Actor
from hpserver.web.guard import LOOPBACK
from hpserver.web.served import Served
from hpserver.web.words import LANGUAGES, Words, preferred, words

T = TypeVar("T")

COOKIE: Final = "hp-console"
LANGUAGE_COOKIE: Final = "hp-language"
STEP_COOKIE: Final = "hp-step"
DONE_COOKIE: Final = "hp-done"
"""What was done, said once on the next page."""
BACK: Final = "/sign-in/back/"
"""Where an identity provider sends browsers back to, with the name of the console and what is good once."""

YEAR: Final = 365 * 86_400


@dataclass(slots=True)
class Visit:
    """What a page knows. `session` and `actor` are there once somebody is signed in, `device` once one is known."""

    request: Request
    served: Served
    words: Words
    device: Device | None = None
    session: ConsoleSession | None = None
    actor: Actor | None = None

    @property
    def account(self) -> Account:
        """The hosting account."""
        return self.served.account

    @property
    def is_manager(self) -> bool:
        """Whether the hosting manager asks."""
        return self.actor is not None and self.actor.status == MANAGER

    @property
    def here(self) -> str:
        """The page that is shown, with what was asked of it; the first page after a form, or a ticket, good once."""
        url = self.request.url
        if self.request.method != "GET" or url.path.startswith(BACK):
            return "/"
        return f"{url.path}?{url.query}" if url.query else url.path

    def has(self, need: str) -> bool:
        """Whether a pane of that need is for who asks."""
        return not need or self.is_manager or (need == "superadmin" and self.actor is not None and self.actor.may_all)

    @property
    def who(self) -> Actor:
        """Who is signed in."""
        assert self.actor is not None, "the table of routes lets nobody else here"
        return self.actor

    @property
    def on(self) -> Device:
        """The device that asks."""
        assert self.device is not None, "the table of routes lets no other here"
        return self.device

    @property
    def source(self) -> str:
        """The address that asks, as the gate knows it."""
        return str(self.request.scope["state"]["source"])

    async def guess(self, login: str, compare: Callable[[], Awaitable[T]], is_right: Callable[[T], bool]) -> T:
        """Have a secret compared, unless too many were wrong from this device or address. Raises as `Watch.guess`."""
        return await self.served.watch.guess(compare, is_right, login, self.on.thumbprint, self.source)

    @property
    def is_bridged(self) -> bool:
        """Whether the browser speaks with a launcher on its own machine, which speaks TLS with us."""
        return (self.request.url.hostname or "") in {one.strip("[]") for one in LOOPBACK}

    async def form(self) -> FormData:
        """What was typed."""
        return await self.request.form(max_files=0, max_fields=2_000)

    def see(self, path: str) -> RedirectResponse:
        """Go to another page of ours."""
        assert path.startswith("/")
        assert not path.startswith("//")
        return RedirectResponse(path, status_code=303)

    def keep(
        self,
        answer: Response,
        name: str,
        value: str,
        seconds: int | None = None,
        *,
        samesite: Literal["strict", "lax"] = "strict",
    ) -> None:
        """Give the browser a cookie; "" takes it back. Without `seconds` it lasts as long as the browser.

        A strict one does not come along when another site sends the browser here; a lax one does, for a page.
        A `__Host-` name is bound to our own TLS name. Behind a launcher the browser speaks without TLS, with itself.
        """
        answer.set_cookie(
            self.cookie(name),
            quote(value),
            max_age=0 if not value else seconds,
            path="/",
            secure=not self.is_bridged,
            httponly=True,
            samesite=samesite,
        )

    def cookie(self, name: str) -> str:
        """Return the name that a cookie has for this browser."""
        return name if self.is_bridged else f"__Host-{name}"

    def kept(self, name: str) -> str:
        """Return the cookie that the browser gives back, or ""."""
        return unquote(self.request.cookies.get(self.cookie(name), ""))


def language_of(request: Request) -> Words:
    """Return the language that was chosen, or that the browser prefers."""
    for prefix in ("", "__Host-"):
        chosen = request.cookies.get(f"{prefix}{LANGUAGE_COOKIE}", "")
        for one in LANGUAGES:
            if one == chosen:
                return words(one)
    return words(preferred(request.headers.get("accept-language", "")))


def local_path(path: Any, otherwise: str = "/") -> str:
    """Return a path of ours that a form named, never another site's."""
    text = str(path or "")
    return text if text.startswith("/") and text[1:2] not in {"/", "\\"} and text.isprintable() else otherwise
