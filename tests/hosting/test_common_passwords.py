"""The list of common passwords that comes with the program."""

from hpserver.hosting.common_passwords import common_passwords
from hpserver.protocol.password_rules import core


def test_a03_the_list_is_long_and_in_the_form_that_is_looked_up() -> None:
    """An entry that the rules would never compute would protect nobody."""
    words = common_passwords()
    assert len(words) > 20_000
    assert {"password", "mustang", "qazwsxedc", "iloveyou"} <= words
    assert all(len(word) >= 4 and word.isalpha() for word in words)
    assert sum(core(word) == word for word in words) > len(words) * 0.99
