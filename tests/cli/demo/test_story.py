import pytest

from hpserver.cli.demo.story import DemoFailedError, hold


def test_a_step_that_does_not_hold_says_so() -> None:
    """The demo cannot pass on a promise that was broken."""
    hold(True, "never said")

    with pytest.raises(DemoFailedError, match="an edit was lost"):
        hold(False, "an edit was lost")
