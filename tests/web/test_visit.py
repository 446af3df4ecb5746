"""Cookies and ways back."""

import pytest
from starlette.requests import Request

from hpserver.web.visit import language_of, local_path


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/plannings?x=1", "/plannings?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:x", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        (None, "/"),
    ],
)
def test_a_path_is_ours_or_forgotten(path: str | None, kept: str) -> None:
    """No form sends anybody to another site."""
    assert local_path(path) == kept


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("", "en", "en"),
        ("hp-language=fr", "en", "fr"),
        ("__Host-hp-language=en", "fr", "en"),
        ("hp-language=x", "", "fr"),
    ],
)
def test_the_language_that_was_chosen_wins(cookie: str, accepted: str, language: str) -> None:
    """Then that of the browser, then French."""
    headers = [(b"cookie", cookie.encode()), (b"accept-language", accepted.encode())]
    assert language_of(Request({"type": "http", "headers": headers})).language == language
