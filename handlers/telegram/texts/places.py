"""The place question: lists to choose from, on a narrow screen, and what is found by typing."""

from __future__ import annotations

from handlers import words
from handlers.messages import Button, Reader
from handlers.presses.drafts import OpenPlaces, PickPlace, Step
from handlers.records.drafts import PlacesOffered, QuestionAsked
from locales import Markup, Translator, later, safe

from .registry import button, lines, pager, pairs, short

NAME = 40  # UTF-16 units of a name on a button, beside other words

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
        return button(f"{mark}{safe(label)}", PickPlace(record.draft, record.version, code))

    if offer.found:
        keep = button(t("Keep it as I wrote it"), Step(record.draft, record.version, "next"))
        return [*pairs([pick(code, label) for code, label in offer.found]), [keep]]
    under = offer.under[0] if offer.under else ""
    rows = pairs([pick(code, label, "★ ") for code, label in offer.familiar])
    rows += pairs([pick(code, label, "✓ " if code == chosen else "") for code, label in offer.listed])
    turn = pager(offer.page, offer.pages, lambda page: OpenPlaces(record.draft, record.version, under, page), t)
    out = (
        [[button(t("{place} is enough", place=short(offer.under[1], NAME)), PickPlace(record.draft, record.version, under))]]
        if under
        else []
    )
    up = [[button(t("← Back to the whole list"), OpenPlaces(record.draft, record.version, offer.above, 0))]] if under else []
    return [*rows, *turn, *finer_rows(record, offer.finer, reader, t), *out, *up]


def finer_rows(record: QuestionAsked, finer: list[str], reader: Reader, t: Translator) -> list[list[Button]]:
    """A place can be said more exactly: offered, never asked."""
    if not finer:
        return []
    code, name, level = finer
    label = t("➕ {place}: add the {level}", place=short(name, NAME), level=words.level(level, reader, t))
    return [[button(label, OpenPlaces(record.draft, record.version, code, 0))]]
