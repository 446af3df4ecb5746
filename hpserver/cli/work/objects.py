"""Objects of every kind from a shell: find, get, add, set, delete. What a kind has is read from the registry."""

from collections.abc import Mapping
from typing import Any, Final

import click
import msgspec

from hpserver.base.changes import create, delete, update
from hpserver.base.planning import Planning
from hpserver.base.registry import Kind
from hpserver.cli.screen import Screen, filled, language, say, tr
from hpserver.cli.words.fields import field_named, kind_named, matches, read_fields, write_value
from hpserver.cli.words.telling import find, listed, named
from hpserver.cli.work.bench import Bench, Order, Way, carry_out, edit_options
from hpserver.errors import InvalidChangeError

EVERY_WEEK: Final = frozenset({"activity", "availability"})
"""Kinds that are in every week unless it is said in which: in none they would do nothing, silently."""
PLACEHOLDER: Final = -1
"""Key of the new object until the base gives it one."""

_kind = click.argument("kind")
_key = click.argument("key")
_fields = click.argument("values", nargs=-1, metavar="FIELD=VALUE...")


async def find_objects(
    screen: Screen, bench: Bench, kind: str, beginning: str, where: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    """List the objects of a kind: the keys and names that other commands take."""
    base, chosen = bench.planning, kind_named(kind)
    wanted = read_fields(base, chosen, where)
    fields = [field_named(chosen, name) for name in columns]
    rows: list[dict[str, Any]] = []
    for key, name in listed(base, chosen.name, beginning, language()):
        row = base.get(chosen.name, key)
        if matches(row, wanted):
            told = {one.name: write_value(base, one, getattr(row, one.name), language()) for one in fields}
            rows.append({"key": key, "name": name} | {f"field {name}": value for name, value in told.items()})
    titles = {"key": tr("Clé", "Key"), "name": tr("Nom", "Name")}
    titles |= {f"field {one.name}": tr(one.fr, one.en) for one in fields}
    if screen.json:
        rows = [{name.removeprefix("field "): value for name, value in row.items()} for row in rows]
    screen.table(rows, titles)


async def get_object(screen: Screen, bench: Bench, kind: str, key: str) -> None:
    """Show an object, field by field, as `set` reads it. KEY is a number, or the beginning of a name."""
    base, chosen = bench.planning, kind_named(kind)
    number = find(base, chosen.name, key)
    row = base.get(chosen.name, number)
    fields = {one.name: getattr(row, one.name) for one in chosen.fields()}
    value = {"kind": chosen.name, "key": number, "name": named(base, chosen.name, number, language())}
    lines = [f"{one.name} = {write_value(base, one, fields[one.name], language())}" for one in chosen.fields()]
    title = f"{tr(chosen.fr, chosen.en)} {number}"
    screen.show(value | {"fields": msgspec.to_builtins(fields)}, "\n".join([title, *lines]))


async def add_object(screen: Screen, bench: Bench, way: Way, kind: str, values: tuple[str, ...]) -> None:
    """Make an object: `add room name=A101 capacity=40 site="Site nord"`."""
    base, chosen = bench.planning, kind_named(kind)
    _refuse_meeting(chosen)
    fields = read_fields(base, chosen, values)
    missing = sorted(chosen.required - fields.keys())
    if missing:
        raise InvalidChangeError(f"{chosen.name} needs {', '.join(missing)}", kind=chosen.name, field=missing[0])
    if chosen.one_of and sum(fields.get(name) is not None for name in chosen.one_of) != 1:
        names = ", ".join(chosen.one_of)
        raise InvalidChangeError(f"{chosen.name} needs exactly one of {names}", kind=chosen.name, field=names)
    if chosen.name in EVERY_WEEK:
        fields.setdefault("weeks", base.grid.all_weeks)
    name = f"{fields['name']}, " if fields.get("name") else ""
    _tell_of_namesakes(base, chosen, fields)
    told = tr(f"Créé : {name}{chosen.fr}", f"Created: {name}{chosen.en}")
    await carry_out(screen, bench, [create(chosen.name, PLACEHOLDER, **fields)], way, told, kind=chosen.name)


def _tell_of_namesakes(base: Planning, chosen: Kind, fields: Mapping[str, Any]) -> None:
    """Say that there is one of that name: two may be wanted, and are told apart by their keys from then on."""
    told = {"name", "first_name", "cohort"} & fields.keys()
    same = [
        key
        for key, row in base.rows(chosen.name).items()
        if fields.get("name") and all(getattr(row, name) == fields[name] for name in told)
    ]
    if same:
        say(
            filled(
                "Déjà {count} de ce nom (clé {key}) : désormais, désignez-les par leur clé.",
                "Of that name already: {count} (key {key}); name them by their keys from now on.",
                count=len(same),
                key=same[0],
            )
        )


async def set_fields(screen: Screen, bench: Bench, way: Way, kind: str, key: str, values: tuple[str, ...]) -> None:
    """Change fields of an object: `set room A101 capacity=45 categories="Informatique; Vidéo"`."""
    base, chosen = bench.planning, kind_named(kind)
    number = find(base, chosen.name, key)
    fields = read_fields(base, chosen, values)
    row = base.get(chosen.name, number)
    new = {name: value for name, value in fields.items() if getattr(row, name) != value}
    changes = [update(chosen.name, number, **new)] if new else []
    told = _told(base, chosen, number, "Modifié", "Changed")
    await carry_out(screen, bench, changes, way, told, kind=chosen.name, key=number, fields=sorted(new))


async def delete_objects(screen: Screen, bench: Bench, way: Way, kind: str, keys: tuple[str, ...]) -> None:
    """Delete objects, with what is part of them; refused while others name one of them."""
    base, chosen = bench.planning, kind_named(kind)
    numbers = list(dict.fromkeys(find(base, chosen.name, key) for key in keys))
    told = _told(base, chosen, numbers[0], "Supprimé", "Deleted")
    more = len(numbers) - 1
    told += filled(" et {more} autre(s)", " and {more} more", more=more) if more else ""
    changes = [delete(chosen.name, number) for number in numbers]
    await carry_out(screen, bench, changes, way, told, kind=chosen.name, keys=numbers)


def _told(base: Planning, kind: Kind, key: int, french: str, english: str) -> str:
    name = named(base, kind.name, key, language())
    return tr(f"{french} : {name}", f"{english}: {name}")


def _refuse_meeting(kind: Kind) -> None:
    if kind.name == "meeting":
        raise InvalidChangeError(
            "a meeting is what differs in a week of its activity: use cancel, move, assign-room or lock with --weeks",
            kind="meeting",
        )


_where = click.option("--where", multiple=True, metavar="FIELD=VALUE", help="Only those that have it; may be repeated.")
_columns = click.option("--field", "columns", multiple=True, help="Show that field too; may be repeated.")
_keys = click.argument("keys", nargs=-1, required=True, metavar="KEY...")

OBJECTS: Final = (
    Order("find", find_objects, (_kind, click.argument("beginning", default=""), _where, _columns)),
    Order("get", get_object, (_kind, _key)),
    Order("add", add_object, (_kind, _fields, edit_options)),
    Order("set", set_fields, (_kind, _key, _fields, edit_options)),
    Order("delete", delete_objects, (_kind, _keys, edit_options)),
)
"""What may be done with an object of any kind."""
