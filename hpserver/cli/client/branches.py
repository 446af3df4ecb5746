"""`hp client branch`: branches of the base in service, listed, compared, taken over and forgotten from a desk."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import click
import msgspec

from hpserver.base.edits.diff import Difference
from hpserver.base.edits.rebase import Conflict
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.registry import KINDS, kind_of
from hpserver.cli.client.session import base_in, inside
from hpserver.cli.client.signing import Signing, signing_options
from hpserver.cli.options import force_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, colon, filled, language, say, tr
from hpserver.cli.words.telling import find, label_of_field, maybe_key, named
from hpserver.client import PlanningSession
from hpserver.client.line import NEW
from hpserver.client.writing import an_operation
from hpserver.protocol import messages as m

SIGNS: Final = {"created": "+", "changed": "~", "deleted": "-"}

_differences: Final[msgspec.msgpack.Decoder[list[Difference]]] = msgspec.msgpack.Decoder(list[Difference])
_conflicts: Final[msgspec.msgpack.Decoder[list[Conflict]]] = msgspec.msgpack.Decoder(list[Conflict])

only_option = click.option(
    "--only", multiple=True, metavar="KIND:KEY", help="Only that object, and what it needs; may be given again."
)
insist_option = click.option(
    "--insist", multiple=True, metavar="KIND:KEY",
    help="Where both sides changed that object, the branch's side stands.",
)  # fmt: skip
revision_option = click.option(
    "--revision", type=click.IntRange(1), required=True, help="Where the base took it over: the refusal names it."
)


@click.group()
def branch() -> None:
    """Branches of the base in service, for who may import and sees everything."""


@branch.command("list")
@click.argument("planning")
@signing_options
@click.pass_obj
@asynchronous
async def list_branches(screen: Screen, signing: Signing, planning: str) -> None:
    """List the branches of the base."""
    async with inside(signing, planning) as session:
        found = await session.ask(m.ListBranches(NEW, 0), m.Branches)
    rows = [{"branch": one.name, "revision": one.revision} for one in found.branches]
    screen.table(rows, {"branch": tr("Branche", "Branch"), "revision": tr("Révision", "Revision")})


@branch.command("diff")
@click.argument("planning")
@click.argument("name")
@signing_options
@click.pass_obj
@asynchronous
async def diff(screen: Screen, signing: Signing, planning: str, name: str) -> None:
    """Show what was done on a branch, and what others changed too."""
    async with inside(signing, planning) as session:
        told = await session.ask(m.CompareBranch(NEW, 0, name), m.BranchCompared)
        base = base_in(session)
        found, conflicts = _differences.decode(told.differences), _conflicts.decode(told.conflicts)
        lines = [line for one in found for line in _lines(base, one)]
        lines += [_conflict_line(base, one) for one in conflicts]
    if told.count > len(found):
        more = told.count - len(found)
        lines.append(filled("et {more} autre(s) objet(s)", "and {more} more object(s)", more=more))
    value = {
        "branch": name, "revision": told.revision, "count": told.count, "conflicting": told.conflicting,
        "differences": msgspec.to_builtins(found), "conflicts": msgspec.to_builtins(conflicts),
    }  # fmt: skip
    screen.show(value, "\n".join(lines) or tr("Aucune différence.", "No difference."))


@branch.command("accept")
@click.argument("planning")
@click.argument("name")
@only_option
@insist_option
@force_option
@click.option("--dry-run", is_flag=True, help="Say what would clash and what it would cost; do nothing.")
@signing_options
@click.pass_obj
@asynchronous
async def accept(
    screen: Screen, signing: Signing, planning: str, name: str, only: tuple[str, ...], insist: tuple[str, ...],
    force: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Take a branch over as one transaction: all of it is done, or nothing. People go on working."""
    async with inside(signing, planning) as session:
        base = base_in(session)
        wish = m.AcceptBranch(
            NEW, 0, an_operation(), name, _idents(base, only), _idents(base, insist), force, dry_run
        )  # fmt: skip
        if dry_run:
            await _weigh(screen, session, wish)
        else:
            await take_over(screen, session, wish)


@branch.command("refresh")
@click.argument("planning")
@click.argument("name")
@revision_option
@only_option
@insist_option
@signing_options
@click.pass_obj
@asynchronous
async def refresh(
    screen: Screen, signing: Signing, planning: str, name: str, revision: int, only: tuple[str, ...],
    insist: tuple[str, ...],
) -> None:  # fmt: skip
    """Let a branch know what the base took over of it, where `accept` was interrupted before; --only as it was then."""
    async with inside(signing, planning) as session:
        base = base_in(session)
        update = m.UpdateBranch(NEW, 0, name, revision, _idents(base, only), _idents(base, insist))
        await _let_know(screen, session, update)


@branch.command("delete")
@click.argument("planning")
@click.argument("name")
@signing_options
@click.pass_obj
@asynchronous
async def delete(screen: Screen, signing: Signing, planning: str, name: str) -> None:
    """Forget a branch that is loaded nowhere, with all that was done on it alone."""
    async with inside(signing, planning) as session:
        await session.ask(m.DropBranch(NEW, 0, name), m.BranchDropped)
    screen.show({"branch": name}, tr(f"{name} : oubliée", f"{name}: forgotten"))


async def take_over(screen: Screen, session: PlanningSession, wish: m.AcceptBranch) -> None:
    """Take a branch over, let it know, and say so."""
    done = await session.accept_branch(wish)
    name = wish.branch
    say(tr(f"{name} : repris, révision {done.revision}", f"{name}: taken over, revision {done.revision}"))
    await _let_know(screen, session, m.UpdateBranch(NEW, 0, name, done.revision, wish.only, wish.insist))


# --- within -------------------------------------------------------------------------------------------------------


async def _let_know(screen: Screen, session: PlanningSession, update: m.UpdateBranch) -> None:
    left = await session.ask(update, m.BranchUpdated)
    show_left(screen, update.branch, update.revision, left.conflicts, left.left)


def show_left(screen: Screen, name: str, revision: int, conflicts: int, left: int) -> None:
    """Say what is left on a branch that knows what was taken over."""
    value = {"branch": name, "revision": revision, "conflicts": conflicts, "left": left}
    text = filled(
        "{name} : {conflicts} contradiction(s), il reste {left} objet(s)",
        "{name}: {conflicts} conflict(s), {left} object(s) left",
        name=name, conflicts=conflicts, left=left,
    )  # fmt: skip
    screen.show(value, text)


async def _weigh(screen: Screen, session: PlanningSession, wish: m.AcceptBranch) -> None:
    answer = await session.ask(wish, m.Weighed, m.Conflicted)
    if isinstance(answer, m.Conflicted):
        count = len(answer.conflicts)
        screen.show({"conflicts": count}, filled("{count} contradiction(s)", "{count} conflict(s)", count=count))
        return
    assert isinstance(answer, m.Weighed)
    clashes, breaches = (len(msgspec.msgpack.decode(raw)) for raw in (answer.clashes, answer.breaches))
    value = {"clashes": clashes, "breaches": breaches, "cost": answer.cost}
    text = filled(
        "{clashes} conflit(s), {breaches} contrainte(s) enfreinte(s), coût {cost}",
        "{clashes} clash(es), {breaches} broken rule(s), cost {cost}",
        clashes=clashes, breaches=breaches, cost=f"{answer.cost:+}",
    )  # fmt: skip
    screen.show(value, text)


def _idents(base: Planning, words: Sequence[str]) -> tuple[Ident, ...]:
    return tuple(_ident(base, one) for one in words)


def _ident(base: Planning, words: str) -> Ident:
    """Read KIND:KEY; the key may be of an object that is on the branch only, the name is of one that is here."""
    kind, _, key = words.partition(":")
    name, number = kind_of(kind).name, maybe_key(key)
    return name, find(base, name, key) if number is None else number


def _lines(base: Planning, one: Difference) -> Iterator[str]:
    kind = KINDS[one.kind]
    yield f"{SIGNS[one.how]} {tr(kind.fr, kind.en)} {one.key}  {_name(base, one)}"
    for field in one.fields if one.how == "changed" else ():
        label = label_of_field(one.kind, field.name, language())
        yield f"    {label}{colon()}{_told(field.before)} → {_told(field.after)}"


def _name(base: Planning, one: Difference) -> str:
    if base.maybe_get(one.kind, one.key) is not None and one.how != "created":
        return named(base, one.kind, one.key, language())
    return next((str(field.after or field.before) for field in one.fields if field.name == "name"), "")


def _told(value: object) -> str:
    if value is None:
        return tr("rien", "nothing")
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return str(value)


def _conflict_line(base: Planning, one: Conflict) -> str:
    kind = KINDS[one.kind]
    name = named(base, one.kind, one.key, language()) if base.maybe_get(one.kind, one.key) is not None else ""
    field = label_of_field(one.kind, one.field, language()) if one.field else ""
    ours, theirs = _told(one.branch), _told(one.current)
    sides = tr(f"branche {ours}, base {theirs}", f"branch {ours}, base {theirs}")
    return f"! {tr(kind.fr, kind.en)} {one.key} {name} {field}{colon()}{sides}"


COMMANDS = (branch,)
