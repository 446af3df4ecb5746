"""A real CAS service (django-cas-server) in a process of its own, in TLS on this machine; and people who use it."""

import asyncio
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.directory.model import IdentityProvider
from tests.pki import Pki

PASSWORD = "Papier-Lune-91"
PEOPLE = {"ada.l": "ada@ecole.example", "bob.n": "bob@ecole.example", "nobody": "nobody@ecole.example"}
"""Who has an account at the service, and their addresses, which it gives as the attribute `email`."""


COMPONENTS = ("bootstrap3_css", "bootstrap3_js", "html5shiv", "respond", "bootstrap4_css", "bootstrap4_js", "jquery")
"""What its pages would have browsers fetch from elsewhere."""


class Service:
    """A service that runs. `root` is what its certificate is issued by, in PEM."""

    def __init__(self, port: int, root: str) -> None:
        self.address, self.root = f"https://localhost:{port}/cas", root

    def provider(self, account: str = "1" * 12, *, attribute: str = "") -> IdentityProvider:
        """The configuration that leads to it."""
        return IdentityProvider(
            key=1, account=account, name="CAS de l'école", address=self.address, authority=self.root,
            attribute=attribute, active=True,
        )  # fmt: skip

    async def sign_in(self, url: str, user: str, password: str = PASSWORD) -> str:
        """Type login and password at an address of the service; returns where it sends the browser then."""
        return await asyncio.to_thread(Person(self.root).sign_in, url, user, password)

    async def ticket(self, service: str, user: str = "ada.l") -> str:
        """A ticket for somebody at a service."""
        query = urlencode({"service": service, "renew": "true"})
        to = await self.sign_in(f"{self.address}/login?{query}", user)
        return parse_qs(urlsplit(to).query)["ticket"][0]


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow nothing."""


class Person:
    """A browser at the service, with cookies of its own."""

    def __init__(self, root: str) -> None:
        context = ssl.create_default_context(cadata=root)
        self._open = build_opener(HTTPSHandler(context=context), HTTPCookieProcessor(CookieJar()), _NoRedirect()).open

    def sign_in(self, url: str, user: str, password: str) -> str:
        """See `Service.sign_in`; "" when the service lets nobody in."""
        with self._open(url, timeout=20) as answer:
            page = answer.read().decode()
        inputs = re.findall(r"<input[^>]*>", page)
        typed: dict[str, str] = {}
        for one in inputs:
            name, value = re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)
            if name and 'type="checkbox"' not in one:
                typed[name[1]] = value[1].replace("&amp;", "&") if value else ""
        typed |= {"username": user, "password": password}
        return self._post(url, typed)

    def again(self, url: str) -> str:
        """Where the service sends a browser that it knows already; "" when it asks for a password."""
        return self._sent(Request(url))  # noqa: S310 - https, as the service is

    def _post(self, url: str, typed: Mapping[str, str]) -> str:
        return self._sent(Request(url, urlencode(typed).encode(), {"Referer": url}))  # noqa: S310 - same

    def _sent(self, request: Request) -> str:
        try:
            with self._open(request, timeout=20):
                return ""
        except HTTPError as error:
            with error:
                return error.headers.get("Location", "")


@contextmanager
def a_cas(pki: Pki) -> Iterator[Service]:
    """Run a service until the block ends."""
    made = pki.server("localhost")
    command = [sys.executable, str(Path(__file__)), str(pki.folder), str(made.chain_file), str(made.key_file)]
    errors = pki.folder / "cas.log"
    with errors.open("wb") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.strip().isdigit(), errors.read_text()
            yield Service(int(line), pki.root.certificate.public_bytes(Encoding.PEM).decode())
        finally:
            process.terminate()


def _serve(folder: Path, chain: str, key: str) -> None:
    """Be the service: a database of its own, people, every service allowed."""
    import socketserver  # noqa: PLC0415 - only the process of the service needs what follows
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer  # noqa: PLC0415 - same

    import django  # noqa: PLC0415 - same
    from django.conf import settings  # noqa: PLC0415 - same

    settings.configure(
        SECRET_KEY="s" * 50, ALLOWED_HOSTS=["localhost"], ROOT_URLCONF="cas_root", DEBUG=False, USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "cas.sqlite")}},
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
            "django.contrib.staticfiles", "cas_server",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[{
            "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
            "OPTIONS": {"context_processors": [
                "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]},
        }],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"], STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField", CAS_NEW_VERSION_HTML_WARNING=False,
        CAS_NEW_VERSION_EMAIL_WARNING=False, CAS_COMPONENT_URLS=dict.fromkeys(COMPONENTS, "/static/none"),
        CAS_AUTH_CLASS="cas_server.auth.DjangoAuthUser",
    )  # fmt: skip
    root = type(sys)("cas_root")
    sys.modules["cas_root"] = root
    django.setup()
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - after setup
    from django.core.management import call_command  # noqa: PLC0415 - same
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - same
    from django.urls import include, path  # noqa: PLC0415 - same

    vars(root)["urlpatterns"] = [path("cas/", include("cas_server.urls", namespace="cas_server"))]
    call_command("migrate", verbosity=0)
    from cas_server.models import ServicePattern  # noqa: PLC0415 - same

    pattern = ServicePattern.objects.create(name="all", pattern="^https?://.*")
    pattern.attributs.create(name="email")
    for login, email in PEOPLE.items():
        get_user_model().objects.create_user(login, email, PASSWORD)

    class Server(socketserver.ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing: tickets are in the addresses."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with Server(("127.0.0.1", 0), Quiet) as server:
        server.set_app(get_wsgi_application())
        server.base_environ["HTTPS"] = "on"
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_port, flush=True)  # noqa: T201 - who started it waits for this line
        server.serve_forever()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
