from hpserver.base.agreement import fill


def test_words_agree_with_the_number_before_them() -> None:
    """One clash, two clashes; none is plural in English and singular in French; a mark in a value stays as it is."""
    english, french = "{count} clash(es) of {who}, {more} week(s)", "{count} conflit(s) grave(s) de {who}"
    assert fill(english, "en", count=1, who="Projet(s)", more=2) == "1 clash of Projet(s), 2 weeks"
    assert fill(english, "en", count=0, who="x", more=1) == "0 clashes of x, 1 week"
    assert [fill(french, "fr", count=n, who="x") for n in (0, 1, 2)] == [
        "0 conflit grave de x", "1 conflit grave de x", "2 conflits graves de x",
    ]  # fmt: skip
    assert fill("{cost:+d} point(s)", "fr", cost=3) == "+3 points"
    assert fill("{count} clash(es) of {who} broken(s)", "en", count=1, who="12") == "1 clash of 12 broken"
