"""Wishes about templates: who had which profile, kept under a name, to be given again elsewhere. Knows shapes only."""

import msgspec

from hpserver.protocol.catalogue.administration.wish import MAX_PAGE, Outcome, PageSize, Wish
from hpserver.protocol.catalogue.fields import Name


class ListTemplates(Wish, frozen=True, tag="templates.list"):
    """Which templates are there? Answered by `templates`.

    Attributes:
        after: the name of the template after which to begin; empty for the first.
        limit: how many at most; fewer come when their rows are long.
    """

    after: Name = ""
    limit: PageSize = MAX_PAGE


class TemplateRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One template.

    Attributes:
        name: its name.
        users: how many users it has.
    """

    name: str
    users: int


class Templates(Outcome, frozen=True, tag="templates"):
    """The templates of the account, by name.

    Attributes:
        rows: the templates.
        more: whether there are others after these.
    """

    rows: tuple[TemplateRow, ...]
    more: bool = False


class SaveTemplate(Wish, frozen=True, tag="templates.save"):
    """Keep who has which profile in a planning; a superadministrator may replace one. Answered by `done`.

    Attributes:
        planning: its name.
        name: of the template.
    """

    planning: Name
    name: Name


class PreviewTemplate(Wish, frozen=True, tag="templates.preview"):
    """What would ApplyTemplate do? Nothing is done. Answered by `applied`.

    Attributes:
        planning: its name.
        name: of the template.
    """

    planning: Name
    name: Name


class ApplyTemplate(Wish, frozen=True, tag="templates.apply"):
    """Give each user of a template its profile; who is not in it keeps theirs. Answered by `applied`.

    Attributes:
        planning: its name.
        name: of the template.
    """

    planning: Name
    name: Name


class Applied(Outcome, frozen=True, tag="applied"):
    """What a template changed, or would.

    Attributes:
        given: users who got a profile.
        changed: users who got another one.
        kept: users who had it.
        missing: logins that are nobody's any more.
        refused: logins whose status does not allow the profile, or whose profile the planning does not have.
    """

    given: int
    changed: int
    kept: int
    missing: tuple[str, ...]
    refused: tuple[str, ...]


class DeleteTemplate(Wish, frozen=True, tag="templates.delete"):
    """Forget a template. Answered by `done`.

    Attributes:
        name: of the template.
    """

    name: Name
