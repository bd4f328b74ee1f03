"""The questions, the review, and what is said between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conference.model.questionnaire import MAX_FILE_BYTES, MAX_PIECES, Question, QuestionKind, questionnaire
from handlers import words
from handlers.forms import CORRECTION
from handlers.messages import Button, Message, Reader
from handlers.presses.drafts import Change, Choose, HeldBelongsTo, Step, Submit
from handlers.presses.reporters import Adding, AddMore, ShowOwnReports
from handlers.records.drafts import CancelAsked, DraftDropped, DraftWaits, NothingToCancel, QuestionAsked, ReviewShown, Submitted, WordsHeld
from handlers.records.reporters import AdditionCollected
from locales import Markup, Translator, later, safe

from .everybody import home, urgent_line
from .moments import day
from .places import TOWNSHIPS, finer_rows, offer_of, place_question, place_rows
from .registry import button, lines, pairs, says

MEGABYTES = MAX_FILE_BYTES // (1024 * 1024)
QUESTIONS = {
    "subject": later("<b>Whom is it about?</b>"),
    "situation": later("<b>What is happening?</b>\nChoose what fits best. If nothing fits, choose “Something else”."),
    "danger": later("<b>Is anybody in danger right now?</b>"),
    "place": TOWNSHIPS,
    "since": later("<b>Since when?</b>\nChoose, or write a day, such as “3 November”, “yesterday” or “last Wednesday”."),
    "words": later(
        "<b>Please tell us in your own words.</b>\nWrite or speak, as much as you "
        "like, in several messages if you wish. Tap “Next” when you are done."
    ),
    "evidence": later(
        "<b>Do you have photos, recordings, videos or files?</b>\nSend them here, "
        "up to {size} MB each. Do not put yourself in danger to get any."
    ),
    "reporter": later("<b>Who are you in this?</b>\nNo name is needed."),
    "unit": later("<b>Which school, hospital or body do you work for?</b>\nOne line is enough."),
    "contact": later(
        "<b>May we contact you?</b>\nYou can also write a phone number and when to call. "
        "It is locked away with your identity, apart from the report."
    ),
}
NOTES = {
    "begun": later("We have received what you sent and written it down. A few short questions follow; skip what you do not know."),
    "words_kept": later("✓ Added to your account of what happened."),
    "words_instead": later(
        "✓ That was too long for this answer, so we added it to your account of what happened. Please answer this one in a few words."
    ),
    "file_kept": later("✓ Received and kept with your report."),
    "album_kept": later("✓ Received. All pieces of the album are kept."),  # it is said of the first, so none is counted
    "position_kept": later("✓ The location is kept."),
    "correction_kept": later("✓ Your correction has been added."),
    "place_as_said": later("✓ That is not in the list of places; we wrote it down as you said it."),
    "place_gone": later("That place is no longer in the list. Please choose another one, or write it."),
    "since_as_said": later("✓ We wrote down the time as you said it."),
    "future_date": later(
        "That day is still to come. Please tell us since when it has been happening, such as “yesterday” or “3 November”."
    ),
    "missing": later("One answer is still needed before it can be sent. “I do not know” is also an answer."),
    "unexpected": later(
        "This kind of message cannot be taken in here. Please answer below, or send words, "
        "voice, a photo, video, file or location. What you gave us is all kept."
    ),
    "command": later("That is not something this desk can do. What you gave us is all kept; go on below."),
    "finish_first": later("You have something here that is not sent yet. Please send it or give it up first."),
    "nothing_yet": later("There is nothing to send yet. Please write or send something first."),
    "too_much_words": later(
        "That is more than fits: a report takes {figure} characters in all. What was there is kept. You can send the rest as a file."
    ),
    "too_much_pieces": later(
        "That is more than fits: a report takes {figure} separate messages. What was there is kept. You can send the rest as a file."
    ),
    "too_much_files": later(
        "That is more than fits: a report takes {figure} files. Those already received are kept; after sending you can add more."
    ),
    "too_much_file_size": later(
        "This file is too large: up to {size} MB can be received. Please send a shorter or smaller one. What you gave us is all kept."
    ),
    "too_much_line": later("That is too long here: up to {figure} characters. What was there is kept."),
}


def note(code: str, figure: int, t: Translator) -> Markup | None:
    """What is said above a screen about the message just sent."""
    if not code:
        return None
    sentence = NOTES.get(code) or NOTES["too_much_line"]
    return Markup(f"{t(sentence, figure=figure, size=MEGABYTES)}\n")


def piece(text: str, t: Translator) -> Markup:
    """Somebody's words; what corrects earlier ones says so. More marks than there can be pieces were typed by hand: they stay."""
    if text.count(CORRECTION) > MAX_PIECES:
        return safe(text)
    return lines(
        *(
            t("Correction: {text}", text=line.removeprefix(CORRECTION)) if line.startswith(CORRECTION) else safe(line)
            for line in text.split("\n")
        )
    )


def given(question: str, answer: Mapping[str, Any], reader: Reader, t: Translator) -> Markup:
    """An answer as the person gave it."""
    parts = []
    if question == "place":
        name = answer.get("name") or answer.get("code") or ""
        if "".join(name.split()) not in "".join(answer.get("text", "").split()):
            parts.append(safe(name))
    elif "code" in answer:
        parts.append(words.option(question, answer["code"], t))
    if "text" in answer:
        parts.append(safe(answer["text"]))
    if "date" in answer:
        parts.append(day(answer["date"], t))
    if "location" in answer:
        parts.append(t("📍 location sent"))
    return Markup(" · ".join(parts))


# -- a question


@says(QuestionAsked)
def question_asked(record: QuestionAsked, reader: Reader, t: Translator) -> Message:
    question = questionnaire(record.questionnaire)[record.question]
    text = lines(
        note(record.note, record.figure, t),
        f"{_danger(t)}\n" if record.urgent else None,
        place_question(record, reader, t) if question.kind is QuestionKind.PLACE else t(QUESTIONS[record.question], size=MEGABYTES),
        "\n" + t("Your answer so far: {answer}", answer=given(record.question, record.answer, reader, t)) if record.answer else None,
        "\n" + t("Messages so far: {count}", count=record.words) if question.kind is QuestionKind.WORDS and record.words else None,
        "\n" + t("Files so far: {count}", count=record.files)
        if question.kind is QuestionKind.EVIDENCE and record.files and record.note != "album_kept"
        else None,
    )
    answers = place_rows(record, reader, t) if question.kind is QuestionKind.PLACE else pairs(_answers(record, question, t))
    return Message(text, [*answers, *finer_rows(record, record.finer, reader, t), *_ways(record, question, t)])


def _danger(t: Translator) -> Markup:
    return t(
        "🚨 <b>Please call 110 now.</b> If somebody is hurt or ill, call 120.\nGet to a safe place first. What you wrote is kept; "
        "come back when you can, and the report goes on below."
    )


def _answers(record: QuestionAsked, question: Question, t: Translator) -> list[Button]:
    chosen = (record.answer or {}).get("code")
    labels = [
        (Markup(f"✓ {label}") if code == chosen else label) for code in question.options for label in [words.option(question.code, code, t)]
    ]
    return [button(label, Choose(record.draft, record.version, option)) for option, label in enumerate(labels)]


def _ways(record: QuestionAsked, question: Question, t: Translator) -> list[list[Button]]:
    def step(label: str, way: str) -> Button:
        return button(label, Step(record.draft, record.version, way))

    if record.editing:
        return [[step(t("Leave it as it is"), "review")]]
    filled = (
        bool(record.answer)
        or (question.kind is QuestionKind.WORDS and record.words)
        or (question.kind is QuestionKind.EVIDENCE and record.files)
    )
    offer = offer_of(record)
    passes = not (question.required and not record.answer) and not (offer.found or offer.under)  # those have a way of their own
    forward = [] if not passes else [step(t("Next") if filled else t("Skip"), "next")]
    send = [button(t("✅ Send now"), Submit(record.draft, record.version))] if record.ready else []
    back = [] if record.first else [step(t("← Back"), "back")]
    return [row for row in ([*forward, *send], [*back, step(t("Cancel"), "cancel")]) if row]


# -- the review


@says(ReviewShown)
def review_shown(record: ReviewShown, reader: Reader, t: Translator) -> Message:
    asked = questionnaire(record.questionnaire).asked(record.answers)
    text = lines(
        note(record.note, record.figure, t),
        f"{_danger(t)}\n" if record.urgent else None,
        t("<b>Please look it over.</b>"),
        "",
        *(t("<b>{title}:</b> {answer}", title=t(words.TITLES[q.code]), answer=_reviewed(record, q, reader, t)) for q in asked),
        "",
        t("If it is right, tap “Send”. You can still change anything, or write and send more."),
    )
    codes = [q.code for q in questionnaire(record.questionnaire).questions]
    change = [
        button(t("Change: {title}", title=t(words.TITLES[q.code])), Change(record.draft, record.version, codes.index(q.code)))
        for q in asked
    ]
    back = button(t("← Back"), Step(record.draft, record.version, "back"))
    cancel = button(t("Cancel"), Step(record.draft, record.version, "cancel"))
    return Message(text, [[button(t("✅ Send"), Submit(record.draft, record.version))], *_two(change), [back, cancel]])


def _two(buttons: list[Button]) -> list[list[Button]]:
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


def _reviewed(record: ReviewShown, question: Question, reader: Reader, t: Translator) -> Markup:
    if question.kind is QuestionKind.WORDS and record.words:
        return lines(t("{count} characters", count=record.words), piece(record.excerpt, t))
    if question.kind is QuestionKind.EVIDENCE and record.files:
        return t("{count} received", count=record.files)
    answer = record.answers.get(question.code)
    return given(question.code, answer, reader, t) if answer else t("not given")


# -- beside the questions


@says(DraftWaits)
def draft_waits(record: DraftWaits, reader: Reader, t: Translator) -> Message:
    text = lines(
        urgent_line(t),
        "",
        t("You have a report here that is not sent yet. Do you want to go on with it? If you begin anew, the old one is erased."),
    )
    on = button(t("Go on"), Step(record.draft, record.version, "on"))
    anew = button(t("Erase it and begin anew"), Step(record.draft, record.version, "anew"))
    return Message(text, [[on], [anew], [button(t("My reports"), ShowOwnReports())]])


@says(CancelAsked)
def cancel_asked(record: CancelAsked, reader: Reader, t: Translator) -> Message:
    if record.addition:
        yes, no = Adding(record.draft, record.version, "drop"), Adding(record.draft, record.version, "on")
        return Message(
            t("Really erase what you wanted to add? It has not been sent."), [[button(t("Yes, erase it"), yes), button(t("No, go on"), no)]]
        )
    drop, on = Step(record.draft, record.version, "drop"), Step(record.draft, record.version, "on")
    return Message(
        t("Really erase this report? It has not been sent yet, and nothing of it will be kept."),
        [[button(t("Yes, erase it"), drop), button(t("No, go on"), on)]],
    )


@says(DraftDropped)
def draft_dropped(record: DraftDropped, reader: Reader, t: Translator) -> Message:
    text = (
        t("Nothing was added. Your report stays as it was.")
        if record.addition
        else t("Erased; nothing of it is kept. You can come back at any time.")
    )
    return Message(lines(text, urgent_line(t)), [home(t)])


@says(NothingToCancel)
def nothing_to_cancel(record: NothingToCancel, reader: Reader, t: Translator) -> Message:
    return Message(t("There is nothing unfinished here. Reports that were sent stay with public security."), [home(t)])


def _received(code: str, figure: int, t: Translator) -> Markup | None:
    """The note above what is held or collected: there it belongs to no account of what happened yet."""
    return Markup(t("✓ Received.") + "\n") if code in ("words_kept", "file_kept", "position_kept") else note(code, figure, t)


@says(WordsHeld)
def words_held(record: WordsHeld, reader: Reader, t: Translator) -> Message:
    question = (
        t("Does it belong to a report you sent before, or is it something new?")
        if record.reports
        else t("Is this the beginning of a report? Until you say so, nothing is sent to anybody.")
    )
    above = (
        _received(record.note, record.figure, t)
        if record.note != "begun"
        else Markup(t("We have received what you sent and kept it.") + "\n")
    )
    rows = [
        [button(t("Add it to report {number}", number=number), HeldBelongsTo(record.draft, record.version, report))]
        for report, number in record.reports
    ]
    new = button(t("It is a new report"), Step(record.draft, record.version, "new"))
    drop = button(t("Neither, erase it"), Step(record.draft, record.version, "drop"))
    return Message(lines(above, urgent_line(t), "", question), [*rows, [new], [drop]])


@says(Submitted)
def submitted(record: Submitted, reader: Reader, t: Translator) -> Message:
    if not record.again:
        return Message(t("✅ Sent. The number is <b>{number}</b>.", number=record.number))
    rows = [[button(t("Add something"), AddMore(record.report_id, below=1)), button(t("My reports"), ShowOwnReports(below=1))]]
    return Message(t("This report was sent already. Its number is <b>{number}</b>.", number=record.number), rows)


@says(AdditionCollected)
def addition_collected(record: AdditionCollected, reader: Reader, t: Translator) -> Message:
    text = lines(
        _received(record.note, record.figure, t),
        t("<b>Adding to report {number}</b>", number=record.number),
        t("Write, speak, or send photos, videos, files or a location. Tap “Done, send it” when that is all."),
        "\n"
        + t(
            "Ready to send: messages {words}, files {files}, locations {places}",
            words=record.words,
            files=record.files,
            places=record.places,
        )
        if (record.words or record.files or record.places) and record.note != "album_kept"
        else None,
    )
    send = button(t("✅ Done, send it"), Adding(record.draft, record.version, "send"))
    return Message(text, [[send], [button(t("Cancel"), Adding(record.draft, record.version, "cancel"))]])
