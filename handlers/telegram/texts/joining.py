"""Joining: what the office, the invited and those who leave a post are told."""

from __future__ import annotations

from conference.model.told import InvitationAnswered, InvitationDecided, InvitationEnded, PostEntered, PostLeft
from handlers.messages import Message, Reader
from locales import Markup, Translator, later

from .moments import moment
from .registry import lines, says

HOW: dict[str, str] = {
    "confirmed": later("✅ Confirmed: {name} now holds this post."),
    "refused": later("✖️ Refused or declined. Nobody gets in with this invitation any more."),
    "revoked": later("✖️ Taken back. Nobody gets in with this invitation any more."),
    "expired": later("⌛ It was not completed within 72 hours and has expired. If it is still needed, issue a new one."),
}
ENDED: dict[str, str] = {
    "refused": later("The office has not confirmed it. If you think this is a mistake, ring the office."),
    "revoked": later("The office has taken it back. If you think this is a mistake, ring the office."),
    "expired": later("It was not confirmed within 72 hours and has expired. Please ask the office for a new one."),
}
CAN: dict[str, str] = {
    "chief_convener": later("You will be told what needs the chief convener's word."),
    "convener": later("You will be told what needs a convener's word."),
    "member": later("You will be told what the conference asks of your unit."),
    "liaison": later("You will be told what the conference asks of your unit, and answer for it."),
    "office_director": later(
        "You can invite people into posts, confirm them, and see the latest reports: /invite, /invitations, /reports."
    ),
    "office": later("You can invite people into posts, confirm them, and see the latest reports: /invite, /invitations, /reports."),
    "duty_desk": later("New reports ring here. You accept and open them; /reports lists the latest."),
    "township": later("You will be told what is handed over to your township."),
    "village": later("You will be told what is handed over to your village."),
    "reporter": later("If you learn of somebody in need of help, your work obliges you to report it: simply write it here."),
    "custodian": later(
        "You guard who reported. It is opened only with a reason, and never by one person alone: /identity and the report's number."
    ),
    "operator": later("You will be told when the machine needs a person. Reports you never see."),
}


def unit_name(reader: Reader, conference: str, unit: str) -> str:
    """A unit as it is called; one that the profile no longer knows by its slug."""
    known = reader.conferences.profile(conference).unit_called(unit)
    if known is None:
        return unit
    return known.name_en if reader.language == "en" else known.name_zh


def conference_name(reader: Reader, conference: str) -> str:
    head = reader.conferences.head(conference)
    return head.name_en if reader.language == "en" else head.name_zh


def post_lines(reader: Reader, t: Translator, conference: str, unit: str, title: str) -> Markup:
    """Conference, unit and post, a line each."""
    return lines(
        t("Conference: <b>{name}</b>", name=conference_name(reader, conference)),
        t("Unit: <b>{name}</b>", name=unit_name(reader, conference, unit)),
        t("Post: <b>{name}</b>", name=title),
    )


@says(InvitationAnswered)
def invitation_answered(record: InvitationAnswered, reader: Reader, t: Translator) -> Message:
    ask = (
        t("Somebody has to confirm who did not issue it, and the office has nobody else. The operator can: <code>{command}</code>",
          command=f"lianxi confirm {record.invitation_id}")
        if record.alone
        else t("Do you know this name for this post? Ring if in doubt. Only your word gives rights.")
    )  # fmt: skip
    text = lines(
        t("👤 <b>{name}</b> wants back into a post from a new account.", name=record.name)
        if record.rebind
        else t("👤 <b>{name}</b> has answered an invitation.", name=record.name),
        post_lines(reader, t, record.conference, record.unit, record.title),
        "",
        ask,
    )
    return Message(text, protect=True)


@says(InvitationDecided)
def invitation_decided(record: InvitationDecided, reader: Reader, t: Translator) -> Message:
    conference = record.conference or reader.conference
    return Message(
        lines(
            t("<b>Invitation {number}</b>, {at}", number=record.invitation_id, at=moment(record.at, reader, t)),
            t("{unit} · {post}", unit=unit_name(reader, conference, record.unit), post=record.title),
            t("Name: {name}", name=record.name) if record.name else None,
            t(HOW[record.how], name=record.name) if "{name}" in HOW[record.how] else t(HOW[record.how]),
        ),
        protect=True,
    )


@says(InvitationEnded)
def invitation_ended(record: InvitationEnded, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("<b>Your invitation has ended.</b>"),
            post_lines(reader, t, record.conference, record.unit, record.title),
            "",
            t(ENDED[record.how]),
        )
    )


@says(PostEntered)
def post_entered(record: PostEntered, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("🤝 <b>You are back.</b> Your posts are on this account now.")
            if record.rebind
            else t("🤝 <b>Welcome.</b> The office has confirmed you; from now on this post is yours."),
            post_lines(reader, t, record.conference, record.unit, record.title),
            "",
            t(CAN[record.role]) if record.role in CAN else None,
            t("/whoami – posts you hold\n/help – how it works"),
            "",
            t("🔐 Lock your phone. If you lose it, ring the office at once: it ends this account's rights the same minute."),
        ),
        protect=True,
    )


@says(PostLeft)
def post_left(record: PostLeft, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("<b>You no longer hold this post</b>, since {at}.", at=moment(record.at, reader, t)),
            post_lines(reader, t, record.conference, record.unit, record.title),
            "",
            t("Its open items stay with the post. If this is a mistake, ring the office."),
        )
    )
