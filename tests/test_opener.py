"""The process that reads: its readers are those that are asked for. What it withstands is in tests/hosting."""

import json
import subprocess
import sys
from typing import get_args

import msgspec
import pytest

from hpserver.exports.result import Opened, decode
from hpserver.hosting.confinement import DEFAULT_BOUNDS
from hpserver.hosting.sandbox import Reader
from hpserver.opener import READERS
from tests.exports.documents import written
from tests.schools import a_school


def test_every_reader_that_can_be_asked_for_exists() -> None:
    """A name that is offered is a name that works."""
    assert set(READERS) == set(get_args(Reader))


@pytest.mark.slow
def test_it_reads_its_input_and_answers_on_its_output() -> None:
    """The program alone does the whole job: no file, no argument but the wish."""
    bounds = msgspec.structs.asdict(DEFAULT_BOUNDS)
    wish = json.dumps({"reader": "document", "name": "", "year": 0, **bounds})
    words = [sys.executable, "-I", "-m", "hpserver.opener", wish]
    done = subprocess.run(words, input=written(a_school(12)), capture_output=True, check=True, timeout=60)
    result = decode(done.stdout).result
    assert isinstance(result, Opened)
    assert result.planning().counts() == a_school(12).counts()
