"""A letter as a page to print and fold: what is secret is inside. Knows no account."""

from io import BytesIO
from textwrap import wrap
from typing import Final

import pydyf  # type: ignore[import-untyped]  # it ships no types

from hpserver.cli.screen import tr

WIDTH, HEIGHT = 595, 842
"""An A4 page in points."""

FOLDS: Final = (HEIGHT * 2 // 3, HEIGHT // 3)
"""Where the page is folded, from below: what is between and under is inside."""

SIZE: Final = 10
LEADING: Final = 13
LEFT: Final = 57
COLUMNS: Final = (WIDTH - 2 * LEFT) // (SIZE * 6 // 10)
"""Characters of a line: in Courier each is six tenths of its size wide."""

LINES: Final = (FOLDS[0] - 2 * LEFT) // LEADING
"""Lines that fit inside."""

ADDRESS: Final = (297, 720)
"""Where a window of an envelope shows to whom it goes."""


def paper_of(text: str, school: str) -> bytes:
    """Return a letter as a PDF of one page, whose upper third says to whom it goes and holds no secret.

    What Western European letters do not have is written `?`: the page brings no font of its own.
    """
    outside = [
        school, tr("Responsable de l'hébergement", "Hosting manager"), tr("PERSONNEL ET CONFIDENTIEL", "CONFIDENTIAL")
    ]  # fmt: skip
    how = tr(
        "Pliez le bas sur le milieu, le texte à l'intérieur, puis le haut vers l'arrière, et collez.",
        "Fold the bottom over the middle, the text inside, then the top to the back, and seal.",
    )
    inside = [part for line in text.splitlines() for part in _wrapped(line)]
    assert len(inside) <= LINES, "a letter is a page"
    page = pydyf.Stream()
    for fold in FOLDS:
        for x in (0, WIDTH - 20):
            page.move_to(x, fold)
            page.line_to(x + 20, fold)
    page.stroke()
    _write(page, ADDRESS, [part for line in outside for part in wrap(line, (WIDTH - ADDRESS[0] - 20) // 6)])
    _write(page, (LEFT, FOLDS[0] + 2 * LEADING), wrap(how, COLUMNS))
    _write(page, (LEFT, FOLDS[0] - LEFT), inside)
    return _document(page)


def _wrapped(line: str) -> list[str]:
    """Cut a line where it is too long, as far from the left as it began."""
    before = line[: len(line) - len(line.lstrip())]
    return wrap(line, COLUMNS, subsequent_indent=before, drop_whitespace=True) or [""]


def _write(page: pydyf.Stream, at: tuple[int, int], lines: list[str]) -> None:
    page.begin_text()
    page.set_font_size("F", SIZE)
    page.move_text_to(*at)
    for line in lines:
        page.stream.append(f"<{line.encode('cp1252', 'replace').hex()}> Tj".encode())
        page.move_text_to(0, -LEADING)
    page.end_text()


def _document(page: pydyf.Stream) -> bytes:
    made = pydyf.PDF()
    font = pydyf.Dictionary(
        {"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Courier", "Encoding": "/WinAnsiEncoding"}
    )
    for one in (font, page):
        made.add_object(one)
    fonts = pydyf.Dictionary({"F": font.reference})
    made.add_page(
        pydyf.Dictionary(
            {
                "Type": "/Page", "Parent": made.pages.reference, "MediaBox": pydyf.Array([0, 0, WIDTH, HEIGHT]),
                "Contents": page.reference, "Resources": pydyf.Dictionary({"Font": fonts}),
            }
        )
    )  # fmt: skip
    written = BytesIO()
    made.write(written)
    return written.getvalue()
