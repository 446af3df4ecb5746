"""The library a program uses to talk to us: connect, enrol, log in, open a planning, edit, follow."""

from hpserver.client.credentials import Credentials, enrol
from hpserver.client.planning import PlanningSession
from hpserver.client.replica import Replica
from hpserver.client.school import School

__all__ = ["Credentials", "PlanningSession", "Replica", "School", "enrol"]
