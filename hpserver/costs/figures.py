"""What a cost is made of: how often each rule is broken, and what that costs. Knows no rule."""

import msgspec


class Item(msgspec.Struct, frozen=True):
    """One rule: `count` breaches as the formulation counts them, each of `weight`; a hard one has no weight."""

    rule: str
    count: int
    weight: int = 0
    hard: bool = False

    @property
    def cost(self) -> int:
        """What the breaches cost: nothing for a hard rule, which a timetable keeps or not."""
        return self.count * self.weight


class Cost(msgspec.Struct, frozen=True):
    """The cost of a timetable by a formulation, rule by rule."""

    formulation: str
    items: tuple[Item, ...]

    @property
    def hard(self) -> int:
        """Breaches of hard rules: with any, the cost means little."""
        return sum(item.count for item in self.items if item.hard)

    @property
    def total(self) -> int:
        """The cost of the soft rules."""
        return sum(item.cost for item in self.items)

    def counts(self) -> dict[str, int]:
        """Return the breaches by rule."""
        return {item.rule: item.count for item in self.items}
