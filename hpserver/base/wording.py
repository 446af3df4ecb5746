"""Explanations in French and English. Knows words; decides nothing."""

from hpserver.base.agreement import fill
from hpserver.base.explain import UNSEEN, Explanation, titled
from hpserver.base.registry import KINDS

MINUTES_IN_DAY = 24 * 60

DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
SENTENCES = {
    "fr": {
        "same": "{activity} : {kind} {who} déjà en {other} le {day} de {start} à {end}, semaines {weeks}",
        "shared": "{activity} : {kind} {who} a des étudiants ({other_kind} {other_who}) déjà en {other} "
        "le {day} de {start} à {end}, semaines {weeks}",
        "untitled": "cours sans matière",
        "unseen": "(hors de votre vue)",
    },
    "en": {
        "same": "{activity}: {kind} {who} already in {other} on {day} from {start} to {end}, weeks {weeks}",
        "shared": "{activity}: {kind} {who} has students ({other_kind} {other_who}) already in {other} "
        "on {day} from {start} to {end}, weeks {weeks}",
        "untitled": "an activity without subject",
        "unseen": "(out of your sight)",
    },
}
"""One sentence per case; `same` when both activities take the very same resource."""


def say(explanation: Explanation, language: str) -> str:
    """Return one sentence, in French for `fr`, else in English."""
    language = language if language in SENTENCES else "en"
    words = SENTENCES[language]
    same = (explanation.kind, explanation.who) == (explanation.other_kind, explanation.other_who)
    return fill(
        words["same" if same else "shared"],
        language,
        kind=kind_word(explanation.kind, language),
        who=_shown(explanation.who, words),
        other_kind=kind_word(explanation.other_kind, language),
        other_who=_shown(explanation.other_who, words),
        activity=_activity(explanation.activity, words),
        other=_activity(explanation.other, words),
        day=DAYS[language][explanation.day],
        start=hour(explanation.start),
        end=hour(explanation.end),
        weeks=explanation.weeks,
    )


def kind_word(kind: str, language: str) -> str:
    """Return the name of a kind, in French for `fr`, else in English; the word itself when it is none."""
    if kind not in KINDS:
        return kind
    return KINDS[kind].fr if language == "fr" else KINDS[kind].en


def hour(minutes: int) -> str:
    """Return minutes after midnight as `HH:MM`; past midnight starts again at 00:00."""
    hours, rest = divmod(minutes % MINUTES_IN_DAY, 60)
    return f"{hours:02d}:{rest:02d}"


def _activity(label: str, words: dict[str, str]) -> str:
    return words["unseen"] if label == UNSEEN else titled(label, words["untitled"])


def _shown(name: str, words: dict[str, str]) -> str:
    return words["unseen"] if name == UNSEEN else name
