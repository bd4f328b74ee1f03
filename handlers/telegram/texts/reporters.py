"""What those who reported are told."""

from __future__ import annotations

from conference.model.told import ReportAccepted, ReportFiled
from conference.services.reports import RECLAIM_TRIES
from handlers import receipts
from handlers.messages import Button, Message, Reader
from handlers.presses.reporters import AddMore, Reclaim, ShowOwnReport, ShowOwnReports
from handlers.records.reporters import AdditionSent, OwnReport, OwnReports, ReceiptAsked, ReportReclaimed
from locales import Markup, Translator, later

from .everybody import home, urgent_line
from .moments import moment
from .registry import button, lines, says

STATES = {
    "submitted": later("received, waiting for public security's duty desk to accept it"),
    "accepted": later("accepted by public security"),
}
SHORT_STATES = {"submitted": later("received"), "accepted": later("accepted")}
RECEIPT_NOTES = {
    "unknown": later("These eight words fit no report. Please check them and try again; after {tries} tries there is an hour's pause."),
    "unreadable": later("We could not read eight words of a receipt in this. Please write all eight, with spaces between them."),
}


@says(ReportFiled)
def report_filed(record: ReportFiled, reader: Reader, t: Translator) -> Message:
    said = receipts.words(reader.language, record.receipt)
    code = Markup("\n".join(f"<code>{' '.join(said[at : at + 4])}</code>" for at in (0, 4)))
    text = lines(
        urgent_line(t) + "\n" if record.danger else None,
        t("<b>Your report has been sent.</b>\nNumber: <b>{number}</b>", number=record.number),
        "",
        t("<b>Your receipt, eight words:</b>"),
        code,
        t(
            "Learn them by heart, or write them down in a safe place; do not send anybody a "
            "picture of them. With them you can come back from any phone or account."
        ),
        "",
        t("<b>What happens next</b>"),
        t("· Public security's duty desk received it at the same moment."),
        t("· When they accept it, we tell you here."),
        t("· The office of the joint conference sees it too; it cannot hold it back."),
        "\n" + t("Thank you for doing your duty to report. The time of your report is kept as proof of it.") if record.mandatory else None,
        "\n" + t("If others look at your phone, delete this chat; your report stays."),
    )
    return Message(text, [_follow(record.report_id, t)], protect=True)


@says(ReportAccepted)
def report_accepted(record: ReportAccepted, reader: Reader, t: Translator) -> Message:
    text = t(
        "Your report <b>{number}</b> was accepted by public security on {at}. If you learn more, you can add it.",
        number=record.number,
        at=moment(record.at, reader, t),
    )
    return Message(text, [[button(t("My reports"), ShowOwnReports(below=1))]])


@says(AdditionSent)
def addition_sent(record: AdditionSent, reader: Reader, t: Translator) -> Message:
    text = t("✅ Added to report <b>{number}</b>. Those who handle it have been told.", number=record.number)
    return Message(text, [_follow(record.report_id, t)])


@says(OwnReports)
def own_reports(record: OwnReports, reader: Reader, t: Translator) -> Message:
    if not record.reports:
        return Message(
            t("No report was sent from this account. If you reported from another one, come back with your receipt."),
            [[button(t("Come back with a receipt"), Reclaim())], home(t)],
        )
    rows = [
        [button(t("{number}: {state}", number=number, state=t(SHORT_STATES.get(state, state))), ShowOwnReport(report))]
        for report, number, state in record.reports
    ]
    return Message(t("<b>Your reports</b>"), [*rows, home(t)])


@says(OwnReport)
def own_report(record: OwnReport, reader: Reader, t: Translator) -> Message:
    return Message(_status(record, reader, t), [_follow(record.report_id, t, below=0), home(t)])


@says(ReportReclaimed)
def report_reclaimed(record: ReportReclaimed, reader: Reader, t: Translator) -> Message:
    text = lines(
        t("<b>Welcome back.</b> From now on we write about this report to this account; the old chat gets nothing more."),
        "",
        _status(record, reader, t),
        "",
        t("It is best to delete the message with your eight words now."),
    )
    return Message(text, [_follow(record.report_id, t), home(t)])


@says(ReceiptAsked)
def receipt_asked(record: ReceiptAsked, reader: Reader, t: Translator) -> Message:
    text = lines(
        t(RECEIPT_NOTES[record.note], tries=RECLAIM_TRIES) + "\n" if record.note in RECEIPT_NOTES else None,
        t("Please write the eight words of your receipt in one message. We never ask for passwords or money."),
    )
    return Message(text, [home(t)])


def _status(record: OwnReport | ReportReclaimed, reader: Reader, t: Translator) -> Markup:
    return lines(
        t("Report <b>{number}</b>", number=record.number),
        t("Sent: {at}", at=moment(record.filed_at, reader, t)),
        t("State: {state}", state=t(STATES.get(record.state, record.state))),
        t("Accepted: {at}", at=moment(record.accepted_at, reader, t)) if record.accepted_at else None,
    )


def _follow(report_id: int, t: Translator, *, below: int = 1) -> list[Button]:
    return [button(t("Add something"), AddMore(report_id, below)), button(t("My reports"), ShowOwnReports(below))]
