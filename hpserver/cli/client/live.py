"""The commands of `hp base edit` and others like them, on a planning in service."""

import click

from hpserver.cli.work.activities import ACTIVITIES
from hpserver.cli.work.diagnose import DIAGNOSES
from hpserver.cli.work.edits import EDITS
from hpserver.cli.work.follow_up import GRADES, GROUPS
from hpserver.cli.work.objects import OBJECTS

COMMANDS = (
    *(order.live() for order in (ACTIVITIES, *DIAGNOSES, *OBJECTS, *EDITS, GRADES)),
    *(click.Group(name, help=words, commands=[one.live() for one in orders]) for name, words, orders in GROUPS),
)
