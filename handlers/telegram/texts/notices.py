"""Decision notices: what is pushed, what is read on opening it, the board, and what the office reads when it sends or recalls one.

An electronic copy, plainly set: no mark of an issuer in red, no seal, nothing that could be taken for a sealed paper.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conference.model.told import (
    NoticeBoard,
    NoticeDecided,
    NoticeRecalled,
    NoticeSent,
    NoticeShown,
    NoticeToApprove,
    NoticeUnreached,
)
from handlers.messages import Button, File, Message, Reader
from handlers.presses.assignments import Assign
from handlers.presses.notices import (
    DecideNotice,
    OpenNotice,
    RunNotice,
    ShowBoard,
    ShowNoticePapers,
    ShowNotices,
    ShowReceipts,
    SignNotice,
    WriteNotice,
)
from handlers.presses.wizards import PreviewNotice
from handlers.records.notices import NoticeMade, NoticePaper, NoticePreviewed, NoticesListed, ReceiptsListed
from handlers.records.wizards import WizardPreview
from locales import LANGUAGES, Markup, Translator, later, safe, translator

from .everybody import NATIVE, conference_name
from .joining import unit_name
from .moments import moment
from .registry import button, lines, listed, pager, says
from .reminding import line_for
from .wizards import FormWords, words_for

AUDIENCES = {
    "units": later("Units, each by whoever stands for it"),
    "seats": later("The seats of the conference"),
    "everyone": later("Everybody who holds a post"),
    "territory": later("Posts in townships or villages"),
}
STATES = {
    "awaiting": later("waits for a second person"),
    "sent": later("sent"),
    "refused": later("not approved"),
    "recalled": later("recalled"),
}
RECEIPTS = {
    "signed": later("Signed for"),
    "opened": later("Opened, not signed for"),
    "delivered": later("Delivered, not opened"),
    "on_its_way": later("On its way"),
    "lost": later("⚠️ Not reached"),
}
MINE = {"signed": later("signed for"), "corrected": later("put right by a later notice")}
MADE = {
    "sent": later("✅ Notice <b>{number}</b> has been sent to {people} people."),
    "asked": later("⏳ Notice <b>{number}</b> goes to {people} people, so a second person has been asked. It is sent once they approve."),
    "recalled": later("↩️ Notice <b>{number}</b> has been recalled. Whoever had it sees that now; nobody is reminded."),
}
WHYS = {
    "vacant": later("⚠️ Notice <b>{number}</b> reaches nobody at:"),
    "blocked": later("⚠️ Notice <b>{number}</b> could not be delivered to:"),
}

NAMED = 3  # units in one line of a notice or its preview: the text needs the room


def _head(record: NoticeSent | NoticeShown | NoticeToApprove, t: Translator) -> Markup:
    number = record.number or t("(numbered on sending)")
    return lines(
        t("📨 <b>Notice {number}</b>", number=number)
        if not record.corrects
        else t("📨 <b>Notice {number}</b>: correction of notice {before}", number=number, before=record.corrects),
        t("<b>{title}</b>", title=record.title),
        t("Document: {number}", number=record.doc_no) if record.doc_no else None,
    )


@says(NoticeSent)
def notice_sent(record: NoticeSent, reader: Reader, t: Translator) -> Message:
    """Little, so that whoever looks over a shoulder learns little."""
    text = lines(_head(record, t), t("Please sign for it by {at}.", at=moment(record.sign_by, reader, t)))
    return Message(text, [[button(t("Open the notice"), OpenNotice(record.notice_id))]], protect=True)


@says(NoticeShown)
def notice_shown(record: NoticeShown, reader: Reader, t: Translator) -> Message:
    text = lines(
        _head(record, t),
        _to(record, reader, t) if record.audience else None,
        t("<b>Put right by notice {number}; please go by that one.</b>", number=record.corrected_by) if record.corrected_by else None,
        "",
        safe(record.text),
        "",
        _issued(record, reader, t),
        _signing(record, reader, t),
        t("<i>Electronic copy. The signed and sealed document, where there is one, holds.</i>"),
    )
    rows: list[list[Button]] = []
    if record.papers:
        rows.append([button(t("Attachments ({count})", count=record.papers), ShowNoticePapers(record.notice_id))])
    if record.signs:
        rows.append([button(t("✍️ Sign for it"), SignNotice(record.notice_id))])
    if record.may_see_receipts:
        rows.append([button(t("Who has signed"), ShowBoard(record.notice_id))])
    return Message(text, rows, protect=True)


def _signing(record: NoticeShown, reader: Reader, t: Translator) -> Markup | None:
    """When it was signed for, or by when it is to be; what was put right is asked for no more."""
    if record.signed_at:
        return t("✅ Signed for, {at}", at=moment(record.signed_at, reader, t))
    return None if record.corrected_by else t("Please sign for it by {at}.", at=moment(record.sign_by, reader, t))


def _to(record: NoticeShown, reader: Reader, t: Translator) -> Markup:
    """The main recipients, as every document names them."""
    if not record.units:
        words = AUDIENCES[record.audience]
        return t("To: {names}", names=t(words))
    return t("To: {names}", names=_named([[unit, ""] for unit in record.units[:NAMED]], record.units_count, reader, t))


def _issued(record: NoticeShown, reader: Reader, t: Translator) -> Markup:
    name = conference_name(reader, reader.conference)
    return t("{name}, {at}", name=name, at=moment(record.sent_at, reader, t)) if record.sent_at else safe(name)


@says(NoticeRecalled)
def notice_recalled(record: NoticeRecalled, reader: Reader, t: Translator) -> Message:
    return Message(
        lines(
            t("↩️ <b>Notice {number} was recalled</b>, {at}. Please do not go by it.", number=record.number,
              at=moment(record.recalled_at, reader, t)),
            t("Reason: {text}", text=record.reason) if record.reason else None,
        ),
        protect=True,
    )  # fmt: skip


# -- the second person


@says(NoticeToApprove)
def notice_to_approve(record: NoticeToApprove, reader: Reader, t: Translator) -> Message:
    text = lines(
        t("👥 <b>A notice waits for a second person.</b> It goes to {people} people ({audience}).", people=record.people,
          audience=t(AUDIENCES[record.audience])),
        t("Asked by: {post}", post=record.by) if record.by else None,
        "",
        _head(record, t),
        "",
        safe(record.text),
        "",
        t("Attachments: {count}", count=record.papers) if record.papers else None,
        t("To be signed for by {at}.", at=moment(record.sign_by, reader, t)),
    )  # fmt: skip
    yes, no = (DecideNotice(record.notice_id, granted) for granted in (1, 0))
    papers = [[button(t("Attachments ({count})", count=record.papers), ShowNoticePapers(record.notice_id))]] if record.papers else []
    return Message(text, [*papers, [button(t("✅ Approve and send"), yes), button(t("Do not approve"), no)]], protect=True)


@says(NoticeDecided)
def notice_decided(record: NoticeDecided, reader: Reader, t: Translator) -> Message:
    facts = {"number": record.number, "title": record.title, "people": record.people}
    text = lines(
        t("✅ Notice <b>{number}</b> “{title}” was approved and sent to {people} people.", **facts)
        if record.state == "sent"
        else t("✖️ Notice <b>{number}</b> “{title}” was not approved and not sent.", number=record.number, title=record.title),
        t("Decided by: {post}", post=record.by) if record.by else None,
        t("Reason: {text}", text=record.reason) if record.reason else None,
    )
    return Message(text, protect=True)


# -- how far it has come


def _named(found: list[list[str]], count: int, reader: Reader, t: Translator) -> Markup:
    names = listed([title or unit_name(reader, reader.conference, unit) for unit, title in found], t) if found else Markup("–")
    return t("{names} and {count} more", names=names, count=count - len(found)) if count > len(found) else names


@says(NoticeBoard)
def notice_board(record: NoticeBoard, reader: Reader, t: Translator) -> Message:
    signed, asked = record.groups.get("signed", [0])[0], record.state == "sent" and not record.corrected_by
    text = lines(
        t("📊 <b>Notice {number}</b>: signed for {signed}/{of}", number=record.number, signed=signed, of=record.of),
        t("<b>{title}</b>", title=record.title),
        t("State: <b>{state}</b>", state=t(STATES[record.state])) if record.state != "sent" else None,
        t("<b>Put right by notice {number}.</b>", number=record.corrected_by) if record.corrected_by else None,
        *(
            t("{receipt} <b>{count}</b>: {names}", receipt=t(words), count=group[0], names=_named(group[1], group[0], reader, t))
            for code, words in RECEIPTS.items()
            if (group := record.groups.get(code))
        ),
        "",
        t("To be signed for by {at}. Only those who have not are reminded.", at=moment(record.sign_by, reader, t)) if asked else None,
        t("It can be recalled until {at}.", at=moment(record.recall_until, reader, t)) if record.recall_until else None,
    )
    rows = [[button(t("All receipts"), ShowReceipts(record.notice_id, 0))]] if record.of else []
    if record.recall_until and record.runs:
        rows.append([button(t("↩️ Recall it"), RunNotice(record.notice_id, "recall"))])
    if record.state == "sent" and record.runs:
        rows.append([button(t("Assign an item"), Assign(record.notice_id))])
    if record.state in ("sent", "recalled") and record.runs:
        rows.append([button(t("Send a correction"), RunNotice(record.notice_id, "correct"))])
    return Message(text, rows, protect=True)


@says(ReceiptsListed)
def receipts_listed(record: ReceiptsListed, reader: Reader, t: Translator) -> Message:
    rows = [
        t("· {unit}, {post}: {receipt}{at}", unit=unit_name(reader, reader.conference, unit), post=title, receipt=t(RECEIPTS[receipt]),
          at=safe(f" {moment(at, reader, t)}") if at else "")
        for unit, title, receipt, at in record.copies
    ]  # fmt: skip
    head = t("<b>Receipts of notice {number}</b> · {page}/{pages}", number=record.number, page=record.page + 1, pages=record.pages)
    turn = pager(record.page, record.pages, lambda page: ShowReceipts(record.notice_id, page), t)
    return Message(lines(head, *rows), turn, protect=True)


@says(NoticeUnreached)
def notice_unreached(record: NoticeUnreached, reader: Reader, t: Translator) -> Message:
    text = lines(
        t(WHYS[record.why], number=record.number),
        _named(record.whom, record.number_of or len(record.whom), reader, t),
        t("The post stands empty. Please fill it (/invite), or tell them another way.")
        if record.why == "vacant"
        else t("They have blocked the desk or left the channel. Please tell them another way, or have the post handed over."),
        t("Whoever else cannot be reached is added to the board, without another message.") if record.why == "blocked" else None,
    )
    return Message(text, [[button(t("Who has signed"), ShowBoard(record.notice_id))]], protect=True)


# -- lists, and what is said to whoever acts


@says(NoticesListed)
def notices_listed(record: NoticesListed, reader: Reader, t: Translator) -> Message:
    write = [[button(t("Write a notice"), WriteNotice())]] if record.may_send else []
    if not record.notices:
        return Message(t("There are no notices for your posts."), write)
    rows = [
        t("· <b>{number}</b> {title}: {state}", number=number, title=title, state=_mine(state, sign_by, mine, reader, t))
        for _, number, title, state, sign_by, mine in record.notices
    ]
    buttons = [[button(t("Open: {number}", number=number), OpenNotice(key, below=1))] for key, number, *_ in record.notices]
    turn = pager(record.page, record.pages, ShowNotices, t)
    return Message(lines(t("<b>Notices</b>"), *rows), [*buttons, *turn, *write], protect=True)


def _mine(state: str, sign_by: str, mine: str, reader: Reader, t: Translator) -> Markup:
    if state != "sent" or not mine:
        return t(STATES[state])
    return t("<b>to be signed for by {at}</b>", at=moment(sign_by, reader, t)) if mine == "open" else t(MINE[mine])


@says(NoticeMade)
def notice_made(record: NoticeMade, reader: Reader, t: Translator) -> Message:
    words = MADE[record.what]
    text = t(words, number=record.number, people=record.people) if "{people}" in words else t(words, number=record.number)
    return Message(text, [[button(t("Notices"), ShowNotices())]], protect=True)


@says(NoticePaper)
def notice_paper(record: NoticePaper, reader: Reader, t: Translator) -> Message:
    text = t("Notice <b>{number}</b>, attachment {part}/{parts}", number=record.number, part=record.part, parts=record.parts)
    return Message(text, file=File(record.kind, record.file_id), protect=True)


@says(NoticePreviewed)
def notice_previewed(record: NoticePreviewed, reader: Reader, t: Translator) -> Message:
    """What is not there yet has no buttons."""
    other = translator(record.language)
    return Message(notice_shown(NoticeShown(**record.shown), replace(reader, language=record.language), other).text, protect=True)


@line_for("notice")
def notice_owed(unit: str, facts: dict[str, Any], reader: Reader, t: Translator) -> tuple[Markup, Button | None]:
    name = unit_name(reader, reader.conference, unit.partition("@")[0])
    due = moment(facts["due"], reader, t)
    text = t(
        "· <b>Notice {number}</b>: {unit} has not signed for it yet, please do so by {due}", number=facts["number"], unit=name, due=due
    )
    return text, button(t("Open: {number}", number=facts["number"]), OpenNotice(facts["id"], below=1))


# -- the forms ---------------------------------------------------------------------------------------------------------


def _preview(record: WizardPreview, reader: Reader, t: Translator) -> str:
    """The notice as its readers will see it, and who will."""
    shown = record.shown
    audience = AUDIENCES[shown["audience"] or "units"]
    return lines(
        t("<i>As it will be read:</i>"),
        notice_shown(NoticeShown(**shown["shown"]), reader, t).text,
        "",
        t("Attachments: {count}", count=shown["shown"]["papers"]) if shown["shown"]["papers"] else None,
        t("It goes to <b>{people}</b> people ({audience}).", people=shown["people"], audience=t(audience)),
        _warned(later("⚠️ Nobody there gets it: {units}"), shown["unreached"], reader, t),
        _warned(later("⚠️ No liaison, so it goes to the seat: {units}"), shown["to_seat"], reader, t),
        t("⚠️ Posts that stand empty: {count}", count=shown["empty"]) if shown["empty"] else None,
        t("👥 A second person has to approve it before it is sent.") if shown["second"] else None,
        t("It can be recalled within {minutes} minutes after it is sent.", minutes=shown["minutes"]),
    )


def _warned(words: str, units: list[str], reader: Reader, t: Translator) -> Markup | None:
    return t(words, units=_named([[unit, ""] for unit in units[:NAMED]], len(units), reader, t)) if units else None


def _languages(record: WizardPreview, reader: Reader, t: Translator) -> list[list[Button]]:
    """The notice once more, as it is seen by those who read one of the languages."""
    return [[button(f"👁 {NATIVE[language]}", PreviewNotice(record.draft, record.version, language)) for language in LANGUAGES]]


words_for(
    "notice",
    FormWords(
        title=later("Write a notice"),
        questions={
            "title": later("What is its title? One line. Please name no child and no family in it."),
            "doc_no": later("The number of the document it goes with, if there is one? Otherwise skip it."),
            "text": later("What does it say? What is long goes into an attachment."),
            "papers": later("Send the attachments. Recipients open them from the notice. If there are none, skip it."),
            "audience": later("To whom does it go?"),
            "units": later("Which units? Tap them, then “Next”."),
            "places": later("Which places? All posts there get it. Tap them, then “Next”."),
            "sign_by": later("Until which day is it to be signed for?"),
        },
        titles={
            "title": later("Title"),
            "doc_no": later("Document"),
            "text": later("Text"),
            "papers": later("Attachments"),
            "audience": later("To whom"),
            "units": later("Units"),
            "places": later("Places"),
            "sign_by": later("Sign by"),
        },
        options={"audience": AUDIENCES},
        notes={
            "audience_empty": later(
                "Nobody holds a post there, so nobody would get it. Please choose others, or fill the posts first: /invite"
            ),
            "units_empty": later(
                "Nobody of that unit holds a post, neither liaison nor seat. Please choose others, or invite somebody first: /invite"
            ),
            "nobody_second": later(
                "That goes to {people} people. From {limit} on a second person has to approve it, and nobody else holds a post for that. "
                "Please choose fewer, or invite a colleague or a convener first: /invite"
            ),
        },
        preview=_preview,
        more=_languages,
        send=later("✅ Send the notice"),
    ),
)
words_for(
    "recall_notice",
    FormWords(
        title=later("Recall a notice"),
        questions={"reason": later("Why is it recalled? The reason goes to everybody who has it.")},
        titles={"reason": later("Reason")},
        send=later("✅ Recall it"),
    ),
)
words_for(
    "refuse_notice",
    FormWords(
        title=later("Do not approve a notice"),
        questions={"reason": later("What is wrong with it? The reason goes to whoever wrote it.")},
        titles={"reason": later("Reason")},
        send=later("✅ Do not approve"),
    ),
)
