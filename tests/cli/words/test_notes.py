from hpserver.cli.words.notes import SHOWN, note_lines


def test_a_note_is_told_in_the_persons_language_with_its_line() -> None:
    """What was not taken over is the first thing that somebody who imports must understand."""
    notes = [(3, "unknown field", "Salle"), (0, "file not imported", "x.csv")]
    counts, noted = (
        {"room": 2, "group": 0, "constraint NotOverlapping": 1},
        {"unknown field": 1, "file not imported": 2},
    )
    assert note_lines(counts, notes, noted, "fr") == [
        "  2 salles",
        "  1 contrainte (NotOverlapping)",
        "  ligne 3, non repris : champ inconnu Salle",
        "  non repris : fichier non importé x.csv",
        "  1 non repris : champ inconnu",
        "  2 non repris : fichier non importé",
    ]
    assert note_lines({"events": 1, "sessions": 363}, (), {}, "fr") == [
        "  1 événement du calendrier",
        "  363 séances en tout",
    ]
    assert note_lines({}, notes, {}, "en") == [
        "  line 3, not taken over: unknown field Salle",
        "  not taken over: file not imported x.csv",
    ]


def test_what_is_too_much_to_be_told_is_counted() -> None:
    """A file with ten thousand strange lines does not hide what was read."""
    many = [(line, "unknown field", "") for line in range(1, 100)]
    assert len(note_lines({}, many, {"unknown field": 99}, "fr")) == SHOWN + 1
