"""The place question: lists to choose from, on a narrow screen, and what is found by typing."""

from __future__ import annotations

from handlers import words
from handlers.messages import Button, Reader
from handlers.presses import OpenPlaces, PickPlace, Step
from handlers.records import PlacesOffered, QuestionAsked
from locales import Markup, Translator, later, safe

from .registry import button, lines, pairs

LABEL = 40  # characters of a name on a button

TOWNSHIPS = later(
    "<b>Where is it?</b>\nChoose the township, or write the village, street or school. You can also tap 📎 and send a location."
)
WIDER = later(
    "<b>Where is it?</b>\nChoose the {level}, or write the township, village, street or school. You can also tap 📎 and send a location."
)
NO_LIST = later("<b>Where is it?</b>\nPlease write the township and village, street or school, or tap 📎 and send a location.")
NARROWER = later("<b>Which {level} of {place}?</b>\nChoose it, or write it. If you do not know, {place} is enough.")
SEVERAL = later("<b>Which one do you mean?</b>\nSeveral places fit your words. Choose one, or keep them as you wrote them.")


def offer_of(record: QuestionAsked) -> PlacesOffered:
    return PlacesOffered(**(record.places or {}))


def place_question(record: QuestionAsked, reader: Reader, t: Translator) -> Markup:
    offer = offer_of(record)
    level = words.level(offer.level, reader, t)
    if offer.found:
        return lines(t(SEVERAL), t("More places fit than are shown: write more of the name.") if offer.more_found else None)
    if not offer.level:
        return t(NO_LIST)
    if offer.under:
        question = t(NARROWER, level=level, place=offer.under[1])
    else:
        question = t(TOWNSHIPS) if offer.level == "township" else t(WIDER, level=level)
    if offer.pages == 1:
        return question
    return lines(
        question,
        t(
            "Page {page} of {pages}. A part of the name, or the first letters of its pinyin, finds it too.",
            page=offer.page + 1,
            pages=offer.pages,
        ),
    )


def place_rows(record: QuestionAsked, reader: Reader, t: Translator) -> list[list[Button]]:
    """Familiar places first, then the page in rows of two, then the ways out of it."""
    offer, chosen = offer_of(record), (record.answer or {}).get("code")

    def pick(code: str, label: str, mark: str = "") -> Button:
        return button(safe(f"{mark}{_short(label)}"), PickPlace(record.draft, record.version, code))

    def pages(label: Markup, under: str, page: int) -> Button:
        return button(label, OpenPlaces(record.draft, record.version, under, page))

    if offer.found:
        keep = button(t("Keep it as I wrote it"), Step(record.draft, record.version, "next"))
        return [*pairs([pick(code, label) for code, label in offer.found]), [keep]]
    under = offer.under[0] if offer.under else ""
    rows = pairs([pick(code, label, "★ ") for code, label in offer.familiar])
    rows += pairs([pick(code, label, "✓ " if code == chosen else "") for code, label in offer.listed])
    turn = [pages(t("‹ Previous page"), under, offer.page - 1)] if offer.page else []
    turn += [pages(t("Next page ›"), under, offer.page + 1)] if offer.page + 1 < offer.pages else []
    out = [[button(t("{place} is enough", place=_short(offer.under[1])), PickPlace(record.draft, record.version, under))]] if under else []
    up = [[pages(t("← Back to the whole list"), offer.above, 0)]] if under else []
    return [row for row in (*rows, turn, *finer_rows(record, offer.finer, reader, t), *out, *up) if row]


def _short(name: str, most: int = LABEL) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def finer_rows(record: QuestionAsked, finer: list[str], reader: Reader, t: Translator) -> list[list[Button]]:
    """A place can be said more exactly: offered, never asked."""
    if not finer:
        return []
    code, name, level = finer
    label = t("➕ {place}: add the {level}", place=_short(name, 20), level=words.level(level, reader, t))
    return [[button(label, OpenPlaces(record.draft, record.version, code, 0))]]
