import json
import time
from typing import Any

import pytest

from hpserver.cli.screen import Screen, day, instant, is_french, language, state_word, told_value, tr


@pytest.mark.parametrize(
    ("variables", "french"),
    [
        ({"HP_LANG": "fr", "LC_ALL": "en_US.UTF-8"}, True),
        ({"HP_LANG": "en", "LANG": "fr_FR.UTF-8"}, False),
        ({"LC_ALL": "fr_FR.UTF-8", "LANG": "C"}, True),
        ({"LANG": "fr_FR.UTF-8"}, True),
        ({"LANG": "C"}, False),
        ({}, False),
    ],
)
def test_the_language_is_that_of_the_person(
    variables: dict[str, str], french: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual variables, in their usual order; our own before them."""
    for name in ("HP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_french() is french
    assert language() == tr("fr", "en")


def test_a_state_has_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not known is shown as it is."""
    monkeypatch.setenv("HP_LANG", "fr")
    assert (state_word("live"), state_word("new"), state_word("")) == ("En service", "new", "")


def test_a_table_is_columns_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The same rows; as JSON with every field, as text with those that have a title."""
    rows: list[dict[str, Any]] = [{"a": 1, "b": "éé", "c": None}, {"a": 22}]
    Screen(json=False).table(rows, {"a": "A", "b": "B"})
    assert capsys.readouterr().out == "A   B\n1   éé\n22\n"
    Screen(json=True).table(rows, {"a": "A"})
    assert json.loads(capsys.readouterr().out) == rows
    Screen(json=False).table([], {"a": "A"})
    assert capsys.readouterr().out == "A\n"


def test_a_result_is_text_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One document a command."""
    Screen(json=False).show({"a": 1}, "one")
    Screen(json=True).show({"a": 1}, "one")
    assert capsys.readouterr().out == 'one\n{"a":1}\n'


def test_a_table_says_yes_no_and_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """For people in their language; for programs as JSON has it."""
    monkeypatch.setenv("HP_LANG", "fr")
    Screen(json=False).table([{"a": True}, {"a": False}, {"a": None}], {"a": "A"})
    assert capsys.readouterr().out == "A\noui\nnon\n\n"
    Screen(json=True).table([{"a": True}], {"a": "A"})
    assert capsys.readouterr().out == '[{"a":true}]\n'


def test_an_instant_is_told_on_the_clock_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its zone, winter and summer; JSON has UTC whatever the clock; a day has no zone."""
    winter, summer = instant(1795484614), instant(1782871200)
    try:
        monkeypatch.setenv("TZ", "Europe/Paris")
        time.tzset()
        monkeypatch.setenv("HP_LANG", "fr")
        assert [told_value(one) for one in (winter, summer)] == ["24/11/2026 02:43:34 CET", "01/07/2026 04:00:00 CEST"]
        assert told_value(day(1795484614)) == "24/11/2026"
        monkeypatch.setenv("HP_LANG", "en")
        assert [told_value(winter), told_value(day(1795484614))] == ["2026-11-24 02:43:34 CET", "2026-11-24"]
        assert [instant(0), day(0)] == [None, None]
        Screen(json=True).table([{"at": winter}], {"at": "When"})
        assert capsys.readouterr().out == '[{"at":"2026-11-24T01:43:34Z"}]\n'
    finally:
        monkeypatch.undo()
        time.tzset()
