"""The page that is printed and folded, read back."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hpserver.cli.house.paper import COLUMNS, FOLDS, paper_of

PDFTOTEXT = shutil.which("pdftotext")


def written(page: bytes) -> list[tuple[int, str]]:
    """Every line of the page, with how high it stands."""
    found, height = [], 0
    for move, text in re.findall(rb"(-?\d+ -?\d+) Td|<([0-9a-f]*)> Tj", page[page.index(b"BT") :]):
        if move:
            x, y = (int(one) for one in move.split())
            height = y if x else height + y
        else:
            found.append((height, bytes.fromhex(text.decode()).decode("cp1252")))
    return found


def test_what_is_secret_is_under_the_first_fold() -> None:
    """The third that is seen says to whom it goes; every line of the letter is inside, and none is off the page."""
    page = paper_of("Élève\n\n    Mot de passe   s3cr3t\n\n" + "mot " * 60, "Lycée de l'Œuvre")
    lines = written(page)
    seen = [text for height, text in lines if height >= FOLDS[0]]
    hidden = [text for height, text in lines if height < FOLDS[0]]
    assert "Lycée de l'Œuvre" in seen
    assert not [one for one in seen if "s3cr3t" in one]
    assert "    Mot de passe   s3cr3t" in hidden
    assert "Élève" in hidden
    assert max(map(len, hidden + seen)) <= COLUMNS
    assert min(height for height, _ in lines) > 0


def test_a_name_in_other_letters_is_still_a_page() -> None:
    """A letter that no Western font has is a question mark, and nothing of it is read as PDF."""
    page = paper_of("ok", "Škola Łódź \\) Tj (<<")
    assert "Škola ?ód? \\) Tj (<<" in [text for _, text in written(page)]


@pytest.mark.skipif(PDFTOTEXT is None, reason="WITHOUT pdftotext: apt-get install poppler-utils")
def test_another_program_reads_it(tmp_path: Path) -> None:
    """Poppler finds one page, and the words on it."""
    file = tmp_path / "letter.pdf"
    file.write_bytes(paper_of("Numéro de facture   1234 5678 90", "Lycée"))
    assert PDFTOTEXT is not None
    said = subprocess.run([PDFTOTEXT, "-layout", file, "-"], check=True, capture_output=True, timeout=30)
    assert "Numéro de facture   1234 5678 90" in said.stdout.decode()
    assert said.stderr == b""
