"""The steps of forms, their last screen, and what is said to answers that do not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from conference.model.errors import Misconfigured
from handlers.lengths import split
from handlers.messages import Button, Message, Reader
from handlers.presses.everybody import ChooseConference
from handlers.presses.wizards import WizardChange, WizardChoose, WizardPage, WizardSend, WizardStep
from handlers.records.wizards import FormWaits, WizardAsked, WizardCancelAsked, WizardDropped, WizardPreview
from handlers.wizard import PAGE, fold, forms
from locales import LANGUAGES, Markup, Translator, later, safe, translator

from .everybody import conference_name, home
from .joining import unit_name
from .moments import day, moment
from .registry import button, lines, listed, pager, pairs, plain, says

LABEL = 60  # UTF-16 units on a button
EXCERPT = 600  # characters of a text that the last screen shows


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWords:
    """The words of a form, in English as they stand in the catalogues.

    `questions`, `titles` by step; `options` by step and code; `notes`: what the form's own doubts say; `preview`: the last
    screen, if it is more than the list of what was given; `more`: rows of buttons besides.
    """

    title: str
    questions: Mapping[str, str]
    titles: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    preview: Callable[[WizardPreview, Reader, Translator], str] | None = None
    more: Callable[[WizardPreview, Reader, Translator], list[list[Button]]] = lambda record, reader, t: []
    send: str = later("✅ Send")


_WORDS: dict[str, FormWords] = {}

NOTES: dict[str, str] = {
    "finish_first": later("You have a form here that is not sent yet. Please finish it or cancel it first."),
    "command": later("That is not a command of this desk. The form below is still open."),
    "edited": later(
        "A message that was changed afterwards is not taken over. Please answer here anew, or choose “Change” on the last screen."
    ),
    "choose_button": later("Please choose one of the buttons: send, change something, or cancel."),
    "expects_choice": later("Please choose one of the buttons below, or write its words or number."),
    "expects_units": later("Please choose units by the buttons below, or write a unit's name; then tap “Next”."),
    "expects_text": later("Please write the answer as text. Files and other kinds of messages are not taken at this step."),
    "expects_words": later("Please write it as text. Files and other kinds of messages are not taken at this step."),
    "expects_date": later("This could not be read as a day. Please write one such as “26 November”, “tomorrow” or “next Wednesday”."),
    "expects_moment": later(
        "This could not be read as a day and time. Please write such as “26 Nov 14:30”, “tomorrow 3 pm” or “next Wednesday 9:00”."
    ),
    "expects_number": later("Please write a whole number from {least} to {limit}."),
    "expects_files": later("Please send a file or photo, or tap “Next”."),
    "time_missing": later("{day}: at what time? Please write it, such as 14:30."),
    "day_missing": later("At {time} on which day? Please write it, such as “26 November”."),
    "has_passed": later("{value} has passed. Please give a time to come; if you mean another year, write the year too."),
    "too_far": later("{value} is more than two years away. Please check the year."),
    "day_off": later("{value} is not a working day. Is it to be on that day all the same?"),
    "too_long": later("That is {count} characters; at most {limit} fit here. Please shorten it and send it again. Nothing else was lost."),
    "rest_of_long": later(
        "A moment ago a text came that was too long; apps send such a text in pieces, and this may be the last of them. Is this the whole?"
    ),
    "too_many": later("At most {limit} can be chosen here."),
    "too_many_files": later("At most {limit} files fit here. Those received before are kept."),
    "file_too_large": later(
        "That file has {size} MB; at most {limit} MB fit. Please make it smaller or split it, and send it again. Nothing else was lost."
    ),
    "file_known": later("That file is here already."),
    "kept": later("✓ Received. Send more, or tap “Next”."),
    "step_passed": later("This step is done already. Here is where you are now."),
    "again_passed": later("“{title}” lies in the past by now. Please give it anew; nothing has been sent."),
}  # fmt: skip


def words_for(form: str, words: FormWords) -> None:
    """Register the words of a form."""
    if form in _WORDS:
        raise Misconfigured(f"two forms have words for {form!r}")
    _WORDS[form] = words


def words_of(form: str) -> FormWords:
    return _WORDS[form]


@cache
def labels(form: str, step: str | None) -> dict[str, str]:
    """Folded label to code, of all languages: for what is typed instead of pressed."""
    options = _WORDS[form].options.get(step or "", {})
    return {fold(translator(language)(words)): code for language in LANGUAGES for code, words in options.items()}


def short(label: str) -> str:
    """Fit for a button."""
    return split(plain(label), LABEL)[0]


@says(WizardAsked)
def wizard_asked(record: WizardAsked, reader: Reader, t: Translator) -> Message:
    words = _WORDS[record.form]
    text = lines(
        _note(record, reader, t),
        t("<b>{title}</b> · {number}/{of}", title=_title(record, t), number=record.number, of=record.of),
        "",
        t(words.questions[record.step]),
        _so_far(record, reader, t),
    )
    doubted = record.pending is not None and "value" in record.pending
    rows = [[_step(record, t("Yes, keep it"), "yes")]] if doubted else _options(record, reader, t)
    return Message(text, [*rows, *_ways(record, t)], protect=True)


def _title(record: WizardAsked | WizardPreview, t: Translator) -> Markup:
    """Of several things that wait for somebody, which one the form is about."""
    title = t(_WORDS[record.form].title)
    return Markup(f"{title} {safe(record.about)}") if record.about else title


def _step(record: WizardAsked, label: str, way: str) -> Button:
    return button(label, WizardStep(record.draft, record.version, way))


def _options(record: WizardAsked, reader: Reader, t: Translator) -> list[list[Button]]:
    chosen = record.answer if isinstance(record.answer, list) else [record.answer]
    pages = -(-len(record.offered) // PAGE)
    page = min(record.page, max(pages - 1, 0))
    shown = list(enumerate(record.offered))[page * PAGE : (page + 1) * PAGE]
    mark = "☑ " if record.kind == "units" else "✓ "
    buttons = [
        button(
            short(f"{mark if code in chosen else ''}{label_of(record.form, record.step, code, label, reader, t)}"),
            WizardChoose(record.draft, record.version, n),
        )
        for n, (code, label) in shown
    ]
    rows = pairs(buttons) + pager(page, pages, lambda to: WizardPage(record.draft, record.version, to), t)
    if record.kind == "units" and not (record.limit and record.limit < len(record.offered)):
        rows.append([_step(record, t("All"), "all"), _step(record, t("None"), "none")])
    return rows


def _ways(record: WizardAsked, t: Translator) -> list[list[Button]]:
    cancel = _step(record, t("Cancel"), "cancel")
    filled = record.answer not in (None, "", [])
    gathers = record.kind in ("words", "files", "units")
    forward = [_step(record, t("Next") if filled else t("Skip"), "next")] if filled or not record.required else []
    anew = [_step(record, t("Clear"), "clear")] if filled and gathers and record.kind != "units" else []
    back = [_step(record, t("← Back"), "back")] if record.number > 1 or record.editing else []
    return [row for row in ([*forward, *anew], [*back, cancel]) if row]


def _so_far(record: WizardAsked, reader: Reader, t: Translator) -> str | None:
    if record.answer in (None, "", []) or record.kind == "choice":
        return None
    labels = dict(record.offered) if record.kind == "units" else {}
    if any(labels.values()):  # options of the day have labels of their own
        named = listed([label_of(record.form, record.step, code, labels.get(code, ""), reader, t) for code in record.answer], t)
        return "\n" + t("So far: {answer}", answer=named)
    return "\n" + t("So far: {answer}", answer=value_of(record.form, record.step, record.answer, reader, t))


def _note(record: WizardAsked | WizardPreview, reader: Reader, t: Translator) -> str | None:
    words = {**NOTES, **_WORDS[record.form].notes}.get(record.note)
    if words is None:
        return None
    facts: dict[str, Any] = {key: _fact(key, value, record, reader, t) for key, value in record.facts.items()}
    return f"{t(words, **facts) if facts else t(words)}\n"


def _fact(key: str, value: Any, record: WizardAsked | WizardPreview, reader: Reader, t: Translator) -> Any:
    """Days and moments among what a note says, as people write them; the name of a step."""
    if key in ("value", "day"):
        return _time(str(value), reader, t)
    if key == "title":
        return t(_WORDS[record.form].titles[value])
    return value


def _time(iso: str, reader: Reader, t: Translator) -> Markup:
    return moment(datetime.fromisoformat(iso).isoformat(), reader, t) if "T" in iso else day(iso, t)


def label_of(form: str, step: str, code: str, label: str, reader: Reader, t: Translator) -> str:
    """An option as it is called: by its own label, the form's words, or the unit's name."""
    if label:
        return label
    words = _WORDS[form].options.get(step, {}).get(code)
    if words is not None:
        return t(words)
    return unit_name(reader, reader.conference, code)


def value_of(form: str, step: str, value: Any, reader: Reader, t: Translator) -> Markup:
    """An answer as it is shown on the last screen."""
    kind = next(str(each.kind) for each in forms()[form].steps if each.code == step)
    if value in (None, "", []):
        return t("not given")
    if kind in ("date", "moment"):
        return _time(str(value), reader, t)
    if kind == "files":
        return t("{count} received", count=len(value))
    if kind == "units":
        return listed([label_of(form, step, code, "", reader, t) for code in value], t)
    if kind == "choice":
        return safe(label_of(form, step, str(value), "", reader, t))
    text = "\n".join(value) if isinstance(value, list) else str(value)
    return safe(text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…")


@says(WizardPreview)
def wizard_preview(record: WizardPreview, reader: Reader, t: Translator) -> Message:
    words, steps = _WORDS[record.form], [step.code for step in forms()[record.form].steps]
    body = words.preview(record, reader, t) if words.preview else given_lines(record, reader, t)
    text = lines(
        _note(record, reader, t),
        t("<b>{title}: please look it over.</b>", title=_title(record, t)),
        "",
        body,
        "",
        t("If it is right, tap “{send}”. Everything can still be changed.", send=t(words.send)),
    )
    change = [
        button(t("Change: {title}", title=t(words.titles[code])), WizardChange(record.draft, record.version, steps.index(code)))
        for code in record.steps
    ]
    send = button(t(words.send), WizardSend(record.draft, record.version))
    back = [button(t("← Back"), WizardStep(record.draft, record.version, "back"))]
    cancel = button(t("Cancel"), WizardStep(record.draft, record.version, "cancel"))
    more = words.more(record, reader, t)
    return Message(text, [[send], *more, *(change[at : at + 2] for at in range(0, len(change), 2)), [*back, cancel]], protect=True)


def given_lines(record: WizardPreview, reader: Reader, t: Translator) -> Markup:
    """All that was given, a line each."""
    titles = _WORDS[record.form].titles
    return lines(
        *(
            t("<b>{title}:</b> {answer}", title=t(titles[code]), answer=value_of(record.form, code, record.given.get(code), reader, t))
            for code in record.steps
        )
    )


@says(FormWaits)
def form_waits(record: FormWaits, reader: Reader, t: Translator) -> Message:
    title = t(_WORDS[record.form].title)
    cancel = [button(t("Cancel"), WizardStep(record.draft, record.version, "cancel"))]
    if not record.conference:
        text = t("“{title}” is still open here and not sent yet. Do you want to go on with it or cancel it?", title=title)
        return Message(text, [[button(t("Go on"), WizardStep(record.draft, record.version, "on"))], cancel], protect=True)
    there = conference_name(reader, record.conference)
    text = t(
        "“{title}” was begun in {name} and is not sent yet. Nothing of it is lost: go on with it there, or cancel it.",
        title=title,
        name=there,
    )
    back = button(short(t("Act in: {name}", name=there)), ChooseConference(record.conference))
    return Message(text, [[back], cancel], protect=True)


@says(WizardCancelAsked)
def wizard_cancel_asked(record: WizardCancelAsked, reader: Reader, t: Translator) -> Message:
    drop, on = (WizardStep(record.draft, record.version, way) for way in ("drop", "on"))
    return Message(
        t("Really give up “{title}”? Nothing has been sent yet.", title=t(_WORDS[record.form].title)),
        [[button(t("Yes, give it up"), drop), button(t("No, go on"), on)]],
        protect=True,
    )


@says(WizardDropped)
def wizard_dropped(record: WizardDropped, reader: Reader, t: Translator) -> Message:
    return Message(t("Given up; nothing was sent."), [home(t)])
