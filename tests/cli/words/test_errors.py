import pytest

from hpserver import errors as e
from hpserver.cli.words.errors import FRENCH, NEXT, sentence, usage_in_french

OURS: set[type[e.HPError]] = {
    e.LocalProtocolError, e.CancelledRequestError, e.ForeignPlanningError, e.ResyncNeededError,
    e.OperationReusedError, e.AnswerTooBigError,
}  # fmt: skip
"""What a person does not bring about, and cannot do anything about: English is enough."""


@pytest.mark.parametrize("kind", [kind for kind in e.HPError.by_code.values() if kind not in OURS])
def test_every_error_a_person_meets_has_french_words(kind: type[e.HPError]) -> None:
    """By its class, or by the nearest one above."""
    assert any(one in FRENCH for one in kind.__mro__)
    assert sentence(kind("why"), french=True).endswith(f"[{kind.__name__.removesuffix('Error')}]")


@pytest.mark.parametrize("french", [True, False])
@pytest.mark.parametrize("kind", list(e.HPError.by_code.values()))
def test_no_error_breaks_the_sentence(kind: type[e.HPError], french: bool) -> None:
    """Without a text, without details, with braces: one line, no hole."""
    for error in (kind(), kind("a {brace}\nand a line.", seconds=3, cause="{x}", path="/p", reason="r")):
        line = sentence(error, french=french)
        assert "\n" not in line
        assert ".." not in line.replace("...", "")
        assert "()" not in line


def test_what_why_and_what_to_do_next() -> None:
    """The three are there, in both languages."""
    error = e.LockedError("Too many failures.", seconds=30)
    assert sentence(error, french=False) == "Too many failures. Try again in 30 s, or ask an administrator. [Locked]"
    assert sentence(error, french=True) == (
        "Trop d'échecs : l'accès est bloqué. Réessayez dans 30 s, ou demandez à un administrateur. [Locked]"
    )
    assert "administrator" in sentence(e.LockedError("locked", seconds=0), french=False)
    assert "30" not in sentence(e.LockedError("locked", seconds=0), french=False)


def test_a_code_of_a_newer_server_is_told_in_english() -> None:
    """Its own words are better than none."""
    assert sentence(e.HPError("The moon is wrong"), french=True) == "The moon is wrong. [HP]"


def test_the_file_that_is_wrong_is_named() -> None:
    """Even when the error itself kept it beside its text; never twice."""
    assert "(/x/key)" in sentence(e.ConfigurationError("The key is damaged.", path="/x/key"), french=False)
    assert sentence(e.ConfigurationError("/x is bad.", path="/x"), french=False).count("/x") == 1


def test_advice_is_not_given_twice() -> None:
    """The text of the agent's error says it already."""
    error = e.AgentUnreachableError("no agent answers: start it with `hp agent`")
    assert sentence(error, french=False).count("hp agent") == 1
    assert set(NEXT) <= set(e.HPError.by_code.values())


def test_who_must_correct_a_file_is_told_where_and_what_to_do() -> None:
    """Of a file that is wrong as a whole, the text says it already."""
    error = e.ImportRefusedError("line 3, column 7: not XML: something follows the last tag", line=3, column=7)
    assert "Correct the file there, or export it again." in sentence(error, french=False)
    assert sentence(error, french=True) == (
        "Le fichier ne peut pas être lu ; rien n'a été importé : ligne 3, colonne 7 : ce n'est pas du XML : quelque "
        "chose suit la dernière balise. Corrigez le fichier à cet endroit, ou exportez-le à nouveau. [ImportRefused]"
    )
    assert "there" not in sentence(e.ImportRefusedError("'x' is a workbook", line=0), french=False)


def test_what_the_french_words_say_is_not_said_again_in_english() -> None:
    """A person who reads French meets one language in the refusals of every day."""
    told = sentence(e.BadCredentialsError("The login or the password is not right."), french=True)
    assert told == "Identifiant ou mot de passe refusé. Vérifiez l'identifiant et le mot de passe. [BadCredentials]"


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Missing option '--name'.", "il manque l'option --name."),
        ("Missing argument 'NAME'.", "il manque NAME."),
        ("No such option: --nme Did you mean --name?", "l'option --nme n'existe pas. Peut-être --name ?"),
        ("No such option '--nme'. Did you mean '--name'?", "l'option --nme n'existe pas. Peut-être '--name' ?"),
        ("No such command 'strat'.", "la commande 'strat' n'existe pas."),
        ("Invalid value for 'FILE': File 'a.ics' does not exist.", "FILE : le fichier 'a.ics' n'existe pas."),
        ("Invalid value for '--uses': 0 is not in the range.", "valeur refusée pour --uses : 0 is not in the range."),
        ("Got unexpected extra argument (x)", "mots en trop : x"),
        (
            "Invalid value for '--status': 'boss' is not one of 'user', 'superadmin'.",
            "valeur refusée pour --status : 'boss' n'est pas l'un de 'user', 'superadmin'",
        ),
        (
            "Invalid value for '--uses': 'x' is not a valid integer range.",
            "valeur refusée pour --uses : 'x' n'est pas un nombre entier",
        ),
        ("Invalid value for 'FILE': File '/tmp' is a directory.", "valeur refusée pour FILE : '/tmp' est un dossier"),
        ("Option '--name' requires an argument.", "l'option --name veut une valeur."),
        ("Something new", "Something new"),
    ],
)
def test_what_is_wrong_with_a_command_is_said_in_french(english: str, french: str) -> None:
    """The words are click's; those that are not known stay as they are."""
    assert usage_in_french(english) == french


@pytest.mark.parametrize(
    ("error", "french"),
    [
        (e.NoPlaceError("Places of this planning: 1, taken by ada.", holders="ada"),
         "Toutes les places sont prises : places de ce planning : 1, prises par ada. Attendez que quelqu'un sorte"),
        (e.AuditBrokenError("the audit log is broken at 6: an entry is missing", number=6),
         "le journal d'audit est rompu à la ligne 6 : il manque un événement. Gardez ce fichier"),
        (e.CertificateRefusedError("The device's certificate is not accepted.", cause="revoked"),
         "Le certificat est refusé (révoqué)"),
        (e.NotFoundError("there is no device with the number or serial '99'"),
         "il n'y a pas d'appareil de numéro ou de numéro de série '99'"),
    ],
)  # fmt: skip
def test_what_people_met_is_said_to_them_whole(error: e.HPError, french: str) -> None:
    """Who holds the places, what happened to a log, why a certificate: no English, no advice of another case."""
    assert french in sentence(error, french=True)


def test_nobody_is_sent_to_an_administrator_for_what_the_text_says_to_do() -> None:
    """Least of all an administrator."""
    last = e.NotAllowedError("This is the last superadministrator: make another one first")
    assert "Demandez" not in sentence(last, french=True)
    assert "Ask" not in sentence(last, french=False)
    assert "Ask an administrator" in sentence(e.NotAllowedError("This is not for your profile"), french=False)
