"""What a page asks to be done: a wish of the office, from a form. One way for all of them; the office says who may."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args, get_type_hints

import msgspec
from starlette.datastructures import FormData
from starlette.responses import Response

from hpserver.administration.office import CASES
from hpserver.errors import HPError, InvalidNameError, ProofNeededError, UnexpectedMessageError
from hpserver.protocol.catalogue import administration as w
from hpserver.reaching import wake_agent
from hpserver.web import entry
from hpserver.web.confirming import DEEDS, Deed
from hpserver.web.page import render, status_of, told
from hpserver.web.visit import COOKIE, DONE_COOKIE, Visit, local_path

WISHES: Final[Mapping[str, type[w.Wish]]] = {str(kind.__struct_config__.tag): kind for kind in CASES}
"""Every wish by its name."""

OURS: Final = frozenset({"back", "confirmed", "proof"})
"""Fields of a form that are not of the wish."""


async def carry_out(visit: Visit) -> Response:
    """Do what a form wishes: confirmed where that is the custom, with the password again where it is sensitive."""
    name = str(visit.request.path_params["name"])
    form = await visit.form()
    back = local_path(form.get("back"))
    deed = DEEDS.get(name)
    if deed is None or deed.path or name not in WISHES:
        raise UnexpectedMessageError("The console does not ask for this.")
    gathered = await deed.gather(visit, form) if deed.gather else {}
    wish = read(WISHES[name], FormData([*form.multi_items(), *gathered.items()]))
    if deed.confirm and form.get("confirmed") != "yes" and all(one in form for one in _fields_in(deed.confirm)):
        return _ask(visit, deed, form, back, follows=await deed.tells(visit, wish) if deed.tells else ())
    try:
        if form.get("proof"):
            await entry.prove(visit)
            found = await visit.served.who(visit.kept(COOKIE), visit.on)
            assert found is not None
            visit.session, visit.actor = found
        outcome = await visit.served.carry_out(visit.who, wish)  # type: ignore[arg-type]  # one of AnyWish
    except ProofNeededError:
        return _ask(visit, deed, form, back, proof=True)
    except HPError as error:
        return render(visit, "failed.html", status_of(error), error=told(visit, error), back=back)
    if deed.wakes:
        await wake_agent(visit.served.accounts.paths)
    await visit.served.refresh()
    visit.served.bell.ring()
    if deed.outcome:
        return render(visit, deed.outcome, outcome=outcome, wish=wish, back=back)
    if deed.file:
        return deed.file(visit, outcome)
    answer = visit.see(back)
    visit.keep(answer, DONE_COOKIE, visit.words(deed.done, **_values(wish)))
    return answer


def read(kind: type[w.Wish], form: FormData) -> w.Wish:
    """Return the wish that a form is. Raises InvalidNameError: a value is not what it should be, and which."""
    hints = get_type_hints(kind)
    values: dict[str, list[str]] = {}
    for field in kind.__struct_fields__:
        if field not in form:
            continue
        typed = [str(one) for one in form.getlist(field)]
        if int in _parts(hints[field]) and not any(typed):
            continue  # a number left empty is not said: the wish has it as it is without
        values[field] = typed
    try:
        return _made(kind, {field: _value(_parts(hints[field]), typed) for field, typed in values.items()})
    except (msgspec.ValidationError, ValueError) as error:
        raise InvalidNameError(f"A field is not as it must be: {error}") from error


def _value(kinds: set[Any], typed: list[str]) -> Any:
    """Return the value of a field: boxes of a list are added up, or listed; a single box is checked or not."""
    if any(getattr(kind, "__origin__", kind) is tuple for kind in kinds):
        return [one for one in typed if one]
    if bool in kinds:
        return typed[-1] in {"yes", "true"}
    if int in kinds and len(typed) > 1:
        return sum(int(one) for one in typed if one.isdigit())
    return typed[-1]


def _made(kind: type[w.Wish], values: Mapping[str, Any]) -> w.Wish:
    """Make a wish of named values: on the wire it is an array, on a form its fields have names."""
    hints = get_type_hints(kind, include_extras=True)
    checked = {name: msgspec.convert(value, hints[name], strict=False) for name, value in values.items()}
    try:
        return kind(**checked)
    except TypeError as error:
        raise ValueError(str(error)) from error


def _parts(hint: Any) -> set[Any]:
    return {hint, *get_args(hint)} - {type(None)}


def _values(wish: w.Wish) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in wish.__struct_fields__}


def _ask(
    visit: Visit, deed: Deed, form: FormData, back: str, *, proof: bool = False, follows: Sequence[str] = ()
) -> Response:
    """Ask whether it is meant, or for the password, with all that was typed, and say what follows."""
    kept = [(name, str(value)) for name, value in form.multi_items() if name not in OURS]
    values = dict(kept)
    question = visit.words(deed.confirm or deed.title, **{**_blank(deed), **values})
    status = 403 if proof else 200
    return render(
        visit, "confirm.html", status, deed=deed, question=question, kept=kept, back=back, proof=proof, follows=follows,
        action=visit.request.url.path, confirmed=proof or not deed.confirm,
    )  # fmt: skip


def _blank(deed: Deed) -> dict[str, str]:
    return dict.fromkeys((name for name in _fields_in(deed.confirm)), "")


def _fields_in(text: str) -> list[str]:
    return [part.partition("}")[0] for part in text.split("{")[1:]]
