"""The words for the codes of the questionnaire, in English as they stand in the catalogues."""

from __future__ import annotations

import unicodedata
from functools import cache

from conference.model.questionnaire import Question
from handlers.messages import Reader
from locales import LANGUAGES, Markup, Translator, later, safe, translator

OPTIONS: dict[str, dict[str, str]] = {
    "subject": {
        "child": later("A child"),
        "elder": later("An elderly person"),
        "woman": later("A woman"),
        "disabled": later("A person with a disability"),
        "someone": later("Somebody else"),
    },
    "situation": {
        "alone": later("Lives alone, with no family nearby"),
        "unattended": later("Nobody looks after this person"),
        "missing": later("Missing, cannot be found"),
        "guardian_unfit": later("The one in charge is too old, too ill or unable"),
        "guardian_neglect": later("The one in charge does not care for them"),
        "violence": later("Beaten or abused at home"),
        "accident": later("Hurt in an accident"),
        "unlawful_harm": later("Harmed or bullied by somebody"),
        "other": later("Something else"),
    },
    "danger": {
        "yes": later("Yes, in danger now"),
        "no": later("Not right now"),
        "unsure": later("I am not sure"),
    },
    "since": {
        "now": later("Happening right now"),
        "today": later("Today"),
        "days": later("These last days"),
        "weeks": later("These last weeks"),
        "long": later("A month or longer"),
        "unknown": later("I do not know"),
    },
    "reporter": {
        "citizen": later("A member of the public"),
        "relative": later("A relative"),
        "neighbour": later("A neighbour or friend"),
        "school": later("School or kindergarten staff"),
        "hospital": later("Hospital or clinic staff"),
        "village": later("Village or community committee"),
        "social_work": later("Social work agency"),
        "rescue": later("Rescue or welfare body"),
        "other_duty": later("Another body with a duty to report"),
    },
    "contact": {
        "here": later("Yes, contact me here"),
        "no": later("Please do not contact me"),
    },
}

LEVELS: dict[str, str] = {
    "nation": later("country"),
    "province": later("province"),
    "city": later("city or prefecture"),
}

TITLES: dict[str, str] = {
    "subject": later("About"),
    "situation": later("What is happening"),
    "danger": later("Danger now"),
    "place": later("Where"),
    "since": later("Since when"),
    "words": later("In your words"),
    "evidence": later("Photos, recordings, files"),
    "reporter": later("You are"),
    "unit": later("Your school, hospital or body"),
    "contact": later("Contact"),
}


def option(question: str, code: str | None, t: Translator) -> Markup:
    """The label of an option; a code of a later questionnaire that has no words is shown as it is."""
    words = OPTIONS.get(question, {}).get(code or "")
    return t(words) if words else safe(code or "")


_TRADITIONAL = str.maketrans("乡镇县区苏办处", "鄉鎮縣區蘇辦處")  # of the kinds of places


def level(code: str, reader: Reader, t: Translator) -> Markup:
    """What places of this level are called in this conference's territory: 乡镇 or 苏木, 村 or 嘎查."""
    chosen = getattr(reader.profile.words, f"{code}_{'en' if reader.language == 'en' else 'zh'}", None)
    if chosen is None:
        return t(LEVELS[code]) if code in LEVELS else safe(code)
    return safe(chosen.translate(_TRADITIONAL) if reader.language == "zh_Hant" else chosen)


def matched(question: Question, text: str) -> str | None:
    """The option that was typed instead of pressed: its label in any of our languages, or its number from 1."""
    said = _folded(text)
    if said.isdecimal() and len(said) < 3:
        number = int(said)
        return question.options[number - 1] if 1 <= number <= len(question.options) else None
    return _labels(question.code).get(said)


@cache
def _labels(question: str) -> dict[str, str]:
    return {_folded(translator(language)(words)): code for language in LANGUAGES for code, words in OPTIONS.get(question, {}).items()}


def _folded(text: str) -> str:
    """Letters and digits only: how somebody punctuates or spaces a label does not matter."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
