import pytest

from hpserver.errors import ConfigurationError, MailRefusedError
from hpserver.mail.letters import Letter, one_line, write

LETTER = Letter("zoe@ecole.example", "test", "Été", "Bonjour Zoé\n")


def test_a_letter_is_plain_text_that_says_a_program_wrote_it() -> None:
    """So that nobody's absence is answered to us, and the same letter is known when it comes twice."""
    message = write(LETTER, "hp@ecole.example", "k1", 0.0)
    assert (message["Auto-Submitted"], message["Message-ID"]) == ("auto-generated", "<k1@ecole.example>")
    assert (message["Subject"], message.get_content_type()) == ("Été", "text/plain")


@pytest.mark.parametrize(
    "bad",
    ["", "a", "@x", "a@", "a@x\r\nBcc: b@y", "a\n@x", "é@x", "a b@x", "a,b@x", "<a@x>", "a@b@x"],
)
def test_a_hostile_address_is_not_written_to(bad: str) -> None:
    """An address is one address: no header, no second reader."""
    with pytest.raises(MailRefusedError):
        write(Letter(bad, "test", "s", "t"), "hp@ecole.example", "k", 0.0)


def test_a_hostile_subject_adds_no_header() -> None:
    """Whatever a name holds, the headers are ours."""
    message = write(Letter("a@x.example", "test", "s\r\nBcc: b@y\u2028z", "t"), "hp@ecole.example", "k", 0.0)
    assert "Bcc" not in message
    assert message["Subject"] == "s Bcc: b@y z"
    assert len(one_line("x" * 10_000)) == 200


def test_a_sender_that_is_no_address_is_a_matter_of_settings() -> None:
    """Letters are not thrown away for it."""
    with pytest.raises(ConfigurationError):
        write(LETTER, "nobody", "k", 0.0)
