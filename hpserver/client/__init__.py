"""The library a program uses to talk to us: connect, enrol, log in, open a planning, edit, follow.

::

    async with School(Credentials(folder)) as school:
        await school.log_in("durand", password, pin=ask_pin)
        async with PlanningSession(school, "planning01") as planning:
            await planning.edit(place(planning.replica.planning, activity, place))

Runs on asyncio's own loop as on any other, on every system.
"""

from hpserver.client.credentials import Credentials, enrol
from hpserver.client.events import Events
from hpserver.client.line import Progress
from hpserver.client.planning import PlanningSession
from hpserver.client.refusals import ClashesError, ConflictsError, Judgement
from hpserver.client.replica import Replica
from hpserver.client.school import AskPin, Choose, School
from hpserver.client.searches import Searches

__all__ = [
    "AskPin",
    "Choose",
    "ClashesError",
    "ConflictsError",
    "Credentials",
    "Events",
    "Judgement",
    "PlanningSession",
    "Progress",
    "Replica",
    "School",
    "Searches",
    "enrol",
]
