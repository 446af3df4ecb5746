"""Pages made of templates: every value is escaped, every name must be known. Knows no account."""

import time
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import jinja2
from starlette.responses import HTMLResponse

import hpserver
from hpserver.cli.words import tasks as telling
from hpserver.cli.words.errors import sentence
from hpserver.errors import (
    AlreadyExistsError,
    BadCredentialsError,
    BadPinError,
    BusyError,
    CertificateRefusedError,
    HPError,
    InternalError,
    InvalidNameError,
    LockedError,
    NotAllowedError,
    NotFoundError,
    ProtocolError,
    ProviderUnreachableError,
    StoreFullError,
    UnexpectedMessageError,
    WeakSecretError,
)
from hpserver.web.visit import Visit

STATUSES: Final[dict[type[HPError], HTTPStatus]] = {
    BadCredentialsError: HTTPStatus.UNAUTHORIZED,
    BadPinError: HTTPStatus.UNAUTHORIZED,
    UnexpectedMessageError: HTTPStatus.NOT_FOUND,
    ProtocolError: HTTPStatus.BAD_REQUEST,
    CertificateRefusedError: HTTPStatus.FORBIDDEN,
    NotAllowedError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    AlreadyExistsError: HTTPStatus.CONFLICT,
    ProviderUnreachableError: HTTPStatus.SERVICE_UNAVAILABLE,
    LockedError: HTTPStatus.TOO_MANY_REQUESTS,
    BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreFullError: HTTPStatus.INSUFFICIENT_STORAGE,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
    InvalidNameError: HTTPStatus.UNPROCESSABLE_ENTITY,
    WeakSecretError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""How an error is told to programs; any other one is a conflict with how things are."""

PANES: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("configuration", "/configuration", "Configuration", "manager"),
    ("controller", "/controller", "Contrôleur", ""),
    ("plannings", "/plannings", "Mes plannings", ""),
    ("client", "/client", "Télécharger le client", ""),
    ("security", "/security", "Sécurité et journal", "superadmin"),
    ("tasks", "/tasks", "Tâches", ""),
    ("state", "/state", "État", ""),
)
"""Name, path, title in the guide's order and words, and the least who may have it, "" for everybody."""


def render(visit: Visit, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """Return a page in the visitor's language."""
    return HTMLResponse(fragment(visit, template, **values), status_code=status)


def fragment(visit: Visit, template: str, **values: Any) -> str:
    """Return the text of a page, or of a part of one."""
    return _environment().get_template(template).render(
        _=visit.words,
        words=visit.words,
        visit=visit,
        account=visit.account,
        panes=[one for one in PANES if visit.has(one[3])],
        version=hpserver.__version__,
        now=time.time(),
        telling=telling,
        **values,
    )  # fmt: skip


def failed(visit: Visit, error: HPError) -> HTMLResponse:
    """Return the page that says what went wrong, why, and what to do next."""
    return render(visit, "failed.html", status_of(error), error=told(visit, error))


def told(visit: Visit, error: HPError) -> str:
    """Return an error as a sentence."""
    return sentence(error, french=visit.words.language == "fr").rpartition(" [")[0]


def status_of(error: HPError) -> int:
    """Return the status that goes with an error."""
    return next((int(STATUSES[kind]) for kind in type(error).__mro__ if kind in STATUSES), int(HTTPStatus.CONFLICT))


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("hpserver.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
