"""What changes a base from a shell: one body per command, for a planning in service and for a stopped base.

What an edit would cause or causes, and why it is refused, is told here, in the same words for every command.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, ParamSpec, TypeAlias, TypeVar

import click
import msgspec

from hpserver.base.changes import Change, Create
from hpserver.base.clashes import Clash
from hpserver.base.explain import explain
from hpserver.base.planning import Planning
from hpserver.base.rules import Breach
from hpserver.base.rules.wording import say as breach_worded
from hpserver.base.wording import say as worded
from hpserver.cli.client.session import base_in, inside
from hpserver.cli.client.signing import Signing, signing_options
from hpserver.cli.options import account_option, force_option, why_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, filled, language, say, tr
from hpserver.client import ClashesError, Judgement, PlanningSession
from hpserver.errors import HPError, UnknownObjectError
from hpserver.protocol import messages as m

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")


class Bench(ABC):
    """A base that a command may read and change."""

    @property
    @abstractmethod
    def planning(self) -> Planning:
        """The base as it is now: to be read."""

    @abstractmethod
    async def edit(self, changes: Sequence[Change], *, force: bool, why: str) -> m.Committed:
        """Do it, durably. Raises ClashesError, ConflictsError, and whatever else refuses it."""

    @abstractmethod
    async def judge(self, changes: Sequence[Change]) -> Judgement:
        """Say what it would cause; nothing is done."""


class Live(Bench):
    """A planning in service."""

    def __init__(self, session: PlanningSession) -> None:
        self._session = session

    @property
    def planning(self) -> Planning:
        """See `Bench`."""
        return base_in(self._session)

    async def edit(self, changes: Sequence[Change], *, force: bool, why: str) -> m.Committed:
        """See `Bench`."""
        return await self._session.edit(changes, force=force, why=why)

    async def judge(self, changes: Sequence[Change]) -> Judgement:
        """See `Bench`."""
        return await self._session.judge(changes)


Opened: TypeAlias = Callable[[str, str], AbstractAsyncContextManager[Bench]]
"""Opens the base of an account: given where a server may be, so that a client's machine needs none."""


class Way(msgspec.Struct, frozen=True):
    """How an edit is made."""

    force: bool = False
    dry_run: bool = False
    why: str = ""


class Order(msgspec.Struct, frozen=True):
    """A command to be: its name, what it takes, and its body, which gets the screen, a bench and what was typed."""

    name: str
    body: Callable[..., Awaitable[None]]
    takes: tuple[Callable[[Any], Any], ...] = ()

    def live(self) -> click.Command:
        """The command of `hp client`, on a planning in service."""

        @click.pass_obj
        @asynchronous
        async def run(screen: Screen, /, planning: str, signing: Signing, **typed: Any) -> None:
            async with inside(signing, planning) as session:
                await self.body(screen, Live(session), **typed)

        return self._command("planning", signing_options(run))

    def offline(self, opened: Opened) -> click.Command:
        """The command of `hp base edit`, on a base that is not in service."""

        @click.pass_obj
        @asynchronous
        async def run(screen: Screen, /, name: str, account: str, **typed: Any) -> None:
            async with opened(account, name) as bench:
                await self.body(screen, bench, **typed)

        return self._command("name", account_option(run))

    def _command(self, base: str, run: Callable[..., Any]) -> click.Command:
        for option in reversed((click.argument(base), *self.takes)):
            run = option(run)
        return click.command(self.name, help=self.body.__doc__)(run)


def edit_options(command: F) -> F:
    """Give a command `--force`, `--dry-run` and `--why`; it gets them as `way`."""

    def gather(*args: Any, force: bool, dry_run: bool, why: str, **kwargs: Any) -> Any:
        return command(*args, way=Way(force, dry_run, why), **kwargs)

    gather.__dict__.update(command.__dict__)
    for option in (
        why_option,
        click.option("--dry-run", is_flag=True, help="Say which clashes and broken rules it would cause; do nothing."),
        force_option,
    ):
        option(gather)
    return gather  # type: ignore[return-value]  # click looks at the options only


async def carry_out(
    screen: Screen, bench: Bench, changes: Sequence[Change], way: Way, done: str, **value: Any
) -> m.Committed | None:  # fmt: skip
    """Make an edit, or say what it would cause, or that there is nothing to do; `done` tells it to people.

    Raises ClashesError when it is refused, once it is said why, and as `Bench.edit`.
    """
    if way.dry_run:
        await weigh(screen, bench, changes)
        return None
    if not changes:
        screen.show({"revision": 0, **value}, tr("Rien à faire : c'est déjà ainsi.", "Nothing to do: it is so."))
        return None
    try:
        committed = await bench.edit(changes, force=way.force, why=way.why)
    except ClashesError as refused:
        _tell(bench.planning, changes, refused.clashes, refused.breaches)
        raise
    made = [committed.keys[key] for key in sorted(committed.keys, reverse=True)]
    shown = {"epoch": committed.epoch, "revision": committed.revision, "merged": committed.merged, **value}
    where = tr(f"(révision {committed.revision})", f"(revision {committed.revision})")
    keys = f" {', '.join(map(str, made))}" if made else ""
    screen.show(shown | {"created": made} if made else shown, f"{done}{keys} {where}")
    return committed


async def weigh(screen: Screen, bench: Bench, changes: Sequence[Change]) -> None:
    """Say which clashes and broken rules an edit would cause, and what it would cost."""
    found = await bench.judge(changes)
    _tell(bench.planning, changes, found.clashes, found.breaches)
    clashes, breaches = len(found.clashes), len(found.breaches)
    screen.show(
        {"clashes": clashes, "breaches": breaches, "cost": found.cost},
        filled(
            "{clashes} conflit(s), {breaches} contrainte(s) non respectée(s), coût {cost:+d}",
            "{clashes} clash(es), {breaches} broken rule(s), cost {cost:+d}",
            clashes=clashes,
            breaches=breaches,
            cost=found.cost,
        ),
    )


def _tell(
    base: Planning, changes: Sequence[Change], clashes: Sequence[Clash], breaches: Sequence[Breach]
) -> None:  # fmt: skip
    """Say who would be in two places at once, and which rules would be broken."""
    named = {key for one in clashes for key in (one.activity, one.other)}
    named |= {key for one in breaches for key in one.activities}
    lines: list[str] = []
    with _made(base, changes, sorted(key for key in named if key and base.maybe_get("activity", key) is None)):
        lines += [_said(_clash, base, one) for one in clashes]
        lines += [_said(breach_worded, base, one, language()) for one in breaches]
    for line in lines:
        say("  " + line)


@contextmanager
def _made(base: Planning, changes: Sequence[Change], unknown: Sequence[int]) -> Iterator[None]:
    """Have the activities that the changes would make in the base, under the keys that were told, to name them."""
    creations = [one for one in changes if isinstance(one, Create) and one.kind == "activity"]
    if not unknown or len(unknown) != len(creations):
        yield
        return
    try:
        pairs = zip(unknown, creations, strict=True)
        applied = base.replay([Create("activity", key, one.fields) for key, one in pairs])
    except HPError:  # they name other things that are yet to be made
        yield
        return
    try:
        yield
    finally:
        base.revert(applied)


def _clash(base: Planning, clash: Clash) -> str:
    return worded(explain(base, clash), language())


def _said(words: Callable[P, str], *args: P.args, **kwargs: P.kwargs) -> str:
    try:
        return words(*args, **kwargs)
    except UnknownObjectError:
        return tr("avec un cours qui n'est pas visible d'ici", "with an activity that cannot be seen from here")
