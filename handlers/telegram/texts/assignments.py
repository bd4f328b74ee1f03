"""Assigned items: what units and the office read, the history, and the screen of what somebody owes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conference.model.told import AssignmentTold
from handlers.messages import Button, File, Message, Reader
from handlers.presses.assignments import (
    Assign,
    Reassign,
    RunAssignment,
    ShowAssignment,
    ShowAssignmentFiles,
    ShowAssignments,
    TraceAssignment,
    WorkAssignment,
)
from handlers.records.assignments import AssignmentFile, AssignmentSent, AssignmentsListed, AssignmentTraced, OwedShown
from handlers.records.wizards import WizardPreview
from locales import Markup, Translator, later, safe

from .duties import owner_name
from .everybody import home
from .joining import unit_name
from .moments import day, moment
from .registry import button, lines, listed, pager, pairs, says
from .reminding import LINES, anything, line_for, when
from .wizards import FormWords, words_for

LIGHTS = {"green": "🟢", "blue": "🔵", "yellow": "🟡", "orange": "🟠", "red": "🔴"}
STATES = {
    "assigned": later("assigned, not accepted yet"),
    "disputed": later("disputed, waits for the office's ruling"),
    "accepted": later("under way"),
    "submitted": later("submitted, waits for the office's check"),
    "struck_off": later("struck off"),
    "withdrawn": later("taken back by the office"),
}
ASKED = later("more time is asked for")
HELPING = {"asked": later("no word yet"), "confirmed": later("has done its part"), "declined": later("cannot help")}
# What has happened, as the first line of a card.
NEWS = {
    "assigned": later("📌 <b>Assigned item {number}</b>"),
    "accepted": later("👍 <b>Item {number} has been accepted</b>"),
    "disputed": later("❓ <b>Item {number} is disputed: please rule on it</b>"),
    "ruled": later("⚖️ <b>The office has ruled on item {number}</b>"),
    "reassigned": later("🔁 <b>Item {number} is carried by other units or until another day</b>"),
    "relieved": later("🔁 <b>Item {number} is no longer your unit's</b>"),
    "progress": later("📈 <b>Progress of item {number}: {percent}%</b>"),
    "longer_asked": later("⏳ <b>More time is asked for item {number}, until {until}</b>"),
    "longer_granted": later("✅ <b>More time is given for item {number}</b>"),
    "longer_refused": later("✖️ <b>No more time is given for item {number}</b>"),
    "help_confirmed": later("🤝 <b>Item {number}: a co-responsible unit has done its part</b>"),
    "help_declined": later("✖️ <b>Item {number}: a co-responsible unit cannot help</b>"),
    "submitted": later("📨 <b>Item {number} is submitted: please check it</b>"),
    "returned": later("↩️ <b>Item {number} is returned: something lacks</b>"),
    "struck_off": later("✅ <b>Item {number} is struck off</b>"),
    "withdrawn": later("✖️ <b>Item {number} is taken back</b>"),
}
WORDS = {
    "disputed": later("Reason: {text}"),
    "ruled": later("Ruling: {text}"),
    "progress": later("Note: {text}"),
    "submitted": later("Note: {text}"),
    "returned": later("What lacks: {text}"),
    "struck_off": later("Remark: {text}"),
}
SENT = {
    "assigned": later("✅ Item <b>{number}</b> is assigned; {people} people have been told."),
    "disputed": later("✅ Item <b>{number}</b>: your reason is with the office. You are not reminded until it has ruled."),
    "progress": later("✅ Item <b>{number}</b>: the progress is noted and the office has been told."),
    "longer_asked": later("✅ Item <b>{number}</b>: the office has been asked for more time. Until it answers the due day holds."),
    "submitted": later("✅ Item <b>{number}</b> is submitted. The office checks it, and strikes it off or returns it."),
    "no_help": later("✅ Item <b>{number}</b>: the lead unit and the office have been told."),
    "ruled": later("✅ Item <b>{number}</b>: the ruling has been told to the units."),
    "longer_refused": later("✅ Item <b>{number}</b>: the unit has been told that the due day stays."),
    "returned": later("✅ Item <b>{number}</b> is returned; the unit has been told what lacks."),
    "struck_off": later("✅ Item <b>{number}</b> is struck off; the units have been told."),
    "withdrawn": later("✅ Item <b>{number}</b> is taken back; nobody is reminded of it any more."),
    "reassigned": later("✅ Item <b>{number}</b> is assigned anew; the units have been told."),
}
# The steps of a history.
STEPS = {
    "assigned": later("assigned"),
    "accepted": later("accepted by the lead unit"),
    "disputed": later("disputed"),
    "ruled": later("ruled on"),
    "reassigned": later("given to other units or another day"),
    "progress": later("progress"),
    "longer_asked": later("more time asked for"),
    "longer_granted": later("more time given"),
    "longer_refused": later("more time refused"),
    "help_confirmed": later("part done"),
    "help_declined": later("cannot help"),
    "submitted": later("submitted"),
    "struck_off": later("struck off"),
    "withdrawn": later("taken back"),
    "returned": later("returned"),
}
FILES = {"task": later("with the item"), "progress": later("with a progress note"), "proof": later("proof")}
GROUPS = {
    "overdue": later("🔴 <b>Overdue ({count})</b>"),
    "today": later("🟠 <b>Today ({count})</b>"),
    "week": later("🟡 <b>This week ({count})</b>"),
    "later": later("🟢 <b>Later ({count})</b>"),
    "waiting": later("⌛ <b>Waiting for others ({count})</b>"),
}


def _head(record: AssignmentTold, t: Translator) -> Markup:
    news = NEWS.get(record.news, NEWS["assigned"])
    facts: dict[str, Any] = {"number": record.number}
    facts |= {"percent": record.percent} if "{percent}" in news else {}
    facts |= {"until": day(record.longer_until or record.due, t)} if "{until}" in news else {}
    return t(news, **facts)


@says(AssignmentTold)
def assignment_told(record: AssignmentTold, reader: Reader, t: Translator) -> Message:
    text = lines(
        _head(record, t),
        t("By: {unit}", unit=owner_name(reader, record.by, "", t)) if record.by else None,
        t(WORDS.get(record.news, WORDS["disputed"]), text=record.words) if record.words else None,
        t("Proof, not as a file: {text}", text=record.where) if record.where else None,
        "",
        _facts(record, reader, t),
    )
    rows = [] if record.news == "relieved" else _ways(record, t)
    return Message(text, rows, protect=True)


def _facts(record: AssignmentTold, reader: Reader, t: Translator) -> Markup:
    def named(unit: str) -> str:
        return unit_name(reader, reader.conference, unit)

    light = f"{LIGHTS[record.light]} " if record.light in LIGHTS else ""
    return lines(
        t("What: <b>{text}</b>", text=record.said["what"]),
        t("Why: {text}", text=record.said["why"]),
        t("From notice {number}", number=record.notice) if record.notice else None,
        t("Lead unit: <b>{unit}</b>", unit=named(record.lead)),
        *(t("Co-responsible: {unit} ({state})", unit=named(unit), state=t(HELPING[state])) for unit, state in record.helpers),
        t("Proof asked for: {text}", text=record.said["proof"]),
        t("{light}Due: <b>{day}</b>", light=light, day=day(record.due, t)),
        t("More time asked for: until {day}", day=day(record.longer_until, t)) if record.longer_until else None,
        t("State: {state}, {percent}%", state=t(STATES[record.state]), percent=record.percent),
    )


def _ways(record: AssignmentTold, t: Translator) -> list[list[Button]]:
    rows: list[list[Button]] = []
    if record.lead in record.own:
        rows += pairs(_of_lead(record, t))
    if any(unit in record.own and state == "asked" for unit, state in record.helpers) and record.state in (
        "assigned",
        "accepted",
        "disputed",
    ):
        rows.append([_work(record, t("Our part is done"), "helped"), _work(record, t("We cannot help"), "no_help")])
    if record.runs:
        rows += pairs(_of_office(record, t))
    if record.may_reassign and record.state in ("assigned", "accepted"):
        rows.append([button(t("Change the units"), Reassign(record.assignment_id))])
    looks = [button(t("History"), TraceAssignment(record.assignment_id, -1))]
    looks += [button(t("Files ({count})", count=record.papers), ShowAssignmentFiles(record.assignment_id))] if record.papers else []
    return [*rows, looks]


def _work(record: AssignmentTold, label: str, way: str) -> Button:
    return button(label, WorkAssignment(record.assignment_id, way))


def _of_lead(record: AssignmentTold, t: Translator) -> list[Button]:
    found: list[Button] = []
    if record.state == "assigned":
        found.append(_work(record, t("Accept the item"), "accept"))
        found += [] if record.disputed else [_work(record, t("Not ours"), "dispute")]
    if record.state == "accepted":
        found += [_work(record, t("Report progress"), "progress"), _work(record, t("Submit with proof"), "submit")]
    if record.state in ("assigned", "accepted") and not record.longer_until:
        found.append(_work(record, t("Ask for more time"), "longer"))
    return found


def _of_office(record: AssignmentTold, t: Translator) -> list[Button]:
    def run(label: str, way: str) -> Button:
        return button(label, RunAssignment(record.assignment_id, way))

    found: list[Button] = []
    if record.state == "disputed":
        found.append(run(t("Rule on it"), "rule"))
    if record.longer_until and record.state in ("assigned", "accepted"):
        found += [run(t("Give more time"), "grant"), run(t("Refuse more time"), "refuse")]
    if record.state == "submitted":
        found += [run(t("Strike off"), "strike_off"), run(t("Return it"), "give_back")]
    if record.state in ("assigned", "disputed", "accepted"):
        found.append(run(t("Take it back"), "withdraw"))
    return found


# -- lists, history, files ---------------------------------------------------------------------------------------------


@says(AssignmentsListed)
def assignments_listed(record: AssignmentsListed, reader: Reader, t: Translator) -> Message:
    new = [[button(t("Assign an item"), Assign())]] if record.may_assign else []
    if not record.assignments:
        return Message(t("No assigned item is open."), [*new, home(t)])
    rows = [
        t(
            "{light} <b>{number}</b> {what}\n{unit}, due {day}: {state}, {percent}%",
            light=LIGHTS.get(light, "·"),
            number=number,
            what=what,
            unit=unit_name(reader, reader.conference, lead),
            day=day(due, t),
            state=t(STATES[state]),
            percent=percent,
        )
        for _, number, what, lead, due, state, percent, light in record.assignments
    ]
    buttons = pairs([button(str(number), ShowAssignment(key, below=1)) for key, number, *_ in record.assignments], 4)
    pages = pager(record.page, record.pages, ShowAssignments, t)
    return Message(lines(t("<b>Assigned items that are open</b>"), *rows), [*buttons, *pages, *new, home(t)], protect=True)


@says(AssignmentTraced)
def assignment_traced(record: AssignmentTraced, reader: Reader, t: Translator) -> Message:
    text = lines(t("<b>History of item {number}</b>", number=record.number), *(_turn(turn, reader, t) for turn in record.turns))
    pages = pager(record.page, record.pages, lambda page: TraceAssignment(record.assignment_id, page), t)
    return Message(text, [*pages, [button(t("Show the item"), ShowAssignment(record.assignment_id, below=1))]], protect=True)


def _turn(turn: list[Any], reader: Reader, t: Translator) -> Markup:
    at, what, title, words = turn
    if "lacks" in words:
        what = "returned"
    said = next((words[name] for name in ("reason", "note", "lacks", "remark") if words.get(name)), "")
    return lines(
        t("· {at}: <b>{what}</b>", at=moment(at, reader, t), what=t(STEPS.get(what, STEPS["progress"]))),
        t("By: {unit}", unit=title or unit_name(reader, reader.conference, words.get("unit", ""))) if title or words.get("unit") else None,
        t("Lead unit: <b>{unit}</b>", unit=unit_name(reader, reader.conference, words["lead"])) if words.get("lead") else None,
        t("Until: {day}", day=day(words["until"], t)) if words.get("until") else None,
        t("Done: {percent}%", percent=words["percent"]) if words.get("percent") else None,
        safe(said) if said else None,
        t("Proof, not as a file: {text}", text=words["where"]) if words.get("where") else None,
    )


@says(AssignmentSent)
def assignment_sent(record: AssignmentSent, reader: Reader, t: Translator) -> Message:
    words, facts = SENT[record.what], {"number": record.number, "people": record.people}
    text = t(words, **facts) if "{people}" in words else t(words, number=record.number)
    return Message(text, [[button(t("Show the item"), ShowAssignment(record.assignment_id, below=1))], home(t)], protect=True)


@says(AssignmentFile)
def assignment_file(record: AssignmentFile, reader: Reader, t: Translator) -> Message:
    text = t("Item <b>{number}</b>, file {part}/{parts}: {step}",
             number=record.number, part=record.part, parts=record.parts, step=t(FILES[record.step]))  # fmt: skip
    return Message(text, file=File(record.kind, record.file_id), protect=True)


# -- what somebody owes ------------------------------------------------------------------------------------------------


@says(OwedShown)
def owed_shown(record: OwedShown, reader: Reader, t: Translator) -> Message:
    said: list[str] = []
    buttons: list[Button] = []
    for group, found in record.groups.items():
        said += ["", t(GROUPS[group], count=record.counts[group])]
        for noun, key, unit, facts in found:
            text, one = LINES.get(noun, anything)(unit, {"id": key, "step": "", **facts}, reader, t)
            said.append(text)
            buttons += [one] if one is not None and group != "waiting" and one not in buttons else []
        if (left := record.counts[group] - len(found)) > 0:
            said.append(t("… and {count} more.", count=left))
    if not said:
        return Message(t("✅ You owe nothing at present, and nothing waits for others."), [home(t)])
    return Message(lines(t("<b>What do I owe?</b>"), *said), [*pairs(buttons), home(t)], protect=True)


@line_for("assignment")
def assignment_owed(unit: str, facts: dict[str, Any], reader: Reader, t: Translator) -> tuple[Markup, Button | None]:
    what = facts.get("what") or t("assigned item")  # a reminder never holds a person's words
    words: dict[str, Any] = {"number": facts["number"], "unit": unit_name(reader, reader.conference, unit), "what": what}
    due = when(str(facts["due"]), reader, t)
    if facts.get("turn") == "office":
        stands = ASKED if facts.get("longer_until") else STATES[str(facts.get("state"))]
        text = t("· <b>{number}</b> {what}, {unit}: {state}", state=t(stands), **words)
    elif facts.get("overdue"):
        text = t("· <b>{number}</b> {what}, {unit}: <b>was due {due}</b>", due=due, **words)
    else:
        text = t("· <b>{number}</b> {what}, {unit}: due {due}", due=due, **words)
    return text, button(t("Item {number}", number=facts["number"]), ShowAssignment(facts["id"], below=1))


# -- the forms ---------------------------------------------------------------------------------------------------------


def _as_read(record: WizardPreview, reader: Reader, t: Translator) -> str:
    """The item as its units will read it, and how many people that is."""
    shown: Mapping[str, Any] = record.shown
    like = AssignmentTold(**shown["card"])
    seats = [unit_name(reader, reader.conference, unit) for unit in shown["to_seat"][:12]]
    return lines(
        t("<i>As it will be read:</i>"),
        assignment_told(like, reader, t).text,
        "",
        t("Files: {count}", count=like.papers) if like.papers else None,
        t("It goes to <b>{people}</b> people.", people=shown["people"]),
        t("⚠️ No liaison, so it goes to the seat: {units}", units=listed(seats, t)) if seats else None,
    )


_LEAD_Q = later("Which unit leads? One unit: tap it, or write its number in this list.")
_HELPERS_Q = later("Which units are co-responsible? If there are none, skip it.")
_DUE_Q = later("Until which day? Write such as “10 December” or “next Friday”.")
_REASON = later("Please give the reason in a sentence or two.")
_FILES_Q = later("Send the files. If there are none, skip it.")
NOTES = {
    "lead_helps": later("The lead unit cannot be co-responsible as well. Please choose another unit."),
    "nobody_there": later(
        "Nobody holds a post of that unit, so nobody could take it up. Choose another unit, or bring somebody in with /invite."
    ),
    "nobody_helps": later("Nobody holds a post of one of these units. Please leave it out, or bring somebody in with /invite."),
    "no_liaison": later("That unit has no liaison at present; the item would go to its seat. Shall it stay so?"),
}
_QUESTIONS = {
    "what": later("What is to be done? A sentence or two."),
    "why": later("Why? The decision or rule it rests on."),
    "lead": _LEAD_Q,
    "helpers": _HELPERS_Q,
    "proof": later("What will show that it is done? Such as a list, a report, photos."),
    "due": _DUE_Q,
    "papers": _FILES_Q,
}
_TITLES = {
    "what": later("What"),
    "why": later("Why"),
    "lead": later("Lead unit"),
    "helpers": later("Co-responsible units"),
    "proof": later("Proof"),
    "due": later("Due day"),
    "papers": later("Files"),
}
_REASON_T = later("Reason")

for _name in ("assign", "assign_lead"):
    words_for(
        _name,
        FormWords(
            title=later("Assign an item"),
            questions=_QUESTIONS,
            titles=_TITLES,
            notes=NOTES,
            preview=_as_read,
            send=later("✅ Assign it"),
        ),
    )
words_for("dispute", FormWords(title=later("Dispute an item"), questions={"reason": _REASON}, titles={"reason": _REASON_T}))
words_for(
    "progress",
    FormWords(
        title=later("Report progress"),
        questions={
            "percent": later("How much is done, in percent? A number from 0 to 100."),
            "note": later("What has been done, and what comes next?"),
            "files": _FILES_Q,
        },
        titles={"percent": later("Percent"), "note": later("Note"), "files": later("Files")},
    ),
)
words_for(
    "longer",
    FormWords(
        title=later("Ask for more time"),
        questions={"until": _DUE_Q, "reason": _REASON},
        titles={"until": later("Until"), "reason": _REASON_T},
        notes={"not_later": later("It is due {value} already. Please give a later day.")},
    ),
)
words_for(
    "submit",
    FormWords(
        title=later("Submit with proof"),
        questions={
            "note": later("What was done? The office reads it beside the proof."),
            "files": later("Send the proof that the item asks for: files or photos. If it cannot be sent as a file, skip it."),
            "where": later("There is no file. Where can the proof be seen? Such as a list handed in on paper, a ledger, a page."),
        },
        titles={"note": later("Note"), "files": later("Proof"), "where": later("Where the proof is")},
        send=later("✅ Submit"),
    ),
)
words_for("no_help", FormWords(title=later("We cannot help"), questions={"reason": _REASON}, titles={"reason": _REASON_T}))
words_for(
    "rule",
    FormWords(
        title=later("Rule on a dispute"),
        questions={
            "lead": later("Which unit leads from now on? Choose the same one if it stays."),
            "reason": later("Please give the ruling in a few words. It cannot be disputed again."),
        },
        titles={"lead": later("Lead unit"), "reason": later("Ruling")},
        notes=NOTES,
        send=later("✅ Rule"),
    ),
)
words_for("refuse_longer", FormWords(title=later("Refuse more time"), questions={"reason": _REASON}, titles={"reason": _REASON_T}))
words_for(
    "give_back",
    FormWords(
        title=later("Return an item"),
        questions={"lacks": later("What lacks? The unit reads it as you write it.")},
        titles={"lacks": later("What lacks")},
        send=later("✅ Return it"),
    ),
)
words_for(
    "strike_off",
    FormWords(
        title=later("Strike an item off"),
        questions={"remark": later("A remark for the units? If there is none, skip it.")},
        titles={"remark": later("Remark")},
        send=later("✅ Strike it off"),
    ),
)
words_for(
    "withdraw_assignment",
    FormWords(title=later("Take an item back"), questions={"reason": _REASON}, titles={"reason": _REASON_T}, send=later("✅ Take it back")),
)
words_for(
    "reassign",
    FormWords(
        title=later("Change the units of an item"),
        questions={"lead": _LEAD_Q, "helpers": _HELPERS_Q, "due": _DUE_Q, "reason": _REASON},
        titles={"lead": later("Lead unit"), "helpers": later("Co-responsible units"), "due": later("Due day"), "reason": _REASON_T},
        notes=NOTES,
        send=later("✅ Change them"),
    ),
)
