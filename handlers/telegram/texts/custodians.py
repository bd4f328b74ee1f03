"""What takes two persons, as those who ask and those who decide read it; and who reported, for ten minutes."""

from __future__ import annotations

from conference.model.permissions import Action
from conference.model.told import ApprovalAsked, ApprovalDecided, ApprovalSettled, IdentityClosed, IdentityOpened, IdentityShown
from conference.services.approvals import LONGEST, SHORTEST
from conference.services.identities import SHOWN
from handlers.messages import Message, Reader
from handlers.presses.approvals import Decide, DecideExport, DecideIdentity, OpenIdentity
from handlers.presses.roster import TakeExport
from handlers.records.approvals import ApprovalWaits, ReasonAsked, ReasonDropped, ReportNumberAsked
from locales import Markup, Translator, later

from .forms import given
from .moments import minutes, moment
from .registry import button, lines, says

WHAT: dict[str, str] = {
    Action.ASK_IDENTITY: later("see who made report {about}"),
    Action.EXPORT_ROSTER: later("take the roster out as a file ({about})"),
}
DECISIONS: dict[str, type[Decide]] = {Action.ASK_IDENTITY: DecideIdentity, Action.EXPORT_ROSTER: DecideExport}
REASON_NOTES: dict[str, str] = {
    "too_short": later("⚠️ A few words more, please: at least {figure} characters, so that whoever decides can judge."),
    "too_long": later("⚠️ That is too long: at most {figure} characters."),
    "words_only": later("⚠️ The reason has to be written as text."),
    "anew": later("⚠️ A message that was edited does not count here. Please send the reason as a new one."),
}
ENDINGS: dict[str, str] = {
    "granted": later("✅ Approved by {post}, {at}."),
    "refused": later("✖️ Refused by {post}, {at}."),
    "used": later("✅ Approved by {post}, {at}. It has been used."),
    "expired": later("⌛ The time was over on {at}; nobody can use it any more."),
}


def _what(action: str, about: str, t: Translator) -> Markup:
    return t(WHAT[action], about=about)


# -- asking


@says(ReportNumberAsked)
def report_number_asked(record: ReportNumberAsked, reader: Reader, t: Translator) -> Message:
    return Message(t("Which report is it about? Write /identity and its number, for example: /identity 2026-00017"))


@says(ReasonAsked)
def reason_asked(record: ReasonAsked, reader: Reader, t: Translator) -> Message:
    note = REASON_NOTES.get(record.note)
    return Message(
        lines(
            t(note, figure=record.figure) if note and "{figure}" in note else t(note) if note else None,
            t("<b>Report {number}</b>: why does it have to be known who made it?", number=record.number),
            t(
                "Write the reason in {least} to {most} characters. Another custodian or the office's director reads it and decides. "
                "It is kept under seal, and the opening is recorded. To stop, send /cancel.",
                least=SHORTEST,
                most=LONGEST,
            ),
        ),
        protect=True,
    )


@says(ReasonDropped)
def reason_dropped(record: ReasonDropped, reader: Reader, t: Translator) -> Message:
    return Message(t("Stopped. Nothing has been asked about report {number}.", number=record.number))


@says(ApprovalWaits)
def approval_waits(record: ApprovalWaits, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("⏳ You have asked to {what}.", what=_what(record.action, record.about, t)),
            t(
                "It takes a second person. You will be told; if nobody decides by {at}, ask again.",
                at=moment(record.expires_at, reader, t),
            ),
        )
    )


# -- deciding


@says(ApprovalAsked)
def approval_asked(record: ApprovalAsked, reader: Reader, t: Translator) -> Message:
    decide = DECISIONS[record.action]
    return Message(
        lines(
            t("<b>A second person is needed.</b>"),
            t("{post} asks to {what}.", post=record.post, what=_what(record.action, record.about, t)),
            t("Reason: {reason}", reason=record.reason),
            t("Please decide before {at}.", at=moment(record.expires_at, reader, t)),
        ),
        [[button(t("Approve"), decide(record.approval_id, 1)), button(t("Refuse"), decide(record.approval_id, 0))]],
        protect=True,
    )


@says(ApprovalSettled)
def approval_settled(record: ApprovalSettled, reader: Reader, t: Translator) -> Message:
    ending, at = ENDINGS[record.state], moment(record.at, reader, t)
    return Message(
        lines(
            t("Somebody asked to {what}.", what=_what(record.action, record.about, t)),
            t(ending, post=record.post, at=at) if "{post}" in ending else t(ending, at=at),
        )
    )


@says(ApprovalDecided)
def approval_decided(record: ApprovalDecided, reader: Reader, t: Translator) -> Message:
    asked = t("You had asked to {what}.", what=_what(record.action, record.about, t))
    at = moment(record.expires_at, reader, t)
    if record.state == "refused":
        return Message(lines(asked, t("✖️ {post} has refused it. If it is still needed, speak to them first.", post=record.post)))
    if record.state != "granted":
        return Message(lines(asked, t("⌛ It was not decided and used in time. If it is still needed, ask again.")))
    granted = t("✅ {post} has approved it. It can be used once, until {at}.", post=record.post, at=at) if record.post else None
    if record.action == Action.EXPORT_ROSTER:
        return Message(lines(asked, granted), [[button(t("Send me the file"), TakeExport(record.approval_id))]], protect=True)
    if record.action != Action.ASK_IDENTITY:
        return Message(lines(asked, granted), protect=True)
    how = t(
        "Once opened, it stays here for {minutes} minutes. Make sure that nobody looks over your shoulder. Open it before {at}.",
        minutes=minutes(SHOWN),
        at=at,
    )
    return Message(lines(asked, granted, how), [[button(t("Open now"), OpenIdentity(record.approval_id))]], protect=True)


# -- who reported


@says(IdentityShown)
def identity_shown(record: IdentityShown, reader: Reader, t: Translator) -> Message:
    known = record.particulars
    contact, unit = (given(name, known[name], reader, t) if known.get(name) else t("not given") for name in ("contact", "unit"))
    return Message(
        lines(
            t("🔓 <b>Report {number}: who made it</b>", number=record.number),
            t("Account in Telegram: <code>{address}</code>", address=record.address),
            t("Contact: {text}", text=contact),
            t("School or unit: {text}", text=unit),
            "",
            t("This disappears on {at}. Do not pass it on, and do not write it down.", at=moment(record.closes_at, reader, t)),
        ),
        protect=True,
    )


@says(IdentityClosed)
def identity_closed(record: IdentityClosed, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("🔒 Report {number}: who made it is under seal again.", number=record.number),
            t("That it was opened stays on record. If it is needed again, ask again: /identity and the number."),
        ),
        protect=True,
    )


@says(IdentityOpened)
def identity_opened(record: IdentityOpened, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("🔓 <b>Who made report {number} was opened</b>, {at}.", number=record.number, at=moment(record.at, reader, t)),
            t("Opened by: {post}. Approved by: {approver}.", post=record.post, approver=record.approved_by),
            t("What it said is not told to anybody else. If you know of no reason for it, ask them."),
        )
    )
