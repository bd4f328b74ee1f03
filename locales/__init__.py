"""The languages of the desk: which one a person gets, and how a sentence is found and filled in.

Sentences stand in the code in English and in `<language>/LC_MESSAGES/lianxi.po` in the reader's language. The catalogues
are read as they are (no compiled files to forget).
"""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations
from importlib import resources
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("zh_Hans", "zh_Hant", "en")
DOMAIN = "lianxi"

_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


class Markup(str):
    """Text that is HTML already: it is not escaped again when it stands in another sentence."""

    __slots__ = ()


Translator = Callable[..., Markup]


def later(message: str) -> str:
    """Marks a sentence of a table for the catalogue; it is looked up when it is said."""
    return message


def language_of(telegram_code: str | None) -> str:
    """The catalogue for a language code of Telegram (IETF, any case). Simplified Chinese for all we have no catalogue for."""
    code = (telegram_code or "").lower().replace("_", "-")
    if code.startswith(_TRADITIONAL):
        return "zh_Hant"
    return "en" if code == "en" or code.startswith("en-") else "zh_Hans"


@cache
def catalogue(language: str) -> GNUTranslations:
    """Raises KeyError for a language there is no catalogue for."""
    if language not in LANGUAGES:
        raise KeyError(language)
    compiled = BytesIO()
    with resources.files(__package__).joinpath(language, "LC_MESSAGES", f"{DOMAIN}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def translator(language: str) -> Translator:
    """`t("… <b>{number}</b>", number=x)`: the sentence in this language, every value escaped unless it is Markup."""
    found = catalogue(language).gettext

    def t(message: str, /, **values: object) -> Markup:
        sentence = found(message)
        return Markup(sentence.format(**{name: safe(value) for name, value in values.items()}) if values else sentence)

    return t


def safe(value: object) -> Markup:
    """Somebody's words as HTML: escaped, unless they are Markup already."""
    return value if isinstance(value, Markup) else Markup(html.escape(str(value), quote=False))
