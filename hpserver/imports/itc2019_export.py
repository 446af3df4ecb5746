"""A base as an ITC-2019 problem and the solution it holds. Reads a base only."""

from hpserver.base.planning import Planning
from hpserver.costs.itc2019_base import held
from hpserver.costs.itc2019_problem import Solution
from hpserver.imports.itc2019_write import write_problem, write_solution
from hpserver.imports.result import Exported


def write_itc2019(planning: Planning, name: str) -> Exported:
    """Return `problem-<name>.xml`, and `solution-<name>.xml` when any class has a place; and what they do not say.

    Classes that are not placed, or not as one class, are left out of the solution and counted.
    """
    found = held(planning, name)
    whole = {key: placed for key, placed in found.solution.placed.items() if not placed.scattered}
    files = {f"problem-{name}.xml": write_problem(found.problem)}
    left = found.left | {
        "class at several times or in several rooms": len(found.solution.placed) - len(whole),
    }
    if whole:
        files[f"solution-{name}.xml"] = write_solution(found.problem, Solution(whole))
        left["class without a place"] = len(found.problem.sections) - len(found.solution.placed)
    return Exported(files, {what: count for what, count in left.items() if count})
