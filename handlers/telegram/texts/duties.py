"""The duty calendar in words: what is owed and until when, what was reported, what the office says to it."""

from __future__ import annotations

import re
from typing import Any

from conference.model.duties import STANDING
from conference.model.profile import RESERVED, Cadence, Duty, DutyKind
from conference.model.told import DutiesOpened, DutiesToReview, OccurrenceReturned, OccurrenceWaived
from handlers.messages import Button, File, Message, Reader
from handlers.presses.duties import AskForDuty, ReportDuty, RunDuty, ShowDuties, ShowDutyRows, ShowOccurrence, ShowProofs
from handlers.records.duties import DutiesListed, DutyRowsListed, OccurrenceNoted, OccurrenceProof, OccurrenceShown
from handlers.records.wizards import WizardPreview
from locales import Markup, Translator, later, safe

from .joining import unit_name
from .moments import day, day_of
from .registry import button, lines, listed, pager, pairs, plain, says
from .reminding import line_for
from .wizards import FormWords, given_lines, words_for

OWNERS = {
    "office": later("Office of the joint conference"),
    "conference": later("Joint conference"),
    "chief_convener": later("Chief convener"),
    "all_members": later("All member units"),
}
VIEWS = {
    "own": later("To be reported by you"),
    "waiting": later("Waiting for the office's word"),
    "overdue": later("Overdue"),
    "all": later("All that is open"),
    "unsaid": later("How often? Not said yet"),
    "done": later("Reported and done"),
}
EMPTY = {
    "own": later("Nothing is to be reported at present."),
    "waiting": later("Nothing waits for the office's word."),
    "overdue": later("Nothing is overdue."),
    "all": later("Nothing is open."),
    "unsaid": later("Every duty that the document asks for “regularly” has its interval."),
    "done": later("Nothing has been reported yet."),
}
STATES = {
    "scheduled": later("not yet due"),
    "open": later("to be reported"),
    "reported": later("reported, waits for the office's word"),
    "accepted": later("accepted by the office"),
    "waived": later("waived"),
}
TURNS = {
    "reported": later("reported"),
    "accepted": later("accepted by the office"),
    "open": later("returned"),
    "waived": later("waived"),
}
LAPSED = {
    "meeting_cancelled": later("The meeting was cancelled."),
    "interval": later("The office has said another interval."),
    "profile": later("The document no longer asks for this."),
    "item": later("The item went to another unit or was taken back."),
}
SHOWN = {
    "plenary_held": later("The plenary was held."),
    "extra_held": later("The meeting was held."),
    "liaison_held": later("The liaison meeting was held."),
    "meeting_held": later("The meeting was held."),
    "meeting_attended": later("The unit came to the meeting."),
    "report_accepted": later("The report was accepted."),
    "post_filled": later("The successor is in the post."),
    "mechanism_recorded": later("The mechanism has been recorded."),
    "item_struck_off": later("The item was struck off."),
}
CAUSES = {
    "report": later("report {number}"),
    "meeting": later("meeting {number}"),
    "post": later("a change of post"),
    "assignment": later("assigned item {number}"),
    "asked": later("asked for by the office"),
}
YEARLY_STANDING = later("always; attested once a year")  # where nobody meets
STANDING_ROW = later("always; attested before each plenary")
HEARD_OF = later("when it happens; it is opened by itself")
NOT_HEARD_OF = later("when it happens; the office asks for it")
CADENCES = {
    Cadence.YEARLY: later("every year"),
    Cadence.HALF_YEARLY: later("every half year"),
    Cadence.QUARTERLY: later("every quarter"),
    Cadence.REGULAR: later("regularly; the office says how often"),
    Cadence.HOLIDAY: later("in the school holidays"),
    Cadence.BEFORE_PLENARY: later("before each plenary"),
}
LIGHTS = {"green": "🟢", "blue": "🔵", "yellow": "🟡", "orange": "🟠", "red": "🔴"}
NOTED = {
    "reported": later("✅ Reported: {duty}. The office will look at it."),
    "recorded": later("✅ Recorded: {duty}."),
    "returned": later("↩️ Returned: {duty}. The unit has been told what lacks."),
    "waived": later("✅ Waived: {duty}. The unit has been told the reason."),
    "asked": later("✅ Asked for: {duty}. It stands in the list of {figure} owners and is reminded of."),
    "said": later("✅ {duty}: {rhythm}. The running window is open now."),
}
_WINDOW = re.compile(r"(\d{4})(?:([HQVM])(\d+)(?:-(\d+))?)?")
MOST = 20  # lines in one message
WORDS = 400  # characters of what was written that a history shows


# -- names -------------------------------------------------------------------------------------------------------------


def row_of(reader: Reader, duty: str) -> Duty | None:
    return next((each for each in reader.profile.duties if each.id == duty), None)


def duty_name(reader: Reader, duty: str, t: Translator) -> Markup:
    """A duty in a line, as the profile paraphrases it."""
    if duty == STANDING:
        return t("Attestation of the standing duties")
    row = row_of(reader, duty)
    return safe(duty if row is None else row.en if reader.language == "en" else row.zh)


def owner_name(reader: Reader, owner: str, title: str, t: Translator) -> Markup:
    """A unit by its name, a place by its post, a body as the document calls it."""
    if title:
        return safe(title)
    if owner in OWNERS:
        return t(OWNERS[owner])
    body = reader.profile.actors.get(owner)
    if body is not None:
        return safe(body.name_en if reader.language == "en" else body.name_zh)
    return safe(unit_name(reader, reader.conference, owner))


def window_name(cause: str, t: Translator) -> Markup | None:
    """2026H2 as people say it; None for what is no window."""
    found = _WINDOW.fullmatch(cause)
    if found is None:
        return None
    year, kind, number, until = found.groups()
    match kind:
        case None:
            return t("year {year}", year=year)
        case "H":
            return t("first half of {year}", year=year) if number == "1" else t("second half of {year}", year=year)
        case "Q":
            return t("quarter {number} of {year}", number=number, year=year)
        case "V":
            return t("school holiday {number} of {year}", number=number, year=year)
    if until:
        return t("months {first} to {last} of {year}", first=int(number), last=int(until), year=year)
    return t("month {first} of {year}", first=int(number), year=year)


def _cause(kind: str, number: str, t: Translator) -> Markup:
    """What opened it: a window, or something with a number."""
    if not kind:
        return window_name(number, t) or safe(number)
    words = CAUSES.get(kind)
    if words is None:
        return safe(number)
    return t(words, number=number) if "{number}" in words else t(words)


# -- lines -------------------------------------------------------------------------------------------------------------


def _line(line: list[Any], title: str, reader: Reader, t: Translator, *, dot: str = "", with_owner: bool = True) -> Markup:
    """One occurrence: its light, owner, duty, window and day, or how it ended. `dot`: what stands where no light does."""
    _, owner, duty, cause, due, state, colour, number = line
    window, over = window_name(cause, t), state in ("accepted", "waived")
    mark = LIGHTS.get(colour, dot)
    return t(
        "{light}{owner}{duty}{window}{many}{due}",
        light=f"{mark} " if mark else "",
        owner=t("<b>{owner}</b>: ", owner=owner_name(reader, owner, title, t)) if with_owner else "",
        duty=duty_name(reader, duty, t),
        window=t(" ({window})", window=window) if window else "",
        many=t(" × {number}", number=number) if number > 1 else "",
        due=t("; {state}", state=t(STATES[state])) if over else t(", by {day}", day=day(due, t)) if due else "",
    )


@says(DutiesListed)
def duties_listed(record: DutiesListed, reader: Reader, t: Translator) -> Message:
    first = record.page * 10 + 1
    if record.view == "unsaid":
        said = [t("{number}. {duty}", number=n, duty=duty_name(reader, duty, t)) for n, (duty, _) in enumerate(record.lines, start=first)]
        buttons: list[list[Button]] = []
    else:
        own = record.view == "own" and len({line[1] for line in record.lines}) == 1
        said = [
            t("{number}. {line}", number=n, line=_line(line, record.titles.get(line[1], ""), reader, t, with_owner=not own))
            for n, line in enumerate(record.lines, start=first)
        ]
        opens = [button(str(n), ShowOccurrence(line[0])) for n, line in enumerate(record.lines, start=first)]
        buttons = [opens[at : at + 5] for at in range(0, len(opens), 5)]
    views = [
        button(t("{view}: {count}", view=t(VIEWS[view]), count=count), ShowDuties(view, 0))
        for view, count in record.counts.items()
        if view != record.view and (count or view in ("own", "waiting", "overdue"))
    ]
    if record.view != "done" and "own" in record.counts:
        views.append(button(t(VIEWS["done"]), ShowDuties("done", 0)))
    ways = [button(t("Ask for a duty"), AskForDuty("open")), button(t("Say how often"), AskForDuty("often"))] if record.may_run else []
    text = lines(
        t("🗓 <b>Duties: {view}</b>", view=t(VIEWS[record.view])),
        "",
        *(said or [t(EMPTY[record.view])]),
    )
    rows = [*buttons, *pager(record.page, record.pages, lambda page: ShowDuties(record.view, page), t), *pairs(views), *pairs(ways)]
    return Message(text, [*rows, [button(t("What the document says"), ShowDutyRows(0))]], protect=True)


@says(DutyRowsListed)
def duty_rows_listed(record: DutyRowsListed, reader: Reader, t: Translator) -> Message:
    """Row by row: whose, what, how often, and where it stands."""
    found = [_row(row, reader, t) for duty in record.duties if (row := row_of(reader, duty)) is not None]
    text = lines(t("📖 <b>Duties of the document</b>"), "", *(found or [t("The document names no duty of yours.")]))
    back = [button(t("Duties"), ShowDuties("", 0))]
    return Message(text, [*pager(record.page, record.pages, ShowDutyRows, t), back], protect=True)


def _source(row: Duty) -> str:
    """Where it stands in the document; which of the files it is, the profile knows."""
    number, _, place = row.source.partition(" ")
    return place if number.isdigit() and place else row.source


def _when(row: Duty, reader: Reader) -> str:
    """How it comes to be owed: by time, with the plenary, by what this desk hears of, or on the office's word."""
    if row.cadence:
        return CADENCES[row.cadence]
    if row.kind is DutyKind.STANDING:
        return STANDING_ROW if reader.profile.rules.plenary_cadence and reader.profile.has_conference else YEARLY_STANDING
    return HEARD_OF if row.event else NOT_HEARD_OF


def _row(row: Duty, reader: Reader, t: Translator) -> Markup:
    helpers = [str(owner_name(reader, unit, "", t)) for unit in row.co_units]
    return t(
        "· <b>{owner}</b>: {duty} ({rhythm}; {source}){helpers}",
        owner=owner_name(reader, row.unit, "", t),
        duty=duty_name(reader, row.id, t),
        rhythm=t(_when(row, reader)),
        source=_source(row),
        helpers=t(", with {units}", units=listed(helpers, t)) if helpers else "",
    )


@says(OccurrenceShown)
def duty_shown(record: OccurrenceShown, reader: Reader, t: Translator) -> Message:
    key, owner, duty, _, due, state, colour, _ = record.line
    causes = [str(_cause(kind, number, t)) for kind, number in record.causes]
    row = row_of(reader, duty)
    more = record.also + 1 - len(causes)
    found = listed(causes, t)
    text = lines(
        t("🗓 <b>{duty}</b>", duty=duty_name(reader, duty, t)),
        t("Owed by: {owner}", owner=owner_name(reader, owner, record.title, t)),
        t("For: {causes} and {more} more", causes=found, more=more) if more > 0 else t("For: {causes}", causes=found),
        t("By: {day}{light}", day=day(due, t), light=f" {LIGHTS[colour]}" if colour in LIGHTS else "") if due else None,
        t("Word of time of the document: {words}", words=t(CLOCKS[row.clock])) if row and row.clock in CLOCKS else None,
        t("State: <b>{state}</b>", state=t(STATES[state])),
        t("Source: {source}", source=_source(row)) if row and row.source else None,
        *(_standing(record, reader, t)),
        "" if record.history else None,
        *(_turn(turn, reader, t) for turn in record.history),
        t("One report answers all of them.") if record.also and "report" in record.can else None,
    )
    ways = [button(t("Report"), ReportDuty(key))] if "report" in record.can else []
    ways += [button(t("Accept it"), RunDuty(key, "accept"))] if "accept" in record.can else []
    ways += [button(t("Return"), RunDuty(key, "return"))] if "return" in record.can else []
    ways += [button(t("Waive"), RunDuty(key, "waive"))] if "waive" in record.can else []
    proofs = [[button(t("Proof ({count})", count=record.proofs), ShowProofs(key))]] if record.proofs else []
    return Message(text, [*pairs(ways, 3), *proofs, [button(t("Duties"), ShowDuties("", 0))]], protect=True)


CLOCKS = {"at_once": later("at once"), "promptly": later("promptly")}


def _standing(record: OccurrenceShown, reader: Reader, t: Translator) -> list[Markup]:
    if not record.standing:
        return []
    shown = [t("· {duty}", duty=duty_name(reader, duty, t)) for duty in record.standing[:MOST]]
    return [Markup(""), t("Standing duties, attested together:"), *shown]


def _turn(turn: list[Any], reader: Reader, t: Translator) -> Markup:
    """One step of its history, with what was said."""
    before, after, at, words = turn
    said = words.get("text") or words.get("lacks") or words.get("reason") or ""
    if (event := words.get("event")) in SHOWN:
        said = plain(t(SHOWN[event]))
    elif (why := words.get("why")) in LAPSED:
        said = plain(t(LAPSED[why]))
    step = TURNS[after] if before != "scheduled" or after == "waived" else STATES["open"]
    cut = said if len(said) <= WORDS else f"{said[:WORDS]}…"
    return t("{day}: {step}{said}", day=day_of(at, reader, t), step=t(step), said=t(": {said}", said=cut) if cut else "")


@says(OccurrenceNoted)
def duty_noted(record: OccurrenceNoted, reader: Reader, t: Translator) -> Message:
    facts = {"duty": duty_name(reader, record.duty, t), "figure": record.figure}
    if record.what == "said":
        facts = {**facts, "rhythm": t(_MONTHS[str(record.figure)])}
    words = NOTED[record.what]
    text = t(words, **{name: fact for name, fact in facts.items() if f"{{{name}}}" in words})
    return Message(text, [[button(t("Duties"), ShowDuties("", 0))]], protect=True)


@says(OccurrenceProof)
def duty_proof(record: OccurrenceProof, reader: Reader, t: Translator) -> Message:
    text = t("{duty}, proof {part}/{parts}", duty=duty_name(reader, record.duty, t), part=record.part, parts=record.parts)
    return Message(text, file=File(record.kind, record.file_id), protect=True)


# -- told --------------------------------------------------------------------------------------------------------------


@says(DutiesOpened)
def duties_opened(record: DutiesOpened, reader: Reader, t: Translator) -> Message:
    """All that opened for one person, in one message. Courts, procuratorates and congresses read that it is for information."""
    more = len(record.lines) - MOST
    informed = all(not line[6] for line in record.lines if line[4])
    text = lines(
        t("🗓 <b>New duties: {count}</b>, for your information", count=len(record.lines))
        if informed
        else t("🗓 <b>New duties: {count}</b>", count=len(record.lines)),
        "",
        *(_line(line, record.titles.get(line[1], ""), reader, t, dot="·") for line in record.lines[:MOST]),
        t("… and {count} more.", count=more) if more > 0 else None,
    )
    return Message(text, [[button(t("Duties"), ShowDuties("own", 0))]], protect=True)


@says(DutiesToReview)
def duties_to_review(record: DutiesToReview, reader: Reader, t: Translator) -> Message:
    if record.unsaid:
        text = lines(
            t("🗓 <b>How often is “regularly”?</b> The document does not say. Until you do, these duties have no day:"),
            *(t("· {duty}", duty=duty_name(reader, duty, t)) for duty in record.unsaid[:MOST]),
        )
        return Message(text, [[button(t("Say how often"), AskForDuty("often"))]], protect=True)
    text = t("🗓 <b>Reports on duties wait for your word.</b> This is said once a day; the list has all of them.")
    return Message(text, [[button(t("Duties"), ShowDuties("waiting", 0))]], protect=True)


@says(OccurrenceReturned)
def duty_returned(record: OccurrenceReturned, reader: Reader, t: Translator) -> Message:
    text = lines(
        t("↩️ <b>Returned by the office; please complete it</b>"),
        _line(record.line, record.title, reader, t),
        t("What lacks: {text}", text=record.lacks),
    )
    return Message(text, [[button(t("Open"), ShowOccurrence(record.line[0]))]], protect=True)


@says(OccurrenceWaived)
def duty_waived(record: OccurrenceWaived, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("✖️ <b>Waived by the office; nothing is to be reported</b>"),
            _line(record.line, record.title, reader, t),
            t("Reason: {text}", text=record.reason),
        ),
        protect=True,
    )


@line_for("duty")
def duty_owed(unit: str, facts: dict[str, Any], reader: Reader, t: Translator) -> tuple[Markup, Button | None]:
    owner = owner_name(reader, unit, facts.get("title", ""), t)
    duty = duty_name(reader, facts.get("duty", ""), t)
    window = window_name(facts.get("cause", ""), t)
    said = t("{duty} ({window})", duty=duty, window=window) if window else duty
    if not facts["due"]:
        return t("· {owner}: {duty}, no day is set", owner=owner, duty=said), button(t("Duties"), ShowDuties("", 0))
    due = day(str(facts["due"])[:10], t)
    if facts.get("late"):
        return t("· <b>Overdue</b>, {owner}: {duty}, was due on {day}", owner=owner, duty=said, day=due), button(
            t("Duties"), ShowDuties("", 0)
        )
    return t("· {owner}: {duty}, to be reported by {day}", owner=owner, duty=said, day=due), button(t("Duties"), ShowDuties("", 0))


# -- the forms ---------------------------------------------------------------------------------------------------------


def _about(record: WizardPreview, reader: Reader, t: Translator) -> str:
    return lines(_line(record.shown["line"], record.shown["title"], reader, t), "", given_lines(record, reader, t))


def _asked_for(record: WizardPreview, reader: Reader, t: Translator) -> str:
    """Duties and owners by their names."""
    given, months = record.given, _MONTHS.get(record.given.get("months", ""))
    whose = [str(owner_name(reader, owner, "", t)) for owner in given.get("whose", [])]
    return lines(
        t("Duty: <b>{duty}</b>", duty=duty_name(reader, given.get("duty", ""), t)),
        t("How often: {rhythm}", rhythm=t(months)) if months else None,
        t("Owed by: {owner}", owner=listed(whose, t)) if whose else None,
        t("By: {day}{light}", day=day(given["due"], t), light="") if "due" in given else None,
    )


words_for(
    "duty_report",
    FormWords(
        title=later("Report on a duty"),
        questions={
            "text": later("What was done? One line is enough; name the paper or the figures that show it. No names of people concerned."),
            "proofs": later("Send the proof. If there is none, skip it."),
        },
        titles={"text": later("What was done"), "proofs": later("Papers that show it")},
        preview=_about,
        send=later("✅ Report it"),
    ),
)
words_for(
    "duty_return",
    FormWords(
        title=later("Return a report"),
        questions={"lacks": later("What lacks? The unit reads it as you write it.")},
        titles={"lacks": later("What lacks")},
        preview=_about,
        send=later("✅ Return it"),
    ),
)
words_for(
    "duty_waive",
    FormWords(
        title=later("Waive a duty this time"),
        questions={"reason": later("Why is it not asked for this time? The unit reads the reason.")},
        titles={"reason": later("Reason")},
        preview=_about,
        send=later("✅ Waive it"),
    ),
)
_MONTHS = {
    "1": later("every month"),
    "2": later("every two months"),
    "3": later("every quarter"),
    "4": later("every four months"),
    "6": later("every half year"),
    "12": later("every year"),
}
words_for(
    "duty_interval",
    FormWords(
        title=later("How often is “regularly”?"),
        questions={
            "duty": later("Which duty? The document asks for it “regularly” and says no interval."),
            "months": later("How often is it to be reported?"),
        },
        titles={"duty": later("Duty"), "months": later("How often")},
        options={"months": _MONTHS},
        preview=_asked_for,
        send=later("✅ Set it"),
    ),
)
words_for(
    "ask_for_duty",
    FormWords(
        title=later("Ask for a duty"),
        questions={
            "owner": later("Something has happened that this desk does not hear of. Whose duty is it?"),
            "duty": later("Which duty?"),
            "whose": later("Which of them? Choose one or more, then tap “Next”."),
            "due": later("Until which day is it to be reported?"),
        },
        titles={"owner": later("Whose"), "duty": later("Duty"), "whose": later("Which of them"), "due": later("By")},
        options={"owner": {owner: OWNERS[owner] for owner in RESERVED}, "whose": {owner: OWNERS[owner] for owner in RESERVED}},
        preview=_asked_for,
        send=later("✅ Ask for it"),
    ),
)
