from hpserver.base.model import MAX_NAME
from hpserver.imports import school_names as names


def test_no_word_comes_twice() -> None:
    """Two subjects of one name would be taken for one."""
    for words in (names.SUBJECTS, names.COHORTS, names.FAMILY, names.FIRST, names.AMPHIS, names.SITES):
        assert len(set(words)) == len(words)
        assert max(map(len, words)) < MAX_NAME


def test_words_are_numbered_once_all_are_given() -> None:
    """A school of any size has names, all different."""
    given = [names.nth(names.AMPHIS, index) for index in range(35)]
    assert len(set(given)) == 35
    assert given[10] == "Pasteur 2"
