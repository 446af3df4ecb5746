import os
import pty
import sys

import pytest

from tests.cli.desks import Desk
from tests.cli.shell import Shell
from tests.house import PASSWORD


def test_a_device_that_is_not_enrolled_is_said_before_a_secret_is_asked(bare: Shell) -> None:
    """Nobody types a password for nothing."""
    refused = bare.hp("client", "list", "--login", "ada", "--device", bare.folder / "none")
    assert (refused.status, "hp client enrol" in refused.err, "Password" in refused.err) == (78, True, False)
    assert bare.hp("client", "list", "--device", bare.folder / "none").status == 2
    assert bare.hp("client", "list", "--login", "a", "--device", bare.file("file", "x")).status == 2


@pytest.mark.slow
def test_the_first_sign_in_chooses_a_measure_and_the_next_asks_for_it(alice: Desk) -> None:
    """With files nothing is asked; a wrong PIN is 4, and a registered device needs none."""
    house = alice.house
    added = house.hp(
        "user", "add", "zoe", "--name", "Zola", "--initial-password-file", "pw", "--profile", "planning01=Consultation"
    )
    assert added.returncode == 0, added
    (house.folder / "pin").write_text("48273\n")
    (house.folder / "other-pin").write_text("91827\n")
    zoe = Desk(house, ("--login", "zoe", *alice.signing[2:]))
    first = zoe.client("login", "--pin-file", "pin")
    assert (first.returncode, "not registered" in first.stdout, "--register NAME" in first.stderr) == (0, True, True)
    assert zoe.client("login", "--pin-file", "other-pin").returncode == 4
    assert zoe.client("login", "--pin-file", "pw").returncode == 2, "a password is no PIN: it is not even sent"
    assert "device registered" in zoe.ok("login", "--pin-file", "pin", "--register", "Bureau")
    assert "device registered" in zoe.ok("login")
    assert PASSWORD not in zoe.ok("login")
    assert zoe.client("place", "planning01", "1", "5").returncode == 4


def typed(asking: str, *answers: str) -> str:
    """What a terminal shows while `asking`, an expression, is answered: each answer once a prompt waits for it."""
    program = f"from hpserver.cli.client import session; print('<' + session.{asking} + '>')"
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-c", program], os.environ | {"HP_LANG": "en"})  # noqa: S606
    shown, left = b"", list(answers)
    try:
        while True:
            shown += os.read(terminal, 4096)
            if left and shown.endswith(b": "):
                os.write(terminal, left.pop(0).encode() + b"\n")
                shown += b"|"
    except OSError:  # the program has ended
        os.waitpid(child, 0)
        os.close(terminal)
    return shown.decode()


@pytest.mark.slow
def test_what_a_new_secret_lacks_is_said_and_asked_again() -> None:
    """The rules come first; a PIN that is refused ends nothing, and is not asked for twice before it is judged."""
    shown = typed("ask_new_pin('PIN', '--pin-file')", "12", "1234", "480931", "480932", "480931", "480931")
    assert "4 to 12 digits" in shown.splitlines()[0]
    assert "tried first" in shown
    assert "These differ" in shown
    assert "<480931>" in shown
    assert shown.count("once more") == 2
    shown = typed("ask_new_password('ada')", "short", "Lune-4-Papier-77", "Lune-4-Papier-77")
    assert "at least 12 characters, at least one letter" in shown.splitlines()[0]
    assert "✗ at least 12 characters" in shown
    assert "<Lune-4-Papier-77>" in shown


@pytest.mark.slow
def test_a_measure_that_there_is_not_is_asked_again() -> None:
    """In the words of the reader."""
    shown = typed("_chosen_measure(('none', 'pin'))", "yes", "none")
    assert "Answer with one of these words: none, pin" in shown
    assert "<none>" in shown


@pytest.mark.slow
def test_a_code_that_was_not_right_is_said_to_be() -> None:
    """Asked for in silence, it would look as if nothing had come of it."""
    assert "not the code" not in typed("_ask_code(600, again=False)", "123456")
    shown = typed("_ask_code(600, again=True)", " 123456 ")
    assert shown.startswith("This is not the code: type it again.")
    assert "<123456>" in shown
