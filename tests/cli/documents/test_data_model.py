import pytest

from hpserver.base.registry import KINDS, Kind
from hpserver.cli.documents import data_model


def test_the_data_model_is_what_the_code_says() -> None:
    """After a change of a declaration, `./run docs` is part of it."""
    assert data_model.write(["--check"]) == 0, "docs/data-model.md is stale: run ./run docs"


@pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))
def test_every_kind_is_there_with_both_labels_and_each_field(kind: Kind) -> None:
    """Whoever imports, exports or extends reads one page."""
    text = data_model.data_model()

    section = text.partition(f"### `{kind.name}`: {kind.fr} / {kind.en}\n")[2].partition("\n### ")[0]
    for field in kind.fields():
        assert f"| `{field.name}` | " in section
        assert f" | {field.fr} | {field.en} |" in section


def test_what_goes_with_what_is_told_from_both_sides() -> None:
    """Before deleting a student one wants to know what is lost."""
    text = data_model.data_model()
    student = text.partition("### `student`")[2].partition("\n### ")[0]
    assert "- takes along: `membership`" in student
    assert "- goes with: `student`, `cohort`, `group`, `combined`" in text
    assert "- exactly one of: `cohort`, `group`, `combined`" in text
