"""Stimuli are plain facts."""

from hpserver.identity.tickets import Admission
from hpserver.planning import stimuli
from hpserver.planning.engine import Engine
from hpserver.planning.stimuli import Stimulus


def test_every_fact_has_a_handler() -> None:
    """Nothing that may happen to a planning stops it."""
    facts = {kind for kind in vars(stimuli).values() if isinstance(kind, type) and issubclass(kind, Stimulus)}
    assert facts - {Stimulus} == Engine._HANDLERS.keys()


def test_r02_a_planning_hears_the_hash_of_a_ticket_only() -> None:
    """The controller's word holds nothing that could be spent."""
    (field,) = stimuli.Admitted.__struct_fields__
    assert field == "admission"
    assert "ticket" not in Admission.__dataclass_fields__
