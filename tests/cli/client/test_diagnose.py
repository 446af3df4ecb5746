"""Diagnosis from a shell, live."""

import json

import pytest

from tests.cli.desks import Desk


@pytest.mark.slow
def test_a_repair_is_done_live(alice: Desk) -> None:
    """Diagnosed, repaired, and free afterwards."""
    weeks = alice.json("diagnose", "planning01", "7")
    blocked = [one["at"] for one in weeks["places"].values() if one["blocked"] != "[]"]
    for when in blocked:
        found = alice.json("diagnose", "planning01", "7", "--at", when, "--repairs")
        if found["repairs"]:
            break
    assert found["repairs"]
    assert "revision" in alice.json("diagnose", "planning01", "7", "--at", when, "--do", "1")
    after = alice.json("diagnose", "planning01", "7", "--at", when)
    assert after["blocked"] == "[]"
    assert alice.json("report", "planning01", "--limit", "1")["listed"] == 1
    assert alice.json("free-rooms", "planning01", "--at", "mon 8:00")["rooms"]
    assert alice.json("free-slots", "planning01", "room:1")["places"]
    base = json.loads(alice.house.hp("--output", "json", "base", "list").stdout)[0]["base"]
    beside = alice.house.hp("--output", "json", "base", "diagnose", base, "7", "--at", when)
    assert json.loads(beside.stdout)["blocked"] == "[]", "a base in service is read beside its server"
