from hpserver.planning import limits
from hpserver.protocol.limits import MAX_FRAME, OUTPUT_SOFT


def test_what_is_told_fits_a_frame_and_a_line() -> None:
    """A Delta, alone or as the largest transaction, fits a frame; what a newcomer is told fits its line."""
    assert limits.DELTA_BYTES <= limits.MAX_FACTS_BYTES < MAX_FRAME
    assert limits.MAX_CHANGES_BYTES < limits.MAX_FACTS_BYTES
    assert limits.CATCH_UP_BYTES < OUTPUT_SOFT
