"""Errors as statuses, and pages that know every name they use."""

import jinja2
import pytest

from hpserver import errors as e
from hpserver.web.page import PANES, _environment, status_of
from hpserver.web.panes import PANES as ANSWERS


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (e.BadCredentialsError("x"), 401),
        (e.NotAllowedError("x"), 403),
        (e.NotFoundError("x"), 404),
        (e.LockedError("x", seconds=1), 429),
        (e.BusyError("x", seconds=1), 503),
        (e.WeakSecretError("x"), 422),
        (e.BaseInUseError("x"), 409),
        (e.InternalError("x"), 500),
    ],
)
def test_an_error_has_its_status(error: e.HPError, status: int) -> None:
    """What a program sees of a page that failed."""
    assert status_of(error) == status


def test_templates_escape_and_know_their_names() -> None:
    """No page shows markup it was given, nor nothing for a name that is misspelt."""
    environment = _environment()
    assert environment.autoescape is True
    with pytest.raises(jinja2.UndefinedError):
        environment.from_string("{{ nobody }}").render()
    for name in environment.list_templates():
        text = (environment.loader.get_source(environment, name)[0]) if environment.loader else ""
        assert "|safe" not in text, name
        assert " style=" not in text, name
        assert "<script>" not in text, name
        assert " onclick" not in text, name


def test_every_pane_that_is_listed_is_answered() -> None:
    """No link leads nowhere."""
    assert [name for name, _, _, _ in PANES] == list(ANSWERS)
