"""Joining: what the invited are asked and told, and those who leave a post."""

from __future__ import annotations

from conference.model.invitations import VALID
from conference.model.outsiders import OUTSIDERS
from conference.model.told import Blanked, InvitationEnded, PostEntered, PostLeft
from conference.services.invitations import LONGEST_NAME
from handlers.messages import Message, Reader
from handlers.presses.inviting import AnswerInvitation
from handlers.records.inviting import AnswerKept, CodeAsked, InvitationDeclined, InvitationShown, InvitationUseless, NameAsked
from locales import Markup, Translator, later, translator

from .everybody import conference_name, home
from .moments import hours, moment
from .registry import button, lines, plain, says

WHY: dict[str, str] = {
    "unknown": later("This link or code leads nowhere. Please check it letter by letter, or ask the office for a new one."),
    "used": later("This invitation has been used; it works only once. If you need to get in from a new phone, ring the office."),
    "refused": later("This invitation was refused or declined. If it is still meant for you, ask the office for a new one."),
    "revoked": later("The office has taken this invitation back. Ask it for a new one."),
    "expired": later("This invitation is older than {hours} hours and has expired. Ask the office for a new one."),
    "taken": later("This invitation was opened from another account already. If that was not you, ring the office at once."),
    "other_person": later("This invitation is for somebody else's new account. Open it from the new phone, or ring the office."),
    "bound": later("You hold this post on this account already; nothing is left to do. /whoami shows your posts."),
    "own": later("You issued this invitation yourself. Hand it on to the one who is meant."),
}
ENDED: dict[str, str] = {
    "refused": later("The office has not confirmed it. If you think this is a mistake, ring the office."),
    "revoked": later("The office has taken it back. If you think this is a mistake, ring the office."),
    "expired": later("It was not confirmed within {hours} hours and has expired. Please ask the office for a new one."),
}
GUESTS = later("Guests from outside")
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
    "guest": later("You will be told when the conference asks you to attend."),
    "operator": later("You will be told when the machine needs a person. Reports you never see."),
}


def unit_name(reader: Reader, conference: str, unit: str) -> str:
    """A unit or another body of the text as it is called, guests together, one that joined or went up in another by its own name; one
    that nobody knows any more by its slug."""
    if unit == OUTSIDERS:
        return plain(translator(reader.language)(GUESTS))
    profile = reader.conferences.profile(conference)
    known = profile.units.get(unit) or profile.actors.get(unit) or reader.conferences.known_unit(conference, unit) or profile.called(unit)
    if known is None:
        return unit
    return known.name_en if reader.language == "en" else known.name_zh


def post_lines(reader: Reader, t: Translator, conference: str, unit: str, title: str) -> Markup:
    """Conference, unit and post, a line each."""
    return lines(
        t("Conference: <b>{name}</b>", name=conference_name(reader, conference)),
        t("Unit: <b>{name}</b>", name=unit_name(reader, conference, unit)),
        t("Post: <b>{name}</b>", name=title),
    )


def known_otherwise(was: str, t: Translator) -> Markup | None:
    """To whoever confirms: the name is another than the one in the roster."""
    return t("⚠️ Registered so far as <b>{name}</b>. Is that the same person? If not, do not confirm.", name=was) if was else None


@says(InvitationShown)
def invitation_shown(record: InvitationShown, reader: Reader, t: Translator) -> Message:
    first = t("🤝 <b>You are invited back from this account.</b>") if record.rebind else t("🤝 <b>You are invited.</b>")
    text = lines(
        first,
        post_lines(reader, t, record.conference, record.unit, record.title),
        t("Valid until {at}", at=moment(record.expires_at, reader, t)),
        "",
        t("Is this you? The office confirms your name afterwards. We never ask for passwords, codes or money."),
    )
    yes, no = (AnswerInvitation(record.invitation_id, way) for way in ("yes", "no"))
    return Message(text, [[button(t("Yes, this is my post"), yes)], [button(t("No, this is not for me"), no)]], protect=True)


@says(NameAsked)
def name_asked(record: NameAsked, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("That does not look like a name; nothing was passed on. To report something, send /start first.\n") if record.note else None,
            t("Your post: <b>{post}</b>", post=record.title),
            t("Please write your name as the office knows it (at most {most} characters).", most=LONGEST_NAME),
            t("🔒 It is kept sealed; the office sees it, and the heads of your unit."),
        )
    )


@says(AnswerKept)
def answer_kept(record: AnswerKept, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("✅ <b>Thank you.</b> Your answer is with the office."),
            post_lines(reader, t, record.conference, record.unit, record.title),
            t("Name: {name}", name=record.name) if record.name else None,
            "",
            t("As soon as the office has confirmed it, you are told here. Until then nothing is open to you yet."),
        ),
        protect=True,
    )


@says(InvitationDeclined)
def invitation_declined(record: InvitationDeclined, reader: Reader, t: Translator) -> Message:
    return Message(t("Thank you. The invitation is closed, and the office knows that it reached the wrong person."), [home(t)])


@says(InvitationUseless)
def invitation_useless(record: InvitationUseless, reader: Reader, t: Translator) -> Message:
    if record.why == "too_many":
        return Message(
            t("{figure} tries within an hour did not work. Please try again in an hour, or ring the office.", figure=record.figure)
        )
    return Message(t(WHY.get(record.why, WHY["unknown"]), hours=hours(VALID)), [home(t)])


@says(CodeAsked)
def code_asked(record: CodeAsked, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("That is no code: it has four groups of four letters and digits.\n") if record.note else None,
            t(
                "Please type the code from your invitation, for example <code>7K3M-Q2XR-9V4T-HB6D</code>. "
                "Capitals and dashes do not matter."
            ),
        ),
        [home(t)],
    )


@says(Blanked)
def blanked(record: Blanked, reader: Reader, t: Translator) -> Message:
    return Message(t("This message has been removed."))


@says(InvitationEnded)
def invitation_ended(record: InvitationEnded, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("<b>Your invitation has ended.</b>"),
            post_lines(reader, t, record.conference, record.unit, record.title),
            "",
            t(ENDED[record.how], hours=hours(VALID)),
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
