"""Meetings: the convocation, the answers, the tally, and what the office reads when it calls, moves or cancels one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conference.model.told import GuestCalled, MeetingCalled, MeetingCancelled, MeetingInvite, MeetingTally, PlenaryWindowEnding
from handlers.messages import Button, File, Message, Reader, Upload
from handlers.presses.meetings import (
    AnswerAsGuest,
    AnswerMeeting,
    Convene,
    Entrust,
    RunMeeting,
    ShowComing,
    ShowGuestPapers,
    ShowMeeting,
    ShowMeetingPapers,
    ShowMeetings,
)
from handlers.records.meetings import (
    AttendanceNoted,
    ComingListed,
    ConvenersListed,
    GuestInvited,
    MeetingPaper,
    MeetingSent,
    MeetingsListed,
)
from handlers.records.wizards import WizardPreview
from locales import Markup, Translator, later

from . import ics
from .everybody import conference_name
from .joining import unit_name
from .moments import day, moment
from .registry import button, lines, listed, pager, plain, says
from .reminding import line_for
from .wizards import FormWords, short, words_for

KINDS = {"plenary": later("Plenary"), "extra": later("Extra meeting"), "liaison": later("Liaison meeting")}
ANSWERS = {
    "": later("no answer yet"),
    "attend": later("will attend"),
    "substitute": later("sends a representative"),
    "excused": later("asks to be excused"),
}
STATES = {"cancelled": later("cancelled"), "held": later("held")}
BY = {
    "chief_convener": later("in the name of the chief convener"),
    "convener": later("by the convener, entrusted by the chief convener"),
    "office": later("by the office"),
}
CADENCES = {"yearly": later("once a year"), "half_yearly": later("every half year"), "quarterly": later("every quarter")}
SENT = {
    "called": later("✅ Meeting <b>{number}</b> has been called; {people} people have been told and asked."),
    "moved": later("✅ Meeting <b>{number}</b> has been moved. Earlier answers are void; {people} people have been asked again."),
    "cancelled": later("✅ Meeting <b>{number}</b> has been cancelled; {people} people have been told. Nobody is reminded any more."),
    "held": later("✅ Meeting <b>{number}</b> is recorded as held."),
}
NAMED = 12  # units named in one line; more are counted


def _name(kind: str, t: Translator) -> Markup:
    return t(KINDS[kind])


def _facts(record: MeetingCalled | GuestCalled, reader: Reader, t: Translator) -> Markup:
    said = record.said
    name = BY.get(said.get("by", ""))
    return lines(
        t("Subject: <b>{text}</b>", text=said["subject"]),
        t("Time: <b>{at}</b>", at=moment(record.starts_at, reader, t)),
        t("Place: {text}", text=said["place"]),
        t("Link: {text}", text=said["link"]) if said.get("link") else None,
        t("Chair: {text}", text=said["chair"]) if said.get("chair") else None,
        t("Called {by}.", by=t(name)) if name else None,
        t("Please answer by {at}.", at=moment(record.answer_by, reader, t)),
    )


@says(MeetingCalled)
def meeting_called(record: MeetingCalled, reader: Reader, t: Translator) -> Message:
    """The convocation. Who answers for one unit has three buttons; for several, a line of buttons each."""
    head = (
        t("🔁 <b>{kind} {number}: moved</b> from {before}. Earlier answers are void; please answer again.",
          kind=_name(record.kind, t), number=record.number, before=moment(record.moved_from, reader, t))
        if record.moved_from
        else t("📅 <b>{kind} {number}</b>: convocation", kind=_name(record.kind, t), number=record.number)
    )  # fmt: skip
    is_open = record.state == "convened"
    text = lines(
        head,
        t("<b>This meeting is {state}.</b>", state=t(STATES[record.state])) if record.state in STATES else None,
        "",
        _facts(record, reader, t),
        *(
            t("{unit}: <b>{answer}</b>", unit=unit_name(reader, reader.conference, unit), answer=t(ANSWERS[answer]))
            for _, unit, answer in record.posts
        ),
    )
    rows = [row for post in record.posts for row in _answers(record, post, reader, t)] if is_open else []
    if record.papers:
        rows.append([button(t("Papers ({count})", count=record.papers), ShowMeetingPapers(record.meeting_id))])
    return Message(text, rows, protect=True)


def _answers(record: MeetingCalled, post: list[Any], reader: Reader, t: Translator) -> list[list[Button]]:
    held, unit, given = post
    whose = f"{plain(unit_name(reader, reader.conference, unit))[:16]}: " if len(record.posts) > 1 else ""

    def answer(label: str, code: str) -> Button:
        mark = "✓ " if code == given else ""
        return button(short(f"{mark}{whose}{label}"), AnswerMeeting(record.meeting_id, record.sequence, code[0], held))

    three = [answer(t("Attend"), "attend"), answer(t("Send somebody"), "substitute"), answer(t("Be excused"), "excused")]
    return [three] if not whose else [[each] for each in three]


@says(MeetingInvite)
def meeting_invite(record: MeetingInvite, reader: Reader, t: Translator) -> Message:
    kind, conference = plain(_name(record.kind, t)), conference_name(reader, reader.conference)
    domain = f"{reader.conference.replace('_', '-')}.invalid"
    made = ics.calendar(
        method=record.method,
        uid=record.uid,
        sequence=record.sequence,
        starts_at=datetime.fromisoformat(record.starts_at),
        ends_at=datetime.fromisoformat(record.ends_at),
        written_at=datetime.fromisoformat(record.written_at),
        summary=f"{kind} {record.number}: {record.subject}",
        description=f"{conference}\n{record.subject}",
        place=record.place,
        link=record.link,
        organizer=(f"office@{domain}", conference),
        attendees=[(f"{unit.replace('_', '-')}@{domain}", plain(unit_name(reader, reader.conference, unit))) for unit in record.units],
    )
    caption = (
        t("📎 {kind} {number}: open it to take the meeting out of your calendar.", kind=kind, number=record.number)
        if record.method == "CANCEL"
        else t("📎 {kind} {number}: open it to put the meeting into your calendar.", kind=kind, number=record.number)
    )
    return Message(caption, upload=Upload("document", f"{record.number}.ics", made), silent=True)


@says(MeetingCancelled)
def meeting_cancelled(record: MeetingCancelled, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("✖️ <b>{kind} {number} is cancelled.</b>", kind=_name(record.kind, t), number=record.number),
            t("It was called for {at}.", at=moment(record.starts_at, reader, t)),
            t("Subject: <b>{text}</b>", text=record.subject),
            t("Reason: {text}", text=record.reason),
        ),
        protect=True,
    )


def units_named(units: list[str], reader: Reader, t: Translator) -> Markup:
    names = [str(unit_name(reader, reader.conference, unit)) for unit in units[:NAMED]]
    more = len(units) - len(names)
    found = listed(names, t) if names else Markup("–")
    return t("{names} and {count} more", names=found, count=more) if more > 0 else found


@says(MeetingTally)
def meeting_tally(record: MeetingTally, reader: Reader, t: Translator) -> Message:
    def group(label: str, units: list[str]) -> Markup:
        return t("{label} <b>{count}</b>: {units}", label=label, count=len(units), units=units_named(units, reader, t))

    kind, starts = _name(record.kind, t), moment(record.starts_at, reader, t)
    text = lines(
        t("📋 <b>{kind} {number}</b>, {at}: who comes", kind=kind, number=record.number, at=starts),
        t("<b>This meeting is {state}.</b>", state=t(STATES[record.state])) if record.state in STATES else None,
        group(t("Coming"), record.coming),
        group(t("Representative"), record.substitute),
        group(t("Excused"), record.excused),
        group(t("No answer yet"), record.silent),
        t("Guests invited: {count}, coming: {coming}", count=record.guests[0], coming=record.guests[1]) if record.guests[0] else None,
        "",
        t("To be answered by {at}. Only those without an answer are reminded.", at=moment(record.answer_by, reader, t)),
        t("As of {at}. The tally sent when the meeting was called keeps itself up to date.", at=moment(record.as_of, reader, t))
        if record.as_of
        else None,
    )

    def way(label: str, name: str) -> Button:
        return button(label, RunMeeting(record.meeting_id, name))

    rows = [
        [way(t("Move it"), "move"), way(t("Cancel it"), "cancel")],
        [way(t("Invite a guest"), "guest"), way(t("It was held"), "held")],
    ]
    answered = record.coming or record.substitute or record.excused
    who = [[button(t("Who comes, and why not"), ShowComing(record.meeting_id, -1))]] if answered else []
    return Message(text, who + (rows if record.state == "convened" else []), protect=True)


@says(ComingListed)
def coming_listed(record: ComingListed, reader: Reader, t: Translator) -> Message:
    kind = _name(record.kind, t)
    rows = [_answer_line(answer, reader, t) for answer in record.answers]
    text = lines(
        t("📋 <b>{kind} {number}</b>: answers by unit", kind=kind, number=record.number),
        *(rows or [t("No unit has answered yet.")]),
    )
    return Message(text, pager(record.page, record.pages, lambda to: ShowComing(record.meeting_id, to), t), protect=True)


def _answer_line(row: list[str], reader: Reader, t: Translator) -> Markup:
    unit, answer, name, post, reason = row
    said, who = t(ANSWERS[answer]), unit_name(reader, reader.conference, unit)
    if name:
        return t("· {unit}: <b>{answer}</b>: {name}, {post}", unit=who, answer=said, name=name, post=post)
    if reason:
        return t("· {unit}: <b>{answer}</b>: {reason}", unit=who, answer=said, reason=reason)
    return t("· {unit}: <b>{answer}</b>", unit=who, answer=said)


@says(MeetingsListed)
def meetings_listed(record: MeetingsListed, reader: Reader, t: Translator) -> Message:
    if not record.known:
        return Message(t("The document of this conference provides for no meetings, so none are called here."))
    call = [[button(t("Call a meeting"), Convene())]] if record.may_call else []
    if not record.meetings:
        return Message(t("No meeting is coming up."), call)
    rows = [
        t("· <b>{kind} {number}</b>, {at}{answers}", kind=_name(kind, t), number=number, at=moment(starts, reader, t), answers=_own(own, t))
        for _, number, kind, starts, own in record.meetings
    ]
    buttons = [[button(str(number), ShowMeeting(key, below=1))] for key, number, *_ in record.meetings[:20]]
    return Message(lines(t("<b>Meetings to come</b>"), *rows), [*buttons, *call], protect=True)


def _own(answers: list[str], t: Translator) -> Markup:
    """What the reader's units have answered; nothing for whoever answers for none."""
    if not answers:
        return Markup("")
    if "" in answers:
        return t(": <b>your answer is missing</b>")
    return t(": {answers}", answers=listed([t(ANSWERS[answer]) for answer in dict.fromkeys(answers)], t))


@says(MeetingSent)
def meeting_sent(record: MeetingSent, reader: Reader, t: Translator) -> Message:
    words, facts = SENT[record.what], {"number": record.number, "people": record.people}
    text = t(words, **facts) if "{people}" in words else t(words, number=record.number)
    return Message(text, [[button(t("Meetings"), ShowMeetings())]], protect=True)


@says(AttendanceNoted)
def attendance_noted(record: AttendanceNoted, reader: Reader, t: Translator) -> Message:
    text = t("✅ Meeting <b>{number}</b>, {unit}: <b>{answer}</b>. It can be changed until the last day.",
             number=record.number, unit=unit_name(reader, reader.conference, record.unit), answer=t(ANSWERS[record.answer]))  # fmt: skip
    return Message(text, [[button(t("Change the answer"), ShowMeeting(record.meeting_id))]], protect=True)


@says(MeetingPaper)
def meeting_paper(record: MeetingPaper, reader: Reader, t: Translator) -> Message:
    text = t("Meeting <b>{number}</b>, paper {part}/{parts}", number=record.number, part=record.part, parts=record.parts)
    return Message(text, file=File(record.kind, record.file_id), protect=True)


@says(GuestInvited)
def guest_invited(record: GuestInvited, reader: Reader, t: Translator) -> Message:
    link = f"https://t.me/{reader.bot}?start=g-{record.token}" if reader.bot else f"/start g-{record.token}"
    return Message(
        lines(
            t("✉️ Guest of meeting <b>{number}</b>: {name}", number=record.number, name=record.name),
            t("Please pass on this link; it belongs to whoever opens it first:\n{link}", link=link),
        )
    )


@says(GuestCalled)
def guest_called(record: GuestCalled, reader: Reader, t: Translator) -> Message:
    is_open = record.state == "convened"
    conference, kind = conference_name(reader, record.conference), _name(record.kind, t)
    text = lines(
        t("📅 <b>{name}: invitation as a guest</b>", name=record.name),
        t("{conference}, {kind} {number}", conference=conference, kind=kind, number=record.number),
        t("<b>This meeting has been moved; please answer again.</b>") if record.moved else None,
        t("<b>This meeting is {state}.</b>", state=t(STATES[record.state])) if record.state in STATES else None,
        "",
        _facts(record, reader, t),
        t("Your answer: <b>{answer}</b>", answer=t(ANSWERS[record.answer])) if record.answer else None,
    )
    ways = [
        button(t("Attend"), AnswerAsGuest(record.guest_id, record.sequence, "a")),
        button(t("Decline"), AnswerAsGuest(record.guest_id, record.sequence, "e")),
    ]
    rows = [ways] if is_open else []
    if record.papers:
        rows.append([button(t("Papers ({count})", count=record.papers), ShowGuestPapers(record.guest_id))])
    return Message(text, rows, protect=True)


@says(PlenaryWindowEnding)
def plenary_window_ending(record: PlenaryWindowEnding, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("⏳ <b>No plenary has been called in this period.</b>"),
            t("The document says: {cadence}, in principle.", cadence=t(CADENCES[record.cadence]))
            if record.in_principle
            else t("The document says: {cadence}.", cadence=t(CADENCES[record.cadence])),
            t("The period ends on {day}.", day=day(record.last, t)),
        ),
        [[button(t("Call a meeting"), Convene())]],
        protect=True,
    )


@says(ConvenersListed)
def conveners_listed(record: ConvenersListed, reader: Reader, t: Translator) -> Message:
    if not record.conveners:
        return Message(t("Nobody holds a convener's post at present."))
    rows = [
        t("· {title}: <b>may call meetings</b>", title=title) if entrusted else t("· {title}: not entrusted", title=title)
        for _, title, entrusted in record.conveners
    ]
    give, take = t("Entrust"), t("Take it back")
    buttons = [
        [button(short(f"{take if entrusted else give}: {title}"), Entrust(post, 0 if entrusted else 1))]
        for post, title, entrusted in record.conveners
    ]
    return Message(lines(t("<b>To whom calling meetings is entrusted</b>"), *rows), buttons, protect=True)


@line_for("meeting")
def meeting_owed(unit: str, facts: dict[str, Any], reader: Reader, t: Translator) -> tuple[Markup, Button | None]:
    show = ShowMeeting(facts["id"], below=1)
    which = {"kind": _name(facts["kind"], t), "number": facts["number"], "at": moment(facts["starts_at"], reader, t)}
    if "record" in facts:
        text = t("· <b>{kind} {number}</b> was to be on {at}: please record that it was held, or cancel it", **which)
        return text, button(t("Meeting {number}", number=facts["number"]), show)
    if "silent" in facts:
        due = moment(facts["due"], reader, t)
        return t(
            "· <b>{kind} {number}</b>, {at}: {count} units have not answered, until {due}", count=facts["silent"], due=due, **which
        ), None
    text = t(
        "· <b>{kind} {number}</b>, {at}: {unit} has not answered yet, please do so by {due}",
        **which,
        unit=unit_name(reader, reader.conference, unit),
        due=moment(facts["due"], reader, t),
    )
    return text, button(t("Answer: {number}", number=facts["number"]), show)


# -- the forms ---------------------------------------------------------------------------------------------------------


def _convocation(record: WizardPreview, reader: Reader, t: Translator) -> str:
    """The message as its readers will see it, and who will."""
    shown: Mapping[str, Any] = record.shown
    like = MeetingCalled(**shown["called"])
    return lines(
        t("<i>As it will be read:</i>"),
        meeting_called(like, reader, t).text,
        "",
        t("Papers: {count}", count=like.papers) if like.papers else None,
        t("It goes to <b>{people}</b> people of {units} units.", people=shown["people"], units=shown["units"]),
        t(
            "⚠️ Nobody can answer for: {units}. Bring somebody in with /invite; who comes later is asked then.",
            units=units_named(shown["unreached"], reader, t),
        )
        if shown["unreached"]
        else None,
        t("⚠️ No liaison, so it goes to the seat: {units}", units=units_named(shown["to_seat"], reader, t)) if shown["to_seat"] else None,
    )


_WHEN = {
    "kind": later("Which meeting is it?"),
    "by": later("In whose name is it called?"),
    "starts": later("When does it begin? Write day and time, such as “26 Nov 14:30” or “next Wednesday 9:00”."),
    "place": later("Where? Please write the place; for a meeting online write “online”."),
    "link": later("A link or number to dial in? If there is none, skip it."),
    "subject": later("What is it about? One line."),
    "chair": later("Who chairs it, by post? If that is settled later, skip it."),
    "papers": later("Send the papers. They are sent to whoever asks for them. If there are none, skip it."),
    "answer_by": later("Until which day should the units answer? If you skip it, the usual number of working days holds."),
}
_TITLES = {
    "kind": later("Kind"),
    "by": later("In whose name"),
    "starts": later("Time"),
    "place": later("Place"),
    "link": later("Link"),
    "subject": later("Subject"),
    "chair": later("Chair"),
    "papers": later("Papers"),
    "answer_by": later("Answer by"),
}
_NOTES = {
    "nobody_to_call": later("Nobody holds a seat or a liaison's post yet, so nobody would read it. Bring them in with /invite first."),
    "answer_after_start": later("The last day to answer lies behind the meeting itself. Please give an earlier one."),
    "link_unfit": later("A link begins with http:// or https://; a number to dial may hold digits, spaces and dashes."),
}

words_for(
    "convene",
    FormWords(
        title=later("Call a meeting"),
        questions=_WHEN,
        titles=_TITLES,
        options={"kind": KINDS, "by": BY},
        notes=_NOTES,
        preview=_convocation,
        send=later("✅ Send the convocation"),
    ),
)
words_for(
    "move_meeting",
    FormWords(
        title=later("Move a meeting"),
        questions=_WHEN,
        titles=_TITLES,
        notes=_NOTES,
        preview=_convocation,
        send=later("✅ Move it and ask again"),
    ),
)
words_for(
    "cancel_meeting",
    FormWords(
        title=later("Cancel a meeting"),
        questions={"reason": later("Why is it cancelled? The reason goes to everybody who was called.")},
        titles={"reason": later("Reason")},
        send=later("✅ Cancel the meeting"),
    ),
)
words_for(
    "substitute",
    FormWords(
        title=later("Send a representative"),
        questions={
            "name": later("Who comes in your unit's place? Please write the name."),
            "post": later("And the post?"),
        },
        titles={"name": later("Name"), "post": later("Post")},
    ),
)
words_for(
    "excused",
    FormWords(
        title=later("Ask to be excused"),
        questions={"reason": later("Please give the reason in a few words.")},
        titles={"reason": later("Reason")},
    ),
)
words_for(
    "guest",
    FormWords(
        title=later("Invite a guest"),
        questions={"name": later("Which body is invited? Write its name as it should stand on the invitation.")},
        titles={"name": later("Guest")},
        send=later("✅ Make the link"),
    ),
)
