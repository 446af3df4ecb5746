"""`hp client`: this machine as a client of a school: enrol, sign in, list, open, change."""

from typing import Final

import click

from hpserver.cli.lazy import LazyGroup

MODULES: Final = {
    "client.entering": {
        "enrol": "Get a certificate for this device with a ParamClient file.",
        "list": "List the plannings in service that the user may open.",
        "login": "Sign in once: check the password and PIN, choose a...",
        "open": "Open a planning and say what is in it.",
    },
    "client.access": {
        "measure": "Choose what protects one's account on devices that are...",
        "password": "Change one's own password; sessions on other devices end.",
    },
    "client.branches": {
        "branch": "Branches of the base in service, for who may import and...",
    },
    "client.planning": {
        "show": "Print a week of somebody, of a group or of a room.",
        "watch": "Follow a planning: who changed what, until Ctrl+C.",
    },
    "client.files": {
        "download": "Bring the base of a planning here, as it is now, as an...",
    },
    "client.uploads": {
        "bases": "List the bases of the account of a planning.",
        "import": "Send a file of another program, or a table; it is seen as...",
        "upload": "Send an exported base or a backup to the account of a...",
    },
    "client.history": {
        "history": "Say who did what when, in a planning or to one object.",
        "redo": "Do again what you took back last, or what the `undo` of...",
        "restore": "Put an object back as it was after REVISION; `hp client...",
        "undo": "Take back what you did last, from any device, or one...",
    },
    "client.admin": {
        "admin": "Administer the school, with the rights of who signs in.",
    },
    "client.live": {
        "activities": "List activities: subject, who attends, who teaches,...",
        "add": "Make an object: `add room name=A101 capacity=40...",
        "assign-instructor": "Give activities these instructors instead of those they...",
        "assign-room": "Give activities these rooms instead of those they have;...",
        "cancel": "Cancel the meetings of activities; what they took is free.",
        "delete": "Delete objects, with what is part of them; refused while...",
        "diagnose": "Say where an activity could be, in which weeks, and who...",
        "duplicate": "Make the same activities again, without a place.",
        "find": "List the objects of a kind: the keys and names that other...",
        "free-rooms": "List the rooms that are free then, the best fit first.",
        "free-slots": "List when all of these are free: `instructor:Marie...",
        "get": "Show an object, field by field, as `set` reads it.",
        "grades": "Show the weighted averages of a gradebook, out of 20.",
        "lock": "Keep automatic placement from moving activities.",
        "move": "Put activities at a day and hour: in all their weeks,...",
        "orals": "Oral exams: the running order, turns for students.",
        "place": "Put an activity at a day and hour, or at a PLACE (day *...",
        "reinstate": "Take back cancellations; what else differs in those weeks...",
        "report": "List every clash and every broken rule, by resource.",
        "request": "Booking requests: list them, answer them.",
        "set": "Change fields of an object: `set room A101 capacity=45...",
        "split": "Make some weeks of an activity an activity of their own,...",
        "student-clashes": "List students expected in two places at once by...",
        "swap": "Exchange the places of two activities.",
        "unlock": "Let automatic placement move activities again.",
        "unplace": "Take activities off the timetable.",
    },
}
"""Module -> its commands, each with the line that says what it does: nothing is imported before one is used."""


@click.group(cls=LazyGroup, modules=MODULES)
def client() -> None:
    """Connect to a school as a client."""
