"""What is said of one line of the standard. Knows no line."""


class Line:
    """What a line asks, in our own words; the tests that prove it, and what remains to be said.

    A test is its node id below `tests/`. A line without one has a `reason`: it does not apply here, or is not reached.
    """

    __slots__ = ("about", "proofs", "reason")

    def __init__(self, about: str, *proofs: str, reason: str = "") -> None:
        self.about, self.proofs, self.reason = about, proofs, reason
