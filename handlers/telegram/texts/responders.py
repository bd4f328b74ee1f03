"""What those who respond are told: short and exact; case facts only in what they open themselves."""

from __future__ import annotations

from conference.model.told import (
    IncidentOpened,
    ReportAddition,
    ReportAlert,
    ReportSeenByOffice,
    ReportTaken,
    ReportUnaccepted,
)
from handlers import words
from handlers.messages import Button, File, Message, Reader
from handlers.presses.approvals import ShowReports
from handlers.presses.responders import AcceptReport, ReadReport
from handlers.records.responders import AcceptanceNoted, ReportEvidence, ReportPosition, ReportSheet, ReportsListed, ReportWords
from locales import Markup, Translator, later

from .forms import given, piece
from .moments import moment
from .registry import button, lines, pairs, says

STATES = {"submitted": later("awaiting acceptance"), "accepted": later("accepted")}
DANGER = {True: later("yes"), False: later("no")}
INCIDENTS: dict[str, str] = {
    "update_set_aside": later("An update could not be handled, however often it was tried, and was set aside; its sender has been told."),
    "due_set_aside": later("Due work could not be done, however often it was tried, and was set aside."),
    "notice_unreached": later("A notice does not reach everybody it is for."),
    "same_id_other_body": later("The same update came twice with different content; both are kept."),
    "unreadable_row": later("A message could not be put into words and was not sent."),
    "message_refused": later("The channel refused a message; it was not delivered."),
    "message_token": later("The channel does not accept the bot's token; nothing can be sent until it is put right."),
    "channel_trouble": later("The channel has been failing for a while; messages wait and are tried again."),
    "person_unreachable": later("Somebody who holds a post can no longer be reached here."),
}


def _open(report_id: int, t: Translator) -> Button:
    return button(t("Open the report"), ReadReport(report_id))


@says(ReportAlert)
def report_alert(record: ReportAlert, reader: Reader, t: Translator) -> Message:
    first = (
        t("🔴 <b>New report {number}</b>, sent {at}. Please accept it.", number=record.number, at=moment(record.filed_at, reader, t))
        if record.step == 0
        else t(
            "🔴 <b>Reminder {step}: report {number}</b>, sent {at}, has not been accepted. Please accept it at once.",
            step=record.step,
            number=record.number,
            at=moment(record.filed_at, reader, t),
        )
    )
    accept = button(t("Accept"), AcceptReport(record.report_id, sheet=0))
    return Message(
        lines(first, *(_facts(record, reader, t) if reader.full_disclosure else ())), [[accept], [_open(record.report_id, t)]], protect=True
    )


def _facts(record: ReportAlert, reader: Reader, t: Translator) -> list[Markup]:
    """Under full disclosure only: what, where, and whether the reporter says that there is danger."""
    facts = [t("Situation: {text}", text=words.option("situation", record.situation, t))] if record.situation else []
    facts += [t("Township: {text}", text=record.place_name)] if record.place_name else []
    return facts + ([t("<b>Danger now, says the reporter.</b>")] if record.danger else [])


@says(AcceptanceNoted)
def acceptance_noted(record: AcceptanceNoted, reader: Reader, t: Translator) -> Message:
    text = t(
        "✅ Report <b>{number}</b>: accepted by {post}, {at}.", number=record.number, post=record.post, at=moment(record.at, reader, t)
    )
    return Message(text, protect=True)


@says(ReportTaken)
def report_taken(record: ReportTaken, reader: Reader, t: Translator) -> Message:
    text = t(
        "✅ Report <b>{number}</b>: accepted by {post}, {at}.", number=record.number, post=record.post, at=moment(record.at, reader, t)
    )
    return Message(text, [[_open(record.report_id, t)]], protect=True)


@says(ReportSeenByOffice)
def report_seen_by_office(record: ReportSeenByOffice, reader: Reader, t: Translator) -> Message:
    text = t(
        "For the record: report <b>{number}</b>, sent {at}. Public security's duty desk "
        "received it at the same moment; nothing is asked of the office.",
        number=record.number,
        at=moment(record.filed_at, reader, t),
    )
    return Message(text, [[button(t("Latest reports"), ShowReports(below=1))]], protect=True)


@says(ReportUnaccepted)
def report_unaccepted(record: ReportUnaccepted, reader: Reader, t: Translator) -> Message:
    text = lines(
        t("🔴 <b>Report {number} has not been accepted for {minutes} minutes.</b>", number=record.number, minutes=record.minutes),
        t("Sent {at}. No duty desk of public security has answered. Please call the duty desk now.", at=moment(record.filed_at, reader, t)),
        t("Target set by the operator: {minutes} minutes (a target, not a rule of law).", minutes=reader.profile.targets["police_accept"]),
    )
    return Message(text, [[button(t("Latest reports"), ShowReports(below=1))]], protect=True)


@says(ReportAddition)
def report_addition(record: ReportAddition, reader: Reader, t: Translator) -> Message:
    text = t("The reporter has added to report <b>{number}</b> (files: {files}).", number=record.number, files=record.files)
    return Message(text, [[_open(record.report_id, t)]], protect=True)


@says(ReportsListed)
def reports_listed(record: ReportsListed, reader: Reader, t: Translator) -> Message:
    if not record.reports:
        return Message(t("No report has been sent yet."))
    rows = [
        t(
            "· <b>{number}</b>, sent {at}: accepted {accepted}",
            number=number,
            at=moment(filed, reader, t),
            accepted=moment(accepted, reader, t),
        )
        if accepted
        else t("· <b>{number}</b>, sent {at}: {state}", number=number, at=moment(filed, reader, t), state=t(STATES.get(state, state)))
        for _, number, state, filed, accepted in record.reports
    ]
    buttons = [button(str(number), ReadReport(report)) for report, number, *_ in record.reports if report in record.readable]
    return Message(lines(t("<b>Latest reports</b>"), *rows), pairs(buttons), protect=True)


# -- the report itself


@says(ReportSheet)
def report_sheet(record: ReportSheet, reader: Reader, t: Translator) -> Message:
    where = {"code": record.place, "name": record.place_name} | ({"text": " / ".join(record.place_words)} if record.place_words else {})
    facts = {
        later("About"): words.option("subject", record.subject, t) if record.subject else None,
        later("Situation"): words.option("situation", record.situation, t),
        later("Danger now"): None if record.danger is None else t(DANGER[record.danger]),
        later("Place"): given("place", where, reader, t) or t("see the location"),
        later("Since"): given("since", record.since, reader, t) if record.since else None,
        later("Reporter"): words.option("reporter", record.reporter, t),
        later("Duty to report"): t("yes") if record.mandatory else t("no"),
        later("Sent"): moment(record.filed_at, reader, t),
        later("Accepted"): moment(record.accepted_at, reader, t) if record.accepted_at else t("not yet"),
    }
    text = lines(
        t("<b>Report {number}</b>", number=record.number),
        *(t("{title}: {text}", title=t(title), text=text if text is not None else t("not given")) for title, text in facts.items()),
        "",
        t(
            "Messages with words: {words}, files: {files}; they follow. The reporter's identity is sealed and not shown here.",
            words=record.words,
            files=record.files,
        ),
    )
    rows = [] if record.accepted_at else [[button(t("Accept"), AcceptReport(record.report_id, sheet=1))]]
    return Message(text, rows, protect=True)


@says(ReportWords)
def report_words(record: ReportWords, reader: Reader, t: Translator) -> Message:
    head = _head(record, record.added_at, reader, t)
    return Message(lines(head, piece(record.text, t)), protect=True)


@says(ReportEvidence)
def report_evidence(record: ReportEvidence, reader: Reader, t: Translator) -> Message:
    return Message(_head(record, record.added_at, reader, t), file=File(record.kind, record.file_id), protect=True)


def _head(record: ReportWords | ReportEvidence, added_at: str | None, reader: Reader, t: Translator) -> Markup:
    where = {"number": record.number, "part": record.part, "parts": record.parts}
    first = (
        t("<b>Report {number}</b>, words {part}/{parts}", **where)
        if isinstance(record, ReportWords)
        else t("<b>Report {number}</b>, file {part}/{parts}", **where)
    )
    return lines(first, t("Added {at}", at=moment(added_at, reader, t)) if added_at else None)


@says(ReportPosition)
def report_position(record: ReportPosition, reader: Reader, t: Translator) -> Message:
    return Message(t("<b>Report {number}</b>, location", number=record.number), location=(record.latitude, record.longitude), protect=True)


# -- the machine


@says(IncidentOpened)
def incident_opened(record: IncidentOpened, reader: Reader, t: Translator) -> Message:
    known = INCIDENTS.get(record.kind)
    return Message(
        lines(
            t("⚠️ <b>Something needs a person:</b> {kind}", kind=t(known) if known else record.kind),
            t("Concerns: {subject}", subject=record.subject),
            t("Detail: {detail}", detail=record.detail) if record.detail else None,
        )
    )
